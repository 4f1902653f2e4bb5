"""`overlaykit web`, `overlaykit director` and `overlaykit gateway`: one process each, for rooms on several machines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from overlaykit.cli.options import address_options, config_of, search_options, state_option
from overlaykit.cli.screen import room_console, status_line
from overlaykit.config import Config
from overlaykit.runtime.listening import reachable_hosts
from overlaykit.runtime.room import founded, serve_room
from overlaykit.runtime.stopping import Stopping
from overlaykit.runtime.tokens import environment_tokens
from overlaykit.store import Tokens

REDIS = click.option("--redis", metavar="URL", required=True, help="The Redis or Valkey that all machines share.")


@click.command(
    epilog="""\b
Example:
  overlaykit web --redis redis://:PASSWORD@10.0.0.5:6379/0 --lan
"""
)
@REDIS
@address_options
@state_option
@search_options
def web(
    redis: str,
    host: str | None,
    lan: bool,
    port: int,
    state: Path,
    themes: tuple[Path, ...],
    plugins: tuple[Path, ...],
) -> None:
    """Run one web process: overlays, desk and API of the sessions in a store that machines share."""
    config = config_of(state, host=host, lan=lan, port=port, redis=redis, themes=themes, plugins=plugins)
    _serve(config, ("web",), f"web serves http://{reachable_hosts(config.host)[0]}:{config.port}; Ctrl-C stops it")


@click.command(
    epilog="""\b
Example:
  overlaykit director --redis redis://:PASSWORD@10.0.0.5:6379/0
"""
)
@REDIS
@state_option
@search_options
def director(redis: str, state: Path, themes: tuple[Path, ...], plugins: tuple[Path, ...]) -> None:
    """Run one director: rules, OBS, the clock and a recorder, for the sessions in a store that machines share.

    Of several, one leads and the others stand by; each records.
    """
    config = config_of(state, redis=redis, themes=themes, plugins=plugins)
    _serve(config, ("director",), "the director runs; Ctrl-C stops it")


@click.command(
    epilog="""\b
Example:
  overlaykit gateway --redis redis://:PASSWORD@10.0.0.5:6379/0
"""
)
@REDIS
@state_option
@search_options
def gateway(redis: str, state: Path, themes: tuple[Path, ...], plugins: tuple[Path, ...]) -> None:
    """Run one gateway: chats, coupons, notifications, webhooks and stock sources of the sessions in a store that machines
    share.

    Of several, one leads and the others stand by. Each needs the secrets of the connectors.
    """
    config = config_of(state, redis=redis, themes=themes, plugins=plugins)
    _serve(config, ("gateway",), "the gateway runs; Ctrl-C stops it")


def _serve(config: Config, names: Sequence[str], ready: str) -> None:
    console = room_console()
    stopping = Stopping()

    def report(text: str) -> None:
        status_line(console, text)

    with founded(config, listening="web" in names, stopping=stopping, report=report) as base:
        if "web" in names:
            environment_tokens(Tokens(base.client), config.tokens)
        for notice in base.notices:
            report(notice)
        serve_room(
            base,
            names,
            session_folder=None,
            opened=None,
            stopping=stopping,
            report=report,
            on_ready=lambda: report(ready),
        )
    console.print("Stopped. 已停止。")
