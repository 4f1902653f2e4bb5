"""Whatever buyers, platforms, plans and OBS call things: every page shows it as text, and runs nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from overlaykit.web.desk.pages import VIEWS
from tests.conftest import StoreServer
from tests.web.conftest import Web
from tests.web.everything import hostile_plugins, open_view, room_with_everything, unfold

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.store]

SAID = '"><img src=x onerror="hurt=1"></script><script>hurt=1</script>'


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A room in which everything from outside would be a script if it could."""
    with room_with_everything(store, tmp_path_factory.mktemp("hostile"), SAID) as web:
        yield web


@pytest.fixture(scope="module")
def page(chromium: Browser, room: Web) -> Iterator[Page]:
    """A page without its policy, which would keep such scripts from running: the pages alone are asked."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.route(
        "**/api/v1/plugins*", lambda route: route.fulfill(body=hostile_plugins(SAID), content_type="application/json")
    )
    page.goto(f"{room.url}/desk?session={room.session}&token={room.tokens['admin']}")
    yield page
    context.close()


def seen_as_text(page: Page, where: str) -> None:
    """Waits until the payload stands there to be read; then nothing of it has become part of the page."""
    page.locator(f"{where} :visible:not(option)").filter(has_text=SAID).first.wait_for()
    unharmed(page)


def unharmed(page: Page) -> None:
    assert page.evaluate("typeof hurt") == "undefined"
    assert page.locator("img[src=x], script:not([src]):not([type='application/json'])").count() == 0


def test_the_payload_would_hurt_if_it_were_markup(page: Page) -> None:
    page.evaluate(
        "(said) => { const place = document.createElement('div'); place.innerHTML = said; document.body.append(place); }",
        SAID,
    )
    page.wait_for_function("typeof hurt !== 'undefined'")
    page.reload()


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_the_desk(page: Page, room: Web, view: str) -> None:
    open_view(page, view)
    unfold(page, view)
    if view not in ("overlays", "theme"):
        seen_as_text(page, f"#view-{view}")
    unharmed(page)


@pytest.mark.parametrize(
    "part",
    [
        "header",
        "#air",
        "#alerts",
        "#runs",
        "#running",
        "#tasks",
        "#countdowns",
        "#announcements",
        "#note",
        "#emergencies",
    ],
)
def test_what_is_always_there(page: Page, part: str) -> None:
    page.evaluate("document.getElementById('running').open = true")
    seen_as_text(page, part)


def test_dialogs_and_the_panel_of_an_item(page: Page) -> None:
    page.evaluate("location.hash = 'stock'")
    page.locator('#view-stock .item[data-sku="C"]').click()
    seen_as_text(page, ".item-panel")
    page.locator('.item-controls [data-action="item.close"]').click()
    seen_as_text(page, "dialog[open]")
    page.keyboard.press("Escape")
    page.locator('.item-controls [data-action="item.update"]').click()
    assert SAID in page.locator('dialog[open] [name="title"]').input_value()
    unharmed(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("商品")
    seen_as_text(page, "dialog.palette")
    page.keyboard.press("Escape")
    page.locator('.item-panel [data-figure="available"] button.prove').click()
    page.locator(".log-proof .said").first.click()
    seen_as_text(page, ".log-proof .details")
    page.keyboard.press("Escape")


def test_a_toast(page: Page) -> None:
    page.locator("#air .by-link input").fill("2")
    page.keyboard.press("Enter")
    seen_as_text(page, ".toast")


@pytest.mark.parametrize("path", ["/desk/buttons", "/presenter"])
def test_a_page_beside_the_desk(page: Page, room: Web, path: str) -> None:
    page.goto(f"{room.url}{path}?session={room.session}")
    seen_as_text(page, "body")


@pytest.mark.parametrize("layout", ["product_card", "lower_third"])
def test_an_overlay(page: Page, room: Web, layout: str) -> None:
    page.goto(f"{room.url}/overlay/{layout}?session={room.session}&token={room.tokens['overlay']}")
    page.get_by_text("img src=x").first.wait_for()
    unharmed(page)
