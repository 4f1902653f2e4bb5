"""A shop of one's own: it posts its orders, or shows them in a feed, and may take the numbers that it may sell."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import get_args

import msgspec
from msgspec import Struct

from overlaykit.api import (
    Arrival,
    BadMessage,
    Capability,
    Connector,
    Context,
    OrderFact,
    Request,
    Secret,
    Settings,
    StockLevel,
    StockPushResult,
    Unknown,
    UserError,
)
from plugins.generic_webhook.signing import keys_of, sign, signed_by
from plugins.generic_webhook.wire import read_cloud_event, read_feed, read_message

PAGES_AT_MOST = 20
"""Of a feed, in one poll; the next poll goes on."""
NAMED_AT_MOST = 3
"""Events that are named when they are passed over."""
LEVELS_AT_MOST = 100
"""In one message to the shop."""


class ShopSettings(Settings):
    """
    secret        whsec_ and base64, as Standard Webhooks has it; several with spaces between, all of which count
    prefix        what stands before our types in the shop's: `com.example.` for `com.example.order.paid`
    binary        whether CloudEvents may come with their type in headers, which no signature covers
    feed          address of a feed of CloudEvents that is asked for orders (http-feeds.org)
    feed_token    sent there as `Authorization: Bearer`
    history       seconds before the first look into the feed; what happened earlier does not count
    stock         address to which the numbers that may be sold are posted
    """

    secret: tuple[Secret, ...]
    prefix: str = ""
    binary: bool = False
    feed: str = ""
    feed_token: Secret | None = None
    history: float = 3600
    stock: str = ""


class Answered(Struct):
    """What the shop says of one number."""

    sku: str
    ok: bool
    reason: str | None = None


class StockAnswer(Struct):
    results: list[Answered]


class GenericWebhook(Connector[ShopSettings]):
    name = "generic_webhook"
    title = "自有商城 / Any shop (Standard Webhooks, CloudEvents)"
    needs = "不需要，商城是自己的 / none: the shop is yours"
    tested = "the published vector of Standard Webhooks, and a made-up shop"
    capabilities = frozenset({Capability.ORDERS, Capability.ORDERS_POLL, Capability.PUSH_STOCK})
    levels_per_call = LEVELS_AT_MOST

    def __init__(self, settings: ShopSettings) -> None:
        super().__init__(settings)
        self._keys = keys_of(settings.secret)

    def verify(self, request: Request) -> bool:
        return signed_by(request, self._keys)

    def parse(self, request: Request) -> Iterable[Arrival]:
        return read_message(request, prefix=self.settings.prefix, binary=self.settings.binary)

    async def poll_orders(self, ctx: Context) -> AsyncIterator[OrderFact]:
        """The feed's events after the last one seen; without a feed nothing."""
        if not self.settings.feed:
            return
        given = self.settings.feed_token
        token = {"Authorization": f"Bearer {given.reveal()}"} if given else {}
        since = await self._since(ctx)
        for _ in range(PAGES_AT_MOST):
            last = await ctx.remembered()
            answer = await ctx.http.request(
                "GET", self.settings.feed, params={"lastEventId": last} if last else None, headers=token, again=True
            )
            events = read_feed(answer.body)
            wrong: list[str] = []
            for each in events:
                try:
                    event = read_cloud_event(each, self.settings.prefix)
                except BadMessage as error:
                    wrong.append(f"{each.id}: {error.message}")
                    continue
                if isinstance(event, Unknown):
                    wrong.append(f"{each.id}: {event.what}")
                elif isinstance(event, get_args(OrderFact)) and not (event.at and event.at.timestamp() < since):
                    yield event
            if events:
                ctx.trouble(*_passed_over(wrong))
            if not events or events[-1].id == last:
                return
            await ctx.remember(events[-1].id)

    async def _since(self, ctx: Context) -> float:
        """From when on events count, seconds since 1970."""
        if (kept := await ctx.remembered("since")) is None:
            kept = str(ctx.now_ms / 1000 - self.settings.history)
            await ctx.remember(kept, "since")
        return float(kept)

    async def push_stock(self, levels: Sequence[StockLevel], ctx: Context) -> AsyncIterator[StockPushResult]:
        """Posts the numbers as an event `stock.set`, signed as the shop's own messages are."""
        if not self.settings.stock:
            raise UserError(
                f"[{ctx.section}] 没有接收库存的网址 / has no address that takes the numbers",
                remedy='在设置里写 stock = "https://…"；店铺收不了的话，在设置旁边写 push = false。 / '
                'Write stock = "https://…" in its settings, or push = false beside them, if the shop cannot take them.',
            )
        for begin in range(0, len(levels), LEVELS_AT_MOST):
            part = levels[begin : begin + LEVELS_AT_MOST]
            answered = {each.sku: each for each in await self._post(part, ctx)}
            for level in part:
                if (answer := answered.get(level.platform_sku)) is not None:
                    yield StockPushResult(level, ok=answer.ok, reason=answer.reason)

    async def _post(self, levels: Sequence[StockLevel], ctx: Context) -> list[Answered]:
        now = dt.datetime.fromtimestamp(ctx.now_ms / 1000, dt.UTC)
        rows = [{"sku": each.platform_sku, "quantity": each.quantity, "key": each.key} for each in levels]
        body = msgspec.json.encode({"type": "stock.set", "timestamp": now, "data": {"levels": rows}})
        headers = sign(self._keys, levels[0].key, int(now.timestamp()), body)
        headers["content-type"] = "application/json"
        # The numbers are absolute and have keys: the shop may get them twice.
        answer = await ctx.http.post(self.settings.stock, content=body, headers=headers, again=True)
        try:
            return msgspec.convert(answer, StockAnswer).results
        except msgspec.ValidationError as error:
            raise BadMessage(f"店铺的答复格式不对：{error} / the shop's answer does not fit: {error}") from None


def _passed_over(wrong: Sequence[str]) -> tuple[str, str]:
    """What to show of events of a feed that say nothing here; nothing when there are none."""
    if not wrong:
        return "", ""
    more = f" … (+{len(wrong) - NAMED_AT_MOST})" if len(wrong) > NAMED_AT_MOST else ""
    named = "; ".join(wrong[:NAMED_AT_MOST]) + more
    remedy = (
        "事件类型见插件说明；类型有前缀时写 prefix / Its README has the types; write `prefix` where yours have one."
    )
    return f"跳过了看不懂的事件 / events that are passed over: {named}", remedy
