"""The process player: sends a recording's commands into a new session, at the recorded pace."""

from __future__ import annotations

import logging
import signal
from pathlib import Path
from typing import Any, cast

from overlaykit.errors import StoreAway
from overlaykit.recording import Shift, play, playable
from overlaykit.runtime import watchdog
from overlaykit.runtime.orders import ChildOrder
from overlaykit.runtime.stopping import StopSign
from overlaykit.stock import StockEngine
from overlaykit.stock.keys import head_key
from overlaykit.store import StoreClient, answers, connect

log = logging.getLogger(__name__)

AGAIN_AFTER = 0.25


def run(order: ChildOrder) -> None:
    """Plays to the end of the recording, or until SIGTERM."""
    assert order.play is not None
    stop = StopSign()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    shift = Shift(base=order.play.base, start=order.play.start, speed=order.play.speed)
    plays = playable(Path(order.play.recording), session=order.play.session, shift=shift, without=order.play.without)
    with connect(order.redis_url, timeout=watchdog.BLOCKED_SECONDS / 3) as client:
        engine = StockEngine(client, order.play.ledger)
        elapsed = _elapsed(client, engine, stop)
        sent = play(engine, plays, elapsed=elapsed, stop=stop, beat=watchdog.beat)
    watchdog.rest()
    if not stop.is_set():
        log.info("the recording has been played: %d commands", sent)


def _elapsed(client: StoreClient, engine: StockEngine, stop: StopSign) -> float:
    """Seconds since the session opened, on the clock of the server that holds it; waits for a store that is away."""
    while not stop.is_set():
        watchdog.beat()
        try:
            head = engine.resolve_head()
            with answers():
                seconds, microseconds = cast(Any, client.node_for(head_key(engine.ledger)).time())
        except StoreAway as error:
            log.warning("%s", error.message)
            stop.wait(AGAIN_AFTER)
            continue
        opened = head.opened_at if head and head.opened_at else seconds * 1000
        return float(seconds + microseconds / 1e6 - opened / 1000)
    return 0.0
