"""The connector and a made-up shop: what was asked is what was told, and numbers are written only onto what was read."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from overlaykit.api import (
    Context,
    OrderCancelled,
    OrderPaid,
    OrderRef,
    PlatformAway,
    Refunded,
    Reply,
    Secret,
    StockLevel,
    StockPushResult,
    UserError,
)
from overlaykit.testing import Call, FakePlatform, TestContext, load_plugin
from plugins.shopify.connector import Shopify, ShopSettings
from plugins.shopify.fake import TOKEN, FakeShopify

HERE = Path(__file__).parents[1]
T = TypeVar("T")


def shop(**stock: int) -> FakeShopify:
    return FakeShopify(secret="s", stock=stock or {"COAT": 10, "SCARF": 5})


def connector(at: FakeShopify, **more: Any) -> Shopify:
    given: dict[str, Any] = {"secret": (Secret("s"),), "shop": at.shop, "location": at.location, "api": at.url}
    return Shopify(ShopSettings(**given | {"access_token": Secret(TOKEN)} | more))


def asked(work: Callable[[Context], Awaitable[T]], kept: dict[str, str] | None = None) -> T:
    async def story() -> T:
        async with TestContext("channel.shopify", tokens={"": TOKEN}) as ctx:
            ctx.kept = {} if kept is None else kept
            return await work(ctx)

    return asyncio.run(story())


def push(made: Shopify, **levels: int) -> dict[str, StockPushResult]:
    given = [StockLevel(sku=f"our-{sku}", platform_sku=sku, quantity=n, key=f"{sku}-{n}") for sku, n in levels.items()]

    async def work(ctx: Context) -> list[StockPushResult]:
        return [result async for result in made.push_stock(given, ctx)]

    return {result.level.platform_sku: result for result in asked(work)}


def poll(made: Shopify, kept: dict[str, str]) -> list[OrderRef]:
    async def work(ctx: Context) -> list[OrderRef]:
        return [ref async for ref in made.poll_orders(ctx)]

    return asked(work, kept)


class Door(FakePlatform):
    """A room's address for messages."""

    def answer(self, call: Call) -> Reply:
        return Reply(200)


def test_an_order_that_is_asked_for_is_told_as_its_messages_were() -> None:
    """Messages and polls together count each happening once: what names it is the same."""
    with shop() as at, Door() as door:
        made, url = connector(at, buyers=True), f"{door.url}/hooks/shopify"
        at.tell(url, "orders/create", at.place([("COAT", 3), ("SCARF", 1)], id="77", paid=True, customer=5), "e-1")
        at.tell(url, "fulfillments/create", at.ship("77", [("COAT", 1)]), "e-2")
        at.tell(url, "refunds/create", at.refund("77", [("COAT", 1)], restock_type="no_restock"), "e-3")
        at.tell(url, "refunds/create", at.refund("77", [("SCARF", 1)]), "e-4")
        at.tell(url, "orders/cancelled", at.cancel("77"), "e-5")
        told = [event for call in door.calls for event in made.parse(call)]

        def happening(fact: Any) -> tuple[Any, ...]:
            return (
                type(fact),
                fact.order,
                fact.transition,
                getattr(fact, "restock", None),
                fact.lines,
                getattr(fact, "buyer", None),
            )

        found = asked(lambda ctx: made.enrich(OrderRef(order="77", shop=at.shop), ctx))
        assert found is not None
        assert {happening(fact) for fact in found} == {happening(fact) for fact in told}
        assert {type(fact) for fact in found} >= {OrderPaid, Refunded, OrderCancelled}


def test_an_order_that_is_asked_for_again_is_no_news_unless_it_was_edited() -> None:
    """Told with a later time it would be, and would bring back what was cancelled."""

    def held(at: FakeShopify, when: dt.datetime) -> tuple[dt.datetime | None, dt.datetime | None]:
        found = asked(lambda ctx: connector(at).enrich(OrderRef(order="77", at=when), ctx))
        assert found is not None
        times = {type(fact): fact.at for fact in found}
        return times.get(OrderPaid), times.get(OrderCancelled)

    with shop() as at:
        at.place([("COAT", 3)], id="77", paid=True)
        later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
        first, _ = held(at, later)
        assert first is not None
        assert first < later
        assert held(at, later + dt.timedelta(hours=1)) == (first, None)
        at.orders["77"]["edited"] = True
        assert held(at, later) == (later, None)
        at.cancel("77")
        told, cancelled = held(at, later)
        assert told is not None
        assert cancelled is not None
        assert told <= cancelled < later


def test_an_order_that_the_shop_does_not_have_is_nothing_to_the_room() -> None:
    with shop() as at:
        assert asked(lambda ctx: connector(at).enrich(OrderRef(order="404"), ctx)) is None


def test_a_poll_goes_on_where_the_last_one_ended_and_what_it_finds_twice_has_the_same_id() -> None:
    with shop() as at:
        kept: dict[str, str] = {}
        for number in range(120):
            at.place([("COAT", 1)], id=str(1000 + number))
        first = poll(connector(at), kept)
        assert [ref.order for ref in first] == [str(1000 + number) for number in range(120)]
        again = poll(connector(at), kept)
        assert {ref.delivery for ref in again} <= {ref.delivery for ref in first}, "the overlap"
        at.pay("1007")
        third = {ref.delivery: ref.order for ref in poll(connector(at), kept)}
        assert {third[new] for new in third.keys() - {ref.delivery for ref in first}} == {"1007"}


