"""Messages of a platform at a steady rate: how long until each is acknowledged, while the platform's API does not answer?"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from overlaykit.cli.bench.figures import Figure, quantile, share
from overlaykit.cli.bench.rooms import our_room
from overlaykit.errors import StateError
from overlaykit.runtime.state import write_json

RATE = 500
"""Messages a second."""
MESSAGES = 15_000
CONNECTIONS = 32
KEY, SECRET = "bench-key", "bench-secret"
NOBODY = "http://127.0.0.1:9"
"""Where the platform's API would be."""
PLAN = f"""
id = "bench"
title = "Bench (synthetic)"
item = [{{ link = 1, sku = "A", title = "基准商品", price = "9.90", opening = 1000000000 }}]

[channel.douyin]
connector = "douyin"
shop = "7"
settings = {{ app_key = "{KEY}", base_url = "{NOBODY}" }}
"""


def measure(scale: float, state: Path | None) -> list[Figure]:
    """A round: messages come when they are due, whether those before are answered or not, on 32 kept-alive connections. A
    message's time is from when it was due. All have to be acknowledged, and to be found in the inbox. Raises StateError."""
    count = share(MESSAGES, scale)
    with our_room(state, plan=PLAN, write=_keep_secret) as room:
        took = asyncio.run(_send(f"{room.url}/hooks/douyin", count))
        request = urllib.request.Request(f"{room.url}/api/v1/sessions/bench/inbox", headers=dict(room.headers))
        with urllib.request.urlopen(request, timeout=10) as answer:
            received = json.load(answer)["channels"][0]["received"]
    if received < count:
        raise StateError(f"of {count} messages that were acknowledged the room knows {received}")
    return [
        Figure(f"{RATE}/s, acknowledged, p50", quantile(took, 0.5) * 1000, "ms", more_is_better=False),
        Figure(f"{RATE}/s, acknowledged, p99", quantile(took, 0.99) * 1000, "ms", more_is_better=False),
        Figure(f"{RATE}/s, acknowledged, the last", max(took) * 1000, "ms", more_is_better=False),
        Figure("messages kept", received, "messages"),
    ]


def _keep_secret(folder: Path) -> None:
    state = folder / "state"
    state.mkdir()
    write_json(state / "secrets.json", {"channel.douyin.app_secret": SECRET})


def _message(number: int, host: str, path: str) -> bytes:
    """A message that an order was paid, as the platform sends it."""
    data = {"p_id": 6_900_000_000_000_000_000 + number, "shop_id": 7, "s_ids": [number], "pay_amount": 990}
    body = json.dumps([{"tag": "101", "msg_id": f"bench-{number}", "data": json.dumps(data)}]).encode()
    signed = hashlib.md5(KEY.encode() + body + SECRET.encode(), usedforsecurity=False).hexdigest()
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}app-id: {KEY}\r\nevent-sign: {signed}\r\n\r\n".encode() + body


async def _send(url: str, count: int) -> list[float]:
    """Seconds that each message took."""
    place = urlsplit(url)
    messages = [_message(number, place.netloc, place.path) for number in range(count)]
    due: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
    took: list[float] = []

    async def deliver() -> None:
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        while (each := await due.get()) is not None:
            at, message = each
            writer.write(message)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            body = await reader.readexactly(length)
            if b" 200 " not in head.split(b"\r\n", 1)[0]:
                raise StateError(f"a message was not acknowledged: {head!r} {body!r}")
            took.append(time.perf_counter() - at)
        writer.close()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(CONNECTIONS):
            tasks.create_task(deliver())
        began = time.perf_counter() + 0.5
        for number, message in enumerate(messages):
            at = began + number / RATE
            if (early := at - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            due.put_nowait((at, message))
        for _ in range(CONNECTIONS):
            due.put_nowait(None)
    return took
