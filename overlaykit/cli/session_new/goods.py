"""What is sold, as somebody gave it: a spreadsheet, a CSV, or lines that were typed or pasted; and what is wrong with it, said of
the lines as they were."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from overlaykit.cli.session_new.pasting import Table, decoded, lines_of, mended
from overlaykit.errors import PlanError, UserError
from overlaykit.plan import Problem, Words, plan_error
from overlaykit.plan.table import sheet_rows

KINDS = (".xlsx", ".csv", ".tsv", ".txt")
CALLED = {
    "link": "链接",
    "sku": "编码",
    "title": "标题",
    "price": "价格",
    "opening": "库存",
}
"""What the columns of a table without a header row are called in Chinese."""


@dataclass(frozen=True)
class Goods:
    """A table, line by line.

    name     what problems call it: the file's name
    file     where it was read from; None when it was typed or pasted
    book     the workbook as it is, as long as nothing in it was mended; None of anything else
    without  columns to leave out
    """

    text: str
    name: str
    file: Path | None = None
    book: bytes | None = None
    without: frozenset[str] = frozenset()

    def table(self) -> Table:
        """As a plan reads it. Raises UserError when nobody can tell what is what."""
        return mended(self.text, self.without)

    def mended_by_place(self) -> bool:
        """Whether some of its rows are only understood by those above them, as below merged cells or a total."""
        with suppress(UserError):
            table = self.table()
            return table.joined or bool(table.totals)
        return False

    def line(self, number: int) -> str:
        """A line as it was given, 1 being the first."""
        return lines_of(self.text)[number - 1]

    def with_line(self, number: int, line: str) -> Goods:
        """With another line in its place; "" leaves the row out."""
        lines = lines_of(self.text)
        lines[number - 1] = line
        return replace(self, text="\n".join(lines), book=None)

    def without_column(self, name: str) -> Goods:
        return replace(self, without=self.without | {name}, book=None)

    def named(self, problems: Sequence[object], table: Table, file: str, locale: str) -> PlanError:
        """Problems of a plan, those of the mended table `file` with the lines, columns and name that their author knows."""
        wide = [
            Problem(file=self.name, line=line, what=what, table=True)
            for line, what in sorted(dict(table.problems).items())
        ]
        known = {problem.line for problem in wide}
        ours = [each for each in problems if isinstance(each, Problem)]
        found = [self._named(each, table, locale) if each.table and each.file == file else each for each in ours]
        return plan_error(
            [*wide, *(each for each in found if each.line is None or each.line not in known)], locale=locale
        )

    def _named(self, problem: Problem, table: Table, locale: str) -> Problem:
        line = None
        if problem.line is not None:
            line = table.header if problem.line == 1 else table.lines[problem.line - 2]
        key = problem.key and table.columns.get(problem.key)
        if problem.key and key is None:
            key = Words(problem.key, CALLED.get(problem.key, problem.key)).within(locale)
        return replace(problem, file=self.name, line=line, key=key)


def typed(text: str, name: str) -> Goods:
    """What was typed or pasted. Raises UserError when nobody can tell what is what."""
    found = Goods(text, name)
    found.table()
    return found


def of_file(path: Path) -> Goods:
    """A spreadsheet, or a CSV in any encoding that spreadsheets save. Raises UserError."""
    if path.suffix.lower() not in KINDS:
        raise UserError(f"{path}: 不支持 / {path}: not a table that can be read", remedy=".xlsx, .csv")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: 打不开 / {path}: cannot be read: {error.strerror}", remedy=".xlsx, .csv") from None
    if path.suffix.lower() == ".xlsx":
        return Goods(_as_lines(sheet_rows(content)), path.name, path, content)
    found = Goods(decoded(content), path.name, path)
    found.table()
    return found


def rows_with_problems(error: PlanError, goods: Goods) -> dict[int, Sequence[Problem]]:
    """By line of the goods, in order; nothing when anything is wrong that no line of them is to blame for."""
    found: dict[int, list[Problem]] = {}
    for each in error.problems:
        if not isinstance(each, Problem) or not each.table or each.file != goods.name or each.line is None:
            return {}
        found.setdefault(each.line, []).append(each)
    return dict(sorted(found.items()))


def _as_lines(rows: Sequence[Sequence[str]]) -> str:
    """One line for each row, so that a row has the number that the spreadsheet program shows."""
    out = io.StringIO()
    write = csv.writer(out, delimiter="\t", lineterminator="\n")
    write.writerows([" ".join(cell.split()) for cell in _without_empty_end(row)] for row in rows)
    return out.getvalue()


def _without_empty_end(row: Sequence[str]) -> Sequence[str]:
    """Sheets are read to the widest that they may be."""
    width = next((place for place in range(len(row), 0, -1) if row[place - 1]), 0)
    return row[:width]
