"""A Shopify shop: orders in messages or by asking, and the numbers of one location written."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

import msgspec

from overlaykit.api import (
    Arrival,
    BadMessage,
    Capability,
    Connector,
    Context,
    Grant,
    OrderFact,
    OrderRef,
    Request,
    Secret,
    Settings,
    StockLevel,
    StockPushResult,
    UserError,
)
from plugins.shopify.client import Client, Refusal, gid
from plugins.shopify.orders import Reading, SkuFrom
from plugins.shopify.wire import is_genuine, item_name, read_message

OVERLAP = dt.timedelta(minutes=2)
"""By which a poll begins before what it saw last: Shopify's search is a little behind."""
PAGES_AT_MOST = 10
"""In one poll; the next goes on."""
LEVELS_AT_MOST = 50
"""Numbers written at once."""


class ShopSettings(Settings):
    """
    secret        the app's client secret, which signs its messages; while it is changed both, the new one first
    shop          the shop: NAME.myshopify.com
    client_id     the app's client id: with it the app gets its own access tokens
    access_token  an Admin API access token instead, of an app made in the shop's admin
    location      id of the location whose numbers are written and listened to
    sku_from      what the plan calls things by: their sku, or variant_id
    items         inventory item → sku (or variant id), for messages of numbers and to write them without looking them up
    buyers        whether buyers are told, for limits; the app needs read_customers
    history       seconds before the first poll; orders that changed earlier do not count
    api           where the API is; without it https://SHOP
    """

    secret: tuple[Secret, ...]
    shop: str
    client_id: str = ""
    access_token: Secret | None = None
    location: str = ""
    sku_from: SkuFrom = "sku"
    items: dict[str, str] = msgspec.field(default_factory=dict)
    buyers: bool = False
    history: float = 3600
    api: str = ""


