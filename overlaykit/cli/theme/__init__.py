"""`overlaykit theme`: for those who write how overlays look. One file a command."""

from __future__ import annotations

import click

from overlaykit.cli.theme.checks import check
from overlaykit.cli.theme.listing import list_themes
from overlaykit.cli.theme.new import new
from overlaykit.cli.theme.preview import preview
from overlaykit.cli.theme.shot import shot


@click.group()
def theme() -> None:
    """Look after themes: how overlays look."""


for command in (list_themes, new, preview, check, shot):
    theme.add_command(command)
