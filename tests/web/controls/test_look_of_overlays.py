"""The look: a form with a preview, on air only when it is applied, and back again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import until
from tests.web.conftest import Web
from tests.web.controls.conftest import HOLDS_THE_FEED, caught_up, put_on_air, toast
from tests.web.desks import Desks

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.store]

ACCENT = "getComputedStyle(document.documentElement).getPropertyValue('--option-accent').trim()"


@pytest.fixture(scope="module")
def look(desks: Desks) -> Page:
    page = desks.open(view="theme", script=HOLDS_THE_FEED)
    page.locator("[data-option=accent]").wait_for()
    return page


def until_accent(page: Page, colour: str) -> None:
    """Until an overlay's page has it; the page loads itself anew for that."""
    page.wait_for_function(f"(colour) => document.documentElement && {ACCENT} === colour", arg=colour)


def until_preview(page: Page, asked: str, colour: str | None = None) -> None:
    """Until the preview shows what is asked for in its address, in this accent colour."""
    page.wait_for_function(
        """([asked, colour]) => {
          const shown = document.querySelector(".appearance iframe").contentWindow;
          const root = shown.document.documentElement;
          const accent = root && shown.getComputedStyle(root).getPropertyValue("--option-accent").trim();
          return root && shown.location.search.includes(asked) && (colour === null || accent === colour);
        }""",
        arg=[asked, colour],
    )


def test_what_is_chosen_is_in_the_preview_and_on_air_when_it_is_applied_and_not_after_undo(
    room: Web, desks: Desks, look: Page, told: Callable[[str], dict[str, Any]]
) -> None:
    put_on_air(look, room, "A")
    overlay = desks.overlay("number")
    overlay.wait_for_selector("html[data-link=live]", state="attached")
    before = overlay.evaluate(ACCENT)
    accent = look.locator("[data-option=accent]")
    accent.locator("input[type=text]").fill("#00aa66")
    until_preview(look, "option.accent=%2300aa66", "#00aa66")
    assert overlay.evaluate(ACCENT) == before, "nothing is on air before it is applied"
    assert accent.locator(".changed").inner_text() == "not applied yet"
    assert look.locator(".appearance .pending").inner_text() == "In the preview only, not applied: 1"

    late = look.evaluate("fetch(`/desk/themes.json${location.search}`).then((answer) => answer.text())")

    def answer_late(route: Route) -> None:
        route.fulfill(body=late, content_type="application/json")

    look.route("**/desk/themes.json*", answer_late)
    look.evaluate("hold()")
    with look.expect_response("**/desk/themes.json*"):
        look.get_by_role("button", name="Apply to the overlays").click()
    assert told("overlay.set")["data"] == {"options": {"accent": "#00aa66"}}
    until_accent(overlay, "#00aa66")
    look.locator("[data-option=scale] input[type=number]").fill("1.5")
    pending = look.locator(".appearance .pending").inner_text()
    assert pending == "In the preview only, not applied: 2", "it stays as it was chosen until the room says so"
    look.unroute("**/desk/themes.json*", answer_late)
    look.evaluate("release()")
    look.locator("[data-option=accent] .changed", has_text="changed here").wait_for()
    assert look.locator(".appearance .pending").inner_text() == "In the preview only, not applied: 1"
    look.locator("[data-option=scale]").get_by_role("button", name="Back to the plan").click()

    toast(look, "Change the look").get_by_role("button", name="Undo").click()
    until_accent(overlay, before)
    look.locator("[data-option=accent] .changed", has_text="changed here").wait_for(state="hidden")
    assert look.locator("[data-option=accent] input[type=text]").input_value() == before


def test_what_another_desk_changes_takes_nothing_from_whoever_is_typing(room: Web, look: Page) -> None:
    name = look.locator("[data-option=countdown] input")
    name.fill("")
    name.press_sequentially("开")
    room.send({"type": "overlay.set", "options": {"scale": 1.25}})
    caught_up(look, room)
    look.evaluate("dispatchEvent(new HashChangeEvent('hashchange'))")  # it is looked every few seconds
    look.locator("[data-option=scale] .changed", has_text="changed here").wait_for()
    assert look.locator("[data-option=scale] input[type=number]").input_value() == "1.25"
    look.keyboard.insert_text("场")
    assert name.input_value() == "开场"
    look.get_by_role("button", name="Discard").click()
    until(lambda: name.input_value() == "", "it is as it was", 10)
    room.send({"type": "overlay.set", "options": {"scale": None}})


def test_a_value_that_is_not_right_is_said_beside_its_field_and_cannot_be_applied(look: Page) -> None:
    accent = look.locator("[data-option=accent]")
    accent.locator("input[type=text]").fill("red")
    assert accent.locator(".wrong").inner_text() == "a colour such as #e4002b"
    assert accent.locator("input[type=text]").get_attribute("aria-invalid") == "true"
    assert look.get_by_role("button", name="Apply to the overlays").is_disabled()
    accent.get_by_role("button", name="Back to the plan").click()
    assert look.locator("[data-option=accent] .wrong").inner_text() == ""
    assert look.locator(".appearance .pending").inner_text() == ""


def test_another_theme_is_tried_in_the_preview_and_copied_for_the_plan(room: Web, desks: Desks, look: Page) -> None:
    overlay = desks.overlay("number")
    overlay.wait_for_selector("html[data-link=live]", state="attached")
    look.locator("#look-theme").select_option("wall")
    until_preview(look, "theme=wall")
    look.get_by_role("button", name="Copy as session.toml").click()
    assert look.locator(".appearance .toml").inner_text().strip() == 'theme = "wall"'
    look.get_by_role("button", name="Discard").click()
    look.locator("[data-option=accent]").wait_for()
    assert look.locator("#look-theme").input_value() == "classic", "the form is the session's theme again"

    def listed() -> list[str]:
        found = room.get(f"/api/v1/sessions/{room.session}/overlays", scope="viewer").json["overlays"]
        return [each["query"] for each in found]

    # The overlay says how it does every second, and the preview, open for as long, does not.
    assert {query.partition("&")[0] for query in until(listed, "the overlay is listed", 15)} == {
        f"number?session={room.session}"
    }


def test_who_may_only_look_sees_the_look_and_cannot_change_it(desks: Desks) -> None:
    page = desks.open("viewer", view="theme", lang="zh-CN")
    page.locator("[data-option=accent]").wait_for()
    assert page.locator("#view-theme .options :is(input, select):enabled").count() == 0
    assert page.get_by_role("button", name="应用到直播画面").count() == 0
