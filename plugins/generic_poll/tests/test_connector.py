"""Files, addresses and databases that change, fall silent, or make no sense."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from overlaykit.api import BadMessage, PlatformAway, Reply, StockLevelObserved, UserError
from overlaykit.testing import Call, FakePlatform, TestContext, load_plugin
from plugins.generic_poll.connector import GenericPoll
from plugins.generic_poll.databases import bound, earlier
from plugins.generic_poll.fake import FakeWarehouse
from plugins.generic_poll.settings import CsvTable, JsonFeed, PollSettings, SqlQuery

HERE = Path(__file__).parents[1]
CHANGED = "SELECT sku, quantity, updated_at FROM stock WHERE updated_at >= :since"


class Asking:
    """A source that is asked, over one life of its connector; `kept` is what it remembers."""

    def __init__(self, kept: dict[str, str] | None = None, **settings: Any) -> None:
        self.kept = {} if kept is None else kept
        self.made = GenericPoll(PollSettings(**settings))
        self.wrong = ""

    def readings(self, *, full: bool = True) -> list[StockLevelObserved]:
        async def story() -> list[StockLevelObserved]:
            async with TestContext("source.wms") as ctx:
                ctx.kept, ctx.wrong = self.kept, self.wrong
                found = list(await self.made.poll(ctx, full))
                self.wrong = ctx.wrong
                return found

        return asyncio.run(story())

    def levels(self, *, full: bool = True) -> dict[str, int]:
        return {reading.sku: reading.quantity for reading in self.readings(full=full)}


def test_a_file_is_read_when_it_changed_and_whole_when_all_is_wanted(tmp_path: Path) -> None:
    with FakeWarehouse() as warehouse:
        file = tmp_path / "stock.csv"
        warehouse.count("A", 7)
        warehouse.write_csv(file)
        source = Asking(csv=CsvTable(file=str(file)))
        assert source.levels() == {"A": 7}
        assert source.levels(full=False) == {}, "nothing has changed"
        assert source.levels(full=True) == {"A": 7}
        warehouse.count("A", 6)
        warehouse.write_csv(file)
        assert source.levels(full=False) == {"A": 6}


def test_what_a_file_says_was_true_when_it_was_written_and_never_in_the_future(tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    file.write_text("sku,qty\nA,7\n")
    written = dt.datetime(2026, 11, 11, 12, tzinfo=dt.UTC)
    os.utime(file, (written.timestamp(), written.timestamp()))
    (reading,) = Asking(csv=CsvTable(file=str(file))).readings()
    assert reading.observed_at == written
    (now,) = Asking(csv=CsvTable(file=str(file), as_of="now")).readings()
    assert now.observed_at is None
    os.utime(file, (2**33, 2**33))
    (ahead,) = Asking(csv=CsvTable(file=str(file))).readings()
    assert ahead.observed_at is not None
    assert ahead.observed_at <= dt.datetime.now(dt.UTC)


def test_a_file_that_is_not_there_is_silence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot read .*stock\.csv"):
        Asking(csv=CsvTable(file=str(tmp_path / "stock.csv"))).readings()


def test_a_file_without_one_row_that_counts_is_silence_and_not_an_empty_warehouse(tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    for text in ("sku,qty\n", "sku,qty\nA,many\n"):
        file.write_text(text)
        with pytest.raises(UserError, match="not one row"):
            Asking(csv=CsvTable(file=str(file))).readings()


def test_what_is_wrong_is_shown_until_it_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    file.write_text("sku,qty\nA,7\nB,many\n")
    source = Asking(csv=CsvTable(file=str(file)))
    assert source.levels() == {"A": 7}
    assert "stock.csv line 3" in source.wrong
    assert "many" in source.wrong
    assert source.levels(full=False) == {}, "the file is the same"
    assert "stock.csv line 3" in source.wrong
    file.write_text("sku,qty\nA,7\nB,10\n")
    assert source.levels(full=False) == {"A": 7, "B": 10}
    assert source.wrong == ""


def test_a_table_at_an_address_is_sent_again_only_when_it_changed() -> None:
    with FakeWarehouse() as warehouse:
        warehouse.count("A", 7)
        source = Asking(csv=CsvTable(file=f"{warehouse.url}/stock.csv"))
        assert source.levels() == {"A": 7}
        assert source.levels(full=False) == {}
        assert warehouse.calls[-1].headers["if-none-match"]
        warehouse.count("A", 3)
        assert source.levels(full=False) == {"A": 3}
        source.levels()
        assert "if-none-match" not in warehouse.calls[-1].headers, "all is wanted"


def feed(warehouse: FakePlatform, **more: Any) -> JsonFeed:
    given: dict[str, Any] = {
        "url": f"{warehouse.url}/stock.json",
        "rows": "data.rows",
        "sku": "item.code",
        "quantity": "qty",
        "changed": "modified",
        "since": "since_ms",
        "since_as": "ms",
        "next": "data.next",
        "page": "from",
    }
    return JsonFeed(**given | more)


def test_json_is_read_page_by_page_and_then_what_changed_with_some_overlap() -> None:
    with FakeWarehouse() as warehouse:
        for number in range(250):
            warehouse.count(f"S{number}", number)
        for sku in warehouse.changed:
            warehouse.changed[sku] -= 3_600_000
        source = Asking(json=feed(warehouse), overlap=60.0)
        assert source.levels() == warehouse.levels
        assert len(warehouse.calls) == 3
        warehouse.count("S7", 99)
        again = Asking(kept=source.kept, json=feed(warehouse), overlap=60.0)
        found = again.levels(full=False)
        assert found["S7"] == 99
        assert (
            int(warehouse.calls[3].query["since_ms"])
            == max(changed for sku, changed in warehouse.changed.items() if sku != "S7") - 60_000
        )
        assert again.levels(full=True) == warehouse.levels


class Answers(FakePlatform):
    """Answers one thing, whatever is asked."""

    def __init__(self, said: Any) -> None:
        super().__init__()
        self.said = said

    def answer(self, call: Call) -> Reply:
        return Reply(json=self.said)


def test_an_answer_without_rows_says_what_it_has_instead() -> None:
    with (
        Answers({"code": 401, "message": "no permission"}) as warehouse,
        pytest.raises(UserError, match="code, message"),
    ):
        Asking(json=feed(warehouse)).readings()


def test_a_row_of_another_shape_is_named_and_the_others_count() -> None:
    rows = {"data": {"rows": [{"item": {"code": "A"}, "qty": 3}, 7, {"item": None, "qty": 4}, {"item": {"code": "B"}}]}}
    with Answers(rows) as warehouse:
        assert Asking(json=feed(warehouse)).levels() == {"A": 3}


def test_pages_that_never_end_are_said() -> None:
    said = {"data": {"rows": [{"item": {"code": "A"}, "qty": 3}], "next": "again"}}
    with Answers(said) as warehouse, pytest.raises(BadMessage, match="next is itself"):
        Asking(json=feed(warehouse)).readings()


def test_an_expression_that_is_none_is_said_before_anything_is_asked() -> None:
    with FakeWarehouse() as warehouse, pytest.raises(UserError, match=r"json\.rows") as caught:
        GenericPoll(PollSettings(json=feed(warehouse, rows="data[")))
    assert "jmespath.org" in str(caught.value.remedy)


def test_without_jmespath_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jmespath", None)
    with FakeWarehouse() as warehouse, pytest.raises(UserError, match="jmespath") as caught:
        GenericPoll(PollSettings(json=feed(warehouse)))
    assert "overlaykit[poll]" in str(caught.value.remedy)
    GenericPoll(PollSettings(csv=CsvTable(file="stock.csv")))  # which needs none


def test_a_database_is_asked_for_what_changed_and_never_written(tmp_path: Path) -> None:
    with FakeWarehouse() as warehouse:
        file = tmp_path / "库存 1.db"
        warehouse.count("A", 7)
        warehouse.count("B", 2)
        warehouse.changed["B"] -= 3_600_000
        warehouse.write_database(file)
        query = SqlQuery(query=CHANGED, database=str(file), begin=0, columns={"changed": "updated_at"})
        source = Asking(sql=query)
        assert source.levels() == {"A": 7, "B": 2}
        warehouse.count("A", 6)
        warehouse.write_database(file)
        again = Asking(kept=source.kept, sql=query)
        assert again.levels(full=False) == {"A": 6}, "B changed long before the overlap"
        assert again.levels() == {"A": 6, "B": 2}
        with pytest.raises(UserError, match="is no SELECT"):
            Asking(sql=SqlQuery(query="DELETE FROM stock", database=str(file)))
        with pytest.raises(UserError, match="readonly database"):
            Asking(sql=SqlQuery(query="WITH x AS (SELECT 1) DELETE FROM stock", database=str(file))).readings()


def test_rows_of_one_time_are_paged_by_their_key(tmp_path: Path) -> None:
    file = tmp_path / "stock.db"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE stock (sku TEXT, quantity INT, updated_at TEXT)")
        rows = [(f"S{number:03}", number, "2026-11-11 20:00:00") for number in range(25)]
        database.executemany("INSERT INTO stock VALUES (?, ?, ?)", rows)
    paged = (
        "SELECT sku, quantity, updated_at FROM stock WHERE updated_at > :since OR (updated_at = :since AND sku > :key) "
        "ORDER BY updated_at, sku LIMIT 10"
    )
    source = Asking(sql=SqlQuery(query=paged, database=str(file)))
    assert source.levels() == {f"S{number:03}": number for number in range(25)}
    assert source.kept == {"cursor": '"2026-11-11 20:00:00"'}


def test_a_database_that_is_not_there_is_away_and_a_query_that_makes_no_sense_is_said(tmp_path: Path) -> None:
    with pytest.raises(PlatformAway, match="does not answer"):
        Asking(sql=SqlQuery(query=CHANGED, database=str(tmp_path / "none.db"))).readings()
    file = tmp_path / "empty.db"
    sqlite3.connect(file).close()
    file.touch()
    with pytest.raises(UserError, match="no such table"):
        Asking(sql=SqlQuery(query=CHANGED, database=str(file))).readings()
    with pytest.raises(UserError, match="pip install no_such_driver"):
        Asking(sql=SqlQuery(query=CHANGED, driver="no_such_driver", database="x"))
    with pytest.raises(UserError, match="no DB-API module"):
        Asking(sql=SqlQuery(query=CHANGED, driver="json", database="x"))


@pytest.mark.parametrize(
    ("style", "query", "values"),
    [
        ("named", "a >= :since AND b LIKE '%x' AND t::date", {"since": 1}),
        ("qmark", "a >= ? AND b LIKE '%x' AND t::date", (1,)),
        ("format", "a >= %s AND b LIKE '%%x' AND t::date", (1,)),
        ("pyformat", "a >= %(since)s AND b LIKE '%%x' AND t::date", {"since": 1}),
        ("numeric", "a >= :1 AND b LIKE '%x' AND t::date", [1]),
    ],
)
def test_each_driver_gets_its_parameters_as_it_wants_them(style: str, query: str, values: Any) -> None:
    assert bound("a >= :since AND b LIKE '%x' AND t::date", style, {"since": 1, "key": ""}) == (query, values)


@pytest.mark.parametrize(
    ("written", "before"),
    [
        ("2026-11-11 20:00:00", "2026-11-11 19:59:00"),
        ("2026-11-11T20:00:00Z", "2026-11-11T19:59:00Z"),
        (1_794_398_400, 1_794_398_340.0),
        (1_794_398_400_000, 1_794_398_340_000.0),
        ("v7", "v7"),
        (dt.datetime(2026, 11, 11, 20), dt.datetime(2026, 11, 11, 19, 59)),
    ],
)
def test_the_overlap_is_told_in_the_databases_own_writing(written: Any, before: Any) -> None:
    assert earlier(written, 60) == before


@pytest.mark.parametrize("given", [{}, {"csv": CsvTable(file="a"), "sql": SqlQuery(query="SELECT 1", database="b")}])
def test_one_of_the_three_is_wanted(given: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="one of csv, json and sql"):
        GenericPoll(PollSettings(**given))


def test_a_time_zone_that_is_none_is_said() -> None:
    with pytest.raises(UserError, match="Mars/Olympus"):
        GenericPoll(PollSettings(csv=CsvTable(file="a"), timezone="Mars/Olympus"))


def test_the_guide_names_each_setting() -> None:
    guide = (HERE / "README.md").read_text(encoding="utf-8")
    assert set(load_plugin(HERE).connectors) == {"generic_poll"}
    for kind in (PollSettings, CsvTable, JsonFeed, SqlQuery):
        for field in kind.__struct_fields__:
            assert f"\n| `{field}` |" in guide, field
