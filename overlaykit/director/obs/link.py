"""One connection to one OBS: simpleobsws, with the holes closed into which its callers fall.

simpleobsws does not say when a connection ends, lets a call wait out its whole timeout when it did, takes a wrong password
for a slow server, and after a message that it cannot read stops receiving while it says that all is well. Here its task
that receives and its socket are watched; whoever waits is told at once, with the code with which OBS closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import simpleobsws
import websockets
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from overlaykit.director.obs.answers import amiss_in_answer, amiss_in_event
from overlaykit.errors import ObsAway, ObsRefused

log = logging.getLogger(__name__)

OPEN_SECONDS = 3.0
ANSWER_SECONDS = 5.0
CLOSE_SECONDS = 1.0

GENERAL, CONFIG, SCENES, INPUTS, TRANSITIONS, FILTERS, OUTPUTS, SCENE_ITEMS, MEDIA, UI = (
    *(1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 8),
    1 << 10,
)
EVENTS = GENERAL | CONFIG | SCENES | INPUTS | TRANSITIONS | FILTERS | OUTPUTS | SCENE_ITEMS | MEDIA | UI
"""All but those that come many times a second, and those of other plugins."""

WRONG_PASSWORD, OTHER_RPC_VERSION, KICKED = 4009, 4010, 4011
"""Codes with which obs-websocket closes, and after which it makes no sense to come back as before."""

NOT_READY, NOT_FOUND = 207, 600
"""Status codes of obs-websocket: it is loading or changes its collection; there is no such scene, source …"""
AMISS = 0
"""In place of a status: what was answered is not what the protocol says, so that nobody can use it."""

_MOST_BYTES = 1 << 26
"""Of one message: a screenshot of a large canvas has several MiB."""

Event = Callable[[str, Mapping[str, Any]], None]


class Address(NamedTuple):
    """Where an OBS listens."""

    host: str = "127.0.0.1"
    port: int = 4455

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"ws://{host}:{self.port}"

    def __str__(self) -> str:
        return self.url.removeprefix("ws://")


class Reach(NamedTuple):
    """How an OBS is reached. `password`: None when there is none, or nobody gave one yet."""

    address: Address
    password: str | None

    def __repr__(self) -> str:
        return f"Reach({self.address})"


class Request(NamedTuple):
    """A request of obs-websocket's protocol. In a batch `gives` keeps fields of its answer as variables, by variable, and
    `takes` fills fields from them, by field."""

    name: str
    data: Mapping[str, Any] = {}
    gives: Mapping[str, str] = {}
    takes: Mapping[str, str] = {}


class Answer(NamedTuple):
    """What one request of a batch came to. `code` is obs-websocket's status, or AMISS; `data` empty where there is none."""

    request: str
    ok: bool
    code: int
    comment: str
    data: Mapping[str, Any]

    def refusal(self) -> ObsRefused:
        """The same as an error."""
        if self.code == AMISS:
            return ObsRefused(
                f"what OBS answers to {self.request} is not what obs-websocket says: {self.comment}",
                f"OBS 对 {self.request} 的回答不符合 obs-websocket 协议：{self.comment}",
                code=AMISS,
                remedy="Bring OBS up to 28 or newer, and look for a plugin of it that changes its answers.",
            )
        said = self.comment or f"status {self.code}"
        return ObsRefused(f"OBS refused {self.request}: {said}", f"OBS 拒绝了 {self.request}：{said}", code=self.code)


