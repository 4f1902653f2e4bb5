"""Live parts and keys in a real browser: what changed is sent and morphed alone; what comes and goes may be animated."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.store]

Open = Callable[..., "Page"]
Until = Callable[..., None]

LISTEN = """
  window.heard = [];
  const Plain = WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", (event) => window.heard.push(JSON.parse(event.data)));
    }
  };
"""
# What comes and goes is seen by the page itself, in the frame that brings it: who asks from outside may come when it is over.
PASSING = """
  window.passing = { went: null, came: null };
  new MutationObserver(() => {
    passing.went ??= document.querySelector("li[data-leaving]")?.mine ?? null;
    passing.came ??= document.querySelector("li[data-entering]")?.textContent ?? null;
  }).observe(document.getElementById("overlay"), { subtree: true, childList: true, attributes: true });
"""
SHOWN = "([sku, left]) => document.querySelector(`li[data-key=${sku}] b`)?.textContent === left"


def test_an_order_sends_the_part_it_changed_and_nothing_else(live: Any, open_page: Open, until_page: Until) -> None:
    page = open_page(live.overlay("parts", theme="wall"), script=LISTEN)
    until_page(page, "() => document.documentElement.dataset.link === 'live'")
    page.evaluate("document.querySelectorAll('li, h1').forEach((node) => { node.mine = true })")

    live.order("A")
    until_page(page, SHOWN, ["A", "99"])

    [frame] = page.evaluate("window.heard.filter((message) => message.type === 'parts')")
    assert list(frame["parts"]) == ["A"]
    assert "data-key" in frame["parts"]["A"]
    assert page.evaluate("[...document.querySelectorAll('li, h1')].every((node) => node.mine)")
    assert page.evaluate("document.documentElement.dataset.seq") == str(frame["seq"])


def test_what_goes_stays_as_long_as_the_theme_animates_it_and_what_comes_back_is_new(
    live: Any, open_page: Open, until_page: Until
) -> None:
    page = open_page(live.overlay("parts", theme="wall"))
    until_page(page, "() => document.documentElement.dataset.link === 'live'")
    page.evaluate("document.querySelector('li').mine = true")
    page.evaluate(PASSING)
    live.order("B")
    until_page(page, SHOWN, ["B", "49"])

    live.count("A", 0)
    until_page(page, "() => passing.went === true")
    live.count("A", 5)
    until_page(page, "() => passing.came?.includes('5')")
    assert page.evaluate("document.querySelectorAll('[data-live=A]').length") == 1
    live.order("A")
    until_page(page, SHOWN, ["A", "4"])
    until_page(page, "() => !document.querySelector('[data-leaving], [data-entering]')")
    assert page.evaluate("document.querySelectorAll('li').length") == 2


def test_who_prefers_reduced_motion_sees_it_go_at_once(live: Any, open_page: Open, until_page: Until) -> None:
    page = open_page(live.overlay("parts", theme="wall"), reduced_motion="reduce")
    until_page(page, "() => document.documentElement.dataset.link === 'live'")

    live.count("A", 0)
    until_page(page, "() => document.querySelectorAll('li').length === 1")


def test_parts_of_a_drawing_stay_a_drawing(live: Any, open_page: Open, until_page: Until) -> None:
    page = open_page(live.overlay("drawing", theme="wall"))
    until_page(page, "() => document.documentElement.dataset.link === 'live'")

    live.order("A")
    until_page(page, "() => document.querySelector('[data-key=A] text').textContent === '99'")
    assert page.evaluate("document.querySelector('[data-key=A]') instanceof SVGGElement")


def test_a_theme_s_option_set_in_the_evening_is_on_every_open_page(
    live: Any, open_page: Open, until_page: Until
) -> None:
    page = open_page(live.overlay("parts", theme="wall"))
    own = open_page(live.overlay("parts", theme="wall", **{"option.colour": "#0000ff"}))
    colour = "(wanted) => getComputedStyle(document.documentElement).getPropertyValue('--option-colour') === wanted"
    until_page(page, colour, "#ff9900")

    live.send({"type": "overlay.set", "theme": "wall", "options": {"colour": "#00ff00"}})
    page.wait_for_function(colour, arg="#00ff00")
    assert own.evaluate(f"({colour})('#0000ff')"), "an address says more than the evening"

    live.send_unchecked({"type": "overlay.set", "options": {"colour": "reddish"}})
    page.wait_for_function("document.documentElement.dataset.error?.includes('reddish')")
    live.order("A")
    page.wait_for_function(f"({SHOWN})(['A', '99'])")
    live.send({"type": "overlay.set", "options": {"colour": None}})
    page.wait_for_function(colour, arg="#ff9900")
