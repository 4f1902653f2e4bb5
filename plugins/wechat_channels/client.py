"""The API of a shop of WeChat Channels: its access token, its errors, and the calls that the connector makes.

Source: developers.weixin.qq.com/doc/store (接口调用), 全局返回码.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, field

from overlaykit.api import BadMessage, Context, Grant, PlatformAway, PlatformRefused, UserError
from plugins.wechat_channels.orders import Order, Refund
from plugins.wechat_channels.settings import ChannelsSettings

T = TypeVar("T")

SET = 3
"""diff_type of a number that is absolute."""
BUSY = frozenset({-1, 45009, 45011, 45022})
"""System busy; too many calls a day, a minute, at once."""
NO_TOKEN = frozenset({40001, 40014, 42001, 42007})
TO_MEND: Mapping[int, str] = {
    40164: "请把本机公网 IP 加入小店的 IP 白名单。 / Add this room's public IP to the shop's IP white list.",
    40013: "请核对 appid。 / Check appid.",
    40125: "请核对 app_secret。 / Check app_secret.",
    48001: "请在小店后台开通这个接口。 / Open this API in the shop's back office.",
}
"""What somebody has to mend → how."""
PAGE = 100


class Unauthorised(UserError):
    """The access token is none, or none any more."""


class Answer(Struct):
    errcode: int = 0
    errmsg: str = ""


class OrderAnswer(Struct):
    order: Order


class RefundAnswer(Struct):
    after_sale_order: Refund


class OrderList(Struct):
    order_id_list: list[str | int] | None = field(default_factory=list)
    next_key: str = ""
    has_more: bool = False


class RefundList(Struct):
    after_sale_order_id_list: list[str | int] | None = field(default_factory=list)
    next_key: str = ""
    has_more: bool = False


class Token(Struct):
    access_token: str
    expires_in: float


class ChannelsClient:
    """The API of one shop."""

    def __init__(self, settings: ChannelsSettings) -> None:
        self._settings = settings

    async def order(self, id: str, ctx: Context) -> Order:
        return (await self._ask("/channels/ec/order/get", {"order_id": id}, ctx, OrderAnswer)).order

    async def refund(self, id: str, ctx: Context) -> Refund:
        path = "/channels/ec/aftersale/getaftersaleorder"
        return (await self._ask(path, {"after_sale_order_id": id}, ctx, RefundAnswer)).after_sale_order

    async def changed(self, begin: int, end: int, key: str, ctx: Context) -> OrderList:
        """A page of the ids of orders that changed between two times, in seconds since 1970; at most seven days apart."""
        params: dict[str, Any] = {"update_time_range": {"start_time": begin, "end_time": end}, "page_size": PAGE}
        if key:
            params["next_key"] = key
        return await self._ask("/channels/ec/order/list/get", params, ctx, OrderList)

    async def changed_refunds(self, begin: int, end: int, key: str, ctx: Context) -> RefundList:
        """A page of the ids of after-sales that changed between two times; at most a day apart."""
        params: dict[str, Any] = {"begin_update_time": begin, "end_update_time": end}
        if key:
            params["next_key"] = key
        return await self._ask("/channels/ec/aftersale/getaftersalelist", params, ctx, RefundList)

    async def set_stock(self, platform_sku: str, quantity: int, ctx: Context) -> None:
        """An absolute number, so asking twice changes nothing."""
        product, slash, sku = platform_sku.partition("/")
        if not (slash and product.isdecimal() and sku.isdecimal()):
            raise PlatformRefused(
                f"{platform_sku} 不是 商品ID/SKU_ID,请写进渠道的 skus / {platform_sku} is not PRODUCT/SKU, by which stock is set: "
                'write it in the plan, skus = { "PRODUCT/SKU" = "…" }'
            )
        params = {"product_id": product, "sku_id": sku, "diff_type": SET, "num": quantity}
        await self._ask("/channels/ec/product/stock/update", params, ctx, Answer)

    async def own_grant(self, ctx: Context) -> Grant:
        """An access token for AppID and secret (获取稳定版接口调用凭据): the same for all who ask until it ends."""
        params = {
            "grant_type": "client_credential",
            "appid": self._settings.appid,
            "secret": self._settings.app_secret.reveal(),
        }
        token = await self._call("/cgi-bin/stable_token", params, ctx, None, Token)
        return Grant(token=token.access_token, expires_at=ctx.now_ms / 1000 + token.expires_in)

    async def _ask(self, path: str, params: Mapping[str, Any], ctx: Context, kind: type[T]) -> T:
        """Calls the API. A token that somebody ended early, such as by a new secret, is replaced once."""
        token = await ctx.token()
        try:
            return await self._call(path, params, ctx, token, kind)
        except Unauthorised:
            return await self._call(path, params, ctx, await ctx.token(ended=token), kind)

    async def _call(self, path: str, params: Mapping[str, Any], ctx: Context, token: str | None, kind: type[T]) -> T:
        query = {"access_token": token} if token else {}
        raw = await ctx.http.post(f"{self._settings.base_url}{path}", json=dict(params), params=query, again=True)
        answer = _read(raw, Answer, path)
        if answer.errcode:
            raise _refusal(path, answer)
        return _read(raw, kind, path)


def _refusal(path: str, answer: Answer) -> PlatformAway | PlatformRefused | UserError:
    text = f"微信小店 {path.removeprefix('/channels/ec/')}: {answer.errmsg or 'no reason given'} ({answer.errcode})"
    if answer.errcode in BUSY:
        return PlatformAway(text)
    if answer.errcode in NO_TOKEN:
        return Unauthorised(text, remedy="请核对 appid 与 app_secret。 / Check appid and app_secret.")
    if answer.errcode in TO_MEND:
        return UserError(text, remedy=TO_MEND[answer.errcode])
    return PlatformRefused(text, code=str(answer.errcode))


def _read(data: Any, kind: type[T], path: str) -> T:
    try:
        return msgspec.convert(data, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadMessage(f"微信小店 {path}: the answer does not fit: {error}") from None
