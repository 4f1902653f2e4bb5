"""Overlays in browser sources: which of them are silent, when they are loaded anew, and what is said of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, TypeVar

import pytest

from overlaykit.director.overlays import OverlayWatch, server_answers
from overlaykit.errors import ObsRefused
from overlaykit.model.notes import ActionDone, Noted, ObsActed, ObsState
from overlaykit.store import OverlayPage, OverlayReport, overlay_query
from overlaykit.store.overlays import NOTE_HOLDS
from overlaykit.words import words_in

T = TypeVar("T")
NOW_MS = 1_900_000_000_000
BAR = "http://studio:8000/overlay/bar?token=abc&session=room&link=3"


class FakeObs:
    """An OBS with browser sources: name → settings."""

    def __init__(self, **sources: Mapping[str, Any]) -> None:
        self.sources = sources
        self.status = ObsState(connected=True)
        self.loaded: list[str] = []
        self.shown: set[str] = set()
        self.refuses = False

    async def within(self, deadline: float, what: Callable[[Any], Awaitable[T]]) -> T:
        return await what(self)

    def handle(self, deadline: float) -> Any:
        return self

    async def refresh(self, source: str) -> str:
        if self.refuses:
            raise ObsRefused("no such property", "没有这个属性", code=600)
        self.loaded.append(source)
        return source

    async def ask(self, name: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        match name:
            case "GetInputList":
                assert data == {"inputKind": "browser_source"}
                return {"inputs": [{"inputName": each} for each in self.sources]}
            case "GetInputSettings":
                return {"inputSettings": self.sources[data["inputName"]]}
            case "GetSourceActive":
                return {"videoActive": False, "videoShowing": data["sourceName"] in self.shown}
        raise AssertionError(name)


class Studio:
    """A room with one OBS, and the watch over its overlays; `pass_time` looks every three seconds."""

    def __init__(self, **sources: Mapping[str, Any]) -> None:
        self.obs = FakeObs(**sources)
        self.instances = {"main": self.obs}
        self.pages: dict[str, OverlayReport] = {}
        self.current = True
        self.serving = True
        self.now = 1000.0
        self.said: list[Noted] = []
        self.watch = OverlayWatch(
            "room",
            pages=self._list,
            obs=self.instances,
            is_current=self._is_current,
            serves=self._serves,
            note=self.said.extend,
            log=logging.getLogger("test"),
            clock=lambda: self.now,
        )

    def open(self, page: str, layout: str = "bar", *, obs: bool = True, silent_ms: int = 0, **given: Any) -> None:
        """A page that answers, or does not. `given`: the parameters of its address."""
        query = overlay_query(layout, given.items())
        self.pages[page] = OverlayReport(layout=layout, query=query, obs=obs, open_ms=60_000, silent_ms=silent_ms)

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += 3
            asyncio.run(self.watch.look())

    @property
    def acted(self) -> list[ObsActed]:
        return [each.note for each in self.said if isinstance(each.note, ObsActed)]

    async def _list(self) -> Sequence[OverlayPage]:
        return [OverlayPage(name, report, NOW_MS, NOW_MS + NOTE_HOLDS) for name, report in self.pages.items()]

    async def _is_current(self) -> bool:
        return self.current

    async def _serves(self, url: str) -> bool:
        return self.serving


@pytest.fixture
def studio() -> Studio:
    """Its source shows a page that answers."""
    studio = Studio(进度条={"url": BAR, "width": 1080, "height": 1920})
    studio.open("p1", session="room", link="3")
    return studio


def test_a_page_that_answers_is_left_alone(studio: Studio) -> None:
    studio.pass_time(600)
    assert studio.obs.loaded == []
    assert studio.said == []


@pytest.mark.parametrize("end", ["late", "closed"])
def test_a_silent_page_is_loaded_anew_and_that_is_said(studio: Studio, end: str) -> None:
    studio.pass_time(30)
    if end == "late":
        studio.open("p1", silent_ms=4000, session="room", link="3")
    else:
        studio.pages.clear()
    studio.pass_time(9)
    assert studio.obs.loaded == [], "a web process may be starting again"
    studio.pass_time(6)
    assert studio.obs.loaded == ["进度条"]
    [acted] = studio.acted
    assert (acted.action, acted.target, acted.status, acted.firing) == ("overlay.refresh", "main", "done", None)
    assert words_in(acted.detail) == ("进度条: silent for 12 s, loaded anew", "进度条：页面 12 秒没有回应，已重新加载")


def test_a_page_that_was_never_loaded_is(studio: Studio) -> None:
    studio.pages.clear()
    studio.pass_time(15)
    assert studio.obs.loaded == ["进度条"]


def test_it_is_tried_again_after_30_s_and_then_less_and_less_often_until_the_page_answers(studio: Studio) -> None:
    studio.pages.clear()
    studio.pass_time(40)
    assert len(studio.obs.loaded) == 1
    studio.pass_time(6)
    assert len(studio.obs.loaded) == 2
    studio.pass_time(54)
    assert len(studio.obs.loaded) == 2
    studio.pass_time(3600)
    assert 6 <= len(studio.obs.loaded) <= 10
    assert len({each.id for each in studio.said}) == len(studio.said)
    studio.open("p2", session="room", link="3")
    studio.pass_time(3)
    studio.pages.clear()
    before = len(studio.obs.loaded)
    studio.pass_time(15)
    assert len(studio.obs.loaded) == before + 1, "it had come back: this is another silence"


def test_nothing_is_loaded_while_its_server_is_away(studio: Studio) -> None:
    studio.pages.clear()
    studio.serving = False
    studio.pass_time(300)
    assert studio.obs.loaded == [], "the last good picture would be lost for a page that cannot be loaded"
    studio.serving = True
    studio.pass_time(3)
    assert studio.obs.loaded == ["进度条"]


def test_an_open_browser_does_not_answer_for_obs_once_obs_has(studio: Studio) -> None:
    studio.pass_time(6)
    studio.pages.clear()
    studio.open("laptop", obs=False, session="room", link="3")
    studio.pass_time(15)
    assert studio.obs.loaded == ["进度条"]


def test_where_no_page_says_that_obs_shows_it_any_page_that_answers_is_believed(studio: Studio) -> None:
    studio.pages.clear()
    studio.open("p1", obs=False, session="room", link="3")
    studio.pass_time(60)
    assert studio.obs.loaded == []


def test_a_source_that_rests_while_it_is_not_shown_is_not_silent() -> None:
    studio = Studio(条={"url": BAR, "shutdown": True})
    studio.pass_time(60)
    assert studio.obs.loaded == []
    studio.obs.shown.add("条")
    studio.pass_time(3)
    assert studio.obs.loaded == ["条"]


def test_addresses_are_compared_without_their_tokens_and_as_the_server_reads_them() -> None:
    studio = Studio(
        a={"url": "http://studio:8000/overlay/bar?token=one&theme=neon&option.accent=%23e4002b&link=03"},
        b={"url": "https://studio/room/overlay/number?session=current&sku=%E5%A4%A7%E8%A1%A3&token=two"},
    )
    accent: dict[str, Any] = {"option.accent": "#e4002b"}
    studio.open("p1", "bar", link="3", theme="neon", **accent)
    studio.open("p2", "number", sku="大衣")
    studio.pass_time(60)
    assert studio.obs.loaded == []
    studio.open("p1", "bar", link="3", theme="paper")
    studio.pass_time(15)
    assert studio.obs.loaded == ["a"]


def test_other_pages_and_other_sessions_are_not_ours() -> None:
    studio = Studio(
        a={"url": "https://example.org/chat"},
        b={"url": BAR.replace("session=room", "session=other")},
        c={"url": "file:///overlay/bar"},
        d={"url": "http://[studio/overlay/bar"},
        e={"local_file": "/home/me/page.html"},
        f={"url": BAR.replace("session=room&", "")},
    )
    studio.current = False
    studio.pass_time(60)
    assert studio.obs.loaded == []
    studio.current = True
    studio.pass_time(15)
    assert studio.obs.loaded == ["f"], "without a session it is of the current one"


def test_a_director_that_leads_no_more_in_the_middle_of_a_look_ends_it_in_peace(studio: Studio) -> None:
    studio.obs.sources["歇着"] = {"url": BAR.replace("link=3", "link=4"), "shutdown": True}
    studio.obs.shown.add("歇着")
    studio.pass_time(9)

    async def another_leads(url: str) -> bool:
        studio.instances.clear()
        return True

    studio.watch._serves = another_leads
    studio.pages.clear()
    studio.pass_time(12)
    assert studio.obs.loaded == ["歇着"]


def test_what_obs_refuses_is_said(studio: Studio) -> None:
    studio.pages.clear()
    studio.obs.refuses = True
    studio.pass_time(15)
    [acted] = studio.acted
    assert acted.status == "failed"
    assert words_in(acted.detail) == ("进度条: no such property", "进度条：没有这个属性")


def test_by_hand_one_page_or_all_at_once(studio: Studio) -> None:
    studio.obs.sources["数字"] = {"url": "http://studio:8000/overlay/number"}
    studio.open("p2", "number")
    asyncio.run(studio.watch.refresh("p2", 17))
    assert studio.obs.loaded == ["数字"]
    asyncio.run(studio.watch.refresh(None, 18))
    assert studio.obs.loaded == ["数字", "进度条", "数字"]
    assert [(each.cause, each.note.firing) for each in studio.said if isinstance(each.note, ObsActed)] == [
        (17, 17),
        (18, 18),
        (18, 18),
    ]
    assert len({each.id for each in studio.said}) == 3


def test_what_the_ledger_asks_for_is_done_while_this_director_leads(studio: Studio) -> None:
    def line(seq: int, **said: str) -> bytes:
        return json.dumps(
            {"seq": seq, "at": "", "type": "overlay.refresh", "data": said, "outcome": {"status": "accepted"}},
            separators=(",", ":"),
        ).encode()

    async def lead(leads: bool, seconds: float) -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(studio.watch.run(stop, lambda: leads))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not studio.said:
                    await asyncio.sleep(0.01)
        stop.set()
        await running

    studio.watch.take(line(20))
    asyncio.run(lead(False, 0.3))
    assert studio.obs.loaded == [], "the one that leads does it"
    studio.watch.take(line(21, page="p1"))
    studio.watch.take(b'{"seq":22,"at":"","type":"item.feature","data":{},"outcome":{"status":"accepted"}}')
    asyncio.run(lead(True, 5.0))
    assert studio.obs.loaded == ["进度条"]
    assert [each.cause for each in studio.said] == [21]


def test_by_hand_a_page_that_no_obs_shows_is_said_to_be_none(studio: Studio) -> None:
    asyncio.run(studio.watch.refresh("gone", 17))
    [noted] = studio.said
    assert isinstance(noted.note, ActionDone)
    assert (noted.note.status, noted.note.firing) == ("failed", 17)


def test_a_server_answers_or_does_not() -> None:
    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/room/healthz" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Health)
    thread = Thread(target=server.serve_forever)
    thread.start()
    root = f"http://127.0.0.1:{server.server_port}"
    try:
        assert asyncio.run(server_answers(f"{root}/room/overlay/bar?token=x"))
        assert not asyncio.run(server_answers(f"{root}/elsewhere/overlay/bar"))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert not asyncio.run(server_answers(f"{root}/room/overlay/bar"))
