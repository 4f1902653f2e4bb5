"""Staying connected: what is tried again, what is not, and what the desk is told of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from overlaykit.director.obs import Address, Reach
from overlaykit.errors import ObsSkipped
from tests.conftest import until
from tests.obs.controlled import AnyObs, Controlled
from tests.obs.fake import FakeObs

Take = Callable[..., Controlled]


def test_the_status_of_an_obs_that_is_there(any_obs: AnyObs, controlled: Take) -> None:
    room = controlled(any_obs)
    status = room.status
    assert (status.connected, status.scene, status.preview, status.studio_mode) == (True, "Scene", None, False)
    assert (status.streaming, status.recording, status.problems) == (False, False, ())
    until(lambda: room.told() and room.told()[-1] == status, "the same was told", 5)


def test_health_is_told(any_obs: AnyObs, controlled: Take) -> None:
    room = controlled(any_obs)
    until(lambda: any(values.fps for values in room.health()), "health", 5)
    first = room.health()[0]
    assert first.fps != 0
    assert first.disk_gb
    assert first.dropped_frames is None  # it does not stream
    assert first.reconnecting is False


# ------------------------------------------------------------------------------------------- a fake that misbehaves


def test_an_obs_that_is_not_there_yet_is_found_when_it_comes(fake_obs: FakeObs, controlled: Take) -> None:
    fake_obs.stop()
    room = controlled(fake_obs, wait=False)
    until(lambda: "nothing answers at" in room.problems, "it is said that nothing answers", 5)
    assert "没有应答" in room.problems
    fake_obs.start()
    room.connected(3)
    assert room.problems == ""


def test_an_obs_that_nobody_misses_is_told_only_once_it_was_there(fake_obs: FakeObs, controlled: Take) -> None:
    fake_obs.stop()
    room = controlled(fake_obs, wait=False, missed=False)
    until(lambda: "nothing answers at" in room.problems, "it has tried", 5)
    fake_obs.start()
    room.connected(5)
    until(lambda: [state.connected for state in room.told()] == [True], "that it is there is told first", 5)
    fake_obs.stop()
    until(lambda: [state.connected for state in room.told()] == [True, False], "from then on its loss is told", 5)


def test_whoever_asks_for_an_obs_that_nobody_missed_hears_that_it_is_away(fake_obs: FakeObs, controlled: Take) -> None:
    fake_obs.stop()
    room = controlled(fake_obs, wait=False, missed=False)
    until(lambda: "nothing answers at" in room.problems, "it has tried", 5)
    assert room.told() == []
    assert room.ask("request", "Reconnect", {}) == ""
    until(lambda: [state.connected for state in room.told()] == [False], "it is told", 5)


def test_a_loss_is_told(fake_obs: FakeObs, controlled: Take) -> None:
    room = controlled(fake_obs)
    fake_obs.stop()
    until(lambda: [state.connected for state in room.told()] == [True, False], "the loss is told", 5)
    lost = room.told()[-1]
    assert (lost.scene, lost.streaming) == (None, False)


def test_who_was_kicked_does_not_come_back_by_itself(fake_obs: FakeObs, controlled: Take) -> None:
    room = controlled(fake_obs)
    fake_obs.close_all(4011)
    until(lambda: "somebody ended our connection" in room.problems, "it is said", 5)
    before = fake_obs.connections
    began = time.monotonic()
    until(lambda: time.monotonic() - began > 2.5, "longer than any pause between attempts", 5)
    assert fake_obs.connections == before
    assert room.ask("request", "Reconnect", {}) == ""
    room.connected(3)


def test_a_server_that_was_switched_off_and_on_again_is_found(fake_obs: FakeObs, controlled: Take) -> None:
    room = controlled(fake_obs)
    fake_obs.close_all(1001)
    until(lambda: fake_obs.connections == 2, "it is back by itself", 5)
    room.connected(3)


def test_an_obs_that_hangs_is_given_up(fake_obs: FakeObs, controlled: Take) -> None:
    room = controlled(fake_obs)
    fake_obs.silent = True
    until(lambda: "did not answer GetStats" in room.problems, "it is given up", 25)
    fake_obs.silent = False
    room.connected(10)


def test_nonsense_ends_a_connection_and_the_next_one_is_well(fake_obs: FakeObs, controlled: Take) -> None:
    room = controlled(fake_obs)
    fake_obs.say_nonsense()
    until(lambda: fake_obs.connections == 2, "it connects anew", 5)
    room.connected(3)


@pytest.mark.parametrize(
    "scenes",
    [
        {"scenes": []},
        {"scenes": None, "currentProgramSceneName": "Scene", "currentPreviewSceneName": None},
        {"scenes": [{"sceneIndex": 0}], "currentProgramSceneName": "Scene", "currentPreviewSceneName": None},
    ],
)
def test_an_obs_whose_answers_are_no_use_is_named_until_they_are(
    fake_obs: FakeObs, controlled: Take, scenes: dict[str, Any]
) -> None:
    fake_obs.studio.amiss["GetSceneList"] = scenes
    room = controlled(fake_obs, wait=False)
    until(
        lambda: "OBS 对 GetSceneList 的回答不符合 obs-websocket 协议" in room.problems, "it is said what is wrong", 10
    )
    assert not room.status.connected
    fake_obs.studio.amiss.clear()
    room.connected(10)


def test_events_and_looks_that_are_no_use_are_passed_over_and_logged(
    fake_obs: FakeObs, controlled: Take, caplog: pytest.LogCaptureFixture
) -> None:
    room = controlled(fake_obs)
    fake_obs.studio.amiss |= {"GetStats": {"activeFps": "fast"}, "GetStreamStatus": {}}
    asked = fake_obs.count("GetStats")
    fake_obs.happen("SceneNameChanged", sceneName="Scene")
    fake_obs.happen("StreamStateChanged", outputState="started")
    fake_obs.happen("RecordStateChanged", outputActive=True)
    until(lambda: room.status.recording, "what came after them is heard", 5)
    until(lambda: fake_obs.count("GetStats") > asked + 1, "it is looked at again", 10)
    assert room.status.connected
    assert fake_obs.connections == 1
    said = [record.getMessage() for record in caplog.records if "not what obs-websocket says" in record.getMessage()]
    assert [next(name for name in said if event in name) for event in ("SceneNameChanged", "StreamStateChanged")]
    assert len([each for each in said if "GetStats" in each]) == 1


def test_an_obs_that_loads_is_not_connected_yet(fake_obs: FakeObs, controlled: Take) -> None:
    fake_obs.studio.loading = True
    room = controlled(fake_obs, wait=False)
    until(lambda: fake_obs.count("GetSceneList") >= 3, "it is asked again and again", 5)
    assert not room.status.connected
    with pytest.raises(ObsSkipped, match="OBS was loading"):
        room.scene("Scene", within=0.2)
    fake_obs.studio.loading = False
    room.connected(3)


def test_frames_that_are_lost_are_told_as_shares(fake_obs: FakeObs, controlled: Take) -> None:
    stream = fake_obs.studio.stream
    stream.update(outputActive=True, outputTotalFrames=1000)
    room = controlled(fake_obs)
    until(lambda: room.status.streaming, "it streams", 5)
    until(room.health, "health", 5)
    stream.update(outputTotalFrames=1100, outputSkippedFrames=10, outputCongestion=0.4, outputReconnecting=True)
    until(lambda: room.health()[-1].dropped_frames == 0.1, "a tenth of the last frames was lost", 5)
    last = room.health()[-1]
    assert (last.dropped_frames_1m, last.congestion, last.reconnecting) == (0.1, 0.4, True)


def test_secrets_are_nowhere(fake_obs: FakeObs, controlled: Take, caplog: pytest.LogCaptureFixture) -> None:
    room = controlled(fake_obs)
    assert fake_obs.password not in repr(room.reach)
    room.reach = Reach(Address(port=fake_obs.port), "falsch-und-geheim")
    fake_obs.cut()
    until(lambda: "does not take this password" in room.problems, "it is said", 5)
    assert "falsch-und-geheim" not in caplog.text + room.problems + repr(room.reach)


def test_a_new_password_is_taken_up(fake_obs: FakeObs, controlled: Take) -> None:
    room = controlled(fake_obs)
    right = room.reach
    room.reach = Reach(right.address, "falsch")
    fake_obs.cut()
    until(lambda: "不接受这个密码" in room.problems, "it is said", 5)
    before = fake_obs.connections
    began = time.monotonic()
    until(lambda: time.monotonic() - began > 2.5, "longer than any pause between attempts", 5)
    assert fake_obs.connections == before
    room.reach = right
    room.connected(5)
