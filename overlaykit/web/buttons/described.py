"""What the buttons that there are do, in words: kept as long as nothing is called otherwise. The page asks every few seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import Words
from overlaykit.store import TokenRecord
from overlaykit.web.turns import in_turns

MAX_KEPT = 8
"""Sessions whose buttons are kept."""
OTHERWISE = frozenset({"overlay.set"})
"""Actions about which something else than the session decides: themes may come and go."""


class Description(NamedTuple):
    """A button in words. `unknown`: why it would press nothing in this session."""

    title: Words
    unknown: Words | None


class _Kept(NamedTuple):
    plan: SessionPlan
    countdowns: tuple[str, ...]
    buttons: dict[str, tuple[TokenRecord, Description]]


class Descriptions:
    """Those of a web process. An order changes none of them; an item that is called otherwise may change all of its session."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def of(
        self,
        records: Iterable[TokenRecord],
        plan: SessionPlan,
        countdowns: Iterable[str],
        describe: Callable[[TokenRecord], Description],
    ) -> Iterator[tuple[TokenRecord, Description]]:
        """Each button and what it does in a session with this plan, as it is now, and these countdowns. `describe` is asked for
        what is not known; others have their turn in between."""
        kept, countdowns = self._kept.get(plan.id), tuple(countdowns)
        if kept is None or kept.plan is not plan or kept.countdowns != countdowns:
            kept = _Kept(plan, countdowns, {})
        buttons: dict[str, tuple[TokenRecord, Description]] = {}
        for record in in_turns(records):
            known = kept.buttons.get(record.name)
            if known is None or known[0] != record:
                known = record, describe(record)
            if record.action is None or record.action.get("type") not in OTHERWISE:
                buttons[record.name] = known
            yield known
        self._kept.pop(plan.id, None)
        while len(self._kept) >= MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[plan.id] = _Kept(plan, countdowns, buttons)
