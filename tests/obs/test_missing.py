"""What a plan names and OBS does not have is said before an action needs it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.director.obs.wanted import Wanted
from tests.conftest import until
from tests.obs.controlled import AnyObs, Controlled

Take = Callable[..., Controlled]

pytestmark = pytest.mark.obs


def test_a_scene_that_gets_another_name_is_missed_and_found_again(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.scenes("商品特写", "应急画面")
        room = controlled(
            any_obs, wanted=Wanted(scenes=("商品特写",), safe_scene="应急画面", by={"商品特写": "[[rule]] last-50"})
        )
        hand.ask("SetSceneName", sceneName="商品特写", newSceneName="商品特写 2")
        until(lambda: "没有场景“商品特写”" in room.problems, "the scene is missed", 10)
        assert "did you mean '商品特写 2'? ([[rule]] last-50)" in room.problems
        assert "应急画面" not in room.problems
        hand.ask("SetSceneName", sceneName="商品特写 2", newSceneName="商品特写")
        until(lambda: not room.problems, "all is well again", 10)


def test_each_kind_of_thing_that_is_missing_is_named_once(any_obs: AnyObs, controlled: Take) -> None:
    with any_obs.hand() as hand:
        hand.text_source("Scene", "库存文字")
        room = controlled(
            any_obs,
            wanted=Wanted(
                texts=("库存文字", "倒计时"),
                sources=("售罄动画",),
                filters=(("库存文字", "闪烁"),),
                transitions=("旋转",),
            ),
        )
        room.hold_text("倒计时", "00:10")
        until(lambda: len(room.status.problems) == 4, "four things are missed", 10)
        for missing in ("文字来源“倒计时”", "来源“售罄动画”", "“库存文字”的滤镜“闪烁”", "转场“旋转”"):
            assert room.problems.count(missing) == 1
