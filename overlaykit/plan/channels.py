"""Channels: their shares, the platform apps that they belong to, and what their platforms' skus are here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from overlaykit.model.patterns import sku_pattern
from overlaykit.model.sessions import CHANNEL_LAG, POLL_EVERY, Channel, Mapped
from overlaykit.plan import values
from overlaykit.plan.form import ChannelForm, MappedForm, PlanForm
from overlaykit.plan.reader import Findings
from overlaykit.words import Words

ALONE = "default"
"""Name of the only location or channel of a plan that defines none."""

_OF_CONNECTORS = ("settings", "app", "shop", "skus", "every", "lag", "push")
"""Keys that say something of a channel's connector."""


def resolve_channels(
    form: PlanForm, data: Mapping[str, Any], skus: Sequence[str], findings: Findings
) -> tuple[Channel, ...]:
    """The channels of a plan; what is wrong with them goes to `findings`. `skus` are those of the plan's items."""
    forms = form.channel or {}
    channels = tuple(_channel(name, each, data["channel"][name], skus, findings) for name, each in forms.items())
    total = sum((values.share_of(each.share) for each in forms.values() if each.share is not None), Decimal(0))
    if total > 1:
        percent = f"{(total * 100).normalize():f}%"
        findings.add(
            ("channel",),
            Words(f"the channels' shares are {percent} together", f"各渠道的 share 合计 {percent}"),
            Words("at most 100%", "不超过 100%"),
        )
    _check_apps(forms, data, findings)
    return channels or (Channel(name=ALONE, title=ALONE),)


def _channel(name: str, form: ChannelForm, raw: Mapping[str, Any], skus: Sequence[str], findings: Findings) -> Channel:
    share = values.share_of(form.share) if form.share is not None else None
    floor = values.share_of(form.floor) if form.floor is not None else None
    if form.sells == "by_itself" and share is None and "share" not in raw:
        what = Words(
            "a channel that sells by itself needs a `share`", "自行售卖（by_itself）的渠道要写 `share`（渠道配额）"
        )
        findings.add((*form.at, "share"), what, Words('such as share = "60%"', '例如 share = "60%"'))
    if floor is not None and floor > (share or 0) and (share is not None or "share" not in raw):
        what = Words("`floor` is more than `share`", "`floor` 大于 `share`")
        findings.add((*form.at, "floor"), what, Words("at most the share", "不超过 share"))
    if form.connector is None and "connector" not in raw:
        for key in _OF_CONNECTORS:
            if getattr(form, key) is not None:
                what = Words(
                    f"`{key}` without a `connector` that it is for", f"写了 `{key}`，却没有用得上它的 `connector`"
                )
                expected = Words('such as connector = "douyin" beside it', '同时写上，例如 connector = "douyin"')
                findings.add((*form.at, key), what, expected)
    return Channel(
        name=name,
        title=form.title or name,
        connector=form.connector,
        sells=form.sells or "asks_first",
        share=None if share is None else float(share),
        floor=None if floor is None else float(floor),
        unmapped=form.unmapped or "ignore",
        stream_delay=0.0 if form.stream_delay is None else values.seconds_of(form.stream_delay),
        app=form.app or "",
        shop=form.shop or "",
        skus=_mapped(form, skus, findings),
        sells_only=_sold(form, skus, findings),
        push=form.push is not False,
        every=POLL_EVERY if form.every is None else values.seconds_of(form.every),
        lag=CHANNEL_LAG if form.lag is None else values.seconds_of(form.lag),
    )


def _mapped(form: ChannelForm, skus: Sequence[str], findings: Findings) -> dict[str, Mapped]:
    found = {}
    for platform_sku, written in (form.skus or {}).items():
        at = (*form.at, "skus", platform_sku)
        if isinstance(written, MappedForm):
            mapped = Mapped(written.sku, written.quantity or 1)
            at = (*at, "sku")
        else:
            mapped = Mapped(written)
        if mapped.sku not in skus:
            what = Words(f"there is no item with the sku {mapped.sku}", f"没有编码为 {mapped.sku} 的商品")
            findings.unknown(at, what, mapped.sku, skus)
        found[platform_sku] = mapped
    return found


def _sold(form: ChannelForm, skus: Sequence[str], findings: Findings) -> tuple[str, ...] | None:
    if form.sells_only is None:
        return None
    for index, written in enumerate(form.sells_only):
        if not any(map(sku_pattern(written).fullmatch, skus)):
            what = Words(f"no item has a sku like {written}", f"没有编码符合 {written} 的商品")
            findings.unknown((*form.at, "sells_only", index), what, written, skus)
    sold = [sku_pattern(written) for written in form.sells_only]
    for platform_sku, mapped in (form.skus or {}).items():
        sku = mapped.sku if isinstance(mapped, MappedForm) else mapped
        if sku in skus and not any(each.fullmatch(sku) for each in sold):
            what = Words(
                f"{platform_sku} is {sku} here, and `sells_only` says that it is not sold on this channel",
                f"{platform_sku} 对应 {sku}，而 `sells_only` 里没有它，即这个渠道不卖它",
            )
            expected = Words(
                f"{sku} in `sells_only`, or no {platform_sku} in `skus`",
                f"sells_only 里加上 {sku}，或去掉 {platform_sku}",
            )
            findings.add((*form.at, "skus", platform_sku), what, expected)
    return tuple(form.sells_only)


def _check_apps(forms: Mapping[str, ChannelForm], data: Mapping[str, Any], findings: Findings) -> None:
    """Channels of one app have one connector, one set of settings, and a shop each."""
    apps: dict[str, dict[str, ChannelForm]] = {}
    for name, form in forms.items():
        if form.connector is not None:
            apps.setdefault(form.app or name, {})[name] = form
    for app, sharing in apps.items():
        if len(sharing) < 2:
            continue
        first = app if app in sharing else next(iter(sharing))
        shops: dict[str, str] = {}
        for name, form in sharing.items():
            if form.connector != sharing[first].connector:
                what = Words(
                    f"the app {app} is that of [channel.{first}] too, whose connector is {sharing[first].connector}",
                    f"应用 {app} 也是 [channel.{first}] 的，而那里的 connector 是 {sharing[first].connector}",
                )
                expected = Words("the same connector, or an `app` of its own", "同一个 connector，或另写一个 `app`")
                findings.add((*form.at, "connector"), what, expected)
            if form.settings is not None and name != first:
                what = Words(
                    f"the settings of the app {app} are those of [channel.{first}]",
                    f"应用 {app} 的 settings 只写在 [channel.{first}] 里",
                )
                findings.add((*form.at, "settings"), what, Words("them there alone", "只写在那里"))
            if form.shop is None:
                if "shop" not in data["channel"][name]:
                    what = Words(
                        f"the app {app} has several channels ({', '.join(sharing)}), so each needs its `shop`",
                        f"应用 {app} 有多个渠道（{'、'.join(sharing)}），每个都要写 `shop`（店铺编号）",
                    )
                    expected = Words('the platform\'s id of the shop, such as shop = "778899"', '例如 shop = "778899"')
                    findings.add((*form.at, "shop"), what, expected)
            elif form.shop in shops:
                what = Words(
                    f"the shop {form.shop} of the app {app} is [channel.{shops[form.shop]}] already",
                    f"应用 {app} 的店铺 {form.shop} 已经是 [channel.{shops[form.shop]}] 了",
                )
                findings.add((*form.at, "shop"), what, Words("another shop's id", "另一个店铺的编号"))
            else:
                shops[form.shop] = name
