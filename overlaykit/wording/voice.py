"""How things of one session are called in one language: items, places, channels, people, units, times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from overlaykit.model.fields import Line, Part
from overlaykit.model.sessions import Item, SessionPlan
from overlaykit.plan import Words, emergencies_of, words_in
from overlaykit.plan.rules import ALERT, EMERGENCY, has_usual_text
from overlaykit.wording.people import person

ALERTS = {
    "oversold": Words("oversold", "超卖"),
    "source": Words("source silent", "数据源没有数据"),
    "obs": Words("OBS", "OBS"),
    "reading": Words("reading to confirm", "读数待确认"),
    "quarantined": Words("put aside", "搁置"),
    "unmapped": Words("no item here", "商品对不上"),
    "store": Words("store", "数据库"),
    "clock": Words("clock", "时钟"),
}
"""What alerts are about, by how their ids begin."""
MOST_NAMED = 3
"""Things of one kind that a sentence names; of more it says how many."""

BUCKETS = {
    "on_hand": Words("on hand", "现货"),
    "available": Words("available", "可售"),
    "held": Words("held", "占用"),
    "committed": Words("committed", "已付待发"),
    "buffer": Words("buffer", "弹性库存"),
    "damaged": Words("damaged", "残次"),
    "incoming": Words("incoming", "在途"),
    "shipped": Words("shipped", "已发货"),
    "opening": Words("opened", "累计上架"),
    "presold_held": Words("presold, unpaid", "预售占用"),
    "presold_committed": Words("presold, paid", "预售已付"),
}
"""What the columns of a stock row are called."""


_NUMBERS = {**BUCKETS, "sold": Words("sold", "已售"), "oversold": Words("oversold", "超卖")}


class Voice:
    """Of this plan, in this locale."""

    def __init__(self, plan: SessionPlan, locale: str) -> None:
        self.locale = locale
        self.zh = locale.lower().startswith("zh")
        self.places = {each.name: each.title for each in plan.locations}
        self._plan = plan
        self._zone = ZoneInfo(plan.timezone)
        self._items = {item.sku: self._named(item) for item in plan.items}
        self._by_link = {item.link: item for item in reversed(plan.items) if item.link is not None}
        self._channels = {each.name: each.title for each in plan.channels}
        self._drops = {each.name: each for each in plan.drops}
        self._emergencies = {name: self.pick(each.title) for name, each in emergencies_of(plan).items()}
        self._who: dict[str, str] = {}

    def pick(self, words: Words) -> str:
        return words.zh if self.zh else words.en

    def either(self, text: str) -> str:
        """Of a text that is in both languages, the one of the voice; any other as it is."""
        return self.pick(words_in(text))

    def item(self, sku: str) -> str:
        """3号链接 羊毛围巾; a sku that the plan does not know stays as it is."""
        return self._items.get(sku, sku)

    def link(self, number: int) -> str:
        """The item behind a link number, or the product that has several."""
        item = self._by_link.get(number)
        name = f"{number}号链接" if self.zh else f"link {number}"
        return name if item is None else f"{name} {item.title}"

    def channel(self, name: str) -> str:
        return self._channels.get(name, name)

    def place(self, name: str) -> str:
        return self.places.get(name, name)

    def connected(self, queue: str) -> str:
        """A section of the plan with a connector, channel.douyin: 抖音旗舰店."""
        section, _, name = queue.partition(".")
        if section == "channel":
            return self.channel(name)
        kinds = {
            "source": Words("source", "数据源"),
            "notifier": Words("notifier", "通知"),
            "webhook": Words("webhook", "Webhook"),
        }
        return f"{self.pick(kinds[section])} {name}" if section in kinds else queue

    def rule(self, name: str) -> str:
        """A rule by its name: 规则 last-50, 预警 1, 应急预案 超卖."""
        if name.startswith(EMERGENCY):
            return self.emergency(name.removeprefix(EMERGENCY))
        if name.startswith(ALERT) and name.removeprefix(ALERT).isdigit():
            return f"{'预警' if self.zh else 'alert'} {name.removeprefix(ALERT)}"
        return f"{'规则' if self.zh else 'rule'} {name}"

    def alert_text(self, rule: str, text: str) -> str:
        """What an alert of this rule says: as its author wrote it, or, of an alert without a text, in the voice's language."""
        return self.either(text) if has_usual_text(self._plan, rule) else text

    def emergency(self, name: str) -> str:
        return f"{'应急预案' if self.zh else 'emergency plan'} {self._emergencies.get(name, name)}"

    def alert(self, id: str) -> str:
        """An alert by its id: 预警“超卖（3号链接 羊毛围巾）”."""
        kind, _, rest = id.partition(":")
        if kind == "rule":
            rule, _, sku = rest.partition(":")
            named = self.rule(rule) + (self.aside(self.item(sku)) if sku else "")
        elif kind in ALERTS:
            named = self.pick(ALERTS[kind]) + self.aside(self.item(rest) if kind == "oversold" else rest)
        else:
            named = id
        return f"预警“{named}”" if self.zh else f"alert “{named}”"

    def drop(self, name: str) -> str:
        """A drop, with what it is of."""
        drop = self._drops.get(name)
        called = f"{'波次' if self.zh else 'drop'} {name}"
        if drop is None:
            return called
        inside = f"{self.item(drop.sku)} {self.units(drop.quantity)}"
        return f"{called}（{inside}）" if self.zh else f"{called} ({inside})"

    def who(self, source: str) -> str:
        """Who is behind a source of entries: desk:小王 is 操作员 小王."""
        found = self._who.get(source)
        if found is None:
            found = self._who[source] = self._person(source)
        return found

    def units(self, count: int) -> str:
        return f"{count} 件" if self.zh else f"{count} {'unit' if count == 1 else 'units'}"

    def number(self, sku: str, name: str, place: str | None) -> str:
        """A number of the board: 3号链接 羊毛围巾 · 可售 · 杭州仓."""
        words = _NUMBERS.get(name)
        parts = [self.item(sku), name if words is None else self.pick(words)]
        return " · ".join(parts if place is None else [*parts, self.place(place)])

    def signed(self, delta: int) -> str:
        """+5, −5."""
        return f"+{delta}" if delta > 0 else f"−{-delta}" if delta < 0 else "0"

    def of(self, count: int, sku: str) -> str:
        """2 件 3号链接 羊毛围巾."""
        return f"{count} 件 {self.item(sku)}" if self.zh else f"{count} × {self.item(sku)}"

    def lines(self, lines: Sequence[Line] | Sequence[Part]) -> str:
        """The lines of an order."""
        return self.several([self.of(each.quantity, each.sku) for each in lines])

    def several(self, named: Sequence[str]) -> str:
        """The first of them, and how many they are."""
        shown, more = named[:MOST_NAMED], len(named) - MOST_NAMED
        if self.zh:
            return "、".join(shown) + (f" 等 {len(named)} 项" if more > 0 else "")
        return ", ".join(shown) + (f" and {more} more" if more > 0 else "")

    def clauses(self, parts: Iterable[str]) -> str:
        """What is said one after the other; empty ones are left out."""
        return ("，" if self.zh else ", ").join(part for part in parts if part)

    def aside(self, text: str) -> str:
        """Something in brackets; "" for nothing."""
        if not text:
            return ""
        return f"（{text}）" if self.zh else f" ({text})"

    def because(self, reason: str | None) -> str:
        if not reason:
            return ""
        return f"，原因：{reason}" if self.zh else f", because: {reason}"

    def at(self, place: str | None) -> str:
        return self.aside(self.place(place)) if place else ""

    def on(self, channel: str | None) -> str:
        return self.aside(self.channel(channel)) if channel else ""

    def time(self, at: str | dt.datetime) -> str:
        """RFC 3339 → the time of day in the session's time zone; what is no time stays as it is."""
        try:
            moment = dt.datetime.fromisoformat(at) if isinstance(at, str) else at
        except ValueError:
            return str(at)
        return f"{moment.astimezone(self._zone):%H:%M:%S}"

    def span(self, seconds: float) -> str:
        """1 小时 30 分; 90 s stay 1 min 30 s."""
        left, parts = round(seconds), []
        for size, en, zh in ((3600, "h", "小时"), (60, "min", "分"), (1, "s", "秒")):
            count, left = divmod(left, size)
            if count:
                parts.append(f"{count} {zh if self.zh else en}")
        return " ".join(parts) or ("0 秒" if self.zh else "0 s")

    def pace(self, sku: str, rate: float | None, ends: str | dt.datetime | None) -> str:
        """How fast an item sells, units a minute, and when it will be sold out; None: not known."""
        item = self.item(sku)
        if rate is None:
            return f"{item} 还不知道" if self.zh else f"{item} not known"
        if self.zh:
            return f"{item} 每分钟 {rate:g} 件" + (f"，{self.time(ends)} 售罄" if ends else "")
        return f"{item} {rate:g} a minute" + (f", sold out at {self.time(ends)}" if ends else "")

    def share(self, value: float) -> str:
        return f"{round(value * 100, 1):g}%"

    def _named(self, item: Item) -> str:
        link = "" if item.link is None else f"{item.link}号链接 " if self.zh else f"link {item.link} "
        return f"{link}{item.title}{self.aside(item.variant or '')}"

    def _person(self, source: str) -> str:
        kind, _, name = source.partition(":")
        match kind:
            case "rule" if name and name != "audit":
                return self.rule(name)
            case "connector" if name in self._channels:
                return self._channels[name]
            case "connector" if name in self._plan.later.get("source", {}):
                return self.connected(f"source.{name}")
            case "connector" if name in self._plan.later.get("notifier", {}):
                return self.connected(f"notifier.{name}")
        return self.pick(person(source))
