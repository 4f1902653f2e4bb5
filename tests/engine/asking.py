"""What may be asked of the evening's room, as Hypothesis strategies: mostly things that matter, some that make no sense."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from overlaykit.model import commands as c
from overlaykit.model import fields
from overlaykit.model import notes as n
from overlaykit.model.sessions import Threshold

ORDER_NAMES = [f"order-{number}" for number in range(1, 16)]

SKUS = st.sampled_from(["A", "A", "A", "B", "C", "P", "X", "Y"])
PLAIN = st.sampled_from(["A", "A", "B", "C", "P"])
STRAY = st.sampled_from(["A", "B", "P", "X", "N", "nowhere"])
LOCATIONS = st.sampled_from([None, None, None, None, "hz", "gz", "bj"])
REGIONS = st.sampled_from([None, None, "east", "south", "north", "west"])
PLACES = st.sampled_from(["hz", "hz", "gz", "bj", None])
ORDERS = st.sampled_from(ORDER_NAMES)
CHANNELS = st.sampled_from([None, "mini", "mini", "douyin", "shop"])
BUYERS = st.sampled_from([None, None, "li", "wang"])
DROPS = st.sampled_from([None, None, None, "flash", "hand", "small"])
UNITS = st.sampled_from([1, 1, 2, 2, 3, 4, 6, 9, 14])
FACTS = st.booleans()


@st.composite
def _line(draw: st.DrawFn) -> fields.Line:
    sku, place = draw(SKUS), draw(LOCATIONS)
    drop = draw(DROPS) if sku in ("A", "B") else None
    return fields.Line(sku, draw(UNITS), location=place, region=draw(REGIONS) if place is None else None, drop=drop)


LINES = st.lists(_line(), min_size=1, max_size=3).map(tuple)
PARTS = st.one_of(
    st.none(),
    st.lists(st.builds(fields.Part, SKUS, UNITS), min_size=1, max_size=2).map(tuple),
)
RESERVES = st.builds(
    c.OrderReserve,
    order=ORDERS,
    channel=CHANNELS,
    buyer=BUYERS,
    lines=LINES,
    hold_seconds=st.sampled_from([None, None, 1.0, 5.0]),
    personal=st.booleans(),
)
RECORDS = st.builds(c.OrderRecord, order=ORDERS, channel=CHANNELS, buyer=BUYERS, lines=LINES, paid=st.booleans())
COMMITS = st.builds(c.OrderCommit, order=ORDERS, fact=FACTS)
RELEASES = st.builds(c.OrderRelease, order=ORDERS, lines=PARTS, fact=FACTS)
SHIPS = st.builds(c.OrderShip, order=ORDERS, lines=PARTS, fact=FACTS)
REFUNDS = st.builds(c.OrderRefund, order=ORDERS, lines=PARTS, restock=st.booleans(), fact=FACTS)
ADJUSTS = st.builds(
    c.StockAdjust,
    sku=PLAIN,
    location=PLACES,
    bucket=st.sampled_from([c.Bucket.AVAILABLE, *c.Bucket]),
    delta=st.integers(-6, 9).filter(bool),
    reason=st.just("测试"),
)
BUCKETS = st.sampled_from([str(bucket) for bucket in c.Bucket])


@st.composite
def _transfer(draw: st.DrawFn) -> c.StockTransfer:
    source, target = draw(BUCKETS), draw(BUCKETS)
    if source == target:
        source, target = (f"location:{draw(st.sampled_from(['hz', 'gz', 'bj']))}" for _ in range(2))
        if source == target:
            source, target = "incoming", "available"
    sku = "P" if source == "incoming" else draw(PLAIN)
    return c.StockTransfer(sku=sku, quantity=draw(UNITS), from_=source, to=target, location=draw(PLACES))


TRANSFERS = _transfer()
LOOKS = st.builds(
    c.OverlaySet,
    theme=st.sampled_from(["neon", "paper", None]),
    options=st.dictionaries(
        st.sampled_from(["accent", "motion", "low"]), st.sampled_from(["#e4002b", 20, 1.5, True, None]), max_size=2
    ),
)
ORDER_COMMANDS = st.one_of(RESERVES, RESERVES, RECORDS, COMMITS, RELEASES, SHIPS, REFUNDS)
MIXED = st.one_of(ORDER_COMMANDS, ORDER_COMMANDS, ADJUSTS, TRANSFERS)

SALES = st.one_of(
    st.builds(c.ItemOpen, sku=st.sampled_from(["A", "B", "X", "N", "nowhere"])),
    st.builds(c.ItemClose, sku=st.sampled_from(["C", "B", "X", "nowhere"])),
)
MODES = st.one_of(
    st.builds(
        c.ItemMode,
        sku=st.sampled_from(["P", "P", "X", "nowhere"]),
        mode=st.just(c.Mode.PRESALE),
        ship_by=st.just("2026-10-08"),
    ),
    st.builds(c.ItemMode, sku=st.sampled_from(["P", "A"]), mode=st.just(c.Mode.SPOT)),
)


@st.composite
def _add(draw: st.DrawFn) -> c.ItemAdd:
    place, bundle = (
        draw(st.sampled_from(["hz", "bj", "mars"])),
        draw(st.sampled_from([{}, {}, {"A": 1, "C": 2}, {"nowhere": 1}])),
    )
    return c.ItemAdd(
        sku=draw(st.sampled_from(["N", "N", "A", "Z"])),
        title="新品",
        link=9,
        opening={} if bundle else {place: 5},
        buffer={} if bundle else {place: 1},
        bundle=bundle,
        on_sale=draw(st.booleans()),
        critical=draw(st.sampled_from([None, Threshold(share=0.5), Threshold(units=1)])),
    )


_CHANGES: list[dict[str, Any]] = [
    {"buyer_limit": None},
    {"buyer_limit": 5},
    {"presale_limit": None},
    {"presale_limit": 6},
    {"title": "改", "price": "1.50", "subtitle": None},
    {"link": 9, "product": "q"},
    {"link": 1},
    {"product": "q"},
    {"product": None},
    {"link": None},
    {"low": Threshold(units=3)},
    {"low": Threshold(share=0.1)},
    {"critical": Threshold(share=0.15)},
    {"critical": Threshold(units=4)},
]
UPDATES = st.builds(
    lambda sku, changes: c.ItemUpdate(sku=sku, **changes),
    st.sampled_from(["A", "B", "P", "X", "nowhere"]),
    st.sampled_from(_CHANGES),
)
MOVES = st.builds(c.ItemMove, sku=st.sampled_from(["A", "B", "P", "nowhere"]), position=st.integers(1, 8))
ON_AIR = st.sampled_from([None, None, "mini", "radio"])
FEATURES = st.one_of(
    st.builds(c.ItemFeature, sku=st.sampled_from([None, "A", "B", "nowhere"]), channel=ON_AIR),
    st.builds(c.ItemFeature, link=st.sampled_from([1, 5, 9, 77]), channel=ON_AIR),
    st.builds(c.ItemFeature, product=st.sampled_from(["p", "q", "nothing"]), channel=ON_AIR),
)
CATALOGUE = st.one_of(SALES, MODES, MODES, _add(), UPDATES, MOVES, FEATURES)
ALLOTMENTS = st.builds(
    c.AllotmentSet,
    sku=st.sampled_from(["A", "A", "B", "B", "P", "X", "nowhere"]),
    channel=st.sampled_from(["mini", "mini", "mini", "douyin", "shop", "radio"]),
    quantity=st.sampled_from([None, 0, 2, 4, 8, 15]),
)
DROP_NAMES = st.sampled_from(["flash", "hand", "hand", "small", "small", "nothing"])
TURNS_OF_DROPS = st.one_of(
    st.builds(c.DropRelease, drop=DROP_NAMES),
    st.builds(c.DropRelease, drop=DROP_NAMES),
    st.builds(c.DropClose, drop=DROP_NAMES),
)
TURNS = st.sampled_from([c.SessionFreeze(), c.SessionFreeze(), c.SessionThaw(), c.SessionThaw(), c.SessionOpen()])

RULES, TASKS, SOURCES = st.sampled_from(["last", "售罄"]), st.sampled_from(["t1", "t2", "t/3"]), ["wms", "csv", "erp"]
WAYS, PLATFORM_SKUS = st.sampled_from(["channel.mini", "source.wms"]), st.sampled_from(["3501", "3 02", "礼/盒"])
ALERTS = st.sampled_from(
    [
        *("oversold:A", "oversold:B", "oversold:P", "source:wms", "source:csv", "obs:main"),
        *("rule:alert-1:A", "rule:last", "unmapped:mini:3 02", "unmapped:douyin:礼/盒"),
    ]
)
DIRECTION = st.one_of(
    st.builds(c.RuleSet, name=RULES, enabled=st.sampled_from([True, False, None])),
    st.builds(c.RuleFire, name=RULES, sku=st.sampled_from([None, "A", "nowhere"])),
    st.builds(c.TaskDone, task=TASKS),
    st.builds(c.TaskDone, task=TASKS, declined=st.booleans()),
    st.just(c.ButtonPress(name="红包")),
    st.builds(c.AlertAcknowledge, alert=ALERTS),
    st.builds(c.AlertSnooze, alert=ALERTS, seconds=st.sampled_from([1.0, 600.0])),
    st.builds(c.NoteSet, text=st.sampled_from([None, '说"秒杀"', "讲慢一点"])),
    st.builds(c.ConnectorPause, name=WAYS, reason=st.sampled_from([None, "平台维护"])),
    st.builds(c.ConnectorResume, name=WAYS),
    st.builds(
        c.QuarantineMap,
        channel=st.sampled_from(["mini", "douyin", "radio"]),
        platform_sku=PLATFORM_SKUS,
        sku=st.sampled_from(["A", "X", "nowhere"]),
        quantity=st.integers(1, 2),
    ),
    st.builds(c.QuarantineDrop, channel=st.sampled_from(["mini", "douyin"]), platform_sku=PLATFORM_SKUS),
    st.just(c.EmergencyRun(name="超卖")),
    st.just(c.ObsDo(obs="main", request="ToggleStream", data={"a": [1, 0.5, None]})),
    st.sampled_from([c.OverlayRefresh(), c.OverlayRefresh(page="p-1")]),
)
_PACES = st.tuples(st.sampled_from([None, 0.0, 2.5, 40.0]), st.sampled_from([None, "2026-11-11T12:30:00.000Z"]))
_SKUS_NOW = st.sampled_from(["A", "A", "B", "P", "X", "N", "nowhere"])
_SINCE = st.just("2026-11-11T12:00:00.000Z")
NOTES = st.one_of(
    st.builds(n.RuleFired, rule=RULES, sku=st.sampled_from([None, "A"]), key=st.just("k"), values=st.just({"left": 2})),
    st.builds(n.RuleSkipped, rule=RULES, key=st.just("k")),
    st.builds(n.TaskOpened, task=TASKS, text=st.sampled_from(["发券", "下一款"]), copy=st.booleans()),
    st.builds(
        n.TaskOpened,
        task=TASKS,
        text=st.sampled_from(["发券", "下一款"]),
        confirm=st.booleans(),
        trouble=st.sampled_from([None, "failed"]),
    ),
    st.builds(
        n.AlertRaised,
        rule=st.sampled_from(["alert-1", "last"]),
        sku=st.sampled_from([None, "A"]),
        text=st.just("快没了"),
        level=st.sampled_from(["info", "urgent"]),
    ),
    st.builds(n.ForecastUpdated, items=st.dictionaries(_SKUS_NOW, _PACES, min_size=1, max_size=3)),
    st.builds(n.SourceStale, source=st.sampled_from(SOURCES), since=_SINCE),
    st.builds(n.SourceStale, source=st.sampled_from(SOURCES), since=_SINCE),
    st.builds(n.SourceFresh, source=st.sampled_from(SOURCES)),
    st.builds(
        n.OrderUnmapped,
        channel=st.sampled_from(["mini", "douyin"]),
        order=st.sampled_from(["mini:1", 'mini:"2"']),
        platform_skus=st.dictionaries(PLATFORM_SKUS, st.integers(1, 3), min_size=1, max_size=3),
    ),
    st.builds(
        n.StockPushed,
        channel=st.sampled_from(["mini", "douyin"]),
        levels=st.dictionaries(_SKUS_NOW, st.sampled_from([0, 7, 12_345]), max_size=2),
        failed=st.dictionaries(_SKUS_NOW, st.sampled_from(["", "库存不足"]), max_size=2),
    ),
    st.builds(
        n.ObsChanged,
        obs=st.just("main"),
        state=st.builds(
            n.ObsState,
            connected=st.booleans(),
            wanted=st.booleans(),
            problems=st.sampled_from([(), ("没有场景 特写",)]),
        ),
    ),
    st.builds(n.ObsHealth, obs=st.just("main"), values=st.builds(n.ObsValues, fps=st.sampled_from([None, 29.97]))),
    st.just(n.ChatHeard(channel="mini", keyword="多少", text="还有多少?")),
    st.just(n.ActionDone(firing=2, index=0, action="announce", status="done", ms=0.5)),
    st.just(n.ObsActed(firing=2, index=1, action="obs.scene", target="main", status="failed", detail="没有场景")),
)
