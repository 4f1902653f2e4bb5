"""BoardView: what one audience sees of a fold, as frozen values. An item that has not changed is the same object again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from overlaykit.board.choice import GONE, first_choice
from overlaykit.board.described import described
from overlaykit.board.desk import desk_items, direction_now, pushed_now
from overlaykit.board.direction import UNKNOWN_PACE
from overlaykit.board.fold import Fold
from overlaykit.board.items import FoldedItem
from overlaykit.board.reach import (
    COMMITTED,
    HELD,
    PRESOLD_COMMITTED,
    PRESOLD_HELD,
    SHIPPED,
    BundleOffer,
    Offer,
    Units,
    row_at,
)
from overlaykit.board.types import (
    Announcement,
    Board,
    BoardChange,
    BoardItem,
    Countdown,
    Deadline,
    DeskItem,
    DirectionNow,
    DropNow,
    Heat,
    ItemState,
    Product,
    PushedNow,
    SessionHead,
)
from overlaykit.errors import NotFound
from overlaykit.model.sessions import Item
from overlaykit.words import Words

_HEAT: dict[ItemState, Heat] = {
    "on_sale": "green",
    "presale": "green",
    "low": "yellow",
    "critical": "red",
    "sold_out": "red",
    "upcoming": "grey",
    "closed": "grey",
}


class _Built(NamedTuple):
    """An item as it was after its entry `seq`, under the freeze that began with the entry `freeze`."""

    seq: int
    freeze: int
    planned: Item
    item: BoardItem


class _Whole(NamedTuple):
    """All items and products after entry `seq`, under the freeze that began with the entry `freeze`."""

    seq: int
    freeze: int
    items: dict[str, BoardItem]
    products: dict[str, Product]


class BoardView:
    """One view: of the whole room, or what a buyer on `channel` or in `region` can get. Raises NotFound for unknown ones."""

    def __init__(self, fold: Fold, *, channel: str | None = None, region: str | None = None) -> None:
        plan = fold.plan
        channels = [each.name for each in plan.channels]
        if channel is not None and channel not in channels:
            raise NotFound(
                f"这一场没有渠道 {channel!r}；有：{'、'.join(channels)} / "
                f"there is no channel {channel!r} in this session; it has {', '.join(channels)}"
            )
        serving: dict[str, list[str]] = {}
        for location in plan.locations:
            for name in location.serves:
                serving.setdefault(name, []).append(location.name)
        if region is not None and region not in serving:
            known = Words(*(", ".join(serving),) * 2)
            if not serving:
                known = Words("none: its locations say nothing under `serves`", "无：仓库都没有写 `serves`")
            raise NotFound(
                f"这一场没有仓库发往地区 {region!r}；有：{known.zh} / "
                f"no location of this session serves the region {region!r}; regions: {known.en}"
            )
        self._fold = fold
        self._session_id = plan.id
        self._channel = channel
        self._regions: dict[str, list[str] | None] = {
            name: None if len(places) == len(plan.locations) else places for name, places in serving.items()
        }
        self._places = None if region is None else self._regions[region]
        self._cache: dict[str, _Built] = {}
        self._last: _Whole | None = None

    def board(self) -> Board:
        """The whole board now. What has not changed since the last one is taken from it: a room may have 10,000 items."""
        fold = self._fold
        whole = self._whole()
        on_air, product = self._on_air()
        return Board(
            session=self._session(),
            seq=fold.seq,
            on_air=on_air,
            on_air_product=product,
            items=whole.items,
            products=whole.products,
            order=list(fold.items),
            countdowns=self._countdowns(),
            announcements=self._announcements(),
        )

    def changes_after(self, seq: int) -> BoardChange | None:
        """Everything that changed after `seq`, merged; None when `seq` lies before this fold began or after its end: then
        the whole board is needed."""
        fold = self._fold
        if not fold.base <= seq <= fold.seq:
            return None
        changed = list(self._changed_after(seq))
        on_air, product = self._on_air()
        news = {part for part, last in fold.part_seq.items() if last > seq}
        products = self._products_after(seq, changed)
        return BoardChange(
            from_seq=seq,
            seq=fold.seq,
            items={item.planned.sku: self._item(item) for item in changed},
            session=self._session() if "session" in news else UNSET,
            on_air=on_air if changed or "on_air" in news else UNSET,
            on_air_product=product if changed or "on_air" in news else UNSET,
            products=products or UNSET,
            order=list(fold.items) if "order" in news else UNSET,
            countdowns=self._countdowns() if "countdowns" in news else UNSET,
            announcements=self._announcements() if "announcements" in news else UNSET,
        )

    def item(self, sku: str) -> BoardItem | None:
        """One item now; None when there is none."""
        found = self._fold.items.get(sku)
        return None if found is None else self._item(found)

    def on_air(self) -> BoardItem | None:
        """The item on air; of several variants the first choice. None: nothing."""
        variants = [self._item(self._fold.items[sku]) for sku in self._on_air_skus()]
        return first_choice(variants) if variants else None

    def desk(self, skus: Iterable[str] | None = None) -> dict[str, DeskItem]:
        """What the desk sees of these items beyond the board, of all without `skus`: true units and quotas, never frozen."""
        items = self._fold.items
        return desk_items(self._fold, items.values() if skus is None else [items[sku] for sku in skus])

    def direction(self) -> DirectionNow:
        """What the desk sees of rules, tasks, OBS, sources and connectors."""
        return direction_now(self._fold)

    def on_air_by_channel(self) -> dict[str, str | None]:
        """Channel → sku on air there, for the channels that were given an item of their own."""
        return {name: self._chosen(skus) for name, skus in self._fold.on_air.items() if name is not None}

    def pushed(self, after: int = 0) -> dict[str, dict[str, PushedNow]]:
        """Channel → sku → the number that its platform has: those of which something was said after entry `after`."""
        return pushed_now(self._fold, after)

    def _whole(self) -> _Whole:
        fold, last = self._fold, self._last
        if last is not None and last.seq == fold.seq:
            return last
        if last is None or last.freeze != fold.freeze or fold.part_seq["order"] > last.seq:
            items = {sku: self._item(item) for sku, item in fold.items.items()}
            products = {name: self._product(skus) for name, skus in fold.variants.items()}
        else:
            changed = list(self._changed_after(last.seq))
            items = {**last.items, **{item.planned.sku: self._item(item) for item in changed}}
            products = dict(last.products)
            for name, product in self._products_after(last.seq, changed).items():
                if product is None:
                    products.pop(name, None)
                else:
                    products[name] = product
        self._last = _Whole(fold.seq, fold.freeze, items, products)
        return self._last

    def _changed_after(self, seq: int) -> Iterator[FoldedItem]:
        for sku in reversed(self._fold.order_of_change):
            item = self._fold.items[sku]
            if item.seq <= seq:
                return
            yield item

    def _session(self) -> SessionHead:
        plan = self._fold.plan
        return SessionHead(
            id=plan.id, title=plan.title, status=self._fold.status, locale=plan.locale, currency=plan.currency
        )

    def _on_air_skus(self) -> tuple[str, ...]:
        on_air = self._fold.on_air
        if self._channel is not None and self._channel in on_air:
            return on_air[self._channel]
        return on_air.get(None, ())

    def _on_air(self) -> tuple[str | None, str | None]:
        """The variant on air that the room is about, and its product."""
        chosen = self.on_air()
        return (None, None) if chosen is None else (chosen.sku, chosen.product)

    def _chosen(self, skus: Iterable[str]) -> str | None:
        variants = [self._item(self._fold.items[sku]) for sku in skus]
        return first_choice(variants).sku if variants else None

    def _product(self, skus: Iterable[str]) -> Product:
        items = [self._item(self._fold.items[sku]) for sku in skus]
        return Product(
            available=sum(item.available for item in items),
            variants=[item.sku for item in items],
            gone=[item.sku for item in items if item.state in GONE],
        )

    def _products_after(self, seq: int, changed: Iterable[FoldedItem]) -> dict[str, Product | None]:
        """The products with a variant that changed, that joined or that left; None for one without variants."""
        names = {name: None for item in changed if (name := item.planned.product) is not None}
        for name, last in self._fold.product_seq.items():
            if last > seq:
                names[name] = None
        variants = self._fold.variants
        return {name: self._product(variants[name]) if name in variants else None for name in names}

    def _countdowns(self) -> dict[str, Countdown]:
        return {
            name: Countdown(name=name, sku=each.sku, ends_at=each.ends_at)
            for name, each in self._fold.countdowns.items()
        }

    def _announcements(self) -> list[Announcement]:
        return [
            Announcement(id=each.id, text=each.text, level=each.level, sku=each.sku, ends_at=each.ends_at)
            for each in self._fold.announcements.values()
        ]

    def _item(self, item: FoldedItem) -> BoardItem:
        sku, freeze = item.planned.sku, self._fold.freeze
        cached = self._cache.get(sku)
        if cached is None or cached.seq != item.seq or cached.freeze != freeze:
            cached = _Built(item.seq, freeze, item.planned, self._build(item))
            self._cache[sku] = cached
        return cached.item

    def _build(self, item: FoldedItem) -> BoardItem:
        fold, planned = self._fold, item.planned
        if planned.bundle:
            return self._build_bundle(item)
        offer = Offer(item, fold.freeze)
        here = offer.whole if self._places is None else row_at(offer.units, self._places)
        presale = item.mode == "presale"
        return self._made(
            item,
            offer,
            held=here[HELD] + here[PRESOLD_HELD],
            sold=here[COMMITTED] + here[SHIPPED] + here[PRESOLD_COMMITTED],
            oversold=offer.units.owed,
            presale=presale,
            ship_by=item.ship_by if presale else None,
            drop=self._drop(item, offer) if planned.sku in fold.drops_of and not presale else None,
        )

    def _build_bundle(self, item: FoldedItem) -> BoardItem:
        """A bundle is presale when a component is; it ships with the last one."""
        fold = self._fold
        waits = [part for sku in item.planned.bundle if (part := fold.items[sku]).mode == "presale"]
        held, sold = item.shown(fold.freeze).bundles
        return self._made(
            item,
            BundleOffer(item, fold.items, fold.freeze),
            held=held,
            sold=sold,
            oversold=0,
            presale=bool(waits),
            ship_by=max((part.ship_by for part in waits if part.ship_by), default=None),
            drop=None,
        )

    def _made(
        self,
        item: FoldedItem,
        offer: Offer | BundleOffer,
        *,
        held: int,
        sold: int,
        oversold: int,
        presale: bool,
        ship_by: str | None,
        drop: DropNow | None,
    ) -> BoardItem:
        fold, planned, channel = self._fold, item.planned, self._channel
        units = offer.in_reach(channel, self._places)
        state = _state(item, units, fold.status, presale=presale)
        stale = self._stale(item)
        pace, sells_out_at = fold.direction.paces.get(planned.sku, UNKNOWN_PACE)
        return replace(
            self._described(planned),
            state=state,
            on_air=planned.sku in self._on_air_skus(),
            available=units.available,
            opening=units.opening,
            sold=sold,
            held=held,
            oversold=oversold,
            remaining=_share(units),
            heat="grey" if stale else _HEAT[state],
            stale=stale,
            ship_by=ship_by,
            countdown=_deadline(fold.deadlines.get(planned.sku)),
            drop=drop,
            regions={name: offer.in_reach(channel, places).available for name, places in self._regions.items()},
            pace_per_minute=pace,
            sells_out_at=sells_out_at,
        )

    def _described(self, planned: Item) -> BoardItem:
        """The item as it was last if the plan says the same of it, else a new one: how it stands is yet to be put in."""
        known = self._cache.get(planned.sku)
        return known.item if known is not None and known.planned is planned else described(self._session_id, planned)

    def _stale(self, item: FoldedItem) -> bool:
        """Whether units that it has in reach may be wrong; a bundle's are those of its items."""
        fold = self._fold
        if not fold.stale_places:
            return False
        if item.planned.bundle:
            return any(self._stale(fold.items[part]) for part in item.planned.bundle)
        return any(place in fold.stale_places for place in item.rows if self._places is None or place in self._places)

    def _drop(self, item: FoldedItem, offer: Offer) -> DropNow | None:
        """The open drop of the item, the first one of the plan if there are several."""
        fold, quotas = self._fold, offer.units.quotas.drops
        for drop in fold.drops_of[item.planned.sku]:
            if drop.name in quotas and quotas[drop.name][3] == "open":
                units = offer.through_drop(drop.name, self._channel, self._places)
                closing = fold.countdowns.get(f"{drop.name}-close")
                return DropNow(
                    name=drop.name,
                    opening=units.opening,
                    available=units.available,
                    remaining=_share(units),
                    sold=quotas[drop.name][2],
                    price=drop.price,
                    countdown=_deadline(closing.ends_at if closing else None),
                )
        return None


def _share(units: Units) -> float:
    return round(units.available / units.opening, 6) if units.opening else 0.0


def _deadline(ends_at: str | None) -> Deadline | None:
    return Deadline(ends_at=ends_at) if ends_at else None


def _state(item: FoldedItem, units: Units, status: str, *, presale: bool) -> ItemState:
    if status == "closed" or item.sale == "closed":
        return "closed"
    if status == "planned" or item.sale == "upcoming":
        return "upcoming"
    if units.available <= 0:
        return "sold_out"
    if presale:
        return "presale"
    if units.available <= item.planned.critical.level(units.opening):
        return "critical"
    return "low" if units.available <= item.planned.low.level(units.opening) else "on_sale"
