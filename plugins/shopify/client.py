"""Calls of Shopify's GraphQL Admin API.

Errors: https://shopify.dev/docs/api/admin-graphql#status-and-error-codes; cost: https://shopify.dev/docs/api/usage/limits
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from overlaykit.api import BadMessage, Context, PlatformAway, PlatformRefused, UserError
from plugins.shopify.orders import Customer, Fulfillment, LineItem, Order, Refund, RefundLine

VERSION = "2026-04"
LINE = "quantity lineItem { id sku title variant { legacyResourceId } }"
ORDER = f"""
query Order($id: ID!, $buyers: Boolean!) {{
  order(id: $id) {{
    legacyResourceId displayFinancialStatus createdAt edited cancelledAt
    customer @include(if: $buyers) {{ legacyResourceId }}
    lineItems(first: 100) {{
      nodes {{
        id quantity sku title variant {{ legacyResourceId }}
        originalUnitPriceSet {{ shopMoney {{ amount currencyCode }} }}
      }}
    }}
    refunds(first: 20) {{ legacyResourceId createdAt refundLineItems(first: 50) {{ nodes {{ restockType {LINE} }} }} }}
    fulfillments(first: 20) {{
      legacyResourceId createdAt status fulfillmentLineItems(first: 50) {{ nodes {{ {LINE} }} }}
    }}
  }}
}}"""
CHANGED = """
query Changed($query: String!, $after: String) {
  orders(first: 50, after: $after, sortKey: UPDATED_AT, query: $query) {
    nodes { legacyResourceId updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}"""
VARIANTS = """
query Variants($query: String!) {
  productVariants(first: 250, query: $query) { nodes { legacyResourceId sku inventoryItem { legacyResourceId } } }
}"""
LEVELS = """
query Levels($ids: [ID!]!, $location: ID!) {
  nodes(ids: $ids) {
    ... on InventoryItem {
      legacyResourceId inventoryLevel(locationId: $location) { quantities(names: ["available"]) { quantity } }
    }
  }
}"""
SET = """
mutation Set($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { code field message } }
}"""


class Changed(Struct):
    """An order that is not as it was."""

    order: str
    at: str


class Level(Struct):
    """The number of an inventory item that a location sells now; None where the item is not stocked there."""

    item: str
    available: int | None


class Refusal(Struct):
    """Why a number was not taken; `index`: of which, None of all."""

    code: str
    message: str
    index: int | None = None


class Client:
    """One shop's API, at `address`. `renew`: what takes the place of a token that Shopify takes no more."""

    def __init__(
        self, address: str, token: str, ctx: Context, renew: Callable[[str], Awaitable[str]] | None = None
    ) -> None:
        self._url, self._token, self._ctx = f"{address}/admin/api/{VERSION}/graphql.json", token, ctx
        self._renew = renew

    async def order(self, id: str, *, buyers: bool) -> Order | None:
        """An order with all that happened to it; None when the shop has none of this id."""
        data = await self._ask(ORDER, "Order", {"id": gid("Order", id), "buyers": buyers})
        return None if data["order"] is None else _order(data["order"])

    async def changed(self, since: str, after: str | None) -> tuple[list[Changed], str | None]:
        """A page of the orders that changed since a time (RFC 3339), oldest change first, and where the next page begins."""
        data = await self._ask(CHANGED, "Changed", {"query": f"updated_at:>='{since}'", "after": after})
        found, page = data["orders"], data["orders"]["pageInfo"]
        changed = [Changed(str(node["legacyResourceId"]), node["updatedAt"]) for node in found["nodes"]]
        return changed, page["endCursor"] if page["hasNextPage"] else None

    async def items(self, field: str, names: Iterable[str]) -> list[tuple[str, str]]:
        """(name, inventory item) of the variants with these names; `field`: sku or variant_id."""
        search = "id" if field == "variant_id" else "sku"
        query = " OR ".join(f"{search}:{msgspec.json.encode(name).decode()}" for name in names)
        data = await self._ask(VARIANTS, "Variants", {"query": query})
        found = data["productVariants"]["nodes"]
        key = "legacyResourceId" if field == "variant_id" else "sku"
        return [(str(node[key]), str(node["inventoryItem"]["legacyResourceId"])) for node in found]

    async def levels(self, items: Iterable[str], location: str) -> list[Level]:
        """What a location sells of inventory items now."""
        ids = [gid("InventoryItem", item) for item in items]
        data = await self._ask(LEVELS, "Levels", {"ids": ids, "location": gid("Location", location)})
        found = [node for node in data["nodes"] if node]
        return [
            Level(
                str(node["legacyResourceId"]),
                level["quantities"][0]["quantity"] if (level := node["inventoryLevel"]) is not None else None,
            )
            for node in found
        ]

    async def set(self, quantities: list[dict[str, Any]], key: str) -> list[Refusal]:
        """Writes numbers, all of them or none; gives what is in the way."""
        given = {"name": "available", "reason": "correction", "quantities": quantities}
        data = await self._ask(SET, "Set", {"input": given, "key": key})
        return [
            Refusal(str(error.get("code")), error["message"], _index(error.get("field") or []))
            for error in data["inventorySetQuantities"]["userErrors"]
        ]

    async def _answer(self, body: Mapping[str, Any]) -> Any:
        try:
            return await self._post(body)
        except PlatformRefused as error:
            if error.status != 401 or self._renew is None:
                raise
        self._token = await self._renew(self._token)
        return await self._post(body)

    async def _post(self, body: Mapping[str, Any]) -> Any:
        headers = {"X-Shopify-Access-Token": self._token}
        return await self._ctx.http.post(self._url, json=body, headers=headers, again=True)

    async def _ask(self, query: str, name: str, variables: Mapping[str, Any]) -> Any:
        body = {"query": query, "operationName": name, "variables": variables}
        try:
            answer = await self._answer(body)
        except PlatformRefused as error:
            if error.status in (401, 403):
                raise UserError(
                    f"Shopify 不接受访问令牌 / Shopify does not accept the access token: {error.message}",
                    remedy="应用还装在这家店里吗？令牌是它的吗？ / "
                    "Is the app still installed in this shop, and the token its own?",
                ) from None
            raise
        try:
            if answer.get("errors"):
                raise _trouble(answer)
            return answer["data"]
        except (KeyError, TypeError, AttributeError):
            raise BadMessage(
                "Shopify 的答复里既没有 data 也没有 errors / Shopify's answer has neither data nor errors"
            ) from None


def gid(kind: str, id: str) -> str:
    """The API's name of something."""
    return f"gid://shopify/{kind}/{id}"


def _trouble(answer: Any) -> PlatformAway | PlatformRefused | UserError:
    errors = answer["errors"]
    error: Any = errors[0] if isinstance(errors, list) else {"message": str(errors)}
    code = (error.get("extensions") or {}).get("code", "")
    said = f"Shopify: {error.get('message', code)}"
    if code == "THROTTLED":
        return PlatformAway(said, after=_pause(answer))
    if code in ("INTERNAL_SERVER_ERROR", "TIMEOUT"):
        return PlatformAway(said)
    if code == "ACCESS_DENIED":
        return UserError(
            said,
            remedy="请给应用这些权限：read_orders、read_products、read_inventory、write_inventory。 / "
            "Give the app the scopes read_orders, read_products, read_inventory and write_inventory.",
        )
    return PlatformRefused(said, code=code)


def _pause(answer: Any) -> float:
    """Seconds until Shopify has given back enough of what a query costs."""
    cost = (answer.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    missing = cost.get("requestedQueryCost", 100) - status.get("currentlyAvailable", 0)
    return float(max(1.0, missing / max(1.0, status.get("restoreRate", 50))))


def _index(path: list[str]) -> int | None:
    """Which of `input.quantities` an error is about."""
    return next((int(each) for each in path if each.isdecimal()), None)


def _line(node: Any, quantity: int) -> LineItem:
    price = (node.get("originalUnitPriceSet") or {}).get("shopMoney") or {}
    variant = node.get("variant") or {}
    return LineItem(
        id=str(node["id"]).rpartition("/")[2],
        quantity=quantity,
        sku=node.get("sku"),
        variant_id=variant.get("legacyResourceId"),
        title=node.get("title") or "",
        price=price.get("amount"),
    )


def _time(text: str | None) -> dt.datetime | None:
    return None if text is None else dt.datetime.fromisoformat(text)


def _order(node: Any) -> Order:
    id = str(node["legacyResourceId"])
    lines = node["lineItems"]["nodes"]
    currencies = [line["originalUnitPriceSet"]["shopMoney"]["currencyCode"] for line in lines]
    return Order(
        id=id,
        line_items=[_line(line, line["quantity"]) for line in lines],
        financial_status=node["displayFinancialStatus"],
        currency=next(iter(currencies), None),
        customer=Customer(str(node["customer"]["legacyResourceId"])) if node.get("customer") else None,
        created_at=_time(node["createdAt"]),
        edited=bool(node["edited"]),
        cancelled_at=_time(node["cancelledAt"]),
        refunds=[
            Refund(
                id=str(refund["legacyResourceId"]),
                order_id=id,
                created_at=_time(refund["createdAt"]),
                refund_line_items=[
                    RefundLine(each["quantity"], _line(each["lineItem"], each["quantity"]), each["restockType"])
                    for each in refund["refundLineItems"]["nodes"]
                ],
            )
            for refund in node["refunds"]
        ],
        fulfillments=[
            Fulfillment(
                id=str(parcel["legacyResourceId"]),
                order_id=id,
                status=parcel["status"],
                created_at=_time(parcel["createdAt"]),
                line_items=[
                    _line(each["lineItem"], each["quantity"]) for each in parcel["fulfillmentLineItems"]["nodes"]
                ],
            )
            for parcel in node["fulfillments"]
        ],
    )
