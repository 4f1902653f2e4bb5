"""Which overlays are open and how they do, as an operator sees it on the desk while real pages come, hide, hang and go."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.conftest import until

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.store]

Open = Callable[..., "Page"]
Until = Callable[..., None]
LEFT = "(n) => document.querySelector('ok-number')?.textContent === n"
LIVE = "() => document.documentElement.dataset.link === 'live'"
SHOWN = "() => Number(document.documentElement.dataset.seq)"  # of the page: the room's may be one of a forecast already
WITHIN_MS = 15_000

# Headless browsers never hide a page by themselves.
HIDES = """
let hidden = false;
Object.defineProperty(document, "hidden", { get: () => hidden });
window.hide = (value) => { hidden = value; document.dispatchEvent(new Event("visibilitychange")); };
"""


def overlays(live: Any) -> list[dict[str, Any]]:
    status, body = live.room.get(f"/api/v1/sessions/{live.session}/overlays", "viewer")
    assert status == 200, body
    found: list[dict[str, Any]] = json.loads(body)["overlays"]
    return found


def until_state(live: Any, state: str, layout: str = "number") -> dict[str, Any]:
    """The only page of a layout, once it is in that state."""

    def look() -> dict[str, Any] | None:
        found = [each for each in overlays(live) if each["layout"] == layout]
        return found[0] if [each["state"] for each in found] == [state] else None

    return until(look, f"the {layout} is {state}", 20)


def desk(live: Any, open_page: Open, lang: str = "zh-CN", **options: Any) -> Page:
    query = {"session": live.session, "token": live.room.tokens["operator"], "lang": lang}
    return open_page(f"{live.room.url}/desk?{urlencode(query)}#overlays", **options)


def says(page: Page, name: str, text: str, timeout: float = WITHIN_MS) -> None:
    """Waits until the desk says so of an overlay."""
    page.locator("#view-overlays li", has=page.get_by_text(name, exact=True)).locator(".told").filter(
        has_text=text
    ).wait_for(timeout=timeout)


def test_a_page_that_shows_everything_is_live_and_says_how_it_does(
    live: Any, open_page: Open, until_page: Until
) -> None:
    page = open_page(live.overlay("number", sku="A"), script="window.obsstudio = {};")
    until_page(page, LIVE)
    live.order()
    until_page(page, LEFT, "99")
    seq = page.evaluate(SHOWN)

    until(lambda: [each["seq"] for each in overlays(live)] == [seq], "it says what it shows")
    found = until_state(live, "live")  # a second in which the machine was busy may come before

    assert (found["seq"], found["sku"], found["visible"], found["behind"]) == (seq, "A", True, 0)
    assert (found["width"], found["height"], found["obs"]) == (540, 960, True)
    assert found["lag_ms"] is None or found["lag_ms"] < 1000
    assert found["fps"] > 0


def test_the_operator_sees_pages_come_hide_and_go(live: Any, open_page: Open, until_page: Until) -> None:
    operator = desk(live, open_page)
    operator.get_by_text("没有打开的画面").wait_for(timeout=WITHIN_MS)

    page = open_page(live.overlay("number", sku="A"), script=HIDES)
    says(operator, "库存数字 · A", "显示中")
    page.evaluate("hide(true)")
    assert until_state(live, "hidden")["visible"] is False
    says(operator, "库存数字 · A", "未显示")
    page.evaluate("hide(false)")
    says(operator, "库存数字 · A", "显示中")
    page.close()
    says(operator, "库存数字 · A", "没有打开")
    assert operator.locator(".look").inner_text() == "1 个需要查看"

    open_page(live.overlay("number", sku="A"))
    says(operator, "库存数字 · A", "显示中")
    assert operator.locator("#view-overlays li").count() == 1, "it has taken the place of the one that was closed"
    assert not operator.locator(".look").count()
    assert operator.said == []  # type: ignore[attr-defined]


def test_what_was_painted_after_a_page_was_hidden_was_not_slow(live: Any, open_page: Open, until_page: Until) -> None:
    page = open_page(live.overlay("number", sku="A"), script=HIDES)
    until_page(page, LIVE)
    # Like a browser, whose hidden page paints nothing until it is shown again.
    page.evaluate("""() => {
      const real = window.requestAnimationFrame.bind(window), waiting = [];
      window.requestAnimationFrame = (each) => (document.hidden ? waiting.push(each) : real(each));
      window.paintAll = () => waiting.splice(0).forEach(real);
      hide(true);
    }""")
    live.order()
    until_page(page, LEFT, "99")
    until_state(live, "hidden")
    page.evaluate("() => { hide(false); paintAll(); }")

    assert (until_state(live, "live")["lag_ms"] or 0) < 1000


def test_a_page_that_hangs_does_not_answer(live: Any, open_page: Open, until_page: Until) -> None:
    operator = desk(live, open_page, "en")
    page = open_page(live.overlay("number", sku="A"))
    says(operator, "Stock number · A", "Visible")

    waits: list[Route] = []
    page.route("**/answered-when-the-test-wants", lambda route: waits.append(route))
    page.evaluate("""() => setTimeout(() => {
      const request = new XMLHttpRequest();
      request.open("GET", "/answered-when-the-test-wants", false);
      request.send();
    })""")

    until_state(live, "late")
    says(operator, "Stock number · A", "Not answering")
    waits[0].fulfill(body="")
    says(operator, "Stock number · A", "Visible", 20_000)


@pytest.mark.faults
def test_a_page_that_outlives_its_web_process_is_one_page_and_open(
    alone: Any, open_page: Open, until_page: Until
) -> None:
    page = open_page(alone.overlay("number", sku="A"))
    before = until_state(alone, "live")["page"]
    alone.room.kill("web")
    alone.room.wait_ready()
    alone.order()
    until_page(page, LEFT, "99")

    seq = page.evaluate(SHOWN)
    found = until(
        lambda: next((each for each in overlays(alone) if each["seq"] == seq), None), "the new process notes it"
    )
    assert (found["state"], found["page"]) == ("live", before)
    assert len(overlays(alone)) == 1


def test_what_is_wrong_with_a_page_is_told_in_words(live: Any, open_page: Open, until_page: Until) -> None:
    operator = desk(live, open_page)
    page = open_page(live.overlay("number", sku="A"))
    says(operator, "库存数字 · A", "显示中")

    live.send_unchecked({"type": "overlay.set", "theme": "no-such-theme", "options": {}})

    says(operator, "库存数字 · A", "出错")
    assert "no-such-theme" in operator.locator("#view-overlays .error").inner_text()
    assert page.inner_text("ok-number") == "100", "the last good picture stays"
    live.send({"type": "overlay.set", "theme": None, "options": {}})
    says(operator, "库存数字 · A", "显示中")
