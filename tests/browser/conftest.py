"""A room that is live, and pages of it in Chromium."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from overlaykit.web.overlays.shelf import STATIC

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

CLOCK = 1_700_000_000
"""Where the clock of a page stands that shows elements alone; seconds."""
THEMES = (Path(__file__).parents[1] / "theming" / "themes", Path(__file__).parent / "themes")
Room = Any  # tests/conftest.py has it


class LiveRoom:
    """A running room with its session open, item A on air, and the words to change it."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.made = 0

    def send(self, *commands: dict[str, object]) -> list[dict[str, Any]]:
        status, body = self.room.post("/api/v1/sessions/current/commands", list(commands))
        assert status == 200, body
        outcomes: list[dict[str, Any]] = json.loads(body)
        assert {outcome["status"] for outcome in outcomes} == {"accepted"}, outcomes
        return outcomes

    def order(self, sku: str = "A", quantity: int = 1) -> int:
        """Reserves units; what is available then."""
        self.made += 1
        lines = [{"sku": sku, "quantity": quantity}]
        [outcome] = self.send({"type": "order.reserve", "order": f"o-{self.made}-{time.time_ns()}", "lines": lines})
        left: int = outcome["items"][sku]["available"]
        return left

    def count(self, sku: str, quantity: int) -> None:
        """A reading by somebody who has seen what the room says: so many units may be sold."""
        items: Any = self.room.board()["items"]
        now = items[sku]["available"]
        self.send({"type": "stock.count", "sku": sku, "quantity": quantity, "basis": "available", "expected": now})

    def overlay(self, layout: str, **query: object) -> str:
        """The URL of an overlay."""
        token = self.room.tokens["overlay"]
        return f"{self.room.url}/overlay/{layout}?{urlencode({'token': token, **query})}"


@pytest.fixture
def live(room: Callable[..., Room]) -> LiveRoom:
    """The small plan of `plan_folder`, with the test's themes beside the bundled ones."""
    found = LiveRoom(room(None, *(word for folder in THEMES for word in ("--themes", str(folder)))))
    found.send({"type": "item.feature", "sku": "A"})
    return found


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page in a context of its own; its console messages are in `page.said`."""
    contexts = []

    def open(url: str, *, script: str | None = None, **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": 540, "height": 960}, **options)
        contexts.append(context)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.said = said  # type: ignore[attr-defined]
        if script is not None:
            page.add_init_script(script)
        page.goto(url)
        return page

    yield open
    for context in contexts:
        context.close()


def wait(page: Page, condition: str, argument: object = None, timeout: float = 10_000) -> None:
    """Waits until a JavaScript function of `argument` is true in the page, looking at every frame."""
    page.evaluate(
        """([condition, argument, timeout]) => new Promise((resolve, reject) => {
            const began = performance.now();
            const look = () => {
              if (window.__condition(argument)) resolve();
              else if (performance.now() - began > timeout) reject(new Error("still not: " + condition));
              else setTimeout(look, 5);
            };
            look();
        })""".replace("window.__condition", f"({condition})"),
        [condition, argument, timeout],
    )


@pytest.fixture
def until_page() -> Callable[..., None]:
    return wait


HOST = "http://elements.test"
ELEMENTS_PAGE = """<!doctype html>
<html lang="{lang}" data-link="live" data-motion="{motion}" data-safe="{safe}" \
data-server-time="2026-11-11T12:00:00.000Z" data-stream-delay="{stream_delay}">
<meta charset="utf-8">
<link rel="stylesheet" href="/page.css"><link rel="stylesheet" href="/blocks.css">
<script type="module">
import "/elements.js";
import {{ stage }} from "/stage.js";
import {{ giveIds, paint }} from "/morph.js";
const root = document.getElementById("overlay");
giveIds(root);
window.paint = (html, live = true) => {{ stage.live = live; paint(root, html); }};
</script>
<body><main id="overlay">{markup}</main></body>
</html>
"""


@pytest.fixture
def open_elements(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the live elements alone, without a room: `open(markup)`; then `paint(html)` in the page is a frame of the feed.

    The page's clock stands still until the test lets it run: `page.clock.run_for(300)`.
    """
    contexts = []

    def open(
        markup: str,
        *,
        motion: str = "normal",
        safe: str = "none",
        lang: str = "zh-CN",
        stream_delay: int = 0,
        script: str = "",
        **options: Any,
    ) -> Page:
        context = chromium.new_context(viewport={"width": 540, "height": 960}, **options)
        contexts.append(context)
        page = context.new_page()
        said: list[str] = []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.said = said  # type: ignore[attr-defined]
        document = ELEMENTS_PAGE.format(lang=lang, motion=motion, safe=safe, stream_delay=stream_delay, markup=markup)

        def serve(route: Route) -> None:
            path = route.request.url.removeprefix(HOST)
            if path == "/":
                route.fulfill(body=document, content_type="text/html; charset=utf-8")
            elif (STATIC / path[1:]).is_file():
                route.fulfill(path=STATIC / path[1:])
            else:
                route.abort()

        page.route("**/*", serve)
        page.clock.install(time=CLOCK)
        page.clock.pause_at(CLOCK + 1)
        page.add_init_script(script)
        page.goto(HOST)
        assert page.evaluate("typeof window.paint") == "function", said
        return page

    yield open
    for context in contexts:
        context.close()
