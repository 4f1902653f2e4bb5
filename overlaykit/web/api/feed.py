"""/ws/board: a session's board as JSON, first whole, then what changed.

Everybody who asks for the same session, channel, region and desk shares one `Feed`, which encodes each change once. A client
that has not taken its last frame is passed over; once it has, it gets everything since, merged: wider steps, never a gap.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from typing import Generic, NamedTuple, TypeVar

import gevent
import msgspec
from flask import Blueprint, g
from msgspec import UNSET, Raw, Struct

from overlaykit.board import BoardChange
from overlaykit.errors import NotFound, OverlaykitError, StoreError
from overlaykit.web.api.board import board_answer, with_desk_parts
from overlaykit.web.edge import Edge, allow
from overlaykit.web.http.auth import BOARD, DESK, Caller
from overlaykit.web.http.query import number, session_name, text
from overlaykit.web.http.sockets import POLICY, TRY_AGAIN_LATER, Socket, encode_frame
from overlaykit.web.http.times import server_time
from overlaykit.web.rooms import Room
from overlaykit.web.rooms.pacing import Pacing
from overlaykit.web.turns import in_turns

log = logging.getLogger(__name__)

A = TypeVar("A", bound=Hashable)

FRAME = 0.016
"""Seconds between two change frames of a feed."""
DESK_FRAME = 0.1
"""The same of the desk, whose frames are bigger and are read by people."""
TICK = 0.9
"""Seconds between ticks: at least one each second, whatever else is done."""
MAX_ECHO = 64
"""Bytes of a ping's `t` that are sent back."""


class Client:
    """One socket on a feed: how far it has been told, and of which fold."""

    __slots__ = ("caller", "generation", "seq", "socket")

    def __init__(self, socket: Socket, caller: Caller) -> None:
        self.socket = socket
        self.caller = caller
        self.seq = 0
        self.generation = -1


class Asked(NamedTuple):
    """What a feed is about. `desk`: with how the director's work stands."""

    session: str
    channel: str | None
    region: str | None
    desk: bool


class Feed:
    """One view of one session, for all who watch it. With session `current` it moves on when another session opens."""

    def __init__(self, edge: Edge, asked: Asked) -> None:
        self._edge = edge
        self._session, self._channel, self._region, self._desk = asked
        self._room = edge.rooms.get(asked.session)
        self._room.view(asked.channel, asked.region)
        self._clients: dict[Socket, Client] = {}
        self._frames: dict[int, bytes] = {}
        self._frames_for: tuple[Room, int, int, bool] | None = None
        self._board: bytes = b""
        self._failing = False
        self._news = False
        self._pacing = Pacing(self._least_rest)
        self._sending: gevent.Greenlet | None = None
        self._unsubscribe = self._room.subscribe(self._changed)
        # Apart, because looking after clients asks the store, and a store that hangs must not stop the ticks.
        self._loops = [gevent.spawn(self._tick), gevent.spawn(self._look_after)]

    @property
    def empty(self) -> bool:
        return not self._clients

    @property
    def _least_rest(self) -> float:
        return DESK_FRAME if self._desk else FRAME

    def join(self, socket: Socket, caller: Caller, since: int | None = None) -> Client:
        """Adds a client and sends it the whole board, or what changed after `since`."""
        client = Client(socket, caller)
        view = self._room.view(self._channel, self._region)
        if since is not None and view.changes_after(since) is not None:
            socket.send_frame(self._change_frame(since))
            client.seq, client.generation = self._room.seq, self._room.generation
        else:
            self._send_board(client)
        self._clients[socket] = client
        socket.on_idle(self._changed)
        return client

    def leave(self, client: Client) -> None:
        client.socket.on_idle(None)
        self._clients.pop(client.socket, None)

    def close(self) -> None:
        self._unsubscribe()
        gevent.killall(self._loops, block=False)

    def _changed(self) -> None:
        """The room moved on, or a client has taken what it was sent. Called in the room's reader, and in a socket's writer; either
        may be while others are being told."""
        self._news = True
        if self._sending is None:
            self._sending = gevent.spawn_later(self._pacing.wait, self._send_changes)

    def _send_changes(self) -> None:
        self._news = False
        try:
            self._send_to_all()
            self._failing = False
        except Exception:  # the next change tries again, and meanwhile nobody is told that all is well
            self._failing = True
            log.exception("session %s: the feed failed", self._room.session)
        self._sending = None
        if self._news:
            self._changed()

    def _send_to_all(self) -> None:
        # Under load frames become rarer and wider, so that the room keeps its share of the processor.
        with self._pacing.making() as turns:
            for client in turns.take(list(self._clients.values())):
                if client.socket.idle:
                    self._catch_up(client)

    def _catch_up(self, client: Client) -> None:
        room = self._room
        if client.generation != room.generation:
            self._send_board(client)
        elif client.seq != room.seq and not client.socket.closed:
            client.socket.send_frame(self._change_frame(client.seq))
            client.seq = room.seq

    def _send_board(self, client: Client) -> None:
        client.socket.send_frame(self._board_frame())
        client.seq, client.generation = self._room.seq, self._room.generation

    def _change_frame(self, since: int) -> bytes:
        self._forget_old_frames()
        frame = self._frames.get(since)
        if frame is None:
            change = self._room.view(self._channel, self._region).changes_after(since)
            if change is None:
                return self._board_frame()
            head = b'{"type":"change","from":%d,' % change.from_seq
            rest = msgspec.json.encode(change).partition(b",")[2]
            more = self._desk_part(change, since) if self._desk else b""
            frame = self._frames[since] = encode_frame(head + rest[:-1] + more + b"}")
        self._edge.metrics.frames.inc()
        return frame

    def _desk_part(self, change: BoardChange, since: int) -> bytes:
        """What the desk is told beside the change."""
        view = self._room.view()
        parts: dict[str, object] = {}
        if change.items:
            parts["desk"] = view.desk(change.items)
        if self._room.fold.part_seq["direction"] > since:
            parts["direction"] = view.direction()
        if change.on_air is not UNSET and (by_channel := view.on_air_by_channel()):
            parts["on_air_by_channel"] = by_channel
        if pushed := view.pushed(since):
            parts["pushed"] = pushed
        return b"," + msgspec.json.encode(parts)[1:-1] if parts else b""

    def _board_frame(self) -> bytes:
        self._forget_old_frames()
        if not self._board:
            answer = board_answer(self._room, self._channel, self._region)
            if self._desk:
                answer = with_desk_parts(answer, self._room.view())
            self._board = encode_frame(b'{"type":"board",' + msgspec.json.encode(answer)[1:])
        self._edge.metrics.frames.inc()
        return self._board

    def _forget_old_frames(self) -> None:
        now = (self._room, self._room.generation, self._room.seq, self._room.stale)
        if now != self._frames_for:
            self._frames_for = now
            self._frames.clear()
            self._board = b""

    def _tick(self) -> None:
        while True:
            gevent.sleep(TICK)
            self._board = b""  # its server_time grows old
            tick = encode_frame(
                b'{"type":"tick","server_time":"%s","stale":%s}'
                % (server_time().encode(), b"true" if self._room.stale or self._failing else b"false")
            )
            self._changed()  # what a failure kept back; and a prompt may speak of the time
            for client in in_turns(list(self._clients.values())):
                if client.socket.idle:
                    client.socket.send_frame(tick, key="tick")

    def _look_after(self) -> None:
        while True:
            gevent.sleep(TICK)
            try:
                self._look_after_clients()
            except Exception:  # the next time comes all the same
                log.exception("session %s: the feed could not look after its clients", self._room.session)

    def _look_after_clients(self) -> None:
        if self._session == "current":
            self._move_on()
        for client in in_turns(list(self._clients.values())):
            if not self._still_welcome(client):
                client.socket.close(POLICY, "the token was revoked")

    def _still_welcome(self, client: Client) -> bool:
        try:
            return self._edge.gate.still_valid(client.caller)
        except StoreError:
            return True  # nobody can have revoked it

    def _move_on(self) -> None:
        try:
            room = self._edge.rooms.get("current")
            if room is self._room:
                return
            room.view(self._channel, self._region)
        except NotFound as error:
            for client in list(self._clients.values()):
                client.socket.close(TRY_AGAIN_LATER, error.message[:100])
            return
        except OverlaykitError:
            return  # the store is away: stay with what there is
        self._unsubscribe()
        self._room = room
        self._unsubscribe = room.subscribe(self._changed)
        for client in self._clients.values():
            client.generation = -1
        self._changed()