class ObsLink:
    """An identified connection. Made by `open_link`; `close` it.

    Requests may be made from several tasks; OBS answers them in any order. What has to stay in order goes into one batch.
    """

    def __init__(self, client: Any, address: Address) -> None:
        self._client = client
        self.address = address
        self._told_amiss: set[str] = set()
        self._lost: asyncio.Future[ObsAway] = asyncio.get_running_loop().create_future()
        self._watching = asyncio.create_task(self._watch())

    @property
    def lost(self) -> ObsAway | None:
        """Why the connection ended; None while it is there."""
        return self._lost.result() if self._lost.done() else None

    async def wait_lost(self) -> ObsAway:
        """Waits until the connection has ended, and says why."""
        return await asyncio.shield(self._lost)

    async def ask(
        self, name: str, data: Mapping[str, Any] | None = None, *, seconds: float = ANSWER_SECONDS
    ) -> Mapping[str, Any]:
        """Makes one request and returns its response data. Raises ObsRefused, and ObsAway without an answer in time."""
        request = simpleobsws.Request(name, dict(data) if data is not None else None)
        answer = self._answer(await self._waited(self._client.call(request, timeout=seconds), name, seconds))
        if not answer.ok:
            raise answer.refusal()
        return answer.data

    async def batch(
        self, requests: Sequence[Request], *, seconds: float = ANSWER_SECONDS, halt: bool = False
    ) -> list[Answer]:
        """Makes requests one after the other, at once (SerialRealtime); an answer to each. With `halt` the first that is
        refused is the last one. Raises ObsAway."""
        if not requests:
            return []
        made = [
            simpleobsws.Request(each.name, dict(each.data), dict(each.takes) or None, dict(each.gives) or None)
            for each in requests
        ]
        serial = simpleobsws.RequestBatchExecutionType.SerialRealtime
        call = self._client.call_batch(made, timeout=seconds, halt_on_failure=halt, execution_type=serial)
        answers = [self._answer(each) for each in await self._waited(call, f"{requests[0].name} …", seconds)]
        if len(answers) != len(requests) and (not halt or all(answer.ok for answer in answers)):
            raise self._no_answer(f"{requests[0].name} …", f"{len(answers)} answers to {len(requests)} requests")
        return answers

    async def close(self) -> None:
        """Ends it; what still waits gets ObsAway."""
        self._end(ObsAway("the connection to OBS was closed by overlaykit", "overlaykit 关闭了与 OBS 的连接"))
        self._watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._watching
        await _shut(self._client)

    async def _waited(self, call: Any, name: str, seconds: float) -> Any:
        if self._lost.done():
            call.close()
            raise _again(self._lost.result())
        calling = asyncio.ensure_future(call)
        try:
            await asyncio.wait((calling, self._lost), return_when=asyncio.FIRST_COMPLETED)
            if not calling.done():
                raise _again(self._lost.result())
            return calling.result()
        except simpleobsws.MessageTimeout:
            raise ObsAway(
                f"OBS at {self.address} did not answer {name} within {seconds:g} s",
                f"{self.address} 的 OBS 在 {seconds:g} 秒内没有回答 {name}",
            ) from None
        except (simpleobsws.NotIdentifiedError, ConnectionClosed):
            raise _why(self._client, self.address, password=True) from None
        except (KeyError, TypeError, AttributeError) as error:  # simpleobsws takes an answer's fields for granted
            raise self._no_answer(name, repr(error)) from None
        finally:
            calling.cancel()

    def _answer(self, response: Any) -> Answer:
        """One answer as those who asked can rely on it. One that they cannot use is told in the log, once for each request."""
        name, status, data = response.requestType, response.requestStatus, response.responseData or {}
        wrong = amiss_in_answer(name, data) if status.result else None
        if wrong is None:
            return Answer(name, bool(status.result), int(status.code), status.comment or "", data)
        answer = Answer(name, False, AMISS, wrong, {})
        if name not in self._told_amiss:
            self._told_amiss.add(name)
            log.warning("OBS at %s: %s", self.address, answer.refusal().message)
        return answer

    def _no_answer(self, name: str, why: str) -> ObsAway:
        return ObsAway(
            f"OBS at {self.address} answered {name} with what is no answer of obs-websocket: {why}",
            f"{self.address} 的 OBS 对 {name} 的应答不是 obs-websocket 的应答：{why}",
        )

    async def _watch(self) -> None:
        closing = asyncio.ensure_future(self._client.ws.wait_closed())
        try:
            await asyncio.wait((closing, self._client.recv_task), return_when=asyncio.FIRST_COMPLETED)
            self._end(_why(self._client, self.address, password=True))
        finally:
            closing.cancel()

    def _end(self, why: ObsAway) -> None:
        if not self._lost.done():
            self._lost.set_result(why)


class _Client(simpleobsws.WebSocketClient):  # type: ignore[misc]
    """Connects straight to OBS, whatever proxy this machine uses for the web: OBS is in the same room."""

    async def connect(self) -> bool:
        self.ws = await websockets.connect(
            self.url,
            subprotocols=[websockets.Subprotocol("obswebsocket.msgpack")],
            max_size=_MOST_BYTES,
            proxy=None,
            open_timeout=None,
        )
        self.ws_open = True
        self.recv_task = asyncio.create_task(self._ws_recv_task())
        return True


async def open_link(reach: Reach, heard: Event, *, seconds: float = OPEN_SECONDS) -> tuple[ObsLink, Mapping[str, Any]]:
    """Connects and identifies within `seconds`; the link, and what GetVersion says of this OBS, nothing while it loads.

    `heard(name, data)` gets each event, in the order in which they come. Raises ObsAway; its `code` says with which close code
    OBS turned us away.
    """

    address, password = reach

    async def hear(event: Mapping[str, Any]) -> None:
        name, data = event.get("eventType"), event.get("eventData") or {}
        wrong = amiss_in_event(name, data) if isinstance(name, str) else "it has no name"
        if wrong is None:
            heard(str(name), data)
        else:
            log.warning("OBS at %s told %s, which is not what obs-websocket says: %s", address, name, wrong)

    identification = simpleobsws.IdentificationParameters(eventSubscriptions=EVENTS)
    client = _Client(address.url, password or "", identification)
    client.register_event_callback(hear)
    try:
        async with asyncio.timeout(seconds):
            await client.connect()
            await _identify(client, address, password is not None)
        link = ObsLink(client, address)
    except BaseException as error:
        await _shut(client)
        raise _unreached(address, error, seconds) from None
    try:
        return link, await link.ask("GetVersion", seconds=seconds)
    except ObsRefused:
        return link, {}
    except BaseException:
        await link.close()
        raise


