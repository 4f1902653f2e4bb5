"""The process director: rules, OBS, the clock and the recorder, on an asyncio loop of its own."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Mapping
from typing import Any

from overlaykit.config import Config
from overlaykit.director.equipment import Equipment
from overlaykit.director.obs import Address, Reach
from overlaykit.director.run import run_director
from overlaykit.pluginhost import Plugins
from overlaykit.recording import SigningKey
from overlaykit.runtime import watchdog
from overlaykit.runtime.heap import settle
from overlaykit.runtime.obs import ObsConnections
from overlaykit.runtime.orders import ChildOrder
from overlaykit.runtime.plugins import find_plugins

log = logging.getLogger(__name__)


def run(order: ChildOrder) -> None:
    """Directs until SIGTERM."""
    asyncio.run(_run(order))
    watchdog.rest()


async def _run(order: ChildOrder) -> None:
    config = order.config
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    watchdog.loading()
    plugins = await asyncio.to_thread(find_plugins, config, order.folder, set_aside=order.set_aside)
    for failed in plugins.startup("director"):
        log.warning("the plugin %s is set aside: %s", failed.name, failed.reason)
    settle()
    try:
        await run_director(
            redis_url=order.redis_url,
            recordings=config.recordings,
            key=SigningKey.of_state_folder(config.state),
            recorder=order.recorder,
            stop=stop,
            beat=watchdog.beat,
            equipment=_equipment(config, plugins),
        )
    finally:
        watchdog.rest()
        plugins.shutdown("director")


def _equipment(config: Config, plugins: Plugins) -> Equipment:
    connections = ObsConnections(config.state, config.obs_passwords)

    def reach(name: str, settings: Mapping[str, Any]) -> Reach:
        found = connections.find(name, settings)
        return Reach(Address(found.host, found.port), found.password.reveal() if found.password else None)

    return Equipment(actions=plugins.actions, connectors=plugins.connectors, obs_reach=reach)
