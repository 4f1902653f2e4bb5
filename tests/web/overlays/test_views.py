"""Open views: rendered once, sent to all, only when the markup changed, and never faster than they should."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from time import thread_time
from typing import Any, cast

import gevent
import pytest
from gevent.lock import BoundedSemaphore
from msgspec import structs

from overlaykit.board import Look
from overlaykit.board.types import Board, SessionHead
from overlaykit.model.plugins import Theme
from overlaykit.theming import Formats, Picture, load_theme, open_picture
from overlaykit.theming.sandbox import budget
from overlaykit.web.http.sockets import Socket
from overlaykit.web.http.times import server_time
from overlaykit.web.overlays import views
from overlaykit.web.overlays.query import OverlayQuery
from overlaykit.web.overlays.view import View
from overlaykit.web.overlays.views import RoomViews
from overlaykit.web.rooms import Room
from tests.conftest import REPOSITORY
from tests.theming.conftest import COAT
from tests.web.raw_sockets import said_in

MANIFEST = 'id = "t"\nname = "T"\nversion = "1"\n[layouts.page]\ntemplate = "page.html"\n'
QUERY = OverlayQuery(layout="page")


class FakeRoom:
    """A room whose board is set by hand."""

    def __init__(self, board: Any) -> None:
        self.session = "s"
        self.stale = False
        self.line = "s/1"
        self.shown = board
        self.watchers: list[Callable[[], None]] = []
        self.built = 0
        self.look = Look("t", {})

    @property
    def fold(self) -> FakeRoom:
        return self

    @property
    def seq(self) -> int:
        return int(self.shown.seq)

    def view(self, channel: str | None = None, region: str | None = None) -> FakeRoom:
        return self

    def board(self) -> Any:
        self.built += 1
        return self.shown

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        self.watchers.append(callback)
        return lambda: self.watchers.remove(callback)

    def change(self, board: Any) -> None:
        self.shown = board
        for watcher in self.watchers:
            watcher()


class FakeSocket:
    """What was sent to a page: frames as they went over the wire."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.messages: list[dict[str, Any]] = []
        self.idle = True
        self.catch_up: Callable[[], None] = lambda: None

    def on_idle(self, callback: Callable[[], None]) -> None:
        self.catch_up = callback

    def take(self) -> None:
        """The page has taken everything sent so far."""
        self.idle = True
        self.catch_up()

    def send_frame(self, frame: bytes, *, key: object = None) -> None:
        self.frames.append(frame)
        self.messages.append(said_in(frame))

    def send(self, message: bytes, *, key: object = None) -> None:
        self.messages.append(json.loads(message))

    def html(self) -> list[str]:
        return [message["html"] for message in self.messages if message["type"] == "frame"]


def board(seq: int, available: int, **fields: Any) -> Board:
    """A board with the coat on air."""
    item = structs.replace(COAT, available=available, **fields)
    return Board(
        session=SessionHead(id="s", title="测试场", status="live", locale="zh-CN", currency="CNY"),
        seq=seq,
        on_air="coat",
        on_air_product=None,
        items={"coat": item},
        products={},
        order=["coat"],
        countdowns={},
        announcements=[],
    )


@pytest.fixture
def picture(tmp_path: Path) -> Picture:
    """Shows what is left; fails on item 13."""
    (tmp_path / "theme.toml").write_text(MANIFEST, encoding="utf-8")
    (tmp_path / "page.html").write_text(
        "<b>{{ item.available if item.available != 13 else item.nothing }}</b>", encoding="utf-8"
    )
    theme = load_theme(Theme(name="t", folder=tmp_path))
    return open_picture(theme, "page", formats=Formats("zh-CN", "UTC", "CNY"), options={})


class Stage:
    """A room's views, and what pages of them get."""

    def __init__(self, picture: Picture) -> None:
        self.room = FakeRoom(board(1, 100))
        self.looks_changed: list[Room] = []
        self.views = RoomViews(cast(Room, self.room), lambda: len(self.views.views), self.looks_changed.append)
        self.picture = picture

    def open(self, query: OverlayQuery = QUERY) -> tuple[View, FakeSocket]:
        socket = FakeSocket()
        view = self.views.open(query, self.picture, "build")
        view.greet(cast(Socket, socket))
        return view, socket


@pytest.fixture
def stage(picture: Picture) -> Stage:
    return Stage(picture)


def settle() -> None:
    """Lets the views do what is due now."""
    for _ in range(5):
        gevent.sleep(0)


def test_a_page_is_greeted_with_its_build_and_the_present_frame(stage: Stage) -> None:
    _, socket = stage.open()

    assert [message["type"] for message in socket.messages] == ["hello", "frame"]
    frame = socket.messages[1]
    assert frame.pop("at") <= server_time()
    assert frame == {"type": "frame", "line": "s/1", "seq": 1, "html": "<b>100</b>"}


def test_pages_that_ask_for_the_same_share_one_view_and_one_frame(stage: Stage) -> None:
    first, one = stage.open()
    second, other = stage.open()
    settle()
    stage.room.built = 0

    stage.room.change(board(2, 99))
    settle()

    assert first is second
    assert stage.room.built == 1
    assert one.frames[-1] is other.frames[-1]
    assert one.html() == ["<b>100</b>", "<b>99</b>"]


def test_markup_that_did_not_change_is_not_sent(stage: Stage) -> None:
    view, socket = stage.open()
    settle()

    stage.room.change(board(2, 100, held=5))
    settle()

    assert socket.html() == ["<b>100</b>"]
    assert view.seq == 2


