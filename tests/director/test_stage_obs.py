"""Rules and OBS: an order becomes a text and a scene, also when OBS or the director falls in between."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from overlaykit.director import run as director_run
from overlaykit.director import stage
from overlaykit.director.equipment import Equipment
from overlaykit.director.obs import Address, Reach
from overlaykit.model.parsing import parse
from overlaykit.recording import verify
from tests.conftest import until
from tests.obs.conftest import any_obs as any_obs

pytestmark = pytest.mark.store

CLOSE_UP = {"action": "obs.scene", "scene": "特写", "for": "1s"}
STOCK = {"source": "库存", "template": "{% if item %}仅剩 {{ item.available }} 件{% endif %}"}


def reaching(obs: Any) -> Equipment:
    return Equipment(obs_reach=lambda name, settings: Reach(Address("127.0.0.1", obs.port), obs.password))


def prepared(obs: Any) -> None:
    """A scene to switch to, a text to write, a source to hide."""
    with obs.hand() as hand:
        hand.scenes("特写")
        hand.text_source("Scene", "库存", "?")
        hand.text_source("特写", "角标", "热卖")


def says(obs: Any) -> str:
    with obs.hand() as hand:
        return str(hand.text("库存"))


def program(obs: Any) -> str:
    with obs.hand() as hand:
        return str(hand.program)


def with_obs(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"obs": {"main": {"text": [STOCK], "manual_override": 30.0}}, "rule": list(rules)}


def last_50(*do: dict[str, Any]) -> dict[str, Any]:
    return {"name": "last-50", "when": "available < 50", "do": list(do)}


def connected(room: Any) -> bool:
    changes = room.entries("obs.changed")
    return bool(changes) and changes[-1]["data"]["state"]["connected"] is True


def acted(room: Any) -> dict[str, str]:
    return {entry["data"]["action"]: entry["data"]["status"] for entry in room.entries("obs.acted")}


def test_an_order_becomes_a_text_and_a_scene_that_goes_back(
    any_obs: Any, store: Any, ledger: str, director: Any, evening: Any
) -> None:
    prepared(any_obs)
    hide = {"action": "obs.hide", "scene": "特写", "source": "角标"}
    room = evening(store.url, ledger, with_obs(last_50(CLOSE_UP, hide)))
    room.send("item.feature", sku="A")
    seat = director(store.url, equipment=reaching(any_obs))
    until(lambda: says(any_obs) == "仅剩 1000 件", "the text is true from the beginning")

    with any_obs.hand() as hand, any_obs.viewer() as viewer:
        hand.ask("SetCurrentSceneTransition", transitionName="Cut")
        room.sell(955)
        viewer.sees("特写", "Scene")  # for a second, and it goes back
    until(lambda: says(any_obs) == "仅剩 45 件", "the text follows")
    until(lambda: acted(room) == {"obs.scene": "done", "obs.hide": "done"}, "both are said to be done")
    with any_obs.hand() as hand:
        assert not hand.visible("特写", "角标")
    seat.stop()
    assert seat.alarms == []


def test_a_person_who_switched_the_scene_keeps_it_until_the_desk_asks(
    any_obs: Any, store: Any, ledger: str, director: Any, evening: Any
) -> None:
    prepared(any_obs)
    with any_obs.hand() as hand:
        hand.scenes("采访")
    room = evening(store.url, ledger, with_obs(last_50(CLOSE_UP)))
    seat = director(store.url, equipment=reaching(any_obs))
    until(lambda: connected(room), "it is connected")
    with any_obs.hand() as hand:
        hand.switch("采访")
    until(lambda: room.entries("obs.changed")[-1]["data"]["state"].get("override_until"), "the person is seen")

    room.sell(955)
    until(lambda: acted(room) == {"obs.scene": "skipped"}, "automation yields, and says so")
    assert program(any_obs) == "采访"

    room.send("obs.do", obs="main", request="SetCurrentProgramScene", data={"sceneName": "特写"})
    until(lambda: program(any_obs) == "特写", "the desk is obeyed")
    seat.stop()


def test_an_obs_that_is_away_stops_no_rule_and_is_right_when_it_comes_back(
    fake_obs: Any, store: Any, ledger: str, director: Any, evening: Any
) -> None:
    prepared(fake_obs)
    rule = last_50({**CLOSE_UP, "otherwise": "task"}, {"action": "announce", "text": "最后 50 件"})
    room = evening(store.url, ledger, with_obs({**rule, "late": 0.5}))
    room.send("item.feature", sku="A")
    seat = director(store.url, equipment=reaching(fake_obs))
    until(lambda: connected(room), "it is connected")
    fake_obs.stop()
    until(lambda: not connected(room), "its loss is seen")

    room.sell(955)
    until(lambda: room.entries("announce.show"), "the rest is done")
    until(lambda: acted(room) == {"obs.scene": "task"}, "the switch comes too late, and is a person's")
    fake_obs.start()
    until(lambda: says(fake_obs) == "仅剩 45 件", "the text is right again")
    assert program(fake_obs) == "Scene", "no stale switch"
    seat.stop()


def test_in_a_rush_obs_gets_few_updates_and_ends_right(
    fake_obs: Any, store: Any, ledger: str, director: Any, evening: Any
) -> None:
    prepared(fake_obs)
    levels = [
        {**last_50({"action": "announce", "text": "…"}), "name": f"l{n}", "when": f"available < {n}"}
        for n in (900, 500)
    ]
    room = evening(store.url, ledger, with_obs(*levels))
    room.send("item.feature", sku="A")
    seat = director(store.url, equipment=reaching(fake_obs))
    until(lambda: says(fake_obs) == "仅剩 1000 件", "the text is there")
    before, began = fake_obs.count("SetInputSettings", inputName="库存"), time.monotonic()
    orders = [{"type": "order.reserve", "order": f"q{n}", "lines": [{"sku": "A", "quantity": 1}]} for n in range(3000)]
    asked = [parse(json.dumps(order).encode(), "api:rush") for order in orders]
    for start in range(0, len(asked), 100):
        room.engine.submit(asked[start : start + 100])

    until(lambda: says(fake_obs) == "仅剩 0 件", "the last one lands")
    seconds = time.monotonic() - began
    assert fake_obs.count("SetInputSettings", inputName="库存") - before <= 4 * seconds + 2
    until(lambda: len(room.entries("rule.fired")) == 2, "both levels have fired")
    seat.stop()


def test_a_session_that_is_over_lets_obs_go_and_rests(
    fake_obs: Any, store: Any, ledger: str, director: Any, evening: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "LET_GO_AFTER", 0.3)
    monkeypatch.setattr(director_run, "REST_AFTER", 0.5)
    prepared(fake_obs)
    farewell = {"name": "bye", "when": "session closed", "do": [{"action": "obs.scene", "scene": "特写"}]}
    room = evening(store.url, ledger, with_obs(farewell))
    seat = director(store.url, equipment=reaching(fake_obs))
    until(lambda: connected(room), "it is connected")

    room.send("session.close")
    until(lambda: program(fake_obs) == "特写", "what its end sets off is done")
    until(lambda: not connected(room), "then OBS is let go")
    until(lambda: seat.recorded(ledger) and verify(seat.recording(ledger)).unsigned == 0, "the session rests")
    seat.stop()


@pytest.mark.parametrize("name", ["first", "second"])
def test_whoever_directs_after_the_end_lets_go_of_an_obs_that_was_not_let_go(
    fake_obs: Any, store: Any, ledger: str, director: Any, evening: Any, name: str
) -> None:
    prepared(fake_obs)
    room = evening(store.url, ledger, with_obs(last_50(CLOSE_UP)))
    seat = director(store.url, equipment=reaching(fake_obs))
    until(lambda: connected(room), "it is connected")
    fake_obs.stop()
    until(lambda: "alert obs:main" in room.engine.state().shown, "that it is away is an alert")
    room.send("session.close")
    until(lambda: seat.recorded(ledger) == room.ledger(), "the end is recorded")
    seat.stop()
    assert "alert obs:main" in room.engine.state().shown, "it ended before OBS was let go"

    seat = director(store.url, name, equipment=reaching(fake_obs))
    until(lambda: "alert obs:main" not in room.engine.state().shown, "nobody misses it any more")
    until(lambda: seat.recorded(ledger) == room.ledger(), "all of it is recorded")
    last = room.entries("obs.changed")[-1]["data"]["state"]
    assert (last["connected"], last["wanted"]) == (False, False)
    seat.stop()
    assert seat.alarms == []
