"""The board feed: whole, then changes, never a gap; and who may open it, from where."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from statistics import median
from typing import Any

import pytest
import websocket

from overlaykit.stock.keys import head_key
from overlaykit.store import Tokens
from tests.conftest import StoreServer, until
from tests.epochs import begin_epoch
from tests.web.conftest import Viewer, Web, open_session, watch


def last_seq(web: Web) -> int:
    head = web.engine.resolve_head()
    assert head is not None
    return head.seq


def refused(web: Web, path: str, **options: Any) -> int:
    """The status with which a socket was refused before it was one."""
    options.setdefault("suppress_origin", True)
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        websocket.create_connection(f"ws://127.0.0.1:{web.port}{path}", timeout=10, **options)
    return int(caught.value.status_code)


def test_the_feed_begins_whole_and_ends_where_the_engine_is(web: Web) -> None:
    with watch(web) as viewer:
        assert viewer.take()["type"] == "board"
        before = viewer.board["items"]["A"]["available"]
        seq = 0
        for number in range(100):
            seq = web.reserve(f"follow-{number}").json["seq"]
        viewer.take_until(seq)
        assert viewer.board["items"]["A"]["available"] == before - 100
        assert viewer.board["items"] == web.board()["items"]
        # At most one change a frame of 16 ms: a hundred orders are fewer steps.
        assert 1 <= viewer.kinds.count("change") <= 100


def test_only_what_changed_is_sent(web: Web) -> None:
    with watch(web) as viewer:
        viewer.take()
        web.reserve("only-b", sku="B")
        change = viewer.take_kind("change")
        assert set(change["items"]) == {"B"}
        assert "session" not in change


def test_a_tick_comes_at_least_each_second(web: Web) -> None:
    with watch(web) as viewer:
        viewer.take()
        came = []
        for _ in range(4):
            assert viewer.take_kind("tick")["server_time"].endswith("Z")
            came.append(time.monotonic())
        gaps = [later - sooner for sooner, later in pairwise(came)]
        assert median(gaps) < 1.1, gaps  # one that the machine held up is early for the next


BROKEN_VIEW = """
from types import SimpleNamespace
import gevent
from overlaykit.board import BoardChange
from overlaykit.web.api import feed

feed.TICK = 0.001
broken, frames = [], []

def changes_after(seq):
    if broken:
        raise RuntimeError("a bug in a view")
    return BoardChange(from_seq=seq, seq=room.seq, items={})

view = SimpleNamespace(changes_after=changes_after)
room = SimpleNamespace(session="evening", seq=1, generation=0, stale=False)
room.view, room.subscribe = lambda *asked: view, lambda changed: None
asked_of_gate = []
edge = SimpleNamespace(
    rooms=SimpleNamespace(get=lambda session: room),
    gate=SimpleNamespace(still_valid=lambda caller: asked_of_gate.append(caller) or 1 / (len(asked_of_gate) > 1)),
    metrics=SimpleNamespace(frames=SimpleNamespace(inc=lambda: None)),
)
made = feed.Feed(edge, feed.Asked("evening", None, None, False))

class Socket:
    idle, closed = True, False

    def on_idle(self, callback):
        pass

    def send_frame(self, frame, key=None):
        frames.append(frame)

made.join(Socket(), "somebody", since=1)
broken.append(True)
room.seq = 2
with gevent.Timeout(30):
    while not any(b'"stale":true' in frame for frame in frames):
        gevent.sleep(0.001)
    print(any(b"change" in frame for frame in frames[1:]))
    broken.clear()
    before = len(frames)
    while not any(b'"stale":false' in frame for frame in frames[before:]) or len(asked_of_gate) < 3:
        gevent.sleep(0.001)
print(any(b"change" in frame for frame in frames[before:]))
"""


def test_a_bug_in_a_view_ends_no_feed() -> None:
    """Meanwhile ticks say that numbers may be old; afterwards what was missed comes, and all is well again."""
    ended = subprocess.run([sys.executable, "-c", BROKEN_VIEW], capture_output=True, text=True, timeout=60)
    assert ended.stdout.split() == ["False", "True"], ended.stderr


LATE_READER = """
from types import SimpleNamespace
import gevent
from overlaykit.board import BoardChange
from overlaykit.web.api import feed

