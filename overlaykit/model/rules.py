"""What a command's types cannot say: rules that concern several of its fields, days that exist, names without control characters.

A broken rule is (path, words), as `InvalidCommand` carries them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Struct

from overlaykit.model.legible import MOST_MARKS, Trouble, trouble_of
from overlaykit.model.sessions import Threshold
from overlaykit.words import Words

if TYPE_CHECKING:
    from overlaykit.model import commands as c

Broken = tuple[str, Words]

MOST_PER_BUNDLE = 1000
"""Units of one component in one bundle."""
MOST_ENTRIES = 200
"""Entries of a list or table of an item: aliases, facts, components, locations."""
_MANY = Words(f"may have {MOST_ENTRIES} entries at the most", f"最多 {MOST_ENTRIES} 条")
MOST_OBS_BYTES = 16_384
"""The data of a request to OBS."""

EARLIEST, LATEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
_NAMES = ("id", "order", "channel", "buyer", "sku", "location", "region", "drop", "product", "name", "source")
_MORE_NAMES = (
    "announcement",
    "from_",
    "to",
    "title",
    "variant",
    "subtitle",
    "image",
    "theme",
    "task",
    "alert",
    "obs",
    "page",
    "platform_sku",
)
_NAMED_TABLES = ("aliases", "facts", "opening", "buffer", "bundle")


def broken_rule(type: str, command: Struct) -> Broken | None:
    """The first rule that a command of this type breaks."""
    rule = _RULES.get(type)
    return rule(command) if rule is not None else None


def control_character(command: Struct) -> Broken | None:
    """Names stand in keys and on screens. In JSON a control character is always escaped, so most texts need no look."""
    for path, text in _names(command):
        if any(ord(character) < 32 for character in text):
            return path, Words("must not contain control characters", "不能有控制字符（看不见的字符）")
    return None


def _names(command: Struct) -> Iterator[tuple[str, str]]:
    parts: list[tuple[str, Struct]] = [("", command)]
    parts += [(f"lines[{index}].", line) for index, line in enumerate(getattr(command, "lines", None) or ())]
    for prefix, part in parts:
        for name in (*_NAMES, *_MORE_NAMES):
            text = getattr(part, name, None)
            if isinstance(text, str):
                yield prefix + name.rstrip("_"), text
    for table in _NAMED_TABLES:
        found = getattr(command, table, None)
        if isinstance(found, dict):
            for name, value in found.items():
                yield table, name
                if isinstance(value, str):
                    yield f"{table}.{name}", value
        elif isinstance(found, tuple):
            yield from ((f"{table}[{index}]", text) for index, text in enumerate(found))


def may_share_link(product: str | None, other: str | None) -> bool:
    """Whether two items of these products may have the same link number: variants of one product alone. lua/ops/catalogue.lua
    refuses commands by the same rule."""
    return product is not None and product == other


def _first(found: Iterable[Broken | None]) -> Broken | None:
    return next((each for each in found if each is not None), None)


def _day(path: str, day: str | None) -> Broken | None:
    try:
        if day is not None:
            dt.date.fromisoformat(day)
    except ValueError:
        return path, Words(f"there is no day {day}", f"没有 {day} 这一天")
    return None


def _moment(path: str, moment: object) -> Broken | None:
    if isinstance(moment, dt.datetime) and not EARLIEST <= moment < LATEST:
        return path, Words("must lie between the years 2000 and 2998", "要在 2000 年到 2998 年之间")
    return None


def _stock_adjust(command: c.StockAdjust) -> Broken | None:
    if command.delta == 0:
        return "delta", Words("must not be 0", "不能是 0")
    if command.due is not None and command.bucket != "incoming":
        return "due", Words(
            "is for the bucket incoming alone: the day these units come", "只用于在途（incoming）：到货的日子"
        )
    return _day("due", command.due)


def _stock_count(command: c.StockCount) -> Broken | None:
    return _moment("as_of", command.as_of)


def _stock_transfer(command: c.StockTransfer) -> Broken | None:
    between = [place.startswith("location:") for place in (command.from_, command.to)]
    if command.from_ == command.to:
        return "to", Words("must be another place than `from`", "要与 from 不同")
    if between[0] != between[1]:
        return "to", Words(
            "both are buckets of one location (available, buffer, incoming, damaged), or both are location:NAME",
            "from 和 to 要么都是同一仓库的一类库存（available、buffer、incoming、damaged），要么都是 location:仓库",
        )
    if between[0] and command.location is not None:
        return "location", Words(
            "is for a move between buckets; between locations `from` and `to` name them",
            "只用于同一仓库内的划转；仓库之间调拨由 from 和 to 写明仓库",
        )
    return None


def _item_mode(command: c.ItemMode) -> Broken | None:
    if command.ship_by is not None and command.mode != "presale":
        return "ship_by", Words(
            "is for the mode presale alone: the day by which its units are sent",
            "只用于预售（presale）：最晚发货的日子",
        )
    return _day("ship_by", command.ship_by)


def _item_add(command: c.ItemAdd) -> Broken | None:
    return _first(
        (
            _sku("sku", command.sku),
            _readable(command, "title", "subtitle", "variant"),
            _threshold("low", command.low),
            _threshold("critical", command.critical),
            _levels(command.low, command.critical),
            _image(command.image),
            *(_length(table, getattr(command, table)) for table in _NAMED_TABLES),
            _kept_back(command),
            _bundle(command),
        )
    )


def _kept_back(command: c.ItemAdd) -> Broken | None:
    for place, units in command.buffer.items():
        if units > command.opening.get(place, 0):
            opening = command.opening.get(place, 0)
            return f"buffer.{place}", Words(
                f"{units} are more than the {opening} that open there", f"{units} 超过这里的开场库存 {opening}"
            )
    return None


def _bundle(command: c.ItemAdd) -> Broken | None:
    if not command.bundle:
        return None
    for field in ("opening", "buffer"):
        if getattr(command, field):
            return field, Words(
                "a bundle has no stock of its own: it is made of its items", "套装没有自己的库存，由组成商品决定"
            )
    if command.presale_limit is not None:
        return "presale_limit", Words(
            "a bundle sells what its items sell: it has no presale of its own", "套装跟随组成商品，没有自己的预售"
        )
    for sku, units in command.bundle.items():
        if sku == command.sku:
            return f"bundle.{sku}", Words("a bundle cannot be made of itself", "套装不能包含自己")
        if units > MOST_PER_BUNDLE:
            return f"bundle.{sku}", Words(
                f"at most {MOST_PER_BUNDLE} of an item in one bundle", f"一套里一种商品最多 {MOST_PER_BUNDLE} 件"
            )
    return None


def _item_update(command: c.ItemUpdate) -> Broken | None:
    changed = [name for name in command.__struct_fields__ if name not in ("id", "sku")]
    if all(getattr(command, name) is UNSET for name in changed):
        return "", Words(
            f"changes nothing: give at least one of {', '.join(changed)}",
            f"没有任何修改：至少写 {'、'.join(changed)} 中的一个",
        )
    return _first(
        (
            _readable(command, "title", "subtitle", "variant"),
            _threshold("low", command.low),
            _threshold("critical", command.critical),
            _levels(command.low, command.critical),
            _image(command.image),
            _length("aliases", command.aliases),
            _length("facts", command.facts),
        )
    )


def _sku(path: str, sku: str) -> Broken | None:
    unfit = Words("must not begin or end with a space", "开头和结尾不能有空格")
    return (path, unfit) if sku != sku.strip() else None


_TROUBLES: Mapping[Trouble, Words] = {
    "empty": Words("must have something to read, not spaces alone", "要有能看见的字，不能只有空格"),
    "turning": Words(
        "must not leave a control of the direction of writing open, which turns round what stands beside it",
        "有没关闭的文字方向控制符，会把旁边的字倒过来",
    ),
    "piled": Words(
        f"must not have more than {MOST_MARKS} marks on one letter", f"一个字母上不能叠加超过 {MOST_MARKS} 个符号"
    ),
}


def _readable(command: Struct, *names: str) -> Broken | None:
    for name in names:
        text = getattr(command, name)
        if isinstance(text, str) and (trouble := trouble_of(text)) is not None:
            return name, _TROUBLES[trouble]
    return None


def _threshold(path: str, threshold: object) -> Broken | None:
    if not isinstance(threshold, Threshold):
        return None
    if (threshold.units is None) == (threshold.share is None):
        return path, Words(
            "give exactly one of units and share", "件数（units）和比例（share）写一个，不能都写或都不写"
        )
    if threshold.units is not None and not 0 <= threshold.units <= 1_000_000_000:
        return f"{path}.units", Words("must be 0 … 1,000,000,000", "要在 0 … 1,000,000,000 之间")
    if threshold.share is not None and not 0 <= threshold.share <= 1:
        return f"{path}.share", Words("must be 0 … 1: 0.2 is 20 %", "要在 0 … 1 之间：0.2 就是 20%")
    return None


def _levels(low: object, critical: object) -> Broken | None:
    """Levels of different kinds depend on the units opened, and are left to the board; one that is not named is known to the
    engine alone, which compares it."""
    if not isinstance(low, Threshold) or not isinstance(critical, Threshold):
        return None
    for high, less in ((low.units, critical.units), (low.share, critical.share)):
        if high is not None and less is not None and less >= high:
            return "critical", Words("must be less than low", "告急线要低于预警线（low）")
    return None


def _image(image: object) -> Broken | None:
    """As in a plan: an address, or a file inside the session's folder."""
    if not isinstance(image, str) or re.match(r"https?://[^/\s]", image):
        return None
    if "\\" in image or ":" in image or image.startswith("/") or ".." in image.split("/"):
        return "image", Words(
            "must be an http(s) address, or a file in the session's folder such as img/scarf.webp",
            "要写 http(s) 网址，或场次文件夹里的文件，例如 img/scarf.webp",
        )
    return None


