"""The live elements by themselves: what they draw, what may move, and what they leave behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Open = Callable[..., "Page"]

SHOWN = """() => {
  const number = document.querySelector("ok-number"), box = number.shadowRoot.firstElementChild;
  return box.className === "rolling" ? box.lastElementChild.textContent : number.textContent;
}"""
MOVES = "(selector) => document.querySelector(selector).shadowRoot.querySelector('.fill').classList.contains('moving')"


def number(value: int | str, key: str = "coat.available", text: str | None = None, more: str = "") -> str:
    return f'<ok-number data-key="{key}" value="{value}"{more}>{value if text is None else text}</ok-number>'


def paint(page: Page, markup: str, live: bool = True) -> None:
    """A frame of the feed, and the animation frame after it."""
    page.evaluate("([html, live]) => window.paint(html, live)", [markup, live])
    page.clock.run_for(20)


def until(condition: Callable[[], bool], page: Page) -> None:
    """Lets the page's clock run until `condition`. What the browser measures by itself comes when it comes."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        page.clock.run_for(20)
        if condition():
            return
    raise AssertionError("still not")


def test_a_number_rolls_to_the_next_value_of_its_key_within_300_ms(open_elements: Open) -> None:
    page = open_elements(number(100))
    paint(page, number(40))

    assert page.inner_text("ok-number") == "40"  # the true value can be read at once
    on_the_way = int(page.evaluate(SHOWN))
    assert 40 < on_the_way <= 100

    page.clock.run_for(140)
    assert 40 < int(page.evaluate(SHOWN)) < on_the_way
    page.clock.run_for(160)
    assert page.evaluate(SHOWN) == "40"


def test_a_number_that_changes_on_its_way_turns_from_where_it_is(open_elements: Open) -> None:
    page = open_elements(number(1000))
    paint(page, number(0))
    page.clock.run_for(100)
    before = int(page.evaluate(SHOWN).replace(",", ""))
    paint(page, number(1000))
    turned = int(page.evaluate(SHOWN).replace(",", ""))

    assert 0.5 * before < turned < 1.5 * before  # it may have gone on for one frame more before it turned
    page.clock.run_for(60)
    assert turned < int(page.evaluate(SHOWN).replace(",", "")) < 1000
    page.clock.run_for(260)
    assert page.evaluate(SHOWN) == "1000"


@pytest.mark.parametrize(
    ("before", "after", "live"),
    [
        (number(5000), number(300, key="scarf.available"), True),  # another item's number
        (number(5000, key=""), number(300, key=""), True),  # a number that nobody knows the key of
        (number(5000), number(300), False),  # the first frame after the link was lost
        (number("", text="—", more=" unknown"), number(300), True),  # nothing was known before
        (number(5000), number("", text="—", more=" unknown"), True),
        (number(302), number(300), True),  # too little to be seen
    ],
)
def test_a_number_jumps_where_rolling_would_tell_a_story_that_is_not_true(
    open_elements: Open, before: str, after: str, live: bool
) -> None:
    page = open_elements(before)
    paint(page, after, live)

    assert page.evaluate(SHOWN) in ("300", "—")


def test_counts_roll_in_their_short_form(open_elements: Open) -> None:
    page = open_elements(number(99_999, text="9.9万", more=' format="count"'))
    paint(page, number(20_000, text="2万", more=' format="count"'))

    assert page.evaluate(SHOWN).endswith("万")
    page.clock.run_for(320)
    assert page.evaluate(SHOWN) == "2万"


def test_bars_and_rings_move_only_between_values_of_one_key(open_elements: Open) -> None:
    def both(key: str, share: float | str) -> str:
        return (
            f'<ok-bar data-key="{key}" value="{share}"></ok-bar><ok-ring data-key="{key}" value="{share}">x</ok-ring>'
        )

    page = open_elements(both("a", 0.5))
    assert [page.evaluate(MOVES, each) for each in ("ok-bar", "ok-ring")] == [False, False]
    paint(page, both("a", 0.25))
    assert [page.evaluate(MOVES, each) for each in ("ok-bar", "ok-ring")] == [True, True]
    # The node itself stays and gets another key, as it does where a theme writes ids of its own.
    page.evaluate("document.querySelectorAll('ok-bar, ok-ring').forEach((each) => { each.dataset.key = 'b'; })")
    page.clock.run_for(20)
    assert [page.evaluate(MOVES, each) for each in ("ok-bar", "ok-ring")] == [False, False]


