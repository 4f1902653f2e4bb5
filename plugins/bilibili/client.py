"""The open live platform's API: a round (场次) is started, kept alive, and ended.

A call is signed over its `x-bili-…` headers, which hold the MD5 of its body. Source: open-live.bilibili.com/document, 公共信息 and
项目管理.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, TypeVar
from uuid import uuid4

import msgspec
from msgspec import Struct

from overlaykit.api import BadMessage, Context, PlatformAway, PlatformError, PlatformRefused, Secret

T = TypeVar("T")

NOT_NOW = frozenset({7001, 7002, *range(5000, 6000)})
"""Too soon after the last round; the room has one already; the platform's own troubles."""
REMEDIES = {
    4002: "请核对 access_key_secret。 / Check access_key_secret.",
    4003: "请校准电脑的时钟。 / Set this machine's clock.",
    4007: "请把本机公网 IP 加入项目的白名单。 / Add this room's public IP to the project's white list.",
    7007: "身份码已变,请主播在直播中心重新复制。 / The streamer's identity code has changed: copy it anew from the live centre.",
}


class Answer(Struct):
    code: int
    message: str = ""
    data: Any = None


class GameInfo(Struct, frozen=True):
    game_id: str = ""


class WebsocketInfo(Struct):
    auth_body: str
    wss_link: list[str]


class Round(Struct):
    """A round that was started: what it is called, and where its messages are. Some kinds of projects have rounds without a
    name, which need no heartbeat and no end."""

    websocket_info: WebsocketInfo
    game_info: GameInfo = GameInfo()

    @property
    def id(self) -> str:
        return self.game_info.game_id


class OpenLive:
    """One project in one streamer's room."""

    def __init__(self, base_url: str, app_id: int, key_id: str, key_secret: Secret, code: Secret) -> None:
        self._base_url, self._app_id, self._code = base_url, app_id, code
        self._key_id, self._key_secret = key_id, key_secret

    async def start(self, ctx: Context) -> Round:
        """Raises PlatformAway, PlatformRefused, BadMessage."""
        data = await self._call("/v2/app/start", {"code": self._code.reveal(), "app_id": self._app_id}, ctx)
        try:
            return msgspec.convert(data, Round, strict=False)
        except msgspec.ValidationError as error:
            raise BadMessage(f"B站 app/start: the answer does not fit: {error}") from None

    async def keep_alive(self, round: Round, ctx: Context) -> None:
        """Wanted every 20 s; after 60 s without it the round ends."""
        if round.id:
            await self._call("/v2/app/heartbeat", {"game_id": round.id}, ctx)

    async def end(self, round: Round, ctx: Context) -> None:
        """A round that is left open keeps the room closed to the next one for a minute; no more is lost."""
        if not round.id:
            return
        try:
            await self._call("/v2/app/end", {"app_id": self._app_id, "game_id": round.id}, ctx)
        except PlatformError as error:
            ctx.log.info("[%s] the round was not ended: %s", ctx.section, error.message)

    async def _call(self, path: str, params: dict[str, Any], ctx: Context) -> Any:
        body = msgspec.json.encode(params)
        headers = signed_headers(body, self._key_id, self._key_secret, nonce=uuid4().hex, seconds=ctx.now_ms // 1000)
        raw = await ctx.http.post(f"{self._base_url}{path}", content=body, headers=headers)
        try:
            answer = msgspec.convert(raw, Answer, strict=False)
        except msgspec.ValidationError as error:
            raise BadMessage(f"B站 {path}: the answer does not fit: {error}") from None
        if answer.code == 0:
            return answer.data
        text = f"B站 {path.removeprefix('/v2/')}: {answer.message or 'no reason given'} ({answer.code})"
        if answer.code in NOT_NOW:
            raise PlatformAway(text)
        raise PlatformRefused(text, code=str(answer.code), remedy=REMEDIES.get(answer.code))


def signed_headers(body: bytes, key_id: str, key_secret: Secret, *, nonce: str, seconds: int) -> dict[str, str]:
    """The headers of a call: `Authorization` is the HMAC-SHA256, in hexadecimal, of the others, sorted, one a line."""
    headers = {
        "x-bili-accesskeyid": key_id,
        "x-bili-content-md5": hashlib.md5(body).hexdigest(),
        "x-bili-signature-method": "HMAC-SHA256",
        "x-bili-signature-nonce": nonce,
        "x-bili-signature-version": "1.0",
        "x-bili-timestamp": str(seconds),
    }
    text = "\n".join(f"{name}:{value}" for name, value in sorted(headers.items()))
    signature = hmac.new(key_secret.reveal().encode(), text.encode(), hashlib.sha256).hexdigest()
    return headers | {"Authorization": signature, "Content-Type": "application/json", "Accept": "application/json"}
