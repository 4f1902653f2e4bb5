"""The pages for people: who gets in, how, and that the desk follows the room."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from html import unescape
from typing import TYPE_CHECKING

import pytest
import websocket

from overlaykit.store import Tokens
from tests.conftest import StoreServer
from tests.web.conftest import Visitor, Web, until_refused
from tests.web.desks import Desks

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def visitor(web: Web) -> Visitor:
    return Visitor(web)


def test_the_login_comes_first_and_leads_to_the_desk(web: Web, visitor: Visitor) -> None:
    page = visitor.go(f"/desk?session={web.session}")
    assert visitor.at.startswith("/login?next=")
    assert "operator" in page.body.decode()
    page = visitor.log_in()
    assert visitor.at == f"/desk?session={web.session}"
    assert page.status == 200
    (cookie,) = visitor.cookies
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Strict"
    assert web.tokens["operator"] not in str(cookie.value)
    visitor.go("/logout", {}, Origin=web.url)
    assert visitor.go(f"/desk?session={web.session}").status == 200
    assert visitor.at.startswith("/login")


def test_a_token_in_the_address_moves_into_the_cookie(web: Web, visitor: Visitor) -> None:
    page = visitor.go(f"/desk?session={web.session}&lang=en&token={web.tokens['viewer']}")
    assert (page.status, visitor.at) == (200, f"/desk?session={web.session}&lang=en")
    assert web.tokens["viewer"] not in page.body.decode()


def test_who_opens_the_presenters_address_keeps_the_buttons_of_the_desk(web: Web, visitor: Visitor) -> None:
    """Operators look at both in one browser, and the address that the room prints has the viewer's token."""
    visitor.log_in()
    page = visitor.go(f"/presenter?session={web.session}&token={web.tokens['viewer']}")
    assert (page.status, visitor.at) == (200, f"/presenter?session={web.session}")
    assert visitor.go(f"/desk/buttons?session={web.session}").status == 200
    visitor.go(f"/desk?session={web.session}&token={web.tokens['viewer']}")
    assert visitor.go(f"/desk/buttons?session={web.session}").status == 403, "who asks for the viewer's desk gets it"


def test_two_rooms_on_one_machine_keep_their_logins_apart(
    web: Web, visitor: Visitor, store: StoreServer, start_web: Callable[..., Web]
) -> None:
    """A browser keeps cookies by host, whatever the port."""
    visitor.log_in()
    visitor.web = other = start_web(store, f"{web.session}-next-door")
    assert (visitor.log_in().status, visitor.at) == (200, f"/desk?session={other.session}")
    visitor.web = web
    assert visitor.go(f"/desk?session={web.session}").status == 200
    assert visitor.at == f"/desk?session={web.session}", "it need not log in anew"


@pytest.mark.parametrize("scope", ["overlay", "connector", "button"])
def test_others_are_told_why_they_do_not_get_in(visitor: Visitor, scope: str) -> None:
    page = visitor.log_in(scope)
    assert page.status == 403
    assert scope in page.body.decode()
    assert not list(visitor.cookies)


def test_a_wrong_token_is_no_reason_to_despair(visitor: Visitor) -> None:
    page = visitor.go("/login?lang=en", {"token": "no such token at all"}, Origin=visitor.web.url)
    assert page.status == 403
    assert "not known here" in page.body.decode()


@pytest.mark.parametrize(
    ("path", "lang", "said"), [("/desk", "zh-CN", "没有这个令牌"), ("/presenter", "en", "not known here")]
)
def test_a_link_whose_token_is_over_leads_to_the_login_and_on(
    visitor: Visitor, path: str, lang: str, said: str
) -> None:
    page = visitor.go(f"{path}?session={visitor.web.session}&lang={lang}&token=no-such-token-at-all")
    assert page.status == 403
    text = page.body.decode()
    assert said in text
    [next] = re.findall(r'name="next" value="([^"]*)"', text)
    visitor.go("/login", {"token": visitor.web.tokens["viewer"], "next": unescape(next)}, Origin=visitor.web.url)
    assert visitor.at == f"{path}?session={visitor.web.session}&lang={lang}"


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
def test_a_page_elsewhere_cannot_log_anybody_in(visitor: Visitor, origin: str) -> None:
    assert visitor.log_in(Origin=origin).status == 403
    assert not list(visitor.cookies)


