"""Rules that stand in Python and in the pages' scripts, which work while the room is out of reach: tables of cases that both
have to pass. The scripts run in Chromium, imported as a page imports them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from overlaykit.board import Board, BoardView, Fold
from overlaykit.model.sessions import Item, SessionPlan, Threshold
from tests.conftest import REPOSITORY
from tests.web.conftest import plan_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

HOST = "http://scripts.test"
PAGE = '<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>scripts</title>'
STATIC = {
    "/static/": REPOSITORY / "overlaykit" / "web" / "static",
    "/overlay/": REPOSITORY / "overlaykit" / "web" / "overlays" / "static",
}
InScript = Callable[..., Any]


def table(name: str) -> Any:
    """The cases of `tables/NAME.json`."""
    return json.loads((Path(__file__).parent / "tables" / f"{name}.json").read_text(encoding="utf-8"))


def plan(rows: list[dict[str, Any]]) -> SessionPlan:
    """A session of these items, fields by name."""
    usual: dict[str, Any] = {"opening": {"hz": 5}, "low": Threshold(share=0.2), "critical": Threshold(share=0.05)}
    items = tuple(Item(**{**row, "aliases": tuple(row.get("aliases", ()))}, **usual) for row in rows)
    return msgspec.structs.replace(plan_of("both"), items=items)


def board_of(planned: SessionPlan) -> Board:
    """The board of the session when nothing has happened yet."""
    entry = {"seq": 1, "at": "2026-11-11T12:00:00.000Z", "type": "session.planned", "id": "plan", "source": "api:test"}
    line = msgspec.json.encode({**entry, "data": planned, "outcome": {"status": "accepted"}})
    return BoardView(Fold.from_first_entry(line)).board()


def _serve(route: Route) -> None:
    path = route.request.url.removeprefix(HOST)
    if path in ("/zh-CN", "/en"):
        route.fulfill(body=PAGE.format(lang=path[1:]), content_type="text/html; charset=utf-8")
        return
    for root, folder in STATIC.items():
        if path.startswith(root) and (folder / path.removeprefix(root)).is_file():
            route.fulfill(path=folder / path.removeprefix(root))
            return
    route.abort()


@pytest.fixture(scope="module")
def in_script(chromium: Browser) -> Iterator[InScript]:
    """`in_script("async (given) => …", given, lang="en")`: what a function gives in a page of this language, where
    `import("/static/desk/…")` has the desk's modules, and `/overlay/…` those of overlays."""
    context = chromium.new_context()
    context.route("**/*", _serve)
    page = context.new_page()

    def run(function: str, given: object, lang: str = "en") -> Any:
        page.goto(f"{HOST}/{lang}")
        return page.evaluate(function, given)

    yield run
    context.close()
