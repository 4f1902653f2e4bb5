"""`overlaykit run` and `overlaykit demo`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from overlaykit.cli.banner import Banner, print_banner
from overlaykit.cli.dry_run import say_what_would_start
from overlaykit.cli.loading import tried_plugins
from overlaykit.cli.notices import not_connected, notices, open_besides, without_secrets
from overlaykit.cli.options import address_options, config_of, redis_option, search_options, state_option
from overlaykit.cli.screen import room_console, status_line
from overlaykit.config import Config
from overlaykit.errors import UserError
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import LoadedPlan
from overlaykit.pluginhost import Plugins
from overlaykit.runtime.obs import ObsConnections
from overlaykit.runtime.room import Base, founded, own_host, serve_room
from overlaykit.runtime.secrets import KeptSecrets
from overlaykit.runtime.sessions import (
    Opened,
    find_plan,
    find_recording,
    give_back,
    load_checked_plan,
    open_known,
    open_plan,
    open_plans,
    open_play,
    recorded_until,
    remember_folder,
)
from overlaykit.runtime.stopping import Stopping
from overlaykit.runtime.tokens import room_tokens
from overlaykit.store import Tokens
from overlaykit.words import words_in

DEMO = "three_platforms"
F = TypeVar("F", bound=Callable[..., Any])


def speed_option(function: F) -> F:
    """--speed"""
    return click.option(
        "--speed",
        type=click.FloatRange(0.01, 1000),
        default=1.0,
        show_default=True,
        metavar="N",
        help="Play N times as fast: gaps, holds and countdowns are divided by N.",
    )(function)


@click.command(
    epilog="""\b
Example:
  overlaykit run sample_sessions/flash_sale
  overlaykit run flash_sale --play --speed 5 --lan
"""
)
@click.argument("session")
@click.option(
    "--play",
    is_flag=True,
    help="Play the recording beside the plan into a new session. Nothing leaves its room: no chat texts, no coupons.",
)
@speed_option
@redis_option
@address_options
@state_option
@search_options
@click.option("--dry-run", is_flag=True, help="Check the plan and say what would start; start nothing.")
def run(
    session: str,
    play: bool,
    speed: float,
    redis: str | None,
    host: str | None,
    lan: bool,
    port: int,
    state: Path,
    themes: tuple[Path, ...],
    plugins: tuple[Path, ...],
    dry_run: bool,
) -> None:
    """Start a room: store, web and director, with SESSION open; and the gateway, when its plan has connectors or webhooks.

    SESSION is a folder with a session.toml, such a file, a bundled sample's name, or the id of a session in the store.
    Ctrl-C stops the room; starting it again goes on with the same numbers.
    """
    config = config_of(state, host=host, lan=lan, port=port, redis=redis, themes=themes, plugins=plugins)
    start_room(config, session, play=play, speed=speed, dry_run=dry_run)


@click.command(
    epilog="""\b
Example:
  overlaykit demo
  overlaykit demo --speed 3 --lan
"""
)
@speed_option
@redis_option
@address_options
@state_option
@search_options
@click.option("--dry-run", is_flag=True, help="Check the plan and say what would start; start nothing.")
def demo(
    speed: float,
    redis: str | None,
    host: str | None,
    lan: bool,
    port: int,
    state: Path,
    themes: tuple[Path, ...],
    plugins: tuple[Path, ...],
    dry_run: bool,
) -> None:
    """Show everything: the bundled session, played with thousands of buyers' orders.

    Prints the addresses of overlays, desk and API, and a command to buy something yourself. Opens nothing by itself.
    """
    config = config_of(state, host=host, lan=lan, port=port, redis=redis, themes=themes, plugins=plugins)
    start_room(config, DEMO, play=True, speed=speed, dry_run=dry_run)


def start_room(config: Config, session: str, *, play: bool, speed: float, dry_run: bool) -> None:
    """From the words of the command line to a room that runs until it is ended."""
    console = room_console()
    path = find_plan(session, config)
    folder = None if path is None else path if path.is_dir() else path.parent
    plugins, set_aside = tried_plugins(config, folder)
    loaded = load_checked_plan(path, plugins) if path is not None else None
    if speed != 1 and not play:
        raise UserError(
            "--speed goes with --play", remedy="Without --play the orders are real and have their own pace."
        )
    if play and loaded is None:
        raise UserError(
            f"--play needs the folder of {session!r}, and it is not known here", remedy="Give the folder with the plan."
        )
    if play and loaded is not None:
        find_recording(loaded.folder)
    if dry_run:
        say_what_would_start(console, config, session, loaded, plugins, play=play, speed=speed)
        return
    stopping = Stopping()

    locale = None if loaded is None else loaded.session.locale

    def report(text: str) -> None:
        status_line(console, text if locale is None else words_in(text).within(locale))

    with founded(config, listening=True, stopping=stopping, report=report) as base:
        tokens = room_tokens(Tokens(base.client), base.config.state, config.tokens)
        opened = open_session(base, session, loaded, plugins, play=play, speed=speed)
        locale = opened.plan.locale
        connections = ObsConnections(base.config.state, base.config.obs_passwords)
        told = [*base.notices, *notices(loaded, plugins), *not_connected(opened.plan, connections, config)]
        if not play:
            told += without_secrets(opened.plan, plugins, KeptSecrets(base.config.state, base.config.secrets))
            told += open_besides(opened.plan, open_plans(base.client))
        banner = Banner(config=base.config, opened=opened, themes=plugins.themes, tokens=tokens, notices=told)
        serve_room(
            base,
            processes_of(opened.plan),
            session_folder=folder,
            set_aside=set_aside,
            opened=opened,
            stopping=stopping,
            report=report,
            on_ready=lambda: print_banner(console, banner),
        )
    console.print(banner.say("Stopped.", "已停止。"))


def processes_of(plan: SessionPlan) -> tuple[str, ...]:
    """The processes that a room of this plan has beside store and player."""
    return ("web", "director", "gateway") if plan.reaches_out else ("web", "director")


def open_session(
    base: Base, session: str, loaded: LoadedPlan | None, plugins: Plugins, *, play: bool, speed: float
) -> Opened:
    """The session that SESSION means, open in the room's store."""
    if loaded is None:
        return open_known(base.client, session, base.config)
    if play:
        opened = open_play(
            base.client,
            loaded,
            speed=speed,
            alone=base.store is not None,
            stand_ins=plugins.stand_ins,
            room=f"http://{own_host(base.config.host)}:{base.config.port}",
        )
    else:
        back = give_back(base.client, loaded.session.ledger, base.config.recordings, loaded.session.id)
        if back:
            base.notices.append(
                f"the store knew nothing of this session; {back:,} entries were given back from its recording. What buyers "
                "bought before does not count for their limits any more"
            )
        recorded = recorded_until(base.config.recordings, loaded.session.id)
        opened = open_plan(base.client, loaded.session, recorded=recorded)
    remember_folder(base.config.state, opened.record.id, loaded.folder)
    return opened
