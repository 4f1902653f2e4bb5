"""Items as people paste them, mended: byte order marks, full-width commas, quotes and digits, tabs of a spreadsheet, units.

The result is the text of an item table: CSV with a header row, as a plan reads it.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from decimal import Decimal

import msgspec

from overlaykit.errors import UserError
from overlaykit.plan.form import ItemForm
from overlaykit.plan.problems import CHINESE_NAMES

COLUMNS_OF = {
    2: ("title", "opening"),
    3: ("title", "price", "opening"),
    4: ("link", "title", "price", "opening"),
    5: ("link", "sku", "title", "price", "opening"),
}
"""What the columns of a table without a header row are, by their number."""
FIELDS = frozenset(info.encode_name for info in msgspec.structs.fields(ItemForm))
NUMBERS = frozenset({"link", "price", "list_price", "cost", "opening", "buyer_limit", "presale_limit"})
DELIMITERS = ("\t", ",", "，", ";", "；")
INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))
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


def mended(text: str) -> str:
    """The table's text, mended. Raises UserError when nothing is in it, or nobody can tell what its columns are."""
    rows = _rows(text)
    if not rows:
        raise UserError("没有商品 / there are no items", remedy="链接, 标题, 价格, 库存 / link, title, price, units")
    if _is_header(rows[0]):
        header, rows = [_key(cell) or cell.strip() for cell in rows[0]], rows[1:]
    else:
        width = max(map(len, rows))
        if width not in COLUMNS_OF:
            raise UserError(
                f"看不出这 {width} 列是什么 / nobody can tell what these {width} columns are",
                remedy="加一行表头 / add a header row: 链接, 编码, 标题, 价格, 库存 (link, sku, title, price, opening)",
            )
        header = list(COLUMNS_OF[width])
    table = [_mended_row(row, header) for row in rows]
    if "link" not in header and "product" not in header:
        header, table = ["link", *header], [[str(number), *row] for number, row in enumerate(table, 1)]
    if "sku" not in header:
        at = header.index("link") if "link" in header else None
        names = [row[at] if at is not None and row[at] else str(number) for number, row in enumerate(table, 1)]
        place = 0 if at is None else at + 1
        header = [*header[:place], "sku", *header[place:]]
        table = [[*row[:place], f"item-{name}", *row[place:]] for row, name in zip(table, names, strict=True)]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *table])
    return out.getvalue()


def _rows(text: str) -> list[list[str]]:
    text = re.sub(r"\r\n?", "\n", text).translate(INVISIBLE).replace("\u00a0", " ")
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        return []
    delimiter = next((each for each in DELIMITERS if each in lines[0]), ",")
    others = [each for each in DELIMITERS if each != delimiter]
    quoted = re.compile(rf"(^|{delimiter})[ ]*[“”＂\"]([^“”＂\"\n]*)[“”＂\"](?=[ ]*(?:{delimiter}|$))")
    whole = []
    for line in lines:
        if delimiter not in line:  # a line that somebody typed with another comma, or copied
            line = next((line.replace(each, delimiter) for each in others if each in line), line)
        if delimiter not in line:
            line = SPACED.sub(rf"\1{delimiter}\2{delimiter}\3{delimiter}\4", line)
        whole.append(quoted.sub(r'\1"\2"', line))
    found = csv.reader(whole, delimiter=delimiter, skipinitialspace=True)
    return [[cell.strip() for cell in row] for row in found if any(cell.strip() for cell in row)]


def _is_header(row: list[str]) -> bool:
    known = [_key(cell) for cell in row if cell.strip()]
    return known.count(None) * 2 < len(known)


def _key(header: str) -> str | None:
    """The field of an item that a column's name means; None when it means none."""
    base, _, rest = unicodedata.normalize("NFKC", header).strip().partition(".")
    key = "sku" if base == "编号" else CHINESE_NAMES.get(base, base.lower())
    key = {"quantity": "opening", "units": "opening", "stock": "opening", "name": "title"}.get(key, key)
    if key not in FIELDS:
        return None
    return f"{key}.{rest}" if rest else key


def _mended_row(row: list[str], header: list[str]) -> list[str]:
    cells = [*row, *[""] * (len(header) - len(row))]
    names = [*header, *[""] * (len(row) - len(header))]
    return [
        _number(cell) if name.partition(".")[0] in NUMBERS else cell for cell, name in zip(cells, names, strict=True)
    ]


def _number(cell: str) -> str:
    plain = unicodedata.normalize("NFKC", cell)
    if many := TEN_THOUSANDS.match(plain):
        return f"{Decimal(many[1]) * 10_000:.0f}"
    found = AROUND.match(plain)
    return found[1].replace(",", "") if found else plain
