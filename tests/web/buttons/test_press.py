"""What an address of a button does when a Stream Deck, Companion or a phone opens it, and what it does not do."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from overlaykit.store import Tokens
from overlaykit.store.presses import TOGETHER_MS
from overlaykit.web.buttons.press import PREVIEWS
from tests.conftest import until
from tests.web.buttons.conftest import Button, Operator, button, last_entry
from tests.web.conftest import Answer, Web, until_refused

pytestmark = pytest.mark.store

FEATURE_2 = {"type": "item.feature", "link": 2}


def on_air(web: Web) -> str | None:
    found: str | None = web.board()["on_air"]
    return found


def test_a_stream_deck_that_gets_the_address_has_pressed(room: Web) -> None:
    deck = button(room, FEATURE_2)
    answer = deck.press()
    assert (answer.status, answer.type) == (200, "application/json")
    assert {key: answer.json[key] for key in ("status", "button", "title")} == {
        "status": "accepted",
        "button": deck.name,
        "title": "On air: link 2 商品 B <b>",
    }
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert on_air(room) == "B"
    entry = last_entry(room)
    assert (entry["type"], entry["source"], entry["id"]) == ("item.feature", f"api:{deck.name}", answer.json["id"])
    assert entry["seq"] == answer.json["seq"]


def test_companion_posts_with_the_token_in_a_header(room: Web) -> None:
    companion = button(room, {"type": "item.feature", "link": 3})
    path = f"/press?session={room.session}"
    answer = room.ask("POST", path, b"", scope=None, headers={"Authorization": f"Bearer {companion.text}"})
    assert (answer.status, answer.json["status"]) == (200, "accepted")
    assert on_air(room) == "C"


def test_a_phone_is_told_on_a_page_in_its_language_what_happened(room: Web) -> None:
    phone = button(room, {"type": "session.freeze"})
    chinese = phone.press(lang="zh-CN", accept="text/html")
    assert (chinese.status, chinese.type) == (200, "text/html")
    assert all(each in chinese.body.decode() for each in ("冻结数字", "已执行", '<html lang="zh-CN">'))
    page = phone.press(accept="text/html").body.decode()
    assert "Freeze the numbers" in page
    assert phone.text not in page, "what is on the page may be seen by others"
    room.send({"type": "session.thaw"})
    gone = button(room, {"type": "item.previous"})
    room.send({"type": "item.feature", "link": 1})
    refused = gone.press(accept="text/html")
    assert (refused.status, "no item stands before the one on air" in refused.body.decode()) == (409, True)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Purpose": "prefetch"},
        {"Sec_Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X_Purpose": "preview"},
        {"X_Moz": "prefetch"},
        {"User_Agent": "TelegramBot (like TwitterBot)"},
        {"User_Agent": "facebookexternalhit/1.1"},
        {"User_Agent": "DingTalkBot-LinkService/1.0"},
        {"User_Agent": "WhatsApp/2.23.20.0"},
        {"User_Agent": "Viber/13.3.0"},
        {"User_Agent": "Synapse (bot; +https://github.com/matrix-org/synapse)"},
        {"User_Agent": "Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)"},
    ],
)
def test_what_fetches_links_by_itself_presses_nothing(room: Web, headers: dict[str, str]) -> None:
    before = room.board()["seq"]
    answer = button(room, FEATURE_2).press(**headers)
    assert (answer.status, answer.json["type"]) == (403, "urn:overlaykit:not_a_press")
    assert room.board()["seq"] == before


def test_head_presses_nothing(room: Web) -> None:
    before = room.board()["seq"]
    answer = button(room, FEATURE_2).press("HEAD")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
    assert room.board()["seq"] == before


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.42 NetType/WIFI",
        "Mozilla/5.0 (Linux; Android 13; Cubot X50) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
        "got (https://github.com/sindresorhus/got)",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) StreamDeck/6.5",
        "",
    ],
)
def test_people_and_their_devices_are_no_bots(agent: str) -> None:
    assert PREVIEWS.search(agent) is None


def bounced(room: Web) -> tuple[Button, list[Any]] | None:
    """A button and the answers to four presses of it at once; None where they took so long that some were not at once."""
    deck = button(room, {"type": "overlay.refresh"})
    with ThreadPoolExecutor(4) as threads:
        began = time.monotonic()
        answers = [each.json for each in threads.map(lambda _: deck.press(), range(4))]
        took = time.monotonic() - began
    return (deck, answers) if took * 1000 < TOGETHER_MS else None


def test_a_key_that_bounces_presses_once(room: Web) -> None:
    before = room.board()["seq"]
    deck, answers = until(lambda: bounced(room), "four presses came at once")
    assert sorted(each["status"] for each in answers) == ["accepted", "repeated", "repeated", "repeated"]
    assert len({each["id"] for each in answers}) == 1, "all say which press they count with"
    entries = room.get(f"/api/v1/sessions/{room.session}/ledger?since={before}").json["entries"]
    assert [entry["source"] for entry in entries].count(f"api:{deck.name}") == 1
    until(lambda: deck.press().json["status"] == "accepted", "a press counts again")


def test_a_press_after_one_that_came_to_nothing_does_not_count_with_it(room: Web) -> None:
    room.send({"type": "item.feature", "link": 3})
    last = button(room, {"type": "item.next"})
    answers = [last.press() for _ in range(3)]
    assert [each.status for each in answers] == [409, 409, 409], "nobody hears that it was pressed"
    room.send({"type": "item.feature", "link": 2})
    assert last.press().json["status"] == "accepted"
    assert on_air(room) == "C"


def test_presses_with_one_idempotency_key_are_one_press(room: Web) -> None:
    room.send({"type": "item.feature", "link": 1})
    following = button(room, {"type": "item.next"})
    first = following.press(Idempotency_Key="k-1").json
    assert (first["status"], on_air(room)) == ("accepted", "B")
    again = following.press(Idempotency_Key="k-1").json
    assert (again["status"], again["id"], again["seq"], on_air(room)) == ("duplicate", first["id"], first["seq"], "B")
    other = following.press(Idempotency_Key="k-2").json
    assert (other["status"], on_air(room)) == ("accepted", "C"), "another key is another press, however soon it comes"
    assert following.press(Idempotency_Key="x" * 300).status == 400


def test_a_flood_is_held_back(room: Web) -> None:
    deck = button(room, {"type": "overlay.refresh"})

    def flood() -> list[Answer]:
        with ThreadPoolExecutor(8) as threads:
            return [each for each in threads.map(lambda _: deck.press(), range(40)) if each.status == 429]

    held = until(flood, "more than ten came in a second")
    assert (held[0].json["type"], held[0].headers["Retry-After"]) == ("urn:overlaykit:too_many_presses", "1")
    assert button(room, FEATURE_2).press().status == 200, "another button is not held back"


def test_next_and_previous_go_on_from_what_is_on_air(room: Web) -> None:
    room.send({"type": "item.feature", "link": 1})
    following, before = button(room, {"type": "item.next"}), button(room, {"type": "item.previous"})
    seen = [press.press(Idempotency_Key=str(number)).status for number, press in enumerate((following, following))]
    assert (seen, on_air(room)) == ([200, 200], "C")
    end = following.press(Idempotency_Key="end")
    assert (end.status, end.json["type"]) == (409, "urn:overlaykit:no_next_item")
    assert end.json["detail"] == "Not done: no item comes after the one on air."
    assert before.press().status == 200
    assert on_air(room) == "B"


def test_one_button_freezes_and_thaws(room: Web) -> None:
    deck = button(room, {"type": "freeze.toggle"})
    for number, status in enumerate(["frozen", "live"]):
        assert deck.press(Idempotency_Key=str(number)).status == 200
        assert room.board()["session"]["status"] == status


def test_one_button_switches_a_rule_off_and_on(room: Web) -> None:
    deck = button(room, {"type": "rule.toggle", "name": "last-50"})
    for number, enabled in enumerate([False, True]):
        deck.press(Idempotency_Key=str(number))
        assert room.board(scope="viewer")["direction"]["rules"]["last-50"]["enabled"] is enabled


def test_a_countdown_ends_so_much_later_for_each_press(room: Web) -> None:
    deck = button(room, {"type": "countdown.set", "name": "deal", "extend": 60})
    assert deck.press().status == 422, "this session has no such countdown"
    room.send({"type": "countdown.set", "name": "deal", "sku": "A", "ends_at": "2030-01-01T00:00:00Z"})
    for number in range(2):
        assert deck.press(Idempotency_Key=str(number)).status == 200
    countdown = room.board()["countdowns"]["deal"]
    assert (countdown["ends_at"], countdown["sku"]) == ("2030-01-01T00:02:00.000Z", "A")


def test_a_text_of_the_plan_is_announced_as_it_reads_now(room: Web) -> None:
    room.send({"type": "item.feature", "link": 2})
    deck = button(room, {"type": "announcement.show", "name": "最后几件"})
    assert deck.press().status == 200
    [shown] = room.board()["announcements"]
    assert (shown["text"], shown["level"]) == ("2 号链接 商品 B <b> 最后 300 件", "warning")
    room.send({"type": "item.feature", "sku": None})
    nothing = deck.press(Idempotency_Key="off-air")
    assert (nothing.status, nothing.json["detail"]) == (409, "Not done: nothing is on air.")
    near = button(room, {"type": "announcement.show", "name": "最后几个"}).press(lang="zh-CN")
    assert (near.status, "是不是想写 最后几件？" in near.json["detail"]) == (422, True)
    room.send({"type": "announce.clear"})


def test_a_button_of_the_plan_needs_no_action(room: Web) -> None:
    deck = button(room, None, "红包")
    try:
        answer = deck.press()
        assert (answer.status, answer.json["title"]) == (200, "Button 红包")
        entry = last_entry(room)
        assert (entry["type"], entry["data"], entry["source"]) == ("button.press", {"name": "红包"}, "api:红包")
    finally:
        Tokens(room.client).revoke("红包")


def test_what_the_engine_refuses_is_said_in_words(room: Web) -> None:
    gone = button(room, {"type": "task.done", "task": "no-such-task"}).press()
    assert (gone.status, gone.json["detail"]) == (409, "Not done: this task is not open any more.")
    assert gone.json["outcome"]["reason"] == "unknown_task"
    unknown = button(room, {"type": "emergency.run", "name": "oversol"}).press()
    assert (unknown.status, unknown.json["errors"][0]["path"]) == (422, "name")
    assert "did you mean oversold?" in unknown.json["detail"]


def test_an_action_of_another_version_presses_nothing(room: Web) -> None:
    answer = button(room, {"type": "no.such.action"}).press()
    assert (answer.status, "is no action of a button" in answer.json["detail"]) == (422, True)


@pytest.mark.parametrize("scope", ["overlay", "viewer", "connector", "operator", "admin"])
def test_only_buttons_press(room: Web, scope: str) -> None:
    before = room.board()["seq"]
    answer = button(room, FEATURE_2).press(token=room.tokens[scope])
    assert (answer.status, answer.json["type"]) == (403, "urn:overlaykit:wrong_scope")
    assert room.board()["seq"] == before


def test_a_login_presses_nothing(room: Web) -> None:
    operator = Operator(room)
    answer = room.get(f"/press?session={room.session}", scope=None, headers={"Cookie": operator.cookie_header})
    assert answer.status == 401


def test_a_revoked_button_presses_no_more(room: Web) -> None:
    deck = button(room, FEATURE_2)
    assert deck.press().status == 200
    Tokens(room.client).revoke(deck.name)
    until_refused(lambda: deck.press().status == 401)


def routes_of(web: Web) -> list[tuple[str, str]]:
    """Every method and path that this process knows, with something in the place of names."""
    import overlaykit.web.app as app_module
    from overlaykit.web.services import Services

    services: Any = Services(
        config=None,  # type: ignore[arg-type]
        redis_url=web.store_url,
        client=web.client,
        tokens=Tokens(web.client),
        directory=None,  # type: ignore[arg-type]
        themes={},
        signing_key=b"k" * 32,
    )
    app = app_module.create_app(services)
    found = [("POST", f"/api/v1/sessions/{web.session}/commands")]
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?session>", web.session, rule.rule)
        path = re.sub(r"<[^>]+>", "A", path)
        found += [(method, path) for method in rule.methods or () if method not in ("HEAD", "OPTIONS")]
    return sorted(set(found))


OPEN = re.compile(
    r"^/(healthz|readyz|openapi\.json|login|logout|static/|overlay-files/|oauth/|press|$)|^/api/v1/holds/|^/sessions/.*/pictures/"
)
"""What needs no token at all, or is the press itself."""
LOGIN_FORM = b'<input type="password" name="token"'


def test_a_button_may_do_nothing_else_anywhere(room: Web) -> None:
    deck = button(room, FEATURE_2)
    before, did = room.board()["seq"], []
    for method, path in routes_of(room):
        if OPEN.search(path):
            continue
        body = b'{"type":"item.feature","link":3}' if method in ("POST", "PUT") else None
        headers = {"Authorization": f"Bearer {deck.text}", "Content-Type": "application/json"}
        answer = room.ask(method, path, body, scope=None, headers=headers)
        by_query = room.ask(method, f"{path}?token={deck.text}", body, scope=None)
        for each in (answer, by_query):
            if each.status not in (401, 403, 404, 405, 415, 426) and LOGIN_FORM not in each.body:
                did.append((method, path, each.status))
    assert did == []
    assert room.board()["seq"] == before


def test_the_token_is_in_no_log_and_no_entry(room: Web) -> None:
    deck = button(room, FEATURE_2)
    deck.press()
    deck.press(accept="text/html")
    button_of_nobody = Button(room, "x", "no-such-token-of-anybody")
    assert button_of_nobody.press().status == 401
    for text in (deck.text, button_of_nobody.text):
        assert text not in room.log.read_text(errors="replace")
        assert text not in room.get(f"/api/v1/sessions/{room.session}/ledger?limit=5000").body.decode()
