"""From what an OBS has to what a plan wants: which steps are taken, and what is left alone."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from overlaykit.director.obs.setup import (
    CannotMake,
    Differs,
    Found,
    Input,
    MakeInput,
    MakeScene,
    MakeYourself,
    Nest,
    Part,
    SetInput,
    WrongKind,
    fitting_size,
    parts_of,
    set_up,
    unversioned,
)
from overlaykit.director.obs.wanted import Overlay, Wanted

URL = "http://127.0.0.1:8080/overlay/number?token=new"
NUMBER = Overlay("number", "overlaykit 库存数字", URL, 1920, 1080)
CARD = Overlay("product_card", "overlaykit 商品卡", "http://127.0.0.1:8080/overlay/product_card?token=new", 1920, 1080)
FRESH = Found(
    version="30.2.3",
    websocket="5.5.2",
    platform="windows",
    width=1920,
    height=1080,
    scenes=("场景",),
    inputs={},
    kinds=("image_source", "browser_source", "text_gdiplus_v2", "text_gdiplus_v3", "text_ft2_source_v2"),
)
DEBIAN = msgspec.structs.replace(FRESH, platform="debian", kinds=("image_source", "text_ft2_source_v2"))
WANTED = Wanted(
    scenes=("商品特写",),
    safe_scene="应急画面",
    texts=("库存文字",),
    sources=("售罄动画",),
    overlays=(NUMBER, CARD),
    by={"商品特写": "[[rule]] last", "应急画面": "[obs.main]", "库存文字": "[[text]]", "售罄动画": "[[rule]] gone"},
)
ONE = Wanted(overlays=(NUMBER,))


def after(found: Found, wanted: Wanted, *, update: bool = False) -> Found:
    """The OBS when all steps were taken."""
    scenes, inputs = list(found.scenes), dict(found.inputs)
    for step in set_up(wanted, found, update=update).steps:
        match step:
            case MakeScene(scene):
                assert scene not in scenes
                scenes.append(scene)
            case MakeInput():
                assert step.scene in scenes, "a source is made in a scene that is there"
                assert step.source not in inputs
                assert step.kind in found.kinds
                inputs[step.source] = Input(unversioned(step.kind), step.settings)
            case Nest(scene, inner):
                assert {scene, inner} <= set(scenes)
            case SetInput(source, settings):
                inputs[source] = Input(inputs[source].kind, {**inputs[source].settings, **settings})
    return msgspec.structs.replace(found, scenes=tuple(scenes), inputs=inputs)


def browser(url: str, **settings: Any) -> Input:
    return Input("browser_source", {"url": url, "width": 1920, "height": 1080, **settings})


def having(found: Found, **inputs: Input) -> Found:
    return msgspec.structs.replace(found, inputs={**found.inputs, **inputs})


# --------------------------------------------------------------------------------------------------- the first time


def test_a_fresh_obs_gets_everything_that_can_be_made() -> None:
    setup = set_up(WANTED, FRESH)
    assert [step for step in setup.steps if not isinstance(step, MakeInput)] == [
        MakeScene("overlaykit"),
        MakeScene("商品特写"),
        Nest("商品特写", "overlaykit"),
        MakeScene("应急画面"),
    ]
    made = [step.source for step in setup.steps if isinstance(step, MakeInput)]
    assert made == ["overlaykit 库存数字", "overlaykit 商品卡", "库存文字"]
    assert setup.remarks == [MakeYourself("source", "售罄动画", "[[rule]] gone")]


def test_the_second_time_there_is_nothing_left_to_do() -> None:
    second = having(after(FRESH, WANTED), 售罄动画=Input("ffmpeg_source"))
    assert set_up(WANTED, second).whole
    assert set_up(WANTED, second, update=True).whole


def test_one_overlay_is_shown_at_first_and_the_others_wait_for_their_eye() -> None:
    made = {step.source: step.shown for step in set_up(WANTED, FRESH).steps if isinstance(step, MakeInput)}
    assert made == {"overlaykit 库存数字": True, "overlaykit 商品卡": False, "库存文字": True}


def test_what_is_added_later_is_hidden_for_its_scene_may_be_on_air() -> None:
    first = after(FRESH, msgspec.structs.replace(WANTED, overlays=(CARD,), texts=()))
    made = {step.source: step.shown for step in set_up(WANTED, first).steps if isinstance(step, MakeInput)}
    assert made == {"overlaykit 库存数字": False, "库存文字": False}


def test_a_plan_without_overlays_and_texts_makes_no_scene_of_ours() -> None:
    wanted = Wanted(scenes=("商品特写",), by={"商品特写": "[[rule]] last"})
    assert set_up(wanted, FRESH).steps == [MakeScene("商品特写")]


# ------------------------------------------------------------------------------------------------------------ texts


def text_steps(found: Found, *texts: str) -> list[MakeInput]:
    wanted = Wanted(texts=texts or ("库存文字",), by=dict.fromkeys(texts or ("库存文字",), "[[text]]"))
    return [step for step in set_up(wanted, found).steps if isinstance(step, MakeInput)]


@pytest.mark.parametrize(
    ("platform", "kinds", "kind", "face"),
    [
        ("windows", ("text_gdiplus_v2", "text_gdiplus_v3", "text_ft2_source_v2"), "text_gdiplus_v3", "Microsoft YaHei"),
        ("windows", ("text_gdiplus",), "text_gdiplus", "Microsoft YaHei"),
        ("macos", ("text_ft2_source", "text_ft2_source_v2"), "text_ft2_source_v2", "PingFang SC"),
        ("ubuntu", ("text_ft2_source_v2",), "text_ft2_source_v2", "Noto Sans CJK SC"),
    ],
)
def test_a_text_is_of_the_newest_kind_of_its_system_in_a_font_with_chinese(
    platform: str, kinds: tuple[str, ...], kind: str, face: str
) -> None:
    [step] = text_steps(msgspec.structs.replace(FRESH, platform=platform, kinds=kinds))
    assert (step.kind, step.settings["font"]["face"]) == (kind, face)


@pytest.mark.parametrize("canvas", [(1920, 1080), (1080, 1920)])
def test_a_text_is_a_size_that_fits_the_canvas_and_several_stand_below_each_other(canvas: tuple[int, int]) -> None:
    width, height = canvas
    first, second = text_steps(msgspec.structs.replace(FRESH, width=width, height=height), "甲", "乙")
    assert first.settings["font"]["size"] == 65
    assert first.transform is not None
    assert second.transform is not None
    assert 65 < second.transform["positionY"] - first.transform["positionY"] < 2 * 65
    assert 0 < first.transform["positionX"] < width / 10
    assert 0 < first.transform["positionY"] < height / 3


@pytest.mark.parametrize("kind", ["text_gdiplus", "text_ft2_source", "text_pango_source"])
def test_a_text_source_that_exists_is_left_as_it_is(kind: str) -> None:
    assert text_steps(having(FRESH, 库存文字=Input(kind))) == []


def test_a_name_that_something_else_has_is_said() -> None:
    wanted = Wanted(texts=("甲", "场景"), by={"甲": "", "场景": ""})
    setup = set_up(wanted, having(FRESH, 甲=Input("image_source")))
    assert setup.steps == []
    assert setup.remarks == [WrongKind("甲", "image_source", "text"), WrongKind("场景", "scene", "text")]


def test_an_obs_without_text_sources_says_so_once() -> None:
    wanted = Wanted(texts=("甲", "乙"), by={"甲": "", "乙": ""})
    setup = set_up(wanted, msgspec.structs.replace(FRESH, kinds=("image_source",)))
    assert setup.steps == []
    assert setup.remarks == [CannotMake("text", ("甲", "乙"))]


# ----------------------------------------------------------------------------------------------------------- scenes


def test_a_scene_whose_name_a_source_has_cannot_be_made() -> None:
    setup = set_up(Wanted(safe_scene="应急画面"), having(FRESH, 应急画面=Input("image_source")))
    assert setup.steps == []
    assert setup.remarks == [WrongKind("应急画面", "image_source", "scene")]


def test_nothing_is_made_in_a_scene_that_cannot_be() -> None:
    setup = set_up(Wanted(texts=("甲",), by={"甲": ""}), having(FRESH, overlaykit=Input("image_source")))
    assert setup.steps == []
    assert setup.remarks == [WrongKind("overlaykit", "image_source", "scene")]


@pytest.mark.parametrize("kind", ["input", "scene", "group"])
def test_a_source_that_people_make_may_be_anything_that_can_be_shown(kind: str) -> None:
    wanted = Wanted(sources=("贴片",), by={"贴片": "[[rule]] last"})
    assert set_up(wanted, FRESH).remarks == [MakeYourself("source", "贴片", "[[rule]] last")]
    there = {
        "input": having(FRESH, 贴片=Input("ffmpeg_source")),
        "scene": msgspec.structs.replace(FRESH, scenes=("贴片",)),
        "group": msgspec.structs.replace(FRESH, groups=("贴片",)),
    }
    assert set_up(wanted, there[kind]).whole


def test_filters_and_transitions_are_left_to_people() -> None:
    wanted = Wanted(filters=(("贴片", "模糊"),), transitions=("推移",), by={"模糊": "[[rule]] a", "推移": "[[rule]] b"})
    assert set_up(wanted, FRESH).remarks == [
        MakeYourself("filter", "贴片: 模糊", "[[rule]] a"),
        MakeYourself("transition", "推移", "[[rule]] b"),
    ]
    assert set_up(wanted, msgspec.structs.replace(FRESH, filters={"贴片": ("模糊",)}, transitions=("推移",))).whole


# --------------------------------------------------------------------------------------------------------- overlays


def test_an_overlay_has_its_address_and_size_and_nothing_else_set() -> None:
    [_, step] = set_up(ONE, FRESH).steps
    assert isinstance(step, MakeInput)
    assert step.settings == {"url": URL, "width": 1920, "height": 1080}
    assert step.transform is None


def test_an_overlay_of_another_size_than_the_canvas_fills_it() -> None:
    [_, step] = set_up(ONE, msgspec.structs.replace(FRESH, width=1280, height=720)).steps
    assert isinstance(step, MakeInput)
    assert step.transform == {"boundsType": "OBS_BOUNDS_SCALE_INNER", "boundsWidth": 1280, "boundsHeight": 720}


def test_an_obs_without_browser_sources_says_so_once() -> None:
    setup = set_up(msgspec.structs.replace(WANTED, texts=(), sources=()), DEBIAN)
    assert setup.steps == [MakeScene("商品特写"), MakeScene("应急画面")]
    assert setup.remarks == [CannotMake("browser_source", ("overlaykit 库存数字", "overlaykit 商品卡"))]


def test_a_source_with_another_address_is_told_of_and_changed_only_when_asked() -> None:
    old = having(FRESH, **{NUMBER.source: browser("http://127.0.0.1:8080/overlay/number?token=old", css="body {}")})
    assert set_up(ONE, old).steps == []
    assert set_up(ONE, old).remarks == [Differs(NUMBER.source, {"url": URL})]
    changed = after(old, ONE, update=True)
    assert changed.inputs[NUMBER.source] == browser(URL, css="body {}")
    assert set_up(ONE, changed).whole


def test_a_source_with_another_size_is_told_of_and_changed_only_when_asked() -> None:
    other = having(FRESH, **{NUMBER.source: browser(URL, width=800)})
    assert set_up(ONE, other).remarks == [Differs(NUMBER.source, {"width": 1920})]
    assert set_up(ONE, other, update=True).steps == [SetInput(NUMBER.source, {"width": 1920})]


def test_a_source_that_people_made_of_the_same_layout_counts() -> None:
    own = having(FRESH, 我的数字=Input("browser_source", {"url": URL, "width": 600, "height": 300}))
    assert set_up(ONE, own).whole


def test_what_people_added_to_an_address_stays_when_its_token_changes() -> None:
    asked = "http://192.168.1.9:8080/overlay/number?token=old&sku=coat-bk-m&option.accent=%23e60012&region="
    own = having(FRESH, 我的数字=browser(asked))
    [step] = set_up(ONE, own, update=True).steps
    assert step == SetInput("我的数字", {"url": f"{URL}&sku=coat-bk-m&option.accent=%23e60012&region="})
    assert set_up(ONE, after(own, ONE, update=True)).whole


def test_an_address_with_the_right_token_in_another_place_is_right() -> None:
    own = having(FRESH, 我的数字=browser("http://127.0.0.1:8080/overlay/number?sku=A&token=new"))
    assert set_up(ONE, own).whole


def test_our_name_with_a_page_of_somebody_else_is_told_of() -> None:
    other = having(FRESH, **{NUMBER.source: browser("https://example.com/clock")})
    assert set_up(ONE, other).remarks == [Differs(NUMBER.source, {"url": URL})]
    local = having(FRESH, **{NUMBER.source: browser(URL, is_local_file=True)})
    assert set_up(ONE, local, update=True).steps == [SetInput(NUMBER.source, {"url": URL, "is_local_file": False})]


@pytest.mark.parametrize("url", ["http://[", "", "https://example.com/", "http://127.0.0.1:8080/overlay/number/x"])
def test_a_page_that_is_no_overlay_does_not_count(url: str) -> None:
    made = [step.source for step in set_up(ONE, having(FRESH, 网页=browser(url))).steps if isinstance(step, MakeInput)]
    assert made == [NUMBER.source]


def test_our_name_on_something_else_is_said() -> None:
    setup = set_up(ONE, having(FRESH, **{NUMBER.source: Input("image_source")}))
    assert setup.steps == []
    assert setup.remarks == [WrongKind(NUMBER.source, "image_source", "browser_source")]


# ------------------------------------------------------------------------------------------------- sizes, and status


@pytest.mark.parametrize(
    ("sizes", "canvas", "size"),
    [
        (("1080x1920", "1920x1080"), (1920, 1080), (1920, 1080)),
        (("1080x1920", "1920x1080"), (1080, 1920), (1080, 1920)),
        (("1080x1920", "1920x1080"), (640, 360), (1920, 1080)),
        (("1080x1920", "1920x1080"), (1080, 1350), (1080, 1920)),
        (("1280x720", "1920x1080", "3840x2160"), (2560, 1440), (1920, 1080)),
        ((), (640, 360), (640, 360)),
    ],
)
def test_a_layout_is_taken_in_the_size_most_like_the_canvas(
    sizes: tuple[str, ...], canvas: tuple[int, int], size: tuple[int, int]
) -> None:
    assert fitting_size(sizes, *canvas) == size


def test_everything_that_is_wanted_is_listed_with_whether_it_is_there() -> None:
    there = having(after(FRESH, msgspec.structs.replace(WANTED, scenes=())), 库存文字=Input("image_source"))
    assert parts_of(WANTED, there) == [
        Part("scene", "商品特写", False, "[[rule]] last"),
        Part("scene", "应急画面", True, "[obs.main]"),
        Part("text", "库存文字", False, "[[text]]"),
        Part("source", "售罄动画", False, "[[rule]] gone"),
        Part("overlay", "overlaykit 库存数字", True, "layout number"),
        Part("overlay", "overlaykit 商品卡", True, "layout product_card"),
    ]
    assert {part.exists for part in parts_of(WANTED, None)} == {None}
