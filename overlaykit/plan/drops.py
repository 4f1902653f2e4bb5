"""Drops (波次) of the form, checked against the items they are batches of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from overlaykit.model.sessions import Drop, Item
from overlaykit.plan.form import DropForm
from overlaykit.plan.reader import Findings
from overlaykit.words import Words


def check_drops(
    forms: Sequence[DropForm],
    drops: Sequence[Drop],
    items: Mapping[str, Item],
    *,
    counted: Collection[str],
    starts: dt.datetime | None,
    findings: Findings,
) -> None:
    """What cannot be about the resolved `drops`, which came of `forms` in this order.

    items     the plan's items by sku
    counted   skus whose opening stock stands in the plan, not in a source that is asked later
    """
    taken: dict[str, int] = {}
    for form, drop in zip(forms, drops, strict=True):
        item = items.get(drop.sku)
        if item is None:  # already said
            continue
        if item.bundle:
            what = Words(
                f"{drop.sku} is a bundle: its units are those of its items", f"{drop.sku} 是套装，没有自己的库存"
            )
            findings.add((*form.at, "sku"), what, Words("an item with stock", "有库存的商品"))
            continue
        taken[drop.sku] = taken.get(drop.sku, 0) + drop.quantity
        if drop.sku in counted:
            _check_quantity(form, item, drop.quantity, taken[drop.sku], findings)
        if drop.opens_at is not None and starts is not None and dt.datetime.fromisoformat(drop.opens_at) < starts:
            what = Words("it opens before the room does (`starts`)", "早于开播时间 `starts`")
            findings.add((*form.at, "opens_at"), what, Words("a time during the session", "开播之后的时间"))


def _check_quantity(form: DropForm, item: Item, quantity: int, together: int, findings: Findings) -> None:
    opening, buffer = sum(item.opening.values()), sum(item.buffer.values())
    if together <= opening - buffer:
        return
    sellable = f"{opening - buffer}" + (f" ({opening} − {buffer})" if buffer else "")
    if together == quantity:
        what = Words(
            f"{quantity} in the batch, and {sellable} of {item.sku} open for sale",
            f"本波次 {quantity} 件，而 {item.sku} 开场可售 {sellable} 件",
        )
    else:
        what = Words(
            f"the drops of {item.sku} are {together} together, and {sellable} of it open for sale",
            f"{item.sku} 的各波次合计 {together} 件，而开场可售 {sellable} 件",
        )
    expected = Words("together at most the opening stock less the buffer", "合计不超过开场库存减去弹性库存")
    findings.add((*form.at, "quantity"), what, expected)
