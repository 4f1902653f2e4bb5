"""What is held is true in OBS: whatever people rename, take away or bring back."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.conftest import until
from tests.obs.controlled import AnyObs, Controlled
from tests.obs.fake import FakeObs

Take = Callable[..., Controlled]


def test_a_text_source_says_what_is_held(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.text_source("Scene", "库存", "?", color1=4278190335)
        room = controlled(any_obs)
        room.hold_text("库存", "3号链接 仅剩 7 件")
        assert hand.text("库存") == "3号链接 仅剩 7 件"
        settings = hand.ask("GetInputSettings", inputName="库存")["inputSettings"]
        assert settings["color1"] == 4278190335  # how it looks is the person's
        assert room.status.problems == ()


def test_the_last_of_many_values_lands(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.text_source("Scene", "库存")
        room = controlled(any_obs)
        for number in range(500):
            room.hold_text("库存", str(number), settle=False)
        room.hold_text("库存", "最后")
        assert hand.text("库存") == "最后"


def test_a_source_gets_a_few_values_a_second_and_the_first_at_once(fake_obs: FakeObs, controlled: Take) -> None:
    with fake_obs.hand() as hand:
        hand.text_source("Scene", "库存")
    room = controlled(fake_obs)
    room.hold_text("库存", "0")
    began = time.monotonic()
    number = 0
    while (passed := time.monotonic() - began) < 1.0 or number <= 100:
        number += 1
        room.hold_text("库存", str(number), settle=False)
    room.hold_text("库存", "zuletzt")
    written = [data["inputSettings"]["text"] for name, data in fake_obs.requests if name == "SetInputSettings"]
    assert written[0] == "0"
    assert written[-1] == "zuletzt"
    assert len(written) <= 4 * (passed + 1.0)


def test_a_missing_source_is_named_and_is_filled_as_soon_as_it_is_there(any_obs: AnyObs, controlled: Take) -> None:
    room = controlled(any_obs)
    with any_obs.hand() as hand:
        hand.text_source("Scene", "库存文字 2")
        room.hold_text("库存文字", "7")
        assert "没有文字来源“库存文字”；是否指“库存文字 2”？" in room.problems
        assert "there is no text source '库存文字'" in room.problems
        hand.text_source("Scene", "库存文字")
        until(lambda: hand.text("库存文字") == "7", "the new source says what is held", 5)
        until(lambda: not room.status.problems, "nothing is wrong any more", 5)


def test_a_source_that_was_renamed_is_missed_until_it_is_back(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.text_source("Scene", "库存")
        room = controlled(any_obs)
        room.hold_text("库存", "7")
        hand.ask("SetInputName", inputName="库存", newInputName="别的")
        until(lambda: "“库存”" in room.problems, "the source is missed", 5)
        room.hold_text("库存", "6")
        hand.ask("SetInputName", inputName="别的", newInputName="库存")
        until(lambda: hand.text("库存") == "6" and not room.problems, "all is well again", 5)


def test_what_is_no_text_source_is_left_alone(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.ask("CreateInput", sceneName="Scene", inputName="底色", inputKind="color_source_v3", inputSettings={})
        room = controlled(any_obs)
        room.hold_text("底色", "7")
        assert "'底色' is no text source but color_source" in room.problems
        assert "text" not in hand.ask("GetInputSettings", inputName="底色")["inputSettings"]


def test_a_text_that_a_person_overwrote_is_put_right(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.text_source("Scene", "库存")
        room = controlled(any_obs)
        room.hold_text("库存", "7")
        hand.ask("SetInputSettings", inputName="库存", inputSettings={"text": "oops"})
        hand.scenes("另一个")  # anything that changes makes it look again; without that it looks every ten seconds
        until(lambda: hand.text("库存") == "7", "the text is right again", 5)


def test_sources_are_shown_and_hidden(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.scenes("特写")
        hand.text_source("Scene", "角标")
        hand.ask("CreateSceneItem", sceneName="特写", sourceName="角标")
        room = controlled(any_obs)
        room.hold_visible("Scene", "角标", False)
        assert (hand.visible("Scene", "角标"), hand.visible("特写", "角标")) == (False, True)
        room.hold_visible(None, "角标", False)
        assert (hand.visible("Scene", "角标"), hand.visible("特写", "角标")) == (False, False)


def test_a_source_that_comes_back_is_hidden_again(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        room = controlled(any_obs)
        room.hold_visible("Scene", "角标", False)
        assert "场景“Scene”里没有来源“角标”" in room.problems
        for _ in range(2):
            hand.text_source("Scene", "角标")
            until(lambda: not hand.visible("Scene", "角标"), "the source is hidden", 5)
            until(lambda: not room.problems, "nothing is wrong", 5)
            hand.ask("RemoveInput", inputName="角标")
            until(lambda: room.problems, "the source is missed", 5)


def test_filters_are_switched(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.text_source("Scene", "角标")
        about = {"sourceName": "角标", "filterName": "变灰"}
        hand.ask("CreateSourceFilter", **about, filterKind="color_filter_v2", filterSettings={})
        room = controlled(any_obs)
        room.hold_filter("角标", "变灰", False)
        assert hand.ask("GetSourceFilter", **about)["filterEnabled"] is False
        room.hold_filter("角标", "变亮", True)
        assert "来源“角标”没有滤镜“变亮”" in room.problems


def test_another_collection_gets_what_is_held(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.text_source("Scene", "库存")
        room = controlled(any_obs)
        room.hold_text("库存", "7")
        first = hand.ask("GetSceneCollectionList")["currentSceneCollectionName"]
        hand.ask("CreateSceneCollection", sceneCollectionName=f"{first}-2")
        until(lambda: "“库存”" in room.problems, "the other collection has no such source", 5)
        room.hold_text("库存", "6")
        hand.ask("SetCurrentSceneCollection", sceneCollectionName=first)
        until(lambda: hand.text("库存") == "6" and not room.problems, "the first one is right again", 5)
        assert room.status.override_until is None
        assert all(state.connected for state in room.told())


def test_what_is_held_is_written_again_after_the_connection_broke(fake_obs: FakeObs, controlled: Take) -> None:
    with fake_obs.hand() as hand:
        hand.text_source("Scene", "库存")
        room = controlled(fake_obs)
        room.hold_text("库存", "7")
        fake_obs.stop()
        until(lambda: not room.status.connected, "the connection is gone", 5)
        room.hold_text("库存", "6", settle=False)
    fake_obs.studio.now.inputs["库存"].settings["text"] = "alt"
    fake_obs.start()
    with fake_obs.hand() as hand:
        until(lambda: hand.text("库存") == "6", "the text is right", 5)
