"""`overlaykit obs setup|status`."""

from __future__ import annotations

import click

from overlaykit.cli.obs.setup import setup
from overlaykit.cli.obs.status import status


@click.group()
def obs() -> None:
    """Connect to OBS, and make in it what a session needs."""


obs.add_command(setup)
obs.add_command(status)
