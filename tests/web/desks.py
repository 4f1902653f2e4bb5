"""Desks in a browser, as operators have them before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

    from tests.web.conftest import Web


def drawn(page: Page) -> None:
    """Waits for the next picture: what the feed has said is drawn by then."""
    page.evaluate("new Promise((go) => requestAnimationFrame(go))")


# With it the page's line to the room is `window.socket`, and while `window.broken` none is had.
BREAKABLE = """
const Real = WebSocket;
window.WebSocket = class extends Real {
  constructor(address) {
    super(window.broken ? `${address}`.replace("/ws/board", "/ws/nowhere") : address);
    window.socket = this;
  }
};
"""


class Desks:
    """Opens desks and overlays of a room, in one browser: `with Desks(chromium, room) as desks`. In the end they are
    closed; what their pages complained of, and what their policy refused, fails the test."""

    def __init__(self, browser: Browser, room: Web) -> None:
        self.browser = browser
        self.room = room
        self.errors: list[str] = []
        self._contexts: list[Any] = []

    def open(
        self, scope: str = "operator", *, view: str = "stock", lang: str = "en", script: str = "", **options: Any
    ) -> Page:
        """`script`: runs before the page's own."""
        page = self._page(**options)
        page.add_init_script(script)
        room = self.room
        page.goto(f"{room.url}/desk?session={room.session}&lang={lang}&token={room.tokens[scope]}#{view}")
        page.wait_for_selector('#connection[data-ok="true"]')
        drawn(page)
        return page

    def overlay(self, layout: str) -> Page:
        page = self._page(viewport={"width": 540, "height": 960})
        page.goto(f"{self.room.url}/overlay/{layout}?token={self.room.tokens['overlay']}&session={self.room.session}")
        return page

    def _page(self, **options: Any) -> Page:
        context = self.browser.new_context(**options)
        self._contexts.append(context)
        page: Page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._heard)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and message.text.startswith("Refused to"):
            self.errors.append(message.text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, raised: type[BaseException] | None, *_: object) -> None:
        for context in self._contexts:
            context.close()
        assert raised or self.errors == []
