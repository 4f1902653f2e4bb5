"""The process platforms: the made-up platforms of a play, and the crowd that buys there."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

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

T = TypeVar("T")

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
    on_air: tuple[str, ...] = ()


def run(order: ChildOrder) -> None:
    """Sells until the session is closed, or SIGTERM."""
    assert order.platforms is not None
    stop = StopSign()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    plugins = find_plugins(order.config, order.folder, set_aside=order.set_aside)
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
    names = {ours: theirs for theirs, ours in channel.skus.items()}
    offered = {item.sku: round(share * sum(item.opening.values())) for item in plan.items if item.sku in names}
    log.info("%s: a made-up %s answers on port %d", channel.channel, channel.connector, channel.port)
    return _Shop(
        channel.channel, cls(channel.port, channel.hook, tuple(channel.skus)), Crowd(channel.hook, offered), names
    )


def _sell(shops: list[_Shop], engine: StockEngine, order: PlatformsOrder, stop: StopSign) -> None:
    began = time.monotonic()
    threads = [threading.Thread(target=_trade, args=(shop, order.speed, began, stop), daemon=True) for shop in shops]
    for thread in threads:
        thread.start()
    while not stop.is_set():
        watchdog.beat()
        try:
            state = engine.state()
        except OverlaykitError as error:  # the store is away: it is asked again
            log.warning("%s", error.message)
        else:
            if state.status == "closed":
                return
            on_air = Fold.from_state(state).on_air
            for shop in shops:
                shop.on_air = on_air.get(shop.channel, on_air.get(None, ()))
        stop.wait(LOOK_EVERY)


def _trade(shop: _Shop, speed: float, began: float, stop: StopSign) -> None:
    """What buyers do on one platform. A room that does not take a message hears of it by asking."""
    crowd, stand_in = shop.crowd, shop.stand_in
    while not stop.is_set():
        now = (time.monotonic() - began) * speed
        crowd.watch(shop.on_air, now)
        for wish in crowd.wishes(now):
            order = _told(stand_in, partial(stand_in.buy, shop.names[wish.sku], wish.quantity, wish.buyer))
            if order is not None:
                crowd.ordered(order, now)
        for what, order in crowd.due(now):
            _told(stand_in, partial(stand_in.pay if what == "pay" else stand_in.cancel, order))
        stop.wait(STEP)


def _told(stand_in: StandIn, act: Callable[[], T]) -> T | None:
    try:
        return act()
    except OSError as error:
        log.info("%s: the room did not take a message: %s", stand_in.connector, error)
        return None
