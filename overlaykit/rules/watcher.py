"""Watcher: reads a ledger line by line, and says which rules fire. It reads no clock and writes nothing.

Whoever reads the same lines comes to the same firings with the same keys, so that any director can go on where another one
stopped. Time passes with the entries' own times, and with `tick` for whoever leads. What fired stays `pending` until the ledger
says so (rule.fired, rule.skipped); whoever begins to lead does what is pending then. While the session's clock is suspended
nothing is due by time.
"""

from __future__ import annotations

from itertools import islice

import msgspec

from overlaykit.board import BoardView, Fold
from overlaykit.model.entries import ms_of, text_of
from overlaykit.rules.book import RuleBook
from overlaykit.rules.deciding import Decider, Told
from overlaykit.rules.facts import Sight
from overlaykit.rules.items import ItemWatch
from overlaykit.rules.memory import Firing, Memory, Slot
from overlaykit.rules.room import ROOM, Head, RoomWatch, Said

_head = msgspec.json.Decoder(Head)
_said = msgspec.json.Decoder(Said)


class _Outcome(msgspec.Struct):
    status: str = ""


class _Decided(msgspec.Struct):
    outcome: _Outcome


_decided = msgspec.json.Decoder(_Decided)


class Watcher:
    """Watches one ledger for the rules of `book`. It takes `fold` with it: `apply` folds each line.

    memory   what another watcher knew after the fold's last entry; without it nothing that was true before counts as an edge
    told     hears of each decision, for explain
    """

    def __init__(self, book: RuleBook, fold: Fold, memory: Memory | None = None, *, told: Told | None = None) -> None:
        self._memory = memory if memory is not None else Memory()
        self._book = book
        self._fold = fold
        view = BoardView(fold)
        self._sight = Sight(fold, view, self._memory.obs)
        self._decider = Decider(book, fold, self._sight, self._memory, told)
        self._items = ItemWatch(book, fold, view, self._decider)
        self._room = RoomWatch(book, fold, self._decider)
        self._due_text = ""
        self._look_ahead()

    def pending(self, at_most: int | None = None) -> list[Firing]:
        """Firings of which the ledger says nothing yet: the oldest first; of an entry's, the highest priority first."""
        return list(islice(self._memory.pending.values(), at_most))

    def apply(self, line: bytes) -> list[Firing]:
        """Folds the next ledger line, and gives what fires by it, or by the time that passed before it.

        The highest priority first, then the order of the plan. Raises OutOfOrder as the fold does.
        """
        head = _head.decode(line)
        at_ms = ms_of(head.at)
        if not self._memory.begun:
            self._begin(at_ms)
        elif self._due_text and head.at >= self._due_text and not self._fold.suspended:
            self._advance(at_ms)
        self._fold.apply(line)
        hear = self._room.hears.get(head.type)
        if hear is not None and _decided.decode(line).outcome.status == "accepted":
            hear(head, _said.decode(head.data), at_ms)
        self._room.look(at_ms)
        self._items.look(at_ms)
        return self._taken()

    def tick(self, now_ms: int) -> list[Firing]:
        """What fires by time alone, up to `now_ms` of the store's clock."""
        if not self._memory.begun:
            self._begin(now_ms)
        elif not self._fold.suspended:
            self._advance(now_ms)
        return self._taken()

    def memory(self) -> Memory:
        """All that it knows beyond the fold now; plain data, which does not change when it goes on."""
        slots = {
            rule: kept
            for rule, known in self._memory.slots.items()
            if (kept := {place: msgspec.structs.replace(slot) for place, slot in known.items() if slot != Slot()})
        }
        return Memory(
            begun=self._memory.begun,
            slots=slots,
            pending=dict(self._memory.pending),
            obs={name: msgspec.structs.replace(facts) for name, facts in self._memory.obs.items()},
        )

    def recall(self, rule: str, sku: str | None) -> Slot | None:
        """What is remembered of a rule now, about an item or the room; None of a rule that the plan does not have."""
        found = self._book.rules.get(rule)
        if found is None:
            return None
        return msgspec.structs.replace(self._decider.known(found, found.place(sku)) or Slot())

    def render(self, text: str, *, sku: str | None, now_ms: int) -> str:
        """A text of the plan, filled in with what the board says now: about `sku`, or the item on air. Raises UserError."""
        return self._book.expressions.text(text).render(self._sight, sku, text_of(now_ms))

    def tell_near(self) -> None:
        """Tells `told` what is near a level now; of what was near and is not, it has heard."""
        self._items.tell_near()

    def _begin(self, at_ms: int) -> None:
        self._memory.begun = True
        self._items.begin(at_ms)
        self._room.begin(at_ms)
        self._look_ahead()

    def _advance(self, now_ms: int) -> None:
        for due, rule, place, slot in self._decider.take_due(now_ms):
            if slot.since is not None:
                cause, key = slot.cause, slot.key or ""
                slot.since = slot.cause = slot.key = None
                if rule.per_item:
                    self._items.sustained(rule, place, due, cause, key)
                else:
                    self._room.sustained(rule, due, cause, key)
            elif rule.per_item:
                self._items.due(rule, place, due)
            else:
                assert place == ROOM
                self._room.due(rule, due, slot)

    def _taken(self) -> list[Firing]:
        self._look_ahead()
        fired = self._decider.fired
        if not fired:
            return []
        self._decider.fired = []
        rules = self._book.rules
        fired.sort(key=lambda each: (-rules[each.rule].priority, rules[each.rule].index))
        self._memory.pending.update((firing.id, firing) for firing in fired)
        return fired

    def _look_ahead(self) -> None:
        due = self._decider.next_due
        self._due_text = "" if due is None else text_of(due)
