"""How the overlays look: what the desk's form is made of, and what is refused before it is sent to the engine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from overlaykit.board import Fold
from overlaykit.model.commands import OverlaySet
from overlaykit.model.parsing import parse
from overlaykit.model.plugins import Theme
from overlaykit.store import Tokens
from overlaykit.theming import KeptThemes
from overlaykit.theming.options import OPTION_TYPES
from overlaykit.web.names.looks import wrong_look
from overlaykit.web.words import LANGUAGES, words
from tests.conftest import StoreServer
from tests.web.conftest import Answer, Visitor, Web, plan_of, serving

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


def make_button(room: Web, lang: str, action: dict[str, Any]) -> Answer:
    visitor = Visitor(room)
    visitor.log_in()
    headers = {"Origin": room.url, "Content-Type": "application/json", "Cookie": visitor.cookie_header}
    body = json.dumps({"action": action}).encode()
    return room.ask("POST", f"/desk/buttons?session={room.session}&lang={lang}", body, scope=None, headers=headers)


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


WRONG = pytest.mark.parametrize(
    ("fields", "path", "en", "zh"),
    [
        (
            {"theme": "clasic"},
            "theme",
            "there is no theme 'clasic'; there are: classic, wall; did you mean classic?",
            "没有名为 clasic 的主题；有：classic、wall；是不是想写 classic？",
        ),
        ({"options": {"acent": "#000000"}}, "options.acent", "did you mean accent?", "是不是想写 accent？"),
        (
            {"options": {"accent": "red"}},
            "options.accent",
            'accent: a colour such as #e4002b, not "red"',
            'accent：颜色，如 #e4002b，不能是 "red"',
        ),
        ({"options": {"scale": 9}}, "options.scale", "scale: a number from 0.5 to 2", "scale：数字，0.5 到 2"),
        (
            {"options": {"place": "middle"}},
            "options.place",
            "place: one of: auto, top-left",
            "place：下列之一：auto、top-left",
        ),
        (
            {"theme": "wall", "options": {"accent": "#000000"}},
            "options.accent",
            "there is no option 'accent'",
            "没有名为 accent 的选项",
        ),
    ],
)


@WRONG
def test_what_no_theme_can_show_is_refused_in_words(
    room: Web, fields: dict[str, Any], path: str, en: str, zh: str
) -> None:
    before = room.board()["seq"]
    refused = apply(room, lang="zh-CN", **fields)
    [error] = refused.json["errors"]
    assert (refused.status, error["path"]) == (422, path)
    assert zh in refused.json["detail"]
    assert en in error["message"]
    assert room.board()["seq"] == before


@WRONG
def test_the_api_and_buttons_refuse_it_too(room: Web, fields: dict[str, Any], path: str, en: str, zh: str) -> None:
    before = room.board()["seq"]
    command = {"type": "overlay.set", "id": "w", **fields}

    alone = room.send(command)
    assert (alone.status, alone.json["type"], alone.json["outcome"]["status"]) == (
        422,
        "urn:overlaykit:invalid",
        "invalid",
    )
    [among] = room.send([command]).json
    streamed = json.loads(room.send(json.dumps(command).encode(), type="application/x-ndjson").body)
    for errors in (alone.json["errors"], alone.json["outcome"]["errors"], among["errors"], streamed["errors"]):
        assert [error["path"] for error in errors] == [path]
        assert en in errors[0]["message"]
    assert (among["status"], among["id"], streamed["status"]) == ("invalid", "w", "invalid")

    made = make_button(room, "zh-CN", {"type": "overlay.set", **fields})
    assert (made.status, made.json["errors"][0]["path"]) == (422, f"action.{path}")
    assert zh in made.json["detail"]
    before_the_theme_went = Tokens(room.client).create(
        "button", f"b-{os.urandom(4).hex()}", action={"type": "overlay.set", **fields}
    )
    pressed = room.get(f"/press?token={before_the_theme_went}&session={room.session}&lang=zh-CN", scope=None)
    assert (pressed.status, pressed.json["errors"][0]["path"], zh in pressed.json["detail"]) == (422, path, True)
    assert room.board()["seq"] == before


def test_a_look_is_read_as_the_commands_before_it_in_one_body_leave_it(room: Web) -> None:
    commands = [
        {"type": "overlay.set", "theme": "wall"},
        {"type": "overlay.set", "options": {"colour": "#00ff00"}},
        {"type": "overlay.set", "options": {"accent": "#00ff00"}},
        {"type": "overlay.set", "theme": None, "options": {"colour": None}},
        {"type": "overlay.set", "options": {"accent": "#00ff00"}},
        {"type": "overlay.set", "options": {"accent": None}},
    ]
    wanted = ["accepted", "accepted", "invalid", "accepted", "accepted", "accepted"]
    assert [outcome["status"] for outcome in room.send(commands).json] == wanted
    lines = b"".join(json.dumps(command).encode() + b"\n" for command in commands)
    streamed = room.send(lines, type="application/x-ndjson").body.splitlines()
    assert [json.loads(outcome)["status"] for outcome in streamed] == wanted
    assert looks(room)["changed"] == {"theme": None, "options": {}}


def test_a_theme_is_not_put_on_while_it_cannot_read_what_was_said_for_another(tmp_path: Path) -> None:
    spot, text = (
        '[options.spot]\ntype = "number"\ndefault = 1\n',
        '[options.spot]\ntype = "single-line"\ndefault = ""\n',
    )
    for name, option in (("old", text), ("new", spot)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.html").write_text("", encoding="utf-8")
        manifest = f'id = "{name}"\nname = "{name}"\nversion = "1"\n[layouts.page]\ntemplate = "page.html"\n{option}'
        (tmp_path / name / "theme.toml").write_text(manifest, encoding="utf-8")
    themes = KeptThemes({name: Theme(name, tmp_path / name) for name in ("old", "new")})
    fold = Fold(plan_of("evening"), 0)
    fold.theme, fold.options = "old", {"spot": "left"}

    wrong = wrong_look(themes, fold, OverlaySet(theme="new"))
    assert wrong is not None
    assert (wrong.path, wrong.words.en) == (
        "options.spot",
        'spot: a number; it is "left" now, which new does not take: say another value in options',
    )
    assert wrong_look(themes, fold, OverlaySet(theme="new", options={"spot": 2})) is None
    assert wrong_look(themes, fold, OverlaySet(theme="new", options={"spot": None})) is None
    assert wrong_look(themes, fold, OverlaySet(theme="new"), OverlaySet(options={"spot": None})) is None


def test_what_the_evening_said_of_another_theme_goes_back_to_the_plan(room: Web) -> None:
    room.engine.submit([parse(b'{"type": "overlay.set", "options": {"of_another": "x"}}', "api:test")])
    assert apply(room, options={"of_another": None}).status == 200
    assert looks(room)["changed"]["options"] == {}


def test_every_type_of_option_says_what_it_expects_in_every_language() -> None:
    for lang in LANGUAGES:
        assert {f"theme_expects_{name}" for name in OPTION_TYPES} <= words(lang).keys()
