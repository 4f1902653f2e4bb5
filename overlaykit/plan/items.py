"""Items of the form → items of the resolved plan: opening stock, buffers and thresholds per location, and their cross checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from overlaykit.model.rules import MOST_PER_BUNDLE, may_share_link
from overlaykit.model.sessions import Incoming, Item, Threshold
from overlaykit.plan import values
from overlaykit.plan.form import ItemForm, Path, PlanForm, Thresholds
from overlaykit.plan.reader import Findings
from overlaykit.words import Words

LOW = Decimal("0.20")
CRITICAL = Decimal("0.05")
"""Thresholds of a plan that names none, as shares of the units opened."""

Amount = int | Decimal


class ItemResolver:
    """Resolves the items of one plan.

    rows               items as they were read, by position
    locations, skus    all names that the plan defines, wrong rows included
    """

    def __init__(
        self,
        plan: PlanForm,
        rows: Mapping[int, Mapping[str, Any]],
        locations: Sequence[str],
        skus: Sequence[str],
        findings: Findings,
    ) -> None:
        self.plan = plan
        self.rows = rows
        self.locations = locations
        self.skus = set(skus)
        self.findings = findings
        self.low, self.critical = self._levels(plan.thresholds, LOW, CRITICAL)
        self.bundles = {item.sku for item in plan.item or () if item.bundle}

    @property
    def default_low(self) -> Threshold:
        """Of items without their own."""
        return _threshold(self.low)

    @property
    def default_critical(self) -> Threshold:
        return _threshold(self.critical)

    def resolve(self) -> tuple[Item, ...]:
        items = tuple(self._item(form) for form in self.plan.item or ())
        self._unique_skus()
        self._links()
        return items

    def _item(self, form: ItemForm) -> Item:
        opening = self._opening(form)
        buffer = self._buffer(form, opening)
        low, critical = self._levels(form.thresholds, self.low, self.critical)
        self._check_levels(form, low, critical, sum(opening.values()) - sum(buffer.values()))
        self._check_bundle(form)
        incoming = {}
        for place, promised in (form.incoming or {}).items():
            if self._known_location(place, (*form.at, "incoming", place)):
                incoming[place] = Incoming(quantity=promised.quantity, due=values.day_of(promised.due))
        return Item(
            sku=form.sku,
            link=form.link,
            product=form.product,
            variant=form.variant,
            title=form.title,
            subtitle=form.subtitle,
            price=_money(form.price),
            list_price=_money(form.list_price),
            cost=_money(form.cost),
            image=form.image,
            aliases=tuple(form.aliases or ()),
            facts=dict(form.facts or {}),
            opening=opening,
            buffer=buffer,
            incoming=incoming,
            low=_threshold(low),
            critical=_threshold(critical),
            buyer_limit=form.buyer_limit,
            presale_limit=form.presale_limit,
            on_sale=form.on_sale is not False,
            bundle=dict(form.bundle or {}),
        )

    def _opening(self, form: ItemForm) -> dict[str, int]:
        at = (*form.at, "opening")
        match form.opening:
            case None:
                if not self._made_of_others(form) and not self._counted_by_a_source() and not self._misnamed(form):
                    what = Words(
                        "the key `opening` is missing, and no location has a source that could count it",
                        "缺少 `opening`（开场库存），也没有仓库配了能报数的数据源",
                    )
                    expected = Words(
                        "pieces, such as opening = 100 or { hz = 60, gz = 40 }",
                        "件数，如 opening = 100 或 { hz = 60, gz = 40 }",
                    )
                    self.findings.add(at, what, expected)
                return {}
            case _ if form.bundle:
                what = Words(
                    "a bundle has no opening stock of its own: it is made of its items",
                    "套装没有自己的库存，由其中的商品组成",
                )
                self.findings.add(at, what)
                return {}
            case int(units):
                if len(self.locations) > 1:
                    self.findings.add(at, *_which_location("opening", self.locations))
                return {self.locations[0]: units} if len(self.locations) == 1 else {}
            case places:
                return {place: units for place, units in places.items() if self._known_location(place, (*at, place))}

    def _made_of_others(self, form: ItemForm) -> bool:
        return bool(self._row(form).get("bundle"))

    def _counted_by_a_source(self) -> bool:
        return any(place.source for place in (self.plan.location or {}).values())

    def _misnamed(self, form: ItemForm) -> bool:
        """Whether the row's opening was already found wrong, or may be what an unknown key of it means."""
        known = {info.encode_name for info in msgspec.structs.fields(ItemForm)}
        return any(key == "opening" or key not in known for key in self._row(form))

    def _row(self, form: ItemForm) -> Mapping[str, Any]:
        return self.rows.get(int(form.at[1]), {})

    def _buffer(self, form: ItemForm, opening: Mapping[str, int]) -> dict[str, int]:
        if form.buffer is None:
            return self._common_buffer(opening)
        at = (*form.at, "buffer")
        if isinstance(form.buffer, dict):
            wanted = {
                place: values.amount_of(amount)
                for place, amount in form.buffer.items()
                if self._known_location(place, (*at, place))
            }
        else:
            amount = values.amount_of(form.buffer)
            stocked = _stocked(opening)
            if isinstance(amount, int) and len(stocked) > 1:
                self.findings.add(at, *_which_location("buffer", stocked))
                return {}
            wanted = dict.fromkeys(stocked, amount)
        kept = {place: _part(amount, opening.get(place, 0)) for place, amount in wanted.items()}
        for place, units in kept.items():
            if units > opening.get(place, 0):
                what = Words(
                    f"a buffer of {units} at {place}, where only {opening.get(place, 0)} open",
                    f"{place} 的弹性库存 {units} 多于开场库存 {opening.get(place, 0)}",
                )
                self.findings.add((*at, place), what)
        return {place: units for place, units in kept.items() if units}

    def _common_buffer(self, opening: Mapping[str, int]) -> dict[str, int]:
        """The plan's buffer: pieces are kept back as far as there are that many, at an item's only location."""
        if self.plan.buffer is None:
            return {}
        amount = values.amount_of(self.plan.buffer)
        if isinstance(amount, int) and len(_stocked(opening)) > 1:
            what, expected = _which_location("buffer", _stocked(opening))
            if not any(finding.path == ("buffer",) for finding in self.findings.all):
                self.findings.add(("buffer",), what, expected)
            return {}
        kept = {place: min(units, _part(amount, units)) for place, units in opening.items()}
        return {place: units for place, units in kept.items() if units}

    def _levels(self, form: Thresholds | None, low: Amount, critical: Amount) -> tuple[Amount, Amount]:
        if form is not None:
            low = low if form.low is None else values.amount_of(form.low)
            critical = critical if form.critical is None else values.amount_of(form.critical)
            if form is self.plan.thresholds:
                self._compare((*form.at, "critical"), low, critical)
        return low, critical

    def _check_levels(self, form: ItemForm, low: Amount, critical: Amount, opened: int) -> None:
        common = self.plan.thresholds
        if form.thresholds is not None:
            self._compare((*form.at, "thresholds"), low, critical, opened)
        # Who writes both has weighed pieces against shares; who writes one may not know what the other is.
        elif common is not None and (common.low is None) != (common.critical is None):
            at = (*common.at, "critical" if common.low is None else "low")
            if isinstance(low, int) != isinstance(critical, int) and all(
                found.path != at for found in self.findings.all
            ):
                self._compare(at, low, critical, opened, form.sku)

    def _compare(self, at: Path, low: Amount, critical: Amount, opened: int = 0, sku: str = "") -> None:
        same = isinstance(low, int) == isinstance(critical, int)
        if not same and not opened:
            return
        high, less = (low, critical) if same else (_level(low, opened), _level(critical, opened))
        if less >= high:
            what = Words(
                f"critical ({_said(critical)}) is not less than low ({_said(low)})"
                + (f" for {sku}, of which {opened} open" if sku else ""),
                f"critical（{_said(critical)}）没有小于 low（{_said(low)}）"
                + (f"：{sku} 开场 {opened} 件" if sku else ""),
            )
            self.findings.add(at, what, Words("critical less than low", "critical 小于 low"))

    def _check_bundle(self, form: ItemForm) -> None:
        if form.bundle:
            self._refuse_stock(form)
        for sku, units in (form.bundle or {}).items():
            at = (*form.at, "bundle", sku)
            if units > MOST_PER_BUNDLE:
                what = Words(f"{units} of one item in one bundle", f"一个套装里有 {units} 件")
                self.findings.add(at, what, Words(f"at most {MOST_PER_BUNDLE}", f"最多 {MOST_PER_BUNDLE} 件"))
            if sku not in self.skus:
                self.findings.unknown(
                    at,
                    Words(f"there is no item with the sku {sku}", f"没有编码为 {sku} 的商品"),
                    sku,
                    sorted(self.skus),
                )
            elif sku in self.bundles:
                self.findings.add(
                    at,
                    Words(f"{sku} is a bundle itself", f"{sku} 本身就是套装"),
                    Words("an item with stock", "有库存的商品"),
                )

    def _refuse_stock(self, form: ItemForm) -> None:
        for key in ("buffer", "incoming", "presale_limit"):
            if getattr(form, key):
                what = Words(
                    f"a bundle has no `{key}` of its own: it is made of its items",
                    f"套装没有自己的 `{key}`，由其中的商品组成",
                )
                self.findings.add((*form.at, key), what)

    def _known_location(self, place: str, at: Path) -> bool:
        if place in self.locations:
            return True
        what = Words(f"there is no location {place}", f"没有名为 {place} 的仓库")
        self.findings.unknown(at, what, place, self.locations)
        return False

    def _unique_skus(self) -> None:
        seen: dict[str, int] = {}
        for form in self.plan.item or ():
            number = int(form.at[1]) + 1
            if form.sku in seen:
                what = Words(
                    f"the sku {form.sku} already belongs to item {seen[form.sku]}",
                    f"编码 {form.sku} 已经是第 {seen[form.sku]} 个商品的",
                )
                self.findings.add(
                    (*form.at, "sku"), what, Words("a sku of its own for each item", "每个商品一个不同的编码")
                )
            seen.setdefault(form.sku, number)

    def _links(self) -> None:
        first: dict[int, ItemForm] = {}
        for form in self.plan.item or ():
            if form.link is None:
                continue
            other = first.setdefault(form.link, form)
            if other is not form and not may_share_link(form.product, other.product):
                what = Words(
                    f"link {form.link} is also {other.sku}'s, which is not a variant of the same product",
                    f"{form.link} 号链接也是 {other.sku} 的，但它们不是同一款",
                )
                expected = Words(
                    "another number, or the same `product` for both", "换一个链接号，或给两者写相同的款号（`product`）"
                )
                self.findings.add((*form.at, "link"), what, expected)


def _stocked(opening: Mapping[str, int]) -> list[str]:
    return [place for place, units in opening.items() if units]


def _part(amount: Amount, opening: int) -> int:
    return amount if isinstance(amount, int) else int(opening * amount)


def _level(amount: Amount, opened: int) -> Decimal:
    return Decimal(amount) if isinstance(amount, int) else amount * opened


def _said(amount: Amount) -> str:
    return str(amount) if isinstance(amount, int) else f"{(amount * 100).normalize():f}%"


def _threshold(amount: Amount) -> Threshold:
    return Threshold(units=amount) if isinstance(amount, int) else Threshold(share=float(amount))


def _money(value: str | int | None) -> str | None:
    return None if value is None else values.money_of(value)


def _which_location(key: str, locations: Sequence[str]) -> tuple[Words, Words]:
    inside = ", ".join(f"{place} = …" for place in locations[:4])
    return (
        Words(f"{len(locations)} locations, but one number", f"有 {len(locations)} 个仓库，却只写了一个数"),
        Words(f"{key} = {{ {inside} }}", f"{key} = {{ {inside} }}"),
    )
