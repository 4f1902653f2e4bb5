"""The API of a shop: what the connector asks, what it makes of the answers, and what it does when there are none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

from overlaykit.api import (
    BadMessage,
    OrderCancelled,
    OrderFact,
    OrderPaid,
    OrderPlaced,
    OrderRef,
    OrderShipped,
    PlatformAway,
    PlatformRefused,
    Refunded,
    Secret,
    StockLevel,
    StockPushResult,
    UserError,
)
from overlaykit.testing import TestContext
from plugins.wechat_channels import WechatChannels
from plugins.wechat_channels.fake import (
    APP_SECRET,
    APPID,
    COAT,
    ENCODING_AES_KEY,
    SCARF,
    TOKEN,
    FakeChannels,
    question,
    sealed,
)
from plugins.wechat_channels.settings import ChannelsSettings, SkuField

T = TypeVar("T")


@pytest.fixture
def shop() -> Iterator[FakeChannels]:
    with FakeChannels() as shop:
        yield shop
        assert shop.failures == []


def connector(shop: FakeChannels, *, sku: SkuField = "sku_id") -> WechatChannels:
    settings = ChannelsSettings(
        appid=APPID,
        app_secret=Secret(APP_SECRET),
        token=Secret(TOKEN),
        encoding_aes_key=Secret(ENCODING_AES_KEY),
        sku=sku,
        base_url=shop.url,
    )
    return WechatChannels(settings)


def run(story: Callable[[TestContext], Awaitable[T]]) -> T:
    async def told() -> T:
        async with TestContext() as ctx:
            return await story(ctx)

    return asyncio.run(told())


async def all_of(things: AsyncIterator[T]) -> list[T]:
    return [thing async for thing in things]


def ref(order: str, **fields: Any) -> OrderRef:
    return OrderRef(delivery="m", order=order, **fields)


def level(platform_sku: str, quantity: int) -> StockLevel:
    return StockLevel(sku="ours", platform_sku=platform_sku, quantity=quantity, key="k")


def lines_of(fact: OrderFact) -> dict[str, int]:
    return {line.platform_sku: line.quantity for line in fact.lines}


def test_the_address_is_confirmed_and_a_forged_question_is_not(shop: FakeChannels) -> None:
    reply = connector(shop).probe(question("4375120948345356249"))
    assert reply is not None
    assert (reply.status, reply.text) == (200, "4375120948345356249")
    forged = question("1")
    forged.query["nonce"] = "2"  # type: ignore[index]
    refused = connector(shop).probe(forged)
    assert refused is not None
    assert refused.status == 403
    assert connector(shop).probe(sealed(b"{}")) is None


def test_an_order_is_followed_from_placed_to_shipped(shop: FakeChannels) -> None:
    channels, id = connector(shop), shop.place({COAT: 2, SCARF: 1}, buyer="openid-7")

    async def story(ctx: TestContext) -> None:
        (placed,) = await channels.enrich(ref(id), ctx)
        assert isinstance(placed, OrderPlaced)
        assert (placed.order, placed.buyer, lines_of(placed)) == (id, "openid-7", {COAT: 2, SCARF: 1})
        assert placed.lines[0].unit_price == 9_900
        shop.pay(id)
        (paid,) = await channels.enrich(ref(id), ctx)
        assert isinstance(paid, OrderPaid)
        shop.ship(id)
        again, shipped = await channels.enrich(ref(id), ctx)
        assert (type(again), type(shipped)) == (OrderPaid, OrderShipped)
        assert (lines_of(shipped), shipped.transition.startswith("parcel-")) == ({COAT: 2, SCARF: 1}, True)
        shop.orders[id]["order_detail"]["delivery_info"] = None
        _, whole = await channels.enrich(ref(id), ctx)
        assert (type(whole), whole.lines) == (OrderShipped, ())

    run(story)


def test_a_payment_that_was_told_counts_although_the_api_is_a_moment_behind(shop: FakeChannels) -> None:
    id = shop.place({SCARF: 1})
    (paid,) = run(lambda ctx: connector(shop).enrich(ref(id, hint={"paid": "channels_ec_order_pay"}), ctx))
    assert isinstance(paid, OrderPaid)


def test_a_state_that_is_new_to_us_is_told_by_whether_it_is_paid(shop: FakeChannels) -> None:
    """Such as 12, a present that waits for its receiver."""
    id = shop.place({SCARF: 1})
    shop.orders[id]["status"] = 12
    (placed,) = run(lambda ctx: connector(shop).enrich(ref(id), ctx))
    shop.pay(id)
    shop.orders[id]["status"] = 12
    (paid,) = run(lambda ctx: connector(shop).enrich(ref(id), ctx))
    assert (type(placed), type(paid)) == (OrderPlaced, OrderPaid)


@pytest.mark.parametrize("status", [190, 200, 250])
def test_a_closed_order_gives_back_what_has_not_left(shop: FakeChannels, status: int) -> None:
    id = shop.place({SCARF: 1})
    shop.ship(id)
    shop.orders[id]["status"] = status
    shipped, cancelled = run(lambda ctx: connector(shop).enrich(ref(id), ctx))
    assert (type(shipped), type(cancelled)) == (OrderShipped, OrderCancelled)


@pytest.mark.parametrize(
    ("type", "shipped", "restock"),
    [("REFUND", False, True), ("REFUND", True, False), ("RETURN", True, None)],
)
def test_whether_refunded_units_can_be_sold_again(
    shop: FakeChannels, type: str, shipped: bool, restock: bool | None
) -> None:
    id = shop.place({COAT: 3, SCARF: 1})
    if shipped:
        shop.ship(id)
    after = shop.refund(id, sku=COAT, units=2, type=type)
    (refunded,) = run(lambda ctx: connector(shop).enrich(ref(id, hint={"aftersale": after}), ctx))
    assert isinstance(refunded, Refunded)
    assert (lines_of(refunded), refunded.restock, refunded.transition) == ({COAT: 2}, restock, f"aftersale-{after}")


def test_an_after_sale_under_way_or_an_exchange_gives_nothing_back(shop: FakeChannels) -> None:
    id = shop.place({COAT: 1})
    exchange, waiting = shop.refund(id, type="EXCHANGE"), shop.refund(id)
    shop.refunds[waiting]["status"] = "MERCHANT_PROCESSING"

    async def story(ctx: TestContext) -> None:
        for after in (exchange, waiting):
            assert await connector(shop).enrich(ref(id, hint={"aftersale": after}), ctx) == []

    run(story)
    told = {"aftersale": waiting, "status": "MERCHANT_REFUND_SUCCESS"}
    (refunded,) = run(lambda ctx: connector(shop).enrich(ref(id, hint=told), ctx))
    assert isinstance(refunded, Refunded)


@pytest.mark.parametrize(
    ("field", "expected"), [("sku_id", SCARF), ("sku_code", "code-764787450"), ("out_sku_id", "out-764787450")]
)
def test_the_plan_says_which_field_is_the_platform_sku(shop: FakeChannels, field: SkuField, expected: str) -> None:
    id = shop.place({SCARF: 1})
    shop.ship(id)
    after = shop.refund(id)

    async def story(ctx: TestContext) -> None:
        paid, shipped = await connector(shop, sku=field).enrich(ref(id), ctx)
        (refunded,) = await connector(shop, sku=field).enrich(ref(id, hint={"aftersale": after}), ctx)
        assert [lines_of(fact) for fact in (paid, shipped, refunded)] == [{expected: 1}] * 3

    run(story)


def test_polling_alone_tells_all_and_the_same(shop: FakeChannels) -> None:
    channels = connector(shop)

    async def story(ctx: TestContext) -> None:
        assert await all_of(channels.poll_orders(ctx)) == []
        first, second = shop.place({COAT: 1}), shop.place({SCARF: 2})
        shop.pay(first)
        shop.cancel(second)
        after = shop.refund(first)
        waiting, _ = shop.refund(first), shop.refund(first, type="EXCHANGE")
        shop.refunds[waiting]["status"] = "USER_WAIT_RETURN"
        paid, cancelled, refund = await all_of(channels.poll_orders(ctx))
        assert (type(paid), paid.order) == (OrderPaid, first)
        assert (type(cancelled), cancelled.order) == (OrderCancelled, second)
        assert isinstance(refund, OrderRef)
        (told,) = channels.parse(sealed(json.dumps(shop.event("refunded", after)).encode()))
        assert isinstance(told, OrderRef)
        assert (refund.order, refund.transition, refund.hint) == (told.order, told.transition, told.hint)
        (refunded,) = await channels.enrich(refund, ctx)
        assert isinstance(refunded, Refunded)
        assert await all_of(channels.poll_orders(ctx)) == [paid, cancelled, refund]

    run(story)


def test_a_poll_reads_all_pages_of_a_long_absence(shop: FakeChannels) -> None:
    ids = {shop.place({COAT: 0}) for _ in range(130)}
    refunds = {shop.refund(id, units=1) for id in list(ids)[:25]}
    for order in shop.orders.values():
        order["order_detail"]["product_infos"][0]["sku_cnt"] = 1

    async def story(ctx: TestContext) -> None:
        away = ctx.now_ms // 1000 - 7 * 3_600
        ctx.kept |= {"orders": str(away), "refunds": str(away)}
        found = await all_of(connector(shop).poll_orders(ctx))
        assert {each.order for each in found} == ids
        assert {each.hint["aftersale"] for each in found if isinstance(each, OrderRef)} == refunds
        asked = [call.json() for call in shop.calls if call.path == "/channels/ec/order/list/get"]
        assert [each.get("next_key") for each in asked] == [None, None, "100"]
        assert int(ctx.kept["orders"]) >= away + 7 * 3_600

    run(story)


def test_stock_is_set_absolutely_by_product_and_sku(shop: FakeChannels) -> None:
    wanted = [level(COAT, 7), level("10000000000000/1", 3), level("code-1", 2), level(SCARF, 0)]
    first, second, third, fourth = run(lambda ctx: all_of(connector(shop).push_stock(wanted, ctx)))
    assert (first, fourth) == (StockPushResult(wanted[0], ok=True), StockPushResult(wanted[3], ok=True))
    assert "10000000000000/1" in str(second.reason)
    assert "PRODUCT/SKU" in str(third.reason)
    assert shop.stock == {COAT: 7, SCARF: 0}
    assert {call.json()["diff_type"] for call in shop.calls} == {3}


def test_a_busy_platform_is_away_and_a_no_is_a_no(shop: FakeChannels) -> None:
    id = shop.place({SCARF: 1})

    async def story(ctx: TestContext) -> None:
        for errcode in (-1, 45009, 45011):
            shop.refuses.append(errcode)
            with pytest.raises(PlatformAway, match="made-up refusal"):
                await connector(shop).enrich(ref(id), ctx)
        shop.refuses.append(10020049)
        with pytest.raises(PlatformRefused, match="made-up refusal") as no:
            await connector(shop).enrich(ref(id), ctx)
        assert no.value.code == "10020049"
        shop.refuses.append(40164)
        with pytest.raises(UserError, match="made-up refusal") as mend:
            await connector(shop).enrich(ref(id), ctx)
        assert "white list" in str(mend.value)

    run(story)


def test_appid_and_secret_are_enough_for_a_token_and_one_that_was_ended_is_replaced(shop: FakeChannels) -> None:
    id, channels = shop.place({SCARF: 1}), connector(shop)

    async def story(ctx: TestContext) -> None:
        granted = await channels.own_grant("", ctx)
        assert granted.expires_at == pytest.approx(ctx.now_ms / 1000 + 7_200, abs=60)
        assert shop.calls[-1].json() == {"grant_type": "client_credential", "appid": APPID, "secret": APP_SECRET}
        shop.expire()
        ctx.grantor = channels
        for _ in range(3):
            (placed,) = await channels.enrich(ref(id), ctx)
            assert isinstance(placed, OrderPlaced)
        assert [call.path for call in shop.calls].count("/cgi-bin/stable_token") == 2

    run(story)


def test_a_wrong_secret_says_what_to_check(shop: FakeChannels) -> None:
    settings = connector(shop).settings
    settings.app_secret = Secret("another")
    with pytest.raises(UserError, match="invalid appsecret") as error:
        run(lambda ctx: WechatChannels(settings).own_grant("", ctx))
    assert "Check app_secret" in str(error.value)


def test_an_order_that_is_told_again_is_no_news(shop: FakeChannels) -> None:
    """With a later time it would be, and would bring back what was cancelled."""

    async def story(ctx: TestContext) -> None:
        id = shop.place({SCARF: 1})
        for happens in (lambda id: None, shop.pay, shop.ship):
            happens(id)
            told = await connector(shop).enrich(ref(id), ctx)
            assert told
            shop.orders[id]["update_time"] += 3_600  # such as by a remark of the seller
            assert await connector(shop).enrich(ref(id), ctx) == told
        shop.cancel(id)
        assert not any(isinstance(fact, OrderPlaced | OrderPaid) for fact in await connector(shop).enrich(ref(id), ctx))

    run(story)


def test_an_answer_that_does_not_fit_is_a_bad_message(shop: FakeChannels) -> None:
    shop.orders["1"] = {"order_id": "1"}
    with pytest.raises(BadMessage, match="does not fit"):
        run(lambda ctx: connector(shop).enrich(ref("1"), ctx))
