"""The bytes of one JSON command → a Submission; whatever is wrong with them becomes InvalidCommand."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import msgspec
from msgspec import Struct

from overlaykit.errors import InvalidCommand
from overlaykit.model.commands import COMMANDS, Asked, Submission, type_of
from overlaykit.model.rules import broken_rule, control_character

MAX_COMMAND_BYTES = 256 * 1024
"""A single command's JSON text."""

_decoder = msgspec.json.Decoder(Asked)


class _JustId(Struct):
    id: Any = None


_id_decoder = msgspec.json.Decoder(_JustId)


def parse(text: bytes | msgspec.Raw, source: str) -> Submission:
    """One JSON command → Submission. Raises InvalidCommand with path and reason for anything else, however hostile."""
    if len(bytes(text)) > MAX_COMMAND_BYTES:
        raise InvalidCommand([("", f"a command may have {MAX_COMMAND_BYTES} bytes at the most")])
    try:
        command = _decoder.decode(text)
        problem = broken_rule(type_of(command), command) or (
            control_character(command) if b"\\" in bytes(text) else None
        )
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        raise InvalidCommand([(path.rstrip("`").lstrip("."), _say(message))], id=_readable_id(text)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidCommand([("", f"not a JSON command: {error}")]) from None
    if problem:
        raise InvalidCommand([problem], id=command.id)
    return Submission(command.id or uuid4().hex, command, source)


_PATTERNS = {
    "^(available": "one of available, buffer, incoming, damaged, or location:NAME",
    "^[0-9]": 'money as a decimal string, such as "99.00"',
    "^[A-Za-z]": "a request of obs-websocket, such as SetCurrentProgramScene",
    "^[A-Z]": "a currency of three capital letters, such as CNY",
    "^20": "a day such as 2026-11-20",
}
"""What to say instead of a regular expression, by its beginning."""


def _say(message: str) -> str:
    _, regex, pattern = message.partition("matching regex '")
    if regex:
        return next((f"Expected {said}" for begins, said in _PATTERNS.items() if pattern.startswith(begins)), message)
    if message.startswith("Invalid value '"):
        return f"{message}; known types: {', '.join([*COMMANDS, 'plan.reload'])}"
    return message


def _readable_id(text: bytes | msgspec.Raw) -> str | None:
    try:
        found = _id_decoder.decode(text).id
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, str) and 1 <= len(found) <= 128 else None
