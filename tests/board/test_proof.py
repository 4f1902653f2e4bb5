"""From a number to the entries that made it: whatever happened, the chain has no gap, begins with nothing and ends at the board."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overlaykit.board import NUMBERS, BoardView, Change, Fold, Number, Trail
from overlaykit.board.proof import OF_BUNDLES
from overlaykit.errors import NotFound, UserError
from overlaykit.model.entries import forms_of
from tests.board.conftest import Story, row
from tests.board.test_same import COMMANDS, Evening
from tests.conftest import StoreServer

PLACES = (None, "hz", "gz")


def number_of(fold: Fold, sku: str, field: Number, place: str | None) -> int:
    """The number as the board and the desk show it; 0 while there is no such item."""
    item = BoardView(fold).item(sku)
    if item is None:
        return 0
    at_places = BoardView(fold).desk([sku])[sku].locations
    if place is None:
        if field in ("available", "held", "sold", "oversold"):
            return int(getattr(item, field))
        return sum(getattr(units, field) for units in at_places.values())
    units = at_places.get(place)
    if units is None:
        return 0
    if field == "sold":
        return units.committed + units.shipped + units.presold_committed
    return int(getattr(units, field))


def proved(fold: Fold, lines: list[bytes], sku: str, field: Number, place: str | None = None) -> list[Change]:
    """The changes of a number, the newest first; `lines` are those that are held, the oldest first."""
    trail = Trail(fold, sku, field, place)
    found: list[Change] = []
    for line in reversed(lines):
        found += trail.take(line)
        if trail.complete:
            break
    return found if trail.complete else [*found, *trail.end()]


def numbers_of(fold: Fold, sku: str) -> list[tuple[Number, str | None]]:
    bundle = bool(fold.items[sku].planned.bundle)
    return [
        (field, place)
        for field in NUMBERS
        for place in PLACES
        if not (bundle and (field not in OF_BUNDLES or place)) and not (place and field == "oversold")
    ]


@pytest.mark.store
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(COMMANDS, min_size=12, max_size=40))
def test_the_chain_of_any_number_is_unbroken(store: StoreServer, steps: list[dict[str, Any]]) -> None:
    evening = Evening(store)
    evening.send("session.open")
    evening.send("item.add", sku="hat", title="贝雷帽", opening={"gz": 9}, critical={"units": 4})
    evening.send("item.add", sku="pair", title="两条围巾", bundle={"scarf": 2}, product="winter")
    for step in steps:
        # A freeze changes what is shown, and no unit.
        if step.get("type") != "session.freeze":
            evening.take(step)
    lines = [line for _, line in evening.engine.read(0)]
    fold = Fold.from_first_entry(lines[0])
    told: dict[Any, list[tuple[int, int, int]]] = {}
    last: dict[Any, int] = {}
    for line in lines:
        if line is not lines[0]:
            fold.apply(line)
        for sku in fold.items:
            for field, place in numbers_of(fold, sku):
                what = (sku, field, place)
                now, was = number_of(fold, *what), last.get(what, 0)
                if now != was:
                    told.setdefault(what, []).append((fold.seq, was, now))
                last[what] = now
    for what, now in last.items():
        chain = proved(fold, lines, *what)
        assert [(each.seq, each.before, each.after) for each in reversed(chain)] == told.get(what, [])
        assert (chain[0].after if chain else 0) == now


class Told(Story):
    """A story whose lines are kept."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        super().__init__()
        self.lines = [self.line(1, "session.planned", msgspec.to_builtins(self.plan), {})]

    def write(self, type: str, data: dict[str, Any] | None = None, **outcome: Any) -> None:
        self.lines.append(self.line(self.fold.seq + 1, type, data or {}, outcome))
        super().write(type, data, **outcome)


def test_of_a_ledger_whose_beginning_is_gone_it_says_what_is_known() -> None:
    story = Told()
    story.stock("coat", hz=row(60, available=58, held=2))
    story.stock("coat", gz=row(40, available=35, held=5))
    story.stock("coat", hz=row(60, available=50, held=10))
    chain = proved(story.fold, story.lines[1:], "coat", "available")
    # Of 100 coats 30 are kept for drops.
    # What stood in gz before entry 3 is said by entry 1, which is not held; what stood in hz before entry 4 by entry 2.
    assert [(each.seq, each.before, each.after) for each in chain] == [(4, 63, 55), (3, None, 63)]
    whole = proved(story.fold, story.lines, "coat", "available")
    assert [(each.before, each.after) for each in whole] == [(63, 55), (68, 63), (70, 68), (0, 70)]


def test_a_sku_is_found_however_the_store_writes_it() -> None:
    assert {*forms_of("a/b")} == {b'"a/b"', b'"a\\/b"'}
    assert forms_of("大衣") == ('"大衣"'.encode(),)


def test_what_an_item_does_not_have_is_refused_with_what_it_has() -> None:
    fold = Told().fold
    with pytest.raises(NotFound, match="no item 'sock'"):
        Trail(fold, "sock", "held")
    with pytest.raises(NotFound, match="it has hz, gz"):
        Trail(fold, "coat", "held", "nowhere")
    with pytest.raises(UserError, match="at no location"):
        Trail(fold, "coat", "oversold", "hz")
    with pytest.raises(UserError, match="is a bundle"):
        Trail(fold, "set", "committed")
