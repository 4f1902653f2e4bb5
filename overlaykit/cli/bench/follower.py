"""A process that follows a ledger exactly as a web process does: the room's own reader, folding every entry.

Reads lines: first JSON with url, ledger and folder, then `attach` and `detach` by turns; answers each with one line, `detach`
with how many entries it has folded since `attach`: every one, since it reads to the end before it leaves.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import gevent

from overlaykit.config import Config
from overlaykit.stock import SessionDirectory
from overlaykit.store import Tokens, connect
from overlaykit.web.rooms import Room
from overlaykit.web.services import Services

CATCH_UP_SECONDS = 60.0


def main() -> None:
    """Until its standard input ends. The process must have called `gevent.monkey.patch_all()` before any other import."""
    order = json.loads(sys.stdin.readline())
    client = connect(order["url"])
    directory = SessionDirectory(client)
    services = Services(
        config=Config(state=Path(order["folder"])),
        redis_url=order["url"],
        client=client,
        tokens=Tokens(client),
        directory=directory,
        themes={},
        signing_key=b"",
    )
    room = Room(directory.get(order["ledger"]), services)
    _say("ready")
    while word := gevent.get_hub().threadpool.apply(sys.stdin.readline).strip():
        if word == "attach":
            room = Room(directory.get(order["ledger"]), services)
            room.subscribe(lambda: None)
            room.start()
            _say("attached")
        else:
            head = services.engine(room.ledger).resolve_head()
            if head is None or not room.wait_for(head.seq, CATCH_UP_SECONDS):
                _say("it fell behind")
                return
            room.stop()
            _say(str(room.entries_read))
    client.close()


def _say(text: str) -> None:
    print(text, flush=True)
