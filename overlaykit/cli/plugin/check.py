"""`overlaykit plugin check`."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from overlaykit.cli.loading import tell_slow
from overlaykit.cli.options import config_of, search_options, state_option
from overlaykit.cli.plugin.findings import Finding, look_at
from overlaykit.cli.plugin.matrix import abilities
from overlaykit.config import Config, bundled_folder
from overlaykit.errors import NotFound
from overlaykit.pluginhost import Plugins, load_alone, places_of
from overlaykit.runtime.trial import try_alone

TESTS_SECONDS = 600
LINES_SHOWN = 40


@click.command(
    "check",
    epilog="""\b
Example:
  overlaykit plugin check plugins/acme
  overlaykit plugin check feishu --no-tests
""",
)
@click.argument("plugin", metavar="NAME|FOLDER")
@click.option("--tests/--no-tests", "tests", default=None, help="Run its tests.  [default: where pytest is installed]")
@state_option
@search_options
def check(plugin: str, tests: bool | None, state: Path, themes: tuple[Path, ...], plugins: tuple[Path, ...]) -> int:
    """Load one plugin alone, look for what is wrong or missing, and run its tests. Exit status 1 when there is something."""
    console = Console(highlight=False)
    config = config_of(state, themes=themes, plugins=plugins)
    folder = _folder(plugin, config)
    console.print(f"[bold]{escape(folder.stem)}[/]  [dim]{escape(str(folder))}[/]", soft_wrap=True)
    aside = try_alone(folder, config, tell_slow)
    if aside is not None:
        _say(
            console,
            [
                Finding(
                    aside.reason,
                    "Importing it, and its hooks, must return at once: open nothing there, and wait for nothing.",
                )
            ],
        )
        return 1
    status, loaded = load_alone(folder)
    if status is not None:
        _say(console, [Finding(status.reason, status.remedy)])
        if status.trace:
            print(status.trace, file=sys.stderr)
        return 1
    _say_promises(console, loaded)
    bundled = folder.is_relative_to(bundled_folder())
    findings = list(look_at(folder, loaded, with_tests=not bundled or (folder / "tests").is_dir()))
    findings += _run_tests(console, folder, tests)
    _say(console, findings)
    if not findings:
        console.print("[green]✓[/] nothing is wrong 没有问题")
    return 1 if findings else 0


def _folder(plugin: str, config: Config) -> Path:
    """Of a path, the path; of a name, where the strongest plugin of it is."""
    path = Path(plugin).expanduser()
    if path.exists():
        return path.absolute()
    found = {candidate.name: candidate.folder for candidate in places_of(config) if candidate.folder is not None}
    if plugin not in found:
        raise NotFound(
            f"there is no folder {plugin}, and no plugin of this name",
            remedy=f"There are: {', '.join(sorted(found)) or 'none'}. `overlaykit plugin list` says where each is.",
        )
    return found[plugin]


def _say_promises(console: Console, loaded: Plugins) -> None:
    for name, connector in loaded.connectors.items():
        console.print(f"  connector [green]{escape(name)}[/]: {escape(abilities(connector))}", soft_wrap=True)
        console.print(f"    [dim]permission: {escape(connector.needs or 'none')}[/]", soft_wrap=True)
        console.print(f"    [dim]tested against: {escape(connector.tested or 'nothing')}[/]", soft_wrap=True)
    for word, things in (("action", loaded.actions), ("theme", loaded.themes), ("command", loaded.commands)):
        for name in things:
            console.print(f"  {word} [green]{escape(name)}[/]", soft_wrap=True)


def _run_tests(console: Console, folder: Path, wanted: bool | None) -> list[Finding]:
    tests = folder / "tests"
    if wanted is False or not tests.is_dir():
        return []
    if find_spec("pytest") is None:
        if wanted:
            return [Finding("pytest is not installed, so its tests were not run.", "pip install pytest")]
        console.print("  [dim]its tests were not run: pip install pytest[/]")
        return []
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), str(tests)]
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=TESTS_SECONDS, cwd=folder, check=False
        )
    except subprocess.TimeoutExpired:
        return [Finding(f"Its tests do not end within {TESTS_SECONDS} s.", "Run them by hand, with -v.")]
    lines = run.stdout.strip().splitlines()
    if run.returncode == 0:
        console.print(f"  tests: {escape(lines[-1] if lines else 'passed')}", soft_wrap=True)
        return []
    print("\n".join(lines[-LINES_SHOWN:]) + run.stderr[-2000:], file=sys.stderr)
    return [Finding("Its tests fail.", f"python -m pytest {tests}")]


def _say(console: Console, findings: list[Finding]) -> None:
    for finding in findings:
        console.print(f"[bold red]✗[/] {escape(finding.reason)}\n  {escape(finding.remedy)}", soft_wrap=True)
