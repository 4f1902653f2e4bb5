"""What a director does in a room beside its rules: it says how fast items sell, and looks after overlays in OBS."""

from __future__ import annotations

from typing import Any

import pytest

from overlaykit.director.equipment import Equipment
from overlaykit.director.obs import Address, Reach
from tests.conftest import until
from tests.obs.fake import FakeObs

pytestmark = pytest.mark.store


def test_pace_is_said_and_who_takes_over_goes_on(
    store: Any, ledger: str, director: Any, evening: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("overlaykit.forecast.pace.ENOUGH_SECONDS", 1.0)
    rule = {"name": "never", "when": "available < 1", "do": [{"action": "announce", "text": "!"}]}
    room = evening(store.url, ledger, later={"rule": [rule]})
    seat = director(store.url)

    def said() -> list[Any]:
        return [entry["data"]["items"]["A"] for entry in room.entries("forecast.updated")]

    def sell_until(condition: Any, what: str) -> None:
        def look() -> Any:
            room.sell(2)
            return condition()

        until(look, what, 15)

    sell_until(said, "a pace is said")
    pace, sells_out_at = said()[0]
    assert pace > 0
    assert sells_out_at > room.entries()[-1]["at"]
    assert {entry["source"] for entry in room.entries("forecast.updated")} == {"clock"}

    seat.stop()
    before = len(said())
    second = director(store.url, "second")
    sell_until(lambda: len(said()) > before, "the second one goes on")
    assert all(pace is not None for pace, _ in said()), "it read what was sold before it came"

    room.send("session.close")
    until(lambda: said()[-1] == [None, None], "a closed session has no pace")
    second.stop()
    assert seat.alarms == second.alarms == []


def test_an_overlay_is_loaded_anew_on_demand_and_once(
    store: Any, ledger: str, director: Any, evening: Any, fake_obs: FakeObs
) -> None:
    url = "http://127.0.0.1:8080/overlay/bar?token=x"
    with fake_obs.hand() as hand:
        settings = {"url": url, "width": 1080, "height": 1920}
        hand.ask("CreateInput", sceneName="Scene", inputName="条", inputKind="browser_source", inputSettings=settings)
    room = evening(store.url, ledger, later={"obs": {"main": {}}})
    reach = Reach(Address(port=fake_obs.port), fake_obs.password)
    seat = director(store.url, equipment=Equipment(obs_reach=lambda name, section: reach))
    until(lambda: any(e["data"]["state"]["connected"] for e in room.entries("obs.changed")), "OBS is connected", 15)

    room.send("overlay.refresh")
    until(lambda: room.entries("obs.acted"), "it is done", 10)
    [acted], [asked] = room.entries("obs.acted"), room.entries("overlay.refresh")
    assert acted["cause"] == acted["data"]["firing"] == asked["seq"]
    assert (acted["data"]["action"], acted["data"]["target"], acted["data"]["status"]) == (
        "overlay.refresh",
        "main",
        "done",
    )
    assert fake_obs.studio.now.inputs["条"].pressed == ["refreshnocache"]

    seat.stop()
    looks = fake_obs.count("GetInputList")
    second = director(store.url, "second", equipment=Equipment(obs_reach=lambda name, section: reach))
    until(lambda: fake_obs.count("GetInputList") > looks, "the second one looks at the overlays", 15)
    assert fake_obs.studio.now.inputs["条"].pressed == ["refreshnocache"], "what was done is not done again"
    second.stop()
    assert seat.alarms == second.alarms == []


def test_an_emergency_plan_takes_the_scene_that_rules_leave_to_a_person(
    store: Any, ledger: str, director: Any, evening: Any, fake_obs: FakeObs
) -> None:
    scene = {"action": "obs.scene", "scene": "特写"}
    later = {
        "rule": [{"name": "last-50", "when": "available < 50", "do": [scene]}],
        "emergency": {"safe": {"do": [{**scene, "scene": "应急"}]}},
        "obs": {"main": {"manual_override": 60.0}},
    }
    with fake_obs.hand() as hand:
        hand.scenes("特写", "应急", "全景")
    room = evening(store.url, ledger, later)
    reach = Reach(Address(port=fake_obs.port), fake_obs.password)
    seat = director(store.url, equipment=Equipment(obs_reach=lambda name, section: reach))

    def last_state() -> Any:
        changes = room.entries("obs.changed")
        return changes[-1]["data"]["state"] if changes else {}

    until(lambda: last_state().get("connected"), "OBS is connected", 15)
    with fake_obs.hand() as hand:
        hand.switch("全景")
        until(lambda: last_state().get("override_until"), "it is seen that a person switched", 10)
        room.sell(960)
        until(lambda: [e["data"]["status"] for e in room.entries("obs.acted")] == ["skipped"], "the rule yields", 10)
        assert hand.program == "全景"
        room.send("emergency.run", name="safe")
        until(lambda: hand.program == "应急", "the emergency plan does not", 10)
    seat.stop()
