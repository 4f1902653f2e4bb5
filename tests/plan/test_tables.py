"""Items from a spreadsheet, with Chinese or English headers, and errors that name row and column."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from overlaykit.model.sessions import Incoming, Threshold
from overlaykit.plan import LoadedPlan, load_plan
from tests.plan.conftest import Refused

HEAD = 'id = "tea"\ntitle = "春茶"\nitems = "items.csv"\n'
TWO_PLACES = '[location.east]\ntitle = "余杭仓"\n[location.south]\n'

Load = Callable[..., LoadedPlan]


def csv(text: str) -> dict[str, bytes]:
    return {"items__csv": text.encode()}


def xlsx(rows: Sequence[Sequence[Any]], *, percent: tuple[str, ...] = ()) -> dict[str, bytes]:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for name in percent:
        sheet[name].number_format = "0.0%"
    written = io.BytesIO()
    book.save(written)
    return {"items__xlsx": written.getvalue()}


def test_a_table_with_chinese_headers(load: Load) -> None:
    plan = load(
        HEAD + TWO_PLACES,
        **csv(
            "链接,编码,款号,规格,标题,价格,划线价,成本,库存.余杭仓,库存.south,弹性库存,限购,上架,图片,别名,参数.产地,参数.年份,低库存,告急\n"
            '1,lj-250,longjing,250 克,龙井,"1,268.00",￥398,120.5,103,41,10%,2,是,img/a.webp,绿茶；龙井,西湖,2026,30%,5\n'
            "2,cup,,,盖碗,59.90,,,,900,,,否,,,,,,\n"
            ",,,,,,,,,,,,,,,,,,\n"
        ),
    ).session
    tea, cup = plan.items
    assert (tea.link, tea.sku, tea.product, tea.variant, tea.title) == (1, "lj-250", "longjing", "250 克", "龙井")
    assert (tea.price, tea.list_price, tea.cost) == ("1268.00", "398", "120.5")
    assert (tea.opening, tea.buffer) == ({"east": 103, "south": 41}, {"east": 10, "south": 4})
    assert (tea.buyer_limit, tea.image, tea.aliases) == (2, "img/a.webp", ("绿茶", "龙井"))
    assert tea.facts == {"产地": "西湖", "年份": "2026"}
    assert (tea.low, tea.critical) == (Threshold(share=0.3), Threshold(units=5))
    assert (cup.opening, cup.on_sale, cup.facts) == ({"south": 900}, False, {})


def test_a_table_with_english_headers_means_the_same_as_sections(load: Load) -> None:
    table = load(
        HEAD + TWO_PLACES,
        **csv(
            "sku,title,price,opening,incoming.south.quantity,incoming.south.due,bundle\n"
            "a,A,1.00,east=5; south=6,7,2026-05-01,\n"
            "b,B,2,,,,a=1; c=2\n"
            "c,C,,south=1,,,\n"
        ),
    ).session
    rows = load(
        HEAD.replace('items = "items.csv"\n', "")
        + "item = [\n"
        + '{ sku = "a", title = "A", price = "1.00", opening = { east = 5, south = 6 },'
        + ' incoming = { south = { quantity = 7, due = "2026-05-01" } } },\n'
        + '{ sku = "b", title = "B", price = 2, bundle = { a = 1, c = 2 } },\n'
        + '{ sku = "c", title = "C", opening = { south = 1 } },\n]\n'
        + TWO_PLACES
    ).session
    assert table == rows
    assert table.items[0].incoming == {"south": Incoming(quantity=7, due="2026-05-01")}


def test_a_workbook_with_numbers_dates_and_percentages(load: Load) -> None:
    rows: list[list[Any]] = [
        ["sku", "标题", "价格", "库存", "buffer", "on_sale", "链接"],
        [20260418, "龙井", 899.9, 300, 0.125, True, 1],
        [],
        ["cup", "盖碗", "59.00", 40.0, "5%", False, 2],
    ]
    plan = load(HEAD.replace("csv", "xlsx"), **xlsx(rows, percent=("E2",))).session
    assert [(item.sku, item.price, item.opening) for item in plan.items] == [
        ("20260418", "899.9", {"default": 300}),
        ("cup", "59.00", {"default": 40}),
    ]
    assert [item.buffer for item in plan.items] == [{"default": 37}, {"default": 2}]
    assert [item.on_sale for item in plan.items] == [True, False]


def test_errors_name_row_and_column(refused: Refused) -> None:
    problems = refused(
        HEAD,
        **csv("编码,标题,价格,库存,限够\na,A,九十九,10,1\n\nb,B,1,-3,\nb,B,1,3,\nc,,1,3,\n"),
    )
    found = {(problem.line, problem.key): problem for problem in problems}
    assert set(found) == {(1, "限够"), (2, "价格"), (4, "库存"), (5, "编码"), (6, "标题")}
    assert all(problem.file == "items.csv" and problem.table for problem in problems)
    assert found[(2, "价格")].text("en").startswith("items.csv, row 2, column 价格: ")
    assert found[(2, "价格")].text("zh").startswith("items.csv，第 2 行，「价格」列：")
    assert found[(1, "限够")].nearest == "buyer_limit"


def test_unknown_locations_in_headers(refused: Refused) -> None:
    problems = refused(HEAD + TWO_PLACES, **csv("sku,title,opening.esat\na,A,1\n"))
    assert [(problem.line, problem.key, problem.nearest) for problem in problems] == [(2, "opening.esat", "east")]


def test_columns_that_mean_the_same(refused: Refused) -> None:
    assert "means the same" in refused(HEAD, **csv("sku,标题,title,库存\na,A,B,1\n"))[0].what.en
    assert "already says it" in refused(HEAD + TWO_PLACES, **csv("sku,title,库存,库存.east\na,A,7,1\n"))[0].what.en


def test_excels_own_csv_loads_and_gbk_is_named(load: Load, refused: Refused) -> None:
    text = "编码,标题,库存\r\na,盖碗,7\r\n"
    assert load(HEAD, items__csv=b"\xef\xbb\xbf" + text.encode()).session.items[0].opening == {"default": 7}
    assert load(HEAD, **csv(text.replace(",", ";"))).session.items[0].title == "盖碗"
    assert "GBK" in refused(HEAD, items__csv=text.encode("gbk"))[0].what.en


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"items__csv": b""},
        {"items__csv": b"sku,title,opening\n"},
        {"items__csv": b'sku,title\n"' + b"x" * 200_000},
        {"items__csv": b"\x00\x00,\x00\n"},
        {"items__csv": b",,,\n,,\n"},
    ],
)
def test_what_is_no_table(refused: Refused, files: dict[str, bytes]) -> None:
    assert refused(HEAD, **files)


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04" + b"\x00" * 50])
def test_what_is_no_workbook(refused: Refused, content: bytes) -> None:
    problem = refused(HEAD.replace("csv", "xlsx"), items__xlsx=content)[0]
    assert problem.file == "items.xlsx"


def test_what_is_no_path(refused: Refused) -> None:
    assert "backslash" in refused(HEAD.replace('"items.csv"', "'a\\b.csv'"))[0].what.en
    assert ".csv" in str(refused(HEAD.replace("items.csv", "items.numbers"))[0].expected)
    assert refused(HEAD.replace("items.csv", "a\\u0000.csv"))


def test_ten_thousand_items_load(tmp_path: Path) -> None:
    rows = "".join(
        f'  {{ link = {n % 5000 + 1}, sku = "s-{n}", product = "p{n % 5000}", title = "T", opening = {n} }},\n'
        for n in range(10_000)
    )
    (tmp_path / "session.toml").write_text(f'id = "big"\ntitle = "Big"\nbuffer = "10%"\nitem = [\n{rows}]\n')
    plan = load_plan(tmp_path).session
    assert len(plan.items) == 10_000
    assert plan.items[-1].buffer == {"default": 999}


def test_a_misnamed_column_is_one_problem_not_one_for_each_row(refused: Refused) -> None:
    (problem,) = refused(HEAD, **csv("编码,标题,库寸\na,A,10\nb,B,20\n"))
    assert (problem.line, problem.key, problem.nearest) == (1, "库寸", "opening")
