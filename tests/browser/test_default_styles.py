"""page.css: what steps back when it may be wrong, and what a theme may say instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Open = Callable[..., "Page"]

STALE = '<ok-number id="n" value="98" stale>98</ok-number>'
SEEN = """(id) => {
  let seen = 1;
  for (let node = document.getElementById(id); node; node = node.parentElement) seen *= getComputedStyle(node).opacity;
  return seen;
}"""


def seen(page: Page, id: str = "n") -> float:
    """How much of a node is left, with all that it stands in."""
    found: float = page.evaluate(SEEN, id)
    return found


def test_a_theme_that_restyles_stale_numbers_as_the_guide_shows_has_its_way(open_elements: Open) -> None:
    assert seen(open_elements(STALE)) < 0.5
    assert seen(open_elements("<style>ok-number[stale] { opacity: 1; color: #999; }</style>" + STALE)) == 1


def test_a_rule_for_all_numbers_does_not_hide_that_one_may_be_wrong(open_elements: Open) -> None:
    page = open_elements("<style>ok-number { opacity: 0.95; }</style>" + STALE)

    assert seen(page) < 0.5


def test_a_number_in_what_has_stepped_back_does_not_step_back_again(open_elements: Open) -> None:
    cell = '<div class="ok-cell" id="cell" stale><ok-number id="n" value="98" stale>98</ok-number></div>'
    page = open_elements(cell, reduced_motion="reduce")
    assert seen(page) == seen(page, "cell") < 0.5

    sure = open_elements(cell.replace(" stale", ""), reduced_motion="reduce")
    sure.evaluate("() => { document.documentElement.dataset.link = 'lost'; }")
    assert seen(sure) == seen(sure, "cell") < 0.5


def test_a_bar_that_knows_nothing_steps_back_less_since_there_is_no_figure_to_doubt(open_elements: Open) -> None:
    page = open_elements('<ok-bar id="n" value="" unknown></ok-bar>', reduced_motion="reduce")
    assert 0.5 < seen(page) < 1

    page.evaluate("() => { document.documentElement.dataset.link = 'lost'; }")
    assert seen(page) < 0.5
