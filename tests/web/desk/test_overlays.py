"""What open pages say of themselves reaches whoever asks, in whichever process; what they say wrongly reaches nobody."""

from __future__ import annotations

import json
import re
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import websocket

from overlaykit.stock import overlays_key
from overlaykit.store import list_overlays
from tests.conftest import StoreServer, until
from tests.web.conftest import Web

WITHIN = 10.0


class Overlay:
    """A page as the server sees it: a socket, and what is said over it."""

    def __init__(self, connection: websocket.WebSocket, page: str) -> None:
        self._connection = connection
        self.page = page
        self.line = ""
        self.seq = 0

    def take_frame(self) -> None:
        """Takes messages until something is to be painted."""
        while True:
            message = json.loads(self._connection.recv())
            if message["type"] in ("frame", "parts"):
                self.line, self.seq = message["line"], message["seq"]
                return

    def take_error(self) -> str:
        while True:
            message = json.loads(self._connection.recv())
            if message["type"] == "error":
                return str(message["message"])

    def ping(self) -> None:
        """Comes back when everything said before was taken."""
        self._connection.send('{"type":"ping","t":1}')
        while json.loads(self._connection.recv())["type"] != "pong":
            pass

    def say(self, **said: object) -> None:
        """Says that it is alive, and shows what it has taken."""
        report: dict[str, object] = {
            "type": "alive",
            "page": self.page,
            "seq": self.seq,
            "line": self.line,
            "width": 1080,
            "height": 1920,
            "visible": True,
            "fps": 60,
            "dropped": 0,
            "long_tasks": 0,
            "shift": 0,
            "lag_ms": None,
        }
        self._connection.send(json.dumps({**report, **said}))


@contextmanager
def overlay(web: Web, query: str = "&sku=A") -> Iterator[Overlay]:
    address = f"ws://127.0.0.1:{web.port}/ws/overlay?layout=number&session={web.session}&token={web.tokens['overlay']}"
    with closing(websocket.create_connection(address + query, timeout=10, suppress_origin=True)) as connection:
        yield Overlay(connection, secrets.token_hex(8))


def listed(web: Web, page: Overlay) -> dict[str, Any] | None:
    answer = web.get(f"/api/v1/sessions/{web.session}/overlays", scope="viewer")
    assert answer.status == 200, answer.body
    return next((each for each in answer.json["overlays"] if each["page"] == page.page), None)


def gauge(web: Web, name: str) -> float | None:
    """What Prometheus is told."""
    text = web.get("/metrics", scope="viewer").body.decode()
    found = re.search(rf'^{name}{{session="{web.session}"}} (\S+)$', text, re.M)
    return float(found[1]) if found else None


