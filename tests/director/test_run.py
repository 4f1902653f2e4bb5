"""Directors at work: what is due ends, everything is recorded, and neither is lost when something breaks."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overlaykit.director import run as director_run
from overlaykit.director import scribe
from overlaykit.errors import StateError
from overlaykit.recording import SigningKey, verify
from overlaykit.stock import Keeper, recorders_key
from overlaykit.store import waiting
from tests.director.conftest import Seat

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("no_pace")]
SECONDS = 15.0


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"still not after {SECONDS:.0f} s: {what}"
        time.sleep(0.02)


def types(lines: list[bytes]) -> list[str]:
    return [json.loads(line)["type"] for line in lines]


def test_a_hold_expires_by_itself_and_all_is_on_disk_and_signed(
    store: Any, ledger: str, director: Any, evening: Any
) -> None:
    seat = director(store.url)
    room = evening(store.url, ledger)
    room.order(hold_seconds=0.3)

    until(lambda: "hold.expired" in types(seat.recorded(ledger)), "the hold expires and is recorded")
    seat.stop()

    assert seat.recorded(ledger) == room.ledger()
    verdict = verify(seat.recording(ledger))
    assert (verdict.ok, verdict.unsigned, verdict.lines) == (True, 0, 4)
    assert room.client.hget(recorders_key(ledger), f"{ledger}/first") == b"4"
    assert seat.alarms == []
    assert seat.beats > 0


def test_countdowns_and_banners_end_too(store: Any, ledger: str, director: Any, evening: Any) -> None:
    seat = director(store.url)
    room = evening(store.url, ledger)
    room.send("countdown.set", name="coupon", seconds=0.2)
    room.send("announce.show", text="最后一波", seconds=0.2)

    until(lambda: {"countdown.due", "announce.expired"} <= set(types(room.ledger())), "both end")
    seat.stop()


def test_a_stop_takes_what_the_ledger_still_holds(store: Any, ledger: str, director: Any, evening: Any) -> None:
    room = evening(store.url, ledger)
    seat = director(store.url)
    until(lambda: seat.recorded(ledger), "the recording begins")
    for _ in range(300):
        room.order()
    seat.stop()

    assert seat.recorded(ledger) == room.ledger()
    assert verify(seat.recording(ledger)).unsigned == 0


def test_a_director_goes_on_with_the_recording_of_the_one_before(
    store: Any, ledger: str, director: Any, evening: Any
) -> None:
    room = evening(store.url, ledger)

    def it_has_all() -> bool:
        return bool(seat.recorded(ledger) == room.ledger())

    for _ in range(3):
        seat = director(store.url)
        room.order()
        until(it_has_all, "it has caught up")
        seat.stop()
        room.order()

    seat = director(store.url)
    until(it_has_all, "it has everything")
    seat.stop()
    assert verify(seat.recording(ledger)).ok
    assert seat.alarms == []


def test_one_leads_both_record_and_the_other_takes_over(store: Any, ledger: str, director: Any, evening: Any) -> None:
    room = evening(store.url, ledger)
    first = director(store.url, "first")
    until(lambda: f"{ledger}: this director leads now" in first.messages, "the first one leads")
    second = director(store.url, "second")
    until(lambda: second.recorded(ledger) == first.recorded(ledger) != [], "both record")
    assert f"{ledger}: this director leads now" not in second.messages

    first.stop()
    room.order(hold_seconds=0.1)
    until(lambda: "hold.expired" in types(second.recorded(ledger)), "the second one ends the hold")
    second.stop()

    assert second.recorded(ledger) == room.ledger()


def test_two_directors_of_one_name_do_not_write_one_file(store: Any, ledger: str, director: Any, evening: Any) -> None:
    evening(store.url, ledger)
    first = director(store.url, "same")
    until(lambda: first.recorded(ledger), "the first one records")
    second = director(store.url, "same")
    until(lambda: any("in use" in alarm and ledger in alarm for alarm in second.alarms), "the second one says so")
    first.stop()
    second.stop()

    assert verify(first.recording(ledger)).ok


def test_a_store_that_dies_and_comes_back_leaves_no_gap(
    new_store: Any, ledger: str, director: Any, evening: Any
) -> None:
    store = new_store("valkey9", "appendfsync always")
    room = evening(store.url, ledger)
    seat = director(store.url)
    room.order()
    until(lambda: len(seat.recorded(ledger)) == 3, "three entries are recorded")

    store.kill()
    until(lambda: any("did not answer" in message for message in seat.messages), "the director misses the store")
    store.start()
    room.order(hold_seconds=0.2)
    until(lambda: len(seat.recorded(ledger)) == 5, "recording goes on, and holds expire again")
    seat.stop()

    assert seat.recorded(ledger) == room.ledger()
    assert verify(seat.recording(ledger)).ok
    assert seat.alarms == []


def test_a_store_that_is_not_there_yet_is_waited_for(new_store: Any, ledger: str, director: Any, evening: Any) -> None:
    store = new_store()
    store.kill()
    seat = director(store.url)
    store.start()
    room = evening(store.url, ledger)

    until(lambda: seat.recorded(ledger) == room.ledger(), "the session is found and recorded")
    seat.stop()


def test_a_trimmed_ledger_is_recorded_from_where_it_begins(
    store: Any, ledger: str, director: Any, evening: Any
) -> None:
    room = evening(store.url, ledger)
    for _ in range(5):
        room.order()
    room.client.execute_command("XTRIM", f"overlaykit:{{{ledger}}}:ledger", "MINID", "4-0")
    seat = director(store.url)
    until(lambda: seat.recorded(ledger) == room.ledger(), "the rest is recorded")
    seat.stop()

    verdict = verify(seat.recording(ledger))
    assert (verdict.ok, verdict.first_seq, verdict.last_seq) == (True, 4, 7)


def test_a_quiet_ledger_is_read_rarely_also_after_it_was_compared_again(
    new_store: Any, ledger: str, director: Any, evening: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, waits = new_store(), list[float]()

    async def pause(stop: asyncio.Event, seconds: float) -> bool:
        waits.append(seconds)
        return await waiting.pause(stop, seconds)

    monkeypatch.setattr(scribe, "pause", pause)
    monkeypatch.setattr(scribe, "QUIET_AFTER", 0.1)
    monkeypatch.setattr(scribe, "LOOK_AFTER", 0.3)
    often, rarely, compared = 0.011, 0.022, list[int]()
    monkeypatch.setattr(scribe, "LOOK_EVERY", often)
    monkeypatch.setattr(scribe, "LOOK_EVERY_QUIET", rarely)
    keep_in_mind = Keeper.keep_in_mind

    async def counted(keeper: Keeper) -> None:
        compared.append(len(waits))
        await keep_in_mind(keeper)

    monkeypatch.setattr(Keeper, "keep_in_mind", counted)
    room = evening(store.url, ledger)
    room.order()
    seat = director(store.url)
    until(lambda: rarely in waits, "it is quiet")
    first = waits.index(rarely)
    until(lambda: sum(at > first for at in compared) >= 3, "it was compared again, and again")
    assert often not in waits[first:]

    room.order()
    until(lambda: seat.recorded(ledger) == room.ledger(), "what comes is recorded")
    until(lambda: often in waits[first:], "and what follows is looked for often")
    seat.stop()


@pytest.fixture
def quick_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(director_run, "REST_AFTER", 0.2)
    monkeypatch.setattr(director_run, "RESTED_EVERY", 0.2)


def rests(seat: Any, session: str) -> None:
    """Waits until the recording of a session is signed to its end, as it is when its director lets go of it."""
    until(lambda: seat.recorded(session) and verify(seat.recording(session)).unsigned == 0, "the session rests")


@pytest.mark.usefixtures("quick_rest")
def test_a_hold_in_a_closed_session_that_rests_expires(store: Any, ledger: str, director: Any, evening: Any) -> None:
    room = evening(store.url, ledger)
    room.order(hold_seconds=4)
    room.send("session.close")
    seat = director(store.url)
    rests(seat, ledger)

    until(lambda: types(seat.recorded(ledger))[-1] == "hold.expired", "the hold expires and is recorded")
    seat.stop()


@pytest.mark.usefixtures("quick_rest")
def test_a_closed_session_that_rests_wakes_for_a_late_fact(
    store: Any, ledger: str, director: Any, evening: Any
) -> None:
    room = evening(store.url, ledger)
    room.send("session.close")
    seat = director(store.url)
    rests(seat, ledger)

    room.send("order.record", order="late", channel="default", lines=[{"sku": "A", "quantity": 1}], paid=True)
    until(lambda: seat.recorded(ledger) == room.ledger(), "the fact is recorded")
    rests(seat, ledger)
    seat.stop()


@pytest.mark.usefixtures("quick_rest")
def test_nothing_ends_in_a_closed_session_before_its_recording_was_compared(
    new_store: Any, ledger: str, director: Any, evening: Any, key: SigningKey
) -> None:
    store = new_store()
    room = evening(store.url, ledger)
    for _ in range(4):
        room.order(hold_seconds=600)
    room.send("session.close")
    seat = director(store.url)
    rests(seat, ledger)
    seat.stop()
    recorded = seat.recorded(ledger)
    # The store comes back as it was before the last order, and is written to: as long as before, and another history.
    keys = list(room.client.scan_iter(f"overlaykit:{{{ledger}}}:*"))
    room.client.delete(*keys)
    room = evening(store.url, ledger)
    for _ in range(4):
        room.order(hold_seconds=0.01)
    room.send("session.close")
    assert len(room.ledger()) == len(recorded)

    class Messages(list[str]):
        """What the ledger held when the director told of the other history."""

        held: tuple[str, ...] = ()

        def append(self, message: str) -> None:
            if "history is another one" in message:
                self.held = tuple(types(room.ledger()))
            super().append(message)

    messages = Messages()
    again = Seat(seat.name, seat.recordings, messages)
    again.start(store.url, key)
    until(lambda: types(again.recorded(ledger, "recording-2.jsonl"))[-1:] == ["hold.expired"], "the holds expire")
    again.stop()
    assert "session.close" in messages.held
    assert "hold.expired" not in messages.held, "nothing had ended before it was told"
    assert again.recorded(ledger) == recorded


def test_what_breaks_in_one_session_leaves_the_others_alone(
    store: Any, ledger: str, director: Any, evening: Any
) -> None:
    broken = evening(store.url, f"{ledger}-broken")
    broken.client.delete(f"overlaykit:{{{ledger}-broken}}:ledger")
    broken.client.set(f"overlaykit:{{{ledger}-broken}}:ledger", "not a stream")
    room = evening(store.url, ledger)
    seat = director(store.url)
    room.order(hold_seconds=0.2)

    until(lambda: "hold.expired" in types(seat.recorded(ledger)), "the sound session runs")
    until(
        lambda: any(f"{ledger}-broken: directing it failed" in alarm for alarm in seat.alarms), "the broken one is told"
    )
    seat.stop()
    broken.client.delete(f"overlaykit:{{{ledger}-broken}}:ledger", f"overlaykit:{{{ledger}-broken}}:head")


def test_a_disk_that_refuses_is_an_alarm_and_holds_expire_all_the_same(
    store: Any, ledger: str, director: Any, evening: Any, tmp_path: Path
) -> None:
    (tmp_path / "recordings").write_text("a file where the folder should be")
    room = evening(store.url, ledger)
    room.order(hold_seconds=0.2)
    seat = director(store.url)
    until(lambda: any("not recorded" in alarm and ledger in alarm for alarm in seat.alarms), "it says so")
    until(lambda: "hold.expired" in types(room.ledger()), "the hold expires")

    (tmp_path / "recordings").unlink()
    until(lambda: seat.recorded(ledger) == room.ledger(), "it records when it can")
    seat.stop()


DIRECTOR = """
import asyncio, sys
from pathlib import Path
from overlaykit.director.run import run_director
from overlaykit.recording import SigningKey

