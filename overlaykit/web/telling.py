"""GET …/log, …/log/{seq} and …/proof: the ledger in words, and from a number to the entries that made it.

Both read the stream backwards, some entries at a time; in between, others get their turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flask import Blueprint, Response
from msgspec import Raw, Struct
from msgspec.structs import asdict

from overlaykit.board import NUMBERS, Change, Number, Trail
from overlaykit.model.entries import forms_of, type_of
from overlaykit.stock import ledger_stream_key
from overlaykit.store import tail_read_back
from overlaykit.web.auth import DESK
from overlaykit.web.bodies import answer_json
from overlaykit.web.edge import allow, edge
from overlaykit.web.problems import Problem, ProblemError, problem
from overlaykit.web.query import choice, choices, number, text
from overlaykit.web.rooms import Room
from overlaykit.web.sockets import in_turns
from overlaykit.wording import EMPHASES, KINDS, Detail, Emphasis, Kind, Teller, Told, kind_of

LINES, MOST_LINES = 100, 500
"""Entries in one answer of the log: without `limit`, and at the most."""
LOOKED_AT_MOST = 10_000
"""Entries that one request for the log looks at; the next one goes on."""
CHANGES, MOST_CHANGES = 50, 500
"""Changes in one answer of the proof."""
PROVED_FROM_MOST = 500_000
"""Entries from the end of the ledger on within which a number is proved: more are hardly ever held."""
CHUNK = 200
"""Entries read from the store at once: reading them takes a millisecond."""
SHOWN: tuple[Number, ...] = ("available", "held", "sold", "oversold")
"""Numbers of the public board, which a freeze holds."""
LOCALES = ("zh-CN", "en")


class LogAnswer(Struct, frozen=True):
    """Entries in words, the newest first.

    next       the `before` with which to go on; null: everything that is held has been looked at
    looked_at  entries looked at for this answer
    through    the oldest of them; null when there was none
    head       the last entry of the ledger
    held_from  the first entry that the store holds: those before it are in the recording
    """

    entries: list[Told]
    next: int | None
    looked_at: int
    through: int | None
    head: int
    held_from: int


class EntryAnswer(Told, frozen=True, kw_only=True):
    """An entry in words, all its fields in words, and the entry itself."""

    details: list[Detail]
    entry: Raw


class ProvedChange(Told, frozen=True, kw_only=True):
    """An entry that changed the number: units before it and after it. `before`: null where the entry that says so is not held."""

    before: int | None
    after: int


class ProofAnswer(Struct, frozen=True):
    """The entries that changed a number, the newest first: after one it stands where it stood before the next.

    number     what it is, in words
    now        the number after entry `seq`
    shown      the number as the board shows it: another one only while it is frozen
    next       the `before` with which to go on; null: there is no more
    complete   whether the last change is the item's beginning
    looked_at  entries looked at, from `seq` down
    held_from  the first entry that the store holds: those before it are in the recording
    """

    sku: str
    field: Number
    location: str | None
    number: str
    now: int
    shown: int
    seq: int
    changes: list[ProvedChange]
    next: int | None
    complete: bool
    looked_at: int
    held_from: int


class Sought(NamedTuple):
    """What a log is filtered by."""

    kinds: frozenset[Kind]
    sku: str | None
    order: str | None
    source: str | None
    emphasis: Emphasis | None
    words: tuple[str, ...]

    @property
    def forms(self) -> list[tuple[bytes, ...]]:
        """What a line must have, one of each, to be worth a closer look."""
        return [forms_of(each) for each in (self.sku, self.order) if each is not None]

    def fits(self, told: Told) -> bool:
        if self.sku is not None and self.sku not in told.skus:
            return False
        if self.order is not None and self.order != told.order:
            return False
        if self.source is not None and self.source not in (told.source, told.source.partition(":")[0]):
            return False
        if self.emphasis is not None and self.emphasis != told.emphasis:
            return False
        if not self.words:
            return True
        said = f"{told.text} {told.who} {told.source} {told.type}".casefold()
        return all(word in said for word in self.words)


def blueprint() -> Blueprint:
    routes = Blueprint("telling", __name__, url_prefix="/api/v1/sessions/<session>")
    routes.add_url_rule("/log", view_func=log)
    routes.add_url_rule("/log/<int:seq>", view_func=entry)
    routes.add_url_rule("/proof", view_func=proof)
    return routes


def log(session: str) -> Response:
    """The entries that are sought, the newest first."""
    allow(DESK)
    sought = Sought(
        kinds=frozenset(choices("kind", KINDS)),
        sku=text("sku"),
        order=text("order"),
        source=text("source"),
        emphasis=next(iter(choices("emphasis", EMPHASES)), None),
        words=tuple((text("text") or "").casefold().split()),
    )
    limit = number("limit", least=1, most=MOST_LINES, default=LINES) or LINES
    before, after = number("before", least=1), number("after", default=0) or 0
    room = edge().rooms.get(session)
    teller = _teller(room)
    head, held_from = _held(room)
    forms, looked_at, through = sought.forms, 0, None
    found: list[Told] = []
    for seq, line in in_turns(_backwards(room, before or head + 1, after)):
        if looked_at == LOOKED_AT_MOST or len(found) == limit:
            break
        looked_at, through = looked_at + 1, seq
        if sought.kinds and kind_of(type_of(line)) not in sought.kinds:
            continue
        if all(any(form in line for form in each) for each in forms):
            told = teller.tell(line)
            if sought.fits(told):
                found.append(told)
    more = through is not None and through > max(held_from, after + 1)
    return answer_json(LogAnswer(found, through if more else None, looked_at, through, head, held_from))


def entry(session: str, seq: int) -> Response:
    """One entry, with all that it says."""
    allow(DESK)
    room = edge().rooms.get(session)
    head, held_from = _held(room)
    lines: list[tuple[int, bytes]] = []
    if seq <= head:
        lines = tail_read_back(edge().services.client, ledger_stream_key(room.ledger), seq + 1, 1)
    if not lines or lines[0][0] != seq:
        raise ProblemError(_not_held(seq, head, held_from))
    teller, line = _teller(room), lines[0][1]
    told = teller.tell(line)
    return answer_json(EntryAnswer(**asdict(told), details=teller.details(line), entry=Raw(line)))


def proof(session: str) -> Response:
    """The entries that made a number what it is."""
    allow(DESK)
    sku, field, location = text("sku"), choice("field", NUMBERS, NUMBERS[0]), text("location")
    if sku is None:
        raise ProblemError(problem(400, "Say which item's number: sku=SKU.", kind="malformed"))
    limit = number("limit", least=1, most=MOST_CHANGES, default=CHANGES) or CHANGES
    before = number("before", least=1)
    room = edge().rooms.get(session)
    head, held_from = _held(room)
    if not room.stale:
        room.wait_for(head)
    teller, trail = _teller(room), Trail(room.fold, sku, field, location)
    shown = _shown(room, sku, field) if location is None and field in SHOWN else trail.now
    found: list[Change] = []
    looked_at = 0
    for _, line in in_turns(_backwards(room, trail.seq + 1, 0)):
        looked_at += 1
        found += (each for each in trail.take(line) if before is None or each.seq < before)
        if trail.complete or len(found) > limit or looked_at == PROVED_FROM_MOST:
            break
    if not trail.complete and len(found) <= limit:
        found += (each for each in trail.end() if before is None or each.seq < before)
    more = len(found) > limit
    changes = [_proved(teller, each) for each in found[:limit]]
    return answer_json(
        ProofAnswer(
            sku=sku,
            field=field,
            location=location,
            number=teller.voice.number(sku, field, location),
            now=trail.now,
            shown=shown,
            seq=trail.seq,
            changes=changes,
            next=changes[-1].seq if more else None,
            complete=trail.complete and not more,
            looked_at=looked_at,
            held_from=held_from,
        )
    )


def _shown(room: Room, sku: str, field: Number) -> int:
    item = room.view().item(sku)
    assert item is not None, "the trail has found it"
    return int(getattr(item, field))


def _proved(teller: Teller, change: Change) -> ProvedChange:
    return ProvedChange(**asdict(teller.tell(change.line)), before=change.before, after=change.after)


def _teller(room: Room) -> Teller:
    return Teller(room.fold.plan, choice("locale", LOCALES, room.fold.plan.locale))


def _held(room: Room) -> tuple[int, int]:
    """The last entry of a ledger, and the first that the store holds."""
    head = edge().services.engine(room.ledger).resolve_head()
    if head is None:
        raise ProblemError(problem(404, f"The store holds no ledger {room.ledger!r}."))
    return head.seq, head.first_seq


def _backwards(room: Room, before: int, after: int) -> Iterator[tuple[int, bytes]]:
    """The entries before `before` and after `after`, the newest first, as far as they are held."""
    client, stream = edge().services.client, ledger_stream_key(room.ledger)
    while before > after + 1:
        lines = tail_read_back(client, stream, before, CHUNK)
        for seq, line in lines:
            if seq <= after:
                return
            yield seq, line
        if not lines:
            return
        before = lines[-1][0]


def _not_held(seq: int, head: int, held_from: int) -> Problem:
    if seq > head:
        return problem(404, f"The ledger ends with entry {head}.")
    detail = f"The store holds entries from {held_from} on; entry {seq} is in the recording."
    return problem(410, detail, kind="trimmed", first=held_from)
