"""Databases, over whatever Python module speaks to them (PEP 249). It reads, and nothing else."""

from __future__ import annotations

import datetime as dt
import importlib
import re
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from overlaykit.api import PlatformAway, UserError
from plugins.generic_poll.rows import MILLISECONDS_FROM, Row, columns_of
from plugins.generic_poll.settings import SqlQuery

FIELDS = ("sku", "quantity", "location", "changed")
PAGES_AT_MOST = 1_000
_MENDABLE = re.compile("no such|syntax|does not exist|unknown column|readonly|denied", re.IGNORECASE)
"""In what drivers say: another attempt changes nothing. They call it operational all the same."""
_NAMED = re.compile(r"(?<![:\w]):(since|key)\b")


def check(sql: SqlQuery) -> Any:
    """The driver's module. Raises UserError for a query that is no SELECT, or a driver that is not installed."""
    if re.match(r"\s*(select|with)\b", sql.query, re.IGNORECASE) is None:
        raise UserError(
            "sql.query 必须是 SELECT / is no SELECT", remedy="只能查询，不能修改。 / It may read, and nothing else."
        )
    try:
        module = importlib.import_module(sql.driver)
        module.connect, module.paramstyle, module.Error  # noqa: B018
    except (ImportError, ValueError):
        raise UserError(
            f"没有安装 {sql.driver} / the driver {sql.driver} is not installed",
            remedy=f"请安装：pip install {sql.driver} / pip install {sql.driver}",
        ) from None
    except AttributeError:
        raise UserError(
            f"{sql.driver} 不是 DB-API 模块 / {sql.driver} is no DB-API module",
            remedy="常用的有 sqlite3、psycopg、pymysql。 / Usual are sqlite3, psycopg and pymysql.",
        ) from None
    return module


def fetch(sql: SqlQuery, since: Any, password: str | None) -> list[Row]:
    """What the query gives, page after page when it names `:key`. It blocks. Raises PlatformAway when the database does not
    answer, UserError when it does not understand."""
    module = check(sql)
    rows: list[Row] = []
    try:
        with closing(_connect(module, sql, password)) as connection:
            key: Any = ""
            for page in range(1, PAGES_AT_MOST + 1):
                found = _page(connection, module.paramstyle, sql, {"since": since, "key": key}, page)
                rows += found
                if not found or "key" not in _NAMED.findall(sql.query):
                    break
                since, key = found[-1].changed, found[-1].sku
    except UserError:
        raise
    except module.Error as error:
        away = getattr(module, "OperationalError", ())
        if isinstance(error, away) and not _MENDABLE.search(str(error)):
            raise PlatformAway(f"数据库没有答复：{error} / the database does not answer: {error}") from None
        raise UserError(
            f"数据库看不懂 sql.query / the database refuses sql.query: {error}",
            remedy="请先手动执行看看。 / Try it by hand.",
        ) from None
    return rows


def earlier(value: Any, seconds: float) -> Any:
    """A time as the database wrote it, some seconds before: of the same kind, so that it compares."""
    if isinstance(value, dt.datetime):
        return value - dt.timedelta(seconds=seconds)
    if isinstance(value, int | float):
        return value - (seconds * 1000 if value >= MILLISECONDS_FROM else seconds)
    try:
        moved = dt.datetime.fromisoformat(value) - dt.timedelta(seconds=seconds)
    except (TypeError, ValueError):
        return value
    text = moved.isoformat(sep="T" if "T" in value else " ")
    return text.replace("+00:00", "Z") if value.endswith("Z") else text


def latest(rows: list[Row]) -> Any:
    """The latest `changed`; None where the query gives none."""
    return max((row.changed for row in rows if row.changed is not None), default=None)


def _connect(module: Any, sql: SqlQuery, password: str | None) -> Any:
    if sql.driver == "sqlite3":
        return module.connect(f"{Path(sql.database).absolute().as_uri()}?mode=ro", uri=True, timeout=5.0)
    secret = {"password": password} if password else {}
    name = "dbname" if sql.driver.startswith("psycopg") else "database"
    return module.connect(**{name: sql.database, **sql.connect, **secret})


def _page(connection: Any, style: str, sql: SqlQuery, values: dict[str, Any], page: int) -> list[Row]:
    query, given = bound(sql.query, style, values)
    with closing(connection.cursor()) as cursor:
        cursor.execute(query, given)
        columns = columns_of([each[0] for each in cursor.description], sql.columns, FIELDS, "sql.query")
        return [
            Row(f"page {page} row {number}", **{field: _plain(cells[place]) for field, place in columns.items()})
            for number, cells in enumerate(cursor.fetchall(), 1)
        ]


def bound(query: str, style: str, values: dict[str, Any]) -> tuple[str, Any]:
    """The query with its parameters as the driver wants them."""
    named = [found[1] for found in _NAMED.finditer(query)]
    if style == "named":
        return query, {name: values[name] for name in named}
    if style in ("format", "pyformat"):
        query = query.replace("%", "%%")
    if style == "pyformat":
        return _NAMED.sub(r"%(\1)s", query), {name: values[name] for name in named}
    if style == "numeric":
        numbers = iter(range(1, len(named) + 1))
        return _NAMED.sub(lambda _: f":{next(numbers)}", query), [values[name] for name in named]
    return _NAMED.sub("%s" if style == "format" else "?", query), tuple(values[name] for name in named)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value
