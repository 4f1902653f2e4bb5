"""The hooks of a plugin. Contract only: nothing here runs.

A plugin is a module. It marks the functions below that it wants with `hookimpl` (from `overlaykit.api`) and is called
with a `register` callable, which takes one thing at a time and may be called any number of times. What a hook
returns must be None: things are handed to `register`, so that each is checked by itself.

Every plugin is called alone. One that raises, registers something wrong or returns something is set aside with all it
registered, and `overlaykit plugin list` says why; the others are not touched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
import pluggy

from overlaykit.model.connectors import Connector
from overlaykit.model.plugins import Action, Identity, StandIn, Theme

PROJECT = "overlaykit"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_connectors(register: Callable[[type[Connector[Any]]], None]) -> None:
    """Adds connectors: platforms, warehouses, chats, notifiers.

    Fires once in every process that knows plugins, while it starts, before the plan's settings are checked.
    Register classes, not instances: one is made for each section of a plan that names it. Returns None.

        @hookimpl
        def register_connectors(register):
            register(Acme)
    """


@hookspec
def register_themes(register: Callable[[Theme], None]) -> None:
    """Adds themes: a name and the folder with its theme.toml. A folder in a themes/ place needs no plugin for this.

    Fires once in every process that knows plugins, while it starts. Returns None: what is no Theme, or has no theme.toml, is
    refused by `register`.

        @hookimpl
        def register_themes(register):
            register(Theme("neon", Path(__file__).parent / "neon"))
    """


@hookspec
def register_actions(register: Callable[[type[Action[Any]]], None]) -> None:
    """Adds actions that rules, buttons and emergency plans may do: classes with a name and typed arguments.

    Fires once in every process that knows plugins, while it starts, before the `do` entries of a plan are checked. Returns None.

        @hookimpl
        def register_actions(register):
            register(FlashTheLamp)
    """


@hookspec
def register_identities(register: Callable[[Identity], None]) -> None:
    """Says who the buyers of a channel are, so that one person on several channels counts once in the plan's limits.

    Fires once in every process that knows plugins, while it starts; what comes is asked for each order of its channels,
    before the buyer is hashed. It must answer at once, and the same each time. When it fails, the buyer's id as sent is
    used, and the plugin's status says so. Without one, ids count as they are sent. The hook returns None; the function, a text.

        @hookimpl
        def register_identities(register):
            register(Identity(["douyin", "mini"], lambda channel, buyer: MEMBERS.get((channel, buyer), buyer)))
    """


@hookspec
def register_stand_ins(register: Callable[[type[StandIn]], None]) -> None:
    """Adds made-up platforms that take the place of real ones in a play, such as the demo: classes, one for a connector.

    Fires once in a process that plays or shows them, and not before: so import there what only they need. One is made for each
    channel of a played plan that names the connector. Returns None.

        @hookimpl
        def register_stand_ins(register):
            register(MadeUpAcme)
    """


@hookspec
def register_commands(register: Callable[[click.Command], None]) -> None:
    """Adds commands to the command line: click commands or groups. Names of overlaykit's own commands are taken.

    Fires once in every process that knows plugins; only the command line uses what comes. Returns None.

        @hookimpl
        def register_commands(register):
            register(simulate)
    """


@hookspec
def startup(process: str) -> None:
    """The process `process` (web, director …) of a room is about to serve.

    Fires once in each, after all plugins are registered. Returns None, and soon: the room waits for it, half a minute at most.

        @hookimpl
        def startup(process):
            logging.getLogger(__name__).info("lamp found, in %s", process)
    """


@hookspec
def shutdown(process: str) -> None:
    """The process `process` of a room stops in good order, last started plugin first.

    Fires once in each, and only for plugins whose `startup` did not fail. A killed process fires nothing. Returns None.

        @hookimpl
        def shutdown(process):
            lamp.off()
    """
