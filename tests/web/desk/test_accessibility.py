"""Every page for people, looked at by axe-core: nothing but trifles, in both languages, light and dark, with dialogs open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from overlaykit.web.desk.pages import VIEWS
from tests.conftest import StoreServer, absent
from tests.web.conftest import Web
from tests.web.everything import open_view, room_with_everything, unfold

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Look = Callable[[str], None]
pytestmark = [pytest.mark.browser, pytest.mark.store, pytest.mark.timeout(300)]

AMISS = """async (rules) => {
    const only = rules && { runOnly: { type: "rule", values: rules } };
    const found = await axe.run(document, { resultTypes: ["violations"], ...only });
    const grave = found.violations.filter(({ impact }) => impact !== "minor");
    return grave.flatMap(({ id, help, nodes }) => nodes.map(({ target, html, failureSummary }) =>
      `${id}: ${help}\\n    ${target.join(" ")}\\n    ${html.slice(0, 200)}\\n    ${failureSummary.replaceAll("\\n", " ")}`));
}"""
STILL = "() => document.getAnimations().every((each) => each.playState !== 'running')"
CONTRAST = ["color-contrast"]
"""What may differ between light and dark."""
SAID = "很长的一句话 a sentence"


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A room with one of everything."""
    with room_with_everything(store, tmp_path_factory.mktemp("accessible"), SAID) as web:
        yield web


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core."""
    spec = find_spec("axe_playwright_python")
    if spec is None or spec.origin is None:
        absent("axe-core", "pip install axe-playwright-python")
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=["zh-CN", "en"])
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that speaks a language; `Accept-Language` is what the pages are asked for."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale=request.param)
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


@pytest.fixture
def look(page: Page, axe: str) -> Look:
    """Looks at the page as it is now, light and then dark; `look("stock")` names it."""

    def amiss(name: str) -> None:
        if page.evaluate("typeof axe") == "undefined":
            page.evaluate(axe)
        found = dict[str, Any]()
        for scheme, rules in (("light", None), ("dark", CONTRAST)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.wait_for_function(STILL)
            found[scheme] = page.evaluate(AMISS, rules)
        page.emulate_media(color_scheme="light")
        said = "\n".join(f"{scheme}: {each}" for scheme, nodes in found.items() for each in nodes)
        assert not said, f"{name}, {page.evaluate('document.documentElement.lang')}:\n{said}"

    return amiss


def open_desk(page: Page, room: Web) -> None:
    if f"/desk?session={room.session}" not in page.url:
        page.goto(f"{room.url}/desk?session={room.session}&token={room.tokens['admin']}")
    page.wait_for_selector('#connection[data-ok="true"]')
    page.evaluate("document.querySelectorAll('dialog[open]').forEach((each) => each.close())")


SHOWN = {"stock": ".item", "rules": "ul li", "obs": "li.obs .problems", "outside": "li.target", "log": ".log-line"}
"""What a view has once it is filled."""


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_the_desk(page: Page, room: Web, look: Look, view: str) -> None:
    open_desk(page, room)
    open_view(page, view, SHOWN.get(view, ""))
    unfold(page, view)
    look(view)


def test_an_address_of_a_view_leads_to_the_top_of_the_page(page: Page, room: Web) -> None:
    open_desk(page, room)
    assert page.evaluate("(views) => views.filter((each) => document.getElementById(each))", list(VIEWS)) == []


def test_what_an_item_has_and_what_is_asked_of_it(page: Page, room: Web, look: Look) -> None:
    open_desk(page, room)
    open_view(page, "stock", SHOWN["stock"])
    page.locator('#view-stock .item[data-sku="A"]').click()
    page.locator(".item-controls button").first.wait_for()
    look("the panel of an item")
    for act in ("item.update", "stock.adjust", "stock.transfer"):
        page.locator(f'.item-controls [data-action="{act}"]').click()
        page.locator("dialog[open]").wait_for()
        look(f"the form of {act}")
        page.keyboard.press("Escape")
    page.locator('.item-controls [data-action="item.close"]').click()
    page.get_by_role("alertdialog").wait_for()
    look("a question")
    page.keyboard.press("Escape")
    page.locator('.item-panel [data-figure="available"] button.prove').click()
    page.locator(".log-proof .change").first.wait_for()
    look("the proof of a number")
    page.keyboard.press("Escape")


def test_what_an_item_has_on_a_phone(page: Page, room: Web, look: Look) -> None:
    open_desk(page, room)
    open_view(page, "stock", SHOWN["stock"])
    if not page.locator(".item-panel").is_visible():
        page.locator('#view-stock .item[data-sku="A"]').click()
    wide = page.viewport_size
    assert wide is not None
    page.set_viewport_size({"width": 390, "height": 844})
    try:
        page.locator(".item-controls button").first.wait_for()
        look("the panel of an item on a phone")
    finally:
        page.set_viewport_size(wide)


def test_palette_help_and_an_entry_of_the_log(page: Page, room: Web, look: Look) -> None:
    open_desk(page, room)
    page.keyboard.press("Control+k")
    page.locator("dialog.palette li").first.wait_for()
    look("the palette")
    page.keyboard.press("Escape")
    page.locator("#title").click()
    page.keyboard.press("?")
    page.locator("dialog[open]").wait_for()
    look("the help")
    page.keyboard.press("Escape")
    open_view(page, "log", SHOWN["log"])
    page.locator(".log-line").first.click()
    page.locator(".log-entry dl").wait_for()
    look("an entry")
    page.keyboard.press("Escape")


@pytest.mark.parametrize("opened", ["a form", "a question", "the palette", "the help", "a proof"])
def test_a_dialog_keeps_the_focus_and_gives_it_back(page: Page, room: Web, opened: str) -> None:
    open_desk(page, room)
    page.evaluate("location.hash = 'stock/A'")
    opener = {
        "a form": '.item-controls [data-action="stock.adjust"]',
        "a question": '.item-controls [data-action="item.close"]',
        "a proof": '.item-panel [data-figure="available"] button.prove',
    }.get(opened, '.item-controls [data-action="item.update"]')
    page.locator(opener).wait_for()  # what is not in sight yet takes no focus
    page.locator(opener).focus()
    page.keyboard.press({"the palette": "Control+k", "the help": "?"}.get(opened, "Enter"))
    page.locator("dialog[open]").wait_for()
    for _ in range(12):
        assert page.evaluate(
            "document.activeElement.closest('dialog') !== null || document.activeElement === document.body"
        )
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    assert page.evaluate("(opener) => document.activeElement.matches(opener)", opener)


def test_a_toast_of_what_was_done_and_one_of_what_was_refused(page: Page, room: Web, look: Look) -> None:
    open_desk(page, room)
    page.locator("#air .by-link input").fill("2")
    page.keyboard.press("Enter")
    page.locator(".toast").first.wait_for()
    page.locator("#air .by-link input").fill("99")
    page.keyboard.press("Enter")
    page.locator(".toast").nth(1).wait_for()
    look("toasts")


@pytest.mark.parametrize("path", ["/desk/buttons", "/desk/devices", "/presenter", "/login", "/no-such-page", "/desk"])
def test_a_page_beside_the_desk(page: Page, room: Web, look: Look, path: str) -> None:
    open_desk(page, room)
    session = "nope" if path == "/desk" else room.session
    page.goto(f"{room.url}{path}?session={session}", wait_until="networkidle")
    look(f"{path} of {session}")


def test_a_button_just_made_and_one_pressed(page: Page, room: Web, look: Look) -> None:
    open_desk(page, room)
    page.goto(f"{room.url}/desk/buttons?session={room.session}")
    page.locator(".offer button").first.click()
    page.locator("#made[open] .url").first.wait_for()
    look("a button just made")
    [url] = [each for each in page.locator("#made .url").all_text_contents() if each.startswith(room.url)]
    page.goto(url)
    page.locator("#state[data-state]").wait_for()
    look("a button pressed")


def test_nobody_gets_in_and_is_told_why(page: Page, room: Web, look: Look) -> None:
    page.context.clear_cookies()
    page.goto(f"{room.url}/desk?session={room.session}&token=wrong")
    page.locator("input[name=token]").wait_for()
    look("a wrong token")


FOCUS_UNSEEN = """() => {
    const focused = document.activeElement;
    if (focused === document.body || focused.tagName === "IFRAME") return null;
    const [look, box] = [getComputedStyle(focused), focused.getBoundingClientRect()];
    const ringed = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 1;
    const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return (ringed || look.boxShadow !== "none") && seen ? null : focused.outerHTML.slice(0, 120);
}"""


@pytest.mark.parametrize("view", VIEWS)
def test_the_way_of_the_focus_is_seen_and_goes_through_the_page(page: Page, room: Web, view: str) -> None:
    if page.locator("#connection").count() == 0:
        page.goto(f"{room.url}/desk?session={room.session}&token={room.tokens['admin']}")
    open_desk(page, room)
    open_view(page, view, SHOWN.get(view, ""))
    page.evaluate("document.querySelector('header :is(a, button)').focus()")
    been = ["HEADER"]
    for _ in range(200):
        page.keyboard.press("Tab")
        unseen = page.evaluate(FOCUS_UNSEEN)
        assert unseen is None, f"the focus is not seen on {unseen}"
        part = page.evaluate("document.activeElement.closest('header, nav.views, .view, aside.now')?.tagName ?? 'BODY'")
        if part == "BODY" or (part == "HEADER" and len(been) > 1):
            break  # at the end, or round to the beginning
        if been[-1] != part:
            been.append(part)
    assert been == ["HEADER", "NAV", "DIV", "ASIDE"], "in the order in which the page is read, each once"
