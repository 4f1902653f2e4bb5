"""Outcomes: what the engine answered to a command."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from overlaykit.words import Words

Status = Literal["accepted", "refused", "duplicate", "conflict", "invalid"]


class Numbers(Struct, frozen=True):
    """An item's units after the command, over all locations."""

    available: int
    held: int
    committed: int


class FieldProblem(Struct, frozen=True, omit_defaults=True):
    """One thing wrong with a command: where (`lines[0].quantity`), and what; `message_zh`: the same in Chinese."""

    path: str
    message: str
    message_zh: str = ""

    @classmethod
    def of(cls, path: str, said: Words) -> FieldProblem:
        return cls(path, said.en, "" if said.zh == said.en else said.zh)


class AppliedPart(Struct, frozen=True, omit_defaults=True):
    """A part of a plan that plan.reload changed, such as `item.coat`: the command's type, the fields it changed, what they were and
    what they are now, in English and in Chinese, its entry. In a dry run it would change it, and there is no entry."""

    part: str
    command: str
    fields: tuple[str, ...]
    detail: str
    detail_zh: str
    seq: int | None = None


class RefusedPart(Struct, frozen=True):
    """A part of a plan that plan.reload left as it is: why, and what to do instead, in English and in Chinese."""

    part: str
    reason: str
    detail: str
    detail_zh: str


class Outcome(Struct, frozen=True, omit_defaults=True):
    """The answer to one command.

    seq        its ledger entry; None when it took none (duplicate, conflict, invalid)
    reason     why it was refused
    items      each item whose units it changed, by sku
    oversold   units per sku that a fact sold beyond what there was, by this command
    excess     units of a fact or reading that could not be taken into account
    quarantined   why a fact was put aside and changed nothing
    early      a fact about an order that is not known yet: it waits
    unconfirmed   a reading that waits for stock.confirm
    hold_token, expires_at   of a personal hold: the buyer's key to GET /api/v1/holds/{token}, and its end, RFC 3339 UTC
    ends_at    the deadline a countdown or announcement got, RFC 3339 UTC
    first      duplicate: the first outcome, as it was given
    errors     invalid: what was wrong; of a refused plan.reload: what is wrong with the plan
    applied, refused   of plan.reload: the parts that it changed, and those that it did not
    dry_run    of plan.reload: nothing was changed
    """

    id: str
    status: Status
    seq: int | None = None
    reason: str | None = None
    items: dict[str, Numbers] = {}
    oversold: dict[str, int] = {}
    excess: int = 0
    quarantined: str | None = None
    early: bool = False
    unconfirmed: bool = False
    hold_token: str | None = None
    expires_at: str | None = None
    ends_at: str | None = None
    first: Outcome | None = None
    errors: list[FieldProblem] = []
    applied: list[AppliedPart] = []
    refused: list[RefusedPart] = []
    dry_run: bool = False
