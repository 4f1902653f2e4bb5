"""Open views: each is rendered once per change, and its frame goes to every page that shows it.

The first change goes at once. After it a view rests for 16 ms, or longer when rendering is dear or many views are open,
and then shows what is true by then. Markup that did not change is not sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

import gevent
from gevent.event import Event

from overlaykit.board import Board
from overlaykit.errors import NotFound, StoreError
from overlaykit.theming import Picture, subject_of
from overlaykit.web.http.sockets import Socket, encode_frame
from overlaykit.web.overlays import messages
from overlaykit.web.overlays.query import OverlayQuery, stream_delay_of
from overlaykit.web.overlays.shelf import Shelf
from overlaykit.web.overlays.view import View
from overlaykit.web.rooms import Room, Rooms

log = logging.getLogger(__name__)

REST = 0.016
"""Seconds between two renderings of a view, at least."""
SHARE = 3
"""A view rests this many times its cost, times the views that are open."""


class RoomViews:
    """The open views of one room, and the greenlet that renders them while there are any."""

    def __init__(self, room: Room, open_views: Callable[[], int], look_changed: Callable[[Room], None]) -> None:
        self.room = room
        self._look_changed = look_changed
        self.views: dict[tuple[OverlayQuery, str], View] = {}
        self._opening = 0
        self._open_views = open_views
        self._due: set[View] = set()
        self._wake = Event()
        self._stale = room.stale
        self._look = room.fold.look
        self._follower: gevent.Greenlet | None = None
        self._unsubscribe: Callable[[], None] | None = None

    def open(self, query: OverlayQuery, picture: Picture, build: str) -> View:
        """The view of this query, rendered, opened when need be. Raises NotFound for a channel or region."""
        key = (query._replace(session=self.room.session), build)
        view = self.views.get(key)
        if view is not None:
            return view
        rendered = (self.room.seq, self.room.line)
        self._opening += 1
        try:
            view = View(self.room, query, picture, build)
            view.render(self.room, self.board(query))
        finally:
            self._opening -= 1
        if key in self.views:  # another page asked for the same while this was rendered
            return self.views[key]
        if not self.views:
            self._unsubscribe = self.room.subscribe(self._changed)
            if self._follower is None or self._follower.dead:
                self._follower = gevent.spawn(self._follow)
        self.views[key] = view
        if rendered != (self.room.seq, self.room.line):
            self._due.add(view)
            self._wake.set()
        return view

    @property
    def in_use(self) -> bool:
        """Whether anything is shown, or will be as soon as it is rendered."""
        return bool(self.views) or self._opening > 0

    def find(self, query: OverlayQuery, build: str) -> View | None:
        """The open view of this query."""
        return self.views.get((query._replace(session=self.room.session), build))

    def leave(self, view: View, socket: Socket) -> None:
        """The page has gone; a view nobody looks at is closed."""
        view.leave(socket)
        if view.sockets:
            return
        self.views = {key: other for key, other in self.views.items() if other is not view}
        self._due.discard(view)
        if not self.views and self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
            self._wake.set()

    def board(self, query: OverlayQuery) -> Board:
        """The room's board now, as those see it who look this way."""
        return self.room.view(query.channel, query.region).board()

    def _changed(self) -> None:
        """Called by the room's reader: nothing but notes what is to be done."""
        self._due.update(self.views.values())
        self._wake.set()

    def _follow(self) -> None:
        while self.views:
            self._wake.clear()
            now = monotonic()
            if self.room.stale != self._stale:
                self._stale = self.room.stale
                self.tick()
            if self.room.fold.look != self._look:
                self._look = self.room.fold.look
                self._look_changed(self.room)
            ready = [view for view in self._due if view.rests_until <= now]
            for view in ready:
                self._due.discard(view)
                self._render(view)
                view.rests_until = monotonic() + max(REST, SHARE * view.cost * self._open_views())
                gevent.sleep(0)
            if self._due:
                self._wake.wait(max(0.0, min(view.rests_until for view in self._due) - monotonic()))
            else:
                self._wake.wait()

    def _render(self, view: View) -> None:
        try:
            view.render(self.room, self.board(view.query))
        except Exception:  # a bug in one view must not stop the others
            log.exception("overlay %s failed", view.query.layout)

    def tick(self) -> None:
        """Tells every page the time and whether the numbers may be old."""
        frame = encode_frame(messages.tick(stale=self.room.stale))
        for view in list(self.views.values()):
            view.send(frame, "tick")


class Views:
    """All open views of this process."""

    def __init__(self, rooms: Rooms, shelf: Shelf) -> None:
        self._rooms = rooms
        self._shelf = shelf
        self._by_room: dict[Room, RoomViews] = {}
        self.look_changed: Callable[[Room], None] = lambda room: None
        """Called when a room's theme or options have been changed: its pages may have to be others."""

    def enter(self, query: OverlayQuery, socket: Socket) -> tuple[RoomViews, View]:
        """Shows `query` on a page. Raises NotFound, ThemeError, StoreAway."""
        room = self._rooms.get(query.session)
        views, view = self._open(room, query)
        view.greet(socket)
        return views, view

    def paint(self, query: OverlayQuery) -> tuple[View, Room]:
        """What a page shows at first: the open view of this query, or one rendered for this page alone.

        Raises NotFound, ThemeError, StoreAway.
        """
        room = self._rooms.get(query.session)
        picture = self._shelf.picture(query, room.fold.plan, room.fold.look)
        build = self._build_of(picture, room, query)
        views = self._by_room.get(room)
        view = views.find(query, build) if views is not None else None
        if view is None or view.seq != room.seq:
            view = View(room, query, picture, build)
            board = room.view(query.channel, query.region).board()
            subject_of(board, query.selector)  # an address that asks in vain is told so; later losses are not its fault
            view.render(room, board)
        return view, room

    def current_session(self) -> str | None:
        """The session that is current now; None when there is none or nobody can say."""
        try:
            return self._rooms.resolve("current").id
        except (NotFound, StoreError):
            return None

    def ledger_of(self, session: str) -> str:
        """The ledger of a session, or of the current one. Raises NotFound, StoreAway."""
        return self._rooms.resolve(session).ledger

    def rooms(self) -> list[RoomViews]:
        """Those with open views; the others are forgotten."""
        self._by_room = {room: views for room, views in self._by_room.items() if views.in_use}
        return list(self._by_room.values())

    def count(self) -> int:
        return sum(len(views.views) for views in self._by_room.values())

    def _open(self, room: Room, query: OverlayQuery) -> tuple[RoomViews, View]:
        picture = self._shelf.picture(query, room.fold.plan, room.fold.look)
        views = self._by_room.get(room)
        if views is None:
            views = self._by_room[room] = RoomViews(room, self.count, lambda room: self.look_changed(room))
        return views, views.open(query, picture, self._build_of(picture, room, query))

    def _build_of(self, picture: Picture, room: Room, query: OverlayQuery) -> str:
        # A page of `current` that moves on to a session with another delay is another page.
        delay = stream_delay_of(room.fold.plan, query.channel)
        return f"{self._shelf.build_of(picture)}.{delay}" if delay else self._shelf.build_of(picture)
