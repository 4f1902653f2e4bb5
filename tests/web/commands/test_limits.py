"""Limits over HTTP: who tries too often waits, and one person on two channels counts once where a plugin says so."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Room

pytestmark = pytest.mark.store

StartRoom = Callable[..., "Room"]
PLAN = """
id = "limited"
title = "限购场"
limits = {{ attempts = {{ count = {attempts}, per = "{per}" }} }}
item = [{{ sku = "A", title = "大衣", opening = 100, buyer_limit = 2 }}]
[channel.mini]
[channel.web]
"""
MEMBERS = """
from overlaykit.api import Identity, hookimpl

KNOWN = {("mini", "wx-1"): "anna", ("web", "a@example"): "anna"}

def find(channel, buyer):
    if buyer == "broken":
        raise RuntimeError("the list of members cannot be read")
    return KNOWN.get((channel, buyer), f"{channel} {buyer}")

@hookimpl
def register_identities(register):
    register(Identity(["mini", "web"], find))
"""


def write_plan(folder: Path, *, attempts: int = 1000, per: str = "60s") -> None:
    (folder / "session.toml").write_text(PLAN.format(attempts=attempts, per=per), encoding="utf-8")


def reserve(order: str, buyer: str, channel: str = "mini", quantity: int = 1) -> dict[str, Any]:
    lines = [{"sku": "A", "quantity": quantity}]
    return {"type": "order.reserve", "id": order, "order": order, "channel": channel, "buyer": buyer, "lines": lines}


def answered(room: Room, body: object) -> Any:
    status, answer = room.post("/api/v1/sessions/current/commands", body)
    assert status == 200, answer
    return json.loads(answer)


def test_who_tries_too_often_is_told_when_to_come_back(room: StartRoom, plan_folder: Path) -> None:
    write_plan(plan_folder, attempts=2, per="168h")
    running = room()
    assert [answered(running, reserve(f"o-{n}", "hasty"))["status"] for n in range(2)] == ["accepted"] * 2

    request = urllib.request.Request(
        f"{running.url}/api/v1/sessions/current/commands",
        data=json.dumps(reserve("o-2", "hasty")).encode(),
        headers={"Authorization": f"Bearer {running.tokens['operator']}"},
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    with caught.value as error:
        assert error.code == 429
        assert error.headers["Content-Type"] == "application/problem+json"
        assert 1 <= int(error.headers["Retry-After"]) <= 168 * 3600
        problem = json.loads(error.read())
    assert problem["outcome"] == {"id": "o-2", "status": "refused", "reason": "too_many_attempts"}
    assert problem["type"] == "urn:overlaykit:too_many_attempts"

    (in_bulk,) = answered(running, [reserve("o-3", "hasty")])
    assert in_bulk["reason"] == "too_many_attempts"
    entries = json.loads(running.get("/api/v1/sessions/current/ledger")[1])["entries"]
    orders = [entry["id"] for entry in entries if entry["type"] == "order.reserve"]
    assert orders == ["o-0", "o-1"], "a refused attempt takes no entry"
    assert answered(running, reserve("o-2", "patient"))["status"] == "accepted", "and leaves its id unused"


def test_one_person_on_two_channels_counts_once(room: StartRoom, plan_folder: Path) -> None:
    write_plan(plan_folder)
    members = plan_folder / "plugins" / "members"
    members.mkdir(parents=True)
    (members / "__init__.py").write_text(MEMBERS, encoding="utf-8")
    running = room()
    first, second, third, other = answered(
        running,
        [reserve("a", "wx-1"), reserve("b", "a@example", "web"), reserve("c", "wx-1"), reserve("d", "wx-1", "web", 2)],
    )
    assert (first["status"], second["status"]) == ("accepted", "accepted")
    assert third["reason"] == "buyer_limit"
    assert other["status"] == "accepted", "wx-1 of another channel is somebody else"
    assert answered(running, reserve("e", "a@example", "web"))["reason"] == "buyer_limit"
    entries = json.loads(running.get("/api/v1/sessions/current/ledger")[1])["entries"]
    buyers = {entry["id"]: entry["data"]["buyer"] for entry in entries if entry["type"] == "order.reserve"}
    assert buyers["a"] == buyers["b"] == buyers["c"] != buyers["d"]
    assert all(buyer.startswith("b:") for buyer in buyers.values())
    assert "anna" not in json.dumps(entries)

    assert answered(running, reserve("f", "broken"))["status"] == "accepted", "an order was lost with the plugin"
    status, ready = running.get("/readyz", scope=None)
    assert status == 200
    (notice,) = json.loads(ready)["notices"]
    assert "members" in notice
    assert "cannot be read" in notice