def _length(path: str, found: Any) -> Broken | None:
    if found is not UNSET and len(found) > MOST_ENTRIES:
        return path, _MANY
    return None


def _item_feature(command: c.ItemFeature) -> Broken | None:
    if [command.sku, command.product, command.link].count(UNSET) != 2:
        return "sku", Words(
            "give exactly one of sku, product, link (sku: null takes everything off air)",
            "sku、product、link 写一个，也只写一个（sku 为 null：什么都不讲）",
        )
    return None


def _countdown_set(command: c.CountdownSet) -> Broken | None:
    if [command.ends_at, command.seconds, command.extend].count(UNSET) != 2:
        return "ends_at", Words(
            "give exactly one of ends_at, seconds and extend (ends_at: null takes the countdown away)",
            "ends_at、seconds、extend 写一个，也只写一个（ends_at 为 null：取消倒计时）",
        )
    if command.extend == 0:
        return "extend", Words("must not be 0", "不能是 0")
    if command.extend is not UNSET and command.sku is not None:
        return "sku", Words(
            "leave it out: a countdown that is extended stays with its item", "不用写：加时的倒计时还是原来的商品"
        )
    return _moment("ends_at", command.ends_at)


def _overlay_set(command: c.OverlaySet) -> Broken | None:
    if command.theme is UNSET and not command.options:
        return "", Words(
            "changes nothing: give theme, options, or both", "没有任何修改：写 theme 或 options，或两个都写"
        )
    if len(command.options) > MOST_ENTRIES:
        return "options", _MANY
    for name, value in command.options.items():
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            return "options", Words(
                f"{name!r} is no option: a name has small letters, digits and _, such as low_colour",
                f"{name} 不是选项名：只能用小写字母、数字和 _，例如 low_colour",
            )
        if isinstance(value, str) and any(ord(character) < 32 and character not in "\n\t" for character in value):
            return f"options.{name}", Words(
                "must not contain control characters other than line breaks and tabs",
                "除换行和制表符外，不能有控制字符",
            )
    return None


