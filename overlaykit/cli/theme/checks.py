"""`overlaykit theme check`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.markup import escape

from overlaykit.cli.options import config_of, search_options, state_option
from overlaykit.cli.screen import progress_bar
from overlaykit.cli.theme.browser import browser_path_option, missing_browser, open_browser
from overlaykit.cli.theme.choosing import choose
from overlaykit.cli.theme.measuring import measure_theme
from overlaykit.theming import find_theme
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
@click.option(
    "--browser/--no-browser",
    default=None,
    help="Measure contrast and flashes in a browser too.  [default: where there is one]",
)
@browser_path_option
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON, one object a line.")
@state_option
@search_options
def check(
    theme: str,
    browser: bool | None,
    browser_path: Path | None,
    as_json: bool,
    state: Path,
    themes: tuple[Path, ...],
    plugins: tuple[Path, ...],
) -> int:
    """Look for mistakes in THEME, a folder or a name: file, line, reason and remedy of each. Exit status 1 for errors."""
    chosen = choose(theme, config_of(state, themes=themes, plugins=plugins))
    findings = check_theme(chosen.themes, chosen.name)
    missing = None if browser is False else missing_browser(browser_path)
    if missing is not None and (browser or browser_path is not None):
        raise missing
    sound = not any(finding.level == "error" for finding in findings)
    if browser is not False and missing is None and sound:
        with open_browser(browser_path) as opened, progress_bar(Console(stderr=True), "measuring") as progress:
            findings += measure_theme(opened, find_theme(chosen.themes, chosen.name), progress)
    if as_json:
        for finding in findings:
            click.echo(msgspec.json.encode(finding).decode())
    else:
        _show(findings, chosen.name)
        if browser is not False and missing is not None:
            click.echo(f"Contrast and flashes were not measured: {missing.message}. {missing.remedy}")
        elif browser is not False and not sound:
            click.echo("Contrast and flashes are measured once there are no errors.")
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
