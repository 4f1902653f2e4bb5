"""`overlaykit theme check`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.markup import escape

from overlaykit.cli.options import config_of, search_options, state_option
from overlaykit.cli.theme.choosing import choose
from overlaykit.theming.checking import Finding, check_theme

MARKS = {"error": "[bold red]✗[/]", "warning": "[yellow]![/]"}


@click.command(
    "check",
    epilog="""\b
Example:
  overlaykit theme check my_themes/autumn
  overlaykit theme check classic --json
""",
)
@click.argument("theme")
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON, one object a line.")
@state_option
@search_options
def check(
    theme: str,
    as_json: bool,
    state: Path,
    themes: tuple[Path, ...],
    plugins: tuple[Path, ...],
) -> int:
    """Look for mistakes in THEME, a folder or a name: file, line, reason and remedy of each. Exit status 1 for errors."""
    chosen = choose(theme, config_of(state, themes=themes, plugins=plugins))
    findings = check_theme(chosen.themes, chosen.name)
    if as_json:
        for finding in findings:
            click.echo(msgspec.json.encode(finding).decode())
    else:
        _show(findings, chosen.name)
    return 1 if any(finding.level == "error" for finding in findings) else 0


def _show(findings: Sequence[Finding], name: str) -> None:
    console = Console(highlight=False)
    for finding in findings:
        place = ":".join(str(part) for part in (finding.file, finding.line) if part is not None)
        console.print(f"{MARKS[finding.level]} [bold]{escape(place)}[/]  {escape(finding.reason)}", soft_wrap=True)
        console.print(f"  [bold]→[/] {escape(finding.remedy)}  [dim]{escape(finding.rule)}[/]", soft_wrap=True)
    errors = sum(finding.level == "error" for finding in findings)
    if not findings:
        console.print(f"[green]✓[/] [bold]{escape(name)}[/]  nothing found", soft_wrap=True)
    else:
        console.print(f"{escape(name)}: {errors} errors, {len(findings) - errors} warnings", soft_wrap=True)
