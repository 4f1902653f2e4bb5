"""Emergency plans: the usual ones are in every session, its own take their place, and each says what it will do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import LoadedPlan, Words, consequences, emergencies_of, words_in
from overlaykit.plan.emergencies import Emergency
from tests.plan.conftest import SMALL

Load = Callable[[str], LoadedPlan]
OBS = '[obs.main]\nsafe_scene = "安全画面"\n[obs.shelf]\nport = 4456\n'
OWN = """
[emergency.oversold]
title = "超卖应急"
checklist = ["先停讲解", "联系仓库"]
do = [{ action = "stock", command = "session.freeze" }, { action = "notify", text = "超卖了", to = ["group"] }]
[emergency.blackout]
do = [{ action = "task", text = "换备用电源" }]
[notifier.group]
plugin = "robot"
"""


def plan(load: Load, text: str) -> SessionPlan:
    return load(SMALL + text).session


def test_every_session_has_the_usual_ones(load: Load) -> None:
    found = emergencies_of(plan(load, ""))
    assert list(found) == ["oversold", "source-lost", "obs-lost", "freeze"]
    assert all(each.title and each.do and each.checklist and not each.own for each in found.values())
    assert plan(load, "").later == {}, "what is recorded is what the author wrote"


def test_the_safe_scene_is_there_with_an_obs_that_has_one(load: Load) -> None:
    found = emergencies_of(plan(load, OBS))["safe-scene"]
    assert found.do == ({"action": "obs.scene", "obs": "main", "scene": "安全画面"},)
    assert consequences(found) == (("OBS main switches to “安全画面”", "OBS main 切到“安全画面”"),)


def test_one_of_the_sessions_own_takes_the_place_of_a_usual_one(load: Load) -> None:
    found = emergencies_of(plan(load, OWN))
    assert list(found) == ["oversold", "blackout", "source-lost", "obs-lost", "freeze"]
    assert (found["oversold"].title, found["oversold"].own) == (("超卖应急", "超卖应急"), True)
    assert [step.en for step in found["oversold"].checklist] == ["先停讲解", "联系仓库"], "as their author wrote them"
    assert found["blackout"].title.zh == "blackout"
    assert [words.zh for words in consequences(found["oversold"])] == ["画面数字冻结，订单照常计数", "通知团队"]


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_the_usual_ones_speak_to_operators_in_their_language_and_to_viewers_in_the_session_s(
    load: Load, locale: str
) -> None:
    found = emergencies_of(load(f'locale = "{locale}"\n{SMALL}').session)
    assert found["oversold"].title == ("Oversold", "超卖")
    assert all(step.en.isascii() and not step.zh.isascii() for step in found["oversold"].checklist)
    assert found["oversold"].do[1]["text"].isascii() == (locale == "en-US"), "viewers read it"
    task = found["obs-lost"].do[0]["text"]
    assert words_in(task).en.startswith("Look at"), "whoever is at a desk reads it"
    assert words_in(task).zh.startswith("马上看")


@pytest.mark.parametrize(
    ("entry", "zh"),
    [
        ({"action": "announce", "text": "马上回来"}, "向观众显示公告“马上回来”"),
        ({"action": "announce", "text": "还剩 {{ item.available }} 件"}, "向观众显示公告"),
        ({"action": "stock", "command": "item.close", "sku": "coat"}, "商品下架：coat"),
        ({"action": "stock", "command": "item.close", "sku": "{{ item.sku }}"}, "商品下架"),
        ({"action": "stock", "command": "drop.close", "drop": "first"}, "执行指令 drop.close"),
        ({"action": "next_item", "confirm": "desk"}, "切到下一款（会再问一次）"),
        ({"action": "flash_lamp"}, "执行动作 flash_lamp"),
    ],
)
def test_it_says_what_each_action_will_do(entry: dict[str, str], zh: str) -> None:
    [words] = consequences(Emergency(Words("Emergency", "应急"), (entry,)))
    assert words.zh == zh
