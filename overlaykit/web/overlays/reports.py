"""What open pages say of themselves: kept page by page, counted for Prometheus, and noted in the store for other processes."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import Annotated, Protocol

import gevent
import redis
from msgspec import Meta, Struct
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from overlaykit.errors import OverlaykitError, StoreError
from overlaykit.stock import overlays_key
from overlaykit.store import OverlayReport, note_overlays
from overlaykit.web.overlays.query import OverlayQuery

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two notes in the store, at least."""
NOTED_AT_MOST = 200
"""Pages of one room that a process notes: those that are open longest."""

Count = Annotated[int, Meta(ge=0, le=1_000_000)]


class Alive(Struct, tag="alive"):
    """From a page, each second: how it does. `page`: its name, made when it was loaded. `obs`: whether OBS shows it. Counts are
    since the last one."""

    page: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
    seq: Annotated[int, Meta(ge=0, le=2**53)]
    line: Annotated[str, Meta(max_length=200)]
    width: Count
    height: Count
    visible: bool
    fps: Count
    dropped: Count
    long_tasks: Count
    shift: Annotated[float, Meta(ge=0, le=1_000_000)]
    lag_ms: Annotated[int, Meta(ge=0, le=2**53)] | None
    obs: bool = False


class Vitals:
    """How one page does, by its last report."""

    def __init__(self) -> None:
        self.last: Alive | None = None
        self.behind = 0
        self._opened = self._heard = monotonic()
        self._sent: tuple[str | None, int] = (None, 0)

    def hear(self, report: Alive, line: str | None, seq: int) -> None:
        """Takes a report. `line`, `seq`: what the page has been sent by now.

        A page has time until its next report to show it: what it lacks then, it is behind.
        """
        if self.last is not None and self.last.page != report.page:
            return
        sent_line, sent_seq = self._sent
        shown = report.seq if report.line == line else 0
        self.behind = max(0, sent_seq - shown) if sent_line == line else 0
        self._sent = (line, seq)
        self.last, self._heard = report, monotonic()

    def report(self, query: OverlayQuery, theme: str | None, error: str | None) -> OverlayReport:
        """What is noted of the page. Only once it has said something."""
        assert self.last is not None
        now = monotonic()
        return OverlayReport(
            layout=query.layout,
            theme=theme,
            query=query.text,
            obs=self.last.obs,
            sku=query.selector.sku,
            link=query.selector.link,
            product=query.selector.product,
            channel=query.channel,
            region=query.region,
            width=self.last.width,
            height=self.last.height,
            visible=self.last.visible,
            seq=self.last.seq,
            behind=self.behind,
            lag_ms=self.last.lag_ms,
            fps=self.last.fps,
            dropped=self.last.dropped,
            long_tasks=self.last.long_tasks,
            shift=self.last.shift,
            error=error,
            open_ms=round((now - self._opened) * 1000),
            silent_ms=round((now - self._heard) * 1000),
        )


class Reporting(Protocol):
    """An open page, as far as it is reported on. `session`, its `ledger` and `theme`: what it shows, None while that is nothing."""

    query: OverlayQuery
    vitals: Vitals

    @property
    def session(self) -> str | None: ...
    @property
    def ledger(self) -> str | None: ...
    @property
    def theme(self) -> str | None: ...
    @property
    def error(self) -> str | None: ...


class Reports:
    """Notes the open pages in the store, in a greenlet of its own: a store that is away or slow delays nobody else.

    pages       the open pages, oldest first
    ledger_of   session id or `current` → its ledger; raises OverlaykitError
    """

    def __init__(
        self, client: redis.Redis, pages: Callable[[], Iterable[Reporting]], ledger_of: Callable[[str], str]
    ) -> None:
        self._client = client
        self._pages = pages
        self._ledger_of = ledger_of
        self._noted: dict[str, set[str]] = {}
        self._under_way: set[str] = set()
        self._writer: gevent.Greenlet | None = None
        self._warned = False

    def wake(self) -> None:
        """A page came: notes go out from now on, until all pages have left."""
        if self._writer is None or self._writer.dead:
            self._writer = gevent.spawn(self._write)

    def _write(self) -> None:
        while list(self._pages()) or self._noted:
            gevent.sleep(EVERY)
            try:
                pages = self._by_ledger()
            except Exception:  # the next second tries again
                log.exception("what overlays say could not be gathered")
                continue
            for ledger in (pages.keys() | self._noted.keys()) - self._under_way:
                # Apart, because ledgers may lie on different nodes, of which one does not answer.
                self._under_way.add(ledger)
                gevent.spawn(self._note, ledger, pages.get(ledger, {}))

    def _note(self, ledger: str, pages: dict[str, OverlayReport]) -> None:
        left = self._noted.get(ledger, set()) - pages.keys()
        try:
            note_overlays(self._client, overlays_key(ledger), pages, left)
            if pages:
                self._noted[ledger] = set(pages)
            else:
                self._noted.pop(ledger, None)
        except StoreError as error:
            log.debug("what overlays say could not be noted: %s", error)
        except Exception:  # the next second tries again
            log.exception("what overlays say could not be noted")
        finally:
            self._under_way.discard(ledger)

    def _by_ledger(self) -> dict[str, dict[str, OverlayReport]]:
        found: defaultdict[str, dict[str, OverlayReport]] = defaultdict(dict)
        asked: dict[str, str | None] = {}
        full = False
        for page in list(self._pages()):
            if page.vitals.last is None:
                continue
            ledger = page.ledger
            if ledger is None:
                if page.query.session not in asked:
                    asked[page.query.session] = self._resolve(page.query.session)
                ledger = asked[page.query.session]
            if ledger is None:
                continue
            of_ledger = found[ledger]
            if len(of_ledger) < NOTED_AT_MOST:
                of_ledger[page.vitals.last.page] = page.vitals.report(page.query, page.theme, page.error)
            else:
                full = True
        if full and not self._warned:
            log.warning("more than %d overlays of a room are open: the desk lists the first of them", NOTED_AT_MOST)
        self._warned = full
        return found

    def _resolve(self, session: str) -> str | None:
        """The ledger of a session that pages ask for in vain; None when there is none of that name, or nobody can say now."""
        try:
            return self._ledger_of(session)
        except OverlaykitError:
            return None


class PageMetrics(Collector):
    """The open pages of this process, by session."""

    def __init__(self, pages: Callable[[], Iterable[Reporting]]) -> None:
        self._pages = pages

    def collect(self) -> Iterator[Metric]:
        labels = ["session"]
        open_now = GaugeMetricFamily("overlaykit_overlay_pages", "Overlay pages open", labels=labels)
        visible = GaugeMetricFamily(
            "overlaykit_overlay_pages_visible", "Of these, shown by their browser", labels=labels
        )
        lag = GaugeMetricFamily(
            "overlaykit_overlay_lag_seconds",
            "Longest from rendering to painting, by the pages' last reports",
            labels=labels,
        )
        by_session: defaultdict[str, list[Alive | None]] = defaultdict(list)
        for page in list(self._pages()):
            by_session[page.session or ""].append(page.vitals.last)
        for session, said in by_session.items():
            reports = [each for each in said if each is not None]
            open_now.add_metric([session], len(said))
            visible.add_metric([session], sum(each.visible for each in reports))
            lag.add_metric([session], max((each.lag_ms or 0 for each in reports), default=0) / 1000)
        yield from (open_now, visible, lag)
