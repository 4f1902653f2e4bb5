"""Named boards that a theme must be able to show. All of it is synthetic: no such room, items or numbers ever were.

`theme check`, `theme shot`, `theme preview` and the tests use these same boards. The picture of a state is about the item
that `subject_of(board, Selector())` gives: the one on air, or none in `nothing_on_air`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import quote

from msgspec.structs import replace

from overlaykit.board.types import (
    Announcement,
    Board,
    BoardItem,
    Countdown,
    Deadline,
    DropNow,
    Heat,
    ItemState,
    Product,
    SessionHead,
)
from overlaykit.theming.formats import Formats

NOW = "2026-11-11T12:00:00.000Z"
"""The moment at which every state stands still. Deadlines lie after it."""
STATE_TIMEZONE = "Asia/Shanghai"
STATE_LOCALES = ("zh-CN", "en")
STATE_CURRENCY = "CNY"
HUGE = 99_999
PACE = 12.5
"""Units a minute."""
_UNKNOWN = {"pace_per_minute": None, "sells_out_at": None}
MANY = 24

_Say = Callable[[str, str], str]
_HEAT: dict[ItemState, Heat] = {
    "upcoming": "grey",
    "on_sale": "green",
    "low": "yellow",
    "critical": "red",
    "sold_out": "red",
    "presale": "green",
    "closed": "grey",
}
_GOODS = (
    ("coat", "双面羊绒大衣", "Double-faced wool coat", "899.00", "1599.00", "#b08968"),
    ("scarf", "美利奴羊毛围巾", "Merino scarf", "99.00", "199.00", "#c1443c"),
    ("glove", "触屏羊毛手套", "Touchscreen gloves", "39.00", "79.00", "#5b7c99"),
    ("boots", "头层牛皮马丁靴", "Leather ankle boots", "399.00", "699.00", "#5a4632"),
    ("hat", "毛呢渔夫帽", "Felt bucket hat", "59.90", "129.00", "#7d8c5c"),
    ("mug", "316 不锈钢保温杯 500 ml", "Insulated steel mug 500 ml", "49.00", "99.00", "#4c8c86"),
)
_VARIANTS = (("黑 M", "黑 L", "燕麦 M", "燕麦 L"), ("black M", "black L", "oat M", "oat L"))
_LEFT = (240, 86, 31, 9, 0, 150)


def states(locale: str) -> dict[str, Board]:
    """State → board, titles in Chinese for Chinese locales, else in English. The order is that of a listing."""
    chinese = locale.split("-")[0] == "zh"

    def say(zh: str, en: str) -> str:
        return zh if chinese else en

    plain = _items(say)
    first = plain[0]
    soon, later = Deadline(ends_at=_after(minutes=4, seconds=59)), Deadline(ends_at=_after(minutes=31))
    drop = DropNow(name="eight", opening=50, available=7, remaining=0.14, sold=43, price="799.00", countdown=soon)
    boards = {
        "plenty": [first],
        "last_one": [stocked(first, 1, "critical")],
        "none_left": [replace(stocked(first, 0, "critical"), held=3)],
        "huge": [stocked(replace(first, opening=HUGE, price="99999.90"), HUGE, "on_sale")],
        "low": [stocked(first, 38, "low")],
        "critical": [stocked(first, 9, "critical")],
        "sold_out": [stocked(first, 0, "sold_out")],
        "upcoming": [replace(first, state="upcoming", heat="grey", sold=0, countdown=later, **_UNKNOWN)],
        "presale": [stocked(replace(first, ship_by="2026-11-20"), 60, "presale")],
        "drop": [replace(stocked(first, 190, "low"), drop=drop)],
        "stale": [replace(first, stale=True, heat="grey")],
        "long_titles": [_long(first, say)],
        "regions": [replace(first, regions={"CN-SH": 120, "CN-GD": 74, "CN-BJ": 28, "CN-SC": 3, "CN-XZ": 0})],
        "no_picture": [replace(first, image=None, subtitle=None, list_price=None, variant=None, link=None)],
    }
    found = {name: _board(locale, say, [*items, *plain[1:]]) for name, items in boards.items()}
    usual = found["plenty"]
    found["frozen"] = replace(usual, session=replace(usual.session, status="frozen"))
    ended = [replace(item, state="closed", heat="grey", on_air=item is first, **_UNKNOWN) for item in plain]
    found["ended"] = _board(locale, say, ended, status="closed")
    found["nothing_on_air"] = replace(
        usual, on_air=None, items={sku: replace(item, on_air=False) for sku, item in usual.items.items()}
    )
    found["countdown"] = replace(
        _board(locale, say, [replace(first, countdown=soon), *plain[1:]]),
        countdowns={"coupon": Countdown(name="coupon", sku=None, ends_at=_after(minutes=12))},
    )
    found["many_items"] = _board(locale, say, many_items(locale, MANY))
    found["announcement"] = replace(usual, announcements=_announcements(say))
    return {name: found[name] for name in STATE_NAMES}


STATE_NAMES = (
    "plenty",
    "low",
    "critical",
    "last_one",
    "none_left",
    "sold_out",
    "huge",
    "upcoming",
    "presale",
    "drop",
    "countdown",
    "stale",
    "frozen",
    "ended",
    "nothing_on_air",
    "long_titles",
    "many_items",
    "regions",
    "announcement",
    "no_picture",
)
"""Every state, in the order of `states`."""


def state_formats(locale: str) -> Formats:
    """How numbers, money and times of the states are written. Raises ThemeError for a locale that nobody knows."""
    return Formats(locale, STATE_TIMEZONE, STATE_CURRENCY)


def many_items(locale: str, count: int) -> list[BoardItem]:
    """`count` items in running order, of every heat, the first on air. Their skus tell them apart."""
    chinese = locale.split("-")[0] == "zh"
    plain = _items(lambda zh, en: zh if chinese else en)
    found = []
    for index in range(count):
        item = plain[index % len(plain)]
        around = index // len(plain)
        sku = item.sku if around == 0 else f"{item.sku}-{around + 1}"
        variant = _VARIANTS[0 if chinese else 1][around % len(_VARIANTS[0])] if item.product else None
        item = replace(item, sku=sku, link=index + 1, on_air=index == 0, variant=variant)
        units = max(0, item.available - around * 17)
        found.append(stocked(item, units, usual_state(units, item.opening)))
    return found


def picture_of(text: str, colour: str) -> str:
    """A drawn stand-in for a product photo, as a data URL: what loads without a network."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600"><defs><linearGradient id="g" x2="0.6" y2="1">'
        f'<stop stop-color="#f4efe8"/><stop offset="1" stop-color="{colour}"/></linearGradient></defs>'
        '<rect width="600" height="600" fill="url(#g)"/>'
        f'<circle cx="300" cy="280" r="150" fill="{colour}" opacity="0.85"/>'
        '<text x="300" y="330" font-size="150" font-family="sans-serif" font-weight="700" text-anchor="middle" '
        f'fill="#fff">{text}</text></svg>'
    )
    return "data:image/svg+xml," + quote(svg)


