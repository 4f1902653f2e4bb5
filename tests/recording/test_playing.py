"""What `--play` sends: the commands of the evening, as new ones."""

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from overlaykit.errors import RecordingError, StoreAway, StoreBehind, StoreError
from overlaykit.model.commands import AnnounceClear, AnnounceShow, CountdownSet, OrderReserve, SessionOpen, Submission
from overlaykit.model.sessions import Channel, Countdown, Drop, Item, Location, Rate, SessionPlan, Threshold
from overlaykit.recording import Play, Shift, opening, play, playable, played_plan
from overlaykit.recording.playing import NOBODYS_SEQ
from overlaykit.stock import StockEngine
from overlaykit.store import connect
from tests.conftest import StoreServer

Entry = Callable[..., bytes]
Recorded = Callable[[list[bytes]], Path]

OPENED = dt.datetime(2026, 11, 11, 12, 0, 10, tzinfo=dt.UTC)
START = dt.datetime(2027, 1, 1, 20, 0, 0, tzinfo=dt.UTC)
PLAN = SessionPlan(
    id="evening",
    ledger="evening",
    title="晚场",
    items=(
        Item(sku="A", title="甲", opening={"default": 90}, low=Threshold(share=0.2), critical=Threshold(share=0.05)),
    ),
    locations=(Location(name="default", title="默认仓"),),
    channels=(Channel(name="mini", title="小程序"),),
)
RESERVE = {"order": "o-1", "buyer": "b:0123456789abcdef", "lines": [{"sku": "A", "quantity": 2}], "hold_seconds": 60}


@pytest.fixture
def evening(entry: Entry) -> list[bytes]:
    """A recorded evening: opened ten seconds after it was planned."""
    entries: list[tuple[str, dict[str, object]]] = [
        ("session.planned", {"source": "api:run", "data": {"id": "evening"}}),
        ("stock.count", {"source": "desk:li", "data": {"sku": "A", "quantity": 90, "basis": "available"}}),
        ("session.open", {"source": "api:run", "at": "2026-11-11T12:00:10.000Z", "data": {}}),
        ("order.reserve", {"at": "2026-11-11T12:00:12.500Z", "data": RESERVE}),
        ("hold.expired", {"source": "clock", "at": "2026-11-11T12:01:12.500Z", "data": {"order": "o-1"}}),
        ("oversold.covered", {"source": "api:shop", "data": {}, "cause": 5}),
        ("item.feature", {"source": "rule:next", "data": {"sku": "A"}}),
        ("countdown.set", {"at": "2026-11-11T12:02:10.000Z", "data": {"name": "c", "ends_at": "2026-11-11T12:10:10Z"}}),
        ("countdown.set", {"at": "2026-11-11T12:02:10.000Z", "data": {"name": "d", "seconds": 30.0}}),
        ("announce.show", {"at": "2026-11-11T12:03:10.000Z", "id": "a-1", "data": {"text": "早", "seconds": 10}}),
        ("announce.clear", {"at": "2026-11-11T12:03:10.000Z", "data": {"announcement": "a-1"}}),
        ("rule.fired", {"source": "rule:next", "data": {"rule": "next", "key": "k"}, "cause": 4}),
        ("obs.changed", {"source": "obs:main", "data": {"obs": "main", "state": {"connected": True}}}),
        ("chat.heard", {"source": "connector:mini", "data": {"channel": "mini", "keyword": "价", "text": "价格"}}),
        ("task.done", {"source": "desk:li", "data": {"task": "confirm-13-0"}}),
        ("session.freeze", {"source": "rule:oversold", "data": {}}),
        ("session.close", {"at": "2026-11-11T12:10:10.000Z", "data": {"reason": "下播"}}),
    ]
    return [entry(seq, type, **fields) for seq, (type, fields) in enumerate(entries, 1)]


@pytest.fixture
def plays(recorded: Recorded, evening: list[bytes]) -> Callable[..., list[Play]]:
    path = recorded(evening)

    def make(speed: float = 1.0, session: str = "evening-play-1") -> list[Play]:
        shift = Shift(base=opening(path), start=START, speed=speed)
        return list(playable(path, session=session, shift=shift))

    return make


def test_commands_go_out_and_what_the_new_session_does_itself_stays_home(plays: Callable[..., list[Play]]) -> None:
    kinds = [one.submission.command.__struct_config__.tag for one in plays()]

    assert kinds == [
        "stock.count",
        "order.reserve",
        "countdown.set",
        "countdown.set",
        "announce.show",
        "announce.clear",
    ]


def test_offsets_count_from_the_opening_and_what_came_before_it_goes_at_once(plays: Callable[..., list[Play]]) -> None:
    assert [one.offset for one in plays()] == [0.0, 2.5, 120.0, 120.0, 180.0, 180.0]
    assert [one.offset for one in plays(speed=10)] == [0.0, 0.25, 12.0, 12.0, 18.0, 18.0]


