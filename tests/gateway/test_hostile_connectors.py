"""Connectors that do whatever they like in the gateway: each stops itself alone, and its loop goes on."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

import pytest

from overlaykit.errors import PlatformAway, PluginError
from overlaykit.gateway import enriching
from overlaykit.gateway.chat import HANDED_AT_MOST, ChatReader
from overlaykit.gateway.enriching import Enricher, GivenUp
from overlaykit.gateway.seat import Seat
from overlaykit.gateway.standing import Standing
from overlaykit.model.connectors import Capability, Connector
from overlaykit.model.events import ChatMessage, Line, OrderPaid, OrderRef, StockPushResult
from overlaykit.model.sessions import Channel
from tests.conftest import until

if TYPE_CHECKING:
    from tests.gateway.conftest import Evening, Post

T = TypeVar("T")
Open = Callable[..., "Evening"]
Start = Callable[..., "Post"]

LOG = logging.getLogger("hostile")
STILL_AT_MOST = 1.5
"""Seconds for which the gateway's loop may not answer: its watchdog waits for three."""


class Quiet:
    """A context that nobody asks anything of."""

    async def close(self) -> None:
        pass


def on_loop(story: Callable[[], Awaitable[T]]) -> T:
    """What the story gives on an event loop that never stands still meanwhile."""

    async def run() -> T:
        longest = 0.0

        async def beat() -> None:
            nonlocal longest
            while True:
                before = time.monotonic()
                await asyncio.sleep(0.02)
                longest = max(longest, time.monotonic() - before)

        beating = asyncio.create_task(beat())
        try:
            return await story()
        finally:
            await asyncio.sleep(0.05)
            beating.cancel()
            assert longest < STILL_AT_MOST, f"the gateway's loop stood still for {longest:.1f} s"

    return asyncio.run(run())


def seat_of(connector: type[Connector[Any]]) -> Seat:
    return Seat(f"channel.{connector.name}", lambda: connector(cast(Any, None)), cast(Any, Quiet()))


# --------------------------------------------------------------------------------------------------------- enrich


def _paid(lines: int = 1, **more: Any) -> OrderPaid:
    return OrderPaid(order="1", lines=(Line(platform_sku="A", quantity=1),) * lines, **more)


class _Breaks:
    def __iter__(self) -> Iterator[OrderPaid]:
        raise RuntimeError("half way")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda: 7, "enrich() gave int"),
        (lambda: "paid", "enrich() gave str"),
        (object, "enrich() gave object"),
        (lambda: [_paid(), None], "enrich() gave NoneType"),
        (lambda: _paid(at="tonight"), "does not fit"),
        (lambda: _paid(buyer="\ud800"), "does not fit"),
        (lambda: _paid(transition=["r-1"]), "does not fit"),
        (_Breaks, "half way"),
        (lambda: _paid(lines=2_000_000), "lines"),
        (lambda: _paid(buyer="x" * 50_000_000), "bytes"),
        (lambda: [_paid()] * 500_000, "events at once"),
        (lambda: itertools.repeat(_paid()), "events at once"),
    ],
    ids=[
        "number",
        "text",
        "object",
        "none",
        "no_time",
        "surrogate",
        "list",
        "raises",
        "lines",
        "bytes",
        "many",
        "endless",
    ],
)
def test_an_enrich_with_a_huge_or_nonsense_answer_loses_that_order_alone(
    answer: Callable[[], Any], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enriching, "AGAIN_FIRST", 0.01)
    given = answer()

    class Liar(Connector):  # type: ignore[type-arg]
        name = "liar"

        async def enrich(self, ref: OrderRef, ctx: Any) -> Any:
            return given if ref.order == "odd" else _paid()

    async def story() -> None:
        seat = seat_of(Liar)
        enricher = Enricher(lambda: seat, [])
        with pytest.raises(GivenUp) as found:
            await enricher.enrich(lambda: OrderRef(order="odd"), lambda: 0.0, asyncio.Event())
        assert why in found.value.message
        assert len(await enricher.enrich(lambda: OrderRef(order="1"), lambda: 0.0, asyncio.Event())) == 1
        await seat.close()

    on_loop(story)


# ---------------------------------------------------------------------------------------------------- what it raises


