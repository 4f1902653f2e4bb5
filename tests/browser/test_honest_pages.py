"""What pages say and do when something is lost, late or wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import redis

from overlaykit.store import Tokens
from tests.conftest import seconds_to_begin

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.store, pytest.mark.faults]

LEFT = "(n) => document.querySelector('ok-number')?.textContent === n"
LINK = "(state) => document.documentElement.dataset.link === state"
BACK_WITHIN_MS = 3000
Open = Callable[..., "Page"]
Until = Callable[..., None]

WATCH_SEQS = """
window.seqs = [];
new MutationObserver(() => {
  const seq = Number(document.documentElement.dataset.seq);
  if (seq !== window.seqs.at(-1)) window.seqs.push(seq);
}).observe(document.documentElement, { attributes: true });
"""

# The store may be back before anybody looks.
WATCH_LINK = """
window.links = [];
new MutationObserver(() => links.push(document.documentElement.dataset.link))
  .observe(document.documentElement, { attributes: true, attributeFilter: ["data-link"] });
"""


def test_web_is_killed_and_the_page_is_back_by_itself_with_the_right_number(
    alone: Any, open_page: Open, until_page: Until
) -> None:
    page = open_page(alone.overlay("number"), script=f"addEventListener('DOMContentLoaded', () => {{{WATCH_SEQS}}})")
    alone.order()
    until_page(page, LEFT, "99")

    before = seconds_to_begin()
    alone.room.kill("web")
    killed = time.monotonic()
    alone.room.wait_ready()
    assert alone.order(quantity=9) == 90
    until_page(page, LEFT, "90")
    until_page(page, LINK, "live")
    away = time.monotonic() - killed
    assert away < BACK_WITHIN_MS / 1000 * max(1.0, before, seconds_to_begin())
    seqs = page.evaluate("window.seqs")
    assert seqs == sorted(seqs)


def test_a_page_finds_the_way_back_within_seconds_of_the_server(alone: Any, open_page: Open, until_page: Until) -> None:
    page = open_page(alone.overlay("number"))
    until_page(page, "() => window.performance.now() > 500")
    page.context.set_offline(True)  # stops new connections; the open one goes with the server
    alone.room.kill("web")
    until_page(page, LINK, "lost", 5000)
    assert page.evaluate("getComputedStyle(document.querySelector('ok-status'), '::after').content") == '"数据获取中"'
    alone.room.wait_ready()
    alone.order(quantity=60)

    page.context.set_offline(False)
    until_page(page, LEFT, "40", BACK_WITHIN_MS)
    until_page(page, LINK, "live", BACK_WITHIN_MS)
    assert page.evaluate("getComputedStyle(document.querySelector('ok-status')).display") == "none"


def test_the_store_is_killed_the_page_says_so_and_comes_back(alone: Any, open_page: Open, until_page: Until) -> None:
    page = open_page(alone.overlay("number"))
    assert alone.order() == 99
    until_page(page, LEFT, "99")
    until_page(page, LINK, "live")
    page.evaluate(WATCH_LINK)

    alone.room.kill("store")
    until_page(page, "() => links.some((each) => ['stale', 'lost'].includes(each))", None, 5000)
    alone.room.wait_ready()
    until_page(page, LINK, "live", BACK_WITHIN_MS * 3)

    assert alone.order() == 98
    until_page(page, LEFT, "98")


def test_a_page_says_frozen_while_the_numbers_are_on_hold(live: Any, open_page: Open, until_page: Until) -> None:
    page = open_page(live.overlay("number"))
    live.send({"type": "session.freeze"})
    until_page(page, "() => document.querySelector('ok-status').getAttribute('says') === '库存数字暂停更新'")

    live.order(quantity=10)
    live.send({"type": "announce.show", "text": "so that a frame comes"})
    assert page.inner_text("ok-number") == "100"

    live.send({"type": "session.thaw"})
    until_page(page, LEFT, "90")


def test_a_theme_that_fails_leaves_the_last_good_frame_and_tells_the_page(
    live: Any, open_page: Open, until_page: Until
) -> None:
    page = open_page(live.overlay("broken", theme="shop"))
    assert page.inner_text("#left") == "100"

    live.count("A", 10)
    until_page(page, "() => document.documentElement.dataset.error?.includes('availabel')")
    assert page.inner_text("#left") == "100"
    assert any("broken.html:2" in said and "Did you mean 'available'" in said for said in page.said)  # type: ignore[attr-defined]

    live.count("A", 80)
    until_page(page, "() => document.querySelector('#left').textContent === '80'")
    assert page.evaluate("document.documentElement.dataset.error") is None


def test_an_older_frame_is_never_painted_after_a_newer_one(live: Any, open_page: Open, until_page: Until) -> None:
    tampered = """
      const Real = WebSocket;
      WebSocket = class extends Real {
        constructor(...given) { super(...given); window.socket = this; }
      };
    """
    page = open_page(live.overlay("number"), script=tampered)
    until_page(page, "() => window.socket?.readyState === 1")
    live.order()
    until_page(page, LEFT, "99")

    page.evaluate("""() => {
      const { line, seq } = document.documentElement.dataset;
      const html = '<ok-number value="7">7</ok-number>';
      const frame = (seq) => new MessageEvent('message', { data: JSON.stringify({ type: 'frame', line, seq, html }) });
      window.socket.dispatchEvent(frame(Number(seq) - 1));
    }""")

    assert page.inner_text("ok-number") == "99"


def test_a_page_opened_before_any_board_fills_itself(live: Any, open_page: Open, until_page: Until) -> None:
    live.send({"type": "item.feature", "sku": None})
    page = open_page(live.overlay("number"))
    assert page.inner_text("#overlay") == ""

    live.send({"type": "item.feature", "sku": "B"})
    until_page(page, LEFT, "50")


def test_a_revoked_token_ends_the_page(alone: Any, open_page: Open, until_page: Until) -> None:
    page = open_page(alone.overlay("number"))
    until_page(page, LINK, "live")
    client = redis.Redis.from_url(alone.room.store_url)
    try:
        tokens = Tokens(client)
        [name] = [record.name for record in tokens.list() if record.scope == "overlay"]
        tokens.revoke(name)
    finally:
        client.close()

    until_page(page, LINK, "lost", 6000)
