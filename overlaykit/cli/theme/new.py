"""`overlaykit theme new`."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from overlaykit.cli.loading import tried_plugins
from overlaykit.cli.options import config_of, search_options, state_option
from overlaykit.errors import UserError
from overlaykit.theming import find_theme
from overlaykit.theming.starter import LAYOUTS, starter_files


@click.command(
    "new",
    epilog="""\b
Example:
  overlaykit theme new autumn
  overlaykit theme new autumn --layouts number,card,coming
  overlaykit theme new autumn --extends classic
""",
)
@click.argument("name")
@click.option("--extends", metavar="THEME", help="Take everything from this theme; write only what is to be different.")
@click.option(
    "--layouts",
    metavar="A,B",
    help=f"Which pictures: {', '.join(LAYOUTS)}.  [default: number,card; none with --extends]",
)
@state_option
@search_options
def new(
    name: str,
    extends: str | None,
    layouts: str | None,
    state: Path,
    themes: tuple[Path, ...],
    plugins: tuple[Path, ...],
) -> int:
    """Write a small theme, with comments, into a new folder NAME of the current folder. Nothing is overwritten."""
    if extends and layouts:
        raise UserError("--extends takes its layouts from the parent", remedy="Leave --layouts out.")
    if extends:
        find_theme(tried_plugins(config_of(state, themes=themes, plugins=plugins), None).plugins.themes, extends)
    wanted = [each.strip() for each in layouts.split(",")] if layouts else ["number", "card"]
    files = starter_files(name, layouts=list(dict.fromkeys(wanted)), extends=extends)
    folder = Path.cwd() / name
    try:
        folder.mkdir()
    except FileExistsError:
        raise UserError(
            f"{folder} is there already, and nothing is overwritten", remedy="Choose another name, or move it away."
        ) from None
    except OSError as error:
        raise UserError(f"{folder} cannot be made: {error.strerror}", remedy="Go to a folder of your own.") from None
    for path, text in files.items():
        (folder / path).write_text(text, encoding="utf-8")
    console = Console(highlight=False)
    console.print(f"[green]✓[/] [bold]{escape(name)}[/]  {', '.join(files)}", soft_wrap=True)
    console.print(
        f"\nSee it, and change it while you look:  [bold]overlaykit theme preview {escape(name)}[/]\n"
        f"Look for mistakes:                     [bold]overlaykit theme check {escape(name)}[/]\n"
        f"Use it in a room:                      [bold]overlaykit run SESSION --themes .[/]  with theme = "
        f'"{escape(name)}" in session.toml\n\n'
        "The guide is themes/README.md. 主题指南见 themes/README.md。",
        soft_wrap=True,
    )
    return 0
