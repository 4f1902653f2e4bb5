"""`overlaykit session new [FOLDER]`: asks, writes a session.toml that can be run, and says what to type next."""

from __future__ import annotations

import datetime as dt
import locale as machine
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.markup import escape

from overlaykit.cli.loading import tried_plugins
from overlaykit.cli.options import config_of, search_options, state_option
from overlaykit.cli.session_new.answers import Answers, read_channels, read_id
from overlaykit.cli.session_new.asking import Questions
from overlaykit.cli.session_new.folders import CannotWriteError, free_folder, must_take_files, put, where
from overlaykit.cli.session_new.goods import Goods, of_file, typed
from overlaykit.cli.session_new.pasting import decoded
from overlaykit.cli.session_new.times import read_starts
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
BOOK = "items.xlsx"


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

    Whether the folder can be written to is looked at first. Items are typed, pasted from a spreadsheet, or read from an .xlsx or
    .csv file; full-width commas, quotes and digits, tabs, merged cells and byte order marks are mended, and a title above the
    header is passed over. A row that adds up others, such as 合计 or Total, is left out, and that is said. Where a row is wrong,
    that row alone is asked for again. What is written has been checked as `overlaykit run --dry-run` does it.
    """
    locale = locale or machine_locale(os.environ)
    ask = Questions(locale)
    folder = where(folder, None if yes else ask)
    found = tried_plugins(config_of(state, themes=themes, plugins=plugins), None).plugins
    timezone = _timezone(locale)
    now = dt.datetime.now(ZoneInfo(timezone))
    if yes and items is None:
        raise UserError(
            "--yes needs --items", remedy="Give a table, such as --items goods.xlsx, or --items - with pasted text."
        )
    title = title if title is not None else ask.say("My live room", "我的直播间") if yes else ask.title()
    begins = read_starts(starts, now) if starts is not None else None if yes else ask.starts(now)
    goods = _goods(items, ask) if items is not None else ask.items()
    channels = channels if channels is not None else ask.say("live", "直播间") if yes else None
    sold_on = read_channels(channels) if channels is not None else ask.channels()
    with_obs = obs if obs is not None else False if yes else ask.obs()
    theme = theme or ("classic" if yes else ask.theme(sorted(found.themes)))
    folder = folder or free_folder(read_id(title) or f"room-{(begins or now):%m%d}")
    answers = Answers(
        id=_id_of(folder, now),
        title=title.strip() or ask.say("My live room", "我的直播间"),
        starts=begins,
        locale=locale,
        timezone=timezone,
        channels=sold_on or read_channels("live"),
        obs=with_obs,
        theme=theme,
    )
    while True:
        try:
            loaded = _write(folder, answers, goods, found, lambda place: yes or ask.agreed(place))
            break
        except CannotWriteError as error:
            if yes:
                raise
            ask.trouble(error)
            folder = ask.folder(must_take_files)
            answers = replace(answers, id=_id_of(folder, now))
        except PlanError as error:
            if yes or items is not None:
                raise
            goods = ask.mend(goods, error)
    if loaded is None:
        return 1
    _tell(ask, folder, loaded, answers, goods)
    return 0


def machine_locale(environment: Mapping[str, str]) -> str:
    """zh-CN or en-US, as this machine speaks; Chinese when it does not say."""
    said = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    said = said or machine.getlocale()[0] or ""
    return "en-US" if said.lower().startswith("en") else "zh-CN"


def _goods(items: str, ask: Questions) -> Goods:
    if items == "-":
        return typed(decoded(sys.stdin.buffer.read()), ask.say("items", "商品"))
    return of_file(Path(items).expanduser())


def _id_of(folder: Path, now: dt.datetime) -> str:
    return read_id(folder.resolve().name) or f"room-{now:%m%d-%H%M}"


def _timezone(locale: str) -> str:
    """The machine's time zone by its name; China's where it does not say and speaks Chinese."""
    zone = os.environ.get("TZ", "").lstrip(":")
    if "/" not in zone:
        zone = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    if "/" in zone and not zone.startswith("Etc/"):
        return zone
    return "Asia/Shanghai" if locale.lower().startswith("zh") else "UTC"


def _write(
    folder: Path, answers: Answers, goods: Goods, plugins: Plugins, agreed: Callable[[Path], bool]
) -> LoadedPlan | None:
    """Checks the plan in a folder of its own, and then, once its place is `agreed`, puts it there. None where it is not. Raises
    PlanError, CannotWriteError: then nothing is written."""
    try:
        with tempfile.TemporaryDirectory(prefix="overlaykit-new-") as name:
            trial = Path(name)
            loaded = _tried(trial, folder, answers, goods, plugins)
            if not agreed(folder / FILE_NAME):
                return None
            put(sorted(trial.iterdir(), key=lambda path: path.name == FILE_NAME), folder)
            return loaded
    except OSError as error:
        raise CannotWriteError(
            f"临时文件夹不能写入 / the folder for temporary files cannot be written: {error.strerror}",
            remedy="Make room on that disk, or name another folder in the environment variable TMPDIR.",
        ) from None


def _tried(trial: Path, folder: Path, answers: Answers, goods: Goods, plugins: Plugins) -> LoadedPlan:
    """The plan for `folder`, as it is read in `trial`."""

    def load(items: Sequence[Mapping[str, Any]] | str) -> LoadedPlan:
        text = session_toml(answers, str(folder), items, sorted(plugins.connectors))
        (trial / FILE_NAME).write_text(text, encoding="utf-8")
        return load_checked_plan(trial, plugins)

    return _with_book(trial, goods, load) or _with_table(trial, goods, load, answers.locale)


_Load = Callable[[Sequence[Mapping[str, Any]] | str], LoadedPlan]


def _with_book(trial: Path, goods: Goods, load: _Load) -> LoadedPlan | None:
    """The plan with the workbook as it is, which its author goes on with; None where it has to be mended."""
    if goods.book is None or goods.mended_by_place():
        return None
    (trial / BOOK).write_bytes(goods.book)
    with suppress(PlanError):
        return load(BOOK)
    (trial / BOOK).unlink()
    return None


def _with_table(trial: Path, goods: Goods, load: _Load, locale: str) -> LoadedPlan:
    """The plan with the items themselves in it, or with the table of many beside it."""
    table = goods.table()
    # With the mark, a spreadsheet program reads it rightly.
    (trial / TABLE).write_text(table.text, encoding="utf-8-sig")
    try:
        loaded = load(TABLE)
    except PlanError as error:
        raise goods.named(error.problems, table, TABLE, locale) from None
    if table.problems:
        raise goods.named((), table, TABLE, locale)
    items = read_table(trial, TABLE, {}).items
    if len(items) > IN_THE_PLAN:
        return loaded
    (trial / TABLE).unlink()
    return load(items)


def _tell(ask: Questions, folder: Path, loaded: LoadedPlan, answers: Answers, goods: Goods) -> None:
    console = Console(highlight=False)
    plan = loaded.session
    units = sum(sum(item.opening.values()) for item in plan.items)
    console.print(
        f"[green]✓[/] [bold]{escape(str(folder / FILE_NAME))}[/]  "
        + ask.say(f"{len(plan.items)} items, {units:,} units", f"{len(plan.items)} 款商品，{units:,} 件"),
        soft_wrap=True,
    )
    for line, label in goods.table().totals:
        left_out = ask.say(
            f"Row {line}, {label}, adds up others and is left out; if it is an item, give it another title.",
            f"第 {line} 行「{label}」是合计，没有算作商品；如果是商品，请改个标题。",
        )
        console.print(f"[yellow]![/] {escape(left_out)}", soft_wrap=True)
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
