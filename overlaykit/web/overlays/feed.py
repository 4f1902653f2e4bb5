"""`/ws/overlay`: frames to pages, the time each second, and the answer to their pings.

A page that cannot be shown yet (the store is away, no session is current, the sku comes later) keeps its socket and is
tried again; a page of `current` moves on when another session becomes current.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

import gevent
import msgspec
import redis
from flask import request

from overlaykit.errors import NotFound, OverlaykitError, StoreError, UserError
from overlaykit.web.edge import caller
from overlaykit.web.http.auth import Caller
from overlaykit.web.http.sockets import POLICY, Socket
from overlaykit.web.overlays import messages
from overlaykit.web.overlays.query import OverlayQuery, read_query
from overlaykit.web.overlays.reports import Alive, Reports, Vitals
from overlaykit.web.overlays.view import View
from overlaykit.web.overlays.views import RoomViews, Views
from overlaykit.web.rooms import Room

log = logging.getLogger(__name__)

FIRST_RETRY, LAST_RETRY = 0.05, 0.5
TICK = 1.0


_messages = msgspec.json.Decoder(messages.Ping | messages.Sync | Alive)


class Page:
    """One open page: its socket, what it asks for, and the view it is shown."""

    def __init__(self, socket: Socket, query: OverlayQuery, caller: Caller, views: Views) -> None:
        self.socket = socket
        self.query = query
        self.caller = caller
        self.vitals = Vitals()
        self._views = views
        self._shown: tuple[RoomViews, View] | None = None
        self._refusal: str | None = None
        self._entering: gevent.Greenlet | None = None
        self._asked_again = False

    @property
    def session(self) -> str | None:
        """The session it shows now."""
        return self._shown[0].room.session if self._shown else None

    @property
    def ledger(self) -> str | None:
        """The ledger of that session."""
        return self._shown[0].room.ledger if self._shown else None

    @property
    def theme(self) -> str | None:
        """The theme it shows now."""
        return self._shown[1].picture.theme.id if self._shown else None

    @property
    def error(self) -> str | None:
        """What it was told to be wrong, and still is."""
        return self._refusal or (self._shown[1].error if self._shown else None)

    def enter(self) -> None:
        """Shows what the page asks for, as it is now, as soon as that can be done."""
        self._asked_again = True
        if self._entering is None or self._entering.dead:
            self._entering = gevent.spawn(self._enter)

    def _enter(self) -> None:
        wait = FIRST_RETRY
        while not self.socket.closed:
            self._asked_again = False
            try:
                shown = self._views.enter(self.query, self.socket)
            except OverlaykitError as error:
                # What the store cannot say yet is waiting; what the address asks for in vain is told.
                if isinstance(error, UserError):
                    self._refuse(str(error))
                if not isinstance(error, StoreError | NotFound):
                    wait = LAST_RETRY
                gevent.sleep(wait)
                wait = min(LAST_RETRY, wait * 2)
                continue
            except OSError:
                return
            except Exception:
                log.exception("overlay %s cannot be shown", self.query.layout)
                self._refuse("something went wrong in the server; its log says more")
                gevent.sleep(LAST_RETRY)
                continue
            before, self._shown = self._shown, shown
            self._refuse(None)
            if before is not None and before != shown:
                before[0].leave(before[1], self.socket)
            if self.socket.closed:
                self._leave_view()
            if not self._asked_again:
                return

    def answer(self, message: str | bytes | None) -> None:
        """Answers what the page sent; anything unknown is left alone."""
        try:
            known = _messages.decode(message or b"")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        if isinstance(known, messages.Ping):
            self.socket.send(messages.pong(known), key="pong")
        elif isinstance(known, Alive):
            frames = self._shown[1].frames if self._shown else None
            self.vitals.hear(known, frames.line if frames else None, frames.changed if frames else 0)
        elif self._shown is not None:
            self._shown[1].resend(self.socket)

    def leave(self) -> None:
        """The socket is closed."""
        if self._entering is not None:
            self._entering.kill(block=False)
        self._leave_view()

    def _leave_view(self) -> None:
        if self._shown is not None:
            self._shown[0].leave(self._shown[1], self.socket)
            self._shown = None

    def _refuse(self, message: str | None) -> None:
        """Tells the page why it cannot be shown, or that it can (then what its view says is wrong, if anything); once each."""
        if message == self._refusal:
            return
        self._refusal = message
        with suppress(OSError):
            self.socket.send(messages.error(self.error), key="error")


class Feed:
    """The open pages of this process, and the greenlet that ticks while there are any.

    still_valid   whether a caller's token exists
    client        of the store, in which open pages are noted for other processes
    """

    def __init__(self, views: Views, still_valid: Callable[[Caller], bool], client: redis.Redis) -> None:
        self._views = views
        self._still_valid = still_valid
        self._pages: dict[Page, None] = {}
        self._reports = Reports(client, self.pages, views.ledger_of)
        self._ticker: gevent.Greenlet | None = None
        views.look_changed = self._look_changed

    def serve(self, socket: Socket) -> None:
        """One page, until it goes: the handler of `/ws/overlay`. Raises SocketClosed."""
        found = caller()
        assert found is not None, "the upgrade lets nobody in without a token"
        given = request.args.to_dict()
        try:
            query = read_query(given.pop("layout", ""), given)
        except UserError as error:
            socket.send(messages.error(str(error)))
            socket.close(POLICY, "the address is wrong")
            return
        page = Page(socket, query, found, self._views)
        self._pages[page] = None
        if self._ticker is None or self._ticker.dead:
            self._ticker = gevent.spawn(self._tick)
        self._reports.wake()
        page.enter()
        try:
            while True:
                page.answer(socket.receive())
        finally:
            self._pages.pop(page, None)
            page.leave()

    def pages(self) -> list[Page]:
        """The open pages, oldest first."""
        return list(self._pages)

    def _look_changed(self, room: Room) -> None:
        for page in self._pages:
            if page.session in (room.session, None):  # one without is on its way in, maybe with the look before
                page.enter()

    def _tick(self) -> None:
        while self._pages:
            gevent.sleep(TICK)
            try:
                for room in self._views.rooms():
                    room.tick()
                self._look_after_pages()
            except Exception:  # the next second comes all the same
                log.exception("the overlay ticker failed")

    def _look_after_pages(self) -> None:
        waiting = messages.tick(stale=True)
        current = self._views.current_session()
        for page in list(self._pages):
            with suppress(OSError):  # cut this moment; its own handler takes it away
                if page.session is None:
                    page.socket.send(waiting, key="tick")
                elif page.query.session == "current" and current not in (None, page.session):
                    page.enter()
                with suppress(StoreError):
                    if not self._still_valid(page.caller):
                        page.socket.close(POLICY, "this token was revoked")