feed.TICK = 3600
view = SimpleNamespace(changes_after=lambda seq: BoardChange(from_seq=seq, seq=room.seq, items={}))
room, hear = SimpleNamespace(session="evening", seq=1, generation=0, stale=False), []
room.view, room.subscribe = lambda *asked: view, hear.append
edge = SimpleNamespace(
    rooms=SimpleNamespace(get=lambda session: room),
    metrics=SimpleNamespace(frames=SimpleNamespace(inc=lambda: None)),
)
made = feed.Feed(edge, feed.Asked("evening", None, None, False))

class Socket:
    closed = False

    def __init__(self):
        self.idle, self.frames, self.then, self.drained = True, 0, lambda: None, None

    def on_idle(self, callback):
        self.drained = callback

    def send_frame(self, frame, key=None):
        self.frames += 1
        self.then()

late, last = Socket(), Socket()
for socket in (late, last):
    made.join(socket, "somebody", since=1)

def read_all():
    late.idle = True
    late.drained()

late.idle, last.then, room.seq = False, read_all, 2
hear[0]()
with gevent.Timeout(30):
    while late.frames < 2:
        gevent.sleep(0.001)
print(last.frames, late.frames)
"""


def test_who_reads_on_while_others_are_told_is_told_too() -> None:
    """No tick is waited for."""
    ended = subprocess.run([sys.executable, "-c", LATE_READER], capture_output=True, text=True, timeout=60)
    assert ended.stdout.split() == ["2", "2"], ended.stderr


def test_a_ping_is_answered_with_the_servers_time(web: Web) -> None:
    with watch(web) as viewer:
        viewer.take()
        for sent in (17, 1.25, "x", None, {"a": [1]}):
            viewer.connection.send(json.dumps({"type": "ping", "t": sent}))
            pong = viewer.take_kind("pong")
            assert pong["t"] == sent
            assert pong["server_time"].endswith("Z")


@pytest.mark.parametrize(
    "said", ["", "{", "[" * 5000, '{"type":"ping","t":"' + "x" * 500 + '"}', '{"type":7}', "\x00", "汉"]
)
def test_what_the_feed_does_not_understand_harms_nothing(web: Web, said: str) -> None:
    with watch(web) as viewer:
        viewer.take()
        viewer.connection.send(said)
        assert "ping" in viewer.take_kind("error")["detail"]
        viewer.connection.send('{"type":"ping","t":1}')
        assert viewer.take_kind("pong")["t"] == 1


def test_a_client_that_comes_back_goes_on_from_there(web: Web) -> None:
    with watch(web) as viewer:
        viewer.take()
        board = viewer.board
    seq = web.reserve("while-away").json["seq"]
    with watch(web, f"&since={board['seq']}") as viewer:
        viewer.board = board
        assert viewer.take()["type"] == "change"
        viewer.take_until(seq)
        assert viewer.board["items"] == web.board()["items"]


def test_a_seq_of_before_or_after_gets_the_whole_board(web: Web) -> None:
    for since in (0, 2**50):
        with watch(web, f"&since={since}") as viewer:
            assert viewer.take()["type"] == "board"


def test_every_field_of_every_frame_is_described(web: Web) -> None:
    schemas = web.get("/openapi.json", scope=None).json["components"]["schemas"]
    with watch(web, "&desk=1", scope="viewer") as viewer:
        frames = [viewer.take_kind("board")]
        sold = {"type": "order.reserve", "order": "described", "lines": [{"sku": "A", "quantity": 1}]}
        for command, part in ((sold, "desk"), ({"type": "note.set", "text": "先催付款"}, "direction")):
            assert web.send(command).json["status"] == "accepted"
            while part not in frames[-1] or frames[-1]["type"] != "change":
                frames.append(viewer.take())
        for said, kind in (('{"type":"ping","t":1}', "pong"), ("nonsense", "error")):
            viewer.connection.send(said)
            frames.append(viewer.take_kind(kind))
        frames.append(viewer.take_kind("tick"))
    for frame in frames:
        described = schemas[f"{frame['type'].capitalize()}Frame"]["properties"]
        assert frame.keys() <= described.keys(), frame["type"]


def test_a_region_has_its_own_feed(web: Web) -> None:
    with watch(web, "&region=US") as here, watch(web) as everywhere:
        here.take()
        everywhere.take()
        assert here.board["items"]["A"]["available"] < everywhere.board["items"]["A"]["available"]


def test_two_hundred_watchers_all_see_the_last_number(web: Web) -> None:
    from contextlib import ExitStack

    with ExitStack() as stack:
        viewers = [stack.enter_context(watch(web)) for _ in range(200)]
        for viewer in viewers:
            viewer.take()
        seq = [web.reserve(f"crowd-{number}").json["seq"] for number in range(50)][-1]
        for viewer in viewers:
            viewer.take_until(seq)
        assert len({viewer.board["items"]["A"]["available"] for viewer in viewers}) == 1


def test_a_client_that_stops_reading_holds_up_nobody_and_catches_up_without_a_gap(
    start_web: Callable[..., Web], store: StoreServer, ledger: str
) -> None:
    web = start_web(store, ledger, items=1000, units=1_000_000)

    def change_everything(number: int) -> None:
        body = b"".join(
            json.dumps(
                {
                    "type": "order.reserve",
                    "id": f"{number}-{sku}",
                    "order": f"{number}-{sku}",
                    "lines": [{"sku": sku, "quantity": 1}],
                }
            ).encode()
            + b"\n"
            for sku in skus
        )
        assert web.send(body, type="application/x-ndjson").status == 200

    small = ((socket.SOL_SOCKET, socket.SO_RCVBUF, 8192),)
    with watch(web, sockopt=small) as slow, watch(web) as quick:
        slow.take()
        quick.take()
        skus = quick.board["order"]
        enough = time.monotonic() + 2.0  # who takes nothing for five seconds is cut
        number = 0
        while number < 3 or (number < 40 and time.monotonic() < enough):  # more than the buffers between us hold
            number += 1
            change_everything(number)
            quick.take_until(last_seq(web))
        slow.take_until(last_seq(web))
        assert slow.board["items"] == quick.board["items"]
        assert slow.kinds.count("change") < quick.kinds.count("change")


def test_a_client_that_never_reads_again_is_cut(start_web: Callable[..., Web], store: StoreServer, ledger: str) -> None:
    web = start_web(store, ledger, items=400, units=1_000_000)
    small = ((socket.SOL_SOCKET, socket.SO_RCVBUF, 8192),)
    with watch(web, sockopt=small) as gone:
        gone.take()
        number = 0

        def cut() -> bool:
            nonlocal number
            number += 1
            others = ((f"a-{number}-{i}", f"{number}-{i}".rjust(500, "长")) for i in range(50))
            web.send([{"type": "announce.show", "id": id, "text": text} for id, text in others])
            return b"overlaykit_sockets_cut_total 1.0" in web.get("/metrics").body

        until(cut, "the client is cut", 30)
        until(lambda: b"overlaykit_sockets 0.0" in web.get("/metrics").body, "its socket is gone", 5)


def test_sockets_are_refused_before_they_are_sockets(web: Web) -> None:
    good = f"/ws/board?session={web.session}&token={web.tokens['overlay']}"
    assert refused(web, f"/ws/board?session={web.session}") == 401
    assert refused(web, f"/ws/board?session={web.session}&token=wrong") == 401
    assert refused(web, f"/ws/board?session={web.session}&token={web.tokens['button']}") == 403
    assert refused(web, good.replace(web.session, "nope")) == 404
    assert refused(web, good + "&region=MARS") == 404
    assert refused(web, good + "&since=x") == 400
    assert refused(web, good.replace("/ws/board", "/ws/nothing")) == 404
    assert web.get(good, scope=None).status == 426


@pytest.mark.parametrize("origin", ["http://evil.example", "https://127.0.0.1.evil.example", "http://127.0.0.1:1"])
def test_pages_of_others_may_not_open_sockets(web: Web, origin: str) -> None:
    path = f"/ws/board?session={web.session}&token={web.tokens['overlay']}"
    assert refused(web, path, origin=origin, suppress_origin=False) == 403


@pytest.mark.parametrize("origin", ["own", "null", "file://"])
def test_our_pages_and_files_in_obs_may(web: Web, origin: str) -> None:
    with watch(web, origin=web.url if origin == "own" else origin, suppress_origin=False) as viewer:
        assert viewer.take()["type"] == "board"


def test_deflate_is_not_agreed_on(web: Web) -> None:
    with watch(web, header=["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"]) as viewer:
        assert "sec-websocket-extensions" not in (viewer.connection.getheaders() or {})
        assert viewer.take()["type"] == "board"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (("Sec-WebSocket-Key: ", "Sec-WebSocket-Key: x"), 400),
        (("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"), 426),
        (("Connection: Upgrade", "Connection: close"), 400),
        (("HTTP/1.1", "HTTP/1.0"), 400),
        (("Upgrade: websocket", "Upgrade: h2c"), 426),
    ],
)
def test_a_broken_handshake_is_refused_in_words(web: Web, change: tuple[str, str], status: int) -> None:
    key = base64.b64encode(os.urandom(16)).decode()
    head = (
        f"GET /ws/board?session={web.session}&token={web.tokens['overlay']} HTTP/1.1\r\nHost: x\r\n"
        f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).replace(*change)
    with closing(socket.create_connection(("127.0.0.1", web.port), timeout=10)) as connection:
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 %d" % status)


@pytest.mark.parametrize(
    "frame",
    [
        b"\x81\x05hello",  # not masked
        b"\xff\xff" + b"\xff" * 12,  # reserved bits, an endless length
        b"\x81\x83\0\0\0\0\xff\xfe\xfd",  # no UTF-8
        b"\x89\xfe\x01\x00" + b"\0" * 260,  # a ping that is too long
        b"\x81\xff" + struct.pack("!Q", 2**40) + b"\0" * 70_000,  # more than is allowed
        b"\x88\x82\0\0\0\0\x00\x01",  # an impossible close code
    ],
)
def test_broken_frames_end_that_socket_and_no_other(web: Web, frame: bytes) -> None:
    with watch(web) as bystander:
        bystander.take()
        with watch(web) as viewer:
            viewer.take()
            raw = viewer.connection.sock
            assert raw is not None
            raw.sendall(frame)
            raw.settimeout(10)
            try:
                while raw.recv(65536):
                    pass
            except ConnectionResetError:
                pass
        seq = web.reserve(f"bystander-{frame[:4].hex()}").json["seq"]
        bystander.take_until(seq)


def test_a_revoked_token_closes_its_sockets(web: Web) -> None:
    client = web.client
    name = f"socket-{web.session}"
    text = Tokens(client).create("overlay", name)
    address = f"ws://127.0.0.1:{web.port}/ws/board?token={text}&session={web.session}"
    with closing(websocket.create_connection(address, timeout=10, suppress_origin=True)) as connection:
        viewer = Viewer(connection)
        viewer.take()
        Tokens(client).revoke(name)
        while (message := connection.recv_data())[0] != websocket.ABNF.OPCODE_CLOSE:
            pass
        assert struct.unpack("!H", message[1][:2]) == (1008,)
        connection.shutdown()  # type: ignore[no-untyped-call]


def test_more_sockets_than_this_process_may_have_are_refused(
    start_web: Callable[..., Web], store: StoreServer, ledger: str
) -> None:
    web = start_web(store, ledger, open_files=7)  # 60 % of 7: four
    with watch(web) as a, watch(web) as b, watch(web) as c, watch(web) as d:
        for viewer in (a, b, c, d):
            viewer.take()
        assert refused(web, f"/ws/board?session={ledger}&token={web.tokens['overlay']}") == 503
        assert "sockets" in web.get("/readyz").json["missing"][0]
    until(lambda: b"overlaykit_sockets 0.0" in web.get("/metrics").body, "they are gone", 10)
    with watch(web) as viewer:
        viewer.take()


def test_the_feed_outlives_its_store(start_web: Callable[..., Web], new_store: Callable[..., StoreServer]) -> None:
    store = new_store("valkey9", "appendfsync always")
    web = start_web(store, "outlives")
    with watch(web) as viewer:
        viewer.take()
        seq = web.reserve("before").json["seq"]
        viewer.take_until(seq)
        store.kill()
        while not viewer.stale[-1]:
            viewer.take_kind("tick")
        answer = web.reserve("during")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert web.get("/readyz", scope=None).status == 503
        store.start()

        def after() -> int:
            answer = web.reserve("during")
            return answer.json["seq"] if answer.status == 200 else 0

        seq = until(after, "orders are taken again")
        viewer.take_until(seq)
        while viewer.stale[-1]:
            viewer.take_kind("tick")
        assert viewer.board["items"] == web.board()["items"]


def test_a_store_that_comes_back_with_less_is_believed(
    start_web: Callable[..., Web], new_store: Callable[..., StoreServer]
) -> None:
    """The numbers go back with it: everybody gets the whole board again, not a change that does not fit."""
    store = new_store("valkey9")
    web = start_web(store, "less")
    with watch(web) as viewer:
        viewer.take()
        kept = web.reserve("kept").json["seq"]
        viewer.take_until(kept)
        with store.client() as client:
            state = {key: client.dump(key) for key in client.keys("*")}
            for number in range(5):
                seq = web.reserve(f"lost-{number}").json["seq"]
            viewer.take_until(seq)
            with client.pipeline() as at_once:  # in between the room's tokens would be gone, and with them its sockets
                at_once.flushall()
                for key, value in state.items():
                    at_once.restore(key, 0, value)
                at_once.execute()
            # A reader notices when its connection breaks, as it does when a store restarts.
            client.client_kill_filter(_type="normal", skipme=True)
        while viewer.take()["type"] != "board":
            pass
        assert viewer.board["seq"] == kept
        assert viewer.board["items"]["A"]["held"] == 1


def test_a_recovery_that_a_reader_follows_is_no_loss(
    start_web: Callable[..., Web], new_store: Callable[..., StoreServer]
) -> None:
    """What is read of the new epoch is not taken for something that was known of the old one."""
    store = new_store()
    web = start_web(store, "whole")
    with watch(web) as viewer, store.client() as client:
        viewer.take()
        seq = web.reserve("before").json["seq"]
        viewer.take_until(seq)
        begin_epoch(store.url, "whole", seq)
        viewer.take_until(seq + 1)
        assert web.reserve("after").json["status"] == "accepted"
        assert client.hget(head_key("whole"), "missed") is None


def test_a_feed_of_the_current_session_moves_on_when_another_opens(
    start_web: Callable[..., Web], new_store: Callable[..., StoreServer]
) -> None:
    store = new_store()
    web = start_web(store, "first")
    address = f"ws://127.0.0.1:{web.port}/ws/board?token={web.tokens['overlay']}"  # no session: the current one
    with closing(websocket.create_connection(address, timeout=15, suppress_origin=True)) as connection:
        viewer = Viewer(connection)
        viewer.take()
        assert viewer.board["session"]["id"] == "first"
        open_session(web.client, "second", units=7)
        while viewer.take()["type"] != "board":
            pass
        assert viewer.board["session"]["id"] == "second"
        seq = web.send(
            {"type": "order.reserve", "order": "o", "lines": [{"sku": "A", "quantity": 1}]}, session="current"
        )
        viewer.take_until(seq.json["seq"])
        assert viewer.board["items"]["A"]["held"] == 1


def test_two_processes_tell_the_same_story(
    start_web: Callable[..., Web], start_second_web: Callable[[Web], Web], store: StoreServer, ledger: str
) -> None:
    """What one process has answered, a client of the other sees; and it may go from one to the other."""
    one = start_web(store, ledger)
    other = start_second_web(one)
    with watch(one) as here, watch(other) as there:
        here.take()
        there.take()
        seqs = [(one if number % 2 else other).reserve(f"both-{number}").json["seq"] for number in range(40)]
        for viewer in (here, there):
            viewer.take_until(max(seqs))
        assert here.board["items"] == there.board["items"]
        board = here.board
    with watch(other, f"&since={board['seq']}") as moved:
        moved.board = board
        assert moved.take()["from"] == board["seq"]
    assert sorted(seqs) == list(range(min(seqs), min(seqs) + 40))
