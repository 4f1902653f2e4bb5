"""One theme.toml as its author wrote it: read, typed piece by piece, every error at its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from overlaykit.errors import ThemeError
from overlaykit.theming.manifest import MANIFEST, NEEDS, SHAPES, ManifestHead, say_known

_Spec = TypeVar("_Spec", bound=Struct)


KINDS = {
    "str": "a text in quotes",
    "int": "a whole number without quotes",
    "float": "a number",
    "bool": "true or false",
    "object": "a table",
    "array": "a list in [ ]",
    "null": "nothing",
}
"""What a TOML value is → as people say it."""


class ManifestSource:
    """The text of a theme.toml and its head. Raises ThemeError with the file, the line, and what would be right."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / MANIFEST
        try:
            self._text = self.path.read_text(encoding="utf-8-sig")
            table = tomllib.loads(self._text)
        except FileNotFoundError:
            raise ThemeError(f"{folder} is not a theme: it has no {MANIFEST}", remedy=f"Write {self.path}.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ThemeError(f"{self.path} cannot be read: {error}", remedy="Save it as a UTF-8 text file.") from None
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise ThemeError(
                f"{self.path} is not TOML: {error}", remedy="Mend that line; texts stand in straight quotes."
            ) from None
        self.head = self.convert(table, ManifestHead, ())

    def table(self, raw: Any, place: tuple[str, ...]) -> dict[str, Any]:
        """`raw`, which must be a table."""
        if not isinstance(raw, dict):
            name = ".".join(place)
            raise self.error(place, f"expected a table, not {raw!r}", f"Write [{name}] and its keys below.")
        return raw

    def convert(self, raw: Any, spec: type[_Spec], place: tuple[str, ...]) -> _Spec:
        """`raw` as `spec`; a wrong or unknown key is named with what may stand there."""
        try:
            return msgspec.convert(raw, spec)
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `")
            for pattern, shape in SHAPES.items():
                message = message.replace(f"Expected `str` matching regex {pattern!r}", f"expected {shape}")
            known = [field.encode_name for field in msgspec.structs.fields(spec)]
            kinds = re.fullmatch(r"Expected `(.+)`, got `(.+)`", message)
            unknown = re.search(r"unknown field `(.+)`", message)
            if unknown:
                place, message = (*place, unknown[1]), f"unknown key {unknown[1]!r}"
                remedy = say_known("keys", known, unknown[1])
            else:
                if kinds:
                    wanted = " or ".join(KINDS.get(kind, kind) for kind in kinds[1].split(" | "))
                    message = f"expected {wanted}, not {KINDS.get(kinds[2], kinds[2])}"
                place = (*place, *re.findall(r"\w[\w-]*", path.rpartition("$")[2]))
                wrong = re.fullmatch(r"Invalid enum value '(.*)'", message)  # only `needs` has a list of words
                remedy = say_known("needs", NEEDS, wrong[1]) if wrong else f"Keys here: {', '.join(known)}."
                remedy = "The guide, themes/README.md, shows how its value is written." if kinds else remedy
            raise self.error(place, message, remedy) from None

    def error(self, place: Sequence[str], message: str, remedy: str) -> ThemeError:
        return ThemeError(f"{self.path}:{self._line_of(place)}: {'.'.join(place) or 'theme'}: {message}", remedy=remedy)

    def _line_of(self, place: Sequence[str]) -> int:
        """The line (1-based) of the longest part of `place` that can be found: a table's header, or a key in it."""
        best, table, matched = 1, "", 0
        for number, line in enumerate(self._text.splitlines(), 1):
            header = re.match(r"\s*\[([^\[\]]+)\]", line)
            key = re.match(r"\s*([\w.\"-]+)\s*=", line)
            if header:
                table = header[1].replace('"', "").replace(" ", "")
            elif not key:
                continue
            full = (
                table if header else ".".join(part for part in (table, key[1].replace('"', "") if key else "") if part)
            )
            parts = full.split(".")
            length = len(parts) if parts == list(place[: len(parts)]) else 0
            if length > matched:
                best, matched = number, length
        return best
