"""All macros on one page of a real room: alive through every change, in place, and only what happens makes a scene."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.store]

ELEMENTS = "ok-number, ok-bar, ok-ring, ok-units, ok-countdown, ok-heatmap, ok-ticker, .ok-cell, .ok-badge, .ok-card"
MARK = f"document.querySelectorAll('{ELEMENTS}').forEach((each) => {{ each.mine = true; }})"
ALL_MINE = f"[...document.querySelectorAll('{ELEMENTS}')].every((each) => each.mine)"
CELL = "([sku, text]) => document.querySelector(`[data-key='${sku}.cell'] small`)?.textContent === text"
UNITS = "() => document.querySelector('ok-units').shadowRoot.querySelectorAll('.unit:not(.gone)').length"
PLAYING = """() => [...document.querySelectorAll("ok-moment")]
  .filter((each) => each.shadowRoot.firstElementChild.part.contains("playing")).length"""


def test_every_macro_follows_the_room_and_stays_the_same_element(
    live: Any, open_page: Callable[..., Page], until_page: Callable[..., None]
) -> None:
    page = open_page(live.overlay("every", theme="every"))
    until_page(page, CELL, ["A", "100"])
    live.order()
    until_page(page, CELL, ["A", "99"])
    page.evaluate(MARK)

    live.order(quantity=59)
    live.order("B", 5)
    until_page(page, CELL, ["A", "40"])
    until_page(page, CELL, ["B", "45"])

    assert page.evaluate(ALL_MINE)
    until_page(page, f"() => ({UNITS})() === 20")  # drawn with the next picture
    assert page.said == []  # type: ignore[attr-defined]


def test_selling_out_is_a_scene_and_coming_to_what_is_sold_out_is_none(
    live: Any, open_page: Callable[..., Page], until_page: Callable[..., None]
) -> None:
    page = open_page(live.overlay("every", theme="every"))
    live.order()
    until_page(page, CELL, ["A", "99"])
    live.count("A", 0)
    until_page(page, f"() => ({PLAYING})() === 1")
    until_page(page, f"() => ({PLAYING})() === 0")

    live.send({"type": "item.feature", "sku": "B"})
    until_page(page, "() => document.querySelector('section').dataset.key === 'B'")
    live.send({"type": "item.feature", "sku": "A"})
    until_page(page, "() => document.querySelector('section').dataset.key === 'A'")

    assert page.inner_text("ok-moment") == "已售罄"
    assert page.evaluate(PLAYING) == 0
