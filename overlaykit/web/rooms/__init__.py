"""Sessions as this process follows them, as long as somebody watches or asks."""

from overlaykit.web.rooms.room import Room, Rooms

__all__ = ["Room", "Rooms"]
