"""The form → the resolved plan: defaults filled in, times absolute, names checked against each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec
from babel import Locale, UnknownLocaleError
from babel.localedata import locale_identifiers
from babel.numbers import list_currencies

from overlaykit.model.sessions import Countdown, Drop, Item, Location, Rate, SessionPlan
from overlaykit.plan import values
from overlaykit.plan.channels import ALONE, resolve_channels
from overlaykit.plan.drops import check_drops
from overlaykit.plan.form import CountdownForm, DropForm, Form, Path, PlanForm
from overlaykit.plan.items import ItemResolver
from overlaykit.plan.problems import Unfit, nearest_name
from overlaykit.plan.reader import Findings
from overlaykit.plan.rules import check_rules
from overlaykit.plan.sources import check_sources
from overlaykit.words import Words

LATER = ("rule", "obs", "script", "source", "alert", "emergency", "announcement", "notifier", "webhook", "relay")
"""Sections that the resolved plan keeps as plain data, durations in seconds, shares 0 … 1."""

_DURATIONS = frozenset({"every", "full_count", "manual_override", "sustained", "cooldown", "late", "seconds"})
_SHARES = frozenset({"jump"})

_ONE_OF = Words("exactly one of `ends_at` and `seconds`", "`ends_at` 和 `seconds` 二选一")


def resolve(form: PlanForm, data: Mapping[str, Any], findings: Findings) -> SessionPlan:
    """The resolved plan. What is wrong goes to `findings`; with any, the result is not to be used.

    `data` is the plan as it was read: names in it count as defined even where their section is otherwise wrong.
    """
    return _Resolver(form, data, findings).plan()


def names_of(data: Mapping[str, Any], section: str) -> list[str]:
    """The NAMEs of [section.NAME], in order."""
    found = data.get(section)
    return [str(name) for name in found] if isinstance(found, dict) else []


def rows_of(data: Mapping[str, Any], section: str) -> list[dict[str, Any]]:
    """The entries of [[section]]."""
    found = data.get(section)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def rows_at(data: Mapping[str, Any], section: str) -> dict[int, dict[str, Any]]:
    """The entries of [[section]] by their position in it."""
    found = data.get(section)
    return {at: row for at, row in enumerate(found) if isinstance(row, dict)} if isinstance(found, list) else {}


class _Resolver:
    def __init__(self, form: PlanForm, data: Mapping[str, Any], findings: Findings) -> None:
        self.form = form
        self.data = data
        self.findings = findings
        self.skus = [row["sku"] for row in rows_of(data, "item") if isinstance(row.get("sku"), str)]
        self.locations = names_of(data, "location") or [ALONE]
        self.zone = self._zone()
        self.starts = self._starts()

    def plan(self) -> SessionPlan:
        form = self.form
        if not form.item and "item" in self.data and not self.findings.all:
            at = ("items",) if "items" in self.data else ("item",)
            self.findings.add(at, Words("there are no items", "没有商品"), Words("at least one", "至少一个"))
        currency = form.currency or "CNY"
        if currency not in list_currencies():
            what = Words(f"there is no currency {currency}", f"没有 {currency} 这个币种")
            self.findings.unknown(("currency",), what, currency, sorted(list_currencies()))
        self._unique("rule", [(rule.name, rule.at) for rule in form.rule or ()])
        self._unique("announcement", [(each.name, each.at) for each in form.announcement or ()])
        check_rules(form, self.data, self.skus, self.findings)
        check_sources(form, self.findings)
        resolver = ItemResolver(form, rows_at(self.data, "item"), self.locations, self.skus, self.findings)
        items = resolver.resolve()
        buyer, attempts = (form.limits.buyer, form.limits.attempts) if form.limits else (None, None)
        return SessionPlan(
            id=form.id,
            ledger=form.ledger or form.id,
            title=form.title,
            starts=values.utc_text(self.starts) if self.starts else None,
            locale=self._locale(),
            timezone=self.zone.key,
            currency=currency,
            theme=form.theme or "classic",
            options=dict(form.options or {}),
            hold_seconds=self._seconds(form.hold) or 900.0,
            split=bool(form.split),
            low=resolver.default_low,
            critical=resolver.default_critical,
            buyer_rate=None if buyer is None else Rate(count=buyer.quantity, per=values.seconds_of(buyer.per)),
            attempt_rate=None if attempts is None else Rate(count=attempts.count, per=values.seconds_of(attempts.per)),
            items=items,
            locations=self._locations(),
            channels=resolve_channels(form, self.data, self.skus, self.findings),
            countdowns=self._countdowns(),
            drops=self._drops(items),
            later=self._later(),
        )

    def _zone(self) -> ZoneInfo:
        name = self.form.timezone or "Asia/Shanghai"
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            what = Words(f"there is no timezone {name}", f"没有 {name} 这个时区")
            expected = Words("an IANA name such as Asia/Shanghai", "IANA 时区名，如 Asia/Shanghai")
            self.findings.add(("timezone",), what, expected, nearest_name(name, sorted(available_timezones())))
            return ZoneInfo("UTC")

    def _locale(self) -> str:
        name = self.form.locale or "zh-CN"
        try:
            Locale.parse(name, sep="-")
        except (ValueError, TypeError, UnknownLocaleError):
            what = Words(f"there is no locale {name}", f"没有 {name} 这个语言地区")
            known = [other.replace("_", "-") for other in locale_identifiers()]
            expected = Words("a language and region such as zh-CN or en-US", "语言和地区，如 zh-CN 或 en-US")
            self.findings.add(
                ("locale",), what, expected, nearest_name(name.replace("_", "-"), ["zh-CN", "zh-TW", *known])
            )
        return name

    def _starts(self) -> dt.datetime | None:
        if self.form.starts is None:
            return None
        moment = values.moment_of(self.form.starts)
        if isinstance(moment, dt.time):
            what = Words("a time of day alone does not say which day", "只有钟点，不知道是哪一天")
            self.findings.add(
                ("starts",),
                what,
                Words("date and time, such as 2026-11-11T19:00:00", "日期和时间，如 2026-11-11T19:00:00"),
            )
            return None
        return values.absolute(moment, None, self.zone)

    def _moment(self, written: str | None, at: Path) -> str | None:
        if written is None:
            return None
        if self.starts is None and "starts" in self.data and isinstance(values.moment_of(written), dt.time):
            return None  # what is wrong with `starts` was already said
        try:
            return values.utc_text(values.absolute(values.moment_of(written), self.starts, self.zone))
        except Unfit as error:
            self.findings.add(at, error.words or Words("not a time", "不是时间"))
            return None

    @staticmethod
    def _seconds(written: int | float | str | None) -> float | None:
        return None if written is None else values.seconds_of(written)

    def _locations(self) -> tuple[Location, ...]:
        sources = names_of(self.data, "source")
        made = []
        for name, form in (self.form.location or {}).items():
            for key, wanted in (("source", form.source), ("backup", form.backup)):
                if wanted is not None and wanted not in sources:
                    what = Words(f"there is no [source.{wanted}]", f"没有 [source.{wanted}]")
                    self.findings.unknown((*form.at, key), what, wanted, sources)
            if form.backup is not None and form.source in (None, form.backup):
                what = Words(
                    "a backup needs a `source` that it stands in for, another one",
                    "备用数据源要配合另一个 `source` 使用",
                )
                self.findings.add((*form.at, "backup"), what)
            made.append(
                Location(
                    name=name,
                    title=form.title or name,
                    serves=tuple(form.serves or ()),
                    source=form.source,
                    backup=form.backup,
                    stale_after=self._seconds(form.stale_after),
                )
            )
        return tuple(made) or (Location(name=ALONE, title=ALONE),)

    def _countdowns(self) -> tuple[Countdown, ...]:
        forms = self.form.countdown or []
        self._unique("countdown", [(form.name, form.at) for form in forms])
        taken = {f"{drop.name}-{edge}": drop.name for drop in self.form.drop or () for edge in ("open", "close")}
        for form in forms:
            if form.name in taken:
                what = Words(
                    f"the drop {taken[form.name]} has a countdown of this name",
                    f"波次 {taken[form.name]} 已自带这个名字的倒计时",
                )
                self.findings.add((*form.at, "name"), what, Words("another name", "另取一个名字"))
        return tuple(self._countdown(form) for form in forms)

    def _countdown(self, form: CountdownForm) -> Countdown:
        self._known_sku(form)
        raw = self.data["countdown"][form.at[1]]
        if ("ends_at" in raw) == ("seconds" in raw):
            what = (
                Words("both are given", "两个都写了") if "seconds" in raw else Words("neither is given", "两个都没写")
            )
            self.findings.add((*form.at, "ends_at"), what, _ONE_OF)
        ends_at = self._moment(form.ends_at, (*form.at, "ends_at"))
        return Countdown(name=form.name, sku=form.sku, ends_at=ends_at, seconds=self._span(form, "seconds"))

    def _drops(self, items: Sequence[Item]) -> tuple[Drop, ...]:
        forms = self.form.drop or []
        self._unique("drop", [(form.name, form.at) for form in forms])
        drops = tuple(self._drop(form) for form in forms)
        check_drops(
            forms,
            drops,
            {item.sku: item for item in items},
            counted={form.sku for form in self.form.item or () if form.opening is not None},
            starts=self.starts,
            findings=self.findings,
        )
        return drops

    def _drop(self, form: DropForm) -> Drop:
        self._known_sku(form)
        return Drop(
            name=form.name,
            sku=form.sku,
            quantity=form.quantity,
            opens_at=self._moment(form.opens_at, (*form.at, "opens_at")),
            closes_after=self._span(form, "closes_after"),
            buyer_limit=form.buyer_limit,
            price=None if form.price is None else values.money_of(form.price),
        )

    def _span(self, form: CountdownForm | DropForm, key: str) -> float | None:
        """How long it lasts by `key`: with `audience`, for those who see it begin last."""
        span = self._seconds(getattr(form, key))
        if not form.audience:
            return span
        channels = (self.form.channel or {}).values()
        behind = max((self._seconds(each.stream_delay) or 0.0 for each in channels), default=0.0)
        if span is None and key not in self.data[str(form.at[0])][form.at[1]]:
            what = Words(f"it has no `{key}` that could wait for the audience", f"没有可以为观众顺延的 `{key}`")
            self.findings.add((*form.at, "audience"), what, Words(f"`{key}` beside it", f"同时写 `{key}`"))
        elif not behind and "stream_delay" not in self._channel_keys():
            what = Words("no channel has a `stream_delay`", "没有渠道写了 `stream_delay`（画面延迟）")
            expected = Words('such as stream_delay = "8s" in a channel', '在渠道里写，例如 stream_delay = "8s"')
            self.findings.add((*form.at, "audience"), what, expected)
        return None if span is None else span + behind

    def _channel_keys(self) -> set[str]:
        """What is written of any channel, rightly or not."""
        found = self.data.get("channel")
        return {key for each in found.values() for key in each} if isinstance(found, dict) else set()

    def _known_sku(self, form: CountdownForm | DropForm) -> None:
        if form.sku is not None and form.sku not in self.skus:
            what = Words(f"there is no item with the sku {form.sku}", f"没有编码为 {form.sku} 的商品")
            self.findings.unknown((*form.at, "sku"), what, form.sku, self.skus)

    def _unique(self, section: str, named: Sequence[tuple[str, Path]]) -> None:
        seen: set[str] = set()
        for name, at in named:
            if name in seen:
                what = Words(f"another {section} is called {name} too", f"已有同名的 {section}：{name}")
                self.findings.add((*at, "name"), what, Words("a name of its own for each", "每个都有不同的名字"))
            seen.add(name)

    def _later(self) -> dict[str, Any]:
        """Plain data for the processes that read it later; durations in seconds, shares 0 … 1, everything else as written."""
        later = {key: _builtin(found) for key in LATER if (found := getattr(self.form, key))}
        settings = {
            name: {"settings": form.settings} for name, form in (self.form.channel or {}).items() if form.settings
        }
        return later | ({"channel": settings} if settings else {})


def _builtin(found: Any) -> Any:
    """Forms as dicts with the keys that authors write, without what was left out."""
    if isinstance(found, Form):
        pairs = ((info.encode_name, getattr(found, info.name)) for info in msgspec.structs.fields(type(found)))
        return {key: _plain(key, value) for key, value in pairs if value is not None}
    if isinstance(found, list):
        return [_builtin(inner) for inner in found]
    if isinstance(found, dict):
        return {key: _builtin(inner) for key, inner in found.items()}
    return found


def _plain(key: str, value: Any) -> Any:
    if key in _DURATIONS:
        return values.seconds_of(value)
    return float(values.share_of(value)) if key in _SHARES else _builtin(value)
