"""The client against a real room."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from overlaykit.api import NotFound, RoomClient, UserError

if TYPE_CHECKING:
    from tests.conftest import Room

pytestmark = pytest.mark.store


def reserve(number: int, quantity: int = 1) -> dict[str, object]:
    return {
        "type": "order.reserve",
        "id": f"c-{number}",
        "order": f"o-{number}",
        "lines": [{"sku": "A", "quantity": quantity}],
    }


def test_what_is_sent_is_on_the_board_and_in_the_ledger(room: Callable[..., Room]) -> None:
    running = room()
    with RoomClient(running.url, running.tokens["operator"]) as client:
        assert client.is_ready()
        assert client.plan().id == "room"
        assert client.send(reserve(1, 3)).items["A"].available == 97
        outcomes = list(client.send_all(reserve(number) for number in range(2, 602)))
        assert [outcome.status for outcome in outcomes].count("accepted") == 97
        assert {outcome.reason for outcome in outcomes if outcome.status == "refused"} == {"sold_out"}
        board = client.board()
        assert (board.items["A"].available, board.items["A"].held) == (0, 100)
        seqs = [entry["seq"] for entry in client.ledger(limit=100)]
        assert seqs == list(range(1, board.seq + 1))
        assert client.send(reserve(1, 3)).status == "duplicate"
        assert client.send(reserve(1, 4)).status == "conflict"
        assert client.send({"type": "order.reserve", "order": "x", "lines": []}).status == "invalid"
        with pytest.raises(NotFound):
            client.board(channel="nowhere")
    with RoomClient(running.url, running.tokens["operator"], session="other") as client, pytest.raises(NotFound):
        client.board()
    with RoomClient(running.url, "wrong") as client, pytest.raises(UserError, match="overlaykit token new"):
        client.board()
    with RoomClient(running.url, running.tokens["overlay"]) as client, pytest.raises(UserError, match="scope"):
        client.send(reserve(9))
