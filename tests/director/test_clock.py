"""The clock ends what is due, while it leads and the store's time can be trusted."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from overlaykit.director.clock import Clock
from overlaykit.director.watch import StoreWatch
from overlaykit.stock import Keeper
from overlaykit.store import Lease, connect_async

pytestmark = pytest.mark.store


class Held:
    """A lease that is held, or not."""

    token = 1

    def __init__(self, held: bool) -> None:
        self.held = held


class Hand:
    """Clocks over one session, each with a watch that the test moves by hand."""

    def __init__(self, client: Any, session: str, messages: list[str]) -> None:
        self._client, self._session = client, session
        self._log = logging.Logger("test", logging.INFO)
        handler = logging.Handler()
        handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
        self._log.addHandler(handler)

    def clock(self, *, leads: bool = True) -> tuple[Clock, StoreWatch]:
        watch = StoreWatch(self._client, self._session, self._session, self._log)
        keeper = Keeper(self._client, self._session)
        return Clock(keeper, cast(Lease, Held(leads)), watch, self._session, self._log), watch


def run_clocks(store: Any, session: str, story: Callable[[Hand, Callable[..., Any]], Awaitable[None]]) -> list[str]:
    """Tells a story with a hand and a way to start clocks; gives what was logged."""
    messages: list[str] = []

    async def run() -> None:
        stop, known = asyncio.Event(), asyncio.Event()
        known.set()
        async with connect_async(store.url) as client, asyncio.timeout(15), asyncio.TaskGroup() as tasks:
            await story(Hand(client, session, messages), lambda clock: tasks.create_task(clock.run(stop, known)))
            stop.set()

    asyncio.run(run())
    return messages


def types(room: Any) -> list[str]:
    return [json.loads(line)["type"] for line in room.ledger()]


async def comes(room: Any, type: str, times: int = 1) -> None:
    while types(room).count(type) < times:
        await asyncio.sleep(0.02)


def test_who_does_not_lead_ends_nothing(store: Any, ledger: str, evening: Any) -> None:
    idle, busy = evening(store.url, f"{ledger}-idle"), evening(store.url, f"{ledger}-busy")
    idle.order(hold_seconds=0.1)
    busy.order(hold_seconds=0.6)

    async def story(hand: Hand, start: Callable[[Clock], object]) -> None:
        start(hand.clock()[0])
        start(Hand(hand._client, idle.session, []).clock(leads=False)[0])
        await comes(busy, "hold.expired")

    run_clocks(store, busy.session, story)

    assert types(idle)[-1] == "order.reserve"


def test_a_clock_that_jumped_ends_nothing_not_even_for_an_order_that_finds_too_little(
    store: Any, ledger: str, evening: Any
) -> None:
    room = evening(store.url, ledger)
    room.send("order.reserve", order="all", lines=[{"sku": "A", "quantity": 1000}], hold_seconds=0.01)

    async def story(hand: Hand, start: Callable[[Clock], object]) -> None:
        clock, watch = hand.clock()
        watch.suspended, watch.step, watch.episode = True, 3600.0, 1
        start(clock)
        await comes(room, "clock.suspended")
        assert room.order()["reason"] == "sold_out"
        watch.suspended = False  # it is right again
        await comes(room, "hold.expired")

    messages = run_clocks(store, ledger, story)

    assert types(room)[-4:] == ["clock.suspended", "order.reserve", "clock.resumed", "hold.expired"]
    alarm = next(message for message in messages if message.startswith("ALARM"))
    assert "jumped by +3600.0 s" in alarm
    assert f'/api/v1/sessions/{ledger}/commands with {{"type": "clock.accept"}}' in alarm
    assert json.loads(room.ledger()[-4])["data"] == {"step_ms": 3_600_000}


def test_an_operator_accepts_the_new_time_once(store: Any, ledger: str, evening: Any) -> None:
    room = evening(store.url, ledger)
    room.order(hold_seconds=0.01)

    async def story(hand: Hand, start: Callable[[Clock], object]) -> None:
        clock, watch = hand.clock()
        watch.suspended, watch.step, watch.episode = True, -3600.0, 1
        start(clock)
        await comes(room, "clock.suspended")
        assert room.send("clock.accept")["status"] == "accepted"
        assert room.send("clock.accept")["reason"] == "wrong_state"
        await asyncio.sleep(0.3)
        assert types(room).count("clock.suspended") == 1  # the same step is not said again
        watch.accept()  # as the reader of the ledger tells it
        await comes(room, "hold.expired")

    run_clocks(store, ledger, story)

    assert "clock.resumed" not in types(room)


def test_a_director_that_did_not_see_the_jump_leaves_the_time_suspect(store: Any, ledger: str, evening: Any) -> None:
    room = evening(store.url, ledger)
    room.order(hold_seconds=0.01)

    async def before(hand: Hand, start: Callable[[Clock], object]) -> None:
        clock, watch = hand.clock()
        watch.suspended, watch.step, watch.episode = True, 60.0, 1
        start(clock)
        await comes(room, "clock.suspended")

    async def after(hand: Hand, start: Callable[[Clock], object]) -> None:
        start(hand.clock()[0])
        await asyncio.sleep(0.5)
        assert types(room)[-1] == "clock.suspended"
        room.send("clock.accept")
        await comes(room, "hold.expired")

    run_clocks(store, ledger, before)
    messages = run_clocks(store, ledger, after)

    assert any("ALARM" in message and "since before this director began" in message for message in messages)
