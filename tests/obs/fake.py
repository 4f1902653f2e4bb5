"""A fake OBS: a server that speaks obs-websocket's protocol, for what a real OBS cannot be made to do and for quick tests.

It runs in a thread of its own. What tests break on purpose: `silent`, `stop`, `close_all`, `say_nonsense`, `studio.loading`.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import msgpack
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.conftest import free_tcp_port
from tests.obs.hand import Hand, Viewer
from tests.obs.studio import No, Studio

T = TypeVar("T")


class FakeObs:
    """`start` after `stop` brings the same OBS back, with port, password and scenes.

    requests   (name, data) of every request so far, those of batches one by one, not those of a `hand`
    """

    def __init__(self, password: str | None = None) -> None:
        self.port = free_tcp_port()
        self.password = secrets.token_hex(8) if password is None else password
        self.requests: list[tuple[str, Mapping[str, Any]]] = []
        self.connections = 0
        """How often somebody has begun to connect."""
        self.silent = False
        """Requests are taken and never answered."""
        self.rpc_version = 1
        self._loop = asyncio.new_event_loop()
        self._sessions: dict[ServerConnection, bool] = {}
        self._server: Server | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self.studio = Studio(self._emit, self._later)
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    # ---------------------------------------------------------------------------------------------- what a test does

    def start(self) -> FakeObs:
        async def start() -> None:
            protocols = [Subprotocol("obswebsocket.msgpack"), Subprotocol("obswebsocket.json")]
            self._server = await serve(
                self._talk, "127.0.0.1", self.port, subprotocols=protocols, ping_interval=None, close_timeout=0.2
            )

        self._run(start())
        return self

    def stop(self, code: int = 1001) -> None:
        """Closes every connection, and listens no more."""
        server, self._server = self._server, None
        if server is None:
            return

        async def stop() -> None:
            await self._close_sessions(code)
            server.close()
            await server.wait_closed()

        self._run(stop())

    def end(self) -> None:
        """After this there is nothing left of it."""
        self.silent = False
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def close_all(self, code: int) -> None:
        """Closes every connection with a code: 4011 is what `Kick` in OBS's list does."""
        self._run(self._close_sessions(code))

    def cut(self) -> None:
        """Every connection breaks off, without a word."""

        async def cut() -> None:
            for each in list(self._sessions):
                each.transport.abort()

        self._run(cut())

    def say_nonsense(self) -> None:
        """Sends what is no message of the protocol, to those that listen."""

        async def say() -> None:
            for each, listens in list(self._sessions.items()):
                if listens:
                    with suppress(ConnectionClosed):  # it was leaving
                        await each.send(msgpack.packb({"no": "message"}))

        self._run(say())

    def happen(self, event: str, **data: Any) -> None:
        """Tells an event."""
        self._loop.call_soon_threadsafe(self._emit, event, data)

    def hand(self) -> Hand:
        """A person at this OBS. The caller closes it."""
        return Hand(self.port, self.password)

    def viewer(self) -> Viewer:
        """Somebody who looks on. The caller closes it."""
        return Viewer(self.port, self.password)

    def count(self, request: str, **data: Any) -> int:
        """How often a request came, with these fields."""
        return sum(name == request and data.items() <= seen.items() for name, seen in list(self.requests))

    # --------------------------------------------------------------------------------------------- what a server does

    def _run(self, what: Awaitable[T]) -> T:
        async def run() -> T:
            return await what

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    async def _close_sessions(self, code: int) -> None:
        await asyncio.gather(*(each.close(code, "told by a test") for each in list(self._sessions)))

    def _later(self, seconds: float, what: Callable[[], None]) -> Callable[[], None]:
        return self._loop.call_later(seconds, what).cancel

    def _emit(self, event: str, data: Mapping[str, Any]) -> None:
        message = {"op": 5, "d": {"eventType": event, "eventIntent": 1, "eventData": dict(data)}}
        for each, listens in self._sessions.items():
            if listens:
                self._keep(each.send(_pack(each, message)))

    def _keep(self, sending: Awaitable[None]) -> None:
        async def send() -> None:
            with suppress(ConnectionClosed):
                await sending

        task = self._loop.create_task(send())
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _talk(self, session: ServerConnection) -> None:
        self.connections += 1
        salt, challenge = secrets.token_hex(8), secrets.token_hex(8)
        hello: dict[str, Any] = {"obsWebSocketVersion": "5.1.0", "rpcVersion": self.rpc_version}
        if self.password:
            hello["authentication"] = {"salt": salt, "challenge": challenge}
        try:
            await session.send(_pack(session, {"op": 0, "d": hello}))
            identify = _unpack(await session.recv())["d"]
            if identify["rpcVersion"] != self.rpc_version:
                await session.close(4010, "Your requested RPC version is not supported by this server.")
            elif self.password and identify.get("authentication") != _digest(_digest(self.password + salt) + challenge):
                await session.close(4009, "Authentication failed.")
            else:
                await session.send(_pack(session, {"op": 2, "d": {"negotiatedRpcVersion": 1}}))
                self._sessions[session] = bool(identify.get("eventSubscriptions", 1))
                async for message in session:
                    await self._answer(session, _unpack(message))
        except ConnectionClosed:
            pass
        finally:
            self._sessions.pop(session, None)

    async def _answer(self, session: ServerConnection, message: dict[str, Any]) -> None:
        data = message["d"]
        seen = self.requests if self._sessions[session] else []
        if message["op"] == 6:
            answer = {"op": 7, "d": {"requestId": data["requestId"], **self._perform(data, seen)}}
        else:
            answer = {"op": 9, "d": {"requestId": data["requestId"], "results": self._batch(data, seen)}}
        if not self.silent or not self._sessions[session]:
            await session.send(_pack(session, answer))

    def _batch(self, data: dict[str, Any], seen: list[Any]) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = []
        variables: dict[str, Any] = {}
        for each in data["requests"]:
            taken = {key: variables[name] for key, name in each.get("inputVariables", {}).items() if name in variables}
            result = self._perform({**each, "requestData": {**each.get("requestData", {}), **taken}}, seen)
            results.append(result)
            answered = result.get("responseData", {})
            for name, key in each.get("outputVariables", {}).items():
                if key in answered:
                    variables[name] = answered[key]
            if data.get("haltOnFailure") and not result["requestStatus"]["result"]:
                break
        return results

    def _perform(self, request: dict[str, Any], seen: list[Any]) -> dict[str, Any]:
        name, data = request["requestType"], request.get("requestData") or {}
        seen.append((name, data))
        try:
            done = self.studio.perform(name, data)
        except No as no:
            status = {"result": False, "code": no.code, "comment": no.comment}
            return {"requestType": name, "requestStatus": status}
        answer: dict[str, Any] = {"requestType": name, "requestStatus": {"result": True, "code": 100}}
        return {**answer, "responseData": dict(done)} if done else answer


def _pack(session: ServerConnection, message: Mapping[str, Any]) -> bytes | str:
    if session.subprotocol == "obswebsocket.msgpack":
        packed: bytes = msgpack.packb(message)
        return packed
    return json.dumps(message)


def _unpack(message: bytes | str) -> dict[str, Any]:
    found: dict[str, Any] = msgpack.unpackb(message) if isinstance(message, bytes) else json.loads(message)
    return found


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
