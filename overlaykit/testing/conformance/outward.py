"""What goes to the platform and what else is read of it: numbers, texts, alerts, chat, warehouses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Any, cast

from overlaykit.errors import OverlaykitError, PlatformAway
from overlaykit.model.connectors import Capability, Connector, Context
from overlaykit.model.events import ChatMessage, ListingObserved, StockLevel, StockPushResult
from overlaykit.model.messages import CouponGift, Notification
from overlaykit.testing.conformance.asking import applies, now_ms, parsed, run, skip
from overlaykit.testing.conformance.case import Case

TEXT = "羊绒大衣只剩 5 件 / 5 coats left"


def can(capability: Capability) -> Callable[[type[Case[Any]]], bool]:
    """For connectors that promise it."""
    return lambda case: capability in case.connector.capabilities


def levels_of(case: Case[Any], *quantities: int) -> list[StockLevel]:
    """A level for each of the case's skus."""
    return [
        StockLevel(sku=f"our-{sku}", platform_sku=sku, quantity=quantity, key=f"key-{sku}-{quantity}")
        for sku, quantity in zip(case.skus, quantities, strict=False)
    ]


async def pushed(connector: Connector[Any], levels: Sequence[StockLevel], ctx: Context) -> list[StockPushResult]:
    """The results, up to where it failed for want of the platform."""
    found: list[StockPushResult] = []
    try:
        async with aclosing(cast(Any, connector.push_stock(levels, ctx))) as results:
            async for result in results:
                found.append(result)
    except PlatformAway:
        pass
    return found


class PushTests:
    """Of connectors that write stock."""

    @applies(can(Capability.PUSH_STOCK))
    def test_numbers_are_sold_there_as_pushed(self, subject: Case[Any]) -> None:
        async def story() -> None:
            async with subject.context() as ctx:
                connector = subject.make()
                for quantities in ((7, 3), (2, 0), (2, 0), (1_000_000, 5)):
                    levels = levels_of(subject, *quantities)
                    results = await pushed(connector, levels, ctx)
                    assert {result.level: result.ok for result in results} == dict.fromkeys(levels, True), results
                    assert [subject.sells(sku) for sku in subject.skus] == list(quantities), (
                        "absolute, also when repeated"
                    )
                assert await pushed(connector, [], ctx) == []

        run(story())

    @applies(can(Capability.PUSH_STOCK))
    def test_a_number_whose_answer_was_lost_is_pushed_again_and_counts_once(self, subject: Case[Any]) -> None:
        async def story() -> None:
            async with subject.context() as ctx:
                connector, levels = subject.make(), levels_of(subject, 7, 3)
                await pushed(connector, levels_of(subject, 9, 9), ctx)
                subject.platform.forgets = True
                results = await pushed(connector, levels, ctx)
                assert not any(result.ok for result in results), f"nobody has answered, and it says {results}"
                subject.platform.forgets = False
                results = await pushed(subject.make(), levels, ctx)
                assert {result.level for result in results if result.ok} == set(levels), results
                assert [subject.sells(sku) for sku in subject.skus] == [7, 3]

        run(story())

    @applies(can(Capability.PUSH_STOCK))
    def test_a_platform_that_is_down_has_taken_no_number(self, subject: Case[Any]) -> None:
        async def story() -> None:
            async with subject.context() as ctx:
                subject.platform.down = True
                results = await pushed(subject.make(), levels_of(subject, 7, 3), ctx)
                assert not any(result.ok for result in results), f"the platform is down, and it says {results}"

        run(story())

    @applies(can(Capability.PUSH_STOCK))
    def test_one_number_that_is_refused_does_not_stop_the_others(self, subject: Case[Any]) -> None:
        """Platforms hide it under a code of success."""

        async def story() -> None:
            async with subject.context() as ctx:
                refused, taken = levels_of(subject, 7, 3)
                subject.refuse(refused.platform_sku)
                results = {result.level: result for result in await pushed(subject.make(), [refused, taken], ctx)}
                assert results.keys() == {refused, taken}, f"a level without a result: {results}"
                assert results[taken].ok, results
                assert not results[refused].ok, results
                assert results[refused].reason, "no reason: the operator reads the platform's words"
                assert subject.sells(taken.platform_sku) == 3

        run(story())

    @applies(can(Capability.PUSH_STOCK))
    def test_our_own_number_comes_back_as_a_listing(self, subject: Case[Any]) -> None:
        """It must not look like an order, or like a count of the warehouse."""
        sku = subject.skus[0]
        body = subject.listed(sku, 7, "delivery-1")
        if body is None:
            return skip("the platform does not tell of its numbers")
        found = parsed(subject.make(), subject.arrives(body, "delivery-1", now_ms()))
        assert all(isinstance(arrival, ListingObserved) for arrival in found), f"the echo is read as {found}"
        assert [(each.platform_sku, each.quantity) for each in found if isinstance(each, ListingObserved)] == [(sku, 7)]


