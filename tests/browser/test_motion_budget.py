"""One budget of motion for the whole page: flashes and scenes, whoever asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Open = Callable[..., "Page"]
MANY = 30

# Notes when anything on the page lights up: a number's part `changed`, the light of a moment.
WATCH = """() => {
  window.lit = [];
  const note = new MutationObserver((changes) => {
    for (const { target, oldValue, attributeName } of changes) {
      const now = target.getAttribute(attributeName) ?? "";
      for (const word of ["changed", "lit"]) {
        const had = (oldValue ?? "").split(" ").includes(word);
        if (!had && now.split(" ").includes(word)) window.lit.push(performance.now());
      }
    }
  });
  for (const each of document.querySelectorAll("ok-number, ok-moment")) {
    note.observe(each.shadowRoot, { subtree: true, attributes: true, attributeFilter: ["part", "class"], attributeOldValue: true });
  }
}"""


def numbers(value: int) -> str:
    return "".join(f'<ok-number data-key="n{n}" value="{value}" flash>{value}</ok-number>' for n in range(MANY))


def moments(count: int, seconds: float = 1) -> str:
    return "".join(
        f'<ok-moment data-key="m{n}" name="sold_out" seconds="{seconds}">售罄 {n}</ok-moment>' for n in range(count)
    )


def most_in_a_second(times: list[float]) -> int:
    return max((sum(1 for other in times if 0 <= other - begin < 1000) for begin in times), default=0)


@pytest.mark.parametrize(("motion", "most"), [("calm", 1), ("normal", 3), ("bold", 3)])
def test_never_more_than_three_things_flash_in_a_second_and_calm_is_calm(
    open_elements: Open, motion: str, most: int
) -> None:
    page = open_elements(numbers(1000), motion=motion)
    page.evaluate(WATCH)
    for frame in range(40):
        page.evaluate("(html) => window.paint(html)", numbers(1000 - 10 * frame))
        page.clock.run_for(150)

    lit = page.evaluate("window.lit")
    assert most_in_a_second(lit) == most
    assert len(lit) >= 4 * most  # and it goes on: what waited is not what keeps others from their turn


def test_moments_and_numbers_spend_the_same_budget(open_elements: Open) -> None:
    page = open_elements(f"<div>{numbers(1000)}</div>")
    page.evaluate("(html) => window.paint(html)", f"<div>{numbers(1000)}{moments(6)}</div>")
    page.evaluate(WATCH)
    for frame in range(20):
        page.evaluate("(html) => window.paint(html)", f"<div>{numbers(900 - 10 * frame)}{moments(6)}</div>")
        page.clock.run_for(200)

    assert most_in_a_second(page.evaluate("window.lit")) == 3


PLAYING = """() => [...document.querySelectorAll("ok-moment")]
  .filter((each) => each.shadowRoot.firstElementChild.classList.contains("playing")).map((each) => each.textContent)"""


def test_moments_play_one_at_a_time_and_their_words_stand_there_from_the_first(open_elements: Open) -> None:
    page = open_elements("<div></div>")
    page.evaluate("(html) => window.paint(html)", f"<div>{moments(3)}</div>")
    assert page.inner_text("#overlay").count("售罄") == 3
    played = []
    for _ in range(4):
        played.append(page.evaluate(PLAYING))
        page.clock.run_for(1000)

    assert played == [["售罄 0"], ["售罄 1"], ["售罄 2"], []]


def test_a_moment_that_would_come_far_too_late_does_not_come(open_elements: Open) -> None:
    page = open_elements("<div></div>")
    page.evaluate("(html) => window.paint(html)", f"<div>{moments(9, seconds=3)}</div>")
    played = set()
    for _ in range(40):
        played.update(page.evaluate(PLAYING))
        page.clock.run_for(1000)

    assert played == {"售罄 0", "售罄 1", "售罄 2"}


def test_a_moment_that_is_taken_away_makes_room_for_the_next(open_elements: Open) -> None:
    page = open_elements("<div></div>")
    page.evaluate("(html) => window.paint(html)", f"<div>{moments(2, seconds=15)}</div>")
    page.evaluate("document.querySelector('ok-moment').remove()")

    assert page.evaluate(PLAYING) == ["售罄 1"]


def test_what_was_so_before_makes_no_scene(open_elements: Open) -> None:
    sold_out = f'<section data-key="scarf"><p>{moments(1)}</p></section>'
    page = open_elements(sold_out)
    assert page.evaluate(PLAYING) == []  # it was there when the page was opened

    page.evaluate("(html) => window.paint(html)", '<section data-key="coat"><p></p></section>')
    page.evaluate("(html) => window.paint(html)", sold_out)
    page.clock.run_for(40)
    assert page.evaluate(PLAYING) == []  # another item came, long sold out

    page.evaluate("(html) => window.paint(html)", '<section data-key="scarf"><p></p></section>')
    page.evaluate("(html) => window.paint(html, false)", sold_out)
    assert page.evaluate(PLAYING) == []  # it happened while the link was lost


def test_with_less_motion_nothing_flashes(open_elements: Open) -> None:
    page = open_elements(numbers(1000), reduced_motion="reduce")
    page.evaluate(WATCH)
    for frame in range(5):
        page.evaluate("(html) => window.paint(html)", numbers(900 - frame))
        page.clock.run_for(200)

    assert page.evaluate("window.lit") == []


def test_a_hidden_page_saves_up_neither_flashes_nor_scenes(open_elements: Open) -> None:
    page = open_elements(f"<div>{numbers(1000)}</div>")
    page.evaluate("(html) => window.paint(html)", f"<div>{numbers(900)}{moments(3)}</div>")
    page.evaluate(WATCH)
    page.clock.run_for(20)
    before = len(page.evaluate("window.lit"))
    page.evaluate("""() => {
      Object.defineProperty(document, "hidden", { configurable: true, value: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    page.clock.run_for(3000)

    assert page.evaluate(PLAYING) == []
    assert len(page.evaluate("window.lit")) == before
