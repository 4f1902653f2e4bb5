"""BoardView: what one audience sees of a fold, as frozen values. An item that has not changed is the same object again."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from msgspec import UNSET, Struct, UnsetType

from overlaykit.board.fold import AVAILABLE, COMMITTED, HELD, OPENING, SHIPPED, Fold, FoldedItem
from overlaykit.board.types import (
    Announcement,
    Board,
    BoardItem,
    Countdown,
    Deadline,
    DeskItem,
    Heat,
    ItemState,
    Product,
    SessionHead,
)
from overlaykit.errors import NotFound
from overlaykit.model.entries import STOCK_COLUMNS

_HEAT: dict[ItemState, Heat] = {
    "on_sale": "green",
    "presale": "green",
    "low": "yellow",
    "critical": "red",
    "sold_out": "red",
    "upcoming": "grey",
    "closed": "grey",
}
_GONE = ("sold_out", "closed", "upcoming")


class BoardChange(Struct, frozen=True, kw_only=True):
    """What changed after `from_seq` up to `seq`: absolute values, everything else UNSET or absent."""

    from_seq: int
    seq: int
    items: dict[str, BoardItem]
    session: SessionHead | UnsetType = UNSET
    on_air: str | UnsetType | None = UNSET
    on_air_product: str | UnsetType | None = UNSET
    products: dict[str, Product] | UnsetType = UNSET
    countdowns: dict[str, Countdown] | UnsetType = UNSET
    announcements: list[Announcement] | UnsetType = UNSET


class BoardView:
    """One view: of the whole room, or what a buyer on `channel` or in `region` can get. Raises NotFound for unknown ones."""

    def __init__(self, fold: Fold, *, channel: str | None = None, region: str | None = None) -> None:
        plan = fold.plan
        channels = [each.name for each in plan.channels]
        if channel is not None and channel not in channels:
            raise NotFound(f"there is no channel {channel!r} in this session; it has {', '.join(channels)}")
        self._serving: dict[str, list[str]] = {}
        for location in plan.locations:
            for name in location.serves:
                self._serving.setdefault(name, []).append(location.name)
        if region is not None and region not in self._serving:
            known = ", ".join(self._serving) or "none: its locations say nothing under `serves`"
            raise NotFound(f"no location of this session serves the region {region!r}; regions: {known}")
        self._fold = fold
        self._channel = channel
        self._locations = None if region is None else self._serving[region]
        self._cache: dict[str, tuple[int, int, BoardItem]] = {}
        self._variants: dict[str, list[str]] = {}
        for item in plan.items:
            if item.product is not None:
                self._variants.setdefault(item.product, []).append(item.sku)

    def board(self) -> Board:
        """The whole board now."""
        fold = self._fold
        items = {sku: self._item(item) for sku, item in fold.items.items()}
        on_air, product = self._on_air()
        return Board(
            session=self._session(),
            seq=fold.seq,
            on_air=on_air,
            on_air_product=product,
            items=items,
            products=self._products(self._variants),
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
        touched = {name: self._variants[name] for item in changed if (name := item.planned.product) is not None}
        return BoardChange(
            from_seq=seq,
            seq=fold.seq,
            items={item.planned.sku: self._item(item) for item in changed},
            session=self._session() if "session" in news else UNSET,
            on_air=on_air if changed or "on_air" in news else UNSET,
            on_air_product=product if changed or "on_air" in news else UNSET,
            products=self._products(touched) if touched else UNSET,
            countdowns=self._countdowns() if "countdowns" in news else UNSET,
            announcements=self._announcements() if "announcements" in news else UNSET,
        )

    def item(self, sku: str) -> BoardItem | None:
        """One item now; None when there is none."""
        found = self._fold.items.get(sku)
        return None if found is None else self._item(found)

    def desk(self) -> dict[str, DeskItem]:
        """What the desk sees beyond the board: true units by location, never frozen."""
        return {
            sku: DeskItem(
                locations={name: dict(zip(STOCK_COLUMNS, row, strict=True)) for name, row in item.rows.items()},
                cost=item.planned.cost,
            )
            for sku, item in self._fold.items.items()
        }

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
        """The first variant on air that is still on sale, else the first; and its product."""
        skus = self._on_air_skus()
        for sku in skus:
            item = self._fold.items[sku]
            if self._item(item).state not in _GONE:
                return sku, item.planned.product
        return (skus[0], self._fold.items[skus[0]].planned.product) if skus else (None, None)

    def _products(self, variants: dict[str, list[str]]) -> dict[str, Product]:
        products = {}
        for name, skus in variants.items():
            items = [self._item(self._fold.items[sku]) for sku in skus]
            products[name] = Product(
                available=sum(item.available for item in items),
                variants=list(skus),
                gone=[item.sku for item in items if item.state in ("sold_out", "closed")],
            )
        return products

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
        if cached is None or cached[0] != item.seq or cached[1] != freeze:
            cached = (item.seq, freeze, self._build(item))
            self._cache[sku] = cached
        return cached[2]

    def _build(self, item: FoldedItem) -> BoardItem:
        planned, fold = item.planned, self._fold
        shown = item.shown(fold.freeze)
        rows = shown.rows
        here = (
            list(rows.values()) if self._locations is None else [rows[name] for name in self._locations if name in rows]
        )
        available = sum(row[AVAILABLE] for row in here)
        opening = sum(row[OPENING] for row in here)
        state = _state(item, available, opening, fold.status)
        deadline = [each.ends_at for each in fold.countdowns.values() if each.sku == planned.sku]
        return BoardItem(
            sku=planned.sku,
            link=planned.link,
            product=planned.product,
            variant=planned.variant,
            title=planned.title,
            subtitle=planned.subtitle,
            price=planned.price,
            list_price=planned.list_price,
            image=_picture_url(fold.plan.id, planned.image),
            state=state,
            on_air=planned.sku in self._on_air_skus(),
            available=available,
            opening=opening,
            sold=sum(row[COMMITTED] + row[SHIPPED] for row in here),
            held=sum(row[HELD] for row in here),
            oversold=shown.owed,
            remaining=round(available / opening, 6) if opening else 0.0,
            heat=_HEAT[state],
            stale=False,
            ship_by=None,
            countdown=Deadline(ends_at=deadline[-1]) if deadline else None,
            drop=None,
            regions={
                name: sum(rows[location][AVAILABLE] for location in serving if location in rows)
                for name, serving in self._serving.items()
            },
            pace_per_minute=None,
            sells_out_at=None,
        )


def _picture_url(session: str, image: str | None) -> str | None:
    """A picture beside the plan has an address of ours; others have their own."""
    if image is None or image.startswith(("https://", "http://", "data:", "/")):
        return image
    return f"/media/{quote(session)}/{quote(image)}"


def _state(item: FoldedItem, available: int, opening: int, status: str) -> ItemState:
    if status == "closed" or item.sale == "closed":
        return "closed"
    if status == "planned" or item.sale == "upcoming":
        return "upcoming"
    if available <= 0:
        return "sold_out"
    if available <= item.planned.critical.level(opening):
        return "critical"
    return "low" if available <= item.planned.low.level(opening) else "on_sale"
