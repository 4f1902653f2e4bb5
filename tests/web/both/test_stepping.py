"""Next and previous lead to the same item from the desk and from a button that is pressed elsewhere."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from overlaykit.board import Board, DirectionNow
from overlaykit.web.buttons.actions import ItemNext, ItemPrevious, plain
from overlaykit.web.buttons.computing import NothingToDo, command_of
from tests.web.both.conftest import InScript, board_of, plan, table

TABLE = table("stepping")
STEP = """async (boards) => {
  const { stepFrom } = await import("/static/desk/actions/about.js");
  const { featured } = await import("/static/desk/actions/air.js");
  return JSON.parse(boards).map((board) => {
    const room = { order: board.order, items: new Map(Object.entries(board.items)), products: board.products, onAir: board.on_air };
    return [1, -1].map((by) => stepFrom(room, by)).map((sku) => (sku === null ? null : featured(room, sku)));
  });
}"""


def as_it_stands(case: dict[str, Any]) -> Board:
    rows = [dict(zip(TABLE["columns"], row, strict=True)) for row in case["items"]]
    states = {row["sku"]: row.pop("state") for row in rows}
    board = board_of(plan([{**row, "title": row["sku"]} for row in rows]))
    items = {
        sku: msgspec.structs.replace(item, state=states[sku], on_air=sku in case["on_air"])
        for sku, item in board.items.items()
    }
    return msgspec.structs.replace(board, items=items, on_air=next(iter(case["on_air"]), None))


def wanted(case: dict[str, Any]) -> list[dict[str, Any] | None]:
    return [None if to is None else {"type": "item.feature", **to} for to in (case["next"], case["previous"])]


@pytest.mark.parametrize("case", TABLE["cases"].values(), ids=TABLE["cases"])
def test_a_button_leads_there(case: dict[str, Any]) -> None:
    board = as_it_stands(case)
    found: list[dict[str, Any] | None] = []
    for action in (ItemNext(), ItemPrevious()):
        try:
            found.append(plain(command_of(action, board, DirectionNow, list)))  # type: ignore[arg-type]
        except NothingToDo:
            found.append(None)
    assert found == wanted(case)


@pytest.mark.browser
def test_the_desk_leads_there(in_script: InScript) -> None:
    boards = [as_it_stands(case) for case in TABLE["cases"].values()]
    found = in_script(STEP, msgspec.json.encode(boards).decode())
    assert dict(zip(TABLE["cases"], found, strict=True)) == {
        name: wanted(case) for name, case in TABLE["cases"].items()
    }
