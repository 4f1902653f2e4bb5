"""The overlay pages that are open on a ledger's room, as its web processes note them, and those that were until just now.

What is noted holds for some seconds: a page that left, and every page of a web process that died, is closed by itself.
All times are the store's, and a report says ages, so nobody's clock is compared with another's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec
import redis
import redis.asyncio
from msgspec import Struct

from overlaykit.store.client import answers
from overlaykit.store.scripts import own_script, run_script, run_script_async

NOTE_HOLDS = 4_000
"""Milliseconds for which a page counts as open after it was noted; web processes note each second."""
REMEMBERED = 300_000
"""Milliseconds for which a closed page is still listed."""
PAGES_AT_MOST = 1_000
"""Pages of one ledger; beyond, those that were closed first are forgotten first."""
LATE_AFTER, HIDDEN_LATE_AFTER = 3_500, 75_000
"""Milliseconds of silence after which a page does not answer. Browsers let a hidden page speak once a minute only."""
SLOW_FROM = 1_000
"""Milliseconds from rendering to painting above which a page is behind, though it has every frame."""

PageState = Literal["live", "hidden", "behind", "late", "error", "closed"]


class OverlayHealth(Struct, frozen=True, kw_only=True):
    """How one page does. Counts are of its last second.

    layout, theme   what it shows; `theme` None while nothing can be shown
    query           all that its address asks for, as `overlay_query` writes it
    obs             whether it is in a browser source of an OBS
    sku … region    what its address asks for, None where it does not
    width, height   CSS pixels of its window: what tells the upright picture from the other
    visible         whether the browser shows it
    seq             the ledger entry up to which the page has shown what it was sent
    behind          entries that it had been sent a second before, and had not shown yet
    lag_ms          the longest from rendering a change to painting it; None: nothing changed
    dropped         animation frames that took twice their time
    long_tasks      tasks of the page that took over 50 ms
    shift           layout shift score
    error           what is wrong with the theme or the address now
    """

    layout: str
    theme: str | None = None
    query: str = ""
    obs: bool = False
    sku: str | None = None
    link: int | None = None
    product: str | None = None
    channel: str | None = None
    region: str | None = None
    width: int = 0
    height: int = 0
    visible: bool = True
    seq: int = 0
    behind: int = 0
    lag_ms: int | None = None
    fps: int = 0
    dropped: int = 0
    long_tasks: int = 0
    shift: float = 0.0
    error: str | None = None


class OverlayReport(OverlayHealth, frozen=True, kw_only=True, omit_defaults=True):
    """What a web process notes of one of its open pages.

    open_ms         milliseconds since it connected
    silent_ms       milliseconds since the page itself said something
    """

    open_ms: int
    silent_ms: int

    @property
    def address(self) -> tuple[object, ...]:
        """What it asks for, and how large: another page of the same address shows the same."""
        return (self.query, self.width, self.height)


class OverlayPage(Struct, frozen=True):
    """One page as it is remembered. Times in ms since 1970 on the store's clock.

    id      the page's own name, another one each time it is loaded
    now     when the store was asked
    until   until when it counts as open; a page of a web process that died is closed NOTE_HOLDS after its last note
    """

    id: str
    report: OverlayReport
    now: int
    until: int

    @property
    def open(self) -> bool:
        return self.until > self.now

    @property
    def since(self) -> int:
        """When it connected. Of a page that left, late by at most NOTE_HOLDS."""
        return self._noted - self.report.open_ms

    @property
    def heard(self) -> int:
        """When the page itself last said something; of a closed page, when it was closed."""
        return self._noted - self.report.silent_ms if self.open else self.until

    @property
    def state(self) -> PageState:
        """closed, error, late (does not answer), hidden, behind (has not shown what it was sent), live: the first that is true."""
        report = self.report
        if not self.open:
            return "closed"
        if report.error is not None:
            return "error"
        if self.now - self.heard > (LATE_AFTER if report.visible else HIDDEN_LATE_AFTER):
            return "late"
        if not report.visible:
            return "hidden"
        return "behind" if report.behind or (report.lag_ms or 0) > SLOW_FROM else "live"

    @property
    def _noted(self) -> int:
        return self.until - NOTE_HOLDS if self.open else self.until


def overlay_query(layout: str, given: Iterable[tuple[str, str]]) -> str:
    """What an overlay's address asks for, as one text: the same for addresses that show the same. `given`: its parameters."""
    asked = {name: value for name, value in given if value and name != "token"}
    if asked.get("session") == "current":
        del asked["session"]
    if asked.get("link", "").isdecimal():
        asked["link"] = str(int(asked["link"]))
    return f"{layout}?{urlencode(sorted(asked.items()))}"


def note_overlays(client: redis.Redis, key: str, pages: Mapping[str, OverlayReport], left: Collection[str]) -> None:
    """Notes the open pages of this process and which left, in one call. `key` has the ledger's hash tag. Raises StoreAway."""
    noted = [each for page, report in pages.items() for each in (page, msgspec.json.encode(report))]
    arguments = [NOTE_HOLDS, REMEMBERED, PAGES_AT_MOST, len(pages), *noted, *left]
    with answers():
        run_script(client, own_script("overlays_note"), _keys(key), arguments)


def list_overlays(client: redis.Redis, key: str) -> list[OverlayPage]:
    """The pages of a room, as `read_overlays` orders them. Raises StoreAway."""
    with answers():
        return read_overlays(run_script(client, own_script("overlays_list"), _keys(key), []))


async def list_overlays_async(client: redis.asyncio.Redis, key: str) -> list[OverlayPage]:
    """`list_overlays` for asyncio."""
    with answers():
        return read_overlays(await run_script_async(client, own_script("overlays_list"), _keys(key), []))


def read_overlays(answer: Sequence[Any]) -> list[OverlayPage]:
    """Reads an answer of overlays_list.lua: pages by address, oldest first.

    A closed page whose place another of its address has taken since, by a reload say, is left out.
    """
    now, fields = int(answer[0]), answer[1:]
    by_address: defaultdict[tuple[object, ...], list[OverlayPage]] = defaultdict(list)
    for id, until, report in zip(fields[::3], fields[1::3], fields[2::3], strict=True):
        page = OverlayPage(id.decode(), msgspec.json.decode(report, type=OverlayReport), now, int(float(until)))
        by_address[page.report.address].append(page)
    in_order = sorted(by_address, key=lambda address: tuple(("" if each is None else str(each)) for each in address))
    return [page for address in in_order for page in _without_replaced(by_address[address])]


def _without_replaced(pages: list[OverlayPage]) -> list[OverlayPage]:
    """Each page takes the place of the one closed last before it came."""
    kept: list[OverlayPage] = []
    for page in sorted(pages, key=lambda page: page.since):
        closed = [other for other in kept if not other.open and other.until - NOTE_HOLDS <= page.since]
        if closed:
            kept.remove(max(closed, key=lambda other: other.until))
        kept.append(page)
    return kept


def _keys(key: str) -> list[str]:
    return [key, f"{key}:until"]
