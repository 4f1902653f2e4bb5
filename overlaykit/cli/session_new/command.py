"""`overlaykit session new [FOLDER]`: asks, writes a session.toml that can be run, and says what to type next."""

from __future__ import annotations

import datetime as dt
import locale as machine
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from overlaykit.cli.loading import tried_plugins
from overlaykit.cli.options import config_of, search_options, state_option
from overlaykit.cli.session_new.answers import Answers, read_channels, read_id, read_starts
from overlaykit.cli.session_new.asking import Questions, checked_table
from overlaykit.cli.session_new.pasting import decoded, mended
from overlaykit.cli.session_new.writing import session_toml
from overlaykit.errors import PlanError, UserError
from overlaykit.plan import LoadedPlan
from overlaykit.plan.loading import FILE_NAME
from overlaykit.plan.table import read_table
from overlaykit.pluginhost import Plugins
from overlaykit.runtime.sessions import load_checked_plan

IN_THE_PLAN = 60
"""Items that are written into the plan itself; more of them stand in a table beside it."""
TABLE = "items.csv"


@click.command(
    "new",
    epilog="""\b
Example:
  overlaykit session new
  overlaykit session new my-room --title "双11 专场" --items goods.xlsx --yes
""",
)
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--title", help="What screens call the session.")
@click.option("--starts", metavar="TIME", help="When it starts: 20:00, or 2026-11-11 20:00.")
@click.option(
    "--items", metavar="FILE", help="A table of the items: .xlsx or .csv; - reads pasted text from standard input."
)
@click.option("--channels", metavar="A,B", help="Where it is sold, such as 抖音,小程序.")
@click.option("--obs/--no-obs", default=None, help="Whether there is an OBS.")
@click.option("--theme", help="How it looks: see `overlaykit theme list`.")
@click.option(
    "--locale",
    metavar="TAG",
    help="Language of the questions, the file and the overlays: zh-CN or en-US.  [default: this machine's]",
)
@click.option("--yes", is_flag=True, help="Ask nothing: what no option says is as usual.")
@state_option
@search_options
def new_command(
    folder: Path | None,
    title: str | None,
    starts: str | None,
    items: str | None,
    channels: str | None,
    obs: bool | None,
    theme: str | None,
    locale: str | None,
    yes: bool,
    state: Path,
    themes: tuple[Path, ...],
    plugins: tuple[Path, ...],
) -> int:
    """Ask for title, time, items, channels, OBS and theme, and write FOLDER/session.toml. Nothing is overwritten.

    Items are typed, pasted from a spreadsheet, or read from an .xlsx or .csv file; full-width commas, quotes and digits, tabs and
    byte order marks are mended. What is written has been checked as `overlaykit run --dry-run` does it.
    """
    locale = locale or machine_locale(os.environ)
    ask = Questions(locale)
    if folder is not None:
        _must_be_free(folder)
    found = tried_plugins(config_of(state, themes=themes, plugins=plugins), None).plugins
    now = dt.datetime.now()
    if yes and items is None:
        raise UserError(
            "--yes needs --items", remedy="Give a table, such as --items goods.xlsx, or --items - with pasted text."
        )
    title = title if title is not None else ask.say("My live room", "我的直播间") if yes else ask.title()
    begins = read_starts(starts, now) if starts is not None else None if yes else ask.starts(now)
    table = _table(items) if items is not None else ask.items()
    channels = channels if channels is not None else ask.say("live", "直播间") if yes else None
    sold_on = read_channels(channels) if channels is not None else ask.channels()
    with_obs = obs if obs is not None else False if yes else ask.obs()
    theme = theme or ("classic" if yes else ask.theme(sorted(found.themes)))
    folder = folder or _free_folder(read_id(title) or f"room-{(begins or now):%m%d}")
    answers = Answers(
        id=read_id(folder.resolve().name) or f"room-{now:%m%d-%H%M}",
        title=title.strip() or ask.say("My live room", "我的直播间"),
        starts=begins,
        locale=locale,
        timezone=_timezone(locale),
        channels=sold_on or read_channels("live"),
        obs=with_obs,
        theme=theme,
    )
    if not yes and not ask.agreed(folder / FILE_NAME):
        return 1
    while True:
        try:
            loaded = _write(folder, answers, table, found)
            break
        except PlanError as error:
            if yes or items is not None:
                raise
            ask.trouble(error)  # of the items, since everything else has been understood
            table = ask.items()
    _tell(ask, folder, loaded, answers)
    return 0


