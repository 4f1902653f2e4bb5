"""The process web: its collaborators, built once, on the socket that the supervisor holds."""

from __future__ import annotations

import logging
import socket
from functools import partial
from pathlib import Path

from overlaykit.pluginhost import with_set_aside
from overlaykit.runtime import watchdog
from overlaykit.runtime.heap import settle
from overlaykit.runtime.listening import reachable_addresses
from overlaykit.runtime.orders import ChildOrder
from overlaykit.runtime.plugins import find_plugins
from overlaykit.runtime.secrets import KeptSecrets
from overlaykit.runtime.sessions import plan_folder
from overlaykit.runtime.suspects import read_set_aside
from overlaykit.runtime.tokens import cookie_key, known_texts
from overlaykit.stock import SessionDirectory
from overlaykit.store import Tokens, connect
from overlaykit.web import Services, create_app, serve

log = logging.getLogger(__name__)


def run(order: ChildOrder) -> None:
    """Serves until SIGTERM."""
    assert order.listener is not None
    config = order.config
    watchdog.loading()
    plugins = find_plugins(config, order.folder, set_aside=order.set_aside)
    client = connect(order.redis_url)
    secrets = KeptSecrets(config.state, config.secrets)
    tokens = Tokens(client)
    services = Services(
        config=config,
        redis_url=order.redis_url,
        client=client,
        tokens=tokens,
        directory=SessionDirectory(client),
        themes=plugins.themes,
        secrets=secrets,
        keeper=secrets,
        plugins=lambda: with_set_aside(plugins.statuses, read_set_aside(config.state)),
        signing_key=cookie_key(Path(order.state)),
        open_files=order.open_files,
        folder_of=partial(plan_folder, config.state),
        addresses=partial(reachable_addresses, order.host, order.port),
        token_texts=partial(known_texts, tokens, config.state, order.tokens),
    )
    for failed in plugins.startup("web"):
        log.warning("the plugin %s is set aside: %s", failed.name, failed.reason)
    services.connectors = plugins.connectors
    identities = plugins.identities()
    if identities:
        services.identify, services.complaints = identities.find, identities.complaints
    app = create_app(services)
    settle()
    log.info("serving %s:%s", order.host, order.port)
    watchdog.beat()  # from the first request on
    try:
        serve(app, socket.socket(fileno=order.listener), watchdog.beat)
    finally:
        watchdog.rest()
        plugins.shutdown("web")
        client.close()
