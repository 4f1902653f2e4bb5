"""What a director has to perform with, beside the store: actions, connectors, and how OBS is reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from overlaykit.director.actions.builtin import ACTIONS
from overlaykit.director.obs import Address, Reach
from overlaykit.model.connectors import Connector
from overlaykit.model.plugins import Action

OWN_ACTIONS: Mapping[str, type[Action[Any]]] = {action.name: action for action in ACTIONS}


def reach_without_password(name: str, settings: Mapping[str, Any]) -> Reach:
    """Where the plan says, or on this machine."""
    own = Address()
    return Reach(Address(settings.get("host") or own.host, settings.get("port") or own.port), None)


class Equipment(NamedTuple):
    """Of one process.

    actions     what rules may do, by name
    connectors  what is known of plugins, by name: which of them can chat, hand out coupons, notify
    obs_reach   how [obs.NAME] is reached, by its name and what the plan says of it; asked before each attempt
    """

    actions: Mapping[str, type[Action[Any]]] = OWN_ACTIONS
    connectors: Mapping[str, type[Connector[Any]]] = {}
    obs_reach: Callable[[str, Mapping[str, Any]], Reach] = reach_without_password