def machine_locale(environment: Mapping[str, str]) -> str:
    """zh-CN or en-US, as this machine speaks; Chinese when it does not say."""
    said = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    said = said or machine.getlocale()[0] or ""
    return "en-US" if said.lower().startswith("en") else "zh-CN"


def _table(items: str) -> Path | str:
    if items == "-":
        return mended(decoded(sys.stdin.buffer.read()))
    return checked_table(Path(items).expanduser())


def _must_be_free(folder: Path) -> None:
    if (folder / FILE_NAME).exists():
        raise UserError(
            f"{folder / FILE_NAME} 已经有了，不会覆盖 / is there already, and nothing is overwritten",
            remedy="Choose another folder, or edit that file.",
        )


def _free_folder(name: str) -> Path:
    number, folder = 1, Path(name)
    while folder.exists():
        number += 1
        folder = Path(f"{name}-{number}")
    return folder


def _timezone(locale: str) -> str:
    """The machine's time zone by its name; China's where it does not say and speaks Chinese."""
    zone = os.environ.get("TZ", "").lstrip(":")
    if "/" not in zone:
        zone = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    if "/" in zone and not zone.startswith("Etc/"):
        return zone
    return "Asia/Shanghai" if locale.lower().startswith("zh") else "UTC"


def _write(folder: Path, answers: Answers, table: Path | str, plugins: Plugins) -> LoadedPlan:
    """Checks the plan in a folder of its own, and then gives it its place. Raises PlanError, UserError: then nothing is
    written."""
    with tempfile.TemporaryDirectory(prefix="overlaykit-new-") as name:
        trial = Path(name)
        items = _items(trial, table)
        text = session_toml(answers, str(folder), items, sorted(plugins.connectors))
        (trial / FILE_NAME).write_text(text, encoding="utf-8")
        loaded = load_checked_plan(trial, plugins)
        _place(sorted(trial.iterdir(), key=lambda path: path.name == FILE_NAME), folder)
    return loaded


def _items(trial: Path, table: Path | str) -> Sequence[Mapping[str, Any]] | str:
    """What the plan says of the items: themselves, or the name of their table, which is in `trial` then."""
    if isinstance(table, Path):
        shutil.copyfile(table, trial / "items.xlsx")
        return "items.xlsx"
    (trial / TABLE).write_text(table, encoding="utf-8-sig")  # with the mark, a spreadsheet program reads it rightly
    found = read_table(trial, TABLE, {})
    if found.problems or len(found.items) > IN_THE_PLAN:
        return TABLE  # what is wrong with it is said by row and column
    (trial / TABLE).unlink()
    return found.items


def _place(files: Sequence[Path], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            with (folder / file.name).open("xb") as out:
                out.write(file.read_bytes())
    except FileExistsError as error:
        raise UserError(
            f"{error.filename} 已经有了，不会覆盖 / is there already, and nothing is overwritten",
            remedy="Choose another folder.",
        ) from None
    except OSError as error:
        raise UserError(
            f"{folder} 不能写入 / cannot be written: {error.strerror}", remedy="Choose another folder."
        ) from None


def _tell(ask: Questions, folder: Path, loaded: LoadedPlan, answers: Answers) -> None:
    console = Console(highlight=False)
    plan = loaded.session
    units = sum(sum(item.opening.values()) for item in plan.items)
    console.print(
        f"[green]✓[/] [bold]{escape(str(folder / FILE_NAME))}[/]  "
        + ask.say(f"{len(plan.items)} items, {units:,} units", f"{len(plan.items)} 款商品，{units:,} 件"),
        soft_wrap=True,
    )
    shown = escape(f'"{folder}"' if " " in str(folder) else str(folder))
    console.print(ask.say("\nNext, start the room:", "\n下一步，开房间："), soft_wrap=True)
    console.print(f"  [bold]overlaykit run {shown}[/]", soft_wrap=True)
    console.print(
        ask.say("With phones and other computers:", "要用手机或另一台电脑："),
        f" [bold]overlaykit run {shown} --lan[/]",
        soft_wrap=True,
    )
    if answers.obs:
        console.print(
            ask.say("Set up OBS, once:", "设置 OBS（一次）："),
            f" [bold]overlaykit obs setup {shown}[/]",
            soft_wrap=True,
        )
