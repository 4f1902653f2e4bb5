"""What messages and polls come to: the same facts, whatever comes twice, late, in another order, or while the platform is away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from itertools import permutations
from typing import Any, cast

import msgspec

from overlaykit.errors import PlatformAway, PlatformError
from overlaykit.gateway.enriching import whole_facts
from overlaykit.model.connectors import Capability, Connector, Context
from overlaykit.model.events import (
    Line,
    OrderCancelled,
    OrderEvent,
    OrderFact,
    OrderPaid,
    OrderPlaced,
    OrderRef,
    OrderShipped,
    Refunded,
)
from overlaykit.model.wire import Request
from overlaykit.testing.conformance.asking import applies, facts_of, now_ms, parsed, run, skip
from overlaykit.testing.conformance.case import Case
from overlaykit.testing.conformance.messages import lines_of


def tells_orders(case: type[Case[Any]]) -> bool:
    return Capability.ORDERS in case.connector.capabilities


def asks_for_orders(case: type[Case[Any]]) -> bool:
    return tells_orders(case) and case.connector.enrich is not Connector.enrich


def polls_orders(case: type[Case[Any]]) -> bool:
    return Capability.ORDERS_POLL in case.connector.capabilities


class OrderTests:
    """Of connectors that tell of orders."""

    @applies(tells_orders)
    def test_messages_come_to_what_happened(self, subject: Case[Any]) -> None:
        async def story() -> int:
            told = 0
            for life in _lives(subject):
                with _another(subject) as case:
                    connector = case.make()
                    async with case.context() as ctx:
                        for number, event in enumerate(life):
                            request = case.message(event, f"delivery-{number}", now_ms())
                            if request is None:
                                continue
                            told += 1
                            facts = await facts_of(connector, request, ctx)
                            assert any(_says(fact, event) for fact in facts), f"{event} came to {facts}"
            return told

        assert run(story()), f"{type(subject).__name__}.body() gives a message for no order"

    @applies(tells_orders)
    def test_one_happening_under_two_deliveries_is_the_same_happening(self, subject: Case[Any]) -> None:
        async def story() -> None:
            connector = subject.make()
            async with subject.context() as ctx:
                for event in _lives(subject)[-1]:
                    found = []
                    subject.happen(event)
                    for delivery, later in (("delivery-1", 0), ("delivery-2", 5_000)):
                        request = subject.told(event, delivery, now_ms() + later)
                        if request is not None:
                            found.append([_happening(fact) for fact in await facts_of(connector, request, ctx)])
                    assert not found or found[0] == found[1], f"told twice, {event} is two things: {found}"

        run(story())

    @applies(tells_orders)
    def test_two_refunds_of_an_order_are_two_happenings(self, subject: Case[Any]) -> None:
        """The second, of the rest, must not be taken for the first once more."""

        async def story() -> list[tuple[Any, ...]]:
            connector, found = subject.make(), []
            first, second = (Line(platform_sku=sku, quantity=1) for sku in subject.skus)
            paid = OrderPaid(order=subject.order, shop=subject.shop, lines=lines_of(subject))
            subject.message(paid, "delivery-0", now_ms())
            async with subject.context() as ctx:
                for number, line in enumerate((first, second)):
                    event = Refunded(
                        order=subject.order,
                        shop=subject.shop,
                        lines=(line,),
                        restock=True,
                        transition=f"90071992547409{number}",
                    )
                    request = subject.message(event, f"delivery-{number}", now_ms() + number * 2_000)
                    if request is not None:
                        facts = await facts_of(connector, request, ctx)
                        found += [(fact.order, fact.transition) for fact in facts if isinstance(fact, Refunded)]
            return found

        found = run(story())
        if not found:
            skip("the platform's messages tell of no refunds")
        assert len(set(found)) >= 2, f"two refunds look the same: {found}"

    @applies(tells_orders)
    def test_messages_in_any_order_come_to_the_same_end(self, subject: Case[Any]) -> None:
        """Paid before placed, cancelled before paid: no platform promises an order."""
        order, shop, lines = subject.order, subject.shop, lines_of(subject)
        life: list[OrderFact] = [
            OrderPlaced(order=order, shop=shop, lines=lines),
            OrderPaid(order=order, shop=shop, lines=lines),
            OrderCancelled(order=order, shop=shop),
        ]

        async def end_of(messages: Sequence[Request]) -> str:
            connector, facts = subject.make(), []
            async with subject.context() as ctx:
                for request in messages:
                    facts += await facts_of(connector, request, ctx)
            return _end(facts)

        messages = [subject.message(event, f"delivery-{number}", now_ms()) for number, event in enumerate(life)]
        there = [request for request in messages if request is not None]
        ends = {run(end_of(in_some_order)) for in_some_order in permutations(there)}
        assert len(ends) == 1, f"it depends on their order where it ends: {sorted(ends)}"
        told = [event for event, request in zip(life, messages, strict=True) if request is not None]
        assert ends <= {_end(told), _end(life)}, f"it ends as {ends}, and should end as {_end(told)}"

    @applies(asks_for_orders)
    def test_what_cannot_be_asked_now_is_asked_again(self, subject: Case[Any]) -> None:
        async def story() -> None:
            connector = subject.make()
            request, ref = self._a_thin_message(subject, connector)
            async with subject.context() as ctx:
                before = [_happening(fact) for fact in await facts_of(connector, request, ctx)]
                for trouble in ("down", "forgets"):
                    setattr(subject.platform, trouble, True)
                    try:
                        answer = await connector.enrich(ref, ctx)
                    except PlatformAway:
                        pass
                    else:
                        raise AssertionError(f"the platform is away ({trouble}), and enrich() gives {answer}")
                    setattr(subject.platform, trouble, False)
                assert [_happening(fact) for fact in await facts_of(connector, request, ctx)] == before
                fresh = subject.make()
                assert [_happening(fact) for fact in await facts_of(fresh, request, ctx)] == before, "after a restart"

        run(story())

    @applies(asks_for_orders)
    def test_an_order_that_the_platform_does_not_know_moves_nothing(self, subject: Case[Any]) -> None:
        async def story() -> None:
            connector = subject.make()
            _, ref = self._a_thin_message(subject, connector)
            async with subject.context() as ctx:
                try:
                    found = whole_facts(ref, await connector.enrich(msgspec.structs.replace(ref, order="404"), ctx))
                except PlatformError:
                    return
            assert found == [], f"of an order that does not exist it says {found}"

        run(story())

    def _a_thin_message(self, subject: Case[Any], connector: Connector[Any]) -> tuple[Request, OrderRef]:
        for event in _lives(subject)[0]:
            request = subject.message(event, "delivery-1", now_ms())
            for arrival in parsed(connector, request) if request is not None else ():
                if isinstance(arrival, OrderRef):
                    assert request is not None
                    return request, arrival
        skip("its messages say everything themselves")
        raise AssertionError


class PollTests:
    """Of connectors that ask for orders."""

    @applies(polls_orders)
    def test_a_poll_tells_what_happened_since(self, subject: Case[Any]) -> None:
        async def story() -> None:
            async with subject.context() as ctx:
                life = _lives(subject)[0]
                for event in life[:2]:
                    subject.happen(event)
                    facts = await _polled(subject.make(), ctx)
                    assert any(_says(fact, event) for fact in facts), f"{event} happened, and the poll says {facts}"

        run(story())

    @applies(polls_orders)
    def test_polls_alone_lose_nothing_while_the_platform_is_away(self, subject: Case[Any]) -> None:
        async def story() -> None:
            orders = [replace_order(_lives(subject)[0][1], f"90071992547409{number:02}") for number in range(5)]
            async with subject.context() as ctx:
                told: list[OrderFact] = []
                for number, event in enumerate(orders):
                    subject.happen(event)
                    if number in (1, 3):
                        subject.platform.down = True
                        with contextlib.suppress(PlatformAway):
                            told += await _polled(subject.make(), ctx)
                            raise AssertionError("the platform is down, and the poll says nothing of it: PlatformAway")
                        subject.platform.down = False
                    else:
                        told += await _polled(subject.make(), ctx)
                for event in orders:
                    assert any(_says(fact, event) for fact in told), f"lost: {event}"

        run(story())

    @applies(polls_orders)
    def test_a_poll_that_was_cut_off_is_taken_up(self, subject: Case[Any]) -> None:
        """A gateway that is killed in the midst of a poll has kept what was told so far, and no more."""

        async def story() -> None:
            orders = [replace_order(_lives(subject)[0][1], f"90071992547409{number:02}") for number in range(5)]
            for event in orders:
                subject.happen(event)
            async with subject.context() as ctx:
                told: list[OrderFact] = []
                connector = subject.make()
                async with aclosing(cast(Any, connector.poll_orders(ctx))) as events:
                    async for event in events:
                        told += await _facts(connector, event, ctx)
                        break
                told += await _polled(subject.make(), ctx)
                for each in orders:
                    assert any(_says(fact, each) for fact in told), f"lost: {each}"

        run(story())


def replace_order(event: OrderFact, order: str) -> OrderFact:
    """The same of another order."""
    return msgspec.structs.replace(event, order=order)


async def _polled(connector: Connector[Any], ctx: Context) -> list[OrderFact]:
    found: list[OrderFact] = []
    async with aclosing(cast(Any, connector.poll_orders(ctx))) as events:
        async for event in events:
            found += await _facts(connector, event, ctx)
    return found


async def _facts(connector: Connector[Any], event: OrderFact | OrderRef, ctx: Context) -> list[OrderFact]:
    return whole_facts(event, await connector.enrich(event, ctx)) if isinstance(event, OrderRef) else [event]


def _lives(case: Case[Any]) -> list[list[OrderFact]]:
    order, shop, lines = case.order, case.shop, lines_of(case)
    placed, paid = OrderPlaced(order=order, shop=shop, lines=lines), OrderPaid(order=order, shop=shop, lines=lines)
    cancelled = OrderCancelled(order=order, shop=shop)
    return [
        [placed, paid, OrderShipped(order=order, shop=shop)],
        [placed, cancelled],
        [placed, paid, cancelled],
        [placed, paid, Refunded(order=order, shop=shop, lines=lines[:1], restock=True, transition="9007199254740995")],
    ]


def _says(fact: OrderFact, event: OrderFact) -> bool:
    """Whether `fact` is what happened. A platform that says nothing of restocking leaves it to a person."""
    if (type(fact), fact.order, fact.shop) != (type(event), event.order, event.shop):
        return False
    if isinstance(fact, Refunded) and isinstance(event, Refunded) and fact.restock not in (None, event.restock):
        return False
    if fact.at is not None and fact.at.tzinfo is None:
        return False
    return _units(fact.lines) == _units(event.lines) or not event.lines


def _units(lines: Sequence[Line]) -> dict[str, int]:
    units: dict[str, int] = {}
    for line in lines:
        units[line.platform_sku] = units.get(line.platform_sku, 0) + line.quantity
    return units


def _happening(fact: OrderFact) -> tuple[Any, ...]:
    """What tells one happening from another, under whatever delivery."""
    return type(fact).__name__, fact.order, fact.shop, fact.transition, tuple(sorted(_units(fact.lines).items()))


def _end(facts: Sequence[OrderEvent]) -> str:
    """Where an order ends, as the room would fold it."""
    kinds = {type(fact) for fact in facts}
    return next((kind.__name__ for kind in (OrderCancelled, OrderPaid, OrderPlaced) if kind in kinds), "nothing")


@contextlib.contextmanager
def _another(case: Case[Any]) -> Iterator[Case[Any]]:
    """A new case of the same kind, with a platform on which nothing has happened yet."""
    found = type(case)()
    with found.platform:
        yield found
        assert not found.platform.failures, found.platform.failures[0]
