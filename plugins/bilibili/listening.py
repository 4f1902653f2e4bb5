"""The live socket of a round: joined, kept alive, and read until it ends.

Source: open-live.bilibili.com/document, 长连协议 and 长连CMD说明.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Any, NoReturn, TypeVar

import msgspec
from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from overlaykit.api import BadMessage, ChatMessage, Context, PlatformAway, PlatformRefused
from plugins.bilibili.client import OpenLive, Round
from plugins.bilibili.frames import AUTH, AUTH_REPLY, HEARTBEAT, MESSAGE, Frame, packed, unpacked

T = TypeVar("T")

JOINED_WITHIN = 8.0
BEAT_EVERY = 20.0
"""Seconds. The socket wants one within 30 s, the round within 60 s."""
SILENT_AFTER = 70.0
"""Seconds without anything, not even the answer to a heartbeat: then the connection is gone, and nobody has said so."""
MISSES_AT_MOST = 2
"""Heartbeats of the round in a row that may find the platform away."""
FRAME_AT_MOST = 4 * 1024 * 1024

TEXTS = {"LIVE_OPEN_PLATFORM_DM": "msg", "LIVE_OPEN_PLATFORM_SUPER_CHAT": "message"}
"""Commands in which a viewer wrote something → the field that holds it: 弹幕, and 醒目留言, which is paid for."""
ENDED = "LIVE_OPEN_PLATFORM_INTERACTION_END"


class Command(Struct):
    cmd: str
    data: dict[str, Any] = {}


class Written(Struct):
    """What a viewer wrote. `is_mirror`: in another room, and shown in this one."""

    msg_id: str | int
    uname: str
    text: str
    timestamp: int | None = None
    is_mirror: bool = False


class AuthReply(Struct):
    code: int = 0


async def listen(round: Round, client: OpenLive, ctx: Context) -> AsyncGenerator[ChatMessage, None]:
    """What viewers write from now on. Ends with PlatformAway, PlatformRefused or BadMessage, never by itself."""
    socket = await _join(round)
    beating = asyncio.create_task(_beat(socket, round, client, ctx))
    told = False
    try:
        async for frame in _frames(socket, beating):
            if frame.operation != MESSAGE:
                continue
            try:
                for message in _written(frame, round):
                    yield message
            except BadMessage as error:
                if not told:
                    ctx.log.warning("[%s] a message of the chat cannot be read: %s", ctx.section, error.message)
                told = True
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        await socket.close()


async def _join(round: Round) -> ClientConnection:
    """The first address that lets us in."""
    trouble: Exception = PlatformAway("B站没有给出弹幕地址 / Bilibili gave no address of the chat")
    for address in round.websocket_info.wss_link:
        try:
            async with asyncio.timeout(JOINED_WITHIN):
                socket = await connect(address, proxy=None, ping_interval=None, max_size=FRAME_AT_MOST)
                try:
                    await socket.send(packed(AUTH, round.websocket_info.auth_body.encode()))
                    _let_in(await socket.recv())
                except BaseException:
                    await socket.close()
                    raise
            return socket
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI, ConnectionClosed) as error:
            trouble = PlatformAway(f"连不上B站弹幕 / the chat of Bilibili is not reached: {type(error).__name__}")
    raise trouble


def _let_in(data: str | bytes) -> None:
    for frame in unpacked(_bytes(data)):
        if frame.operation == AUTH_REPLY:
            code = _read(frame.body, AuthReply).code
            if code != 0:
                raise PlatformRefused(f"B站弹幕拒绝进入 / the chat of Bilibili lets nobody in ({code})", code=str(code))
            return
    raise BadMessage("B 站弹幕没有先答复认证 / the chat of Bilibili did not answer the authentication first")


async def _frames(socket: ClientConnection, beating: asyncio.Task[NoReturn]) -> AsyncIterator[Frame]:
    while True:
        receiving = asyncio.ensure_future(socket.recv())
        try:
            await asyncio.wait({receiving, beating}, timeout=SILENT_AFTER, return_when=asyncio.FIRST_COMPLETED)
            if receiving.done():
                data = receiving.result()
            elif beating.done():
                beating.result()
            else:
                raise PlatformAway(f"B站弹幕 {SILENT_AFTER:.0f} 秒没有任何消息 / the chat of Bilibili is silent")
        except ConnectionClosed as error:
            code = error.rcvd.code if error.rcvd else "no goodbye"
            raise PlatformAway(f"B站关闭了弹幕连接 / Bilibili closed the chat ({code})") from None
        finally:
            receiving.cancel()
        for frame in unpacked(_bytes(data)):
            yield frame


async def _beat(socket: ClientConnection, round: Round, client: OpenLive, ctx: Context) -> NoReturn:
    """Says that we are here, to the socket and to the round. Raises when either is over."""
    missed = 0
    while True:
        await socket.send(packed(HEARTBEAT))
        await asyncio.sleep(BEAT_EVERY)
        try:
            await client.keep_alive(round, ctx)
            missed = 0
        except PlatformAway:
            missed += 1
            if missed > MISSES_AT_MOST:
                raise


def _written(frame: Frame, round: Round) -> Iterator[ChatMessage]:
    command = _read(frame.body, Command)
    if command.cmd == ENDED and str(command.data.get("game_id", "")) == round.id:
        raise PlatformAway("B站结束了本场连接 / Bilibili ended the round")
    field = TEXTS.get(command.cmd)
    if field is None:
        return
    try:
        written = msgspec.convert(command.data | {"text": command.data.get(field)}, Written, strict=False)
        at = dt.datetime.fromtimestamp(written.timestamp, dt.UTC) if written.timestamp else None
    except (msgspec.ValidationError, ValueError, OverflowError, OSError) as error:
        raise BadMessage(f"{command.cmd} 的内容不对：{error} / {command.cmd} does not fit: {error}") from None
    if not written.is_mirror:
        yield ChatMessage(id=str(written.msg_id), author=written.uname, text=written.text, at=at)


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadMessage(f"有一条消息读不懂：{error} / a message cannot be read: {error}") from None


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data
