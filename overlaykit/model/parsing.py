"""The bytes of one JSON command → a Submission; whatever is wrong with them becomes InvalidCommand."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import msgspec
from msgspec import Struct

from overlaykit.errors import InvalidCommand
from overlaykit.model.commands import COMMANDS, Asked, Submission, type_of
from overlaykit.model.misfits import misfit
from overlaykit.model.rules import broken_rule, control_character
from overlaykit.words import Words

MAX_COMMAND_BYTES = 256 * 1024
"""A single command's JSON text."""

_LONG = Words(f"a command may have {MAX_COMMAND_BYTES} bytes at the most", f"一条命令最多 {MAX_COMMAND_BYTES} 字节")
_decoder = msgspec.json.Decoder(Asked)


class _JustId(Struct):
    id: Any = None


_id_decoder = msgspec.json.Decoder(_JustId)


def parse(text: bytes | msgspec.Raw, source: str) -> Submission:
    """One JSON command → Submission. Raises InvalidCommand with path and reason for anything else, however hostile."""
    if len(bytes(text)) > MAX_COMMAND_BYTES:
        raise InvalidCommand([("", _LONG)])
    try:
        command = _decoder.decode(text)
        problem = broken_rule(type_of(command), command) or (
            control_character(command) if b"\\" in bytes(text) else None
        )
    except msgspec.ValidationError as error:
        path, said = misfit(error)
        raise InvalidCommand([(path, _say(said))], id=_readable_id(text)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        said = Words(f"not a JSON command: {error}", f"不是 JSON 格式的命令：{error}")
        raise InvalidCommand([("", said)]) from None
    if problem:
        raise InvalidCommand([problem], id=command.id)
    return Submission(command.id or uuid4().hex, command, source)


def _say(said: Words) -> Words:
    if said.en.startswith("Invalid value '"):
        known = ", ".join([*COMMANDS, "plan.reload"])
        return Words(f"{said.en}; known types: {known}", f"{said.zh}；可用的类型：{known}")
    return said


def _readable_id(text: bytes | msgspec.Raw) -> str | None:
    try:
        found = _id_decoder.decode(text).id
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, str) and 1 <= len(found) <= 128 else None
