"""What is known of a real OBS, and what its tests stand on."""

from __future__ import annotations

import pytest

from tests.obs.real import RealObs

pytestmark = pytest.mark.obs


def test_a_collection_is_empty_but_for_one_scene(real_obs: RealObs) -> None:
    with real_obs.hand() as hand:
        assert hand.program == "Scene"
        assert hand.ask("GetInputList")["inputs"] == []


def test_scenes_outlive_a_kill(real_obs: RealObs) -> None:
    with real_obs.hand() as hand:
        hand.scenes("甲")
        hand.text_source("甲", "库存", "你好")
        real_obs.save()
    real_obs.kill()
    assert not real_obs.listening
    real_obs.start()
    with real_obs.hand() as hand:
        assert hand.text("库存") == "你好"
