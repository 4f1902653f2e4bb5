"""`overlaykit relay`."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from overlaykit.cli.options import config_of, search_options, state_option
from overlaykit.errors import NotFound, UserError

PORT = 8070
HOST = "127.0.0.1"
PROXY = "Caddy (`reverse_proxy 127.0.0.1:8070`) or nginx (`proxy_pass http://127.0.0.1:8070;`)"


@click.command(
    epilog="""\b
Example:
  overlaykit relay ./brand-1111 --state /var/lib/relay
"""
)
@click.argument("session")
@click.option("--host", default=HOST, show_default=True, metavar="H", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True)
@click.option("--name", metavar="NAME", help="Which [relay.NAME] of the plan it is, when there are several.")
@click.option("--plain-http", is_flag=True, help="Listen for others without TLS, on a network that is yours alone.")
@state_option
@search_options
def relay(
    session: str,
    host: str,
    port: int,
    name: str | None,
    plain_http: bool,
    state: Path,
    themes: tuple[Path, ...],
    plugins: tuple[Path, ...],
) -> None:
    """Take the platforms' messages for a room that nobody reaches from outside, and keep them until it fetches them.

    SESSION is the room's plan. Messages to /hooks/APP are checked and acknowledged here as the room would, with the secrets of
    its apps; the room, whose plan has [relay.NAME] with this address, fetches them. Both know the secret `token` of
    [relay.NAME]: OVERLAYKIT_SECRET_RELAY_MAIN_TOKEN in the environment, for example. It runs on a small server, behind its
    reverse proxy, which speaks TLS.
    """
    refuse_plain(host, plain_http)
    # The server is gevent's. Plugins may have imported ssl by now; nothing here speaks TLS.
    from gevent import monkey

    monkey.patch_all(ssl=False)
    from overlaykit.cli.loading import tried_plugins
    from overlaykit.runtime.listening import listen
    from overlaykit.runtime.relay import run_relay
    from overlaykit.runtime.sessions import find_plan

    config = config_of(state, themes=themes, plugins=plugins)
    path = find_plan(session, config)
    if path is None:
        raise NotFound(
            f"there is no plan {session!r} on this machine", remedy="Give the folder of the room's session.toml."
        )
    console = Console(highlight=False)

    def ready(apps: list[str], waiting: int) -> None:
        console.print(f"[green]✓[/] 中转 relay  http://{escape(host)}:{port}", soft_wrap=True)
        for app in apps:
            console.print(f"  平台填写 / give the platform  https://…/hooks/{escape(app)}", soft_wrap=True)
        console.print(f"  等待取走 / messages that wait: {waiting}")
        console.print(f"  TLS: {escape(PROXY)}", soft_wrap=True)
        console.print("  Ctrl-C 停止 stops it; what waits is kept.")

    found = tried_plugins(config, path if path.is_dir() else path.parent)
    with listen(host, port) as listener:
        run_relay(path, found.plugins, config, name, listener, ready)
    console.print("Stopped. 已停止。")


def refuse_plain(host: str, allowed: bool) -> None:
    """Raises UserError when messages and the token would be read on their way."""
    try:
        alone = ipaddress.ip_address(host).is_loopback
    except ValueError:
        alone = host == "localhost"
    if not alone and not allowed:
        raise UserError(
            f"on {host} others could read the messages and the token: a relay speaks no TLS itself",
            remedy=f"Listen on {HOST} behind a reverse proxy: {PROXY}. On a network that is yours alone, add --plain-http.",
        )
