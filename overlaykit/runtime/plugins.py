"""The plugins of a room, overlaykit's own actions among them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from overlaykit.config import Config
from overlaykit.director.actions import builtin
from overlaykit.pluginhost import Plugins, discover


def find_plugins(
    config: Config,
    session_folder: Path | None,
    *,
    reserved_commands: Collection[str] = (),
    set_aside: Mapping[str, str] | None = None,
) -> Plugins:
    """As `discover`, with the actions that need no plugin."""
    return discover(
        config,
        session_folder,
        reserved_commands=reserved_commands,
        own={"actions": builtin},
        set_aside=set_aside or {},
    )
