"""What a plan wants of an OBS."""

from __future__ import annotations

from pathlib import Path

from overlaykit.director.obs.wanted import Overlay, Wanted, wanted_of
from overlaykit.plan import load_plan

PLAN = """
id = "room"
title = "测试场"
item = [{ link = 1, sku = "A", title = "羊绒大衣", opening = 100 }]
[obs.main]
safe_scene = "应急画面"
[[obs.main.text]]
source = "库存文字"
template = "{{ item.available }}"
[obs.vertical]
port = 4456
[[rule]]
name = "last"
when = "available < 50"
do = [
  { action = "obs.scene", obs = "main", scene = "商品特写", for = "20s" },
  { action = "obs.scene", scene = "竖屏特写", obs = "vertical" },
  { action = "obs.show", obs = "main", scene = "主画面", source = "最后机会" },
  { action = "obs.text", obs = "main", source = "口播", text = "快" },
  { action = "obs.scene", obs = "main", scene = "{{ item.sku }}" },
  { action = "chat", text = "快", scene = "不是场景" },
]
[[rule]]
name = "gone"
when = "sold_out"
do = [
  { action = "obs.media", obs = "main", source = "售罄动画" },
  { action = "obs.filter", obs = "main", source = "机位一", filter = "模糊" },
  { action = "obs.transition", obs = "main", transition = "推移" },
  { action = "obs.hide", obs = "main", scene = "主画面", source = "库存文字" },
]
[[rule]]
name = "interval"
when = 'obs main scene "中场休息"'
do = [{ action = "next_item" }]
[[rule]]
name = "other-interval"
when = 'obs vertical scene "竖屏中场"'
do = [{ action = "next_item" }]
[emergency.oversold]
do = [{ action = "obs.scene", obs = "main", scene = "应急画面" }, { action = "obs.scene", obs = "main", scene = "技术故障" }]
"""


def wanted(tmp_path: Path, name: str, plan: str = PLAN) -> Wanted:
    (tmp_path / "session.toml").write_text(plan, encoding="utf-8")
    return wanted_of(load_plan(tmp_path).session.later, name)


def test_scenes_and_sources_come_from_rules_emergencies_and_the_section_of_the_obs(tmp_path: Path) -> None:
    found = wanted(tmp_path, "main")
    assert found.scenes == ("中场休息", "商品特写", "主画面", "技术故障")
    assert found.safe_scene == "应急画面"
    assert found.texts == ("库存文字", "口播")
    assert found.sources == ("最后机会", "售罄动画", "机位一")
    assert found.filters == (("机位一", "模糊"),)
    assert found.transitions == ("推移",)


def test_each_name_says_who_named_it(tmp_path: Path) -> None:
    by = wanted(tmp_path, "main").by
    assert by["商品特写"] == "[[rule]] last"
    assert by["中场休息"] == "[[rule]] interval"
    assert (by["模糊"], by["推移"]) == ("[[rule]] gone", "[[rule]] gone")
    assert by["技术故障"] == "[emergency.oversold]"
    assert by["应急画面"] == "safe_scene of [obs.main]"
    assert by["库存文字"] == "[[obs.main.text]]"


def test_another_obs_wants_what_names_it(tmp_path: Path) -> None:
    assert wanted(tmp_path, "vertical").scenes == ("竖屏中场", "竖屏特写")


def test_a_plan_that_says_nothing_of_obs_wants_nothing(tmp_path: Path) -> None:
    plan = PLAN[: PLAN.index("[obs.main]")]
    assert wanted(tmp_path, "main", plan) == Wanted()


def test_a_rule_may_show_an_overlay_that_setup_makes() -> None:
    overlay = Overlay("number", "overlaykit 库存数字", "http://127.0.0.1:8080/overlay/number?token=t", 1920, 1080)
    show = {"action": "obs.show", "scene": "主画面", "source": overlay.source}
    later = {"obs": {"main": {}}, "rule": [{"name": "show", "when": "sold_out", "do": [show]}]}
    assert wanted_of(later, "main", (overlay,)).sources == ()


def test_a_plan_that_was_stored_before_its_triggers_were_known_is_read_as_far_as_it_goes() -> None:
    do = [{"action": "obs.scene", "scene": "商品特写"}]
    later = {"obs": {"main": {}}, "rule": [{"name": "old", "when": "what nobody knows", "do": do}]}
    assert wanted_of(later, "main").scenes == ("商品特写",)
