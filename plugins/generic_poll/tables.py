"""Tables in text files: which encoding, which separator, which column. Pure."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from overlaykit.api import UserError
from plugins.generic_poll.rows import Row, columns_of
from plugins.generic_poll.settings import CsvTable

FIELDS = ("sku", "quantity", "location")
SEPARATORS = ",\t;|"
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
"""Byte order marks → encoding."""


def decode(body: bytes, encoding: str, where: str) -> tuple[str, str]:
    """The text, and the encoding that it was in. Raises UserError."""
    marked = [name for mark, name in MARKS if body.startswith(mark)]
    for name in [encoding] if encoding else [*marked, "utf-8", "gb18030"]:
        try:
            return body.decode(name), name
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise UserError(
                f"{where}: 没有编码 {name} / {where}: there is no encoding {name}",
                remedy="常用的是 utf-8、gbk、utf-16；无法自动识别。 / "
                "utf-8, gbk and utf-16 are usual; nothing finds it out.",
            ) from None
    raise UserError(
        f"{where}: 文字编码看不懂 / its text is not {encoding or 'UTF-8, UTF-16 or GB 18030'}",
        remedy="请存为 UTF-8（表格软件里选 CSV UTF-8）。 / Save it as UTF-8 (CSV UTF-8 in a spreadsheet).",
    )


def read_table(text: str, table: CsvTable, where: str) -> Iterator[Row]:
    """Its rows, each named by its line. A row with too few or too many cells has no quantity. Raises UserError for a table
    that cannot be read at all."""
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=separator)
    try:
        header = next(reader, [])
        if not any(header):
            raise UserError(
                f"{where}: 空文件 / it is empty", remedy="第一行写列名。 / Its first line names the columns."
            )
        columns = columns_of(header, table.columns, FIELDS, where)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            name = f"{where} line {reader.line_num}"
            if len(cells) != len(header):
                yield Row(name, _cell(cells, columns["sku"]) or "?", f"{len(cells)} cells, not {len(header)}")
                continue
            yield Row(name, **{field: cells[place] for field, place in columns.items()})
    except csv.Error as error:
        raise UserError(
            f"{where}: 第 {reader.line_num} 行不是 CSV：{error} / {where}: line {reader.line_num} is no CSV: {error}",
            remedy="请重新存为 CSV。 / Save it again as CSV.",
        ) from None


def _cell(cells: list[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""
