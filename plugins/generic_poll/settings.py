"""What a plan says of a warehouse that is asked."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from overlaykit.api import Secret, Settings


class CsvTable(Struct, kw_only=True, forbid_unknown_fields=True):
    """
    file      path or address (http, https) of the file
    columns   field → the column's name, where it is none of the usual: sku, quantity, location
    encoding  of the file; without it UTF-8 and UTF-16 are recognised, and GB 18030 (GBK) is tried
    as_of     file: its numbers were true when the file was written; now: they are true when it is read
    """

    file: str
    columns: dict[str, str] = {}
    encoding: str = ""
    as_of: Literal["file", "now"] = "file"


class JsonFeed(Struct, kw_only=True, forbid_unknown_fields=True):
    """Expressions are JMESPath.

    url        address that answers JSON
    params     query parameters of each call
    rows       expression that gives the list of rows; the others are of one row
    sku, quantity, location, changed   expressions of a row; changed: when it was changed last
    since      query parameter that asks for what was changed since; without it everything is asked each time
    since_as   how the time is written there: iso, s or ms since 1970
    next       expression that gives the mark of the next page, nothing on the last
    page       query parameter that takes the mark
    """

    url: str
    rows: str
    sku: str
    quantity: str
    location: str = ""
    changed: str = ""
    params: dict[str, str] = {}
    since: str = ""
    since_as: Literal["iso", "s", "ms"] = "iso"
    next: str = ""
    page: str = "page"


class SqlQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """
    query     a SELECT; `:since` and `:key` in it are where the last poll ended
    driver    the Python module (DB-API 2.0) that speaks to the database
    database  its file (sqlite3), or its name
    connect   what else the driver's connect() takes: host, port, user …
    columns   field → the column's name, where it is none of the usual: sku, quantity, location, changed
    begin     `:since` of a full count: a time as the database writes it, or a number
    """

    query: str
    driver: str = "sqlite3"
    database: str
    connect: dict[str, str | int | float | bool] = {}
    columns: dict[str, str] = {}
    begin: str | int = "1970-01-01 00:00:00"


class PollSettings(Settings):
    """
    csv, json, sql  where the numbers are: one of the three
    location        the plan's location of all rows, where rows do not say
    locations       what the warehouse calls locations → what the plan does
    skus            what the warehouse calls things → what the plan does
    basis           on_hand: all that is there; available: what may still be sold
    includes_open_orders  (on_hand) whether units of orders that are not shipped yet are among them
    timezone        of times that say none
    overlap         seconds by which a poll begins before the end of the last
    token           sent as `Authorization: Bearer`
    password        of the database
    """

    csv: CsvTable | None = None
    json: JsonFeed | None = None
    sql: SqlQuery | None = None
    location: str | None = None
    locations: dict[str, str] = msgspec.field(default_factory=dict)
    skus: dict[str, str] = msgspec.field(default_factory=dict)
    basis: Literal["on_hand", "available"] = "on_hand"
    includes_open_orders: bool = True
    timezone: str = "Asia/Shanghai"
    overlap: float = 60
    token: Secret | None = None
    password: Secret | None = None
