"""A plugin's settings and its secrets. Pure contract, no I/O.

Plugin authors find these names in `overlaykit.api`.
"""

from __future__ import annotations

import hmac
from typing import Any, get_args

import msgspec
from msgspec import NODEFAULT, Struct

MASK = "•••"
"""What is shown instead of a secret."""


class Secret:
    """A text that nobody may read by accident: `str`, `repr` and format show a mask, and it cannot be encoded as JSON.

    `reveal()` gives the text. Two secrets compare in constant time.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; keep it out of messages and logs."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK


class Settings(Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of a plugin's settings: what stands in a `settings = { … }` table of session.toml, typed.

    A field of type `Secret` never stands in a plan, which is often shared; it is given apart. A field that is not in
    the class is an error in the plan, named with its place.
    """

    @classmethod
    def secret_names(cls) -> tuple[str, ...]:
        """The fields whose values are secrets, as they are called in the plan."""
        return tuple(field.encode_name for field in msgspec.structs.fields(cls) if _holds_secret(field.type))

    @classmethod
    def in_plan(cls) -> type[Struct]:
        """The type that the plan's table must have: these settings without their secrets."""
        secrets = set(cls.secret_names())
        if not secrets:
            return cls
        fields: list[Any] = []
        rename: dict[str, str] = {}
        for field in msgspec.structs.fields(cls):
            if field.encode_name in secrets:
                continue
            rename[field.name] = field.encode_name
            if field.default_factory is not NODEFAULT:
                fields.append((field.name, field.type, msgspec.field(default_factory=field.default_factory)))
            elif field.default is not NODEFAULT:
                fields.append((field.name, field.type, field.default))
            else:
                fields.append((field.name, field.type))
        return msgspec.defstruct(cls.__name__, fields, rename=rename, kw_only=True, forbid_unknown_fields=True)


def secrets_in(value: Any) -> list[Secret]:
    """All secrets of some settings, however deep they lie."""
    if isinstance(value, Secret):
        return [value]
    if isinstance(value, Struct):
        value = msgspec.structs.astuple(value)
    elif isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple, set, frozenset)):
        return []
    return [secret for each in value for secret in secrets_in(each)]


def _holds_secret(kind: Any) -> bool:
    return kind is Secret or any(_holds_secret(part) for part in get_args(kind))


def settings_in_brackets(cls: type, otherwise: type[Settings]) -> type[Settings]:
    """The Settings class in `class X(Base[Here])`; `otherwise` when there are no brackets."""
    for base in cls.__dict__.get("__orig_bases__", ()):
        for argument in get_args(base):
            if isinstance(argument, type) and issubclass(argument, Settings):
                return argument
    return otherwise
