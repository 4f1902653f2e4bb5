"""Rows as warehouses write them: what counts, and what is said of what does not."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from overlaykit.api import UserError
from plugins.generic_poll.rows import Row, columns_of, read_rows, time_of
from plugins.generic_poll.settings import CsvTable, PollSettings
from plugins.generic_poll.tables import decode, read_table

SHANGHAI = ZoneInfo("Asia/Shanghai")


def settings(**more: Any) -> PollSettings:
    return PollSettings(csv=CsvTable(file="stock.csv"), **more)


def levels(*rows: tuple[Any, Any], **more: Any) -> tuple[dict[str, int], list[str]]:
    given = [Row(f"line {number}", *row) for number, row in enumerate(rows, 2)]
    found = read_rows(given, settings(**more))
    return {reading.sku: reading.quantity for reading in found.readings}, found.troubles


def table(text: str, **more: Any) -> list[Row]:
    return list(read_table(text, CsvTable(file="stock.csv", **more), "stock.csv"))


@pytest.mark.parametrize(
    ("written", "units"),
    [(12, 12), ("12", 12), (" 12 ", 12), ("1,200", 1200), ("１２", 12), (12.0, 12), ("12.00", 12), ("+5", 5), (0, 0), ("0", 0)],
)  # fmt: skip
def test_a_whole_number_counts_however_it_is_written(written: Any, units: int) -> None:
    assert levels(("A", written)) == ({"A": units}, [])


@pytest.mark.parametrize(
    "written",
    [None, "", "many", "1.5", 1.5, True, "1,20", "12 件", float("nan"), float("inf"), 10**10, [], {}, "9" * 5000],
)
def test_anything_else_is_named_and_the_others_count(written: Any) -> None:
    found, troubles = levels(("A", written), ("B", 3))
    assert found == {"B": 3}
    (trouble,) = troubles
    assert trouble.startswith("line 2: ")


def test_negative_available_counts_as_nothing_and_says_so() -> None:
    """A warehouse that owes units has none to sell."""
    found, (trouble,) = levels(("A", "-3"))
    assert found == {"A": 0}
    assert "A 是 -3" in trouble


def test_a_thing_that_comes_twice_counts_when_it_says_the_same_and_else_not_at_all() -> None:
    assert levels(("A", 3), ("A", "3")) == ({"A": 3}, [])
    found, (trouble,) = levels(("A", 3), ("B", 1), ("A", 4))
    assert found == {"B": 1}
    assert trouble == "A is said to be line 2: 3, line 4: 4: none of them counts"
    found, (trouble,) = levels(("A", 3), ("A", 3), ("A", 4))
    assert all(f"line {number}: " in trouble for number in (2, 3, 4)), "each line that does not count is named"
    assert found == {}


def test_a_number_that_a_spreadsheet_rounded_is_no_sku() -> None:
    found, (trouble,) = levels(("6.90123E+12", 3))
    assert found == {}
    assert "科学计数" in trouble


def test_skus_and_locations_are_named_as_the_plan_does() -> None:
    rows = [Row("line 2", 6901234567890, 3, "华东仓"), Row("line 3", "B", 1, None)]
    named = settings(skus={"6901234567890": "coat-m"}, locations={"华东仓": "hz"}, location="main")
    found = read_rows(rows, named).readings
    assert [(each.sku, each.location) for each in found] == [("coat-m", "hz"), ("B", "main")]


JUNK = st.none() | st.text() | st.integers() | st.floats()


@examples(deadline=None)
@given(st.lists(st.tuples(JUNK, JUNK | st.integers(0, 3))))
def test_whatever_rows_hold_each_counts_or_is_named(rows: list[tuple[Any, Any]]) -> None:
    found, troubles = levels(*rows)
    assert all(0 <= units <= 1_000_000_000 and sku for sku, units in found.items())
    for number, (sku, _) in enumerate(rows, 2):
        named = any(f"line {number}:" in trouble for trouble in troubles)
        assert named or unicodedata.normalize("NFKC", str(sku)).strip() in found


def test_a_table_is_read_with_usual_names_of_its_columns_in_any_separator_and_order() -> None:
    for text in (
        "sku,qty\nA,1\n",
        "库存数量;商品编码\n1;A\n",
        "SKU Code\tOn-Hand\r\nA\t1\r\n",
        "\n货号,名称,可用库存\nA,大衣,1\n\n",
    ):
        ((_, sku, quantity, *_),) = table(text)
        assert (sku, quantity) == ("A", "1")


def test_a_table_whose_columns_are_not_clear_says_which_there_are() -> None:
    with pytest.raises(UserError, match="there are: 名称, 库存") as caught:
        table("名称,库存\n大衣,1\n")
    assert "columns = { sku" in str(caught.value.remedy)
    with pytest.raises(UserError, match="库存, 可用库存"):
        table("货号,库存,可用库存\nA,5,3\n")
    ((_, _, quantity, *_),) = table("货号,库存,可用库存\nA,5,3\n", columns={"quantity": "可用库存"})
    assert quantity == "3"
    with pytest.raises(UserError, match="no field"):
        table("sku,qty\n", columns={"price": "价格"})


def test_a_row_that_lacks_cells_is_named_and_never_read_shifted() -> None:
    rows = table("sku,name,qty\nA,7\nB,Coat,2\n")
    found = read_rows(rows, settings())
    assert [(each.sku, each.quantity) for each in found.readings] == [("B", 2)]
    (trouble,) = found.troubles
    assert "line 2" in trouble
    assert "2 cells, not 3" in trouble


def test_cells_may_hold_separators_and_line_ends() -> None:
    ((name, sku, quantity, *_),) = table('sku,qty,note\n"A,1",2,"two\nlines"\n')
    assert (sku, quantity) == ("A,1", "2")
    assert name == "stock.csv line 3"


@pytest.mark.parametrize("text", ["", "\n\n", ",,\n"])
def test_an_empty_table_is_said(text: str) -> None:
    with pytest.raises(UserError, match="empty"):
        table(text)


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("gbk", "gb18030"), ("gb18030", "gb18030")],
)
def test_the_usual_encodings_are_recognised(encoding: str, found: str) -> None:
    assert decode("商品编码,库存\n羊绒,3\n".encode(encoding), "", "stock.csv") == ("商品编码,库存\n羊绒,3\n", found)


def test_an_encoding_that_is_none_or_not_the_right_one_is_said() -> None:
    assert decode("Größe".encode("latin-1"), "latin-1", "t")[0] == "Größe"
    with pytest.raises(UserError, match="UTF-8, UTF-16 or GB 18030"):
        decode(b"\xff\xff\xff", "", "t")
    with pytest.raises(UserError, match="not utf-8"):
        decode(b"\xff", "utf-8", "t")
    with pytest.raises(UserError, match="no encoding klingon"):
        decode(b"x", "klingon", "t")


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        (1_794_398_400, "2026-11-11T12:00:00+00:00"),
        (1_794_398_400_000, "2026-11-11T12:00:00+00:00"),
        ("1794398400000", "2026-11-11T12:00:00+00:00"),
        ("2026-11-11 20:00:00", "2026-11-11T12:00:00+00:00"),
        ("2026-11-11T20:00:00+08:00", "2026-11-11T12:00:00+00:00"),
        ("2026-11-11T12:00:00Z", "2026-11-11T12:00:00+00:00"),
        ("tomorrow", None),
        (None, None),
        (True, None),
        (1e300, None),
    ],
)
def test_mixed_units_seconds_milliseconds_and_naive_china_time_are_told_apart(written: Any, utc: str | None) -> None:
    found = time_of(written, SHANGHAI)
    assert (found and found.astimezone(dt.UTC).isoformat()) == utc


def test_columns_of_a_field_that_may_be_left_out_may_be_missing() -> None:
    assert columns_of(["sku", "qty"], {}, ("sku", "quantity", "location"), "t") == {"sku": 0, "quantity": 1}