class Feeds(Generic[A]):
    """The feeds that somebody watches, by what they ask for; `make` makes one, and raises NotFound, StoreAway."""

    def __init__(self, make: Callable[[A], Feed]) -> None:
        self._make = make
        self._feeds: dict[A, Feed] = {}

    def of(self, asked: A) -> Feed:
        """The feed of this view. Raises NotFound, StoreAway."""
        found = self._feeds.get(asked)
        if found is None:
            made = self._make(asked)
            found = self._feeds.setdefault(asked, made)
            if found is not made:  # somebody else asked while the room was loading
                made.close()
        return found

    def drop_empty(self) -> None:
        for key in [key for key, feed in self._feeds.items() if feed.empty]:
            self._feeds.pop(key).close()


class _FromClient(Struct):
    type: str
    t: Raw = Raw(b"null")


def blueprint(edge: Edge) -> Blueprint:
    routes = Blueprint("feed", __name__)
    feeds: Feeds[Asked] = Feeds(lambda asked: Feed(edge, asked))
    decoder = msgspec.json.Decoder(_FromClient)

    @routes.before_request
    def find() -> None:
        """Whatever can be wrong is found while there is still a status to say so."""
        since = number("since")
        g.desk = number("desk", most=1, default=0) == 1
        if g.desk:
            allow(DESK)
        # A seq is of one ledger, and `current` may be another session by now: then the whole board goes out.
        g.since = None if session_name() == "current" else since
        room = edge.rooms.get(session_name())
        room.view(text("channel"), text("region"))
        if g.since is not None:
            # The client may have been told more by another process than this one has read.
            room.wait_for(g.since, timeout=1.0)

    @edge.sockets.route(routes, "/ws/board")
    def board(socket: Socket) -> None:
        feed = feeds.of(Asked(session_name(), text("channel"), text("region"), g.desk))
        client = feed.join(socket, allow(BOARD), g.since)
        try:
            while True:
                message = socket.receive()
                if message is not None:
                    socket.send(_answer(decoder, message), key="answer")
        finally:
            feed.leave(client)
            feeds.drop_empty()

    return routes


def _answer(decoder: msgspec.json.Decoder[_FromClient], message: str | bytes) -> bytes:
    try:
        found = decoder.decode(message)
        if found.type == "ping" and len(bytes(found.t)) <= MAX_ECHO:
            return b'{"type":"pong","t":%s,"server_time":"%s"}' % (bytes(found.t), server_time().encode())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    return b'{"type":"error","detail":"this feed understands {\\"type\\":\\"ping\\",\\"t\\":\xe2\x80\xa6} alone"}'
