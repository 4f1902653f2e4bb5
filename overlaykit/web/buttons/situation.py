"""A session as it is now, as far as buttons look at it."""

from __future__ import annotations

from typing import NamedTuple

from overlaykit.board import Board, DirectionNow
from overlaykit.model.sessions import SessionPlan
from overlaykit.stock import SessionRecord
from overlaykit.web.directing import Directing
from overlaykit.web.edge import edge
from overlaykit.web.rooms import Room


class Situation(NamedTuple):
    """What the plan says, and how board and rules stand in the room."""

    room: Room
    plan: SessionPlan
    directing: Directing
    board: Board
    direction: DirectionNow


def situation_of(record: SessionRecord) -> Situation:
    """At least as new as every command answered before. Raises NotFound, StoreAway."""
    room = edge().rooms.get(record.id)
    head = edge().services.engine(record.ledger).resolve_head()
    if head is not None:
        room.wait_for(head.seq)
    view = room.view()
    return Situation(room, room.fold.plan, edge().directed.of(record), view.board(), view.direction())
