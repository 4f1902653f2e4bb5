"""`overlaykit theme list`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from overlaykit.cli.loading import tried_plugins
from overlaykit.cli.options import config_of, search_options, state_option
from overlaykit.cli.plugin.listing import show_status
from overlaykit.errors import OverlaykitError
from overlaykit.model.plugins import Theme
from overlaykit.theming import load_theme


@click.command(
    "list",
    epilog="""\b
Example:
  overlaykit theme list
  overlaykit theme list --themes my_themes
""",
)
@click.option(
    "--session", type=click.Path(path_type=Path, file_okay=False, exists=True), help="A session's folder, for its own."
)
@state_option
@search_options
def list_themes(session: Path | None, state: Path, themes: tuple[Path, ...], plugins: tuple[Path, ...]) -> int:
    """List every theme found, with its layouts and their sizes. Exit status 1 when one cannot be used."""
    found = tried_plugins(config_of(state, themes=themes, plugins=plugins), session).plugins
    console = Console(highlight=False)
    broken = [not _show(console, theme, found.themes) for _, theme in sorted(found.themes.items())]
    set_aside = [status for status in found.statuses if status.kind == "theme" and status.state != "active"]
    for status in set_aside:
        show_status(console, status)
    if not found.themes:
        console.print(f"No themes. Put one into {escape(str(config_of(state).state / 'themes'))}.", soft_wrap=True)
    return 1 if any(broken) or any(status.state == "failed" for status in set_aside) else 0


def _show(console: Console, theme: Theme, themes: Mapping[str, Theme]) -> bool:
    try:
        layouts = load_theme(theme, themes).layouts
    except OverlaykitError as error:
        console.print(
            f"[bold red]✗[/] [bold]{escape(theme.name)}[/]  [dim]{escape(str(theme.folder))}[/]", soft_wrap=True
        )
        console.print(f"  {escape(str(error))}", soft_wrap=True)
        return False
    console.print(f"[green]✓[/] [bold]{escape(theme.name)}[/]  [dim]{escape(str(theme.folder))}[/]", soft_wrap=True)
    width = max(map(len, layouts), default=0)
    for layout in layouts.values():
        console.print(
            f"  {layout.name:<{width}}  {' / '.join(layout.size):<21}  {escape(layout.title)}", soft_wrap=True
        )
    return True