def test_a_recorded_clock_that_stepped_back_does_not_change_the_order(
    recorded: Recorded, evening: list[bytes], entry: Entry
) -> None:
    order = {"order": "o-1"}
    late = [
        entry(4, "order.commit", at="2026-11-11T12:00:20.000Z", data=order),
        entry(5, "order.release", at="2026-11-11T12:00:15.000Z", data=order),
    ]

    found = playable(recorded([*evening[:3], *late]), session="s", shift=Shift(base=OPENED, start=START))

    assert [one.offset for one in found] == [0.0, 10.0, 10.0]


def test_ids_orders_and_announcements_are_the_new_sessions_own(plays: Callable[..., list[Play]]) -> None:
    reserve, clear = plays()[1].submission, plays()[5].submission

    assert reserve.id == "evening-play-1:c-4"
    assert isinstance(reserve.command, OrderReserve)
    assert reserve.command.order == "evening-play-1:o-1"
    assert isinstance(clear.command, AnnounceClear)
    assert clear.command.announcement == plays()[4].submission.id == "evening-play-1:a-1"
    assert not {one.submission.id for one in plays()} & {one.submission.id for one in plays(session="evening-play-2")}


def test_buyers_and_people_pass_on_as_they_are_and_the_player_stands_for_programs(
    plays: Callable[..., list[Play]],
) -> None:
    count, reserve = plays()[0].submission, plays()[1].submission

    assert (count.source, reserve.source) == ("desk:li", "api:player")
    assert isinstance(reserve.command, OrderReserve)
    assert reserve.command.buyer == "b:0123456789abcdef"


def test_deadlines_move_to_the_new_opening_and_durations_shrink_with_speed(plays: Callable[..., list[Play]]) -> None:
    _, reserve, absolute, relative, banner, *_ = [one.submission.command for one in plays(speed=10)]

    assert isinstance(reserve, OrderReserve)
    assert reserve.hold_seconds == 6.0
    assert isinstance(absolute, CountdownSet)
    assert absolute.ends_at == START + dt.timedelta(seconds=60)
    assert isinstance(relative, CountdownSet)
    assert relative.seconds == 3.0
    assert isinstance(banner, AnnounceShow)
    assert banner.seconds == 1.0


def test_a_countdown_that_was_made_shorter_is_made_as_much_shorter_as_the_speed_wants(
    recorded: Recorded, evening: list[bytes], entry: Entry
) -> None:
    sooner = entry(len(evening) + 1, "countdown.set", data={"name": "d", "extend": -20.0})
    path = recorded([*evening, sooner])
    *_, last = playable(path, session="play", shift=Shift(base=opening(path), start=START, speed=10))
    assert isinstance(last.submission.command, CountdownSet)
    assert last.submission.command.extend == -2.0


def test_a_player_that_starts_again_computes_the_same(plays: Callable[..., list[Play]]) -> None:
    assert plays(speed=3) == plays(speed=3)


def test_the_plan_moves_with_it() -> None:
    plan = SessionPlan(
        id="evening",
        ledger="evening",
        title="晚场",
        starts="2026-11-11T12:00:00Z",
        hold_seconds=900,
        items=(),
        locations=(),
        channels=(),
        countdowns=(Countdown(name="coupon", ends_at="2026-11-11T12:10:10.000Z"), Countdown(name="d", seconds=60)),
        drops=(Drop(name="eight", sku="A", quantity=5, opens_at="2026-11-11T20:05:10+08:00", closes_after=300),),
    )

    moved = played_plan(plan, session="evening-play-3", shift=Shift(base=OPENED, start=START, speed=2))

    assert (moved.id, moved.ledger, moved.hold_seconds) == ("evening-play-3", "evening-play-3", 450)
    assert moved.starts == "2027-01-01T19:59:55.000Z"
    assert moved.countdowns[0].ends_at == "2027-01-01T20:05:00.000Z"
    assert moved.countdowns[1].seconds == 30
    assert (moved.drops[0].opens_at, moved.drops[0].closes_after) == ("2027-01-01T20:02:30.000Z", 150)


def test_limits_by_time_are_as_fast_as_the_play() -> None:
    plan = SessionPlan(
        id="e", ledger="e", title="e", items=(), locations=(), channels=(), attempt_rate=Rate(count=3, per=10)
    )
    moved = played_plan(plan, session="e-play-1", shift=Shift(base=OPENED, start=START, speed=4))
    assert (moved.attempt_rate, moved.buyer_rate) == (Rate(count=3, per=2.5), None)


