"""The questions of `session new`, one after the other, in the language of whoever is asked."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click

from overlaykit.cli.session_new.answers import read_channels
from overlaykit.cli.session_new.goods import KINDS, Goods, of_file, rows_with_problems, typed
from overlaykit.cli.session_new.pasting import DELIMITERS
from overlaykit.cli.session_new.times import read_starts
from overlaykit.errors import OverlaykitError, PlanError, UserError
from overlaykit.plan import Problem, Words, words_in

T = TypeVar("T")
MEND_AT_MOST = 8
"""Lines that are asked for one by one; where more are wrong, it is quicker to mend the table."""
LEAVE_OUT = "-"


class Questions:
    """Asks on the terminal. What cannot be understood is said, and asked again."""

    def __init__(self, locale: str) -> None:
        self._locale = locale

    def say(self, en: str, zh: str) -> str:
        return Words(en, zh).within(self._locale)

    def title(self) -> str:
        return self._ask(self.say("Title", "标题"), self.say("My live room", "我的直播间"), str.strip)

    def starts(self, now: dt.datetime) -> dt.datetime | None:
        asked = self.say(
            "Starts at (such as 20:00, tomorrow 8pm; Enter: not fixed yet)",
            "开播时间（如 20:00、明天20:00、周六晚8点；回车：还没定）",
        )
        at = self._ask(asked, "", lambda text: read_starts(text, now))
        if at is not None:
            day = "一二三四五六日"[at.weekday()]
            click.echo(f"  → {self.say(f'{at:%A %d %B %Y, %H:%M}', f'{at:%Y-%m-%d} 周{day} {at:%H:%M}')}")
        return at

    def items(self) -> Goods:
        """A table by its path, or lines that are typed or pasted."""
        asked = self.say(
            "Items: path of a table (.xlsx, .csv), or Enter to type or paste them",
            "商品：表格路径（.xlsx、.csv）；或直接回车，逐行输入或从表格粘贴",
        )
        return self._ask(asked, "", self._table_or_typed)

    def channels(self) -> Sequence[tuple[str, str]]:
        asked = self.say(
            "Channels, where it is sold (such as Shopify, live)", "渠道：在哪里卖（如 抖音, 视频号, 小程序）"
        )
        return self._ask(asked, self.say("live", "直播间"), read_channels)

    def obs(self) -> bool:
        return click.confirm(self.say("Is there an OBS?", "有 OBS 吗"), default=True)

    def theme(self, known: Sequence[str]) -> str:
        asked = self.say("Theme", "主题")
        found: str = click.prompt(asked, default="classic", type=click.Choice(known), show_choices=True)
        return found

    def agreed(self, place: Path) -> bool:
        return click.confirm(self.say(f"Write {place}?", f"写入 {place}？"), default=True)

    def folder(self, check: Callable[[Path], None]) -> Path:
        """Another folder, until `check` raises nothing."""

        def read(answer: str) -> Path:
            name = answer.strip().strip("\"'“”")
            if not name:
                raise UserError("没有写文件夹 / no folder was named")
            check(place := Path(name).expanduser())
            return place

        return self._ask(self.say("Folder", "文件夹"), "", read)

    def trouble(self, error: OverlaykitError) -> None:
        """Says what was wrong; the question comes again."""
        what, then = (words_in(said or "").within(self._locale) for said in (error.message, error.remedy))
        click.echo(f"  ✗ {what}" + (f"\n    {then}" if then else ""))

    def mend(self, goods: Goods, error: PlanError) -> Goods:
        """Asks for each line with which something is wrong, and for nothing else again. Raises `error` when it is about something
        else than the items."""
        wrong = rows_with_problems(error, goods)
        if not wrong and not any(isinstance(each, Problem) and each.table for each in error.problems):
            raise error
        if not wrong or len(wrong) > MEND_AT_MOST:
            self.trouble(error)
            return self.items()
        if goods.file is not None:
            click.echo(
                self.say(
                    f"Mend it here, which leaves {goods.name} as it is; or mend {goods.name} and press Enter.",
                    f"在这里改，原文件不变；也可以先改好 {goods.name}，再直接回车重读。",
                )
            )
        header = goods.table().header
        for line, problems in wrong.items():
            for problem in problems:
                click.echo(f"  ✗ {problem.text(self._locale)}")
            if line == header:
                goods = self._header(goods, line, problems)
                continue
            answer = self._line(goods, line)
            if not answer and goods.file is not None:
                return self._again(goods.file)
            goods = goods.with_line(line, "" if answer == LEAVE_OUT else answer)
        try:
            goods.table()
        except UserError as trouble:  # nothing is left of it, or another row of headers
            self.trouble(trouble)
            return self.items()
        return goods

    def _again(self, file: Path) -> Goods:
        try:
            return of_file(file)
        except UserError as error:  # a spreadsheet program may still hold it
            self.trouble(error)
            return self.items()

    def _header(self, goods: Goods, line: int, problems: Sequence[Problem]) -> Goods:
        """Columns that nobody needs are left out; another row of headers where they are needed."""
        for name in filter(None, (problem.key for problem in problems)):
            if not click.confirm(self.say(f"Leave out the column {name}?", f"不要「{name}」这一列？"), default=True):
                return goods.with_line(line, self._line(goods, line) or goods.line(line))
            goods = goods.without_column(name)
        return goods

    def _line(self, goods: Goods, line: int) -> str:
        """A line again; "" only of a file."""
        click.echo(f"    {goods.line(line)}")
        asked = self.say(
            f"Line {line} again ({LEAVE_OUT}: leave it out)", f"第 {line} 行重新写一遍（{LEAVE_OUT}：不要这一行）"
        )
        if goods.file is None:
            return str(click.prompt(asked)).strip()
        return str(click.prompt(asked, default="", show_default=False)).strip()

    def _table_or_typed(self, answer: str) -> Goods:
        plain = answer.strip().strip("\"'“”")
        if plain and not _is_row(plain):
            return of_file(Path(plain).expanduser())
        if not plain:
            click.echo(
                self.say(
                    "One item a line: link, title, price, units. End with an empty line.",
                    "一行一款：链接, 标题, 价格, 库存。从表格复制整块粘贴也行；空行结束。",
                )
            )
        lines = [answer + "\n"] if plain else []
        while (line := sys.stdin.readline()).strip("\r\n"):  # a row of tabs alone is an empty row of a spreadsheet
            lines.append(line)
        return typed("".join(lines), self.say("items", "商品"))

    def _ask(self, text: str, default: str, read: Callable[[str], T]) -> T:
        while True:
            answer: str = click.prompt(text, default=default, show_default=bool(default))
            try:
                return read(answer)
            except UserError as error:
                self.trouble(error)


def _is_row(answer: str) -> bool:
    """Whether the first line of a table was pasted where its path is asked for."""
    return not answer.lower().endswith(KINDS) and any(each in answer for each in DELIMITERS)