@pytest.mark.parametrize(
    "next", ["//evil.example", "https://evil.example", "/desk\\..", "javascript:alert(1)", "/\t/evil"]
)
def test_the_login_leads_nowhere_else(web: Web, visitor: Visitor, next: str) -> None:
    visitor.go("/login", {"token": web.tokens["operator"], "next": next}, Origin=web.url)
    assert visitor.at == "/desk"


def test_a_revoked_token_ends_its_login(web: Web, visitor: Visitor) -> None:
    name = f"desk-{web.session}"
    text = Tokens(web.client).create("operator", name)
    visitor.go("/login", {"token": text}, Origin=web.url)
    assert visitor.go("/desk").status == 200
    assert visitor.at == "/desk"
    Tokens(web.client).revoke(name)

    def out() -> bool:
        visitor.go("/desk")
        return visitor.at.startswith("/login")

    until_refused(out, 2.0)


def test_a_forged_cookie_is_nobody(web: Web) -> None:
    forged = {"Cookie": "overlaykit=eyJ0b2tlbiI6WyJhIiwib3BlcmF0b3IiLCJiIl19.AAAA.BBBB"}
    assert web.get(f"/api/v1/sessions/{web.session}/board", scope=None, headers=forged).status == 401


def test_the_cookie_opens_a_socket_for_our_own_page_alone(web: Web, visitor: Visitor) -> None:
    visitor.log_in()
    address = f"ws://127.0.0.1:{web.port}/ws/board?session={web.session}"
    with closing(
        websocket.create_connection(address, cookie=visitor.cookie_header, origin=web.url, timeout=10)
    ) as ours:
        assert '"type":"board"' in str(ours.recv())
    for options in ({"origin": "http://evil.example"}, {"origin": "null"}, {"suppress_origin": True}):
        with pytest.raises(websocket.WebSocketBadStatusException) as caught:
            websocket.create_connection(address, cookie=visitor.cookie_header, timeout=10, **options)
        assert caught.value.status_code == 403


def test_the_cookie_sends_no_commands(web: Web, visitor: Visitor) -> None:
    visitor.log_in()
    path = f"/api/v1/sessions/{web.session}/commands"
    answer = web.ask("POST", path, b"{}", scope=None, headers={"Cookie": visitor.cookie_header})
    assert answer.status == 401


def test_pages_allow_nothing_that_is_not_ours(visitor: Visitor) -> None:
    page = visitor.log_in()
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["Referrer-Policy"] == "same-origin"
    text = page.body.decode()
    assert re.findall(r"<script[^>]*>", text) == [
        '<script src="/static/desk/paint.js">',
        '<script id="desk-data" type="application/json">',
        '<script type="module" src="/static/desk/desk.js">',
    ]
    assert " style=" not in text
    assert not re.search(r"\son\w+=", text)


def test_what_a_plan_says_is_text_never_markup(web: Web, visitor: Visitor) -> None:
    text = visitor.log_in().body.decode()
    assert f"测试场 &lt;{web.session}&gt;" in text
    assert f"测试场 <{web.session}>" not in text


@pytest.mark.parametrize(
    ("asked", "said"),
    [({}, "登录"), ({"Accept-Language": "en-GB,zh;q=0.5"}, "Log in"), ({"Accept-Language": "zh-TW"}, "登录")],
)
def test_the_pages_speak_the_visitors_language(visitor: Visitor, asked: dict[str, str], said: str) -> None:
    page = visitor.go("/login", None, **asked)
    assert said in page.body.decode()


