"""HTTP for connectors: paced, bounded, asked again where that is harmless, and silent about secrets.

The environment's proxies are not used and no redirect is followed: what a connector sends, access tokens included, goes to the
server it names and nowhere else. TLS certificates are always checked.
"""

from __future__ import annotations

import asyncio
import email.utils
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import httpx
import msgspec

from overlaykit.errors import BadMessage, PlatformAway, PlatformRefused
from overlaykit.model.connectors import HttpAnswer
from overlaykit.model.settings import MASK, Secret

TIMEOUT = httpx.Timeout(8.0, connect=4.0)
BODY_AT_MOST = 8 * 1024 * 1024
"""Bytes of an answer, unpacked."""
ATTEMPTS = 3
"""Of a call that may be made again."""
FIRST_GAP = 0.25
"""Seconds before the second attempt; the third comes after four times as long."""
PATIENCE = 2.5
"""Seconds that a platform may ask to wait before the next attempt of the same call; with more the call fails."""
WAIT_AT_MOST = 300.0
"""Seconds for which a platform may close itself to this connector by `Retry-After`."""
EXCERPT = 200
"""Characters of a refusal that are shown."""
SHORTEST_SECRET = 6
"""Characters: what is shorter, a page number or a flag, is not masked."""


class Calls:
    """At most `rate` calls begin in any second, and none while `leads` says no: a gateway that was held up for a while must not
    go on with what another has done meanwhile. `secrets` are masked in what errors say. Used on one event loop."""

    def __init__(
        self, rate: float, secrets: Iterable[Secret] = (), *, leads: Callable[[], bool] = lambda: True
    ) -> None:
        at_once = max(1, int(rate))
        self._window, self._begun = at_once / rate, deque[float](maxlen=at_once)
        self._shut_until = 0.0
        self._secrets, self._leads = tuple(secrets), leads
        self._client: httpx.AsyncClient | None = None

    async def get(self, url: str, **how: Any) -> Any:
        return await self._ask("GET", url, **how)

    async def post(self, url: str, **how: Any) -> Any:
        return await self._ask("POST", url, **how)

    async def put(self, url: str, **how: Any) -> Any:
        return await self._ask("PUT", url, **how)

    async def _ask(self, method: str, url: str, **how: Any) -> Any:
        """The answer's JSON; `how` as `Http` has it."""
        return _json(await self.request(method, url, **how), url)

    async def request(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        again: bool = False,
    ) -> HttpAnswer:
        given = _with_token(headers, token)
        if json is not None:
            content = msgspec.json.encode(json)
            given.setdefault("Content-Type", "application/json")
        elif form is not None:
            content = str(httpx.QueryParams(dict(form))).encode()
            given.setdefault("Content-Type", "application/x-www-form-urlencoded")
        attempts = ATTEMPTS if again or method in ("GET", "HEAD") else 1
        for attempt in range(1, attempts + 1):
            try:
                return await self._once(method, url, content, params or {}, given)
            except PlatformAway as away:
                if attempt == attempts or (away.after or 0.0) > PATIENCE:
                    raise
                own = FIRST_GAP * 4.0 ** (attempt - 1) * random.uniform(0.75, 1.25)
                await asyncio.sleep(max(own, away.after or 0.0))
        raise AssertionError("the last attempt returns or raises")

    async def close(self) -> None:
        """Ends its connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _once(
        self,
        method: str,
        url: str,
        content: bytes | None,
        params: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> HttpAnswer:
        host = _host(url)
        await self._turn(host)
        if self._client is None:
            self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=TIMEOUT)
        # Merged, not replaced: httpx drops the query of a URL that gets parameters.
        target = httpx.URL(url).copy_merge_params(dict(params)) if params else url
        try:
            async with self._client.stream(method, target, content=content, headers=dict(headers)) as answer:
                body = await _body(answer, host)
        except httpx.HTTPError as error:
            raise PlatformAway(f"{host} 没有答复 / no answer from {host}: {type(error).__name__}") from None
        status = answer.status_code
        if status == 429 or status >= 500:
            after = _retry_after(answer.headers.get("retry-after", ""))
            if after is not None:
                self._shut_until = time.monotonic() + after
            raise PlatformAway(f"{host} 答复 {status} / {host} answers {status}", after=after)
        if status != 304 and not answer.is_success:
            said = self._masked(body[: 4 * EXCERPT].decode("utf-8", "replace"), params, headers)[:EXCERPT].strip()
            answered = f"{status}: {said}" if said else f"{status}"
            raise PlatformRefused(f"{host} 答复 {answered} / {host} answers {answered}", status=status)
        return HttpAnswer(status, {name.lower(): value for name, value in answer.headers.items()}, body)

    async def _turn(self, host: str) -> None:
        """Waits until one more call may begin. Raises PlatformAway while the platform wants to be left alone, or another leads."""
        while True:
            if not self._leads():
                raise PlatformAway(
                    "这个网关待命：由另一个在做，或数据库连不上 / this gateway stands by: another leads, or the store is away"
                )
            now = time.monotonic()
            shut = self._shut_until - now
            if shut > 0:
                raise PlatformAway(
                    f"{host} 要求再等 {shut:.0f} 秒 / {host} asks to wait for {shut:.0f} s more", after=shut
                )
            full = len(self._begun) == self._begun.maxlen
            wait = self._begun[0] + self._window - now if full else 0.0
            if wait <= 0:
                self._begun.append(now)
                return
            await asyncio.sleep(wait)

    def _masked(self, text: str, params: Mapping[str, str], headers: Mapping[str, str]) -> str:
        """What a platform says, without what it was told in confidence: some repeat a wrong token or signature."""
        told = [*(each.reveal() for each in self._secrets), *params.values()]
        told += [word for value in headers.values() for word in value.split()]
        for secret in sorted(set(told), key=len, reverse=True):
            if len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, MASK)
        return text


async def _body(answer: httpx.Response, host: str) -> bytes:
    parts, size = [], 0
    async for part in answer.aiter_bytes():
        size += len(part)
        if size > BODY_AT_MOST:
            raise BadMessage(
                f"{host} 的答复超过 {BODY_AT_MOST:,} 字节 / its answer is longer than {BODY_AT_MOST:,} bytes"
            )
        parts.append(part)
    return b"".join(parts)


def _host(url: str) -> str:
    """The server that a URL names: all that may be shown of it, since paths and queries carry tokens. Raises PlatformRefused for
    a URL that names none."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise PlatformRefused(
            "连接器访问的不是 http(s) 网址，请检查设置 / "
            "the connector calls something that is no http(s) address: check its settings"
        )
    return parsed.host


def _retry_after(value: str) -> float | None:
    """Seconds that `Retry-After` asks for, as a number or a date; None when it says nothing that can be read."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), WAIT_AT_MOST)
    try:
        at = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return min(max(at.timestamp() - time.time(), 0.0), WAIT_AT_MOST)


def _with_token(headers: Mapping[str, str] | None, token: str | None) -> dict[str, str]:
    return {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}


def _json(answer: HttpAnswer, url: str) -> Any:
    if answer.status == 204:
        return None
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadMessage(f"{_host(url)} 的答复不是 JSON / the answer of {_host(url)} is no JSON") from None
