"""`overlaykit plugin`: for those who add platforms, actions and commands. One file a command."""

from __future__ import annotations

import click

from overlaykit.cli.plugin.authorise import authorise
from overlaykit.cli.plugin.check import check
from overlaykit.cli.plugin.listing import list_plugins
from overlaykit.cli.plugin.new import new


@click.group()
def plugin() -> None:
    """Look after plugins: connectors, actions, themes, commands."""


for command in (list_plugins, new, check, authorise):
    plugin.add_command(command)
