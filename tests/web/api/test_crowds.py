"""Many sockets and bad readers: HTTP goes on as if they were not there, and nobody gets half a frame."""

from __future__ import annotations

import http.client
import json
import resource
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import pytest

from overlaykit.store import Tokens
from tests.conftest import StoreServer, absent, until
from tests.web.conftest import Web
from tests.web.raw_sockets import CLOSE, PONG, TEXT, RawSocket, Refused, open_raw, raw

pytestmark = [pytest.mark.store, pytest.mark.faults]

StartWeb = Callable[..., Web]
RESPONSIVE_SECONDS, RESPONSIVE_TIMES = 1.0, 40
"""What 99 of 100 requests take less than: a second, and so many times what one takes in the same minute on an idle process.
Who has to wait for a reader waits five seconds and more."""
ENOUGH = 200
"""Requests of each kind, so that the slowest of 100 is not the slowest of all: that one says how busy the machine was."""


def feed_of(web: Web) -> str:
    return f"/ws/board?session={web.session}&token={web.tokens['overlay']}"


def overlay_of(web: Web) -> str:
    return f"/ws/overlay?layout=parts&theme=wall&session={web.session}&token={web.tokens['overlay']}"


PATHS = pytest.mark.parametrize("path", [feed_of, overlay_of], ids=["feed", "overlay"])


class Visitor(threading.Thread):
    """Asks over HTTP all the while, as a viewer and a shop would: `/healthz` on a new connection each, and an order."""

    def __init__(self, web: Web) -> None:
        super().__init__(daemon=True)
        self._web = web
        self._enough = threading.Event()
        self.seconds: dict[str, list[float]] = {"GET": [], "POST": []}
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            number = 0
            while not self._enough.is_set():
                number += 1
                self._ask("GET", "/healthz", None)
                lines = [{"sku": "A", "quantity": 1}]
                order = {"type": "order.reserve", "order": f"visitor-{id(self)}-{number}", "lines": lines}
                self._ask("POST", f"/api/v1/sessions/{self._web.session}/commands", json.dumps(order))
        except BaseException as error:
            self.failure = error

    def _ask(self, method: str, path: str, body: str | None) -> None:
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self._web.port, timeout=20)
        try:
            headers = {"Authorization": f"Bearer {self._web.tokens['operator']}", "Content-Type": "application/json"}
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, (method, path, answer.status)
        finally:
            connection.close()
        self.seconds[method].append(time.monotonic() - began)

    @property
    def asked(self) -> int:
        return len(self.seconds["POST"])

    def p99(self, method: str) -> float:
        """Seconds that 99 of 100 requests took at most."""
        taken = sorted(self.seconds[method])
        return taken[int(len(taken) * 0.99)]

    def end(self) -> None:
        self._enough.set()
        self.join()


def pace_of(web: Web) -> float:
    """Seconds that a request takes now, while nothing else goes on in the process."""
    visitor = Visitor(web)
    visitor.start()
    until(lambda: visitor.failure or visitor.asked >= 15, "15 orders are answered")
    visitor.end()
    assert visitor.failure is None, visitor.failure
    return median(visitor.seconds["GET"] + visitor.seconds["POST"])


@contextmanager
def visiting(web: Web, pace: float) -> Iterator[Visitor]:
    """A visitor for the length of the block; afterwards everything it asked must have been answered soon."""
    visitor = Visitor(web)
    visitor.start()
    try:
        yield visitor
    finally:
        visitor.end()
    assert visitor.failure is None, visitor.failure
    for method in visitor.seconds:
        print(f"{method}: {visitor.asked} asked, p99 {visitor.p99(method) * 1000:.1f} ms, idle {pace * 1000:.1f} ms")
        assert visitor.p99(method) < RESPONSIVE_SECONDS + RESPONSIVE_TIMES * pace, visitor.seconds[method]


def change_everything(web: Web, round: int | str, items: int) -> int:
    """One unit less of every item; the last seq of it."""
    orders = [
        {"type": "order.reserve", "order": f"{round}-{place}", "lines": [{"sku": sku_of(place), "quantity": 1}]}
        for place in range(items)
    ]
    answer = web.send(orders)
    assert answer.status == 200, answer.body
    seq: int = answer.json[-1]["seq"]
    return seq


