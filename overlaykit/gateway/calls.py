"""HTTP for connectors."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec

from overlaykit.errors import BadMessage, PlatformAway, PlatformRefused
from overlaykit.model.connectors import HttpAnswer


class Calls:
    """At most `rate` calls a second. Used on one event loop."""

    def __init__(self, rate: float) -> None:
        self._gap, self._next = 1 / rate, 0.0
        self._client: httpx.AsyncClient | None = None

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> Any:
        answer = await self.request("GET", url, params=params, headers=_with_token(headers, token), again=True)
        return _json(answer)

    async def post(
        self,
        url: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        again: bool = False,
    ) -> Any:
        given = dict(_with_token(headers, token))
        if json is not None:
            content = msgspec.json.encode(json)
            given.setdefault("Content-Type", "application/json")
        elif form is not None:
            content = str(httpx.QueryParams(dict(form))).encode()
            given.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return _json(await self.request("POST", url, content=content, params=params, headers=given, again=again))

    async def request(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        again: bool = False,
    ) -> HttpAnswer:
        await self._turn()
        if self._client is None:
            self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=8.0)
        try:
            answer = await self._client.request(
                method, url, content=content, params=params, headers=dict(headers or {})
            )
        except httpx.HTTPError as error:
            raise PlatformAway(f"no answer from {httpx.URL(url).host}: {type(error).__name__}") from None
        if answer.status_code == 429 or answer.status_code >= 500:
            raise PlatformAway(f"{httpx.URL(url).host} answers {answer.status_code}")
        if answer.status_code != 304 and not answer.is_success:
            raise PlatformRefused(f"{httpx.URL(url).host} answers {answer.status_code}", status=answer.status_code)
        return HttpAnswer(answer.status_code, dict(answer.headers), answer.content)

    async def close(self) -> None:
        """Ends its connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _turn(self) -> None:
        now = asyncio.get_running_loop().time()
        mine = self._next = max(now, self._next + self._gap)
        await asyncio.sleep(mine - now)


def _with_token(headers: Mapping[str, str] | None, token: str | None) -> dict[str, str]:
    return {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}


def _json(answer: HttpAnswer) -> Any:
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadMessage("the answer is no JSON") from None
