"""Everybody outside the room: what the gateway says of them, for the desk."""

from __future__ import annotations

import asyncio

from overlaykit.stock import outbox_key
from overlaykit.store import Outbox, TargetStatus, connect_async
from tests.conftest import StoreServer
from tests.web.conftest import Web, say_outside


def test_without_a_gateway_nothing_is_known(web: Web) -> None:
    answer = web.get(f"/api/v1/sessions/{web.session}/gateway").json
    assert (answer["running"], answer["targets"], answer["dead_letters"]) == (False, [], [])


def test_targets_and_dead_letters_are_told_and_a_gateway_that_is_gone_is_seen(web: Web, store: StoreServer) -> None:
    now_ms = int(asyncio.run(_now(store)))
    ready = TargetStatus(name="channel.mini", plugin="acme", can=("chat_send",), at_ms=now_ms, waiting=2)
    silent = TargetStatus(
        name="source.erp", plugin="erp", state="failing", reason="no route", heard_ms=1_900_000_000_000
    )
    say_outside(store.url, web.session, [ready, silent], dead="HTTP 500")
    answer = web.get(f"/api/v1/sessions/{web.session}/gateway", scope="viewer").json
    assert answer["running"] is True
    mini, erp = answer["targets"]
    assert (mini["name"], mini["state"], mini["can"], mini["waiting"], mini["heard_at"]) == (
        *("channel.mini", "ready", ["chat_send"], 2),
        None,
    )
    assert (erp["state"], erp["reason"], erp["heard_at"]) == ("failing", "no route", "2030-03-17T17:46:40.000Z")
    [letter] = answer["dead_letters"]
    assert (letter["target"], letter["kind"], letter["firing"], letter["attempts"], letter["why"]) == (
        *("webhook.crm", "webhook", 7, 10),
        "HTTP 500",
    )
    say_outside(store.url, web.session, [TargetStatus(name="channel.mini", plugin="acme", at_ms=now_ms - 60_000)])
    assert web.get(f"/api/v1/sessions/{web.session}/gateway").json["running"] is False


async def _now(store: StoreServer) -> int:
    async with connect_async(store.url) as client:
        return (await Outbox(client, outbox_key("anything")).take("")).now_ms