def until_listed(web: Web, page: Overlay, what: str, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = listed(web, page)
        return found if found is not None and condition(found) else None

    return until(look, what, WITHIN)


def test_a_page_is_listed_with_what_it_asks_for_and_how_it_does(web: Web) -> None:
    with overlay(web, "&sku=A&region=US") as page:
        page.take_frame()
        page.say(fps=59, dropped=1, long_tasks=2, shift=0.25, lag_ms=17)
        found = until_listed(web, page, "the page", lambda found: found["fps"] == 59)
    assert found["state"] == "live"
    expected: dict[str, object] = {
        "layout": "number",
        "theme": "classic",
        "query": f"number?region=US&session={web.session}&sku=A",
        "obs": False,
        "sku": "A",
        "link": None,
        "region": "US",
        "width": 1080,
        "height": 1920,
        "visible": True,
    }
    expected |= {"seq": page.seq, "behind": 0, "lag_ms": 17, "dropped": 1, "long_tasks": 2, "shift": 0.25}
    assert {name: found[name] for name in expected} == expected
    assert found["error"] is None
    assert found["since"] < found["heard_at"]


def test_a_hidden_page_is_hidden_and_a_page_that_left_is_closed(web: Web) -> None:
    with overlay(web) as page:
        page.take_frame()
        page.say(visible=False)
        until_listed(web, page, "hidden", lambda found: found["state"] == "hidden")
    until_listed(web, page, "closed", lambda found: found["state"] == "closed")
    with overlay(web) as reloaded:
        reloaded.take_frame()
        reloaded.say()
        until(lambda: listed(web, page) is None, "another page of the same address has taken its place", WITHIN)


def test_a_page_that_says_nothing_more_is_late(web: Web) -> None:
    with overlay(web) as page:
        page.take_frame()
        page.say()
        until_listed(web, page, "late", lambda found: found["state"] == "late")
        page.say()
        until_listed(web, page, "live again", lambda found: found["state"] == "live")


def test_a_page_is_behind_what_it_was_sent_a_report_ago(web: Web) -> None:
    with overlay(web) as page:
        page.take_frame()
        page.say()
        until_listed(web, page, "live", lambda found: found["state"] == "live")
        shown = page.seq
        web.reserve("behind-1")
        seq = web.reserve("behind-2").json["seq"]
        while page.seq < seq:
            page.take_frame()
        page.say(seq=shown, fps=30)  # it may have been sent this very moment
        until_listed(web, page, "on its way", lambda found: found["fps"] == 30 and found["behind"] == 0)
        page.say(seq=shown)
        assert until_listed(web, page, "behind", lambda found: found["state"] == "behind")["behind"] == seq - shown
        page.say()
        until_listed(web, page, "it caught up", lambda found: found["state"] == "live")


def test_entries_that_change_nothing_it_shows_do_not_put_a_page_behind(web: Web) -> None:
    with overlay(web) as page:
        page.take_frame()
        page.say()
        shown = page.seq
        seq = web.reserve("other-item", sku="B").json["seq"]
        until(lambda: web.board()["seq"] >= seq, "the room has read it", WITHIN)
        page.say()
        page.say()
        page.say(fps=13)
        found = until_listed(web, page, "its last report", lambda found: bool(found["fps"] == 13))
        assert (found["behind"], found["seq"]) == (0, shown)


def test_a_page_of_a_channel_knows_how_late_its_viewers_see_it(web: Web) -> None:
    def document(more: str) -> str:
        return web.get(f"/overlay/number?session={web.session}&sku=A{more}", scope="overlay").body.decode()

    room, live = document(""), document("&channel=live")
    assert "data-stream-delay" not in room
    assert 'data-stream-delay="8000"' in live
    of_room, of_live = (re.findall(r'data-build="([^"]+)"', page)[0] for page in (room, live))
    assert of_room != of_live, "a page that comes from one to the other is loaded anew"


def test_an_address_that_asks_in_vain_is_an_error_in_words(web: Web) -> None:
    with overlay(web, "&sku=A&theme=nope") as page:
        assert "nope" in page.take_error()
        page.say()
        found = until_listed(web, page, "the error", lambda found: found["state"] == "error")
    assert "nope" in found["error"]
    assert found["theme"] is None


def test_odd_reports_are_left_alone(web: Web) -> None:
    odd: list[dict[str, object]] = [
        {"page": "../../etc"},
        {"page": "x" * 5000},
        {"page": None},
        {"seq": -1},
        {"seq": 1e300},
        {"seq": "9"},
        {"line": "l" * 5000},
        {"visible": 1},
        {"fps": -1},
        {"fps": 10**9},
        {"shift": "0"},
        {"lag_ms": -5},
        {"lag_ms": {"a": 1}},
    ]
    with overlay(web) as page:
        page.take_frame()
        page.say(lag_ms=250)
        for each in odd:
            page.say(**{"lag_ms": 9000, **each})
            page.ping()
            assert gauge(web, "overlaykit_overlay_lag_seconds") == 0.25, each


def test_a_page_has_one_name_for_as_long_as_it_is_connected(web: Web) -> None:
    with overlay(web) as page:
        page.take_frame()
        page.say()
        for number in range(20):
            page.say(page=f"{number:016x}", fps=7)
        page.say(fps=8)
        until_listed(web, page, "its own report", lambda found: found["fps"] == 8)
        overlays = web.get(f"/api/v1/sessions/{web.session}/overlays").json["overlays"]
        assert [each["page"] for each in overlays if each["state"] != "closed"] == [page.page]


def test_other_processes_see_the_same(web: Web, start_second_web: Callable[[Web], Web]) -> None:
    second = start_second_web(web)
    with overlay(web) as page:
        page.take_frame()
        page.say()
        until_listed(second, page, "the page of the first process", lambda found: found["state"] == "live")
        read = {each.id: each for each in list_overlays(web.client, overlays_key(web.session))}[page.page]
        assert (read.state, read.report.layout) == ("live", "number")


def test_pages_of_a_web_process_that_stops_close_by_themselves(
    web: Web, start_second_web: Callable[[Web], Web]
) -> None:
    second = start_second_web(web)
    with overlay(second) as page:
        page.take_frame()
        page.say()
        until_listed(web, page, "the page", lambda found: found["state"] == "live")
        second.process.send_signal(signal.SIGSTOP)
        try:
            until_listed(web, page, "nobody speaks for it", lambda found: found["state"] == "closed")
        finally:
            second.process.send_signal(signal.SIGCONT)
        page.say()
        until_listed(web, page, "it is there again", lambda found: found["state"] == "live")


def test_a_store_that_is_away_holds_up_no_page(
    start_web: Callable[..., Web], new_store: Callable[..., StoreServer], ledger: str
) -> None:
    store = new_store()
    web = start_web(store, ledger)
    with overlay(web) as page:
        page.take_frame()
        page.say()
        until_listed(web, page, "the page", lambda found: found["state"] == "live")
        store.kill()
        page.ping()
        assert web.get("/healthz", scope=None).status == 200
        store.start()
        page.say(fps=44)
        until_listed(web, page, "noted again", lambda found: found["fps"] == 44)


def test_prometheus_counts_them(start_web: Callable[..., Web], store: StoreServer, ledger: str) -> None:
    web = start_web(store, ledger)
    with overlay(web) as one, overlay(web, "&sku=B") as other:
        one.take_frame()
        other.take_frame()
        one.say(lag_ms=250)
        other.say(visible=False, lag_ms=20)
        until(lambda: gauge(web, "overlaykit_overlay_pages_visible") == 1, "one is visible", WITHIN)
        until(lambda: gauge(web, "overlaykit_overlay_lag_seconds") == 0.25, "the worst lag", WITHIN)
        assert gauge(web, "overlaykit_overlay_pages") == 2
    until(lambda: gauge(web, "overlaykit_overlay_pages") is None, "they left", WITHIN)
