"""A room with desks before it: what is done on them is seen in the engine, on other desks and on overlay pages."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from overlaykit.model.sessions import Drop
from tests.conftest import StoreServer, until
from tests.web.conftest import Web, plan_of, serving
from tests.web.desks import Desks

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

LATER: dict[str, Any] = {
    "rule": [{"name": "红包", "when": "button 红包", "do": [{"action": "coupon", "coupon": "满300减50"}]}],
    "announcement": [
        {
            "name": "last-units",
            "text": "{{ item.title }} 最后 {{ item.available }} 件",
            "level": "warning",
            "seconds": 20,
        },
    ],
    "emergency": {"oversold": {"title": "超卖应急", "do": [{"action": "stock", "command": "session.freeze"}]}},
}
DROPS = (
    Drop(name="eight", sku="A", quantity=20, price="79.00"),
    Drop(name="nine", sku="B", quantity=10, closes_after=600.0),
)


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Web]:
    """Items A … D with 100 units each, half in hz and half in la; channels mini and live; drops of A and of B."""
    session = f"{request.module.__name__.rpartition('.')[2].replace('_', '-')}-{os.getpid()}-{os.urandom(2).hex()}"
    folder = tmp_path_factory.mktemp("controls")
    plan = msgspec.structs.replace(plan_of(session, units=100, items=4, later=LATER), drops=DROPS)
    with serving(store, folder, session, plan=plan) as web:
        yield web


@pytest.fixture(scope="module")
def desk(desks: Desks) -> Page:
    """An operator's desk, in English."""
    return desks.open()


@pytest.fixture
def told(room: Web) -> Callable[[str], dict[str, Any]]:
    """The first entry of a type that a desk brings about from now on: `told("item.move")`."""
    began = room.board()["seq"]

    def find(type: str) -> dict[str, Any]:
        def there() -> dict[str, Any] | None:
            entries = room.get(f"/api/v1/sessions/{room.session}/ledger?since={began}&limit=5000").json["entries"]
            ours = (entry for entry in entries if entry["source"].startswith("desk:"))
            return next((entry for entry in ours if entry["type"] == type), None)

        return until(there, f"an entry {type} after {began}", 15)

    return find


def toast(page: Page, text: str) -> Locator:
    """The toast that says so."""
    return page.locator(".toast", has_text=text)


def run_action(page: Page, title: str) -> None:
    """Chooses an action in the palette, by its title, once a dialog that waits for its answer is gone."""
    page.locator("dialog[open]").wait_for(state="detached")
    page.keyboard.press("Control+k")
    page.locator("dialog.palette input").fill(title)
    page.keyboard.press("Enter")
    page.locator("dialog.palette").wait_for(state="detached")


def put_on_air(page: Page, room: Web, sku: str) -> None:
    """An item on air, wherever it came from, and the desk knows it."""
    room.send({"type": "item.feature", "sku": sku})
    caught_up(page, room)


@contextmanager
def held_back(page: Page) -> Iterator[list[Route]]:
    """What the desk sends waits for the end of the block, which lets all of it go on."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/desk/commands*", hold)
    yield held
    for route in held:
        route.continue_()
    page.unroute("**/desk/commands*", hold)


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until what the selector names has the focus."""
    for _ in range(80):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no number of Tabs leads to {selector}")


def caught_up(page: Page, room: Web) -> None:
    """Waits until the desk has shown all that the room has decided."""
    page.wait_for_function(
        "(seq) => Number(document.getElementById('seq').textContent) >= seq", arg=room.board()["seq"]
    )


# What the room says waits for `release`: a desk knows what the engine answered before it knows the board after it.
HOLDS_THE_FEED = """
const { set } = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage");
let held = null;
Object.defineProperty(WebSocket.prototype, "onmessage", {
  set(take) { set.call(this, take && ((event) => (held ? held.push(() => take(event)) : take(event)))); },
});
window.hold = () => (held = []);
window.release = () => {
  const frames = held;
  held = null;
  for (const frame of frames) frame();
};
"""