async def _identify(client: Any, address: Address, password: bool) -> None:
    identified = asyncio.ensure_future(client.wait_until_identified(timeout=None))
    try:
        await asyncio.wait((identified, client.recv_task), return_when=asyncio.FIRST_COMPLETED)
        if not identified.done():
            raise _why(client, address, password=password)
    finally:
        identified.cancel()


def closed(address: Address, code: int | None, reason: str, *, password: bool) -> ObsAway:
    """What a close code of obs-websocket means. `password`: whether one was sent."""
    if code == WRONG_PASSWORD and password:
        return ObsAway(
            f"OBS at {address} does not take this password",
            f"{address} 的 OBS 不接受这个密码",
            code=code,
            remedy="OBS shows it under Tools → WebSocket Server Settings → Show Connect Info "
            "(工具 → WebSocket 服务器设置 → 显示连接信息). Then run: overlaykit obs setup",
        )
    if code == WRONG_PASSWORD:
        return ObsAway(
            f"OBS at {address} asks for a password, and none is kept here",
            f"{address} 的 OBS 需要密码，这里还没有保存",
            code=code,
            remedy="Run: overlaykit obs setup",
        )
    if code == OTHER_RPC_VERSION:
        return ObsAway(
            f"OBS at {address} speaks another version of obs-websocket's protocol",
            f"{address} 的 OBS 使用的 obs-websocket 协议版本不同",
            code=code,
            remedy="Bring OBS up to 28 or newer.",
        )
    if code == KICKED:
        return ObsAway(
            f"somebody ended our connection in OBS at {address}",
            f"有人在 {address} 的 OBS 里断开了我们的连接",
            code=code,
            remedy="Connect again from the desk when that is wanted.",
        )
    said = f" ({code}{': ' + reason if reason else ''})" if code is not None else ""
    return ObsAway(f"OBS at {address} closed the connection{said}", f"{address} 的 OBS 关闭了连接{said}", code=code)


def _why(client: Any, address: Address, *, password: bool) -> ObsAway:
    """Why a client receives no more."""
    receiving = client.recv_task
    if receiving.done() and not receiving.cancelled() and (error := receiving.exception()) is not None:
        return ObsAway(
            f"OBS at {address} sent something that is no message of obs-websocket: {error!r}",
            f"{address} 的 OBS 发来的不是 obs-websocket 消息：{error!r}",
        )
    return closed(address, client.ws.close_code, client.ws.close_reason or "", password=password)


_CHINESE: Mapping[int | None, str] = {
    errno.ECONNREFUSED: "连接被拒绝",
    errno.ECONNRESET: "连接被中断",
    errno.ETIMEDOUT: "连接超时",
    errno.EHOSTUNREACH: "找不到这台电脑",
    errno.ENETUNREACH: "网络不通",
}


def _unreached(address: Address, error: BaseException, seconds: float) -> BaseException:
    if isinstance(error, TimeoutError):
        return ObsAway(
            f"OBS at {address} does not answer within {seconds:g} s",
            f"{address} 的 OBS 在 {seconds:g} 秒内没有应答",
            remedy="Is it another program's port, a firewall, or an OBS that hangs?",
        )
    if isinstance(error, InvalidURI | UnicodeError):
        return ObsAway(
            f"{address.host!r} is no name of a host: {error}",
            f"“{address.host}”不是主机名：{error}",
            remedy="Write a name or an address such as 192.168.1.20.",
        )
    if isinstance(error, OSError):
        # asyncio puts the address into strerror.
        why = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else str(error)
        return ObsAway(
            f"nothing answers at {address}: {why}",
            f"{address} 没有应答：{_CHINESE.get(error.errno, why)}",
            remedy="Start OBS, and switch its server on: Tools → WebSocket Server Settings (工具 → WebSocket 服务器设置).",
        )
    if isinstance(error, InvalidHandshake):
        return ObsAway(
            f"what answers at {address} is no OBS: {error}",
            f"{address} 上应答的不是 OBS：{error}",
            remedy="Compare host and port with Tools → WebSocket Server Settings (工具 → WebSocket 服务器设置).",
        )
    return error


def _again(why: ObsAway) -> ObsAway:
    """The same error anew: one that several waiters raised would hold the frames of all of them."""
    return ObsAway(why.message, why.chinese, code=why.code, remedy=why.remedy)


async def _shut(client: Any) -> None:
    if client.ws is None:
        return
    if client.recv_task is not None:
        client.recv_task.cancel()
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await client.ws.close()
    except TimeoutError:  # it hangs: it will not say goodbye
        client.ws.transport.abort()
    if client.recv_task is not None:
        await asyncio.gather(client.recv_task, return_exceptions=True)