def _items(say: _Say) -> list[BoardItem]:
    found = []
    for index, (sku, zh, en, price, was, colour) in enumerate(_GOODS):
        title, opening, units = say(zh, en), 300, _LEFT[index]
        item = BoardItem(
            sku=sku,
            link=index + 1,
            product="coat" if sku == "coat" else None,
            variant=say("黑 M", "black M") if sku == "coat" else None,
            title=title,
            subtitle=say("限时直播价", "Live price today") if index % 2 == 0 else None,
            price=price,
            list_price=was,
            image=picture_of(title[0], colour),
            state="on_sale",
            on_air=index == 0,
            available=units,
            opening=opening,
            sold=opening - units,
            held=0,
            oversold=0,
            remaining=units / opening,
            heat="green",
            stale=False,
            ship_by=None,
            countdown=None,
            drop=None,
            regions={},
            pace_per_minute=PACE,
            sells_out_at=None,
        )
        found.append(stocked(item, units, usual_state(units, opening)))
    return found


def stocked(item: BoardItem, units: int, state: ItemState) -> BoardItem:
    """The item in `state` with so many units left, and all that follows from it."""
    opening = max(item.opening, units)
    return replace(
        item,
        available=units,
        opening=opening,
        sold=opening - units,
        remaining=units / opening if opening else 0.0,
        state=state,
        heat=_HEAT[state],
        sells_out_at=_sells_out_at(units) if state in ("on_sale", "low", "critical") else None,
    )