def test_orders_of_long_before_the_first_poll_do_not_count() -> None:
    with shop() as at:
        at.place([("COAT", 1)], id="1")
        at.orders["1"]["updated_at"] = "2025-11-11T12:00:00+00:00"
        at.place([("COAT", 1)], id="2")
        assert [ref.order for ref in poll(connector(at), {})] == ["2"]


def test_numbers_are_written_onto_what_was_read_and_what_is_right_already_is_left_alone() -> None:
    with shop() as at:
        results = push(connector(at), COAT=7, SCARF=5)
        assert {sku: result.ok for sku, result in results.items()} == {"COAT": True, "SCARF": True}
        assert at.available == {"COAT": 7, "SCARF": 5}
        assert results["COAT"].also == f"inventory_item:{at.item('COAT')}", "as messages of numbers call it"
        (written,) = [call.json()["variables"] for call in at.calls if call.json()["operationName"] == "Set"]
        (change,) = written["input"]["quantities"]
        assert (change["quantity"], change["changeFromQuantity"]) == (7, 10)
        assert written["key"]


def test_a_sale_between_the_look_and_the_write_voids_that_number_alone() -> None:
    with shop() as at:

        def buy() -> None:
            at.meanwhile = None
            at.place([("COAT", 1)])

        at.meanwhile = buy
        results = push(connector(at), COAT=7, SCARF=2)
        assert at.available == {"COAT": 9, "SCARF": 2}, "the sale is not undone"
        assert "COAT" not in results, "no result: it is pushed again, with what is known by then"
        assert results["SCARF"].ok


def test_a_write_whose_answer_was_lost_is_found_done() -> None:
    with shop() as at:
        made = connector(at)
        push(made, COAT=10)
        at.forgets = True
        with pytest.raises(PlatformAway):
            push(made, COAT=4)
        at.forgets = False
        assert push(made, COAT=4)["COAT"].ok
        assert at.available["COAT"] == 4


def test_what_the_shop_does_not_have_or_not_there_is_refused_with_the_reason_and_the_rest_is_written() -> None:
    with shop() as at:
        at.available["SCARF"] = None
        results = push(connector(at), COAT=7, SCARF=2, NONE=1)
        assert results["COAT"].ok
        assert results["SCARF"].reason == "not stocked at this location"
        assert results["NONE"].reason == "no variant has this sku"
        assert at.available["COAT"] == 7


def test_things_may_be_called_by_their_variant() -> None:
    with shop() as at:
        variant = str(at.place([("COAT", 1)])["line_items"][0]["variant_id"])
        assert push(connector(at, sku_from="variant_id"), **{variant: 3})[variant].ok
        assert at.available["COAT"] == 3


def test_items_that_the_plan_names_are_not_looked_up() -> None:
    with shop() as at:
        push(connector(at, items={at.item("COAT"): "COAT"}), COAT=3)
        assert "Variants" not in {call.json()["operationName"] for call in at.calls}


def test_without_a_location_nothing_is_written() -> None:
    with shop() as at, pytest.raises(UserError, match="no location") as caught:
        push(connector(at, location=""), COAT=3)
    assert "location =" in str(caught.value.remedy)


def test_too_much_asked_means_later_and_says_when() -> None:
    with shop() as at:
        at.throttled = True
        with pytest.raises(PlatformAway) as caught:
            poll(connector(at), {})
        assert caught.value.after == pytest.approx(3.0), "150 points at 50 a second"


def test_a_token_that_is_not_accepted_is_said_with_what_to_do() -> None:
    with shop() as at, pytest.raises(UserError, match="access token") as caught:
        poll(connector(at, access_token=Secret("shpat_wrong")), {})
    assert "installed" in str(caught.value.remedy)
    assert "shpat_wrong" not in str(caught.value)


def test_an_app_with_a_client_id_gets_its_own_tokens() -> None:
    with shop() as at:
        made = connector(at, client_id="client-1", access_token=None, secret=(Secret("new"), Secret("s")))
        grant = asked(lambda ctx: made.own_grant("", ctx))
        assert (grant.token, grant.shop) == (TOKEN, at.shop)
        assert grant.expires_at is not None
        form = at.calls[-1].form()
        assert (form["grant_type"], form["client_id"], form["client_secret"]) == (
            "client_credentials",
            "client-1",
            "new",
        )
        assert poll(made, {}) == [], "and asks with the token that the room keeps"


def test_a_token_of_the_app_that_was_ended_early_is_replaced_by_the_room() -> None:
    async def story(at: FakeShopify) -> None:
        made = connector(at, client_id="client-1", access_token=None)
        async with TestContext("channel.shopify", shop=at.shop, tokens={"": "ended"}) as ctx:
            with pytest.raises(UserError, match="ended the authorisation"):
                await made.enrich(OrderRef(order="77"), ctx)
            ctx.grantor = made
            for _ in range(2):
                assert await made.enrich(OrderRef(order="77"), ctx)
        assert [call.path for call in at.calls].count("/admin/oauth/access_token") == 1

    with shop() as at:
        at.place([("COAT", 3)], id="77", paid=True)
        asyncio.run(story(at))


def test_without_token_and_client_id_there_is_nothing_to_ask_with() -> None:
    with shop() as at, pytest.raises(UserError, match="neither client_id nor"):
        asked(lambda ctx: connector(at, access_token=None).own_grant("", ctx))


def test_the_guide_names_each_setting() -> None:
    guide = (HERE / "README.md").read_text(encoding="utf-8")
    (made,) = load_plugin(HERE).connectors.values()
    for field in made.settings_type.__struct_fields__:
        assert f"\n| `{field}` |" in guide