def _obs_do(command: c.ObsDo) -> Broken | None:
    size = len(msgspec.json.encode(command.data))
    if size <= MOST_OBS_BYTES:
        return None
    return "data", Words(
        f"may have {MOST_OBS_BYTES:,} bytes as JSON, this has {size:,}",
        f"写成 JSON 最多 {MOST_OBS_BYTES:,} 字节，这里有 {size:,}",
    )


def _quarantine_drop(command: c.QuarantineDrop) -> Broken | None:
    of_sku = (command.channel, command.platform_sku)
    if (command.entry is None) == (of_sku == (None, None)):
        return "entry", Words("give entry, or channel and platform_sku", "写 entry，或者写 channel 和 platform_sku")
    if command.entry is None and None in of_sku:
        return "channel" if command.channel is None else "platform_sku", Words(
            "give both channel and platform_sku", "channel 和 platform_sku 都要写"
        )
    return None


MOST_UNITS = 1_000_000_000
"""Units of one order, all lines together."""


def _order(command: Any) -> Broken | None:
    if len(command.lines) > 1 and sum(line.quantity for line in command.lines) > MOST_UNITS:
        return "lines", Words(
            f"an order may have {MOST_UNITS:,} units at the most, all lines together",
            f"一个订单所有商品合计最多 {MOST_UNITS:,} 件",
        )
    return None


_RULES: dict[str, Callable[[Any], Broken | None]] = {
    "order.reserve": _order,
    "order.record": _order,
    "stock.adjust": _stock_adjust,
    "stock.count": _stock_count,
    "stock.transfer": _stock_transfer,
    "item.mode": _item_mode,
    "item.add": _item_add,
    "item.update": _item_update,
    "item.feature": _item_feature,
    "countdown.set": _countdown_set,
    "announce.show": lambda command: _readable(command, "text"),
    "note.set": lambda command: _readable(command, "text"),
    "overlay.set": _overlay_set,
    "obs.do": _obs_do,
    "quarantine.drop": _quarantine_drop,
}