def test_a_line_that_cannot_be_sent_is_named(recorded: Recorded, evening: list[bytes], entry: Entry) -> None:
    path = recorded([*evening[:3], entry(4, "order.teleport"), *evening[4:]])

    with pytest.raises(RecordingError, match=r"line 4: order\.teleport cannot be sent again"):
        list(playable(path, session="s", shift=Shift(base=OPENED, start=START)))


class RecordingEngine:
    """Answers like an engine, and remembers; the first `away` calls find the store away, or behind."""

    def __init__(
        self,
        away: int = 0,
        stop: threading.Event | None = None,
        stop_after: int = 10**9,
        refusal: type[StoreError] = StoreAway,
    ) -> None:
        self.calls: list[list[str]] = []
        self._refusal = refusal
        self._away, self._stop, self._stop_after = away, stop, stop_after

    def submit(self, submissions: Sequence[Submission], /) -> list[bytes]:
        if self._away:
            self._away -= 1
            raise self._refusal("not there")
        self.calls.append([one.id for one in submissions])
        if self._stop and sum(map(len, self.calls)) >= self._stop_after:
            self._stop.set()
        return [b"{}"] * len(submissions)


def test_a_play_keeps_its_pace_and_its_order(plays: Callable[..., list[Play]]) -> None:
    waits: list[float] = []
    now = [100.0]

    class Waiting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0)
            now[0] += max(timeout or 0, 1e-6)
            return self.is_set()

    engine = RecordingEngine()
    sent = play(engine, plays(), elapsed=0.0, stop=Waiting(), clock=lambda: now[0])

    assert sent == 6
    assert [len(call) for call in engine.calls] == [1, 1, 2, 2]
    assert sum(waits) == pytest.approx(180, abs=0.1)
    assert max(waits) <= 0.5


@pytest.mark.parametrize("refusal", [StoreAway, StoreBehind])
def test_a_play_started_late_sends_what_is_due_at_once_and_waits_the_store_out(
    plays: Callable[..., list[Play]], refusal: type[StoreError]
) -> None:
    engine = RecordingEngine(away=2, refusal=refusal)

    assert play(engine, plays(), elapsed=3600, stop=threading.Event()) == 6
    assert [len(call) for call in engine.calls] == [6]


def test_a_play_ends_when_it_is_told_to(plays: Callable[..., list[Play]]) -> None:
    stop = threading.Event()
    engine = RecordingEngine(stop=stop, stop_after=1)

    assert play(engine, plays(), elapsed=0, stop=stop) == 1


@pytest.mark.store
def test_a_decision_names_the_entry_of_the_new_session(
    recorded: Recorded, evening: list[bytes], entry: Entry, store: StoreServer, ledger: str
) -> None:
    count = {"sku": "A", "location": "default", "quantity": 0, "basis": "available"}
    late = {"data": {"order": "o-9", "paid": True, "lines": [{"sku": "A", "quantity": 1}]}}
    lines = [
        *evening[:3],
        entry(4, "order.release", id="c-4", data={"order": "o-9", "fact": True}),
        entry(5, "order.record", id="c-5", **late),
        entry(6, "hold.expired", source="clock", data={"order": "o-1"}),
        entry(7, "hold.expired", source="clock", data={"order": "o-2"}),
        entry(8, "order.commit", id="c-8", data={"order": "o-9", "fact": True}),
        entry(9, "stock.count", id="c-9", data=count),
        entry(10, "quarantine.drop", id="c-10", data={"entry": 8}),
        entry(11, "stock.confirm", id="c-11", data={"reading": 9, "accept": False}),
        entry(12, "stock.confirm", id="c-12", data={"reading": 2, "accept": True}),
    ]
    path = recorded(lines)
    with connect(store.url) as client:
        engine = StockEngine(client, ledger)
        engine.plan(replace(PLAN, id=ledger, ledger=ledger))
        engine.submit([Submission("open", SessionOpen(), "api:run")])
        shift = Shift(base=opening(path), start=START)
        for _ in range(2):  # a player that is started again repeats the same
            play(engine, playable(path, session="new", shift=shift), elapsed=3600, stop=threading.Event())
        entries = [msgspec.json.decode(line) for _, line in engine.read(0)]
    found = [(each["type"], each["data"], each["outcome"].get("reason")) for each in entries[-3:]]
    waited = {
        each["type"]: each["seq"]
        for each in entries
        if each["outcome"].get("unconfirmed") or each["outcome"].get("quarantined")
    }
    assert waited == {"order.commit": 6, "stock.count": 7}
    assert found == [
        ("quarantine.drop", {"entry": 6}, None),
        ("stock.confirm", {"reading": 7, "accept": False}, None),
        ("stock.confirm", {"reading": NOBODYS_SEQ, "accept": True}, "unknown_reading"),
    ]
