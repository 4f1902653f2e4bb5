"""Items from a spreadsheet: items.xlsx or items.csv → the same plain data that [[item]] gives, with row and column of each.

The first row names the columns, in English or Chinese; `opening.hz` is the opening stock at hz, `facts.克重` a fact.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any

import msgspec

from overlaykit.errors import UserError
from overlaykit.plan.form import ItemForm, Path
from overlaykit.plan.problems import CHINESE_NAMES, Problem, names_in, nearest_name
from overlaykit.plan.source import decode, read_bytes
from overlaykit.words import Words

MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_BLANK_ROWS = 1_000
"""Rows without content after which a sheet counts as ended."""

_HERE = {
    "编号": "sku",
    "low": "thresholds.low",
    "critical": "thresholds.critical",
}
_INSIDE = {"数量": "quantity", "到货": "due", "到货日": "due", "到货日期": "due"}
_TRUTH = {
    "true": True,
    "1": True,
    "yes": True,
    "是": True,
    "√": True,
    "false": False,
    "0": False,
    "no": False,
    "否": False,
}
_NESTED = ("opening", "buffer", "incoming", "thresholds", "facts", "bundle")
_NUMBERS = ("link", "opening", "buyer_limit", "presale_limit", "incoming", "bundle")


@dataclass
class ItemTable:
    """Rows as plain items, and where they stand: `rows[i]` is the row of item i, `columns` the header by path in an item."""

    file: str
    items: list[dict[str, Any]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    columns: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: Path) -> tuple[int | None, str | None]:
        """Row and column header of ("item", i, key, …)."""
        row = self.rows[path[1]] if len(path) > 1 and isinstance(path[1], int) and path[1] < len(self.rows) else None
        inside = path[2:]
        for length in range(len(inside), 0, -1):
            if inside[:length] in self.columns:
                return row, self.columns[inside[:length]]
        return row, ".".join(str(step) for step in inside) or None


def read_table(folder: FilePath, shown: str, locations: Mapping[str, str]) -> ItemTable:
    """Reads `folder/shown`. `locations` maps what a column may call a location (name or title) to its name."""
    table = ItemTable(shown)
    suffix = FilePath(shown).suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        what = Words(f"{shown} is not a kind of table that can be read", f"不支持这种表格：{shown}")
        table.problems.append(
            Problem(file=shown, what=what, expected=Words("a .xlsx or .csv file", ".xlsx 或 .csv 文件"))
        )
        return table
    content, problems = read_bytes(folder / shown, shown)
    table.problems += problems
    if problems:
        return table
    if suffix == ".csv":
        text, table.problems = decode(content, shown, table=True)
        cells = _csv_rows(text) if text else iter(())
    else:
        cells = _xlsx_rows(content)
    try:
        _fill(table, cells, locations)
    except _Unreadable as error:
        table.problems.append(Problem(file=shown, line=error.row, what=error.words, table=True))
    return table


class _Unreadable(Exception):
    def __init__(self, words: Words, row: int | None = None) -> None:
        super().__init__(words.en)
        self.words = words
        self.row = row


def _csv_rows(text: str) -> Iterator[Sequence[Any]]:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            words = Words(f"not a CSV table: {error}", f"不是有效的 CSV 表格：{error}")
            raise _Unreadable(words, reader.line_num) from None
        yield row


def sheet_rows(content: bytes) -> list[list[str]]:
    """The first sheet of a workbook as text, row by row. Raises UserError when it cannot be read."""
    try:
        return [[_text(value) for value in row] for row in _xlsx_rows(content)]
    except _Unreadable as error:
        raise UserError(f"{error.words.zh} / {error.words.en}", remedy=".xlsx, .csv") from None


def _xlsx_rows(content: bytes) -> Iterator[Sequence[Any]]:
    import openpyxl  # here: every process of a room reads plans, few plans are workbooks, and it takes long to load

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and validations that are not read here
        try:
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            try:
                sheet = book.worksheets[0]
                sheet.reset_dimensions()
                for row in sheet.iter_rows(max_col=MOST_COLUMNS):
                    yield [_cell(cell) for cell in row]
            finally:
                book.close()
        except Exception as error:  # openpyxl raises whatever zip, XML and its own models raise
            words = Words(f"not a readable .xlsx file: {error}", f"不是可读的 .xlsx 文件：{error}")
            raise _Unreadable(words) from None


def _cell(cell: Any) -> Any:
    value = cell.value
    if (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and "%" in (getattr(cell, "number_format", "") or "")
    ):
        return f"{_decimal(value * 100)}%"
    return value


def _decimal(number: float) -> str:
    """A number of a sheet without the noise of binary fractions: 899.9, 300."""
    if isinstance(number, float) and (number != number or abs(number) > 1e15):
        return str(number)
    text = format(Decimal(repr(round(number, 6) if isinstance(number, float) else number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _fill(table: ItemTable, cells: Iterable[Sequence[Any]], locations: Mapping[str, str]) -> None:
    columns: list[Path | None] | None = None
    blank = 0
    for number, row in enumerate(cells, 1):
        if not any(_text(value) for value in row):
            blank += 1
            if blank > MOST_BLANK_ROWS:
                break
            continue
        blank = 0
        if columns is None:
            columns = _columns(table, row, number, locations)
            continue
        if len(table.items) >= MOST_ROWS:
            raise _Unreadable(Words(f"more than {MOST_ROWS} items", f"超过 {MOST_ROWS} 行商品"), number)
        table.rows.append(number)
        table.items.append(_item(table, row, columns, number))
    if columns is None:
        raise _Unreadable(Words("the table is empty", "表格是空的"))


def _columns(table: ItemTable, row: Sequence[Any], number: int, locations: Mapping[str, str]) -> list[Path | None]:
    known = [info.encode_name for info in msgspec.structs.fields(ItemForm)]
    found: list[Path | None] = []
    for value in row[:MOST_COLUMNS]:
        header = unicodedata.normalize("NFKC", _text(value))
        path = _column(header, known, locations) if header else None
        if header and path is None:
            what = Words(f"unknown column {header}", f"看不懂的列名 {header}")
            near = nearest_name(header.split(".")[0], known)
            table.problems.append(
                Problem(
                    file=table.file,
                    line=number,
                    key=header,
                    what=what,
                    expected=names_in(known),
                    nearest=near,
                    table=True,
                )
            )
        if path is not None and path in table.columns:
            what = Words(
                f"this column means the same as {table.columns[path]}", f"这一列和「{table.columns[path]}」列重复"
            )
            table.problems.append(Problem(file=table.file, line=number, key=header, what=what, table=True))
            path = None
        if path is not None:
            table.columns[path] = header
        found.append(path)
    return found


def _column(header: str, known: Sequence[str], locations: Mapping[str, str]) -> Path | None:
    base, _, rest = header.partition(".")
    base, rest = base.strip(), rest.strip()
    key = _HERE.get(base) or CHINESE_NAMES.get(base) or base.lower()
    key = _HERE.get(key, key)
    if key.startswith("thresholds.") and not rest:
        key, _, rest = key.partition(".")
    if key not in known or (rest and key not in _NESTED):
        return None
    if not rest:
        return (key,)
    if key == "incoming":
        place, _, inside = rest.rpartition(".")
        inside = _INSIDE.get(inside, inside)
        return (key, locations.get(place, place), inside) if place and inside in ("quantity", "due") else None
    if key == "thresholds":
        return (key, CHINESE_NAMES.get(rest, rest))
    return (key, locations.get(rest, rest) if key in ("opening", "buffer") else rest)


def _item(table: ItemTable, row: Sequence[Any], columns: Sequence[Path | None], number: int) -> dict[str, Any]:
    item: dict[str, Any] = {}
    for value, path in zip(row, columns, strict=False):
        if path is None or not _text(value):
            continue
        target = item
        for step in path[:-1]:
            inner = target.setdefault(str(step), {})
            if not isinstance(inner, dict):
                what = Words(f"stands beside a column {path[0]} that already says it", f"和「{path[0]}」列重复填写")
                table.problems.append(
                    Problem(file=table.file, line=number, key=table.columns[path], what=what, table=True)
                )
                inner = {}
            target = inner
        target[str(path[-1])] = _value(value, path)
    return item


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _decimal(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return str(value).strip()


def _value(value: Any, path: Path) -> Any:
    """A cell as the key wants it; what cannot be turned stays text, and is then reported with its row and column."""
    text, key, last = _text(value), path[0], path[-1]
    if key == "on_sale":
        return _TRUTH.get(text.lower(), text)
    if key in ("price", "list_price", "cost"):
        amount = re.sub(r"^[¥￥$€£]\s*", "", text)
        return amount.replace(",", "") if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", amount) else amount
    if key == "aliases":
        return [part.strip() for part in re.split(r"[;；、|\n,，]", text) if part.strip()]
    if len(path) == 1 and key in _NESTED and re.search("[=:＝：]", text):
        pairs = (re.split("[=:＝：]", part, maxsplit=1) for part in re.split(r"[;；\n]", text) if part.strip())
        return {pair[0].strip(): _number(pair[-1].strip(), str(key)) for pair in pairs}
    if last == "due":
        return text
    return _number(text, str(key))


def _number(text: str, key: str) -> Any:
    if key in _NUMBERS or (key in ("buffer", "thresholds") and "%" not in text):
        return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else text
    return text
