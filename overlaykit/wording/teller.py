"""A ledger line → a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct

from overlaykit.model import notes as n
from overlaykit.model.commands import COMMANDS, Command, EmergencyRun
from overlaykit.model.entries import Entry
from overlaykit.model.notes import NOTES, Note
from overlaykit.model.sessions import SessionPlan
from overlaykit.wording.clock import tell_clock
from overlaykit.wording.commands import tell_command
from overlaykit.wording.details import Detail, details
from overlaykit.wording.kinds import Kind, kind_of
from overlaykit.wording.notes import tell_note
from overlaykit.wording.reasons import of_reason
from overlaykit.wording.speech import Speech
from overlaykit.wording.voice import Voice

Emphasis = Literal["alarm", "normal", "routine"]
EMPHASES: tuple[Emphasis, ...] = get_args(Emphasis)

_ALARMS = frozenset({"source.stale", "order.unmapped", "clock.suspended", "stock.drifted", "task.dropped"})
"""Types that somebody should see whatever they say."""

_OUR_WORDS = frozenset({"link", "rule", "alert", "drop", "emergency", "source", "notifier", "button", "chat"})
"""English words with which what is named may begin."""

_entry = msgspec.json.Decoder(Entry)
_DECODERS: Mapping[str, msgspec.json.Decoder[Any]] = MappingProxyType(
    {tag: msgspec.json.Decoder(type) for tag, type in {**COMMANDS, **NOTES}.items()}
)


class _About(Struct, frozen=True):
    """What the data of an entry of the clock are about."""

    sku: str | None = None
    order: str | None = None


class Told(Struct, frozen=True, kw_only=True):
    """An entry in words.

    at        when, RFC 3339 UTC
    kind      what it is about
    source    who wrote it, as the ledger has it; `who` in words
    text      what it says, without who said it
    skus      items that it is about
    order     the order that it is about
    emphasis  alarm: somebody should see it; routine: measured every few seconds, and as it should be
    refused   whether it was refused, and changed nothing
    """

    seq: int
    at: str
    type: str
    kind: Kind
    source: str
    who: str
    text: str
    skus: list[str]
    order: str | None
    emphasis: Emphasis
    refused: bool


class Teller:
    """Tells the entries of one session in one language. Items are called as `plan` calls them now."""

    def __init__(self, plan: SessionPlan, locale: str) -> None:
        self.voice = Voice(plan, locale)

    def tell(self, line: bytes) -> Told:
        """The line in words; of a type, or with fields, that this version does not know, that it is such a one."""
        entry = _entry.decode(line)
        return self.tell_entry(entry)

    def tell_entry(self, entry: Entry) -> Told:
        """`tell` of a line that is decoded already."""
        speech = Speech(self.voice, entry)
        said = _said(entry)
        text = self._text(speech, said)
        return Told(
            seq=entry.seq,
            at=entry.at,
            type=entry.type,
            kind=kind_of(entry.type),
            source=entry.source,
            who=self.voice.who(entry.source),
            text=text,
            skus=list(dict.fromkeys(_skus(entry, said))),
            order=_order(entry, said),
            emphasis=_emphasis(entry, said),
            refused=speech.refused,
        )

    def details(self, line: bytes) -> list[Detail]:
        """All that a line says, field by field."""
        return details(self.voice, line)

    def _text(self, speech: Speech, said: Command | Note | None) -> str:
        text = _sentence(speech, said) or speech.say(
            "{type}：这个版本还不认识这种记录",
            "{type}: this version has no words for such an entry",
            type=speech.entry.type,
        )
        if not speech.refused:
            return self.voice.clauses([_begun(text), speech.result()])
        why = self.voice.pick(of_reason(speech.outcome.reason or speech.outcome.status))
        return speech.say("没有执行：{text}（{why}）", "Refused: {text} ({why})", text=text, why=why)


def _begun(text: str) -> str:
    """An English sentence begins with a capital, unless it begins with a name."""
    return text[0].upper() + text[1:] if text.partition(" ")[0] in _OUR_WORDS else text


def _said(entry: Entry) -> Command | Note | None:
    """What its data say; None for what is no command and no note that this version can read."""
    decoder = _DECODERS.get(entry.type)
    try:
        return None if decoder is None else decoder.decode(entry.data)
    except msgspec.ValidationError:
        return None


def _sentence(speech: Speech, said: Command | Note | None) -> str | None:
    if isinstance(said, Command):
        return tell_command(speech, said)
    if isinstance(said, Note):
        return tell_note(speech, said)
    try:
        return tell_clock(speech)
    except (msgspec.ValidationError, KeyError, TypeError, AttributeError):
        return None


def _skus(entry: Entry, said: Command | Note | None) -> Iterable[str]:
    """The items that an entry is about: those that it names, those whose units it changed, those that it put on air."""
    sku = getattr(said, "sku", None)
    if isinstance(sku, str):
        yield sku
    for line in getattr(said, "lines", None) or ():
        yield line.sku
    match said:
        case n.ForecastUpdated(items=items):
            yield from items
        case n.StockPushed(levels=levels, failed=failed):
            yield from (*levels, *failed)
    outcome = entry.outcome
    yield from (*outcome.stock, *outcome.owed, *outcome.quotas, *outcome.bundles, *(outcome.on_air or ()))
    if said is None and (about := _about(entry)).sku is not None:
        yield about.sku


def _order(entry: Entry, said: Command | Note | None) -> str | None:
    found = _about(entry).order if said is None else getattr(said, "order", None)
    return found if isinstance(found, str) else None


def _about(entry: Entry) -> _About:
    try:
        return msgspec.json.decode(entry.data, type=_About)
    except msgspec.ValidationError:  # of a later version, which calls something else so
        return _About()


def _emphasis(entry: Entry, said: Command | Note | None) -> Emphasis:
    if _alarms(entry, said):
        return "alarm"
    return "routine" if isinstance(said, n.ObsHealth | n.ForecastUpdated) else "normal"


def _alarms(entry: Entry, said: Command | Note | None) -> bool:
    """Whether somebody should see it: units are oversold or do not add up, something is put aside, broken or lost, an emergency."""
    outcome = entry.outcome
    if outcome.status != "accepted":
        return False
    if outcome.excess or outcome.quarantined or outcome.unconfirmed or entry.type in _ALARMS:
        return True
    if entry.type in ("order.record", "order.commit") and any(outcome.owed.values()):
        return True
    match said:
        case EmergencyRun():
            return True
        case n.ActionDone(status=status) | n.ObsActed(status=status):
            return status in ("failed", "uncertain")
        case n.AlertRaised(level=level):
            return level != "info"
        case n.TaskOpened(level=level, trouble=trouble):
            return level == "urgent" or trouble is not None
        case n.ObsChanged(state=state):
            return state.wanted and (not state.connected or bool(state.problems))
        case n.ObsHealth(values=values):
            return bool(values.reconnecting)
        case n.StockPushed(failed=failed):
            return bool(failed)
    return entry.type == "session.resumed" and (
        b'"lost":{' in bytes(entry.data) or b'"conflict":{' in bytes(entry.data)
    )
