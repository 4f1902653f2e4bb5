"""Items as people paste them, mended: byte order marks, full-width commas, quotes and digits, tabs of a spreadsheet, units.

The result is the text of an item table: CSV with a header row, as a plan reads it.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise, zip_longest

from overlaykit.cli.session_new.headers import fields_of
from overlaykit.cli.session_new.totals import adds_up, label_of
from overlaykit.errors import UserError
from overlaykit.model.legible import TURNING
from overlaykit.plan import Words

COLUMNS_OF = {
    2: ("title", "opening"),
    3: ("title", "price", "opening"),
    4: ("link", "title", "price", "opening"),
    5: ("link", "sku", "title", "price", "opening"),
}
"""What the columns of a table without a header row are, by their number."""
HEADER_WITHIN = 5
"""Rows in which the header is looked for: people write above it what the table is."""
SHARED = ("link", "product", "title", "subtitle", "price", "list_price", "image")
"""What variants of one product have in common, and spreadsheets merge into one cell."""
NUMBERS = frozenset({"link", "price", "list_price", "cost", "opening", "buyer_limit", "presale_limit"})
LISTS = frozenset({"aliases", "facts", "bundle"})
"""Cells of several lines are several entries."""
DELIMITERS = ("\t", ",", "，", ";", "；")
INVISIBLE = dict.fromkeys(map(ord, {"\ufeff", "\u200b", "\u200c", "\u2060", *TURNING}))
AROUND = re.compile(
    r"^\s*[¥￥$€£]?\s*([0-9][0-9,]*(?:\.[0-9]+)?)\s*(?:号链接|号|件|个|箱|套|元|块|pcs|pieces)?\s*$", re.IGNORECASE
)

TEN_THOUSANDS = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?)\s*万\s*件?\s*$")
SPACED = re.compile(r"^\s*([0-9０-９]+(?:号链接|号)?)\s+(\S.*?)\s+(\S*[0-9０-９]\S*)\s+(\S*[0-9０-９]\S*)\s*$")
"""Link, title, price and units with nothing but spaces between them."""


def decoded(content: bytes) -> str:
    """Text of a table's bytes: UTF-8, with or without a byte order mark, UTF-16 or GBK. Raises UserError."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UserError("表格不是文本 / the table is no text", remedy="CSV UTF-8, or .xlsx")


@dataclass(frozen=True)
class Table:
    """A mended table, and where its rows stood.

    text      CSV with a header row, as a plan reads it
    lines     the line of each item in what was pasted, 1 being the first
    header    the line of the header row; None when there was none
    columns   column of `text` → what it was called
    problems  (line, what is wrong): rows of which nobody can tell which cell is which
    joined    whether variants were found that only their place in the table joins
    totals    (line, what it calls itself): rows that add up others, which are no items
    """

    text: str
    lines: Sequence[int]
    header: int | None
    columns: Mapping[str, str]
    problems: Sequence[tuple[int, Words]]
    joined: bool
    totals: Sequence[tuple[int, str]]


@dataclass(frozen=True)
class _Row:
    line: int
    cells: list[str]


def mended(text: str, without: Collection[str] = ()) -> Table:
    """The table, mended, but for the columns that are called as one of `without`. Raises UserError when nothing is in it, or nobody
    can tell what its columns are."""
    rows = _rows(text)
    if not rows:
        raise UserError("没有商品 / there are no items", remedy="链接, 标题, 价格, 库存 / link, title, price, units")
    rows = _below_titles(rows)
    header_line, named = None, list[str]()
    if _is_header(rows[0].cells):
        header_line, named, rows = rows[0].line, rows[0].cells, rows[1:]
        header = [field or cell for field, cell in zip(fields_of(named), named, strict=True)]
    else:
        width, _ = Counter(len(row.cells) for row in rows).most_common(1)[0]
        if width not in COLUMNS_OF:
            raise _unnamed(rows[0].cells, width)
        header = list(COLUMNS_OF[width])
    rows, totals = _without_totals(rows, header)
    if not rows:
        raise UserError(
            "表头下面没有商品 / there are no items below the header row", remedy="一行一款 / one item a row"
        )
    problems = [(row.line, _too_wide(len(row.cells), len(header))) for row in rows if len(row.cells) > len(header)]
    kept = [place for place, name in enumerate(header) if named[place : place + 1] != [name] or name not in without]
    header, columns = [header[place] for place in kept], {header[place]: named[place] for place in kept if named}
    table = [_mended_row([_cell(row, place) for place in kept], header) for row in rows]
    header, table, joined = _with_variants_joined(header, table)
    if "link" not in header and "product" not in header:
        header, table = ["link", *header], [[str(number), *row] for number, row in enumerate(table, 1)]
    if "sku" not in header:
        at = header.index("link") if "link" in header else None
        names = [row[at] if at is not None and row[at] else str(number) for number, row in enumerate(table, 1)]
        place = 0 if at is None else at + 1
        header = [*header[:place], "sku", *header[place:]]
        table = [[*row[:place], sku, *row[place:]] for row, sku in zip(table, _skus(names), strict=True)]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *table])
    return Table(out.getvalue(), [row.line for row in rows], header_line, columns, problems, joined, totals)


