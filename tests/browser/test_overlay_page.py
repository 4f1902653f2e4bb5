"""An overlay in a real browser, served by a real room."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from overlaykit.model.parsing import parse
from overlaykit.plan import load_plan
from overlaykit.stock import SessionDirectory, StockEngine
from overlaykit.store import connect

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.whole_browser, pytest.mark.store]

LEFT = "(n) => document.querySelector('ok-number')?.textContent === n"
Open = Callable[..., "Page"]
Until = Callable[..., None]


def test_the_first_paint_has_the_number_and_an_order_moves_it(live: Any, open_page: Open, until_page: Until) -> None:
    status, body = live.room.get(live.overlay("number").removeprefix(live.room.url), scope=None)
    assert status == 200
    assert ">100</ok-number>" in body.decode()

    page = open_page(live.overlay("number"))
    assert live.order() == 99
    until_page(page, LEFT, "99")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
    assert page.said == []  # type: ignore[attr-defined]


def test_nodes_stay_while_their_texts_change_so_that_transitions_show(
    live: Any, open_page: Open, until_page: Until
) -> None:
    page = open_page(live.overlay("lower_third", theme="shop"))
    page.evaluate("document.querySelectorAll('.card, ok-number, ok-bar').forEach((node) => { node.mine = true })")

    live.count("A", 10)
    until_page(page, LEFT, "10")

    assert page.evaluate("[...document.querySelectorAll('.card, ok-number, ok-bar')].every((node) => node.mine)")
    assert page.evaluate("document.querySelector('.card').className") == "card low heat-yellow"


def test_another_item_is_another_node_and_its_number_never_rolls_from_the_last_ones(
    live: Any, open_page: Open, until_page: Until
) -> None:
    page = open_page(live.overlay("number"))
    page.evaluate("document.querySelector('ok-number').mine = true")
    page.evaluate("""
      window.shown = [];
      new MutationObserver(() => {
        const number = document.querySelector('ok-number');
        if (!number.mine) window.shown.push(number.shadowRoot.firstElementChild.className);
      }).observe(document.getElementById('overlay'), { subtree: true, childList: true, attributes: true });
    """)

    live.send({"type": "item.feature", "sku": "B"})
    until_page(page, LEFT, "50")

    assert not page.evaluate("document.querySelector('ok-number').mine")
    assert "rolling" not in page.evaluate("window.shown")


def test_a_big_change_rolls_but_its_text_is_true_at_once(live: Any, open_page: Open, until_page: Until) -> None:
    page = open_page(live.overlay("number"))
    live.order()  # the page has had a frame of its own: it is live
    until_page(page, LEFT, "99")

    live.count("A", 40)
    until_page(page, LEFT, "40")
    until_page(page, "() => document.querySelector('ok-number').shadowRoot.firstElementChild.className === ''")

    assert page.evaluate("document.querySelector('ok-number').innerText") == "40"


def test_a_keyed_list_moves_its_nodes(live: Any, open_page: Open, until_page: Until) -> None:
    page = open_page(live.overlay("plain", theme="shop"))
    page.evaluate("document.querySelectorAll('li').forEach((node) => { node.sku = node.dataset.key })")

    live.count("A", 0)
    until_page(page, "() => document.querySelectorAll('li').length === 1")
    assert page.evaluate("document.querySelector('li').sku") == "B"

    live.count("A", 5)
    until_page(page, "() => document.querySelectorAll('li').length === 2")
    assert page.evaluate("[...document.querySelectorAll('li')].map((node) => node.sku ?? 'new')") == ["new", "B"]


def test_the_choice_of_item_channel_and_locale_is_the_addresss(live: Any, open_page: Open) -> None:
    assert "50" in open_page(live.overlay("number", sku="B")).inner_text("#overlay")
    assert "羊毛围巾" in open_page(live.overlay("number", link=2)).inner_text("#overlay")
    english = open_page(live.overlay("number", locale="en"))
    assert "In stock" in english.inner_text("#overlay")
    assert english.evaluate("document.documentElement.lang") == "en"


def test_an_option_in_the_address_is_a_custom_property(live: Any, open_page: Open) -> None:
    page = open_page(live.overlay("number", **{"option.accent": "#00ff00"}))

    accent = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--option-accent')")
    assert accent == "#00ff00"


WRONG: list[tuple[str, dict[str, str], int, str]] = [
    ("nmber", {}, 404, "Did you mean &#39;number&#39;"),
    ("number", {"theme": "nylon"}, 404, "Known themes: "),
    ("number", {"sku": "Z"}, 404, "It has sku: A, B"),
    ("number", {"channel": "moon"}, 404, "there is no channel"),
    ("number", {"session": "yesterday"}, 404, "yesterday"),
    ("number", {"option.acent": "x"}, 400, "Did you mean &#39;accent&#39;"),
    ("number", {"option.accent": "red"}, 400, "a colour like"),
    ("number", {"skus": "A"}, 400, "Parameters: token, session"),
    ("number", {"sku": "A", "link": "1"}, 400, "one item"),
    ("number", {"link": "one"}, 400, "link=3"),
    ("number", {"locale": "xx-YY"}, 400, "unknown locale"),
]


def test_a_wrong_address_says_what_would_be_right(live: Any) -> None:
    for layout, query, status, says in WRONG:
        found, body = live.room.get(live.overlay(layout, **query).removeprefix(live.room.url), scope=None)

        assert (found, says in body.decode()) == (status, True), (layout, query, body.decode())


def test_without_a_token_there_is_no_page_and_no_socket(live: Any) -> None:
    for path in ("/overlay/number", "/overlay/number?token=wrong", "/ws/overlay?layout=number&token=wrong"):
        upgrade = path.startswith("/ws")
        status, _ = live.room.get(path, scope=None)
        assert status == (426 if upgrade else 401)


def test_what_a_page_loads_is_kept_and_nothing_else_of_a_theme_is_served(live: Any) -> None:
    page = live.room.get(live.overlay("number").removeprefix(live.room.url), scope=None)[1].decode()
    files = [part.split('"')[0] for part in page.split('"/overlay-files/')[1:]]
    assert len(files) >= 4
    for file in files:
        with urllib.request.urlopen(f"{live.room.url}/overlay-files/{file}") as answer:
            assert "immutable" in answer.headers["Cache-Control"]
    folder = next(file for file in files if file.endswith("style.css")).removesuffix("style.css")
    for path in ("number.html", "theme.toml", "../../../../README.md", "..%2f..%2fREADME.md"):
        assert live.room.get(f"/overlay-files/{folder}{path}", scope=None)[0] == 404


def test_script_in_a_title_stays_text(live: Any, open_page: Open) -> None:
    evil = "<img src=x onerror='document.title=1'><script>document.title=1</script>"
    live.send({"type": "announce.show", "text": evil})
    page = open_page(live.overlay("lower_third"))

    assert evil in page.inner_text(".ok-announcement")
    live.send({"type": "announce.show", "text": evil + "!"})
    page.wait_for_selector(".ok-announcement >> nth=1")
    assert page.locator(".ok-announcement img, .ok-announcement script").count() == 0
    assert page.title() != "1"


def test_a_page_of_the_current_session_moves_on_with_it(
    alone: Any, open_page: Open, until_page: Until, tmp_path: Path
) -> None:
    page = open_page(alone.overlay("number"))
    for _ in range(5):
        alone.order()
    until_page(page, LEFT, "95")

    folder = tmp_path / "tomorrow"
    folder.mkdir()
    plan = 'id = "tomorrow"\ntitle = "明天"\nitem = [{ link = 1, sku = "A", title = "手套", opening = 7 }]\n'
    (folder / "session.toml").write_text(plan, encoding="utf-8")
    client = connect(alone.room.store_url)
    try:
        engine = StockEngine(client, "tomorrow")
        engine.plan(load_plan(folder).session)
        SessionDirectory(client).add("tomorrow", "tomorrow")
        opened = b'{"type":"session.open"}', b'{"type":"item.feature","sku":"A"}'
        engine.submit([parse(command, "api:test") for command in opened])
    finally:
        client.close()

    until_page(page, LEFT, "7")  # of a lower seq, but of another session
    assert page.evaluate("document.documentElement.dataset.line").startswith("tomorrow/")
