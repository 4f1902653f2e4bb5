"""A made-up 哔哩哔哩直播开放平台 (synthetic): rounds are started, kept alive and ended; viewers write into its socket.

It behaves as the documents say, where they say something. Nothing here was seen in a real room.
"""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections.abc import Callable
from itertools import count
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from overlaykit.api import Reply
from overlaykit.testing import Call, FakePlatform, sign_hash_hex, sign_hmac_hex
from plugins.bilibili.frames import (
    AUTH,
    AUTH_REPLY,
    HEARTBEAT,
    HEARTBEAT_REPLY,
    MESSAGE,
    PLAIN,
    ZLIB,
    packed,
    unpacked,
)

APP_ID, KEY_ID, KEY_SECRET, CODE = 1700000000000, "synthetic-key-id", "synthetic-key-secret", "SYNTHETICCODE"


class FakeBilibili(FakePlatform):
    """One room.

    rounds   the rounds that are open, by game_id
    beats    game_ids of the heartbeats that came
    lets_in  whether the socket takes who comes
    refuses  codes with which the API answers its next calls
    """

    def __init__(self) -> None:
        self.rounds: set[str] = set()
        self.beats: list[str] = []
        self.socket_beats = 0
        self.lets_in = True
        self.refuses: list[int] = []
        self._ids = count(1)
        self._inside: set[ServerConnection] = set()
        self._lock = threading.Lock()
        self._sockets = serve(self._meet, "127.0.0.1", 0, ping_interval=None)
        self._meeting = threading.Thread(target=self._sockets.serve_forever, name="socket", daemon=True)
        self._meeting.start()
        super().__init__()

    @property
    def address(self) -> str:
        """Of the socket."""
        return f"ws://127.0.0.1:{self._sockets.socket.getsockname()[1]}/sub"

    # What happens in the room.

    def write(self, text: str, *, author: str = "小满", id: str = "", compressed: int = PLAIN, **more: Any) -> None:
        """A viewer writes. `compressed`: ZLIB, or PLAIN."""
        data = {
            "room_id": 1,
            "open_id": "o-1",
            "uname": author,
            "msg": text,
            "msg_id": id or f"m-{next(self._ids)}",
            "timestamp": int(time.time()),
            "dm_type": 0,
        }
        self.send("LIVE_OPEN_PLATFORM_DM", data | more, compressed=compressed)

    def send(self, cmd: str, data: Any, *, compressed: int = PLAIN) -> None:
        """Any command, to all who are inside."""
        frame = packed(MESSAGE, json.dumps({"cmd": cmd, "data": data}, ensure_ascii=False).encode())
        self.send_bytes(packed(MESSAGE, zlib.compress(frame), version=ZLIB) if compressed == ZLIB else frame)

    def send_bytes(self, data: bytes) -> None:
        """Whatever it is, to all who are inside."""
        with self._lock:
            for socket in self._inside:
                try:
                    socket.send(data)
                except ConnectionClosed:
                    continue

    def end_round(self) -> None:
        """The platform ends all rounds."""
        for game in list(self.rounds):
            self.rounds.discard(game)
            self.send("LIVE_OPEN_PLATFORM_INTERACTION_END", {"game_id": game, "timestamp": int(time.time())})

    def drop(self) -> None:
        """All connections of the socket end."""
        with self._lock:
            inside = list(self._inside)
        for socket in inside:
            socket.close()

    @property
    def inside(self) -> int:
        """Who listens."""
        return len(self._inside)

    def close(self) -> None:
        self._sockets.shutdown()
        self.drop()
        self._meeting.join()
        super().close()

    # Its API.

    def answer(self, call: Call) -> Reply:
        doing: dict[str, Callable[[dict[str, Any]], Any]] = {
            "/v2/app/start": self._start,
            "/v2/app/heartbeat": self._heartbeat,
            "/v2/app/end": self._end,
        }
        if call.path not in doing:
            return _no(4010, "接口不存在")
        if not _is_signed(call):
            return _no(4002, "签名异常")
        if self.refuses:
            return _no(self.refuses.pop(0), "made-up refusal")
        found = doing[call.path](call.json())
        return _no(*found) if isinstance(found, tuple) else Reply(json={"code": 0, "message": "ok", "data": found})

    def _start(self, params: dict[str, Any]) -> Any:
        if (params["code"], params["app_id"]) != (CODE, APP_ID):
            return 7007, "身份码错误"
        game = f"game-{next(self._ids)}"
        self.rounds.add(game)
        info = {"auth_body": json.dumps({"roomid": 1, "key": game}), "wss_link": [self.address]}
        return {"game_info": {"game_id": game}, "websocket_info": info, "anchor_info": {"room_id": 1, "uname": "主播"}}

    def _heartbeat(self, params: dict[str, Any]) -> Any:
        self.beats.append(params["game_id"])
        return {} if params["game_id"] in self.rounds else (7003, "心跳过期")

    def _end(self, params: dict[str, Any]) -> Any:
        if params["game_id"] not in self.rounds:
            return 7000, "项目未开启"
        self.rounds.discard(params["game_id"])
        return {}

    # Its socket.

    def _meet(self, socket: ServerConnection) -> None:
        try:
            for data in socket:
                for frame in unpacked(data if isinstance(data, bytes) else data.encode()):
                    if frame.operation == AUTH:
                        known = json.loads(frame.body)["key"] in self.rounds and self.lets_in
                        socket.send(packed(AUTH_REPLY, json.dumps({"code": 0 if known else -101}).encode()))
                        if known:
                            with self._lock:
                                self._inside.add(socket)
                    elif frame.operation == HEARTBEAT:
                        self.socket_beats += 1
                        socket.send(packed(HEARTBEAT_REPLY, b"\x00\x00\x00\x01"))
        except ConnectionClosed:
            pass
        finally:
            with self._lock:
                self._inside.discard(socket)


def _is_signed(call: Call) -> bool:
    names = sorted(name for name in call.headers if name.startswith("x-bili-"))
    text = "\n".join(f"{name}:{call.headers[name]}" for name in names)
    return (
        len(names) == 6
        and call.headers["x-bili-accesskeyid"] == KEY_ID
        and call.headers["x-bili-content-md5"] == sign_hash_hex("md5", [call.body])
        and call.headers["authorization"] == sign_hmac_hex("sha256", KEY_SECRET, text)
    )


def _no(code: int, text: str) -> Reply:
    return Reply(json={"code": code, "message": text, "data": None})
