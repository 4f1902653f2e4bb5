"""Webhooks as Standard Webhooks say: signed, to addresses that the plan means, and nothing more of the answer than its status.

A redirect is no delivery. The name of the host is looked up here, once, and the connection goes to what was found and checked:
a name that stands for an address of this network reaches nobody unless the plan says so.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import email.utils
import hashlib
import hmac
import ipaddress
import socket
import time
from collections.abc import Sequence
from typing import NamedTuple

import httpx
import msgspec

from overlaykit.errors import UserError
from overlaykit.gateway.attempts import Again, Refused, no_answer
from overlaykit.model.messages import Message, WebhookEvent
from overlaykit.model.settings import Secret

PREFIX = "whsec_"
SECONDS = 10.0
"""For one attempt, from looking up the name to the end of the answer."""
ANSWER_AT_MOST = 65_536
"""Bytes of an answer that are read; what is longer is left where it is."""
GONE = 410


class Endpoint(NamedTuple):
    """Where events are posted. `private`: the host's name may stand for an address of this network. `keys` sign, each."""

    name: str
    url: httpx.URL
    private: bool
    keys: tuple[bytes, ...]


def read_url(text: str, name: str) -> httpx.URL:
    """The address of [webhook.name]. Raises UserError for one that httpx cannot use."""
    try:
        return httpx.URL(text)
    except httpx.InvalidURL as error:
        raise UserError(
            f"[webhook.{name}] 的地址用不了：{error} / the address of [webhook.{name}] cannot be used: {error}",
            remedy="请在场次方案里改。 / Mend it in the plan.",
        ) from None


def read_keys(secret: Secret, name: str) -> tuple[bytes, ...]:
    """The keys in a secret: `whsec_` and base64 each, with spaces between them. Raises UserError."""
    remedy = "It is whsec_ and base64 of 24 to 64 bytes, such as: echo whsec_$(head -c 32 /dev/urandom | base64)"
    keys = []
    for text in secret.reveal().split():
        try:
            key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not text.startswith(PREFIX) or not 24 <= len(key) <= 64:
            raise UserError(f"[webhook.{name}] 的密钥格式不对 / the secret of [webhook.{name}] is none", remedy=remedy)
        keys.append(key)
    if not keys:
        raise UserError(f"[webhook.{name}] 的密钥是空的 / the secret of [webhook.{name}] is empty", remedy=remedy)
    return tuple(keys)


def sign(keys: Sequence[bytes], id: str, timestamp: int, body: bytes) -> str:
    """The header webhook-signature."""
    signed = f"{id}.{timestamp}.".encode() + body
    digests = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


class WebhookSender:
    """Posts to one endpoint."""

    def __init__(self, endpoint: Endpoint, client: httpx.AsyncClient, *, seconds: float = SECONDS) -> None:
        self._endpoint, self._client, self._seconds = endpoint, client, seconds

    async def deliver(self, message: Message) -> str:
        """One attempt; gives a detail to show. Raises Again when it may work later, Refused when it never will."""
        assert isinstance(message.body, WebhookEvent)
        event = message.body
        body = msgspec.json.encode({"type": event.type, "timestamp": event.timestamp, "data": event.data})
        try:
            async with asyncio.timeout(self._seconds):
                status, wait = await self._post(message.id, body)
        except TimeoutError:
            raise Again(no_answer(self._seconds)) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Again(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__) from None
        if 200 <= status < 300:
            return f"HTTP {status}"
        if status == GONE:
            raise Refused("HTTP 410：对方不再接收 / the endpoint wants no more of these")
        if 300 <= status < 400:
            raise Again(f"HTTP {status}：不跟随跳转，请写最终网址 / a redirect is not followed; write where it leads")
        raise Again(f"HTTP {status}", wait)

    async def _post(self, id: str, body: bytes) -> tuple[int, float | None]:
        """Status, and what Retry-After asks for, in seconds."""
        endpoint = self._endpoint
        address = await self._resolve()
        timestamp = int(time.time())
        headers = {
            "host": endpoint.url.netloc.decode("ascii"),
            "content-type": "application/json",
            "user-agent": "overlaykit",
            "webhook-id": id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(endpoint.keys, id, timestamp, body),
        }
        request = self._client.build_request(
            "POST",
            endpoint.url.copy_with(host=address),
            content=body,
            headers=headers,
            extensions={"sni_hostname": endpoint.url.raw_host.decode("ascii")},
        )
        response = await self._client.send(request, stream=True)
        try:
            read = 0
            async for piece in response.aiter_raw():
                read += len(piece)
                if read > ANSWER_AT_MOST:
                    break
            return response.status_code, _retry_after(response.headers.get("retry-after"))
        finally:
            await response.aclose()

    async def _resolve(self) -> str:
        """An address of the host that may be reached. Raises Again, and Refused for a name that nobody can have."""
        url = self._endpoint.url
        host = url.raw_host.decode("ascii").strip("[]")
        if host == "localhost" or _is_address(host):  # the plan names it itself
            return host
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise Again(f"找不到 {host} / the name is not found: {error.strerror or error}") from None
        except UnicodeError:
            raise Refused(f"{host[:80]} 不是主机名 / is no name of a host") from None
        addresses = [str(entry[4][0]) for entry in found]
        allowed = [each for each in addresses if self._endpoint.private or ipaddress.ip_address(each).is_global]
        if not allowed:
            raise Again(
                f"{host} 指向内网地址 {addresses[0]}；如要使用，在 [webhook.{self._endpoint.name}] 里写 private = true / "
                "the name stands for an address of this network; if that is meant, write this"
            )
        return allowed[0]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _retry_after(text: str | None) -> float | None:
    """Seconds: a number, or a date. None for anything else."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