def test_a_person_gets_a_page_for_an_error_and_a_program_a_problem(web: Web, visitor: Visitor) -> None:
    page = visitor.go("/no-such-page")
    assert (page.status, page.type) == (404, "text/html")
    chinese = visitor.go("/no-such-page?lang=zh").body.decode()
    assert "没有这个页面" in chinese
    assert "requested URL" not in chinese
    assert web.get("/no-such-page").type == "application/problem+json"
    unknown = visitor.go(f"/desk?session=nope&token={web.tokens['operator']}")
    assert unknown.status == 404
    assert web.session in unknown.body.decode()


@pytest.mark.browser
def test_the_desk_follows_the_room(
    start_web: Callable[..., Web], store: StoreServer, ledger: str, chromium: Browser
) -> None:
    web = start_web(store, ledger, units=100)
    with Desks(chromium, web) as desks:
        page = desks.open(viewport={"width": 1440, "height": 900})  # what is held has its column
        available = page.locator('.item[data-sku="A"] .of-available')
        assert available.text_content() == "100"
        web.reserve("seen", 30)
        page.locator('.item[data-sku="A"] .of-held', has_text="30").wait_for()
        assert available.text_content() == "70"
        web.send({"type": "order.commit", "order": "seen"})
        web.send({"type": "announce.show", "text": "<img src=x onerror=alert(1)>"})
        page.wait_for_selector("#announcements li")
        assert page.locator("#announcements li .text").text_content() == "<img src=x onerror=alert(1)>"
        web.send({"type": "item.feature", "sku": "B"})
        page.wait_for_selector('.item[data-sku="B"].on-air')
        web.reserve("rest-hz", 20)
        web.reserve("rest-la", 50)
        page.locator('.item[data-sku="A"] .of-state', has_text="Sold out").wait_for()
        web.send({"type": "session.freeze"})
        page.wait_for_selector('#status[data-status="frozen"]')


@pytest.mark.browser
def test_the_desk_shows_what_the_evening_changes(
    start_web: Callable[..., Web], store: StoreServer, ledger: str, chromium: Browser
) -> None:
    web = start_web(store, ledger, units=100)
    with Desks(chromium, web) as desks:
        page = desks.open()
        web.send({"type": "item.update", "sku": "A", "title": "Cape", "price": "1.50"})
        page.locator('.item[data-sku="A"] .title', has_text="Cape").wait_for()
        page.locator('.item[data-sku="A"]').click()
        page.locator('.item-panel [data-figure="price"] dd', has_text="1.50").wait_for()
        channel = web.send({"type": "allotment.set", "sku": "A", "channel": "mini", "quantity": 130}).json
        assert channel["status"] == "accepted"
        page.locator('.item[data-sku="A"] .over', has_text="Over-allotted by 30").wait_for()
        web.send({"type": "item.add", "sku": "new", "title": "Hat"})
        page.locator('.item[data-sku="new"]', has_text="Hat").wait_for()
        web.send({"type": "item.move", "sku": "new", "position": 1})
        page.locator('.rows > .item:first-child[data-sku="new"]').wait_for()
        page.wait_for_selector('#connection[data-ok="true"]')
        assert page.locator('.item[data-sku="A"] .over').text_content() == "Over-allotted by 30"


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/desk", "/presenter"])
def test_a_token_that_is_revoked_while_its_page_is_open_ends_at_the_login(
    web: Web, chromium: Browser, path: str
) -> None:
    name = f"open{path.replace('/', '-')}"
    text = Tokens(web.client).create("viewer", name)
    context = chromium.new_context()
    page = context.new_page()
    with page.expect_websocket() as socket:
        page.goto(f"{web.url}{path}?session={web.session}&token={text}")
    socket.value.wait_for_event("framereceived")
    Tokens(web.client).revoke(name)
    page.wait_for_url("**/login?next=*")
    page.locator("input[name=token]").fill(web.tokens["viewer"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{web.url}{path}?session={web.session}")
    page.wait_for_load_state()
    if path == "/desk":
        page.locator("form[action='/logout'] button").click()
        page.wait_for_url("**/login")
    context.close()