def test_the_last_units_leave_a_sliver_and_only_nothing_looks_like_nothing(open_elements: Open) -> None:
    page = open_elements('<ok-bar value="0.0001"></ok-bar><ok-bar value="0"></ok-bar><ok-bar value=""></ok-bar>')
    shifts = page.evaluate(
        "[...document.querySelectorAll('ok-bar')].map((bar) => bar.shadowRoot.querySelector('.fill').style.transform)"
    )
    assert shifts == ["translateX(-98.5%)", "translateX(-100%)", "translateX(-100%)"]


UNITS = """() => {
  const units = [...document.querySelector("ok-units").shadowRoot.querySelectorAll(".unit")];
  return { places: units.length, full: units.filter((unit) => !unit.classList.contains("gone")).length,
           waits: units.map((unit) => unit.style.getPropertyValue("--wait")),
           still: document.querySelector("ok-units").shadowRoot.firstElementChild.classList.contains("still") };
}"""


def units(value: int | str, of: int = 12, per: int = 1, key: str = "coat.available") -> str:
    return f'<ok-units data-key="{key}" value="{value}" of="{of}" per="{per}"></ok-units>'


def test_units_leave_one_after_the_other_the_last_ones_first(open_elements: Open) -> None:
    page = open_elements(units(12))
    page.clock.run_for(20)
    assert page.evaluate(UNITS)["full"] == 12

    paint(page, units(9))
    seen = page.evaluate(UNITS)
    assert (seen["places"], seen["full"], seen["still"]) == (12, 9, False)
    assert seen["waits"][9:] == ["48ms", "24ms", "0ms"]


def test_units_of_another_item_do_not_leave_they_are_others(open_elements: Open) -> None:
    page = open_elements(units(12))
    page.evaluate("""() => {
      const units = document.querySelector("ok-units");
      units.dataset.key = "scarf.available";
      units.setAttribute("value", "3");
    }""")
    page.clock.run_for(8)
    page.evaluate("new Promise((done) => queueMicrotask(done))")
    page.clock.run_for(9)

    seen = page.evaluate(UNITS)
    assert (seen["full"], seen["still"]) == (3, True)
    page.clock.run_for(20)
    assert not page.evaluate(UNITS)["still"]


def test_a_unit_that_stands_for_several_is_there_until_the_last_of_them_is_gone(open_elements: Open) -> None:
    page = open_elements(units(101, of=300, per=10))
    assert (page.evaluate(UNITS)["places"], page.evaluate(UNITS)["full"]) == (30, 11)
    paint(page, units(100, of=300, per=10))
    assert page.evaluate(UNITS)["full"] == 10
    paint(page, units(0, of=300, per=10))
    assert page.evaluate(UNITS)["full"] == 0


CELLS = """() => {
  const wall = document.querySelector("ok-heatmap").getBoundingClientRect();
  const cells = [...document.querySelectorAll(".ok-cell")].map((cell) => cell.getBoundingClientRect());
  return {
    widths: cells.map((cell) => cell.width), heights: cells.map((cell) => cell.height),
    inside: cells.every((cell) => cell.left >= wall.left - 1 && cell.right <= wall.right + 1
      && cell.top >= wall.top - 1 && cell.bottom <= wall.bottom + 1),
    columns: new Set(cells.map((cell) => Math.round(cell.left))).size,
  };
}"""


@pytest.mark.parametrize("count", [1, 10, 60, 500])
def test_a_heatmap_makes_its_cells_as_large_as_the_room_allows(open_elements: Open, count: int) -> None:
    cell = '<div class="ok-cell heat-green" data-key="{0}.cell" style="--remaining:.5"><b>{0}</b><small>长标题标题</small></div>'
    cells = "".join(cell.format(each) for each in range(count))
    page = open_elements(
        f'<div style="width:540px;height:900px"><ok-heatmap style="height:100%">{cells}</ok-heatmap></div>'
    )
    until(lambda: page.evaluate(CELLS)["inside"], page)
    upright = page.evaluate(CELLS)
    assert max(upright["widths"]) - min(upright["widths"]) <= 1
    assert max(upright["heights"]) - min(upright["heights"]) <= 1
    assert upright["widths"][0] * upright["heights"][0] * count > 540 * 900 * 0.55

    page.evaluate("document.querySelector('#overlay > div').style = 'width:540px;height:200px'")
    until(lambda: page.evaluate(CELLS)["columns"] >= min(count, upright["columns"] + 1), page)
    assert page.evaluate(CELLS)["inside"]


def ticker(*texts: str, seconds: int = 2) -> str:
    entries = "".join(f'<span class="ok-entry" data-key="e.{text}">{text}</span>' for text in texts)
    return f'<ok-ticker seconds="{seconds}">{entries}</ok-ticker>'


NOW = """() => document.querySelector("ok-ticker").shadowRoot.querySelector("[part=now] slot").assignedElements()
  .map((entry) => entry.textContent).join(" ")"""


