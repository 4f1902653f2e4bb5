"""`overlaykit plugin list`."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from overlaykit.cli.loading import tried_plugins
from overlaykit.cli.options import config_of, search_options, state_option
from overlaykit.cli.plugin.matrix import abilities, capability_matrix
from overlaykit.pluginhost import PluginStatus, with_set_aside
from overlaykit.runtime.suspects import read_set_aside

MARKS = {"active": "[green]✓[/]", "failed": "[bold red]✗[/]", "shadowed": "[yellow]~[/]", "set_aside": "[bold red]✗[/]"}


@click.command(
    "list",
    epilog="""\b
Example:
  overlaykit plugin list
  overlaykit plugin list --session sample_sessions/flash_sale --traces
""",
)
@click.option(
    "--session", type=click.Path(path_type=Path, file_okay=False, exists=True), help="A session's folder, for its own."
)
@click.option("--traces", is_flag=True, help="With the tracebacks, for a plugin's author.")
@click.option("--matrix", is_flag=True, help="Only what each connector can do, as a table in Markdown.")
@state_option
@search_options
def list_plugins(
    session: Path | None,
    traces: bool,
    matrix: bool,
    state: Path,
    themes: tuple[Path, ...],
    plugins: tuple[Path, ...],
) -> int:
    """List every plugin found: active and what it can do, set aside and why, or replaced. Exit status 1 when one failed."""
    # Imported here and not before: it knows the names that are taken.
    from overlaykit.cli.program import COMMANDS

    config = config_of(state, themes=themes, plugins=plugins)
    found, aside = tried_plugins(config, session, reserved_commands=COMMANDS)
    if matrix:
        click.echo(capability_matrix(found.connectors), nl=False)
        return 0
    all_of_them = with_set_aside(found.statuses, [*aside, *read_set_aside(config.state)])
    statuses = [status for status in all_of_them if status.kind == "plugin"]
    console = Console(highlight=False)
    for status in statuses:
        show_status(console, status, traces=traces)
        for name in (thing.removeprefix("connector ") for thing in status.provides if thing.startswith("connector ")):
            console.print(f"  [green]{escape(name)}[/]: {escape(abilities(found.connectors[name]))}", soft_wrap=True)
    if not statuses:
        console.print(f"No plugins. Put one into {escape(str(config.state / 'plugins'))}.", soft_wrap=True)
    return 1 if any(status.state in ("failed", "set_aside") for status in statuses) else 0


def show_status(console: Console, status: PluginStatus, *, traces: bool = False) -> None:
    """One plugin or theme: mark, name, what it gives, where it is, and what is wrong with it."""
    provides = f"  ({', '.join(status.provides)})" if status.provides else ""
    console.print(f"{MARKS[status.state]} [bold]{escape(status.name)}[/]{escape(provides)}", soft_wrap=True)
    console.print(f"  [dim]{escape(status.where)}[/]", soft_wrap=True)
    for text in filter(None, (status.reason, status.remedy)):
        console.print(f"  {escape(text)}", soft_wrap=True)
    if traces and status.trace:
        print(status.trace, file=sys.stderr)
