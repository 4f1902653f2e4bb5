"""`overlaykit plugin new`: a plugin that works, with tests that pass, to be changed piece by piece."""

from __future__ import annotations

import keyword
import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

import click
from rich.console import Console
from rich.markup import escape

from overlaykit.config import bundled_folder
from overlaykit.errors import UserError
from overlaykit.theming.starter import starter_files

KINDS = ("connector", "chat", "notifier", "action", "theme")
NAME = r"[a-z][a-z0-9_]{0,39}"


def skeleton(name: str, kind: str) -> dict[str, str]:
    """The files of a new plugin, path in its folder → text. Raises UserError for a name that no plugin may have."""
    if not re.fullmatch(NAME, name) or keyword.iskeyword(name):
        raise UserError(
            f"{name!r} cannot be a plugin's name",
            remedy="It is a Python module and stands in plans: small letters, digits and _, such as acme_live.",
        )
    words = {
        "name": name,
        "NAME": name.upper(),
        "Name": "".join(word[:1].upper() + word[1:] for word in name.split("_")),
    }
    folder = files("overlaykit.cli.plugin") / "templates"
    found = _read(folder / "shared") | _read(folder / kind)
    texts = {_place(path, name): Template(text).substitute(words) for path, text in found.items()}
    if kind == "theme":
        texts |= {f"{name}/{path}": text for path, text in starter_files(name).items()}
    return texts


def _read(folder: Traversable) -> dict[str, str]:
    return {each.name.removesuffix(".tmpl"): each.read_text(encoding="utf-8") for each in folder.iterdir()}


def _place(path: str, name: str) -> str:
    """Where a template goes: tests into their folder."""
    return {"test.py": f"tests/test_{name}.py", "conftest.py": "tests/conftest.py"}.get(path, path)


@click.command(
    "new",
    epilog="""\b
Example:
  overlaykit plugin new acme --kind connector
  overlaykit plugin new lamp --kind action --into sample_sessions/flash_sale/plugins
""",
)
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What it shall add.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("plugins"),
    show_default=True,
    metavar="DIR",
    help="The folder of plugins that it goes into.",
)
def new(name: str, kind: str, into: Path) -> int:
    """Write a small plugin that works, with its tests, into the new folder DIR/NAME. Nothing is overwritten.

    connector: orders and stock of a platform; chat: a room's chat; notifier: alerts to the team; action: something that rules
    can do; theme: how overlays look.
    """
    texts = skeleton(name, kind)
    folder = into / name
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise UserError(
            f"{folder} is there already, and nothing is overwritten", remedy="Choose another name, or move it away."
        ) from None
    except OSError as error:
        raise UserError(
            f"{folder} cannot be made: {error.strerror}", remedy="Give another place with --into."
        ) from None
    for path, text in texts.items():
        target = folder / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8")
    console = Console(highlight=False)
    console.print(f"[green]✓[/] [bold]{escape(str(folder))}[/]  {', '.join(sorted(texts))}", soft_wrap=True)
    shown = escape(str(folder))
    console.print(
        f"\nIts tests, which pass:      [bold]python -m pytest {shown}[/]   (pip install pytest)\n"
        f"Look for what is missing:   [bold]overlaykit plugin check {shown}[/]\n"
        f"Use it in a room:           [bold]overlaykit run SESSION --plugins {escape(str(into))}[/]\n"
        f"{_next_step(name, kind)}\n"
        f"                            the whole of it stands in {shown}/README.md\n\n"
        f"The guide 插件指南:         {escape(str(bundled_folder() / 'plugins' / 'README.md'))}",
        soft_wrap=True,
    )
    return 0


def _next_step(name: str, kind: str) -> str:
    section = {"connector": "channel", "chat": "channel", "notifier": "notifier"}.get(kind)
    if section is not None:
        word = "plugin" if section == "notifier" else "connector"
        return f'in session.toml:            [bold]\\[{section}.{name}][/] with {word} = "{name}"'
    if kind == "theme":
        return f'in session.toml:            [bold]theme = "{name}"[/]'
    return f'in a rule of session.toml:  [bold]do = \\[{{ action = "{name}.do" }}][/]'
