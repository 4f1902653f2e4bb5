"""A session as it is now, as far as buttons look at it."""

from __future__ import annotations

from typing import NamedTuple

from overlaykit.board import Board, DirectionNow
from overlaykit.model.commands.base import Command
from overlaykit.model.sessions import SessionPlan
from overlaykit.stock import SessionRecord
from overlaykit.web.buttons.actions import Action, unknown_name
from overlaykit.web.commands.checking import Checking
from overlaykit.web.directing import Directing
from overlaykit.web.edge import edge
from overlaykit.web.names.naming import UnknownName
from overlaykit.web.rooms import Room


class Situation(NamedTuple):
    """What the plan says, and how board and rules stand in the room."""

    record: SessionRecord
    room: Room
    plan: SessionPlan
    directing: Directing
    board: Board
    direction: DirectionNow

    def unknown_name(self, action: Action) -> UnknownName | None:
        """What an action names that the session does not have; None when it is all right."""
        found = unknown_name(action, self.directing, self.room.fold)
        if found is None and isinstance(action, Command):
            found = Checking(edge(), self.record).unknown(action)
        return found


def situation_of(record: SessionRecord) -> Situation:
    """At least as new as every command answered before. Raises NotFound, StoreAway."""
    room = edge().rooms.get(record.id)
    room.catch_up()
    view = room.view()
    return Situation(record, room, room.fold.plan, edge().directed.of(record), view.board(), view.direction())