def _sells_out_at(units: int) -> str | None:
    """At the pace of every state; None without any left, and when it takes more than an hour."""
    seconds = round(units / PACE * 60)
    return _after(seconds=seconds) if 0 < seconds < 3600 else None


def usual_state(units: int, opening: int) -> ItemState:
    """on_sale, low from a fifth on, critical from a twentieth on, or sold_out."""
    share = units / opening if opening else 0.0
    return "sold_out" if units == 0 else "critical" if share <= 0.05 else "low" if share <= 0.2 else "on_sale"


def _long(item: BoardItem, say: _Say) -> BoardItem:
    return replace(
        item,
        title=say(
            "【直播间专享加赠运费险】澳洲美利奴双面羊绒大衣女中长款秋冬新款高级感廓形外套送真丝内搭",
            "Live-room exclusive: Australian merino double-faced wool coat, mid-length relaxed fit, with a silk inner top",
        ),
        subtitle=say(
            "尺码 XS–XXL 齐全，支持七天无理由退换，下单即赠收纳袋与护理喷雾",
            "All sizes XS–XXL, seven days to return it, with a garment bag and a care spray",
        ),
        variant=say("燕麦色拼驼色加长款 XXL（180/100A）", "Oatmeal with camel, long, XXL (180/100A)"),
        price="12888.80",
        list_price="25999.00",
    )


def _announcements(say: _Say) -> list[Announcement]:
    return [
        Announcement(
            id="a1", text=say("八点整发放满减红包", "Coupons at eight sharp"), level="info", sku=None, ends_at=None
        ),
        Announcement(
            id="a2",
            text=say("3号链接库存更正，请以页面为准", "Link 3: stock was corrected, trust the page"),
            level="warning",
            sku="glove",
            ends_at=None,
        ),
        Announcement(
            id="a3",
            text=say("网络波动，下单稍慢，库存数字准确", "Orders are slow just now; the numbers are right"),
            level="urgent",
            sku=None,
            ends_at=_after(minutes=2),
        ),
    ]


def _board(locale: str, say: _Say, items: Iterable[BoardItem], status: str = "live") -> Board:
    found = {item.sku: item for item in items}
    on_air = next((item for item in found.values() if item.on_air), None)
    kin: dict[str, list[BoardItem]] = {}
    for item in found.values():
        if item.product is not None:
            kin.setdefault(item.product, []).append(item)
    products = {
        product: Product(
            available=sum(each.available or 0 for each in variants),
            variants=[each.sku for each in variants],
            gone=[each.sku for each in variants if each.state in ("sold_out", "closed")],
        )
        for product, variants in kin.items()
    }
    return Board(
        session=SessionHead(
            id="synthetic",
            title=say("双11 专场（合成数据）", "Singles' Day (synthetic)"),
            status=status,  # type: ignore[arg-type]
            locale=locale,
            currency=STATE_CURRENCY,
        ),
        seq=1,
        on_air=on_air.sku if on_air else None,
        on_air_product=on_air.product if on_air else None,
        items=found,
        products=products,
        order=list(found),
        countdowns={},
        announcements=[],
    )


def _after(*, minutes: int = 0, seconds: int = 0) -> str:
    """NOW and so much later, within the hour."""
    minutes += seconds // 60
    return f"2026-11-11T12:{minutes:02d}:{seconds % 60:02d}.000Z"