def test_the_first_change_goes_at_once_and_the_next_wait_and_are_merged(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0  # however busy the machine is, all changes come within one rest
    monkeypatch.setattr(views, "monotonic", lambda: now)
    _, socket = stage.open()
    settle()
    for seq in range(2, 50):
        stage.room.change(board(seq, 100 - seq))
        settle()
    assert socket.html() == ["<b>100</b>", "<b>98</b>"]

    now += 60
    with gevent.Timeout(2):
        while len(socket.html()) < 3:
            gevent.sleep(0.001)
    assert socket.html()[2:] == ["<b>51</b>"]


def test_a_template_that_fails_leaves_the_last_frame_and_says_so_once(stage: Stage) -> None:
    view, socket = stage.open()
    settle()
    for seq in (2, 3):
        stage.room.change(board(seq, 13))
        view.rests_until = 0
        settle()
    assert socket.html() == ["<b>100</b>"]
    assert ["BoardItem has no field 'nothing'" in str(m.get("message")) for m in socket.messages[2:]] == [True]

    stage.room.change(board(4, 100))
    view.rests_until = 0
    settle()
    assert socket.messages[-1] == {"type": "error", "message": None}


def test_another_line_of_the_ledger_is_told_even_when_the_markup_is_the_same(stage: Stage) -> None:
    _, socket = stage.open()
    settle()
    stage.room.line = "s/2"

    stage.room.change(board(1, 100))
    settle()

    assert [message["line"] for message in socket.messages if message["type"] == "frame"] == ["s/1", "s/2"]


def test_pages_hear_at_once_that_the_store_is_away(stage: Stage) -> None:
    _, socket = stage.open()
    settle()
    stage.room.stale = True

    stage.room.change(stage.room.shown)
    settle()

    assert socket.messages[-1]["type"] == "tick"
    assert socket.messages[-1]["stale"] is True


def test_a_view_nobody_looks_at_is_closed_and_the_room_is_left(stage: Stage) -> None:
    view, one = stage.open()
    _, other = stage.open()
    settle()

    stage.views.leave(view, cast(Socket, one))
    assert stage.room.watchers
    stage.views.leave(view, cast(Socket, other))
    settle()

    assert stage.room.watchers == []
    assert stage.views.views == {}


def test_a_view_closed_and_opened_in_one_breath_is_followed_once(stage: Stage) -> None:
    view, one = stage.open()
    settle()
    stage.views.leave(view, cast(Socket, one))
    _, other = stage.open()
    settle()

    stage.room.change(board(2, 99))
    settle()

    assert other.html() == ["<b>100</b>", "<b>99</b>"]


# ------------------------------------------------------------------------------------------- renderings that take long


@pytest.fixture
def wall() -> Stage:
    """A room of 1,000 items, and the wall of all of them."""
    theme = load_theme(Theme(name="heatwall", folder=REPOSITORY / "themes" / "heatwall"))
    formats = Formats("zh-CN", "UTC", "CNY")
    stage = Stage(open_picture(theme, "wall", formats=formats, options=theme.options(), alone=BoundedSemaphore()))
    stage.room.shown = crowd(1, 100)
    return stage


def crowd(seq: int, available: int) -> Board:
    items = {
        f"sku-{number}": structs.replace(COAT, sku=f"sku-{number}", link=number, on_air=False, available=available)
        for number in range(1, 1001)
    }
    return structs.replace(board(seq, available), items=items, order=list(items), on_air=None)


def test_a_wall_of_many_items_lets_others_run_while_it_is_rendered(wall: Stage) -> None:
    wall.open(OverlayQuery(layout="page", channel="mini"))  # what is loaded once for all renderings is there
    gc.collect()  # and what other tests have left is not collected meanwhile
    beats = [thread_time()]

    def beat() -> None:
        while True:
            beats.append(thread_time())
            gevent.sleep(0)

    heart = gevent.spawn(beat)
    gevent.sleep(0)
    began = thread_time()
    view, _ = wall.open()
    took = thread_time() - began
    heart.kill()
    longest = max(later - sooner for sooner, later in pairwise([*beats, thread_time()]))
    assert view.markup.count('class="cell') >= 1000
    assert longest < took / 4, f"{longest * 1000:.1f} of {took * 1000:.1f} ms without a beat"


def test_pages_that_open_one_wall_at_once_share_it_and_miss_nothing(wall: Stage) -> None:
    mini = OverlayQuery(layout="page", channel="mini")
    opening = [gevent.spawn(wall.open, query) for query in (QUERY, QUERY, mini)]
    gevent.sleep(0)
    assert wall.views.views == {}, "they are being rendered"
    assert wall.views.in_use
    wall.room.change(crowd(2, 7))
    gevent.joinall(opening, raise_error=True)
    (one, first), (same, second), (other, third) = (each.value for each in opening)
    assert one is same is not other
    with gevent.Timeout(20):
        while min(view.seq for view in wall.views.views.values()) < 2:
            gevent.sleep(0.001)
    assert other.markup == one.markup
    assert [socket.messages[-1]["seq"] for socket in (first, second, third)] == [2, 2, 2]


def test_what_others_do_meanwhile_is_no_cost_of_the_picture(wall: Stage) -> None:
    spent: list[float] = []

    def work() -> None:
        while sum(spent) < 1.5 * budget.MAX_SECONDS:
            began = thread_time()
            while thread_time() < began + 0.03:
                pass
            spent.append(thread_time() - began)
            gevent.sleep(0)

    gevent.spawn(work)
    view, _ = wall.open()
    assert sum(spent) > budget.MAX_SECONDS, "more than a picture may take"
    assert (view.error, view.seq) == (None, 1)
