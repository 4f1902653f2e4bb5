"""A room in which much goes wrong: what is said in it, and by which entries."""

from __future__ import annotations

import os
from typing import Any

import msgspec

from overlaykit.model import notes as n
from overlaykit.model.notes import AnyNote, Noted, firing_id
from overlaykit.model.sessions import Channel, SessionPlan
from overlaykit.stock import DIRECTOR, lease_key
from overlaykit.stock.keeping import Keeper
from overlaykit.stock.notes import encode_note, read_answer
from overlaykit.stock.strokes import encode_suspension
from overlaykit.store import connect_async
from tests.web.conftest import Web, in_a_thread, plan_of

CHANNELS = (
    Channel(name="mall", title="测试商城", connector="shop", sells="by_itself", share=0.6, unmapped="quarantine"),
)
LATER: dict[str, Any] = {
    "rule": [{"name": "红包", "when": "button 红包", "do": [{"action": "coupon", "coupon": "满300减50"}]}],
    "alert": [
        {"when": "available < 20", "text": "{{ item.title }} 只剩 {{ item.available }} 件", "level": "warning"},
        {"when": "obs_lost main", "text": "推流电脑看一下", "level": "urgent"},
    ],
    "emergency": {
        "oversold": {
            "title": "超卖 <b>应急",
            "do": [{"action": "stock", "command": "session.freeze"}, {"action": "notify", "text": "超卖"}],
            "checklist": ["先讲别的商品", "联系 <i>仓库</i>"],
        },
        "wrong-price": {"title": "价格标错了", "do": [{"action": "task", "text": "改价"}], "checklist": ["先别报价格"]},
        "pause": {"title": "先停一停", "do": [{"action": "announce", "text": "马上回来"}]},
    },
    "obs": {"main": {"safe_scene": "安全画面"}},
    "source": {"erp": {"plugin": "shop"}},
}


def troubled_plan(session: str) -> SessionPlan:
    """Items A … U with 100 units each, half in hz and half in la; of B ten are kept back in hz."""
    plan = plan_of(session, units=100, items=21, later=LATER, channels=CHANNELS)
    items = tuple(msgspec.structs.replace(each, buffer={"hz": 10}) if each.sku == "B" else each for each in plan.items)
    return msgspec.structs.replace(plan, items=items)


def note(web: Web, *notes: AnyNote, source: str = "clock", cause: int | None = None) -> None:
    """What a director or a gateway would say."""
    said = [Noted(_id(each), each, source, cause) for each in notes]
    answers = [read_answer(answer) for answer in web.engine.decide([encode_note(each, None) for each in said])]
    assert {answer.status for answer in answers} == {"accepted"}, answers


def _id(note: AnyNote) -> str:
    if isinstance(note, n.RuleFired):
        return firing_id(note.rule, note.key)
    return f"{type(note).__name__}-{os.urandom(4).hex()}"


def sent(web: Web, command: dict[str, Any], scope: str = "operator") -> dict[str, Any]:
    answer = web.send(command, scope=scope)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json
    return found


def oversell(web: Web, sku: str, order: str, units: int) -> None:
    """A platform sold more than there was."""
    sent(web, {"type": "order.record", "order": order, "paid": True, "lines": [{"sku": sku, "quantity": units}]})


def run_low(web: Web, *skus: str) -> None:
    note(
        web,
        *(n.AlertRaised(rule="alert-1", sku=sku, text=f"商品 {sku} <b> 只剩 12 件") for sku in skus),
    )


def lose_source(web: Web) -> None:
    """A source falls silent, also one that has been before."""
    note(web, n.SourceFresh(source="erp"), n.SourceStale(source="erp", since="2026-11-11T11:59:00.000Z"))


def lose_obs(web: Web) -> None:
    note(web, n.ObsChanged(obs="main", state=n.ObsState(connected=False)))


def read_oddly(web: Web, sku: str, quantity: int) -> int:
    """A source counts something so different that somebody has to say whether it is right. Its entry."""
    reading = {"type": "stock.count", "sku": sku, "location": "hz", "basis": "available", "quantity": quantity}
    outcome = sent(web, {**reading, "jump": 0.5})
    assert outcome["unconfirmed"], outcome
    return int(outcome["seq"])


def quarantine(web: Web, order: str) -> int:
    """An order that was cancelled is told to be paid. Its entry."""
    line = {"sku": "D", "quantity": 1}
    sent(web, {"type": "order.reserve", "order": order, "lines": [line]})
    sent(web, {"type": "order.release", "order": order})
    outcome = sent(web, {"type": "order.record", "order": order, "paid": True, "lines": [line]})
    assert outcome["quarantined"] == "cancelled", outcome
    return int(outcome["seq"])


def not_map(web: Web, *platform_skus: str) -> None:
    note(web, n.OrderUnmapped(channel="mall", order="mall:1", platform_skus=dict.fromkeys(platform_skus, 2)))


def silence_all(web: Web) -> None:
    """Somebody has seen all that is open."""
    for each in web.board(scope="viewer")["direction"]["alerts"]:
        if each["acknowledged_by"] is None:
            sent(web, {"type": "alert.acknowledge", "alert": each["alert"]})


def lead(web: Web, *, there: bool = True) -> None:
    """A director leads the session, or none does."""
    key = lease_key(web.session, DIRECTOR)
    _ = web.client.set(key, "a director") if there else web.client.delete(key)


def jump(web: Web) -> None:
    """The store's clock jumps by an hour."""
    web.engine.decide([encode_suspension(1, 3_600_000)])


def lose_entries(web: Web) -> None:
    """The store comes back without its last entries, and a director makes the best of it."""
    head = web.board()["seq"]

    async def story() -> None:
        async with connect_async(web.store_url) as client:
            keeper = Keeper(client, web.session)
            await keeper.shut_gate()
            assert await keeper.resume(head, "second", head, {"lost": {"from": 3, "to": 5}})

    in_a_thread(story)
