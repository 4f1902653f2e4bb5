"""A room that is live, and pages of it in Chromium."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from overlaykit.model.parsing import parse
from overlaykit.plan import load_plan
from overlaykit.stock import SessionDirectory, StockEngine
from overlaykit.store import connect
from overlaykit.web.overlays.shelf import STATIC
from tests.conftest import PLAN, Room, running_rooms

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

CLOCK = 1_700_000_000
"""Where the clock of a page stands that shows elements alone; seconds."""
THEMES = (
    *("--themes", str(Path(__file__).parents[1] / "theming" / "themes")),
    *("--themes", str(Path(__file__).parent / "themes")),
)
"""The flags that bring the test's themes."""


class LiveRoom:
    """A session that is open in a running room, item A on air, and the words to change it."""

    def __init__(self, room: Room, session: str = "current") -> None:
        self.room = room
        self.session = session
        self.made = 0
        self.send({"type": "item.feature", "sku": "A"})

    def send(self, *commands: dict[str, object]) -> list[dict[str, Any]]:
        status, body = self.room.post(f"/api/v1/sessions/{self.session}/commands", list(commands))
        assert status == 200, body
        outcomes: list[dict[str, Any]] = json.loads(body)
        assert {outcome["status"] for outcome in outcomes} == {"accepted"}, outcomes
        return outcomes

    def send_unchecked(self, command: dict[str, object]) -> None:
        """Straight to the store: what was all right when it was said, before a theme or a plugin was taken away."""
        client = connect(self.room.store_url)
        try:
            engine = StockEngine(client, SessionDirectory(client).get(self.session).ledger)
            engine.submit([parse(json.dumps(command).encode(), "api:test")])
        finally:
            client.close()

    def order(self, sku: str = "A", quantity: int = 1) -> int:
        """Reserves units; what is available then."""
        self.made += 1
        lines = [{"sku": sku, "quantity": quantity}]
        [outcome] = self.send({"type": "order.reserve", "order": f"o-{self.made}-{time.time_ns()}", "lines": lines})
        left: int = outcome["items"][sku]["available"]
        return left

    def count(self, sku: str, quantity: int) -> None:
        """A reading by somebody who has seen what the room says: so many units may be sold."""
        now = self.board()["items"][sku]["available"]
        self.send({"type": "stock.count", "sku": sku, "quantity": quantity, "basis": "available", "expected": now})

    def board(self) -> Any:
        return self.room.board(self.session)

    def overlay(self, layout: str, **query: object) -> str:
        """The URL of an overlay."""
        given = {"token": self.room.tokens["overlay"], "session": self.session, **query}
        return f"{self.room.url}/overlay/{layout}?{urlencode(given)}"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """The room of a module, with the test's themes beside the bundled ones."""
    folder = tmp_path_factory.mktemp("stage")
    (folder / "session.toml").write_text(PLAN, encoding="utf-8")
    with running_rooms(folder, folder) as start:
        yield start(None, *THEMES)


@pytest.fixture
def live(stage: Room, tmp_path: Path) -> Iterator[LiveRoom]:
    """A session of the test's own in the module's room, with the small plan of `plan_folder`."""
    name = f"evening-{time.time_ns()}"
    plan = tmp_path / "session.toml"
    plan.write_text(PLAN.replace('"room"', f'"{name}"'), encoding="utf-8")
    client = connect(stage.store_url)
    try:
        engine = StockEngine(client, name)
        engine.plan(load_plan(tmp_path).session)
        SessionDirectory(client).add(name, name)
        engine.submit([parse(b'{"type":"session.open"}', "api:test")])
    finally:
        client.close()
    found = LiveRoom(stage, name)
    yield found
    found.send({"type": "session.close"})


@pytest.fixture
def alone(room: Callable[..., Room]) -> LiveRoom:
    """The same in a room of the test's own: to kill what runs there, or for what only `current` means."""
    return LiveRoom(room(None, *THEMES))


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