def sku_of(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else f"SKU-{place}"


def memory_of(web: Web) -> int:
    """Bytes of the web process that are in memory."""
    status = Path(f"/proc/{web.process.pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) * 1024


def number_of(web: Web, name: str) -> int:
    """A value of `/metrics`."""
    lines = web.get("/metrics").body.decode().splitlines()
    return int(float(next(line.split()[-1] for line in lines if line.startswith(name + " "))))


@PATHS
def test_slow_and_stalled_readers_hold_up_nobody(
    start_web: StartWeb, store: StoreServer, ledger: str, path: Callable[[Web], str]
) -> None:
    items = 300
    web = start_web(store, ledger, items=items, units=1_000_000)
    pace = pace_of(web)
    with ExitStack() as stack:
        slow = [stack.enter_context(raw(web.port, path(web), receive_buffer=4096)) for _ in range(10)]
        stalled = [stack.enter_context(raw(web.port, path(web), receive_buffer=4096)) for _ in range(10)]
        quick = stack.enter_context(raw(web.port, path(web)))
        with visiting(web, pace) as visitor:
            round = 0
            while visitor.failure is None and (
                visitor.asked < ENOUGH or number_of(web, "overlaykit_sockets_cut_total") < len(stalled)
            ):
                round += 1
                seq = change_everything(web, round, items)
                while last_seq(quick) < seq:
                    assert quick.take(65_536) or not quick.ended
                for reader in slow:
                    reader.take(7)
        assert not quick.ended
        for reader in slow:
            assert in_order(reader)


def last_seq(reader: RawSocket) -> int:
    for opcode, payload in reversed(reader.frames.whole):
        if opcode == TEXT and "seq" in (message := json.loads(payload)):
            return int(message["seq"])
    return -1


def in_order(reader: RawSocket) -> bool:
    """Whether the seqs that came never went back."""
    seqs = [message["seq"] for message in reader.frames.messages if "seq" in message]
    return seqs == sorted(seqs)


@PATHS
def test_pongs_and_the_goodbye_come_whole_between_frames(
    start_web: StartWeb, store: StoreServer, ledger: str, path: Callable[[Web], str]
) -> None:
    """A reader of small bites that pings all the while, on a socket that is full, until its token is revoked."""
    items = 300
    web = start_web(store, ledger, items=items, units=1_000_000)
    name = f"reader-{ledger}"
    address = path(web).replace(web.tokens["overlay"], Tokens(web.client).create("overlay", name))
    with raw(web.port, address, receive_buffer=4096) as reader:
        sent: list[bytes] = []
        for round in range(30):
            change_everything(web, round, items)
            for bite in (1, 2, 3, 5, 100, 1000, 5000):
                sent.append(f"{round}-{bite}".encode())
                reader.ping(sent[-1])
                for _ in range(50):
                    reader.take(bite)
        last = change_everything(web, "last", items)
        while last_seq(reader) < last or len(reader.frames.of(PONG)) < len(sent):
            assert reader.take(1500) or not reader.ended, "it was cut, though it read all the while"
        assert reader.frames.of(PONG) == sent
        Tokens(web.client).revoke(name)
        change_everything(web, "after", items)
        reader.drain()
        assert [int.from_bytes(payload[:2], "big") for payload in reader.frames.of(CLOSE)] == [1008]
        assert reader.frames.rest == b""
        assert in_order(reader)


@PATHS
def test_who_asks_and_never_reads_costs_no_memory(
    start_web: StartWeb, store: StoreServer, ledger: str, path: Callable[[Web], str]
) -> None:
    items = 1000
    web = start_web(store, ledger, items=items, units=1_000_000)
    with raw(web.port, path(web)) as warm:
        for round in range(3):
            change_everything(web, f"warm-{round}", items)
        warm.take(1)
    until(lambda: number_of(web, "overlaykit_sockets") == 0, "the first reader has gone")
    before = memory_of(web)
    most = 0
    with ExitStack() as stack:
        readers = [stack.enter_context(raw(web.port, path(web), receive_buffer=4096)) for _ in range(5)]
        round = 0
        while number_of(web, "overlaykit_sockets_cut_total") < len(readers):
            round += 1
            change_everything(web, round, items)
            for reader in readers:
                for number in range(20):
                    try:
                        reader.say({"type": "sync"})
                        reader.say({"type": "ping", "t": number})
                    except OSError:  # it has been cut, as it should be
                        break
            most = max(most, memory_of(web) - before)
    print(f"{round} rounds, {most / 1e6:.1f} MB more at most")
    assert most < 25e6


@pytest.mark.parametrize("said", [{"type": "ping", "t": 1}, "nothing known", None], ids=["pings", "nonsense", "frames"])
def test_clients_that_talk_without_end_hold_up_nobody(
    start_web: StartWeb, store: StoreServer, ledger: str, said: object
) -> None:
    web = start_web(store, ledger, units=1_000_000)
    pace = pace_of(web)
    enough = threading.Event()

    def talk(reader: RawSocket) -> None:
        while not enough.is_set() and not reader.ended:
            try:
                for _ in range(200):
                    reader.ping(b"and?") if said is None else reader.say(said)
            except OSError:  # it was cut
                return
            while reader.take(65_536):
                pass
            reader.frames.whole.clear()

    with ExitStack() as stack:
        readers = [stack.enter_context(raw(web.port, path(web))) for path in (feed_of, overlay_of) for _ in range(2)]
        talkers = [threading.Thread(target=talk, args=(reader,), daemon=True) for reader in readers]
        with visiting(web, pace) as visitor:
            for each in talkers:
                each.start()
            until(lambda: visitor.failure or visitor.asked >= ENOUGH, f"{ENOUGH} orders are answered", 120)
        enough.set()
        for each in talkers:
            each.join()


def test_two_thousand_idle_sockets_are_no_burden_and_hear_when_the_process_goes(
    start_web: StartWeb, store: StoreServer, ledger: str
) -> None:
    number = 2000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 3 * number:
        absent("room for 6,000 open files", "ulimit -Hn 65536")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 3 * number), hard))
    web = start_web(store, ledger, units=1_000_000)
    pace = pace_of(web)
    before = memory_of(web)
    with ExitStack() as stack:
        readers = []
        for place in range(number):
            path = feed_of(web) if place % 2 else overlay_of(web)
            readers.append(stack.enter_context(raw(web.port, path)))
        assert number_of(web, "overlaykit_sockets") == number
        print(f"{(memory_of(web) - before) / number / 1e3:.1f} kB a socket")
        with visiting(web, pace) as visitor:
            while visitor.failure is None and visitor.asked < ENOUGH:
                for reader in readers:  # a page's browser reads, and answers the server's pings
                    reader.take(65_536)
                time.sleep(0.5)
        seq = change_everything(web, "last", 2)
        for reader in readers:
            while last_seq(reader) < seq:
                assert reader.take(65_536) or not reader.ended
        began = time.monotonic()
        web.process.terminate()
        assert web.process.wait(20) == 0
        print(f"{time.monotonic() - began:.1f} s to leave {number} sockets")
        for reader in readers:
            reader.drain()
            assert [int.from_bytes(payload[:2], "big") for payload in reader.frames.of(CLOSE)] == [1001]
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_process_of_few_files_serves_as_many_as_it_can_and_says_no_to_the_rest(
    start_web: StartWeb, store: StoreServer, ledger: str
) -> None:
    """Sockets are refused in words; idle connections give way to new ones."""
    web = start_web(store, ledger, ulimit=256)
    pace = pace_of(web)
    opened: list[RawSocket] = []
    refusals: list[int] = []

    def knock(place: int) -> None:
        try:
            opened.append(open_raw(web.port, feed_of(web) if place % 2 else overlay_of(web)))
        except Refused as refused:
            refusals.append(json.loads(refused.body)["status"])

    lingering: list[http.client.HTTPConnection] = []
    try:
        for _ in range(250):  # browsers keep their connections for the next request
            lingering.append(http.client.HTTPConnection("127.0.0.1", web.port, timeout=20))
            lingering[-1].request("GET", "/healthz")
            assert lingering[-1].getresponse().read()
        with ThreadPoolExecutor(40) as crowd:
            list(crowd.map(knock, range(400)))
        said = Counter(refusals)
        assert set(said) == {503}, said
        assert len(opened) + said[503] == 400
        assert len(opened) >= 100
        with visiting(web, pace) as visitor:
            until(lambda: visitor.failure or visitor.asked >= ENOUGH, f"{ENOUGH} orders are answered", 120)
        assert web.get("/overlay/number?session=" + ledger).status == 200
        seq = change_everything(web, "last", 2)
        for reader in opened:
            while last_seq(reader) < seq:
                assert reader.take(65_536) or not reader.ended
        assert "Too many open files" not in web.log.read_text(encoding="utf-8")
    finally:
        for connection in lingering:
            connection.close()
        for reader in opened:
            reader.close()
    until(lambda: number_of(web, "overlaykit_sockets") == 0, "they are gone", 20)
    with raw(web.port, overlay_of(web)) as reader:
        reader.take_until("frame")
