"""How the overlays look: what the desk's form is made of, and what is refused before it is sent to the engine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from overlaykit.theming.options import OPTION_TYPES
from overlaykit.web.words import LANGUAGES, words
from tests.conftest import StoreServer
from tests.web.conftest import Answer, Visitor, Web, serving

pytestmark = pytest.mark.store


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with serving(store, tmp_path_factory.mktemp("looks"), f"looks-{os.getpid()}-{os.urandom(2).hex()}") as web:
        yield web


def looks(room: Web, more: str = "&lang=en", scope: str = "operator") -> Any:
    return room.get(f"/desk/themes.json?session={room.session}{more}", scope=scope).json


def apply(room: Web, *, lang: str = "en", **fields: Any) -> Answer:
    visitor = Visitor(room)
    visitor.log_in()
    headers = {"Origin": room.url, "Content-Type": "application/json", "Cookie": visitor.cookie_header}
    body = json.dumps({"type": "overlay.set", **fields}).encode()
    return room.ask("POST", f"/desk/commands?session={room.session}&lang={lang}", body, scope=None, headers=headers)


def test_the_form_is_made_of_the_theme_and_knows_what_the_plan_says_and_what_is_now(room: Web) -> None:
    before = looks(room)
    assert [theme["name"] for theme in before["themes"]] == ["classic", "wall"]
    assert before["planned"]["theme"] == before["now"]["theme"] == "classic"
    options = {option["name"]: option for option in before["chosen"]["options"]}
    assert next(iter(options)) == "accent"
    assert options["accent"]["type"] == "color-rrggbb"
    assert (options["scale"]["min"], options["scale"]["max"], options["scale"]["now"]) == (0.5, 2.0, 1)
    assert options["scale"]["expects"] == "a number from 0.5 to 2"
    assert ["douyin", "Douyin"] in options["safe"]["choices"]
    assert before["chosen"]["layouts"][0] | {"needs": []} == {
        "name": "number",
        "title": "Stock number",
        "sizes": ["1080x1920", "1920x1080"],
        "needs": [],
    }
    chinese = {option["name"]: option for option in looks(room, "&lang=zh-CN")["chosen"]["options"]}
    assert chinese["accent"]["label"] == "主色"
    assert chinese["scale"]["expects"] == "数字，0.5 到 2"

    assert apply(room, options={"accent": "#00AA66", "scale": 1.5}).json["status"] == "accepted"
    after = looks(room, scope="viewer")
    assert after["changed"] == {"theme": None, "options": {"accent": "#00AA66", "scale": 1.5}}
    options = {option["name"]: option for option in after["chosen"]["options"]}
    assert (options["accent"]["planned"], options["accent"]["now"]) == ("#e4002b", "#00aa66")
    apply(room, options={"accent": None, "scale": None})
    assert looks(room) == before


def test_another_themes_form_is_given_before_it_is_applied(room: Web) -> None:
    wall = looks(room, "&theme=wall")
    assert (wall["chosen"]["name"], wall["now"]["theme"]) == ("wall", "classic")
    assert "accent" not in {option["name"] for option in wall["chosen"]["options"]}
    missing = room.get(f"/desk/themes.json?session={room.session}&theme=clasic")
    assert (missing.status, "classic" in missing.json["detail"]) == (404, True)
    assert room.get(f"/desk/themes.json?session={room.session}", scope="overlay").status == 403


@pytest.mark.parametrize(
    ("fields", "path", "said"),
    [
        ({"theme": "clasic"}, "theme", "没有名为 clasic 的主题；有：classic、wall；是不是想写 classic？"),
        ({"options": {"acent": "#000000"}}, "options.acent", "是不是想写 accent？"),
        ({"options": {"accent": "red"}}, "options.accent", "accent：颜色，如 #e4002b"),
        ({"options": {"scale": 9}}, "options.scale", "scale：数字，0.5 到 2"),
        ({"options": {"place": "middle"}}, "options.place", "place：下列之一：auto、top-left"),
        ({"theme": "wall", "options": {"accent": "#000000"}}, "options.accent", "没有名为 accent 的选项"),
    ],
)
def test_what_no_theme_can_show_is_refused_in_words(room: Web, fields: dict[str, Any], path: str, said: str) -> None:
    before = room.board()["seq"]
    refused = apply(room, lang="zh-CN", **fields)
    assert (refused.status, refused.json["errors"][0]["path"]) == (422, path)
    assert said in refused.json["detail"]
    assert room.board()["seq"] == before


def test_what_the_evening_said_of_another_theme_goes_back_to_the_plan(room: Web) -> None:
    room.send({"type": "overlay.set", "options": {"of_another": "x"}})
    assert apply(room, options={"of_another": None}).status == 200
    assert looks(room)["changed"]["options"] == {}


def test_every_type_of_option_says_what_it_expects_in_every_language() -> None:
    for lang in LANGUAGES:
        assert {f"theme_expects_{name}" for name in OPTION_TYPES} <= words(lang).keys()
