"""Proof: which entries made a number what it is, the newest first, each with the number before and after it.

Entries say absolute values of what they change: rows, debts, quotas. So a ledger can be read backwards: what stood there before
an entry is what the next older one said of the same. A change is known once that one has been found, or the item's beginning.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple, get_args

import msgspec
from msgspec import UNSET, Raw, Struct
from msgspec.structs import replace

from overlaykit.board.fold import Fold
from overlaykit.board.items import NO_BUNDLES, NO_QUOTAS, FoldedItem, begin_item
from overlaykit.board.reach import COMMITTED, HELD, PRESOLD_COMMITTED, PRESOLD_HELD, SHIPPED, available_now, row_at
from overlaykit.errors import NotFound, UserError
from overlaykit.model.catalogue import Catalogue
from overlaykit.model.commands import ItemAdd, ItemMode, ItemUpdate
from overlaykit.model.entries import STOCK_COLUMNS, Entry, forms_of
from overlaykit.model.sessions import Item, SessionPlan

Number = Literal[
    "available", "held", "committed", "sold", "oversold", "on_hand", "buffer", "damaged", "incoming", "shipped"
]
NUMBERS: tuple[Number, ...] = get_args(Number)
OF_BUNDLES = ("available", "held", "sold")
"""Numbers that a bundle has; its units are those of its items."""

Cell = tuple[str, str, str]
"""Something that entries say absolutely: what it is, of which sku, and of rows at which location."""

_entry = msgspec.json.Decoder(Entry)


class Change(NamedTuple):
    """An entry that changed the number. `before`: 0 where the item was not there yet; None: the entry that says so is not held."""

    seq: int
    line: bytes
    before: int | None
    after: int


class _Step:
    """An entry on the way back, and what stood before it in the cells that it says, as far as that has been found."""

    __slots__ = ("before", "begins", "line", "seq", "wanted")

    def __init__(self, seq: int, line: bytes, wanted: set[Cell], *, begins: bool) -> None:
        self.seq, self.line, self.wanted, self.begins = seq, line, wanted, begins
        self.before: dict[Cell, Any] = {}


class _Planned(Struct):
    """A plan, as far as a proof reads it: its places and drops are those of now."""

    items: list[Raw]


class Trail:
    """The way back from a fold's number: the units of an item as the board shows them, never frozen; with a location, the
    column of its row there (`sold`: committed, shipped and presold to paid orders).

    `now` is the number after entry `seq`. Raises NotFound for an item or location that there is not, UserError for a number that
    the item does not have.
    """

    def __init__(self, fold: Fold, sku: str, field: Number, location: str | None = None) -> None:
        _check(fold, sku, field, location)
        self.seq = fold.seq
        self._sku, self._field, self._location = sku, field, location
        bundle = fold.items[sku].planned.bundle
        self._items = {each: _copy(fold.items[each]) for each in (sku, *bundle)}
        self._plan = fold.plan
        self._forms = [form for each in self._items for form in forms_of(each)]
        self._waiting: dict[Cell, _Step] = {}
        self._steps: deque[_Step] = deque()
        self._begun = False
        self.now = self._number()

    @property
    def complete(self) -> bool:
        """Whether the item's beginning has been found, and every change is known."""
        return self._begun and not self._steps

    def take(self, line: bytes) -> Iterator[Change]:
        """Takes the next older line, and gives the changes that are known by it."""
        if not any(form in line for form in self._forms):
            return
        entry = _entry.decode(line)
        if entry.outcome.status != "accepted":
            return
        said, begun = self._said(entry)
        for cell in (*said, *(cell for cell in self._waiting if cell[1] in begun)):
            if (waiting := self._waiting.pop(cell, None)) is not None:
                waiting.before[cell] = said.get(cell)
                waiting.wanted.discard(cell)
        if said and not self._begun:
            self._begun = self._sku in begun
            step = _Step(entry.seq, line, set() if self._begun else set(said), begins=self._begun)
            self._steps.append(step)
            self._waiting |= dict.fromkeys(step.wanted, step)
        yield from self._known()

    def end(self) -> Iterator[Change]:
        """There are no older lines: the changes that are known; of the first that is not, what it made of the number."""
        yield from self._known()
        if self._steps:
            step = self._steps[0]
            yield Change(step.seq, step.line, None, self._number())

    def _known(self) -> Iterator[Change]:
        while self._steps and not self._steps[0].wanted:
            step = self._steps.popleft()
            after = self._number()
            for cell, value in step.before.items():
                _put(self._items, cell, value)
            before = 0 if step.begins else self._number()
            if before != after:
                yield Change(step.seq, step.line, before, after)

    def _said(self, entry: Entry) -> tuple[dict[Cell, Any], set[str]]:
        """What an entry says of the items, and those of them that begin with it."""
        said, begun = self._said_of_items(entry)
        outcome = entry.outcome
        for sku in self._items:
            said |= {("row", sku, place): row for place, row in outcome.stock.get(sku, {}).items()}
            for cell, part in (("owed", outcome.owed), ("quotas", outcome.quotas), ("bundles", outcome.bundles)):
                if sku in part:
                    said[cell, sku, ""] = part[sku]
        return said, begun

    def _said_of_items(self, entry: Entry) -> tuple[dict[Cell, Any], set[str]]:
        plan, said = self._plan, dict[Cell, Any]()
        match entry.type:
            case "session.planned":
                begun = [
                    item
                    for raw in msgspec.json.decode(entry.data, type=_Planned).items
                    if any(form in bytes(raw) for form in self._forms)
                    and (item := msgspec.json.decode(raw, type=Item)).sku in self._items
                ]
            case "item.add":
                add = msgspec.json.decode(entry.data, type=ItemAdd)
                begun = [Catalogue(plan).add(add)] if add.sku in self._items else []
            case "item.mode":
                mode = msgspec.json.decode(entry.data, type=ItemMode)
                return ({("mode", mode.sku, ""): str(mode.mode)} if mode.sku in self._items else said), set()
            case "item.update":
                update = msgspec.json.decode(entry.data, type=ItemUpdate)
                if update.sku in self._items and update.presale_limit is not UNSET:
                    said["limit", update.sku, ""] = update.presale_limit
                return said, set()
            case _:
                return said, set()
        for item in begun:
            said |= _beginning(plan, item)
        return said, {item.sku for item in begun}

    def _number(self) -> int:
        item = self._items[self._sku]
        if self._location is not None:
            return _of_row(self._field, item.rows.get(self._location))
        if self._field == "available":
            return available_now(item, self._items)
        if self._field == "oversold":
            return item.owed
        if item.planned.bundle:
            return item.bundles[0 if self._field == "held" else 1]
        whole = row_at(item.units, None)
        return whole[HELD] + whole[PRESOLD_HELD] if self._field == "held" else _of_row(self._field, whole)