class SpeakTests:
    """Of connectors that bring something to people."""

    @applies(can(Capability.NOTIFY))
    def test_an_alert_reaches_the_team(self, subject: Case[Any]) -> None:
        async def story() -> None:
            async with subject.context() as ctx:
                await subject.make().notify(Notification(text=TEXT, title="库存 / stock", level="urgent"), ctx)

        run(story())
        assert any(TEXT in heard and "库存 / stock" in heard for heard in subject.heard()), subject.heard()

    @applies(can(Capability.NOTIFY))
    def test_an_alert_that_did_not_arrive_is_said_to_have_failed(self, subject: Case[Any]) -> None:
        self._fails_when_down(subject, lambda made, ctx: made.notify(Notification(text=TEXT), ctx))

    @applies(can(Capability.CHAT_SEND))
    def test_a_text_reaches_the_chat_once(self, subject: Case[Any]) -> None:
        async def story() -> None:
            async with subject.context() as ctx:
                await subject.make().send_chat(TEXT, ctx)

        run(story())
        assert list(subject.heard()) == [TEXT]

    @applies(can(Capability.CHAT_SEND))
    def test_a_text_that_was_not_taken_is_said_to_have_failed(self, subject: Case[Any]) -> None:
        self._fails_when_down(subject, lambda made, ctx: made.send_chat(TEXT, ctx))

    @applies(can(Capability.COUPON))
    def test_a_coupon_is_given_once(self, subject: Case[Any]) -> None:
        async def story() -> None:
            async with subject.context() as ctx:
                await subject.make().give_coupon(CouponGift("coupon-7"), ctx, id="gift-1")

        run(story())
        assert list(subject.heard()) == ["coupon-7"]

    @applies(can(Capability.COUPON))
    def test_a_coupon_that_was_not_taken_is_said_to_have_failed(self, subject: Case[Any]) -> None:
        self._fails_when_down(subject, lambda made, ctx: made.give_coupon(CouponGift("coupon-7"), ctx, id="gift-1"))

    def _fails_when_down(self, subject: Case[Any], call: Any) -> None:
        async def story() -> None:
            async with subject.context() as ctx:
                subject.platform.down = True
                try:
                    detail = await call(subject.make(), ctx)
                except (OverlaykitError, TimeoutError):
                    return
                raise AssertionError(f"the platform is down, and it returned {detail!r} as if all were well")

        run(story())


class ReadTests:
    """Of connectors that read a chat, or a warehouse."""

    @applies(can(Capability.CHAT_READ))
    def test_what_viewers_write_is_heard(self, subject: Case[Any]) -> None:
        wanted = ChatMessage(id="9007199254740993", author="小满", text="怎么买？ 1️⃣ or 2?")

        async def story() -> list[ChatMessage]:
            async with subject.context() as ctx:
                connector, heard = subject.make(), []

                async def listen() -> None:
                    async with aclosing(cast(Any, connector.chat(ctx))) as messages:
                        async for message in messages:
                            heard.append(message)
                            if len(heard) == 2:
                                return

                listening = asyncio.create_task(listen())
                while not listening.done():
                    subject.write(wanted)
                    await asyncio.wait({listening}, timeout=0.1)
                await listening
                await connector.close()
                return heard

        heard = run(story())
        for message in heard:
            assert (message.author, message.text) == (wanted.author, wanted.text), message
        assert heard[0].id == heard[1].id, f"one message under two ids: {heard}"

    @applies(can(Capability.STOCK_LEVELS))
    def test_what_lies_in_the_warehouse_is_counted(self, subject: Case[Any]) -> None:
        async def story() -> None:
            async with subject.context() as ctx:
                connector, known = subject.make(), dict[str, int]()
                for quantities, full in (((7, 3), True), ((7, 0), False), ((1_000_000, 0), True)):
                    for sku, quantity in zip(subject.skus, quantities, strict=True):
                        subject.count(sku, quantity)
                    for reading in await connector.poll(ctx, full):
                        known[reading.sku] = reading.quantity
                        assert reading.observed_at is None or reading.observed_at.tzinfo, f"no offset: {reading}"
                    assert [known.get(sku) for sku in subject.skus] == list(quantities), known
                await connector.close()

        run(story())

    @applies(can(Capability.STOCK_LEVELS))
    def test_a_warehouse_that_does_not_answer_is_silent(self, subject: Case[Any]) -> None:
        async def story() -> None:
            async with subject.context() as ctx:
                subject.count(subject.skus[0], 7)
                subject.platform.down = True
                try:
                    found = await subject.make().poll(ctx, True)
                except (OverlaykitError, TimeoutError):
                    return
                raise AssertionError(
                    f"the source is down, and poll() returned {found}: to return is to say that it is there"
                )

        run(story())
