"""A warehouse that is asked now and then what it has. It says absolute numbers, never differences."""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from overlaykit.api import BadMessage, Capability, Connector, Context, Request, StockLevelObserved, UserError
from plugins.generic_poll import databases, tables
from plugins.generic_poll.documents import Reader
from plugins.generic_poll.rows import Found, Row, read_rows, time_of
from plugins.generic_poll.settings import CsvTable, JsonFeed, PollSettings, SqlQuery

PAGES_AT_MOST = 200
NAMED_AT_MOST = 5
"""Troubles that are said one by one."""
SETTLED = 0.3
"""Seconds for which a file must not change before it is read: a table that is half written looks whole."""
PATIENCE = 5.0
"""Seconds that it waits for that."""


class GenericPoll(Connector[PollSettings]):
    name = "generic_poll"
    title = "CSV、JSON、数据库 / CSV, JSON, SQL"
    capabilities = frozenset({Capability.STOCK_LEVELS})
    rate = 5.0
    needs = "可读的文件、网址或数据库账号 / a file, an address or a database user that may read"
    tested = "tables in four encodings, a made-up JSON address, sqlite3; no other database yet"

    def __init__(self, settings: PollSettings) -> None:
        super().__init__(settings)
        given = [name for name in ("csv", "json", "sql") if getattr(settings, name) is not None]
        if len(given) != 1:
            raise UserError(
                f"要写 csv、json、sql 中的一个 / one of csv, json and sql was expected; there are: {', '.join(given) or 'none'}",
                remedy='最简单的写法：settings = { csv = { file = "stock.csv" } }。 / '
                'The simplest: settings = { csv = { file = "stock.csv" } }.',
            )
        try:
            self._zone: dt.tzinfo = ZoneInfo(settings.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise UserError(
                f"没有时区 / there is no time zone {settings.timezone}",
                remedy="例如 Asia/Shanghai、UTC。 / Such as Asia/Shanghai, UTC.",
            ) from None
        self._reader = Reader(settings.json) if settings.json is not None else None
        if settings.sql is not None:
            databases.check(settings.sql)
        self._seen: object = None

    async def poll(self, ctx: Context, full: bool) -> Sequence[StockLevelObserved]:
        settings = self.settings
        if settings.csv is not None:
            found = await self._table(settings.csv, ctx, full)
        elif settings.json is not None:
            found = await self._feed(settings.json, ctx, full)
        else:
            assert settings.sql is not None
            found = await self._query(settings.sql, ctx, full)
        self._say(found, ctx)
        if not found.readings and (full or found.troubles):
            raise UserError(
                "一行库存也没有 / not one row can be counted"
                + "".join(f"; {each}" for each in found.troubles[:NAMED_AT_MOST]),
                remedy="数字保持不变，过一会儿标为过时。 / "
                "The numbers stay as they were, and are marked as old after a while.",
            )
        return found.readings

    async def _table(self, table: CsvTable, ctx: Context, full: bool) -> Found:
        if table.file.startswith(("http://", "https://")):
            return await self._table_over_http(table, ctx, full)
        path = Path(table.file)
        try:
            seen = _look(path)
            if not full and seen == self._seen:
                return Found([], [])
            seen = await _settled(path)
            body = await asyncio.to_thread(path.read_bytes)
            if _look(path) != seen:
                raise UserError(
                    f"{path.name} 正在写入 / is being written",
                    remedy="下次拉取时再读。 / It is read again at the next poll.",
                )
        except OSError as error:
            raise UserError(
                f"读不到文件 / cannot read {path}: {error.strerror}",
                remedy="路径从启动房间的文件夹算起，或写完整路径。 / "
                "A path is from the folder in which the room was started, or whole.",
            ) from None
        written = dt.datetime.fromtimestamp(seen[1] / 1e9, dt.UTC)
        found = self._read_table(body, table, path.name, written, ctx)
        self._seen = seen
        return found

    async def _table_over_http(self, table: CsvTable, ctx: Context, full: bool) -> Found:
        headers = self._authorised()
        if not full and isinstance(self._seen, str):
            headers["If-None-Match"] = self._seen
        answer = await ctx.http.request("GET", table.file, headers=headers)
        if answer.status == 304:
            return Found([], [])
        modified = answer.headers.get("last-modified")
        written = email.utils.parsedate_to_datetime(modified) if modified else None
        found = self._read_table(answer.body, table, "the table", written, ctx)
        self._seen = answer.headers.get("etag")
        return found

    def _read_table(self, body: bytes, table: CsvTable, where: str, written: dt.datetime | None, ctx: Context) -> Found:
        text, encoding = tables.decode(body, table.encoding, where)
        if encoding == "gb18030":
            ctx.log.info("%s: %s is no UTF-8, and is read as GB 18030 (GBK)", ctx.section, where)
        now = dt.datetime.fromtimestamp(ctx.now_ms / 1000, dt.UTC)
        # A file server's clock may be ahead of ours; a reading of the future would be refused.
        as_of = min(written, now) if table.as_of == "file" and written is not None else None
        return read_rows(tables.read_table(text, table, where), self.settings, as_of=as_of)

    async def _feed(self, feed: JsonFeed, ctx: Context, full: bool) -> Found:
        assert self._reader is not None
        params = dict(feed.params)
        last = await ctx.remembered()
        if feed.since and last is not None and not full:
            params[feed.since] = _written(float(last) - self.settings.overlap, feed.since_as)
        rows: list[Row] = []
        for page in range(1, PAGES_AT_MOST + 1):
            answer = await ctx.http.request("GET", feed.url, params=params, headers=self._authorised())
            document: Any = Request(body=answer.body).json()
            rows += self._reader.rows(document, page)
            mark = self._reader.next(document)
            if mark is None:
                break
            if params.get(feed.page) == mark:
                raise BadMessage(
                    f"数据第 {page} 页说下一页还是自己（{mark[:40]}） / "
                    f"page {page} of the feed says that the next is itself ({mark[:40]})"
                )
            params[feed.page] = mark
        else:
            raise BadMessage(f"数据超过 {PAGES_AT_MOST} 页 / the feed has more than {PAGES_AT_MOST} pages")
        found = read_rows(rows, self.settings)
        times = [time.timestamp() for row in rows if (time := time_of(row.changed, self._zone)) is not None]
        if times:
            await ctx.remember(str(max(times)))
        return found

    async def _query(self, sql: SqlQuery, ctx: Context, full: bool) -> Found:
        last = await ctx.remembered()
        since: Any = sql.begin
        if last is not None and not full:
            since = databases.earlier(json.loads(last), self.settings.overlap)
        password = self.settings.password.reveal() if self.settings.password else None
        rows = await asyncio.to_thread(databases.fetch, sql, since, password)
        found = read_rows(rows, self.settings)
        if (latest := databases.latest(rows)) is not None:
            text = latest.isoformat(sep=" ") if isinstance(latest, dt.datetime) else latest
            await ctx.remember(json.dumps(text))
        return found

    def _authorised(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.token.reveal()}"} if self.settings.token else {}

    def _say(self, found: Found, ctx: Context) -> None:
        """Names what is wrong, until rows that were read anew have nothing wrong."""
        if not found.troubles:
            if found.readings:
                ctx.trouble()
            return
        more = len(found.troubles) - NAMED_AT_MOST
        named = "; ".join(found.troubles[:NAMED_AT_MOST]) + (f" … 还有 {more} 处 / and {more} more" if more > 0 else "")
        ctx.trouble(
            f"有的行不算数 / rows that do not count: {named}", "改好后下次读取时计入 / They count once they are mended."
        )


def _look(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written anew."""
    found = os.stat(path)
    return found.st_ino, found.st_mtime_ns, found.st_size


async def _settled(path: Path) -> tuple[int, int, int]:
    """How the file looks when it has stopped changing. Raises UserError when it does not."""
    seen = _look(path)
    for _ in range(int(PATIENCE / SETTLED)):
        await asyncio.sleep(SETTLED)
        before, seen = seen, _look(path)
        if before == seen:
            return seen
    raise UserError(
        f"{path.name} 一直在写入 / does not stop changing",
        remedy="先写到另一个文件名，再改名。 / Write it under another name, then rename it.",
    )


def _written(seconds: float, form: str) -> str:
    if form == "iso":
        return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return str(int(seconds * 1000 if form == "ms" else seconds))