def _check(fold: Fold, sku: str, field: Number, location: str | None) -> None:
    if sku not in fold.items:
        raise NotFound(f"这一场没有商品 {sku!r} / there is no item {sku!r} in this session")
    places = [each.name for each in fold.plan.locations]
    if location is not None and location not in places:
        raise NotFound(
            f"这一场没有仓库 {location!r}；有：{'、'.join(places)} / "
            f"there is no location {location!r} in this session; it has {', '.join(places)}"
        )
    if location is not None and field == "oversold":
        raise UserError(
            "超卖的件数不在任何仓库 / oversold units stand at no location",
            remedy="不要写 `location`。 / Ask without `location`.",
        )
    if fold.items[sku].planned.bundle and (field not in OF_BUNDLES or location is not None):
        raise UserError(
            f"{sku!r} 是套装：只有 {'、'.join(OF_BUNDLES)}，没有仓库里的件数 / "
            f"{sku!r} is a bundle: it has {', '.join(OF_BUNDLES)}, and no units at a location",
            remedy=f"请查它的组成商品：{'、'.join(fold.items[sku].planned.bundle)}。 / "
            f"Ask for one of its items: {', '.join(fold.items[sku].planned.bundle)}.",
        )


def _copy(item: FoldedItem) -> FoldedItem:
    return FoldedItem(item.planned, item.stored(), item.seq)


def _of_row(field: Number, row: Sequence[int] | None) -> int:
    if row is None:
        return 0
    if field == "sold":
        return row[COMMITTED] + row[SHIPPED] + row[PRESOLD_COMMITTED]
    return row[STOCK_COLUMNS.index(field)]


def _beginning(plan: SessionPlan, item: Item) -> dict[Cell, Any]:
    """What an item's first entry says of it."""
    drops = [drop for drop in plan.drops if drop.sku == item.sku]
    units = begin_item(plan, item, drops).units
    said: dict[Cell, Any] = {("row", item.sku, place): row for place, row in units.rows.items()}
    parts = {"owed": 0, "quotas": units.quotas, "bundles": NO_BUNDLES, "mode": "spot", "limit": item.presale_limit}
    return said | {(cell, item.sku, ""): value for cell, value in parts.items()}


def _put(items: dict[str, FoldedItem], cell: Cell, value: Any) -> None:
    """Puts back what stood in a cell."""
    what, sku, place = cell
    item = items[sku]
    match what:
        case "row" if value is None:
            item.rows.pop(place, None)
        case "row":
            item.rows[place] = value
        case "owed":
            item.owed = value or 0
        case "quotas":
            item.quotas = value or NO_QUOTAS
        case "bundles":
            item.bundles = value or NO_BUNDLES
        case "mode":
            item.mode = value
        case "limit":
            item.planned = replace(item.planned, presale_limit=value)