class Shopify(Connector[ShopSettings]):
    name = "shopify"
    title = "Shopify"
    needs = (
        "自建应用，可读订单和商品、读写库存 / an app of your own: read_orders, read_products, read_inventory, "
        "write_inventory; protected customer data level 1"
    )
    tested = "the documents of API 2026-04, two published signatures, a made-up shop; not Shopify itself"
    capabilities = frozenset({Capability.ORDERS, Capability.ORDERS_POLL, Capability.PUSH_STOCK})
    rate = 4.0
    levels_per_call = LEVELS_AT_MOST
    acknowledged_within = 5.0

    def __init__(self, settings: ShopSettings) -> None:
        super().__init__(settings)
        if not settings.secret:
            raise UserError(
                "密钥是空的 / the secret is empty", remedy="就是应用的 client secret。 / It is the app's client secret."
            )
        self._reading = Reading(settings.sku_from, settings.buyers)
        self._items = {name: item for item, name in settings.items.items()}

    def verify(self, request: Request) -> bool:
        return is_genuine(request, self.settings.secret)

    def parse(self, request: Request) -> Iterable[Arrival]:
        return read_message(request, self._reading, location=self.settings.location, items=self.settings.items)

    async def enrich(self, ref: OrderRef, ctx: Context) -> Sequence[OrderFact] | None:
        client = await self._client(ref.shop, ctx)
        order = await client.order(ref.order, buyers=self.settings.buyers)
        return None if order is None else list(self._reading.everything(order, shop=ref.shop, at=ref.at))

    async def poll_orders(self, ctx: Context) -> AsyncIterator[OrderRef]:
        for shop in ctx.shops or (self.settings.shop,):
            async for ref in self._poll(shop, ctx):
                yield ref

    async def push_stock(self, levels: Sequence[StockLevel], ctx: Context) -> AsyncIterator[StockPushResult]:
        """Compared and set: what was sold between our look and our write makes the write void, and the level has no result."""
        if not levels:
            return
        if not self.settings.location:
            raise UserError(
                f"[{ctx.section}] 没有写 location / says no location whose numbers are written",
                remedy='在设置里写 location = "…"：后台里该地点网址末尾的数字。 / '
                'Write location = "…" in its settings: the number at the end of the location\'s address in the admin.',
            )
        client = await self._client(ctx.shop, ctx)
        for begin in range(0, len(levels), LEVELS_AT_MOST):
            async for result in self._write(client, levels[begin : begin + LEVELS_AT_MOST]):
                yield result

    async def own_grant(self, shop: str, ctx: Context) -> Grant:
        """Client credentials: https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant"""
        shop = shop or self.settings.shop
        if not self.settings.client_id:
            raise UserError(
                f"[{ctx.section}] 没有 client_id，也没有 access_token / has neither client_id nor the secret access_token",
                remedy="要向 Shopify 查询，必须有其中一个。 / One of them is needed to ask Shopify for anything.",
            )
        form = {
            "grant_type": "client_credentials",
            "client_id": self.settings.client_id,
            "client_secret": self.settings.secret[0].reveal(),
        }
        given = await ctx.http.post(f"{self._address(shop)}/admin/oauth/access_token", form=form, again=True)
        try:
            return Grant(
                token=given["access_token"], expires_at=ctx.now_ms / 1000 + float(given["expires_in"]), shop=shop
            )
        except (KeyError, TypeError, ValueError):
            raise BadMessage("Shopify 的答复里没有 access_token / Shopify's answer has no access_token") from None

    async def _poll(self, shop: str, ctx: Context) -> AsyncIterator[OrderRef]:
        cursor = f"changed:{shop}"
        begin = dt.datetime.fromtimestamp(ctx.now_ms / 1000 - self.settings.history, dt.UTC)
        last = await ctx.remembered(cursor) or begin.isoformat(timespec="seconds")
        since = (dt.datetime.fromisoformat(last) - OVERLAP).astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        client, after = await self._client(shop, ctx), None
        for _ in range(PAGES_AT_MOST):
            page, after = await client.changed(since, after)
            for each in page:
                at = dt.datetime.fromisoformat(each.at)
                # The same change found again, in the overlap, is the same delivery.
                yield OrderRef(order=each.order, shop=shop, delivery=f"poll:{shop}:{each.order}:{each.at}", at=at)
            if page:
                await ctx.remember(page[-1].at, cursor)
            if after is None:
                return

    async def _write(self, client: Client, levels: Sequence[StockLevel]) -> AsyncIterator[StockPushResult]:
        location = gid("Location", self.settings.location)
        waiting, refused = await self._found(client, levels)
        for result in refused:
            yield result
        while waiting:
            now = {each.item: each.available for each in await client.levels(waiting, self.settings.location)}
            for item, level in list(waiting.items()):
                if now.get(item) is None:
                    yield StockPushResult(waiting.pop(item), ok=False, reason="not stocked at this location")
                elif now[item] == level.quantity:
                    yield StockPushResult(waiting.pop(item), ok=True, also=item_name(item))
            if not waiting:
                return
            quantities = [
                {
                    "inventoryItemId": gid("InventoryItem", item),
                    "locationId": location,
                    "quantity": level.quantity,
                    "changeFromQuantity": now[item],
                }
                for item, level in waiting.items()
            ]
            refusals = await client.set(quantities, _key(quantities, waiting.values()))
            if not refusals:
                for item, level in waiting.items():
                    yield StockPushResult(level, ok=True, also=item_name(item))
                return
            # One that is in the way keeps all from being written: it is taken out, and the rest is written again.
            for item, refusal in _in_the_way(refusals, list(waiting)):
                level = waiting.pop(item)
                if refusal.code not in ("CHANGE_FROM_QUANTITY_STALE", "IDEMPOTENCY_CONCURRENT_REQUEST"):
                    yield StockPushResult(level, ok=False, reason=f"{refusal.code}: {refusal.message}")

    async def _found(
        self, client: Client, levels: Sequence[StockLevel]
    ) -> tuple[dict[str, StockLevel], list[StockPushResult]]:
        """Levels by inventory item, and those of things that the shop does not have, or has twice."""
        unknown = [each.platform_sku for each in levels if each.platform_sku not in self._items]
        found: dict[str, set[str]] = {}
        for name, item in await client.items(self.settings.sku_from, unknown) if unknown else []:
            found.setdefault(name, set()).add(item)
        self._items |= {name: next(iter(items)) for name, items in found.items() if len(items) == 1}
        refused = [
            StockPushResult(
                each,
                ok=False,
                reason="several variants have this sku" if each.platform_sku in found else "no variant has this sku",
            )
            for each in levels
            if each.platform_sku not in self._items
        ]
        return {self._items[each.platform_sku]: each for each in levels if each.platform_sku in self._items}, refused

    async def _client(self, shop: str, ctx: Context) -> Client:
        given = self.settings.access_token
        shop = shop or self.settings.shop
        if given:
            return Client(self._address(shop), given.reveal(), ctx)
        return Client(self._address(shop), await ctx.token(shop), ctx, renew=lambda ended: ctx.token(shop, ended=ended))

    def _address(self, shop: str) -> str:
        return self.settings.api or f"https://{shop}"


def _key(quantities: Sequence[Mapping[str, object]], levels: Iterable[StockLevel]) -> str:
    """The same for the same write of the same pushes, and for no other: Shopify refuses a key that comes with other numbers."""
    return hashlib.sha256(msgspec.json.encode([quantities, [level.key for level in levels]])).hexdigest()


def _in_the_way(refusals: Sequence[Refusal], items: Sequence[str]) -> list[tuple[str, Refusal]]:
    """Which items, and why. What is said of none in particular is said of all."""
    own = {items[each.index]: each for each in refusals if each.index is not None and each.index < len(items)}
    return list(own.items()) or [(item, refusals[0]) for item in items]
