"""A room in which there is one of everything that a desk can show, and every text from outside is `said`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from overlaykit.model import notes as n
from overlaykit.model.notes import AnyNote, Noted, firing_id
from overlaykit.model.sessions import Channel, Drop, Item, SessionPlan
from overlaykit.rules import Decision
from overlaykit.stock import decisions_key, glances_key
from overlaykit.stock.notes import encode_note, read_answer
from overlaykit.store import TargetStatus, connect_async
from overlaykit.store.glances import Glance, write_glance
from tests.conftest import StoreServer
from tests.web.conftest import Web, in_a_thread, plan_of, say_outside, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page


@contextmanager
def room_with_everything(store: StoreServer, folder: Path, said: str) -> Iterator[Web]:
    """The room, in `folder`, whose name its session has."""
    session = f"{folder.name}-{os.getpid()}-{os.urandom(2).hex()}"
    with serving(store, folder, session, plan=_plan(session, said)) as web:
        _everything_happens(web, said)
        yield web


def open_view(page: Page, view: str, shown: str = "") -> None:
    """Opens a view of a desk, and waits for it, or for what is `shown` in it."""
    page.wait_for_selector('#connection[data-ok="true"]')
    page.evaluate("(view) => { location.hash = view; }", view)
    page.locator(f"#view-{view} {shown}").first.wait_for()


def unfold(page: Page, view: str) -> None:
    """Opens all that is folded in a view and beside it."""
    for each in page.locator(f"#view-{view} details:not([open]) > summary, aside details:not([open]) > summary").all():
        if each.is_visible():
            each.click()


def _plan(session: str, said: str) -> SessionPlan:
    """Four items with 100 units each, C with a variant; two channels, one of which has a connector; rules, emergencies, an OBS."""
    channels = (Channel(name="mall", title=f"商城 {said}", connector="shop", sells="by_itself", unmapped="quarantine"),)
    plan = plan_of(session, units=100, items=4, channels=channels, later=_later(said))
    return msgspec.structs.replace(
        plan,
        title=f"测试场 {said}",
        items=tuple(_item(item, said) for item in plan.items),
        locations=tuple(msgspec.structs.replace(each, title=f"{each.title} {said}") for each in plan.locations),
        drops=(Drop(name="eight", sku="A", quantity=20, price="79.00"),),
    )


def _item(item: Item, said: str) -> Item:
    more: dict[str, Any] = {
        "title": f"商品 {item.sku} {said}",
        "subtitle": said,
        "aliases": (said,),
        "facts": {said: said},
    }
    if item.sku == "C":
        more |= {"product": "coat", "variant": said}
    return msgspec.structs.replace(item, **more)


def _later(said: str) -> dict[str, Any]:
    return {
        "rule": [
            {
                "name": "last-50",
                "when": "available < 50",
                "if": "item.on_air",
                "do": [{"action": "announce", "text": said}],
            },
            {"name": "红包", "when": "button 红包", "do": [{"action": "coupon", "coupon": said}]},
        ],
        "alert": [{"when": "available < 20%", "level": "warning", "text": said}],
        "announcement": [
            {"name": "last-units", "text": f"{{{{ item.title }}}} {said}", "level": "warning", "seconds": 20}
        ],
        "emergency": {
            "own": {
                "title": f"断网 {said}",
                "checklist": [said],
                "do": [{"action": "announce", "text": said}, {"action": "stock", "command": "session.freeze"}],
            }
        },
        "obs": {"main": {"safe_scene": said}, "second": {}},
        "source": {"erp": {"plugin": "generic_poll"}},
        "notifier": {"group": {"plugin": "shop"}},
        "webhook": {"crm": {"url": "https://crm.example.com/hooks/live"}},
        "script": {"plenty": said, "next": said},
    }


def _everything_happens(web: Web, said: str) -> None:
    """An evening in a moment: orders, counts, an oversold item, what rules and OBS did, what is wrong outside."""
    order = f"o-{said}"
    commands: list[dict[str, Any]] = [
        {"type": "item.feature", "sku": "A"},
        {"type": "order.reserve", "order": order, "buyer": said, "channel": "mini", "lines": [_line("A", 85)]},
        {"type": "order.commit", "order": order},
        {
            "type": "order.record",
            "order": f"p-{said}",
            "channel": "mall",
            "buyer": said,
            "paid": True,
            "lines": [_line("B", 103)],
        },
        {"type": "order.reserve", "order": f"r-{said}", "lines": [_line("A", 5_000)]},
        {"type": "stock.adjust", "sku": "C", "location": "la", "delta": -7, "reason": said},
        {"type": "stock.count", "sku": "D", "location": "hz", "quantity": 0, "basis": "available"},
        {"type": "allotment.set", "sku": "C", "channel": "mini", "quantity": 30},
        {"type": "announce.show", "text": said, "level": "urgent", "seconds": 600},
        {"type": "countdown.set", "name": said[:64], "seconds": 3600},
        {"type": "note.set", "text": said},
        {"type": "connector.pause", "name": "channel.mall", "reason": said},
        {"type": "emergency.run", "name": "own"},
    ]
    for command in commands:
        assert web.send(command, scope="admin").status in (200, 409), command
    _directors_notes(web, said)
    _outside(web, said)


def _line(sku: str, quantity: int) -> dict[str, Any]:
    return {"sku": sku, "quantity": quantity}


def _directors_notes(web: Web, said: str) -> None:
    state = n.ObsState(connected=True, scene=said, preview=said, studio_mode=True, streaming=True, problems=(said,))
    first: list[AnyNote] = [
        n.RuleFired(rule="last-50", sku="A", key="fired", why=said, values={"text": said}),
        n.RuleSkipped(rule="last-50", sku="B", key="skipped", why=said),
        n.AlertRaised(rule="alert-1", sku="A", text=said, level="urgent"),
        n.TaskOpened(task="copy", text=said, why=said, copy=True),
        n.TaskOpened(task="confirm", text=f"announce {said}", why=said, confirm=True),
        n.TaskOpened(task="trouble", text=f"obs.scene {said}", why=said, level="urgent", trouble="failed"),
        n.ObsChanged(obs="main", state=state),
        n.ObsHealth(obs="main", values=n.ObsValues(dropped_frames=0.061, cpu=0.38, disk_gb=7.4, fps=60.0)),
        n.ObsChanged(obs="second", state=n.ObsState(connected=False, problems=(said,))),
        n.SourceStale(source="erp", since="2026-11-11T12:00:00.000Z"),
        n.ChatHeard(channel="mini", keyword="尺码", text=said, author=said),
        n.StockPushed(channel="mall", levels={"A": 60}, failed={"B": said}),
        n.OrderUnmapped(channel="mall", order=f"q-{said}", platform_skus={f"s-{said}": 2}),
    ]
    fired = _note(web, first)[0]
    failed = n.ActionDone(firing=fired, index=0, action="announce", status="failed", detail=said)
    scene = n.ObsActed(firing=fired, index=1, action="obs.scene", target="main", status="uncertain", detail=said)
    _note(web, [failed, scene])
    near = Decision(rule="last-50", sku="B", held="near", seq=fired, at_ms=int(time.time() * 1000), why=said)
    web.client.hset(decisions_key(web.session), "last-50", msgspec.json.encode([near]))


def _note(web: Web, notes: list[AnyNote]) -> list[int]:
    encoded = [encode_note(Noted(_id(place, each), each, "clock"), None) for place, each in enumerate(notes)]
    answers = [read_answer(answer) for answer in web.engine.decide(encoded)]
    assert {answer.status for answer in answers} == {"accepted"}, answers
    return [answer.seq or 0 for answer in answers]


def _id(place: int, note: AnyNote) -> str:
    match note:
        case n.RuleFired(rule=rule, key=key) | n.RuleSkipped(rule=rule, key=key):
            return firing_id(rule, key)
        case n.TaskOpened(task=task):
            return f"opened-{task}"
    return f"{type(note).__name__}-{place}"


def _outside(web: Web, said: str) -> None:
    now = int(time.time() * 1000)
    say_outside(
        web.store_url,
        web.session,
        [
            TargetStatus(name="channel.mall", plugin="shop", state="failing", reason=said, remedy=said, at_ms=now),
            TargetStatus(name="webhook.crm", state="set_aside", reason=said, remedy=said, at_ms=now),
        ],
        dead=said,
    )
    glance = Glance(at_ms=now, scenes=("Scene", said), texts={said: said}, program=said, preview=None)

    async def look() -> None:
        async with connect_async(web.store_url) as client:
            await write_glance(client, glances_key(web.session), "main", glance, {})

    in_a_thread(look)


def hostile_plugins(said: str) -> str:
    """What /api/v1/plugins might answer of a plugin that failed."""
    broken = {"name": "broken", "kind": "plugin", "where": said, "state": "failed", "provides": [said], "reason": said}
    return json.dumps({"plugins": [{**broken, "remedy": said}]})