url, state = sys.stdin.readline().strip(), Path(sys.argv[1])

async def main():
    await run_director(
        redis_url=url,
        recordings=state / "recordings",
        key=SigningKey.of_state_folder(state),
        recorder="first",
        stop=asyncio.Event(),
    )

asyncio.run(main())
"""


@pytest.mark.faults
def test_kill_9_of_a_director_under_load_leaves_a_recording_that_goes_on(
    store: Any, ledger: str, director: Any, evening: Any, tmp_path: Path, key: SigningKey
) -> None:
    room = evening(store.url, ledger)
    path = tmp_path / "recordings" / ledger / "first" / "recording.jsonl"
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", DIRECTOR, str(tmp_path)], stdin=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(store.url.encode() + b"\n")
        process.stdin.close()
        size = path.stat().st_size if path.exists() else 0
        sent = len(room.ledger())

        def grows(size: int = size) -> bool:
            for _ in range(20):
                room.order()
            return path.exists() and path.stat().st_size > size + 20_000

        try:
            until(grows, "the director records")
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert len(room.ledger()) > sent

    seat = director(store.url)
    until(lambda: len(seat.recorded(ledger)) == len(room.ledger()), "the next one catches up")
    seat.stop()
    assert seat.recorded(ledger) == room.ledger()
    assert verify(path).ok


def test_a_name_that_cannot_be_a_folder_is_refused(store: Any, director: Any) -> None:
    seat = director(store.url, "a/b")
    with pytest.raises(StateError, match="cannot be a recorder's name"):
        seat.stop()
