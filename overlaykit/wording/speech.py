"""One entry on its way to being a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from overlaykit.model.entries import STOCK_COLUMNS, Entry, EntryOutcome
from overlaykit.wording.reasons import of_quarantine
from overlaykit.wording.voice import MOST_NAMED, Voice

_AVAILABLE, _INCOMING, _PRESOLD_HELD, _PRESOLD_COMMITTED = (
    STOCK_COLUMNS.index(name) for name in ("available", "incoming", "presold_held", "presold_committed")
)


T = TypeVar("T")


class Speech:
    """An entry and the voice that says it."""

    def __init__(self, voice: Voice, entry: Entry) -> None:
        self.voice = voice
        self.entry = entry
        self.outcome: EntryOutcome = entry.outcome
        self.refused = entry.outcome.status != "accepted"

    def say(self, zh: str, en: str, asked: str = "", /, **values: object) -> str:
        """The sentence in the voice's language. `asked`: in English, what was asked for, where it was refused."""
        if self.voice.zh:
            return zh.format(**values)
        return (asked if self.refused and asked else en).format(**values)

    def result(self) -> str:
        """What came of it, as its outcome says: units left, units oversold, what could not be counted."""
        outcome, voice, parts = self.outcome, self.voice, []
        parts.append(self._left())
        for sku, units in _first(outcome.owed.items()):
            if units:
                parts.append(self.say("{item} 超卖 {n} 件", "{item} oversold by {n}", item=voice.item(sku), n=units))
        if outcome.excess:
            parts.append(self.say("另有 {n} 件无法计入", "{n} more could not be counted", n=outcome.excess))
        if outcome.quarantined:
            why = voice.pick(of_quarantine(outcome.quarantined))
            parts.append(self.say("已搁置：{why}", "put aside: {why}", why=why))
        if outcome.early:
            parts.append(self.say("订单还没到，先记着", "its order is not here yet: it waits"))
        if outcome.unconfirmed:
            parts.append(self.say("等人确认，数字没有动", "waits for somebody to confirm it; no number has moved"))
        return voice.clauses(parts)

    def _left(self) -> str:
        """Units left of the items whose units it changed, where they changed."""
        rows = [
            (sku, place, row) for sku, places in _first(self.outcome.stock.items()) for place, row in places.items()
        ]
        if not rows:
            return ""
        many = len(self.outcome.stock) > 1
        return self.voice.clauses(self._left_of(sku if many else None, place, row) for sku, place, row in rows)

    def _left_of(self, sku: str | None, place: str, row: list[int]) -> str:
        voice = self.voice
        item = f"{voice.item(sku)} " if sku is not None else ""
        where = voice.place(place) if len(voice.places) > 1 else ""
        text = self.say(
            "{item}{where}可售剩 {n} 件", "{item}{n} left{at}", item=item, where=where, n=row[_AVAILABLE], at=_at(where)
        )
        if row[_PRESOLD_HELD] or row[_PRESOLD_COMMITTED]:
            text += self.say("、在途 {n} 件", " and {n} incoming", n=row[_INCOMING])
        return text


def _at(where: str) -> str:
    return f" at {where}" if where else ""


def _first(pairs: Iterable[T]) -> list[T]:
    return list(pairs)[:MOST_NAMED]
