"""Rows of a table that add up others, as 合计 below it or Total: none of them is an item."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_LABEL = re.compile(
    r"\s*(?:[合总共小]\s*计|总\s*[数和]|汇\s*总|(?:grand\s*)?totals?|sub[\s-]*totals?|sum)\s*(?:[:(].*)?", re.IGNORECASE
)


def label_of(cells: Sequence[str]) -> str | None:
    """What the row calls itself, where it calls itself a total."""
    first = next(filter(None, cells), "")
    return first if _LABEL.fullmatch(unicodedata.normalize("NFKC", first)) else None


def adds_up(row: Sequence[str], items: Sequence[Sequence[str]], units: Sequence[int]) -> bool:
    """Whether a row is a total, as it calls itself, and no item of that name: it says less than every item, or has the units of
    all together.

    row, items  mended cells   units  the places of the columns that count units
    """
    if items and any(not cell and all(each[place] for each in items) for place, cell in enumerate(row)):
        return True
    counted = [place for place in units if row[place]]
    return bool(counted) and all(row[place] == _sum(each[place] for each in items) for place in counted)


def _sum(cells: Iterable[str]) -> str:
    return str(sum(int(cell) for cell in cells if cell.isdecimal()))
