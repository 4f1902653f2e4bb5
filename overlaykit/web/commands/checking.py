"""What a command names that its session does not have, and that the engine could not know: rules, OBS, connectors, themes, options.

The API, the desk and buttons all ask here, before they send a command to the engine.
"""

from __future__ import annotations

from msgspec import UNSET

from overlaykit.model.commands import Command, OverlaySet
from overlaykit.stock import SessionRecord
from overlaykit.web.edge import Edge
from overlaykit.web.names.looks import wrong_look
from overlaykit.web.names.naming import DIRECTED, UnknownName, unknown_in_plan


class Checking:
    """For the commands of one request, in their order: what one says of the look counts for those after it."""

    def __init__(self, edge: Edge, record: SessionRecord) -> None:
        self._edge = edge
        self._record = record
        self._said: OverlaySet | None = None

    def unknown(self, command: Command) -> UnknownName | None:
        """None when it is all right. Raises NotFound, StoreAway."""
        if isinstance(command, OverlaySet):
            return self._wrong_look(command)
        if isinstance(command, DIRECTED):
            return unknown_in_plan(self._edge.directed.of(self._record), command)
        return None

    def _wrong_look(self, command: OverlaySet) -> UnknownName | None:
        room = self._edge.rooms.get(self._record.id)
        if self._said is None:
            room.catch_up()
        wrong = wrong_look(self._edge.themes, room.fold, command, self._said)
        if wrong is None:
            self._said = command if self._said is None else _together(self._said, command)
        return wrong


def _together(first: OverlaySet, then: OverlaySet) -> OverlaySet:
    theme = first.theme if then.theme is UNSET else then.theme
    return OverlaySet(theme=theme, options={**first.options, **then.options})
