"""Entries of the clock in words: what fell due, what the director did to the ledger, and what the engine added by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import Raw, Struct

from overlaykit.wording.speech import Speech


def tell_clock(speech: Speech) -> str | None:
    """The sentence of such an entry; None for one of which nothing is known here. Raises msgspec.ValidationError, KeyError or
    TypeError when its data are other than they are now."""
    if speech.entry.type == "session.planned":
        return _planned(speech)
    tell = TELLS.get(speech.entry.type)
    return None if tell is None else tell(speech, msgspec.json.decode(speech.entry.data))


class _Plan(Struct):
    """As much of a plan as is told: it may be large."""

    title: str
    items: list[Raw]


def _planned(speech: Speech) -> str:
    plan = msgspec.json.decode(speech.entry.data, type=_Plan)
    return speech.say(
        "场次“{title}”按方案建立：{n} 款商品",
        "The session “{title}” is planned: items: {n}",
        title=plan.title,
        n=len(plan.items),
    )


def _hold_expired(speech: Speech, data: Any) -> str:
    return speech.say(
        "订单 {order} 占用到期，退回库存", "The hold of order {order} ends, its units are back", order=data["order"]
    )


def _countdown_due(speech: Speech, data: Any) -> str:
    return speech.say("倒计时 {name} 到点", "Countdown {name} ends", name=data["name"])


def _announce_expired(speech: Speech, data: Any) -> str:
    return speech.say("一条公告到时撤下", "An announcement has had its time")


def _drop_opened(speech: Speech, data: Any) -> str:
    return speech.say("{drop}按时放出", "{drop} opens", drop=speech.voice.drop(data["drop"]))


def _drop_closed(speech: Speech, data: Any) -> str:
    return speech.say("{drop}按时结束", "{drop} ends", drop=speech.voice.drop(data["drop"]))


def _suspended(speech: Speech, data: Any) -> str:
    step = speech.voice.span(abs(data["step_ms"]) / 1000)
    return speech.say(
        "数据库时间跳了 {step}：到期的先都不处理",
        "The store's clock jumped by {step}: nothing ends by time for now",
        step=step,
    )


def _resumed(speech: Speech, data: Any) -> str:
    return speech.say("数据库时间恢复正常", "The store's clock is right again")


def _rotated(speech: Speech, data: Any) -> str:
    return speech.say("旧的请求编号已清理", "Ids of old requests are forgotten")


def _retired(speech: Speech, data: Any) -> str:
    return speech.say(
        "{n} 个已完结的订单移出数据库", "Finished orders that leave the store: {n}", n=len(data["orders"])
    )


def _restored(speech: Speech, data: Any) -> str:
    parts = []
    for field, zh, en in (
        ("given_back", "补回第 {a}–{b} 条", "entries {a}–{b} are given back"),
        ("conflict", "第 {a}–{b} 条有冲突", "entries {a}–{b} are in conflict"),
        ("lost", "第 {a}–{b} 条丢失", "entries {a}–{b} are lost"),
    ):
        if data.get(field):
            parts.append(speech.say(zh, en, a=data[field]["from"], b=data[field]["to"]))
    said = speech.voice.clauses(parts) or speech.say("没有丢失", "nothing is lost")
    return speech.say("数据库恢复：{said}", "The store is whole again: {said}", said=said)


def _covered(speech: Speech, data: Any) -> str:
    voice = speech.voice
    return speech.say(
        "订单 {order} 超卖的 {units} 补上了{at}",
        "{units} that order {order} was oversold are there now{at}",
        order=data["order"],
        units=voice.of(data["quantity"], data["sku"]),
        at=voice.at(data["location"]),
    )


def _moved(speech: Speech, data: Any) -> str:
    kind, _, name = data["from"].partition(":")
    origin = speech.voice.channel(name) if kind == "channel" else speech.voice.drop(name)
    return speech.say(
        "{origin}的配额让出 {units}",
        "The quota of {origin} gives up {units}",
        origin=origin,
        units=speech.voice.of(data["quantity"], data["sku"]),
    )


def _drifted(speech: Speech, data: Any) -> str:
    voice = speech.voice
    return speech.say(
        "{item} 盘点差异 {drift} 件{at}：应有 {expected}，读到 {observed}",
        "{item} is off by {drift}{at}: expected {expected}, observed {observed}",
        item=voice.item(data["sku"]),
        drift=voice.signed(data["unexplained"]),
        at=voice.at(data["location"]),
        expected=data["expected"],
        observed=data["observed"],
    )


def _dropped(speech: Speech, data: Any) -> str:
    return speech.say(
        "待办太多，最早的一项被移除",
        "Too many tasks: the oldest one leaves{task}",
        task=speech.voice.aside(data["task"]),
    )


TELLS: Mapping[str, Callable[[Speech, Any], str]] = MappingProxyType(
    {
        "hold.expired": _hold_expired,
        "countdown.due": _countdown_due,
        "announce.expired": _announce_expired,
        "drop.opened": _drop_opened,
        "drop.closed": _drop_closed,
        "clock.suspended": _suspended,
        "clock.resumed": _resumed,
        "ids.rotated": _rotated,
        "orders.retired": _retired,
        "session.resumed": _restored,
        "oversold.covered": _covered,
        "allotment.moved": _moved,
        "stock.drifted": _drifted,
        "task.dropped": _dropped,
    }
)
"""Entry type → its sentence, of its data."""