class _Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (asyncio.CancelledError(), "CancelledError"),
        (SystemExit(7), "SystemExit"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (GeneratorExit(), "GeneratorExit"),
        (_Mute(), "_Mute"),
        (RuntimeError("\ud800 " + "x" * 1_000_000), "RuntimeError: ? xxx"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_a_connector_that_raises_what_nobody_expects_has_failed_and_no_more(error: BaseException, says: str) -> None:
    class Raises(Connector):  # type: ignore[type-arg]
        name = "raises"

    async def wrong(*_: object) -> None:
        raise error

    async def right(*_: object) -> str:
        return "well"

    async def story() -> None:
        seat = seat_of(Raises)
        with pytest.raises(PluginError) as found:
            await seat.call(wrong)
        assert says in found.value.message
        assert len(found.value.message) < 5_000
        assert found.value.message.encode()
        assert await seat.call(right) == "well"
        await seat.close()

    on_loop(story)


def test_a_platform_that_asks_to_wait_for_nonsense_is_asked_again_in_its_own_time() -> None:
    class Waits(Connector):  # type: ignore[type-arg]
        name = "waits"

    async def wrong(*_: object) -> None:
        raise PlatformAway("later", after=cast(Any, "soon"))

    async def story() -> None:
        seat = seat_of(Waits)
        with pytest.raises(PlatformAway) as found:
            await seat.call(wrong)
        assert found.value.after is None
        await seat.close()

    on_loop(story)


@pytest.mark.parametrize("how", ["exits", "stops_its_loop"])
def test_a_connector_that_ends_its_own_loop_from_a_task_goes_on(how: str) -> None:
    class Ends(Connector):  # type: ignore[type-arg]
        name = "ends"

    async def exits() -> None:
        raise SystemExit(7)

    async def stops_its_loop() -> None:
        asyncio.get_running_loop().stop()

    async def begin(*_: object) -> asyncio.Task[None]:
        return asyncio.ensure_future({"exits": exits, "stops_its_loop": stops_its_loop}[how]())

    async def right(*_: object) -> str:
        return "well"

    async def story() -> None:
        seat = seat_of(Ends)
        task = await seat.call(begin)
        while not task.done():
            await asyncio.sleep(0.01)
        assert await seat.call(right) == "well"
        await seat.close()
        assert not any(thread.name == "connector channel.ends" for thread in threading.enumerate())

    on_loop(story)


# ------------------------------------------------------------------------------------------------- leaks and blocks


def test_a_connector_that_leaks_tasks_and_threads_is_left_behind_in_a_few_seconds() -> None:
    over = threading.Event()

    class Leaks(Connector):  # type: ignore[type-arg]
        name = "leaks"

    async def for_ever() -> None:
        while not over.is_set():
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.05)

    async def leak(connector: Any, _: object) -> None:
        connector.tasks = [asyncio.create_task(for_ever()) for _ in range(1_000)]
        for _ in range(50):
            threading.Thread(target=over.wait, daemon=True).start()

    async def right(*_: object) -> str:
        return "well"

    async def story() -> None:
        seat, other = seat_of(Leaks), seat_of(Leaks)
        await seat.call(leak)
        assert await seat.call(right) == "well", "what it leaks is its own"
        began = time.monotonic()
        await seat.close(0.5)
        assert time.monotonic() - began < 4.0
        assert await other.call(right) == "well"
        await other.close()

    try:
        on_loop(story)
    finally:
        over.set()


def test_a_connector_that_blocks_in_close_is_left_behind() -> None:
    over = threading.Event()

    class Closes(Connector):  # type: ignore[type-arg]
        name = "closes"

        async def close(self) -> None:
            over.wait(30)

    async def story() -> None:
        seats = [seat_of(Closes) for _ in range(12)]
        began = time.monotonic()
        await asyncio.gather(*(seat.close(0.3) for seat in seats))
        assert time.monotonic() - began < 4.5, "nobody waits for one that blocks more than once"

    try:
        on_loop(story)
    finally:
        over.set()


# ------------------------------------------------------------------------------------------------------------ floods


class _Notes:
    """A speaker that keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    async def say(self, notes: list[Any], stop: asyncio.Event) -> list[Any]:
        self.said += notes
        return []


def read_chat(connector: type[Connector[Any]], done: Callable[[Standing], bool]) -> tuple[Standing, list[Any]]:
    """What a chat's reader says until `done`, and then it ends."""
    standing, notes = Standing("channel.chat", "chat", [], LOG), _Notes()

    async def story() -> None:
        seat, stop = seat_of(connector), asyncio.Event()
        reader = ChatReader("chat", "connector:chat", seat, ["buy"], cast(Any, notes), standing, LOG)
        running = asyncio.create_task(reader.run(stop))
        until_ms = time.monotonic() + 20
        while not done(standing) and not running.done():
            assert time.monotonic() < until_ms
            await asyncio.sleep(0.02)
        stop.set()
        await asyncio.wait_for(running, 5)
        assert seat.blocked is None, "its loop lives"
        await seat.close()

    on_loop(story)
    return standing, notes.said


def test_a_chat_that_floods_without_a_pause_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    class Floods(Connector):  # type: ignore[type-arg]
        name = "floods"

        async def chat(self, ctx: Any) -> AsyncIterator[ChatMessage]:
            for number in itertools.count():
                yield ChatMessage(id=str(number), author="flood", text="buy" * 300)

    standing, said = read_chat(Floods, lambda standing: standing.dropped > 100_000)
    assert standing.dropped > 100_000
    assert 0 < len(said) < 500
    assert HANDED_AT_MOST < 10_000


@pytest.mark.parametrize(
    "message",
    [ChatMessage(id="1", author="x", text="buy \ud800"), ChatMessage(id="1", author=cast(Any, 7), text="buy")],
)
def test_a_chat_message_that_cannot_be_written_is_said_and_not_heard(message: ChatMessage) -> None:
    class Nonsense(Connector):  # type: ignore[type-arg]
        name = "nonsense"

        async def chat(self, ctx: Any) -> AsyncIterator[ChatMessage]:
            yield message

    standing, said = read_chat(Nonsense, lambda standing: standing.state == "failing")
    assert "does not fit" in standing.status(0).reason
    assert said == []


class Floods(Connector):  # type: ignore[type-arg]
    """Tells `events` in one poll, without a pause."""

    name = "floods"
    capabilities = frozenset({Capability.ORDERS_POLL})
    events: ClassVar[Callable[[], Iterator[Any]]]
    told: ClassVar[int] = 0

    async def poll_orders(self, ctx: Any) -> AsyncIterator[Any]:
        for event in Floods.events():
            Floods.told += 1
            yield event


FLOODING = Channel(name="floods", title="floods", connector="floods", sells="by_itself", every=0.05, shop="ours")
GAPS = 2.5


class Beats:
    """How long the gateway stood still at most."""

    def __init__(self) -> None:
        self.longest, self._last = 0.0, time.monotonic()

    def __call__(self) -> None:
        now = time.monotonic()
        self.longest, self._last = max(self.longest, now - self._last), now


@pytest.mark.store
def test_a_poll_that_floods_with_other_shops_orders_keeps_nobody_waiting(evening: Open, gateway: Start) -> None:
    Floods.told = 0
    order = OrderPaid(order="1", shop="another", lines=(Line(platform_sku="A", quantity=1),))
    Floods.events = lambda: itertools.repeat(order)
    tonight, beats = evening(channels=(FLOODING,)), Beats()
    post = gateway(Floods, beat=beats)
    until(lambda: Floods.told > 30_000, "it floods")
    began = time.monotonic()
    post.stop()
    assert time.monotonic() - began < 6
    assert beats.longest < GAPS
    assert tonight.entries("order.record") == []


@pytest.mark.store
def test_a_poll_that_tells_one_order_without_end_counts_it_once(evening: Open, gateway: Start) -> None:
    Floods.told = 0
    order = OrderPaid(order="1", shop="ours", lines=(Line(platform_sku="A", quantity=1),))
    Floods.events = lambda: itertools.repeat(order)
    tonight, beats = evening(channels=(FLOODING,)), Beats()
    gateway(Floods, beat=beats)
    until(lambda: Floods.told > 8_000, "it floods")
    until(lambda: tonight.engine.state().items["A"].units.rows["default"][1] == 99, "it is counted")
    assert len(tonight.entries("order.record")) == 1
    assert beats.longest < GAPS


@pytest.mark.store
def test_a_poll_with_huge_orders_is_said_and_counts_none(evening: Open, gateway: Start) -> None:
    huge = OrderPaid(order="1", lines=(Line(platform_sku="A", quantity=1),) * 1_000_000)
    Floods.events = lambda: itertools.repeat(huge)
    tonight, beats = evening(channels=(FLOODING,)), Beats()
    gateway(Floods, beat=beats)
    assert "lines" in tonight.wait_target("channel.floods", "failing").reason
    assert beats.longest < GAPS
    assert tonight.entries("order.record") == []


class Pushes(Connector):  # type: ignore[type-arg]
    """Answers a push with what `result` makes of its first level, without end."""

    name = "pushes"
    capabilities = frozenset({Capability.PUSH_STOCK})
    result: ClassVar[Callable[[Any], Any]]

    async def push_stock(self, levels: Any, ctx: Any) -> AsyncIterator[Any]:
        while True:
            yield Pushes.result(levels[0])


@pytest.mark.store
def test_a_push_that_yields_results_without_end_is_said_and_keeps_nobody_waiting(evening: Open, gateway: Start) -> None:
    Pushes.result = lambda level: StockPushResult(cast(Any, "no level"), ok=False, reason="\ud800")
    tonight, beats = evening(channels=(Channel(name="pushes", title="pushes", connector="pushes"),)), Beats()
    gateway(Pushes, beat=beats)
    assert "without end" in tonight.wait_target("channel.pushes", "failing").reason
    assert beats.longest < GAPS


# -------------------------------------------------------------------------------------------------------- identities


@pytest.mark.store
def test_an_identity_that_is_slow_slows_its_orders_and_not_the_gateway(evening: Open, gateway: Start) -> None:
    orders = [
        OrderPaid(order=str(number), shop="ours", buyer=f"b-{number}", lines=(Line(platform_sku="A", quantity=1),))
        for number in range(60)
    ]
    Floods.events = lambda: iter(orders)
    tonight, beats = evening(channels=(FLOODING,)), Beats()

    def slow(channel: str | None, buyer: str) -> str:
        time.sleep(0.06)
        return buyer

    gateway(Floods, beat=beats, identify=slow)
    until(lambda: tonight.engine.state().items["A"].units.rows["default"][1] == 40, "all orders are counted")
    assert beats.longest < 1.5, "it was asked about all of them in one go"
