"""A relay emptied into the inbox: what platforms sent there is received here as if it had come to /hooks/APP itself."""

from __future__ import annotations

import asyncio
import secrets as random
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import redis

from overlaykit.errors import NotFound, StoreAway, UserError
from overlaykit.gateway.ending import Ended, unless_ended
from overlaykit.gateway.standing import Standing, StoreClock
from overlaykit.inbox import Addresses, Refusal, StoreKeeping, receive
from overlaykit.model.relaying import TAKE_PATH, TOKEN_AT_LEAST, WAIT_AT_MOST, Relayed, Take, Taken
from overlaykit.model.settings import Secret
from overlaykit.pluginhost.targets import RELAY_SECRET, Secrets, how_to_set
from overlaykit.store import answers
from overlaykit.store.waiting import Backoff, pause

TIMEOUT = httpx.Timeout(WAIT_AT_MOST + 10.0, connect=5.0)
BODY_AT_MOST = 16 << 20
"""Bytes of an answer."""
HELD_PAUSE = 5.0
"""Seconds before messages that the room could not take are tried again."""
ROOM_KEY = "{overlaykit}:relay:room"
UNREADABLE = 400
"""How a message is refused that says nothing: it is kept among the odd ones, and done."""


class RelayedInbox:
    """The inboxes of a store, for messages that came another way. Used by one thread at a time.

    client     a client of its own
    """

    def __init__(self, client: redis.Redis, addresses: Addresses) -> None:
        self._client, self._addresses, self._keeping = client, addresses, StoreKeeping(client)
        self._lock = asyncio.Lock()

    async def room(self) -> str:
        """What this store is called at relays, the same for all its gateways. Raises StoreAway."""
        async with self._lock:
            return await asyncio.to_thread(self._room)

    async def receive(self, messages: Sequence[Relayed]) -> tuple[tuple[int, ...], str]:
        """Those that are safe in the rooms by now, and why others are not. Raises StoreAway."""
        async with self._lock:
            return await asyncio.to_thread(self._receive, messages)

    def _room(self) -> str:
        with answers():
            self._client.set(ROOM_KEY, random.token_hex(16), nx=True)
            found: Any = self._client.get(ROOM_KEY)
        return str(found.decode())

    def _receive(self, messages: Sequence[Relayed]) -> tuple[tuple[int, ...], str]:
        done, held = [], ""
        for each in messages:
            try:
                receive(self._keeping, self._addresses.find(each.app), each.request)
            except NotFound as error:
                held = f"{each.app}: {error.message}"
                continue
            except Refusal as refusal:
                if refusal.status != UNREADABLE:
                    held = f"{each.app}: {refusal.detail}"
                    continue
            done.append(each.seq)
        self._keeping.flush()
        return tuple(done), held


class Relay:
    """One [relay.NAME] of the plan, at `url`."""

    def __init__(self, url: str, token: Secret, inbox: RelayedInbox, standing: Standing, clock: StoreClock) -> None:
        self._url, self._token, self._inbox = url.rstrip("/") + TAKE_PATH, token, inbox
        self._standing, self._clock = standing, clock

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        backoff, wait, after = Backoff(0.25, 4.0), 0.0, 0
        done: tuple[int, ...] = ()
        why = ""
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=TIMEOUT) as http:
            while not stop.is_set():
                try:
                    asked = Take(room=await self._inbox.room(), done=done, wait=wait, after=after)
                    taken = await unless_ended(self._take(http, asked), stop)
                    done, held = await self._inbox.receive(taken.messages)
                except Ended:
                    return
                except (UserError, httpx.HTTPError) as error:
                    self._failed(error)
                    await pause(stop, backoff.next())
                    continue
                except StoreAway:
                    done = ()
                    await pause(stop, backoff.next())
                    continue
                backoff.reset()
                self._standing.heard_ms = self._clock.now_ms
                self._standing.unread = taken.waiting - len(done)
                why = held or why
                # Those that the room cannot take now are passed over, so that they keep no others waiting.
                after, wait = max((each.seq for each in taken.messages), default=after) if why else 0, 0.0
                if taken.messages:
                    continue
                if why:
                    self._standing.trouble("failing", why, "Messages wait in the relay until it is mended.")
                    why, after = "", 0
                    await pause(stop, HELD_PAUSE)
                else:
                    self._standing.ready()
                    wait = WAIT_AT_MOST

    async def _take(self, http: httpx.AsyncClient, asked: Take) -> Taken:
        headers = {"Authorization": f"Bearer {self._token.reveal()}", "Content-Type": "application/json"}
        async with http.stream("POST", self._url, content=msgspec.json.encode(asked), headers=headers) as answer:
            body = b""
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > BODY_AT_MOST:
                    raise UserError(
                        "答复太长，不是中转 / the answer is too long: this is no relay", remedy=self._look()
                    )
        if answer.status_code != 200:
            raise _refused(answer.status_code, body, self._look())
        try:
            return msgspec.json.decode(body, type=Taken)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise UserError("答复不是中转的 / the answer is none of a relay", remedy=self._look()) from None

    def _failed(self, error: UserError | httpx.HTTPError) -> None:
        if isinstance(error, UserError):
            self._standing.trouble("failing", error.message, error.remedy)
        else:
            self._standing.trouble(
                "failing", f"中转没有答复 / the relay does not answer: {type(error).__name__}", self._look()
            )

    def _look(self) -> str:
        return f"Does `overlaykit relay` run there, and is {self._url.removesuffix(TAKE_PATH)} its address?"


def relay_token(name: str, secrets: Secrets) -> Secret:
    """The token that relay and room know. Raises UserError when nobody has set it, or when it is too short."""
    found = secrets.find("relay", name, RELAY_SECRET)
    if found is None:
        raise UserError(
            f"[relay.{name}] 缺少密钥 / needs the secret {RELAY_SECRET}, and nobody has set it",
            remedy=how_to_set("relay", name, RELAY_SECRET),
        )
    if len(found.reveal()) < TOKEN_AT_LEAST:
        raise UserError(
            f"[relay.{name}] 的密钥太短 / its token has less than {TOKEN_AT_LEAST} characters",
            remedy="用一个随机的，这里和中转填同一个。 / Take a random one, the same here and at the relay.",
        )
    return found


def relay_url(name: str, url: str) -> str:
    """The relay's address. Raises UserError for one on whose way the token could be read."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise UserError(
            f"[relay.{name}] 的地址不是 https / {url} is not https: its token could be read on the way",
            remedy="把中转放在支持 TLS 的反向代理后面，填它的 https:// 地址。 / "
            "Put the relay behind a reverse proxy that speaks TLS, and give its https:// address.",
        )
    return url


def _refused(status: int, body: bytes, look: str) -> UserError:
    try:
        detail = str(msgspec.json.decode(body)["detail"])[:300]
    except (msgspec.DecodeError, KeyError, TypeError, UnicodeDecodeError, RecursionError):
        detail = ""
    if status == 401:
        return UserError(
            "中转不认这个密钥 / the relay does not take this token",
            remedy="两边填同一个。 / Set the same one at the relay and here.",
        )
    return UserError(f"中转答复 / the relay answers {status}{': ' if detail else ''}{detail}", remedy=look)
