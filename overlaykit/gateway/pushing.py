"""Numbers to one channel's platform: what it may sell of each of its skus, written by the connector.

Which number is due when is decided in `overlaykit.shares`. Here it goes out: only the newest, some at a time, again when nobody
knows what came of it. While the numbers cannot be trusted, the platform keeps those it has.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from overlaykit.board.connections import Named
from overlaykit.board.items import FoldedItem
from overlaykit.board.reach import AVAILABLE, Offer, row_at
from overlaykit.errors import OverlaykitError, PluginError
from overlaykit.gateway.attempts import no_answer
from overlaykit.gateway.ending import Ended, either, unless_ended
from overlaykit.gateway.following import Follower
from overlaykit.gateway.push_results import PushResults
from overlaykit.gateway.seat import CALL_SECONDS, Seat
from overlaykit.gateway.speaker import Speaker, note_id
from overlaykit.gateway.standing import Standing, StoreClock
from overlaykit.model.connectors import Connector, Context
from overlaykit.model.events import ListingObserved, StockLevel, StockPushResult
from overlaykit.model.sessions import Channel
from overlaykit.pluginhost.status import sayable
from overlaykit.shares import Lateness, Listing, Mirror, Outlet, Quota, grouped, listings_of
from overlaykit.store.waiting import Backoff, pause
from overlaykit.words import in_both

JOB = "push"
LOOK_EVERY = 0.25
"""Seconds without news after which it is looked all the same whether a number is due."""
GAP = 0.1
"""Seconds between two calls: changes that come together go together."""
BATCH_SECONDS, BATCH_AT_MOST = 2.0, 100
"""Numbers that the connector is given at once: as many as its rate lets through in so many seconds."""
LOOKS_AT_MOST = 500
RESULTS_AT_MOST = 4
"""Results of one number in one call."""
UNLISTED_AT_MOST = 100
"""Names in the log that the platform tells numbers of and the channel does not list."""
STALE = "有来源没有消息，相关商品在平台上的数字不变 / a source is silent: the platform keeps its numbers of those items"


class Pusher:
    """Of one channel. `lateness`: of its news, as those who count them know it. `cuts`: sku → the allotment that it will have,
    which its number is to respect already."""

    def __init__(
        self,
        channel: Channel,
        seat: Seat,
        connector: type[Connector[Any]],
        *,
        tenure: str,
        follower: Follower,
        speaker: Speaker,
        standing: Standing,
        clock: StoreClock,
        lateness: Lateness,
        source: str,
        log: logging.Logger,
    ) -> None:
        self.channel, self.lateness = channel, lateness
        self.cuts: dict[str, int] = {}
        self._seat, self._tenure, self._follower = seat, tenure, follower
        self._standing, self._clock, self._log = standing, clock, log
        self._results = PushResults(channel.name, tenure=tenure, speaker=speaker, source=source)
        self._batch = min(BATCH_AT_MOST, max(1, int(connector.rate * BATCH_SECONDS)) * connector.levels_per_call)
        self._outlets: list[Outlet | Mirror] = []
        self._by_sku: dict[str, Outlet | Mirror] = {}
        self._by_name: dict[str, Outlet | Mirror] = {}
        self._listed: tuple[object, ...] = ()
        self._busy: dict[int, Outlet | Mirror] = {}
        self._touched: dict[int, Outlet | Mirror] = {}
        self._used: dict[str, int] = {}
        self._unlisted: set[str] = set()
        self._also: dict[str, str] = {}
        self._why: str | None = None
        self._arrange()
        for outlet in self._outlets:
            self._find_what_it_has(outlet)
        follower.listen(self._hear)

    # -------------------------------------------------------------------------------------------------------------- what is so

    @property
    def trusts(self) -> str | None:
        """Why nothing is pushed now; None when it is."""
        fold = self._follower.fold
        if not self._follower.trusted:
            return "库存服务没有应答，平台上的数字不变 / the store does not answer: the platform keeps its numbers"
        if fold.suspended:
            return "时钟存疑，平台上的数字不变 / the clock is in doubt: the platform keeps its numbers"
        if fold.status == "frozen":
            return "场次已冻结，平台上的数字不变 / the session is frozen: the platform keeps its numbers"
        if f"channel.{self.channel.name}" in fold.connections.paused:
            return "连接已暂停，平台上的数字不变 / the connector is paused: the platform keeps its numbers"
        return None

    @property
    def works(self) -> bool:
        """Whether numbers reach the platform."""
        return self.trusts is None and self._seat.failure is None and self._seat.blocked is None

    def outlet(self, sku: str) -> Outlet | None:
        """The listings that draw on an item, of a channel that sells by itself."""
        found = self._by_sku.get(sku)
        return found if isinstance(found, Outlet) else None

    def heard(self, event: ListingObserved) -> bool:
        """What the platform says that it sells: when that is not what it was given, it is given it again. What it says of a time
        before the last number is no news. False when it is none of the channel's listings."""
        name = self._also.get(event.platform_sku, event.platform_sku)
        outlet = self._by_name.get(name)
        if outlet is None:
            self._say_unlisted(event.platform_sku)
            return False
        if event.quantity is None or (event.at and event.at.timestamp() < outlet.sent_at):
            return True
        if outlet.heard(self._now, name, event.quantity, self._quotas(outlet)):
            self._log.warning(
                "%s: the platform has %d of %s, which is not our number: it is pushed again",
                self._standing.name,
                event.quantity,
                event.platform_sku,
            )
            self._touched[id(outlet)] = outlet
            self._follower.bell.ring()
        return True

    def _say_unlisted(self, platform_sku: str) -> None:
        """Once for each name: a number that somebody else writes there is not found out."""
        if platform_sku not in self._unlisted and len(self._unlisted) < UNLISTED_AT_MOST:
            self._unlisted.add(platform_sku)
            self._log.warning(
                "%s: the platform tells the number of %s, which is no listing of this channel here: if it is one of "
                "yours, name it in the channel's skus, or as its plugin's README says",
                self._standing.name,
                platform_sku,
            )

    def look_at(self, sku: str) -> None:
        """Something that its number depends on is another one now."""
        outlet = self._by_sku.get(sku)
        if outlet is not None:
            self._touched[id(outlet)] = outlet
            self._follower.bell.ring()

    @property
    def _now(self) -> float:
        return self._clock.now_ms / 1000

    def _hear(self, changed: list[str] | None, of_order: bool) -> None:
        if changed is None:
            self._listed = ()
            self._arrange()
            self._used.clear()
            for outlet in self._outlets:
                outlet.push_again()
            self._busy = {id(each): each for each in self._outlets}
            return
        fold = self._follower.fold
        for sku in changed:
            touched = self._by_sku.get(sku)
            if touched is None:
                continue
            self._touched[id(touched)] = touched
            used = _used(fold.items[sku], self.channel.name)
            sold = used - self._used.get(sku, used)
            self._used[sku] = used
            if sold and of_order and isinstance(touched, Outlet):
                touched.take(self._now, sku, sold)

    def _arrange(self) -> None:
        """The listings as plan and operator say now; what is known of those that stay as they are is kept."""
        fold = self._follower.fold
        mapped = {name.sku: each for name, each in fold.connections.mapped.items() if name.channel == self.channel.name}
        listed = (fold.part_seq["order"], mapped)
        if listed == self._listed:
            return
        self._listed = listed
        known = {_names(each.listings): each for each in self._outlets}
        self._outlets = []
        by_itself = self.channel.sells == "by_itself"
        for group in grouped(listings_of(self.channel, fold.plan.items, mapped)):
            outlet = known.get(_names(group)) or (Outlet(group, self.lateness) if by_itself else Mirror(group))
            self._outlets.append(outlet)
        self._by_sku = {
            sku: each for each in self._outlets for listing in each.listings for sku in (listing.sku, *listing.parts)
        }
        self._by_name = {listing.platform_sku: each for each in self._outlets for listing in each.listings}
        for sku in self._by_sku:
            self._used.setdefault(sku, _used(fold.items[sku], self.channel.name))
        self._busy, self._touched = {id(each): each for each in self._outlets}, {}

    def _find_what_it_has(self, outlet: Outlet | Mirror) -> None:
        """What the gateway before this one pushed."""
        known = self._follower.fold.connections.pushed
        numbers = {
            each.platform_sku: -(-pushed.quantity // each.units)
            for each in outlet.listings
            if (pushed := known.get(Named(self.channel.name, each.sku))) is not None
        }
        if isinstance(outlet, Outlet) and len(numbers) == len(outlet.listings):
            outlet.taken_over(self._now, numbers)

    def _quotas(self, outlet: Outlet | Mirror) -> dict[str, Quota]:
        return {sku: self._quota(self._follower.fold.items[sku]) for sku in outlet.skus}

    def _quota(self, item: FoldedItem) -> Quota:
        channel = self.channel.name
        sku, available = item.planned.sku, max(0, row_at(item.units, None)[AVAILABLE])
        allotted, used = item.quotas.channels.get(channel, (None, 0))
        if self.channel.sells == "asks_first" or allotted is None or item.mode == "presale":
            # Nothing of the item is this channel's own: it has what a buyer could get there, of presale units its share.
            units = Offer(item, 0).in_reach(channel, None).available
            share = self.channel.share if item.mode == "presale" and self.channel.sells == "by_itself" else None
            return Quota(units if share is None else int(units * share), 0)
        return Quota(min(allotted, self.cuts.get(sku, allotted), used + available), used)

    # ------------------------------------------------------------------------------------------------------------------ work

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._push(stop))
            tasks.create_task(self._results.say(stop))

    async def _push(self, stop: asyncio.Event) -> None:
        backoff = Backoff(first=0.5, most=30.0)
        while not stop.is_set():
            rung = self._follower.bell.listen()
            why = self.trusts
            if why is not None:
                self._keeps(why)
            elif self._seat.failure is None and self._seat.blocked is None and self._follower.fold.status != "closed":
                batch = self._due()
                if batch and not await self._write(batch, stop):
                    await pause(stop, backoff.next())
                elif batch:
                    backoff.reset()
                    await pause(stop, GAP)
                    continue
            await either(rung, stop, LOOK_EVERY)

    def _due(self) -> list[tuple[Outlet | Mirror, dict[str, int]]]:
        """The next call: what has to sink first."""
        self._arrange()
        fold, now = self._follower.fold, self._now
        live, found = fold.status == "live", []
        stale: str | None = None
        for outlet in self._next_looks():
            if any(not fold.stale_places.isdisjoint(fold.items[sku].rows) for sku in outlet.skus):
                stale = STALE
                continue
            if not self._is_shared_out(outlet):
                continue
            outlet.closed = frozenset(
                each.platform_sku
                for each in outlet.listings
                if any(fold.items[sku].sale != "open" for sku in (each.sku, *each.parts))
            )
            numbers = outlet.due(now, self._quotas(outlet), live=live)
            if numbers is not None:
                found.append((outlet, numbers))
            elif outlet.rests:
                del self._busy[id(outlet)]
        self._keeps(stale)
        found.sort(key=lambda due: sum(due[1].values()) - sum(due[0].numbers.values()))
        batch: list[tuple[Outlet | Mirror, dict[str, int]]] = []
        for each in found:
            if batch and sum(len(numbers) for _, numbers in batch) + len(each[1]) > self._batch:
                break
            batch.append(each)
        return batch

    def _next_looks(self) -> list[Outlet | Mirror]:
        """Those that something happened to, and then some of those of which something may be due, in turn."""
        found, self._touched = self._touched, {}
        self._busy |= found
        for key in [*self._busy][:LOOKS_AT_MOST]:
            found[key] = self._busy[key] = self._busy.pop(key)
        return [*found.values()]

    def _is_shared_out(self, outlet: Outlet | Mirror) -> bool:
        """Whether the channel has its allotments already: before that, all channels would be pushed everything."""
        if self.channel.sells == "asks_first" or self.channel.share is None:
            return True
        items = [self._follower.fold.items[sku] for sku in outlet.skus]
        return all(item.mode == "presale" or self.channel.name in item.quotas.channels for item in items)

    def _keeps(self, why: str | None) -> None:
        """Says why the platform keeps its numbers, and when it does not any more."""
        before, self._why = self._why, why
        if why is not None:
            self._standing.trouble("failing", why, job=JOB)
        elif before is not None:
            self._well()

    async def _write(self, batch: Sequence[tuple[Outlet | Mirror, dict[str, int]]], stop: asyncio.Event) -> bool:
        """One call of the connector, and what came of it. False when it did not come to an end."""
        levels: list[StockLevel] = []
        for outlet, numbers in batch:
            outlet.sent(self._now, numbers, self._quotas(outlet))
            levels += [self._level(outlet, each, numbers[each.platform_sku]) for each in outlet.listings]
        results: list[StockPushResult] = []

        async def work(connector: Connector[Any], ctx: Context) -> None:
            async for result in connector.push_stock(levels, ctx):
                if len(results) >= RESULTS_AT_MOST * len(levels):
                    raise PluginError("push_stock() 的结果没完没了 / push_stock() yields results without end")
                results.append(result)

        done = False
        try:
            await unless_ended(self._seat.call(work), stop)
            done = True
        except Ended:
            pass  # the next gateway pushes it again
        except TimeoutError as error:
            self._standing.trouble("failing", str(error) or no_answer(CALL_SECONDS), job=JOB)
        except OverlaykitError as error:
            self._standing.trouble("failing", error.message, getattr(error, "remedy", None), job=JOB)
        told = {
            result.level.platform_sku: None
            if result.ok
            else sayable(result.reason or "平台没有说明 / it does not say why")
            for result in results
            if isinstance(result, StockPushResult) and isinstance(result.level, StockLevel)
        }
        self._also |= {
            result.also: result.level.platform_sku
            for result in results
            if isinstance(result, StockPushResult)
            and isinstance(result.level, StockLevel)
            and isinstance(result.also, str)
        }
        for outlet, numbers in batch:
            known = {name: told[name] for name in numbers if name in told}
            outlet.answered(self._now, known)
            self._busy[id(outlet)] = outlet
            self._results.note(outlet.listings, numbers, known)
        if done:
            self._well()
        return done

    def _level(self, outlet: Outlet | Mirror, listing: Listing, number: int) -> StockLevel:
        return StockLevel(
            sku=listing.sku,
            platform_sku=listing.platform_sku,
            quantity=number,
            key=note_id("push", self.channel.name, listing.platform_sku, number, self._tenure, outlet.turn),
        )

    def _well(self) -> None:
        """The standing says which skus the platform does not take, if any."""
        failed = {name: why for each in self._busy.values() for name, why in each.failed.items()}
        if not failed:
            self._standing.ready(JOB)
            return
        name, why = next(iter(failed.items()))
        count = len(failed)
        en, zh = (f" ({count} skus)", f"（共 {count} 个）") if count > 1 else ("", "")
        self._standing.trouble(
            "failing", in_both(f"{{name}}: {{why}}{en}", f"{{name}}: {{why}}{zh}", name=name, why=why), job=JOB
        )


def _used(item: FoldedItem, channel: str) -> int:
    return item.quotas.channels.get(channel, (None, 0))[1]


def _names(listings: Sequence[Listing]) -> tuple[object, ...]:
    return tuple((each.platform_sku, each.sku, each.units, tuple(each.parts.items())) for each in listings)
