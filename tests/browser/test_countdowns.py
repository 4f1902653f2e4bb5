"""Countdowns run on the server's clock, whatever the page's own clock says."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.store]

ROUNDS = 20
APART_MS = 17
LATE_MS = 50
# The true time of a page comes from its monotonic clock and the machine's time when the page began, which the changed
# Date does not touch.
WATCH = """
window.due = [];
document.addEventListener("ok-due", (event) => {
  window.due.push([event.target.getAttribute("ends-at"), performance.timeOrigin + performance.now()]);
});
"""
WRONG_CLOCK = """
{
  const Real = Date, shift = 120000;
  Date = class extends Real {
    constructor(...given) { if (given.length) super(...given); else super(Real.now() + shift); }
    static now() { return Real.now() + shift; }
  };
}
"""


def test_two_pages_reach_zero_together_and_at_the_deadline(
    live: Any, open_page: Callable[..., Page], until_page: Callable[..., None]
) -> None:
    pages = [
        open_page(live.overlay("countdown"), script=WATCH),
        open_page(live.overlay("countdown"), script=WRONG_CLOCK + WATCH),
    ]
    assert abs(pages[1].evaluate("Date.now() - performance.timeOrigin - performance.now()") - 120_000) < 1000
    apart, late = [], []
    for _ in range(ROUNDS):
        seconds = 0.8
        [outcome] = live.send({"type": "countdown.set", "name": "go", "seconds": seconds})
        ends_at = outcome["ends_at"]
        zeroes = []
        for page in pages:
            until_page(page, "(at) => window.due.some(([ends]) => ends === at)", ends_at)
            zeroes.append(
                page.evaluate("(at) => window.due.find(([ends]) => ends === at)[1] - Date.parse(at)", ends_at)
            )
        apart.append(abs(zeroes[0] - zeroes[1]))
        late += zeroes

    assert statistics.median(apart) <= APART_MS, apart
    assert statistics.median(abs(each) for each in late) <= LATE_MS, late


def test_a_countdown_shows_its_format_and_stops_at_zero(
    live: Any, open_page: Callable[..., Page], until_page: Callable[..., None]
) -> None:
    page = open_page(live.overlay("countdown"))
    live.send({"type": "countdown.set", "name": "go", "seconds": 3700})
    text = "document.querySelector('ok-countdown')?.shadowRoot.textContent"
    until_page(page, f"() => /^01:01:[34]\\d$/.test({text})")

    live.send({"type": "countdown.set", "name": "go", "seconds": 90})
    until_page(page, f"() => /^01:[23]\\d$/.test({text})")
