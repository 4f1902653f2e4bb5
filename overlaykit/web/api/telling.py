"""GET …/log, …/log/{seq} and …/proof: the ledger in words, and from a number to the entries that made it.

All read the ledger backwards, some entries at a time; in between, others get their turn.
"""

from __future__ import annotations

from typing import NamedTuple
from unicodedata import normalize

from flask import Blueprint, Response
from msgspec import Raw, Struct
from msgspec.structs import asdict

from overlaykit.board import NUMBERS, Change, Number, Trail
from overlaykit.errors import RecordingError
from overlaykit.model.entries import forms_of, type_of
from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import DESK
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.http.problems import Problem, ProblemError, no_ledger, problem
from overlaykit.web.http.query import choice, choices, number, text
from overlaykit.web.rooms import Room
from overlaykit.web.rooms.backwards import Backwards
from overlaykit.web.turns import in_turns
from overlaykit.web.words import asked_language, words
from overlaykit.wording import EMPHASES, KINDS, Detail, Emphasis, Kind, Teller, Told, kind_of
from overlaykit.words import Words

LINES, MOST_LINES = 100, 500
"""Entries in one answer of the log: without `limit`, and at the most."""
LOOKED_AT_MOST = 10_000
"""Entries that one request for the log looks at; the next one goes on."""
CHANGES, MOST_CHANGES = 50, 500
"""Changes in one answer of the proof."""
PROVED_FROM_MOST = 500_000
"""Entries from the end of the ledger on within which a number is proved; reading more would take too long."""
SHOWN: tuple[Number, ...] = ("available", "held", "sold", "oversold")
"""Numbers of the public board, which a freeze holds."""
LOCALES = ("zh-CN", "en")


class LogAnswer(Struct, frozen=True):
    """Entries in words, the newest first.

    next       the `before` with which to go on; null: everything that is held has been looked at
    looked_at  entries looked at for this answer
    through    the oldest of them; null when there was none
    head       the last entry of the ledger
    held_from  the first entry that can be read here: those before it are in a recording on another machine
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
    held_from  the first entry that can be read here: those before it are in a recording on another machine
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
    emphasis: frozenset[Emphasis]
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
        if self.emphasis and told.emphasis not in self.emphasis:
            return False
        if not self.words:
            return True
        said = _plain(f"{told.text} {told.who} {told.source} {told.type}")
        return all(word in said for word in self.words)


def _plain(said: str) -> str:
    """As it is compared: an input method writes digits, letters and brackets full-width, too."""
    return normalize("NFKC", said).casefold()


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
        emphasis=frozenset(choices("emphasis", EMPHASES)),
        words=tuple(_plain(text("text") or "").split()),
    )
    limit = number("limit", least=1, most=MOST_LINES, default=LINES) or LINES
    before, after = number("before", least=1), number("after", default=0) or 0
    room = edge().rooms.get(session)
    teller = _teller(room)
    ledger = _ledger(room)
    forms, looked_at, through = sought.forms, 0, None
    found: list[Told] = []
    try:
        for seq, line in in_turns(ledger.lines(before or ledger.head + 1, after)):
            if looked_at == LOOKED_AT_MOST or len(found) == limit:
                break
            looked_at, through = looked_at + 1, seq
            if sought.kinds and kind_of(type_of(line)) not in sought.kinds:
                continue
            if all(any(form in line for form in each) for each in forms):
                told = teller.tell(line)
                if sought.fits(told):
                    found.append(told)
    except RecordingError:
        if not looked_at:
            raise  # else the next request is told, which goes on there
    more = through is not None and through > max(ledger.held_from, after + 1)
    next_before = through if more else None
    return answer_json(LogAnswer(found, next_before, looked_at, through, ledger.head, ledger.held_from))


def entry(session: str, seq: int) -> Response:
    """One entry, with all that it says."""
    allow(DESK)
    room = edge().rooms.get(session)
    ledger = _ledger(room)
    line = ledger.line(seq) if seq <= ledger.head else None
    if line is None:
        raise ProblemError(_not_held(seq, ledger, room.session))
    teller = _teller(room)
    told = teller.tell(line)
    return answer_json(EntryAnswer(**asdict(told), details=teller.details(line), entry=Raw(line)))


def proof(session: str) -> Response:
    """The entries that made a number what it is."""
    allow(DESK)
    sku, field, location = text("sku"), choice("field", NUMBERS, NUMBERS[0]), text("location")
    if sku is None:
        raise ProblemError(
            problem(
                400,
                Words("Say which item's number: sku=SKU.", "请写明是哪个商品的数字：sku=商品编码。"),
                kind="malformed",
            )
        )
    limit = number("limit", least=1, most=MOST_CHANGES, default=CHANGES) or CHANGES
    before = number("before", least=1)
    room = edge().rooms.get(session)
    ledger = _ledger(room)
    if not room.stale:
        room.wait_for(ledger.head)
    teller, trail = _teller(room), Trail(room.fold, sku, field, location)
    shown = _shown(room, sku, field) if location is None and field in SHOWN else trail.now
    found: list[Change] = []
    looked_at = 0
    for _, line in in_turns(ledger.lines(trail.seq + 1)):
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
            held_from=ledger.held_from,
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


def _ledger(room: Room) -> Backwards:
    services = edge().services
    head = services.engine(room.ledger).resolve_head()
    if head is None:
        raise ProblemError(problem(404, no_ledger(room.ledger)))
    return Backwards(services.client, room.ledger, head, services.config.recordings / room.session)


def _not_held(seq: int, ledger: Backwards, session: str) -> Problem:
    say = words(choice("locale", LOCALES, asked_language() or "en"))
    if seq > ledger.head:
        return problem(404, say["log_to_come"].format(n=ledger.head))
    detail = say["log_trimmed"].format(n=ledger.held_from, session=session)
    return problem(410, detail, kind="trimmed", first=ledger.held_from)
