"""The plugins that a command works with. One that does not come back is named on the terminal, and left out."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from overlaykit.cli.screen import status_line
from overlaykit.config import Config
from overlaykit.pluginhost import Plugins, SetAside
from overlaykit.runtime.plugins import find_plugins
from overlaykit.runtime.trial import try_plugins


class Found(NamedTuple):
    """All plugins, and those among them that were not loaded because they do not come back from it."""

    plugins: Plugins
    set_aside: tuple[SetAside, ...]


def tried_plugins(config: Config, session_folder: Path | None, *, reserved_commands: Collection[str] = ()) -> Found:
    """As `find_plugins`, where no plugin holds the command."""
    aside = try_plugins(config, session_folder, tell_slow)
    reasons = {name: each.reason for name, each in aside.items()}
    plugins = find_plugins(config, session_folder, reserved_commands=reserved_commands, set_aside=reasons)
    return Found(plugins, tuple(aside.values()))


def tell_slow(text: str) -> None:
    """A line on the terminal, beside what the command itself prints."""
    status_line(Console(stderr=True, highlight=False), text)
