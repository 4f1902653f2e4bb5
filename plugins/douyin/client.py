"""Doudian's API: signing, errors, access tokens, and the calls that the connector makes.

Source: op.jinritemai.com/docs/guide-docs (API 调用说明, 平台基础错误码汇总) and the official SDK.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from overlaykit.api import BadMessage, Context, Grant, PlatformAway, PlatformRefused, UserError
from plugins.douyin.orders import Refund, ShopOrder
from plugins.douyin.settings import DouyinSettings
from plugins.douyin.wire import Id

T = TypeVar("T")

SUCCESS = 10000
LIMITED = 60000
NOT_NOW = frozenset({20000, 20001, LIMITED, 90000})
TO_MEND: Mapping[str, str] = {
    "isv.app-permissions-insufficient": "请在抖店开放平台申请该接口的权限。 / Apply for this API in its console.",
    "dop.app-forbidden": "应用已被平台禁用,请联系抖店开放平台。 / The platform has disabled the app: ask it why.",
    "isv.signature-invalid": "请核对 app_key 与 app_secret。 / Check app_key and app_secret.",
    "isv.app-id-invalid": "请核对 app_key。 / Check app_key.",
    "isv.timestamp-invalid": "请校准电脑的时钟。 / Set this machine's clock.",
}
"""What somebody has to mend, by sub_code → how."""
UNTRUSTED = 30002
"""The room's IP is not in the white list."""
NO_TOKEN = frozenset(f"isv.access-token-{why}" for why in ("expired", "no-existed", "invalid"))
STAMPS_FROM = 1_000_000_000
"""From here on `expires_in` is a time, below it a duration: the documents say both."""


class Unauthorised(UserError):
    """The access token is none, or none any more."""


class Answer(Struct):
    """`code` and `msg`; before 2023 `err_no` and `message`."""

    data: Any = None
    code: int | None = None
    msg: str = ""
    sub_code: str = ""
    sub_msg: str = ""
    err_no: int | None = None
    message: str = ""
    log_id: str = ""


class ShopOrderDetail(Struct):
    shop_order_detail: ShopOrder


class TokenData(Struct):
    access_token: str
    expires_in: float
    refresh_token: str | None = None
    shop_id: Id = ""


