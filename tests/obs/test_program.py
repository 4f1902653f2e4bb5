"""What is on program: switched in time, left again, and left to the person who took it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from overlaykit.errors import ObsRefused, ObsSkipped
from tests.conftest import until
from tests.obs.controlled import AnyObs, Controlled
from tests.obs.fake import FakeObs

Take = Callable[..., Controlled]


def test_a_scene_is_switched(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.scenes("特写")
        room = controlled(any_obs)
        assert room.status.scene == "Scene"
        assert room.scene("特写") == "Scene → 特写"
        assert hand.program == "特写"
        assert room.status.scene == "特写"
        assert room.status.override_until is None
        assert "已在播出" in room.scene("特写")


def test_it_goes_back_after_a_while(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand, any_obs.viewer() as viewer:
        hand.scenes("特写")
        hand.ask("SetCurrentSceneTransition", transitionName="Cut")
        room = controlled(any_obs)
        room.scene("特写", seconds=0.5)
        viewer.sees("特写", "Scene")
        until(lambda: room.status.scene == "Scene", "and the status says so", 5)
        assert room.status.override_until is None


def test_a_person_who_touched_the_scene_keeps_it(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.scenes("特写", "全景")
        room = controlled(any_obs, manual_override=0.6)
        room.scene("特写", seconds=0.4)
        hand.switch("全景")
        with pytest.raises(ObsSkipped, match="a person switched the scene") as caught:
            room.scene_once_a_person_is_seen("特写")
        assert "手动切换" in caught.value.chinese
        until(lambda: room.status.override_until is None, "automation has it again", 5)
        assert hand.program == "全景"  # long after the scene should have been left
        room.scene("特写")
        assert hand.program == "特写"


def test_a_person_may_switch_back_and_forth(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.scenes("特写", "全景")
        room = controlled(any_obs)
        room.scene("特写", seconds=0.6)
        hand.switch("全景")
        until(lambda: room.status.scene == "全景", "the person is seen", 5)
        hand.switch("特写")
        until(lambda: room.status.scene == "特写", "the person is seen again", 5)
        began = time.monotonic()
        until(lambda: time.monotonic() - began > 0.8, "the while is over", 5)
        assert hand.program == "特写"


def test_a_person_gives_the_scene_back(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.scenes("特写")
        room = controlled(any_obs)
        hand.switch("特写")
        until(lambda: room.status.override_until, "the person is seen", 5)
        assert room.ask("request", "ReleaseScene", {}) == ""
        assert room.status.override_until is None
        room.scene("Scene")
        assert hand.program == "Scene"


def test_what_a_person_asks_for_at_the_desk_does_not_yield(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.scenes("应急画面", "全景")
        room = controlled(any_obs)
        hand.switch("全景")
        until(lambda: room.status.override_until, "the person is seen", 5)
        room.call("release")
        room.scene("应急画面", insist=True)
        assert hand.program == "应急画面"
        with pytest.raises(ObsSkipped):
            room.scene("Scene")  # who asked for it has the scene now
        room.scene("全景", insist=True)
        assert hand.program == "全景"


def test_nobody_yields_where_the_plan_says_so(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.scenes("特写", "全景")
        room = controlled(any_obs, manual_override=0)
        hand.switch("全景")
        until(lambda: room.status.scene == "全景", "the person is seen", 5)
        assert room.status.override_until is None
        room.scene("特写")
        assert hand.program == "特写"


def test_two_visits_end_one_after_the_other(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand, any_obs.viewer() as viewer:
        hand.scenes("特写", "售罄")
        hand.ask("SetCurrentSceneTransition", transitionName="Cut")
        room = controlled(any_obs)
        room.scene("特写", seconds=1.5)
        assert "特写 → 售罄" in room.scene("售罄", seconds=0.3)
        viewer.sees("特写", "Scene")  # the later one is over first


def test_a_scene_without_an_end_stays(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.scenes("特写", "应急画面")
        room = controlled(any_obs)
        room.scene("特写", seconds=0.3)
        room.scene("应急画面")
        began = time.monotonic()
        until(lambda: time.monotonic() - began > 0.5, "the while is over", 5)
        assert hand.program == "应急画面"


def test_a_missing_scene_is_named_with_the_nearest(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.scenes("商品特写 2")
        room = controlled(any_obs)
        with pytest.raises(ObsRefused, match="there is no scene '商品特写'; did you mean '商品特写 2'") as caught:
            room.scene("商品特写")
        assert "没有场景“商品特写”" in caught.value.chinese
        assert hand.program == "Scene"


def test_a_scene_that_gets_another_name_is_no_switch(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.scenes("特写")
        room = controlled(any_obs)
        hand.ask("SetSceneName", sceneName="Scene", newSceneName="主画面")
        until(lambda: room.status.scene == "主画面", "the new name is known", 5)
        assert room.status.override_until is None
        room.scene("特写", seconds=0.4)
        hand.ask("SetSceneName", sceneName="主画面", newSceneName="主画面 2")
        until(lambda: hand.program == "主画面 2", "it goes back to the scene by its new name", 5)


@pytest.mark.parametrize("way", ["direct", "preview"])
@pytest.mark.parametrize("transition", ["Cut", "Fade"])
def test_studio_mode_keeps_what_a_person_prepared(any_obs: AnyObs, controlled: Take, way: str, transition: str) -> None:
    with any_obs.hand() as hand:
        hand.scenes("特写", "准备中")
        hand.ask("SetCurrentSceneTransition", transitionName=transition)
        room = controlled(any_obs, studio_mode=way)
        hand.ask("SetStudioModeEnabled", studioModeEnabled=True)
        hand.ask("SetCurrentPreviewScene", sceneName="准备中")
        until(lambda: room.status.preview == "准备中", "studio mode is seen", 5)
        assert room.status.studio_mode
        assert room.status.override_until is None  # a preview is not on air
        room.scene("特写", seconds=1.2)
        assert hand.program == "特写"
        until(lambda: hand.preview == "准备中", "what the person prepared is in preview again", 5)
        assert hand.program == "特写"
        until(lambda: hand.program == "Scene", "the scene before is back", 5)
        until(lambda: room.status.preview == "准备中", "and the preview too", 5)
        assert room.status.override_until is None


def test_leaving_studio_mode_is_no_switch(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.scenes("特写")
        hand.ask("SetStudioModeEnabled", studioModeEnabled=True)
        room = controlled(any_obs)
        hand.ask("SetStudioModeEnabled", studioModeEnabled=False)
        until(lambda: not room.status.studio_mode, "that is seen", 5)
        room.scene("特写")
        assert hand.program == "特写"


def test_media_hotkeys_transitions_and_requests(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        about = {"inputName": "售罄动画", "inputKind": "ffmpeg_source", "inputSettings": {}}
        hand.ask("CreateInput", sceneName="Scene", **about)
        room = controlled(any_obs)
        assert room.ask("play_media", "售罄动画") == "售罄动画: restart"
        room.ask("press_hotkey", "OBSBasic.ResetStats")
        room.ask("set_transition", "Fade", 500)
        until(lambda: hand.transition == "Fade", "the transition is chosen: OBS answers before it is", 5)
        room.ask("request", "SetCurrentProgramScene", {"sceneName": "Scene"})
        assert room.status.override_until is None  # a scene that a rule asks for by a bare request is no person's
        assert '"studioModeEnabled": false' in room.ask("request", "GetStudioModeEnabled", {})
        assert room.ask("request", "SetCurrentSceneTransition", {"transitionName": "Cut"}) == ""
        with pytest.raises(ObsRefused, match="there is no source '售馨动画'; did you mean '售罄动画'"):
            room.ask("play_media", "售馨动画")
        with pytest.raises(ObsRefused, match="there is no transition 'Fede'; did you mean 'Fade'"):
            room.ask("set_transition", "Fede")
        with pytest.raises(ObsRefused, match="OBS refused NoSuchThing"):
            room.ask("request", "NoSuchThing", {})
        with pytest.raises(ObsRefused, match="OBS refused PressInputPropertiesButton"):
            room.ask("refresh", "售罄动画")


def test_another_director_goes_back_where_the_first_one_ended(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.scenes("特写")
        first = controlled(any_obs)
        first.scene("特写", seconds=1.0)
        until(lambda: first.told()[-1].back_to == "Scene", "what comes back is told", 5)
        last = first.told()[-1]
        first.stop()
        second = controlled(any_obs, known=last)
        assert second.status.back_at == last.back_at
        until(lambda: hand.program == "Scene", "the scene before is back", 5)
        until(lambda: second.status.back_to is None, "and nothing comes back any more", 5)


def test_another_director_leaves_the_scene_to_the_person_too(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.scenes("特写", "全景")
        first = controlled(any_obs, manual_override=30)
        first.scene("特写", seconds=1.0)
        hand.switch("全景")
        until(lambda: first.told()[-1].override_until, "the person is told of", 5)
        first.stop()
        second = controlled(any_obs, known=first.told()[-1])
        assert second.status.override_until == first.told()[-1].override_until
        assert second.status.back_to is None
        with pytest.raises(ObsSkipped):
            second.scene("特写")


# --------------------------------------------------------------------------------------------- what a fake alone does


def test_a_browser_source_is_loaded_again(fake_obs: FakeObs, controlled: Take) -> None:
    with fake_obs.hand() as hand:
        hand.ask("CreateInput", sceneName="Scene", inputName="画面", inputKind="browser_source", inputSettings={})
        room = controlled(fake_obs)
        assert room.ask("refresh", "画面") == "画面"
        assert fake_obs.studio.now.inputs["画面"].pressed == ["refreshnocache"]


def test_a_moment_waits_for_an_obs_that_loads(fake_obs: FakeObs, controlled: Take) -> None:
    with fake_obs.hand() as hand:
        hand.scenes("特写")
    room = controlled(fake_obs)
    fake_obs.studio.loading = True
    switching = threading.Thread(target=lambda: room.scene("特写"))
    switching.start()
    until(lambda: fake_obs.count("SetCurrentProgramScene") >= 2, "it is asked again", 5)
    fake_obs.studio.loading = False
    switching.join()
    assert fake_obs.studio.now.program == "特写"


def test_a_moment_that_is_too_late_is_dropped_and_never_comes(fake_obs: FakeObs, controlled: Take) -> None:
    with fake_obs.hand() as hand:
        hand.scenes("特写")
    fake_obs.stop()
    room = controlled(fake_obs, wait=False)
    with pytest.raises(ObsSkipped, match="too late, not done: nothing answers at") as caught:
        room.scene("特写", within=0.3)
    assert "已过时" in caught.value.chinese
    fake_obs.start()
    room.connected()
    assert fake_obs.studio.now.program == "Scene"
    assert fake_obs.count("SetCurrentProgramScene") == 0


def test_a_visit_goes_on_over_a_broken_connection(fake_obs: FakeObs, controlled: Take) -> None:
    with fake_obs.hand() as hand:
        hand.scenes("特写")
    room = controlled(fake_obs)
    room.scene("特写", seconds=0.5)
    fake_obs.cut()
    until(lambda: fake_obs.studio.now.program == "Scene", "the scene before is back", 5)


def test_after_a_restart_with_another_scene_nothing_goes_back(fake_obs: FakeObs, controlled: Take) -> None:
    with fake_obs.hand() as hand:
        hand.scenes("特写", "片头")
    room = controlled(fake_obs)
    room.scene("特写", seconds=0.5)
    fake_obs.stop()
    fake_obs.studio.now.program = "片头"
    fake_obs.start()
    began = time.monotonic()
    until(lambda: room.status.connected and time.monotonic() - began > 0.7, "the while is over", 5)
    assert fake_obs.studio.now.program == "片头"
    assert room.status.override_until is None
