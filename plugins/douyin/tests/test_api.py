"""Doudian's API: what the connector asks, what it makes of the answers, and what it does when there are none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

from overlaykit.api import (
    OrderCancelled,
    OrderFact,
    OrderPaid,
    OrderPlaced,
    OrderRef,
    OrderShipped,
    PlatformAway,
    PlatformRefused,
    Refunded,
    Request,
    Secret,
    StockLevel,
    StockPushResult,
    UserError,
)
from overlaykit.testing import TestContext
from plugins.douyin import Douyin
from plugins.douyin.client import param_json, sign
from plugins.douyin.fake import APP_KEY, APP_SECRET, PRODUCT, SHOP, FakeDouyin
from plugins.douyin.settings import DouyinSettings, SkuField

T = TypeVar("T")


@pytest.fixture
def shop() -> Iterator[FakeDouyin]:
    with FakeDouyin() as shop:
        yield shop
        assert shop.failures == []


def connector(shop: FakeDouyin, *, sku: SkuField = "code", service_id: str = "") -> Douyin:
    settings = DouyinSettings(app_key=APP_KEY, app_secret=Secret(APP_SECRET), sku=sku, service_id=service_id)
    settings.base_url = shop.url
    return Douyin(settings)


def run(story: Callable[[TestContext], Awaitable[T]], *, shops: tuple[str, ...] = (SHOP,)) -> T:
    async def told() -> T:
        async with TestContext(shops=shops) as ctx:
            return await story(ctx)

    return asyncio.run(told())


async def all_of(things: AsyncIterator[T]) -> list[T]:
    return [thing async for thing in things]


def ref(order: str, **fields: Any) -> OrderRef:
    return OrderRef(delivery="m", shop=SHOP, order=order, **fields)


def level(platform_sku: str, quantity: int) -> StockLevel:
    return StockLevel(sku="ours", platform_sku=platform_sku, quantity=quantity, key="k")


def lines_of(fact: OrderFact) -> dict[str, int]:
    return {line.platform_sku: line.quantity for line in fact.lines}


def test_a_call_is_signed_over_its_sorted_parameters() -> None:
    assert param_json({"b": "中<文>", "a": 1}) == '{"a":1,"b":"中<文>"}'
    # printf SECRETapp_key…v2SECRET | openssl dgst -sha256 -hmac SECRET
    assert (
        sign("7000000000000000001", "s-e-c-r-e-t", "order.orderDetail", '{"shop_order_id":"4781"}', 1618990587)
        == "7d1d041496736c2836bf1df47c9c4e0bdb2313f0510044aa9a9e1647fbe2d572"
    )


def test_an_order_is_followed_from_placed_to_shipped(shop: FakeDouyin) -> None:
    douyin, id = connector(shop), shop.place({"coat-m": 2, "scarf": 1}, buyer="buyer-7")

    async def story(ctx: TestContext) -> None:
        (placed,) = await douyin.enrich(ref(id), ctx)
        assert isinstance(placed, OrderPlaced)
        assert (placed.order, placed.shop, placed.buyer, lines_of(placed)) == (
            id,
            SHOP,
            "buyer-7",
            {"coat-m": 2, "scarf": 1},
        )
        assert placed.lines[0].unit_price == 9_900
        shop.pay(id)
        (paid,) = await douyin.enrich(ref(id), ctx)
        assert isinstance(paid, OrderPaid)
        assert (lines_of(paid), paid.at is not None) == ({"coat-m": 2, "scarf": 1}, True)
        shop.ship(id)
        again, shipped = await douyin.enrich(ref(id), ctx)
        assert isinstance(again, OrderPaid)
        assert again.transition == paid.transition
        assert isinstance(shipped, OrderShipped)
        assert lines_of(shipped) == {"coat-m": 2, "scarf": 1}
        assert shipped.transition.startswith("parcel-")

    run(story)


def test_a_payment_that_was_told_counts_although_the_api_is_a_moment_behind(shop: FakeDouyin) -> None:
    id = shop.place({"scarf": 1})
    (paid,) = run(lambda ctx: connector(shop).enrich(ref(id, hint={"paid": "101"}), ctx))
    assert isinstance(paid, OrderPaid)


def test_a_closed_order_gives_back_what_has_not_left(shop: FakeDouyin) -> None:
    id = shop.place({"scarf": 1})
    shop.cancel(id)
    (cancelled,) = run(lambda ctx: connector(shop).enrich(ref(id), ctx))
    assert isinstance(cancelled, OrderCancelled)
    assert cancelled.lines == ()


@pytest.mark.parametrize(("kind", "restock"), [(2, True), (5, True), (0, None), (1, False)])
def test_whether_refunded_units_can_be_sold_again(shop: FakeDouyin, kind: int, restock: bool | None) -> None:
    id = shop.place({"coat-m": 3})
    after = shop.refund(id, kind=kind, lines={"coat-m": 2})
    (refunded,) = run(lambda ctx: connector(shop).enrich(ref(id, hint={"aftersale": after}), ctx))
    assert isinstance(refunded, Refunded)
    assert (lines_of(refunded), refunded.restock, refunded.transition) == (
        {"coat-m": 2},
        restock,
        f"aftersale-{after}",
    )


def test_an_exchange_gives_nothing_back(shop: FakeDouyin) -> None:
    id = shop.place({"coat-m": 1})
    after = shop.refund(id, kind=3)
    assert run(lambda ctx: connector(shop).enrich(ref(id, hint={"aftersale": after}), ctx)) == []


@pytest.mark.parametrize(
    ("field", "expected"), [("code", "scarf"), ("out_sku_id", "91001"), ("sku_id", f"{PRODUCT}/1001")]
)
def test_the_plan_says_which_field_is_the_platform_sku(shop: FakeDouyin, field: SkuField, expected: str) -> None:
    id = shop.place({"scarf": 1})
    (placed,) = run(lambda ctx: connector(shop, sku=field).enrich(ref(id), ctx))
    assert lines_of(placed) == {expected: 1}


def test_a_line_without_a_code_is_named_by_product_and_sku(shop: FakeDouyin) -> None:
    id = shop.place({"scarf": 1})
    shop.orders[id]["sku_order_list"][0]["code"] = ""
    (placed,) = run(lambda ctx: connector(shop).enrich(ref(id), ctx))
    assert lines_of(placed) == {f"{PRODUCT}/1001": 1}


def test_polling_alone_tells_all_and_the_same(shop: FakeDouyin) -> None:
    douyin = connector(shop)

    async def story(ctx: TestContext) -> None:
        assert await all_of(douyin.poll_orders(ctx)) == []
        first, second = shop.place({"coat-m": 1}), shop.place({"scarf": 2})
        shop.pay(first)
        shop.cancel(second)
        after = shop.refund(first)
        for order in shop.orders.values():  # all in one second, also where the clock has just come to the next
            order["update_time"] = ctx.now_ms // 1000
        paid, cancelled, refund = await all_of(douyin.poll_orders(ctx))
        assert (type(paid), paid.order) == (OrderPaid, first)
        assert (type(cancelled), cancelled.order) == (OrderCancelled, second)
        assert isinstance(refund, OrderRef)
        pushed = next(iter(douyin.parse(Request(body=json.dumps(shop.message("refunded", after)).encode()))))
        assert isinstance(pushed, OrderRef)
        assert (refund.order, refund.transition, refund.hint) == (pushed.order, pushed.transition, pushed.hint)
        assert await all_of(douyin.poll_orders(ctx)) == [paid, cancelled, refund]

    run(story)


def test_a_poll_reads_a_long_absence_in_pieces_and_remembers_how_far_it_came(shop: FakeDouyin) -> None:
    id = shop.place({"coat-m": 1})

    async def story(ctx: TestContext) -> None:
        away = ctx.now_ms // 1000 - 5 * 3_600 - 1_800
        ctx.kept |= {f"orders-{SHOP}": str(away), f"refunds-{SHOP}": str(away)}
        found = await all_of(connector(shop).poll_orders(ctx))
        assert {each.order for each in found} == {id}
        asked = [call.json() for call in shop.calls if call.path == "/order/searchList"]
        assert [each["update_time_end"] - each["update_time_start"] for each in asked[:-1]] == [3_660] * 5
        assert int(ctx.kept[f"orders-{SHOP}"]) >= away + 5 * 3_600 + 1_800

    run(story)


def test_more_than_a_page_of_changes_is_read_to_the_end(shop: FakeDouyin) -> None:
    ids = [shop.place({"coat-m": 0}) for _ in range(230)]
    for number, id in enumerate(ids):
        shop.orders[id]["update_time"] -= number // 50

    async def story(ctx: TestContext) -> None:
        ctx.kept[f"orders-{SHOP}"] = str(ctx.now_ms // 1000 - 10)
        for order in shop.orders.values():
            order["sku_order_list"][0]["item_num"] = 1
        found = await all_of(connector(shop).poll_orders(ctx))
        assert {each.order for each in found} == set(ids)
        shop.calls.clear()
        for order in shop.orders.values():
            order["update_time"] = ctx.now_ms // 1000
        found = await all_of(connector(shop).poll_orders(ctx))
        assert {each.order for each in found} == set(ids)

    run(story)


def test_stock_is_set_by_code_or_by_product_and_sku(shop: FakeDouyin) -> None:
    wanted = [level("coat-m", 7), level(f"{PRODUCT}/1001", 3), level("nothing", 1)]
    first, second, third = run(lambda ctx: all_of(connector(shop).push_stock(wanted, ctx)))
    assert (first, second) == (StockPushResult(wanted[0], ok=True), StockPushResult(wanted[1], ok=True))
    assert not third.ok
    assert "nothing" in str(third.reason)
    assert shop.stock == {"coat-m": 7, "scarf": 3}
    assert all(call.json()["incremental"] is False for call in shop.calls if call.path == "/sku/syncStock")


def test_a_sku_that_is_not_spelled_product_and_sku_is_said_to_be_so(shop: FakeDouyin) -> None:
    (result,) = run(lambda ctx: all_of(connector(shop, sku="sku_id").push_stock([level("1001", 3)], ctx)))
    assert "PRODUCT/SKU" in str(result.reason)
    assert not any(call.path == "/sku/syncStock" for call in shop.calls)


def test_a_busy_platform_is_away_and_a_no_is_a_no(shop: FakeDouyin) -> None:
    id = shop.place({"scarf": 1})

    async def story(ctx: TestContext) -> None:
        for code, sub_code in ((60000, "isv.app-call-limited"), (20000, "isp.service-error:256"), (50002, "isp.x")):
            shop.refuses.append((code, sub_code))
            with pytest.raises(PlatformAway, match="made-up refusal"):
                await connector(shop).enrich(ref(id), ctx)
        shop.refuses.append((50002, "isv.business-failed:7"))
        with pytest.raises(PlatformRefused, match="made-up refusal") as no:
            await connector(shop).enrich(ref(id), ctx)
        assert no.value.code == "50002 isv.business-failed:7"
        shop.down = True
        with pytest.raises(PlatformAway):
            await all_of(connector(shop).push_stock([level("scarf", 1)], ctx))

    run(story)


def test_the_shops_own_app_needs_nobody_but_its_shop(shop: FakeDouyin) -> None:
    async def story(ctx: TestContext) -> None:
        granted = await connector(shop).own_grant(SHOP, ctx)
        assert shop.calls[-1].json() == {"code": "", "grant_type": "authorization_self", "shop_id": SHOP}
        assert granted.token in shop.tokens
        assert granted.refresh_token is None, "it is made anew, not renewed"
        with pytest.raises(UserError, match="needs to know the shop"):
            await connector(shop).own_grant("", ctx)
        with pytest.raises(UserError, match="has not authorised"):
            await connector(shop, service_id="42").own_grant(SHOP, ctx)

    run(story)


def test_a_tool_app_is_authorised_in_a_browser_and_its_grant_renewed(shop: FakeDouyin) -> None:
    douyin, callback = connector(shop, service_id="42"), "http://room/oauth/douyin/callback"
    assert connector(shop).authorise_url(callback, "st") is None
    assert douyin.authorise_url(callback, "st") == "https://fuwu.jinritemai.com/authorize?service_id=42&state=st"

    async def story(ctx: TestContext) -> None:
        granted = await douyin.grant({"code": "c-1", "state": "st"}, callback, ctx)
        assert granted.shop == SHOP
        assert granted.expires_at == pytest.approx(ctx.now_ms / 1000 + 604_800, abs=60)
        renewed = await douyin.renew(granted, ctx)
        assert renewed.token != granted.token
        assert shop.calls[-1].json() == {"grant_type": "refresh_token", "refresh_token": granted.refresh_token}
        with pytest.raises(UserError, match="gave no code"):
            await douyin.grant({"state": "st"}, callback, ctx)

    run(story)


@pytest.mark.parametrize(
    ("code", "sub_code", "remedy"),
    [
        (30001, "isv.app-permissions-insufficient", "Apply for this API"),
        (30002, "", "white list"),
        (40003, "isv.signature-invalid", "app_secret"),
    ],
)
def test_what_somebody_has_to_mend_is_said_and_tried_again(
    shop: FakeDouyin, code: int, sub_code: str, remedy: str
) -> None:
    id = shop.place({"scarf": 1})
    shop.refuses.append((code, sub_code))
    with pytest.raises(UserError, match="made-up refusal") as error:
        run(lambda ctx: connector(shop, service_id="42").enrich(ref(id), ctx))
    assert remedy in str(error.value)


def test_an_authorisation_that_the_shop_took_back_has_to_be_given_again(shop: FakeDouyin) -> None:
    id = shop.place({"scarf": 1})
    shop.refuses.append((30001, "dop.authorization-closed"))
    with pytest.raises(UserError, match="ended the authorisation") as error:
        run(lambda ctx: connector(shop, service_id="42").enrich(ref(id), ctx))
    assert "plugin authorise" in str(error.value)


def test_a_token_that_was_ended_early_is_replaced_by_the_room(shop: FakeDouyin) -> None:
    id, own = shop.place({"scarf": 1}), connector(shop)
    shop.expire()

    async def story(ctx: TestContext) -> None:
        ctx.grantor = own
        for _ in range(3):
            (placed,) = await own.enrich(ref(id), ctx)
            assert isinstance(placed, OrderPlaced)
        assert [call.path for call in shop.calls].count("/token/create") == 1

    run(story)


def test_an_order_that_is_told_again_is_no_news(shop: FakeDouyin) -> None:
    """With a later time it would be, and would bring back what was cancelled."""

    async def story(ctx: TestContext) -> None:
        id = shop.place({"scarf": 1})
        for happens in (lambda id: None, shop.pay, shop.ship):
            happens(id)
            told = await connector(shop).enrich(ref(id), ctx)
            assert told
            shop.orders[id]["update_time"] += 3_600  # such as by a remark of the seller
            assert await connector(shop).enrich(ref(id), ctx) == told
        shop.cancel(id)
        assert not any(isinstance(fact, OrderPlaced | OrderPaid) for fact in await connector(shop).enrich(ref(id), ctx))

    run(story)


def test_an_answer_that_does_not_fit_is_no_crash(shop: FakeDouyin) -> None:
    id = shop.place({"scarf": 1})
    shop.orders[id] = {"order_id": id}

    async def story(ctx: TestContext) -> None:
        with pytest.raises(Exception, match="does not fit"):
            await connector(shop).enrich(ref(id), ctx)

    run(story)
