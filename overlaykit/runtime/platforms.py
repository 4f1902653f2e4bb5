"""The process platforms: the made-up platforms of a play, and the crowd that buys there."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from overlaykit.board import Fold
from overlaykit.errors import OverlaykitError
from overlaykit.model.plugins import StandIn
from overlaykit.runtime import watchdog
from overlaykit.runtime.crowd import Crowd
from overlaykit.runtime.orders import ChildOrder, PlatformsOrder, StoodIn
from overlaykit.runtime.plugins import find_plugins
from overlaykit.runtime.stopping import StopSign
from overlaykit.stock import StockEngine
from overlaykit.store import connect

log = logging.getLogger(__name__)

STEP = 0.05
LOOK_EVERY = 0.5
"""Seconds between two looks at what is on air."""


@dataclass
class _Shop:
    """One made-up platform, and who buys there. `names`: our sku → the platform's."""

    channel: str
    stand_in: StandIn
    crowd: Crowd
    names: dict[str, str]


def run(order: ChildOrder) -> None:
    """Sells until the session is closed, or SIGTERM."""
    assert order.platforms is not None
    stop = StopSign()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    plugins = find_plugins(order.config, order.folder)
    with ExitStack() as stack:
        engine = StockEngine(stack.enter_context(connect(order.redis_url)), order.platforms.ledger)
        shops = [_open(each, engine, plugins.stand_ins[each.connector]) for each in order.platforms.channels]
        for shop in shops:
            stack.callback(shop.stand_in.close)
        _sell(shops, engine, order.platforms, stop)
    watchdog.rest()


def _open(channel: StoodIn, engine: StockEngine, cls: type[StandIn]) -> _Shop:
    plan = engine.state().plan
    share = next(each.share for each in plan.channels if each.name == channel.channel) or 1.0
    offered = {item.sku: round(share * sum(item.opening.values())) for item in plan.items}
    names = {ours: theirs for theirs, ours in channel.skus.items()}
    log.info("%s: a made-up %s answers on port %d", channel.channel, channel.connector, channel.port)
    return _Shop(
        channel.channel, cls(channel.port, channel.hook, tuple(channel.skus)), Crowd(channel.hook, offered), names
    )


def _sell(shops: list[_Shop], engine: StockEngine, order: PlatformsOrder, stop: StopSign) -> None:
    began, look_at = time.monotonic(), 0.0
    while not stop.is_set():
        watchdog.beat()
        now = (time.monotonic() - began) * order.speed
        try:
            if time.monotonic() >= look_at:
                look_at = time.monotonic() + LOOK_EVERY
                state = engine.state()
                if state.status == "closed":
                    return
                on_air = Fold.from_state(state).on_air
                for shop in shops:
                    shop.crowd.watch(on_air.get(shop.channel, on_air.get(None, ())), now)
        except OverlaykitError as error:  # the store is away: it is asked again
            log.warning("%s", error.message)
        for shop in shops:
            for told in _act(shop, now):
                log.info("%s", told)
        stop.wait(STEP)


def _act(shop: _Shop, now: float) -> Iterator[str]:
    """What buyers do until `now`; gives what went wrong: a room that is away for a moment is told by polling."""
    for wish in shop.crowd.wishes(now):
        try:
            order = shop.stand_in.buy(shop.names[wish.sku], wish.quantity, wish.buyer)
        except OSError as error:
            yield f"{shop.stand_in.connector}: the room did not take a message: {error}"
            continue
        if order is not None:
            shop.crowd.ordered(order, now)
    for what, order in shop.crowd.due(now):
        try:
            (shop.stand_in.pay if what == "pay" else shop.stand_in.cancel)(order)
        except OSError as error:
            yield f"{shop.stand_in.connector}: the room did not take a message: {error}"
