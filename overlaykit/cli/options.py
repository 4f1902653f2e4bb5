"""Options that several commands have, worded once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from overlaykit.config import (
    DEFAULT_HOST,
    DEFAULT_PORT,
    Config,
    default_state_folder,
    obs_passwords_from_environment,
    secrets_from_environment,
    tokens_from_environment,
)
from overlaykit.errors import UserError

F = TypeVar("F", bound=Callable[..., Any])
FOLDER = click.Path(path_type=Path, file_okay=False)


def state_option(function: F) -> F:
    """--state"""
    return click.option(
        "--state",
        type=FOLDER,
        default=default_state_folder,
        show_default="this user's own",
        metavar="DIR",
        help="State folder: the embedded store's data, tokens, recordings, logs.",
    )(function)


def redis_option(function: F) -> F:
    """--redis"""
    return click.option(
        "--redis",
        metavar="URL",
        help="A Redis or Valkey of your own (6.2 or newer) instead of the embedded store; of a cluster, one node or several: "
        "redis://:PASSWORD@A:6379,B:6379",
    )(function)


def search_options(function: F) -> F:
    """--themes and --plugins"""
    function = click.option(
        "--plugins", type=FOLDER, multiple=True, metavar="DIR", help="A further folder of plugins; may be repeated."
    )(function)
    return click.option(
        "--themes", type=FOLDER, multiple=True, metavar="DIR", help="A further folder of themes; may be repeated."
    )(function)


def address_options(function: F) -> F:
    """--host, --lan and --port"""
    for option in (
        click.option(
            "--port",
            type=click.IntRange(1, 65535),
            default=DEFAULT_PORT,
            show_default=True,
            help="OBS keeps the address for months: it never changes by itself.",
        ),
        click.option("--lan", is_flag=True, help="For the whole local network; prints reachable URLs and QR codes."),
        click.option("--host", metavar="H", help=f"Address to listen on.  [default: {DEFAULT_HOST}]"),
    ):
        function = option(function)
    return function


def config_of(
    state: Path,
    *,
    host: str | None = None,
    lan: bool = False,
    port: int = DEFAULT_PORT,
    redis: str | None = None,
    themes: tuple[Path, ...] = (),
    plugins: tuple[Path, ...] = (),
) -> Config:
    """The Config that these options and the environment make. UserError when they contradict each other."""
    if lan and host is not None:
        raise UserError("--lan and --host exclude each other", remedy="--lan is --host 0.0.0.0.")
    return Config(
        state=state.expanduser().absolute(),
        host="0.0.0.0" if lan else host or DEFAULT_HOST,
        port=port,
        redis_url=redis,
        themes=themes,
        plugins=plugins,
        tokens=tokens_from_environment(os.environ),
        obs_passwords=obs_passwords_from_environment(os.environ),
        secrets=secrets_from_environment(os.environ),
    )
