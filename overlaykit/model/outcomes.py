"""Outcomes: what the engine answered to a command."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Status = Literal["accepted", "refused", "duplicate", "conflict", "invalid"]


class Numbers(Struct, frozen=True):
    """An item's units after the command, over all locations."""

    available: int
    held: int
    committed: int


class FieldProblem(Struct, frozen=True):
    """One thing wrong with a command: where (`lines[0].quantity`), and what."""

    path: str
    message: str


class Outcome(Struct, frozen=True, omit_defaults=True):
    """The answer to one command.

    seq        its ledger entry; None when it took none (duplicate, conflict, invalid)
    reason     why it was refused
    items      each item whose units it changed, by sku
    oversold   units per sku that a fact sold beyond what there was, by this command
    excess     units of a reading that could not be taken into account
    ends_at    the deadline a countdown or announcement got, RFC 3339 UTC
    first      duplicate: the first outcome, as it was given
    errors     invalid: what was wrong
    """

    id: str
    status: Status
    seq: int | None = None
    reason: str | None = None
    items: dict[str, Numbers] = {}
    oversold: dict[str, int] = {}
    excess: int = 0
    ends_at: str | None = None
    first: Outcome | None = None
    errors: list[FieldProblem] = []
