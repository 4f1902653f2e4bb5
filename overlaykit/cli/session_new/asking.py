"""The questions of `session new`, one after the other, in the language of whoever is asked."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click

from overlaykit.cli.session_new.answers import read_channels, read_starts
from overlaykit.cli.session_new.pasting import decoded, mended
from overlaykit.errors import OverlaykitError, UserError
from overlaykit.plan import Words

T = TypeVar("T")


class Questions:
    """Asks on the terminal. What cannot be understood is said, and asked again."""

    def __init__(self, locale: str) -> None:
        self._locale = locale

    def say(self, en: str, zh: str) -> str:
        return Words(en, zh).within(self._locale)

    def title(self) -> str:
        return self._ask(self.say("Title", "标题"), self.say("My live room", "我的直播间"), str.strip)

    def starts(self, now: dt.datetime) -> dt.datetime | None:
        asked = self.say("Starts at (such as 20:00; Enter: not fixed yet)", "开播时间（如 20:00；回车：还没定）")
        return self._ask(asked, "", lambda text: read_starts(text, now))

    def items(self) -> Path | str:
        """A spreadsheet's path, or the mended text of a table."""
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

    def trouble(self, error: OverlaykitError) -> None:
        """Says what was wrong; the question comes again."""
        click.echo(f"  ✗ {error.message}" + (f"\n    {error.remedy}" if error.remedy else ""))

    def _table_or_typed(self, answer: str) -> Path | str:
        answer = answer.strip().strip("\"'“”")
        if answer:
            path = Path(answer).expanduser()
            return checked_table(path)
        click.echo(
            self.say(
                "One item a line: link, title, price, units. End with an empty line.",
                "一行一款：链接, 标题, 价格, 库存。从表格复制整块粘贴也行；空行结束。",
            )
        )
        lines = []
        while (line := sys.stdin.readline()).strip():
            lines.append(line)
        return mended("".join(lines))

    def _ask(self, text: str, default: str, read: Callable[[str], T]) -> T:
        while True:
            answer: str = click.prompt(text, default=default, show_default=bool(default))
            try:
                return read(answer)
            except UserError as error:
                self.trouble(error)


def checked_table(path: Path) -> Path | str:
    """The path of a spreadsheet, or the mended text of a CSV. Raises UserError."""
    if path.suffix.lower() not in (".xlsx", ".csv", ".tsv", ".txt"):
        raise UserError(f"{path}: 不支持 / not a table that can be read", remedy=".xlsx, .csv")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: 打不开 / cannot be read: {error.strerror}", remedy=".xlsx, .csv") from None
    return path if path.suffix.lower() == ".xlsx" else mended(decoded(content))
