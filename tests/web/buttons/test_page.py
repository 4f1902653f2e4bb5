"""The page of buttons: what it offers, who makes and revokes them, and what is told of each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from overlaykit.web.buttons import plain, read_action
from tests.web.buttons.conftest import Button, Operator, button
from tests.web.conftest import Web, until_refused

pytestmark = pytest.mark.store


def offers(web: Web, lang: str = "en") -> dict[str, list[dict[str, Any]]]:
    found = web.get(f"/desk/buttons.json?session={web.session}&lang={lang}").json
    return {group["key"]: group["offers"] for group in found["groups"]}


def titles(web: Web, group: str, lang: str = "en") -> list[str]:
    return [each["title"] for each in offers(web, lang)[group]]


def test_everything_that_can_be_pressed_is_offered_in_groups(room: Web) -> None:
    assert list(offers(room)) == [
        "on_air",
        "screen",
        "buttons",
        "emergencies",
        "items",
        "rules",
        "obs",
        "overlays",
        "session",
    ]
    assert titles(room, "on_air", "zh-CN")[:4] == ["下一款", "上一款", "暂不讲解", "讲解 1号链接 商品 A <b>"]
    assert titles(room, "buttons", "zh-CN") == ["按钮 红包"]
    assert titles(room, "emergencies", "zh-CN") == [
        "应急：超卖应急",
        "应急：数据源断了",
        "应急：OBS 断了",
        "应急：冻结数字",
        "应急：安全画面",
    ]
    english = ["超卖应急", "Source lost", "OBS lost", "Freeze the numbers", "Safe scene"]
    assert titles(room, "emergencies") == [f"Emergency: {title}" for title in english], "what is ours is translated"
    assert "公告 稍等" in titles(room, "screen", "zh-CN")
    assert "Announce One moment" in titles(room, "screen")
    assert titles(room, "obs", "zh-CN")[0] == "OBS main：切到 应急画面"
    assert "Rule last-50 on or off" in titles(room, "rules")
    dangerous = [each["title"] for group in offers(room).values() for each in group if each["dangerous"]]
    assert dangerous == [*titles(room, "emergencies"), "End the session"]


def test_every_offer_is_an_action_and_buttons_are_named_after_what_they_do(room: Web) -> None:
    for group in offers(room).values():
        for offer in group:
            assert plain(read_action(offer["action"])) == offer["action"]
    operator, off = Operator(room), {"type": "rule.set", "name": "last-50", "enabled": False}
    [offer] = [each for each in offers(room)["rules"] if each["action"] == off]
    made = operator.make(off).json
    assert (made["title"], made["name"]) == (offer["title"], "rule-set-last-50-off")
    assert operator.make(off).json["name"] == "rule-set-last-50-off-2"
    room.send({"type": "countdown.set", "name": "named", "seconds": 900})
    longer = operator.make({"type": "countdown.set", "name": "named", "extend": 60})
    assert longer.json["name"] == "countdown-set-named-60"
    room.send({"type": "countdown.set", "name": "named", "ends_at": None})


def test_a_button_is_made_used_and_revoked(room: Web) -> None:
    operator = Operator(room)
    made = operator.make({"type": "item.feature", "link": 3}, name="大按钮//3").json
    assert [each["url"].partition("/press")[0] for each in made["addresses"]] == [
        f"http://192.0.2.9:{room.port}",
        room.url,
    ]
    assert all(each["qr"].startswith("data:image/svg+xml") for each in made["addresses"])
    assert f"/press?token={made['token']}&session={room.session}" in made["addresses"][0]["url"]

    def known() -> dict[str, Any] | None:
        found = room.get(f"/desk/buttons.json?session={room.session}&lang=en&only=buttons").json["buttons"]
        return next((each for each in found if each["name"] == "大按钮//3"), None)

    fresh = known()
    assert fresh is not None
    assert (fresh["title"], fresh["used_at"], fresh["unknown"]) == ("On air: link 3 商品 C <b>", None, None)
    assert made["token"] not in str(fresh), "it cannot be had again"
    deck = Button(room, "大按钮//3", made["token"])
    assert deck.press().status == 200
    used = known()
    assert used is not None
    assert used["used_at"] >= used["created_at"]
    assert operator.revoke("大按钮//3").json == {"revoked": "大按钮//3"}
    assert known() is None
    until_refused(lambda: deck.press().status == 401)
    assert operator.revoke("大按钮//3").status == 404


@pytest.mark.parametrize(
    ("action", "path", "said"),
    [
        ({"type": "item.featur", "link": 2}, "action.type", "did you mean item.feature?"),
        ({"type": "order.record", "order": "o"}, "action.type", "is no action of a button"),
        ({"type": "item.feature", "link": "two"}, "action.link", "Expected `int"),
        ({"type": "item.feature", "link": 2, "sku": "A"}, "action.sku", "exactly one of"),
        ({"type": "item.feature", "link": 2, "id": "x"}, "action.id", "an action has no id"),
        ({"type": "item.feature", "link": 99}, "action.link", "it has 1, 2, 3"),
        ({"type": "item.open", "sku": "a"}, "action.sku", "did you mean A?"),
        ({"type": "emergency.run", "name": "oversell"}, "action.name", "there is no emergency plan 'oversell'"),
        ({"type": "rule.toggle", "name": "last-5"}, "action.name", "did you mean last-50?"),
        ({"type": "drop.release", "drop": "x"}, "action.drop", "has no drop at all"),
        ({"type": "countdown.set", "name": "x", "extend": 60}, "action.name", "has no countdown at all"),
        ({"type": "countdown.set", "name": "x"}, "action.ends_at", "exactly one of"),
        ({"type": "item.next", "link": 3}, "action", "unknown field `link`"),
        ({"type": "announce.show", "text": "x" * 5000}, "action", "4096 bytes"),
        ({}, "action.type", "None is no action of a button"),
    ],
)
def test_what_no_button_can_do_is_said_when_it_is_made(room: Web, action: dict[str, Any], path: str, said: str) -> None:
    answer = Operator(room).make(action)
    assert answer.status == 422
    [error] = answer.json["errors"]
    assert (error["path"], said in error["message"]) == (path, True), error


def test_a_name_is_taken_once(room: Web) -> None:
    operator = Operator(room)
    assert operator.make({"type": "item.next"}, name="mine").status == 200
    again = operator.make({"type": "item.next"}, name="mine")
    assert (again.status, again.json["detail"].partition(":")[0]) == (409, "There is a token named mine already")
    again = operator.make({"type": "item.next"}, name="mine", lang="zh-CN")
    assert (again.status, again.json["detail"].partition("：")[0]) == (409, "名称 mine 已经有令牌在用")
    assert operator.revoke(f"viewer-{room.session}").status == 404, "only buttons are revoked here"
    assert room.get("/api/v1/sessions", scope="viewer").status == 200


@pytest.mark.parametrize("name", ["", " mine", "x" * 65, "a\nb"])
def test_a_name_that_no_token_may_have_is_refused_in_words(room: Web, name: str) -> None:
    operator = Operator(room)
    for lang, said in (("zh-CN", "按钮名称不合要求：1 到 64 个可见字符"), ("en", "1 to 64 visible characters")):
        answer = operator.make({"type": "item.next"}, name=name, lang=lang)
        assert (answer.status, answer.json["type"], said in answer.json["detail"]) == (
            422,
            "urn:overlaykit:invalid",
            True,
        )
        [error] = answer.json["errors"]
        assert (error["path"], "visible characters" in error["message"]) == ("name", True)


@pytest.mark.parametrize(
    ("action", "en", "zh"),
    [
        ({"type": "note.set", "text": "讲讲尺码"}, "Note to the presenter: 讲讲尺码", "给主播留言：讲讲尺码"),
        ({"type": "note.set", "text": None}, "Take down the note to the presenter", "撤下给主播的留言"),
        (
            {"type": "overlay.set", "theme": None, "options": {"accent": "#00aa66"}},
            "Look of the overlays: theme as planned, accent #00aa66",
            "改外观：主题 按方案、accent #00aa66",
        ),
        (
            {"type": "item.move", "sku": "A", "position": 2},
            "Move in the order: sku A, position 2",
            "调整顺序：sku A, position 2",
        ),
    ],
)
def test_what_the_page_does_not_offer_has_a_title_too(room: Web, action: dict[str, Any], en: str, zh: str) -> None:
    operator = Operator(room)
    assert [operator.make(action, lang=lang).json["title"] for lang in ("en", "zh-CN")] == [en, zh]


def test_buttons_that_several_make_at_once_each_get_a_name(room: Web) -> None:
    operators = [Operator(room) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda each: each.make({"type": "item.next"}), operators))
    assert [each.status for each in made] == [200] * 4
    names = {each.json["name"] for each in made}
    assert len(names) == 4
    for name in names:
        assert operators[0].revoke(name).status == 200


def test_buttons_are_made_by_operators_on_the_desks_own_page(room: Web) -> None:
    operator, action = Operator(room), {"action": {"type": "item.next"}}
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}):
        assert operator.ask("POST", "/desk/buttons", action, **headers).status == 403, headers
        assert operator.revoke("x", **headers).status == 403, headers
    assert operator.ask("POST", "/desk/buttons", action, **{"Content-Type": "text/plain"}).status == 415
    viewer = Operator(room, "viewer")
    assert viewer.ask("POST", "/desk/buttons", action).json["type"] == "urn:overlaykit:wrong_scope"
    assert viewer.ask("GET", "/desk/buttons.json").status == 403
    assert viewer.go(f"/desk/buttons?session={room.session}").status == 403
    nobody = room.get("/desk/buttons?lang=en", scope=None, headers={"Accept": "text/html"})
    assert b'value="/desk/buttons?lang=en"' in nobody.body, "the login, which leads back"
    by_token = room.ask(
        "POST", f"/desk/buttons?session={room.session}", b'{"action":{"type":"item.next"}}',
        scope="admin", headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert by_token.status == 200, "programs make buttons, too"


def test_a_button_that_this_session_has_nothing_for_says_so(room: Web) -> None:
    stray = button(room, {"type": "item.feature", "link": 77})
    found = room.get(f"/desk/buttons.json?session={room.session}&lang=zh-CN").json["buttons"]
    unknown = next(each["unknown"] for each in found if each["name"] == stray.name)
    assert unknown == "方案里没有名为 77 的链接；有：1、2、3"


def test_a_button_of_another_version_says_in_each_language_what_is_wrong_with_it(room: Web) -> None:
    stray = button(room, {"type": "item.melt", "sku": "A"})

    def told(lang: str) -> str:
        found = room.get(f"/desk/buttons.json?session={room.session}&lang={lang}&only=buttons").json["buttons"]
        return str(next(each["unknown"] for each in found if each["name"] == stray.name))

    assert told("zh-CN").startswith("type：按钮没有 'item.melt' 这种操作；有：")
    assert told("en").startswith("type: 'item.melt' is no action of a button; there are ")
