"""A room whose plan has somebody outside: the gateway runs beside the others, hears, counts, and keeps its secrets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import PLAN, until

if TYPE_CHECKING:
    from tests.conftest import Room

pytestmark = pytest.mark.store

StartRoom = Callable[..., "Room"]

OUTSIDE = """
[location.hz]
source = "wms"
stale_after = "1s"
[source.wms]
plugin = "simulated_warehouse"
every = 0.2
settings = {{ counts = "{folder}/counts.json" }}
[channel.mini]
connector = "simulated_room"
settings = {{ chat = "{folder}/chat.jsonl", sent = "{folder}/sent.jsonl" }}
[webhook.crm]
url = "http://127.0.0.1:9/"
[[rule]]
name = "how"
when = 'chat "怎么买"'
do = [{{ action = "chat", text = "{{{{ items[0].title }}}} 点左下角" }}]
cooldown = "1h"
"""


@pytest.fixture
def outside(plan_folder: Path) -> Path:
    """The folder of a session with a chat, a warehouse and a webhook; its files stand beside the plan."""
    (plan_folder / "session.toml").write_text(PLAN + OUTSIDE.format(folder=plan_folder), encoding="utf-8")
    (plan_folder / "counts.json").write_text('{"A": 90}', encoding="utf-8")
    return plan_folder


def entries(running: Room, type: str) -> list[dict[str, Any]]:
    found = (running.state / "recordings").glob("room/*/recording.jsonl")
    lines = [json.loads(line) for path in found for line in path.read_bytes().split(b"\n")[:-1]]
    return [line for line in lines if line.get("type") == type]


def test_a_chat_is_heard_and_answered_a_warehouse_counted_and_its_silence_said(room: StartRoom, outside: Path) -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8G"
    running = room(outside, environment={"OVERLAYKIT_SECRET_WEBHOOK_CRM_SECRET": secret})
    assert set(running.pids) == {"supervisor", "store", "web", "director", "gateway"}
    until(lambda: entries(running, "stock.count"), "the warehouse is counted")

    def say_and_hear() -> list[dict[str, Any]]:
        with (outside / "chat.jsonl").open("a", encoding="utf-8") as chat:
            chat.write('{"author": "小满", "text": "这个怎么买?"}\n')
        return entries(running, "chat.heard")

    heard = until(say_and_hear, "the chat is heard")
    assert (heard[0]["data"]["channel"], heard[0]["data"]["keyword"]) == ("mini", "怎么买")
    assert heard[0]["source"] == "connector:mini"

    sent = outside / "sent.jsonl"
    until(lambda: sent.exists() and sent.read_text(encoding="utf-8").endswith("\n"), "the rule answers in the chat")
    assert json.loads(sent.read_text(encoding="utf-8")) == {"chat": "羊绒大衣 点左下角"}
    done = until(lambda: entries(running, "action.done"), "that stands in the ledger")[0]
    assert (done["data"]["action"], done["data"]["target"], done["data"]["status"]) == ("chat", "mini", "done")
    assert done["cause"] == entries(running, "rule.fired")[0]["seq"]

    (outside / "counts.json").unlink()

    def is_stale() -> bool:
        items: Any = running.board()["items"]
        return items["A"]["stale"] is True

    until(is_stale, "the warehouse is silent, and the board says so")
    until(lambda: entries(running, "source.stale"), "and so does the recording")
    fresh = len(entries(running, "source.fresh"))

    before = running.kill("gateway")
    until(lambda: running.pids.get("gateway", before) != before, "it is started again")
    (outside / "counts.json").write_text('{"A": 80}', encoding="utf-8")
    until(lambda: len(entries(running, "source.fresh")) > fresh, "the next one says that the warehouse speaks again")

    for name in ("web", "director", "gateway"):
        assert secret.encode() not in Path(f"/proc/{running.pids[name]}/environ").read_bytes()
    assert "no secret" not in (running.state / "logs" / "gateway.log").read_text(encoding="utf-8")
    assert running.stop() == 0


def test_a_plan_that_stays_in_its_room_has_no_gateway(room: StartRoom) -> None:
    assert "gateway" not in room().pids