def _unnamed(first: Sequence[str], width: int) -> UserError:
    """What to say of a table of which too few columns have a name that is known."""
    fields = fields_of(first)
    unknown = [cell for cell, field in zip(first, fields, strict=True) if cell and field is None]
    if any(fields) and not any(map(AROUND.match, first)):
        return UserError(
            f"看不懂这些列名：{'、'.join(unknown)} / nobody can tell what these columns are: {', '.join(unknown)}",
            remedy="表头改成这样，不用的列删掉：链接, 编码, 标题, 价格, 库存 / "
            "name them so, and delete those that nobody needs: link, sku, title, price, stock",
        )
    return UserError(
        f"看不出这 {width} 列是什么 / nobody can tell what these {width} columns are",
        remedy="第一行写表头，如：链接, 编码, 标题, 价格, 库存 / add a header row, such as: link, sku, title, price, stock",
    )


def _below_titles(rows: list[_Row]) -> list[_Row]:
    """From the header row on, where there is nothing above it but a few words about the table."""
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        if _is_header(row.cells):
            most = sum(map(bool, row.cells)) / 2
            return rows[place:] if all(sum(map(bool, above.cells)) < most for above in rows[:place]) else rows
    return rows


def _without_totals(rows: list[_Row], header: list[str]) -> tuple[list[_Row], list[tuple[int, str]]]:
    """The rows of items, and those that add up others: line and what it calls itself."""
    units = [place for place, name in enumerate(header) if name.partition(".")[0] == "opening"]
    cells = [_mended_row([_cell(row, place) for place in range(len(header))], header) for row in rows]
    labels = [label_of(row.cells) for row in rows]
    items = [each for each, label in zip(cells, labels, strict=True) if label is None]
    kept, totals = list[_Row](), list[tuple[int, str]]()
    for row, each, label in zip(rows, cells, labels, strict=True):
        if label is not None and adds_up(each, items, units):
            totals.append((row.line, label))
        else:
            kept.append(row)
    return kept, totals


def _cell(row: _Row, place: int) -> str:
    return row.cells[place] if place < len(row.cells) else ""


def _with_variants_joined(header: list[str], table: list[list[str]]) -> tuple[list[str], list[list[str]], bool]:
    """Variants below each other get what only the first of them says, as below a merged cell, and one product; whether any did."""
    if not {"link", "title", "variant"} <= set(header) or len(set(header)) < len(header):
        return header, table, False
    wide = header if "product" in header else [*header, "product"]
    rows = [dict(zip_longest(wide, row, fillvalue="")) for row in table]
    joined = False
    for above, row in pairwise(rows):
        same = all(row[name] in ("", above[name]) for name in ("link", "product", "title"))
        if not (same and above["link"] and above["variant"] and row["variant"]):
            continue
        shared = {name: row[name] or above[name] for name in SHARED if name in row}
        shared["product"] = above["product"] = above["product"] or f"link-{above['link']}"
        joined = joined or any(row[name] != value for name, value in shared.items())
        row.update(shared)
    return (wide, [list(row.values()) for row in rows], True) if joined else (header, table, False)


def _skus(names: Sequence[str]) -> Iterator[str]:
    """One for each, and no two alike: variants of one product share a link."""
    seen = Counter[str]()
    for name in names:
        seen[name] += 1
        yield f"item-{name}" if seen[name] == 1 else f"item-{name}-{seen[name]}"


def _too_wide(found: int, columns: int) -> Words:
    return Words(
        f"{found} cells for {columns} columns: a comma within a cell, as in 1,299.00, wants quotes around it",
        f"有 {found} 格，表只有 {columns} 列：格子里的逗号（如 1,299.00）要加引号",
    )


def lines_of(text: str) -> list[str]:
    """The lines of a table, as problems number them."""
    return re.sub(r"\r\n?", "\n", text).split("\n")


def _rows(text: str) -> list[_Row]:
    lines = [line.translate(INVISIBLE).replace("\u00a0", " ") for line in lines_of(text)]
    first = [line for line in lines if line.strip()][:HEADER_WITHIN]
    if not first:
        return []
    headers = (each for line in first for each in DELIMITERS if each in line and _is_header(line.split(each)))
    delimiter = next(headers, None) or next((each for each in DELIMITERS if each in first[0]), ",")
    others = [each for each in DELIMITERS if each != delimiter]
    quoted = re.compile(rf"(^|{delimiter})[ ]*[“”＂\"]([^“”＂\"\n]*)[“”＂\"](?=[ ]*(?:{delimiter}|$))")
    whole = []
    for line in lines:
        if delimiter not in line:  # a line that somebody typed with another comma, or copied
            line = next((line.replace(each, delimiter) for each in others if each in line), line)
        if delimiter not in line:
            line = SPACED.sub(rf"\1{delimiter}\2{delimiter}\3{delimiter}\4", line)
        whole.append(quoted.sub(r'\1"\2"', line) + "\n")
    found, reader, begins = list[_Row](), csv.reader(whole, delimiter=delimiter, skipinitialspace=True), 1
    for row in reader:
        cells = [cell.strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            found.append(_Row(begins, cells))
        begins = reader.line_num + 1
    return found


def _is_header(row: list[str]) -> bool:
    known = fields_of([cell for cell in row if cell.strip()])
    return known.count(None) * 2 < len(known)


def _mended_row(cells: list[str], header: list[str]) -> list[str]:
    return [_mended_cell(cell, name.partition(".")[0]) for cell, name in zip(cells, header, strict=True)]


def _mended_cell(cell: str, field: str) -> str:
    if field in NUMBERS:
        return _number(cell)
    return cell if field in LISTS else re.sub(r"\s*\n\s*", " ", cell)


def _number(cell: str) -> str:
    plain = unicodedata.normalize("NFKC", cell)
    if many := TEN_THOUSANDS.match(plain):
        return f"{Decimal(many[1]) * 10_000:.0f}"
    found = AROUND.match(plain)
    return found[1].replace(",", "") if found else plain
