"""Lines of sections and keys in a TOML text, which tomllib does not tell.

The text must already have been accepted by tomllib. What this cannot follow has no line: none rather than a wrong one.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from contextlib import suppress

from overlaykit.plan.form import Path

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}|\'\'\'(?:[^\']|\'{1,2}(?!\'))*\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'',
    re.DOTALL,
)
_BARE_VALUE = re.compile(r"(?![\"'])[^,\]}#\n]+")


class _Lost(Exception):
    """The text is not as expected; what was found so far holds."""


class Positions:
    """`line(path)`: where a key or section stands, 1-based."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        with suppress(_Lost, RecursionError):
            _Scanner(text, self.lines).scan()

    def line(self, path: Path) -> int | None:
        """The line of `path`, or of the nearest section around it when it does not stand in the text itself."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


class _Scanner:
    def __init__(self, text: str, lines: dict[Path, int]) -> None:
        self.text = text
        self.at = 0
        self.lines = lines
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.arrays: dict[Path, int] = {}

    def scan(self) -> None:
        section: Path = ()
        while True:
            self._skip(_BLANK)
            if self.at >= len(self.text):
                return
            begin = self.at
            if self._take("[["):
                section = self._array_entry(self._key())
                self._expect("]]")
                self._mark(section, begin)
            elif self._take("["):
                section = self._resolve(self._key())
                self._expect("]")
                self._mark(section, begin)
            else:
                self._pair(section)

    def _array_entry(self, keys: list[str]) -> Path:
        path = (*self._resolve(keys[:-1]), keys[-1])
        self.arrays[path] = self.arrays.get(path, -1) + 1
        return (*path, self.arrays[path])

    def _resolve(self, keys: list[str]) -> Path:
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self.arrays:
                path = (*path, self.arrays[path])
        return path

    def _mark(self, path: Path, begin: int) -> None:
        line = bisect_right(self.starts, begin)
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], line)

    def _pair(self, section: Path) -> None:
        begin = self.at
        path = (*section, *self._key())
        self._skip(_SPACE)
        self._expect("=")
        self._skip(_SPACE)
        self._mark(path, begin)
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._take("["):
            self._array(path)
        elif self._take("{"):
            self._table(path)
        elif string := _STRING.match(self.text, self.at):
            self.at = string.end()
        elif bare := _BARE_VALUE.match(self.text, self.at):
            self.at = bare.end()
        else:
            raise _Lost

    def _array(self, path: Path) -> None:
        index = 0
        while True:
            self._skip(_BLANK)
            if self._take("]"):
                return
            self._mark((*path, index), self.at)
            self._value((*path, index))
            index += 1
            self._skip(_BLANK)
            if not self._take(","):
                self._expect("]")
                return

    def _table(self, path: Path) -> None:
        while True:
            self._skip(_BLANK)
            if self._take("}"):
                return
            self._pair(path)
            self._skip(_BLANK)
            if not self._take(","):
                self._expect("}")
                return

    def _key(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            if bare := _BARE_KEY.match(self.text, self.at):
                keys.append(bare.group())
                self.at = bare.end()
            elif quoted := _STRING.match(self.text, self.at):
                keys.append(tomllib.loads(f"key = {quoted.group()}")["key"])
                self.at = quoted.end()
            else:
                raise _Lost
            self._skip(_SPACE)
            if not self._take("."):
                return keys

    def _skip(self, pattern: re.Pattern[str]) -> None:
        if found := pattern.match(self.text, self.at):
            self.at = found.end()

    def _take(self, token: str) -> bool:
        if self.text.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise _Lost
