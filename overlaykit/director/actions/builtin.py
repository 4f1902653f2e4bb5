"""overlaykit's own actions, as a plugin: registered through the same hook as everybody's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from overlaykit.director.actions.obs import OBS_ACTIONS
from overlaykit.director.actions.outward import OUTWARD_ACTIONS
from overlaykit.director.actions.session import SESSION_ACTIONS
from overlaykit.model.plugins import Action
from overlaykit.pluginhost.hookspecs import hookimpl

ACTIONS: tuple[type[Action[Any]], ...] = (*OBS_ACTIONS, *SESSION_ACTIONS, *OUTWARD_ACTIONS)


@hookimpl
def register_actions(register: Callable[[type[Action[Any]]], None]) -> None:
    """Every action that needs no plugin."""
    for action in ACTIONS:
        register(action)
