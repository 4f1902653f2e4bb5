"""What all commands have in common."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from overlaykit.model.fields import Id


class Command(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="type"):
    """Base of all commands. `id` is the idempotency key, unique in the session; without one `parse` makes it."""

    id: Id | None = None


class Submission(NamedTuple):
    """A command on its way to the engine: its id, what it says, and who sent it (`api:shop`, `desk:li`, `clock` …)."""

    id: str
    command: Command
    source: str


def type_of(command: Command) -> str:
    """A command's name on the wire, such as order.reserve."""
    return str(command.__struct_config__.tag)