def test_a_ticker_shows_one_entry_after_the_other_through_every_morph(open_elements: Open) -> None:
    page = open_elements(ticker("甲", "乙", "丙"))
    assert page.evaluate(NOW) == "甲"
    page.clock.run_for(2000)
    assert page.evaluate(NOW) == "乙"

    paint(page, ticker("甲", "乙", "丙", "丁"))
    assert page.evaluate(NOW) == "乙"
    page.clock.run_for(4000)
    assert page.evaluate(NOW) == "丁"

    paint(page, ticker("甲", "乙"))  # what is shown has gone
    assert page.evaluate(NOW) == "甲"
    paint(page, ticker())
    assert page.evaluate(NOW) == ""


def test_where_less_motion_is_wanted_nothing_moves_and_nothing_is_missing(open_elements: Open) -> None:
    page = open_elements(number(100) + ticker("甲", "乙") + units(12, key="u"), reduced_motion="reduce")
    assert page.evaluate(NOW) == "甲 乙"

    paint(page, number(40) + ticker("甲", "乙") + units(3, key="u"))
    assert page.evaluate(SHOWN) == "40"
    assert page.evaluate(UNITS)["full"] == 3
    page.clock.run_for(10_000)
    assert page.evaluate(NOW) == "甲 乙"


TIMERS = """
window.pending = new Set();
const set = window.setTimeout, clear = window.clearTimeout;
window.setTimeout = (step, ms, ...more) => {
  const id = set(() => { window.pending.delete(id); step(...more); }, ms);
  window.pending.add(id);
  return id;
};
window.clearTimeout = (id) => { window.pending.delete(id); clear(id); };
window.listening = 0;
const on = document.addEventListener.bind(document), off = document.removeEventListener.bind(document);
document.addEventListener = (...given) => { window.listening += 1; on(...given); };
document.removeEventListener = (...given) => { window.listening -= 1; off(...given); };
window.hide = (hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
  document.dispatchEvent(new Event("visibilitychange"));
};
"""
ENDS = "2026-11-11T13:00:00.000Z"
TICKING = ticker("甲", "乙") + f'<ok-countdown data-key="c" ends-at="{ENDS}" format="mm:ss.d"></ok-countdown>'


def test_a_hidden_page_has_no_timers_and_is_right_when_it_is_seen_again(open_elements: Open) -> None:
    page = open_elements(TICKING, script=TIMERS)
    assert page.evaluate("window.pending.size") == 2
    page.evaluate("window.hide(true)")
    page.clock.run_for(40)
    assert page.evaluate("window.pending.size") == 0

    page.clock.run_for(60_000)
    page.evaluate("window.hide(false)")
    page.clock.run_for(40)
    assert page.evaluate("window.pending.size") == 2
    assert page.locator("ok-countdown").evaluate("(each) => each.shadowRoot.textContent")[:3] in ("58:", "59:")


def test_what_has_left_the_page_leaves_nothing_behind(open_elements: Open) -> None:
    page = open_elements("", script=TIMERS)
    listening = page.evaluate("window.listening")
    for _ in range(20):
        paint(page, TICKING + number(100) + units(5) + '<ok-moment seconds="4">售罄</ok-moment>')
        paint(page, "")
    page.clock.run_for(2000)  # what came and went was watched for its animations

    assert page.evaluate("window.listening") == listening
    assert page.evaluate("window.pending.size") == 0


def test_a_value_is_drawn_once_a_frame_however_often_it_changes(open_elements: Open) -> None:
    page = open_elements(units(12))
    page.evaluate("""() => {
      window.drawn = 0;
      new MutationObserver(() => { window.drawn += 1; })
        .observe(document.querySelector("ok-units").shadowRoot, { subtree: true, attributes: true, attributeFilter: ["class"] });
    }""")
    page.evaluate(
        "async (html) => { for (const each of html) { window.paint(each); await null; } }",
        [units(n) for n in (11, 7, 2)],
    )
    page.clock.run_for(20)

    assert page.evaluate(UNITS)["full"] == 2
    assert page.evaluate("window.drawn") == 1


def test_countdowns_in_words_and_without_a_deadline(open_elements: Open) -> None:
    page = open_elements(
        f'<ok-countdown ends-at="{ENDS}" format="words"></ok-countdown><ok-countdown ends-at="" format="auto"></ok-countdown>'
        '<ok-countdown ends-at="2026-11-11T12:02:30.000Z" format="words"></ok-countdown>'
    )
    texts = "[...document.querySelectorAll('ok-countdown')].map((each) => each.shadowRoot.textContent)"
    assert page.evaluate(texts) == ["1小时", "—", "3分钟"]


