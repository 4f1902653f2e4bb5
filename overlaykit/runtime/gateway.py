"""The process gateway: what leaves the room and what comes from platforms, on an asyncio loop of its own."""

from __future__ import annotations

import asyncio
import logging
import signal

from overlaykit.gateway import run_gateway
from overlaykit.runtime import watchdog
from overlaykit.runtime.heap import settle
from overlaykit.runtime.orders import ChildOrder
from overlaykit.runtime.plugins import find_plugins
from overlaykit.runtime.secrets import KeptSecrets

log = logging.getLogger(__name__)


def run(order: ChildOrder) -> None:
    """Works until SIGTERM."""
    asyncio.run(_run(order))
    watchdog.rest()


async def _run(order: ChildOrder) -> None:
    config = order.config
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    watchdog.loading()
    plugins = await asyncio.to_thread(find_plugins, config, order.folder, set_aside=order.set_aside)
    for failed in plugins.startup("gateway"):
        log.warning("the plugin %s is set aside: %s", failed.name, failed.reason)
    secrets = KeptSecrets(config.state, config.secrets)
    settle()
    try:
        await run_gateway(
            redis_url=order.redis_url,
            connectors=plugins.connectors,
            secrets=secrets,
            identify=plugins.identities().find,
            stop=stop,
            beat=watchdog.beat,
        )
    finally:
        watchdog.rest()
        plugins.shutdown("gateway")