class DoudianClient:
    """The API of one app."""

    def __init__(self, settings: DouyinSettings) -> None:
        self._settings = settings

    async def order(self, id: str, shop: str, ctx: Context) -> ShopOrder:
        """order.orderDetail."""
        answer = await self.ask("order.orderDetail", {"shop_order_id": id}, shop, ctx, ShopOrderDetail)
        return answer.shop_order_detail

    async def refund(self, id: str, shop: str, ctx: Context) -> Refund:
        """afterSale.Detail."""
        return await self.ask("afterSale.Detail", {"after_sale_id": id}, shop, ctx, Refund)

    async def set_stock(self, platform_sku: str, quantity: int, shop: str, ctx: Context) -> None:
        """sku.syncStock: an absolute number, so asking twice changes nothing."""
        product, slash, sku = platform_sku.partition("/")
        if slash and product.isdecimal() and sku.isdecimal():
            what: dict[str, str | int] = {"product_id": int(product), "sku_id": int(sku)}
        elif self._settings.sku == "out_sku_id":
            what = {"out_sku_id": platform_sku}
        elif self._settings.sku == "code":
            what = {"code": platform_sku}
        else:
            raise PlatformRefused(
                f"{platform_sku} 不是 商品ID/规格ID,请写进渠道的 skus / {platform_sku} is not PRODUCT/SKU: write it in the plan, "
                'skus = { "PRODUCT/SKU" = "…" }'
            )
        where = {"out_warehouse_id": self._settings.warehouse} if self._settings.warehouse else {}
        params = {**what, **where, "incremental": False, "stock_num": quantity}
        await self.ask("sku.syncStock", params, shop, ctx, dict)

    async def ask(self, method: str, params: Mapping[str, Any], shop: str, ctx: Context, kind: type[T]) -> T:
        """Calls `method` for a shop. Raises PlatformAway, PlatformRefused, BadMessage; UserError for what somebody has to mend. A
        token that was ended early is replaced once."""
        token = await ctx.token(shop)
        try:
            answer = await self._call(method, params, ctx, token)
        except Unauthorised:
            answer = await self._call(method, params, ctx, await ctx.token(shop, ended=token))
        return _read(answer, kind, method)

    # Access tokens.

    def authorise_url(self, state: str) -> str | None:
        """Where a shop's owner says yes to a tool app; the console of the platform says where the browser goes then."""
        if not self._settings.service_id:
            return None
        return f"{self._settings.authorise_base}?{urlencode({'service_id': self._settings.service_id, 'state': state})}"

    async def grant_for_code(self, code: str, ctx: Context) -> Grant:
        """token.create for what came to the callback. Raises UserError when nothing did."""
        if not code:
            raise UserError(
                "抖店没有给出授权码 / Doudian gave no code",
                remedy="授权可能被取消了,请重新授权。 / It may have been declined: authorise again.",
            )
        return await self._grant("token.create", {"code": code, "grant_type": "authorization_code"}, ctx)

    async def renew(self, grant: Grant, ctx: Context) -> Grant:
        """token.refresh."""
        params = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token or ""}
        return await self._grant("token.refresh", params, ctx)

    async def own_grant(self, shop: str, ctx: Context) -> Grant:
        """token.create by the shop's own app. Raises UserError for a tool app, and when the plan does not say which shop."""
        if self._settings.service_id:
            raise UserError(
                "店铺还没有授权这个工具型应用 / the shop has not authorised this tool app",
                remedy="请运行 `overlaykit plugin authorise` / `overlaykit plugin authorise`",
            )
        if not shop:
            raise UserError(
                f"[{ctx.section}] 自用型应用需要写明店铺 / the shop's own app needs to know the shop",
                remedy='请写 shop = "店铺ID"；工具型应用请写 settings.service_id。 / '
                'Write shop = "SHOP_ID", or settings.service_id for a tool app.',
            )
        params = {"code": "", "grant_type": "authorization_self", "shop_id": shop}
        return msgspec.structs.replace(await self._grant("token.create", params, ctx), refresh_token=None)

    async def _grant(self, method: str, params: Mapping[str, Any], ctx: Context) -> Grant:
        found = _read(await self._call(method, params, ctx, None, again=False), TokenData, method)
        now = ctx.now_ms / 1000
        ends = found.expires_in if found.expires_in > STAMPS_FROM else now + found.expires_in
        return Grant(
            token=found.access_token,
            refresh_token=found.refresh_token,
            expires_at=ends,
            refresh_until=now + 14 * 86_400,
            shop=str(found.shop_id),
        )

    # One call.

    async def _call(
        self, method: str, params: Mapping[str, Any], ctx: Context, token: str | None, *, again: bool = True
    ) -> Any:
        body = param_json(params)
        stamp = ctx.now_ms // 1000
        settings = self._settings
        query = {
            "app_key": settings.app_key,
            "method": method,
            "timestamp": str(stamp),
            "v": "2",
            "sign": sign(settings.app_key, settings.app_secret.reveal(), method, body, stamp),
            "sign_method": "hmac-sha256",
        }
        if token:
            query["access_token"] = token
        raw = await ctx.http.post(
            f"{settings.base_url}/{method.replace('.', '/')}",
            content=body.encode(),
            params=query,
            headers={"Content-Type": "application/json", "x-open-no-old-err-code": "1"},
            again=again,
        )
        answer = _read(raw, Answer, method)
        if answer.code == SUCCESS or (answer.code is None and answer.err_no == 0):
            return answer.data
        if answer.code is None and answer.err_no is None:
            raise BadMessage(f"抖店 {method}: the answer has neither code nor err_no")
        raise _refusal(method, answer)


def param_json(params: Mapping[str, Any]) -> str:
    """The parameters as they are signed and sent: keys sorted, nothing escaped that needs no escape."""
    return msgspec.json.encode(dict(params), order="deterministic").decode()


def sign(app_key: str, app_secret: str, method: str, body: str, stamp: int) -> str:
    """`sign` of a call: HMAC-SHA256 in hexadecimal over secret + names and values + secret (API 签名, v2)."""
    text = f"app_key{app_key}method{method}param_json{body}timestamp{stamp}v2"
    return hmac.new(app_secret.encode(), f"{app_secret}{text}{app_secret}".encode(), hashlib.sha256).hexdigest()


def _refusal(method: str, answer: Answer) -> PlatformAway | PlatformRefused | UserError:
    code = answer.code if answer.code is not None else answer.err_no
    said = answer.sub_msg or answer.msg or answer.message or "no reason given"
    text = f"抖店 {method}: {said} ({code} {answer.sub_code})".replace(" )", ")")
    if code in NOT_NOW or answer.sub_code.startswith("isp.") or "limit" in answer.sub_code:
        return PlatformAway(text, after=5.0 if code == LIMITED else None)
    if answer.sub_code in NO_TOKEN or answer.sub_code.startswith("dop.authorization"):
        return Unauthorised(
            text, remedy="店铺需要重新授权。 / The shop has to authorise the app again: `overlaykit plugin authorise`."
        )
    if code == UNTRUSTED:
        return UserError(
            text, remedy="请把本机公网 IP 加入应用的白名单。 / Add this room's public IP to the app's white list."
        )
    if answer.sub_code in TO_MEND:
        return UserError(text, remedy=TO_MEND[answer.sub_code])
    return PlatformRefused(text, code=f"{code} {answer.sub_code}".strip())


def _read(data: Any, kind: type[T], method: str) -> T:
    try:
        return msgspec.convert(data, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadMessage(f"抖店 {method}: the answer does not fit: {error}") from None
