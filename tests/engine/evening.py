"""A plan with something of everything: three locations, two of them with a region in common, channels, drops that open by
themselves and by hand, bundles, a presale item, buffers, units on their way, limits."""

from __future__ import annotations

import datetime as dt

from overlaykit.model.sessions import (
    Channel,
    Countdown,
    Drop,
    Incoming,
    Item,
    Location,
    Rate,
    SessionPlan,
    Threshold,
)

START_MS = 1_790_000_000_000
LOW, CRITICAL = Threshold(share=0.5), Threshold(units=2)

LOCATIONS = (
    Location(name="hz", title="杭州仓", serves=("east",), source="wms", backup="csv"),
    Location(name="gz", title="广州仓", serves=("south", "east"), source="erp"),
    Location(name="bj", title="北京仓", serves=("north",)),
)
CHANNELS = (
    Channel(name="mini", title="小程序"),
    Channel(name="douyin", title="抖音", sells="by_itself"),
    Channel(name="shop", title="独立站"),
)
COUNTDOWNS = (Countdown(name="coupon", sku="A", seconds=30.0),)
DROPS = (
    Drop(name="flash", sku="A", quantity=6, opens_at="", closes_after=40.0, buyer_limit=3, price="9.90"),
    Drop(name="hand", sku="A", quantity=4),
    Drop(name="small", sku="B", quantity=2, closes_after=20.0),
)


def at(seconds: float) -> str:
    """So many seconds after the start, RFC 3339 UTC."""
    moment = dt.datetime.fromtimestamp((START_MS + seconds * 1000) / 1000, dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def items(*, opening: int = 20, buyer_limit: int | None = 7) -> tuple[Item, ...]:
    return (
        Item(
            sku="A",
            link=1,
            product="p",
            title="甲",
            opening={"hz": opening, "gz": opening // 2},
            low=LOW,
            critical=CRITICAL,
            buyer_limit=buyer_limit,
        ),
        Item(
            sku="B",
            link=2,
            product="p",
            title='乙 "/" \\',
            opening={"hz": 6},
            buffer={"hz": 2},
            low=LOW,
            critical=CRITICAL,
        ),
        Item(sku="C", link=3, title="丙", opening={}, low=LOW, critical=CRITICAL),
        Item(
            sku="P",
            link=4,
            title="预售",
            opening={"gz": 2},
            incoming={"hz": Incoming(8, "2026-10-01"), "gz": Incoming(3, "2026-10-05")},
            presale_limit=9,
            low=LOW,
            critical=CRITICAL,
        ),
        Item(
            sku="X",
            link=5,
            product="sets",
            title="套装",
            opening={},
            bundle={"A": 2, "B": 1},
            buyer_limit=2,
            low=LOW,
            critical=CRITICAL,
        ),
        Item(
            sku="Y",
            link=5,
            product="sets",
            title="大套装",
            opening={},
            bundle={"A": 1, "P": 2},
            low=LOW,
            critical=CRITICAL,
        ),
    )


def make_evening(
    ledger: str,
    *,
    split: bool = False,
    rates: bool = False,
    opening: int = 20,
    buyer_limit: int | None = 7,
    hold_seconds: float = 60.0,
    drops: tuple[Drop, ...] | None = None,
) -> SessionPlan:
    """The plan. With `rates`, a buyer may take 14 units in 45.007 s and try four times in half a minute."""
    opens = tuple(
        Drop(
            name=drop.name,
            sku=drop.sku,
            quantity=drop.quantity,
            opens_at=at(30) if drop.opens_at is not None else None,
            closes_after=drop.closes_after,
            buyer_limit=drop.buyer_limit,
            price=drop.price,
        )
        for drop in (DROPS if drops is None else drops)
    )
    return SessionPlan(
        id=ledger,
        ledger=ledger,
        title="测试场",
        hold_seconds=hold_seconds,
        split=split,
        buyer_rate=Rate(count=14, per=45.007) if rates else None,
        attempt_rate=Rate(count=4, per=30.0) if rates else None,
        items=items(opening=opening, buyer_limit=buyer_limit),
        locations=LOCATIONS,
        channels=CHANNELS,
        countdowns=COUNTDOWNS,
        drops=opens,
    )


def make_plan(ledger: str, *, split: bool = False, opening: int = 20) -> SessionPlan:
    """Its plain part: `A` in two locations, `B` in the first with a buffer, `C` nowhere yet; one channel."""
    return SessionPlan(
        id=ledger,
        ledger=ledger,
        title="测试场",
        hold_seconds=60.0,
        split=split,
        items=items(opening=opening, buyer_limit=None)[:3],
        locations=LOCATIONS[:2],
        channels=CHANNELS[:1],
        countdowns=COUNTDOWNS,
    )