def test_a_countdown_reads_what_is_left_when_the_audience_sees_it(open_elements: Open) -> None:
    countdown = '<ok-countdown ends-at="2026-11-11T12:02:30.000Z" format="mm:ss"></ok-countdown>'
    text = "document.querySelector('ok-countdown').shadowRoot.textContent"
    room = open_elements(countdown).evaluate(text)
    page = open_elements(countdown, stream_delay=8000)
    assert (room, page.evaluate(text)) == ("02:30", "02:22")
    page.evaluate("document.addEventListener('ok-due', () => { window.due = true; })")
    page.clock.run_for(141_900)
    assert (page.evaluate(text), page.evaluate("window.due")) == ("00:01", None)
    page.clock.run_for(200)
    assert (page.evaluate(text), page.evaluate("window.due")) == ("00:00", True)


@pytest.mark.parametrize("mark", ["stale", "frozen", "unknown"])
def test_a_number_that_may_not_be_true_looks_so(open_elements: Open, mark: str) -> None:
    markup = (
        number(98, more=f" {mark}")
        + f'<ok-units {mark} value="3" of="5"></ok-units><ok-ring {mark} value="0.5"></ok-ring>'
    )
    page = open_elements(markup + number(97, key="sure"))
    seen = page.evaluate(
        "[...document.querySelectorAll('#overlay > *')].map((each) => Number(getComputedStyle(each).opacity))"
    )

    assert max(seen[:3]) < 0.8
    assert seen[3] == 1


@pytest.mark.parametrize("mark", ["stale", "frozen", "unknown"])
def test_a_theme_says_in_one_short_rule_how_such_a_number_looks(open_elements: Open, mark: str) -> None:
    page = open_elements(number(98, more=f" {mark}"))
    page.evaluate(
        """(mark) => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(`ok-number[${mark}] { opacity: 1; transition: none; }`);
          document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
        }""",
        mark,
    )

    assert page.evaluate("getComputedStyle(document.querySelector('ok-number')).opacity") == "1"


def test_safe_areas_are_those_of_the_app_and_upright_only(open_elements: Open) -> None:
    page = open_elements("", safe="douyin")
    read = """() => ["top", "right", "bottom", "left"].map(
      (side) => getComputedStyle(document.documentElement).getPropertyValue("--safe-" + side).trim())"""
    assert page.evaluate(read) == ["13vh", "5vw", "34vh", "4vw"]
    page.set_viewport_size({"width": 960, "height": 540})
    assert page.evaluate(read) == ["0px", "0px", "0px", "0px"]


# What Chromium got after 103, as far as elements might be tempted to use it.
NEWER = """
for (const name of ["toSorted", "toReversed", "toSpliced", "with"]) delete Array.prototype[name];
delete Array.fromAsync;
delete Object.groupBy;
delete Map.groupBy;
delete Promise.withResolvers;
delete Promise.try;
delete URL.canParse;
delete AbortSignal.any;
delete RegExp.escape;
delete Math.sumPrecise;
for (const name of ["union", "intersection", "difference", "isSubsetOf", "isSupersetOf"]) delete Set.prototype[name];
for (const name of ["isWellFormed", "toWellFormed"]) delete String.prototype[name];
for (const name of ["checkVisibility", "setHTMLUnsafe", "moveBefore"]) delete Element.prototype[name];
for (const name of ["moveBefore"]) delete Document.prototype[name];
for (const name of ["getHTML", "setHTMLUnsafe"]) delete ShadowRoot.prototype[name];
for (const name of ["showPopover", "hidePopover", "togglePopover"]) delete HTMLElement.prototype[name];
for (const name of ["formatRange", "formatRangeToParts"]) delete Intl.NumberFormat.prototype[name];
delete Intl.DurationFormat;
delete Document.prototype.startViewTransition;
delete window.scheduler;
delete window.Iterator;
delete window.CloseWatcher;
delete window.ToggleEvent;
delete window.Highlight;
"""


def test_everything_works_with_what_chromium_103_had(open_elements: Open) -> None:
    before = (
        TICKING
        + number(100)
        + units(12, key="u")
        + '<ok-bar data-key="b" value="1"></ok-bar><ok-ring value="1">1</ok-ring>'
    )
    page = open_elements(before, script=NEWER)
    paint(
        page, before.replace("100", "40").replace('value="12"', 'value="3"') + '<ok-moment seconds="1">售罄</ok-moment>'
    )
    page.clock.run_for(3000)

    assert page.evaluate(SHOWN) == "40"
    assert page.evaluate(UNITS)["full"] == 3
    assert page.evaluate(NOW) == "乙"
    assert page.said == []  # type: ignore[attr-defined]
