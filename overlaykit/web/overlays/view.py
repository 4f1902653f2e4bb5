"""One open view: rendered once for all the pages that show it, each of which gets what changed since its last frame."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter

from overlaykit.board import Board
from overlaykit.errors import OverlaykitError
from overlaykit.theming import Picture, subject_of
from overlaykit.web.http.sockets import Socket, encode_frame
from overlaykit.web.http.times import server_time
from overlaykit.web.overlays import messages
from overlaykit.web.overlays.frames import Frames
from overlaykit.web.overlays.query import OverlayQuery
from overlaykit.web.rooms import Room
from overlaykit.web.turns import Turns, in_turns

log = logging.getLogger(__name__)


class View:
    """One view of one room: its picture, the last rendering that went well, and the pages that show it.

    build   names what a page of it loads once: another name, another page
    cost    seconds that the last rendering and its sending took, without what others did in between
    error   what is wrong with the template now; the last good picture stays on the air
    """

    def __init__(self, room: Room, query: OverlayQuery, picture: Picture, build: str) -> None:
        room.view(query.channel, query.region)  # raises NotFound now rather than at the first change
        self.query = query
        self.picture = picture
        self.build = build
        self.rests_until = 0.0
        self.cost = 0.0
        self.frames = Frames()
        self.error: str | None = None
        self._parts = picture.live_parts()
        self._pages: dict[Socket, int] = {}

    @property
    def seq(self) -> int:
        """The ledger entry up to which it is true."""
        return self.frames.seq

    @property
    def markup(self) -> str:
        """The whole picture; empty before the first rendering."""
        return self.frames.html

    @property
    def sockets(self) -> list[Socket]:
        """The pages that show it."""
        return list(self._pages)

    def render(self, room: Room, board: Board) -> None:
        """Renders and sends what changed, while other greenlets have their turns. A theme's error leaves the last good picture on
        the air, and is told to its pages."""
        began, at, line, turns = perf_counter(), server_time(), room.line, Turns()
        try:
            item = subject_of(board, self.query.selector)
            rendered = self.picture.paint(board, item, self._parts, turns.give_way)
        except OverlaykitError as error:
            self._fail(str(error))
            return
        finally:
            self.cost = perf_counter() - began - turns.others
        if self.error is not None:
            self.error = None
            self.send(encode_frame(messages.error(None)), "error")
        if self.frames.update(rendered, line, board.seq, at):
            for socket in turns.take(self.sockets):
                self._each(socket, self._catch_up)
            self.cost = perf_counter() - began - turns.others

    def greet(self, socket: Socket) -> None:
        """Brings a page up to date, and keeps it so until `leave`. `build` tells it whether its scripts and styles still fit."""
        self._pages[socket] = 0
        socket.on_idle(lambda: self._each(socket, self._catch_up))
        socket.send(messages.hello(self.build), key="hello")
        self._send_next(socket)
        if self.error is not None:
            socket.send(messages.error(self.error), key="error")

    def resend(self, socket: Socket) -> None:
        """Sends the whole picture again, to a page that asks."""
        if socket in self._pages:
            self._pages[socket] = 0
            self._each(socket, self._catch_up)

    def leave(self, socket: Socket) -> None:
        """The page shows it no more."""
        self._pages.pop(socket, None)

    def send(self, frame: bytes, key: str) -> None:
        """Sends every page an encoded frame that takes the place of a waiting one of that key."""
        for socket in in_turns(self.sockets):
            self._each(socket, lambda socket: socket.send_frame(frame, key=key))

    def _catch_up(self, socket: Socket) -> None:
        # One that has not taken its last frame gets the sum of what it missed, once it has.
        if socket.idle:
            self._send_next(socket)

    def _send_next(self, socket: Socket) -> None:
        frame = self.frames.since(self._pages[socket])
        if frame is not None:
            self._pages[socket] = self.frames.version
            socket.send_frame(frame)

    def _fail(self, message: str) -> None:
        if message != self.error:
            log.error("overlay %s: %s", self.query.layout, message)
            self.error = message
            self.send(encode_frame(messages.error(message)), "error")

    def _each(self, socket: Socket, work: Callable[[Socket], None]) -> None:
        try:
            if socket in self._pages:
                work(socket)
        except OSError:  # cut this moment; its own handler takes it away
            self._pages.pop(socket, None)
