"""Shares of the channels: given out when an item enters the room, moved to where it sells, all by commands of the ledger."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from overlaykit.board.items import FoldedItem
from overlaykit.board.reach import OPENING, pool_of, row_at
from overlaykit.errors import NotFound, StoreError
from overlaykit.gateway.following import Follower
from overlaykit.gateway.pushing import Pusher
from overlaykit.gateway.speaker import note_id
from overlaykit.gateway.standing import StoreClock
from overlaykit.model.commands import AllotmentSet, Submission
from overlaykit.model.sessions import Channel
from overlaykit.shares import Balance, Lateness, Part, Pool, Sales
from overlaykit.stock import Keeper
from overlaykit.store.waiting import pause

LOOK_EVERY = 0.25
WATCHED_SECONDS = 120.0
"""Since an item was sold, or got more units: so long it is looked at whether its shares should move."""
COMMANDS_AT_MOST = 200
AWAITED_SECONDS = 5.0
"""For which what was said to the ledger is waited for, to be read there."""


class Sharing:
    """Of one session. `pushers` by channel: of the others, nobody knows what they may still sell, so their shares stay."""

    def __init__(
        self,
        pushers: Sequence[Pusher],
        *,
        tenure: str,
        keeper: Keeper,
        follower: Follower,
        clock: StoreClock,
        log: logging.Logger,
    ) -> None:
        self._pushers = {each.channel.name: each for each in pushers}
        self._tenure, self._keeper, self._follower, self._clock, self._log = tenure, keeper, follower, clock, log
        self._balances: dict[str, Balance] = {}
        self._pools: dict[str, Sales] = {}
        self._free: dict[str, int] = {}
        self._watched: dict[str, float] = {}
        self._awaited: dict[str, tuple[float, dict[str, int]]] = {}
        self._said = 0
        self._bundles: dict[str, list[str]] = {}
        self._bundled_at: object = None
        self._new = self._unseen = True
        follower.listen(self._hear)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        while not await pause(stop, LOOK_EVERY):
            follower = self._follower
            if not follower.trusted or follower.fold.status == "closed" or follower.fold.suspended:
                continue
            if self._unseen:
                self._unseen = False
                self._watch_what_is_too_much()
            if self._new:
                self._new = False
                if not await self._submit([*self._first_shares()]):
                    self._new = True
                continue
            if follower.fold.status == "frozen":
                continue
            moves = [*self._moves()]
            if moves:
                await self._submit(moves)

    def _hear(self, changed: list[str] | None, of_order: bool) -> None:
        if changed is None:
            self._balances.clear()
            self._free.clear()
            self._awaited.clear()
            self._new = self._unseen = True
            for pusher in self._pushers.values():
                pusher.cuts.clear()
            return
        now = self._now
        for sku in changed:
            item = self._follower.fold.items[sku]
            if not item.quotas.channels:
                self._new = self._new or self._lacks_shares(item)
                continue
            free = pool_of(item.units, row_at(item.units, None))
            sold = self._free.get(sku, free) - free
            self._free[sku] = free
            if of_order or free < 0 or sold < 0:
                self._watched[sku] = now + WATCHED_SECONDS
            if of_order and sold > 0:
                self._pool(sku).take(now, sold)

    def _watch_what_is_too_much(self) -> None:
        """Items of which more is promised than there is, whatever happened to them before anybody listened."""
        for sku, item in self._follower.fold.items.items():
            if item.quotas.channels and pool_of(item.units, row_at(item.units, None)) < 0:
                self._watched[sku] = self._now + WATCHED_SECONDS

    @property
    def _now(self) -> float:
        return self._clock.now_ms / 1000

    def _pool(self, sku: str) -> Sales:
        found = self._pools.get(sku)
        if found is None:
            found = self._pools[sku] = Sales(Lateness(0.0))
            found.pass_time(self._now, True)
        return found

    # ------------------------------------------------------------------------------------------------------- given out

    def _first_shares(self) -> Iterator[tuple[str, str, int]]:
        """Of items that entered the room and have none yet: as the plan says."""
        fold = self._follower.fold
        for sku, item in fold.items.items():
            if not self._lacks_shares(item):
                continue
            whole = row_at(item.units, None)
            units = free = max(0, pool_of(item.units, whole))
            for channel, (allotted, used) in item.quotas.channels.items():
                if allotted is not None and self._share(channel) is not None:
                    units += max(0, allotted - used)
            for each in self._sellers(sku):
                if each.name not in item.quotas.channels and each.share is not None:
                    given = min(free, int(units * each.share))
                    free -= given
                    yield sku, each.name, given

    def _lacks_shares(self, item: FoldedItem) -> bool:
        if item.planned.bundle or item.mode == "presale":
            return False
        return any(each.name not in item.quotas.channels for each in self._sellers(item.planned.sku))

    def _sellers(self, sku: str) -> Iterator[Channel]:
        """Channels with a share that sell the item, or a bundle that it is part of."""
        fold = self._follower.fold
        if self._bundled_at != (listed := fold.part_seq["order"]):
            self._bundled_at, self._bundles = listed, defaultdict(list)
            for item in fold.plan.items:
                for part in item.bundle or ():
                    self._bundles[part].append(item.sku)
        named = (sku, *self._bundles.get(sku, ()))
        return (each for each in self._with_share() if any(map(each.offers, named)))

    def _with_share(self) -> Iterable[Channel]:
        return (each for each in self._follower.fold.plan.channels if each.share is not None)

    def _share(self, channel: str) -> float | None:
        return next((each.share for each in self._with_share() if each.name == channel), None)

    # ---------------------------------------------------------------------------------------------------------- moved

    def _moves(self) -> Iterator[tuple[str, str, int]]:
        now, fold = self._now, self._follower.fold
        for sku, until in [*self._watched.items()]:
            item = fold.items.get(sku)
            balance = self._balances.setdefault(sku, Balance())
            if item is None or item.mode == "presale" or (now > until and not balance.cuts):
                del self._watched[sku]
                self._balances.pop(sku, None)
                continue
            if not self._is_read(sku, item, now):
                continue
            pool = self._pool(sku)
            whole = row_at(item.units, None)
            free = pool_of(item.units, whole)
            pool.pass_time(now, free > 0 and fold.status == "live")
            demand = pool.rate(now) if self._sells_from_pool(item) else 0.0
            found = balance.step(now, Pool(free, demand), self._parts(now, sku, item, whole[OPENING], demand))
            for name, pusher in self._pushers.items():
                self._cut(pusher, sku, balance.cuts.get(name))
            if found:
                self._awaited[sku] = now + AWAITED_SECONDS, found
                yield from ((sku, channel, allotted) for channel, allotted in found.items())

    def _cut(self, pusher: Pusher, sku: str, allotted: int | None) -> None:
        if allotted is None:
            pusher.cuts.pop(sku, None)
        elif pusher.cuts.get(sku) != allotted:
            pusher.cuts[sku] = allotted
            pusher.look_at(sku)

    def _is_read(self, sku: str, item: FoldedItem, now: float) -> bool:
        """Whether what was said of an item last is in the fold already."""
        if sku not in self._awaited:
            return True
        until, said = self._awaited[sku]
        if now < until and any(item.quotas.channels.get(name, (None, 0))[0] != units for name, units in said.items()):
            return False
        del self._awaited[sku]
        return True

    def _parts(self, now: float, sku: str, item: FoldedItem, opening: int, of_pool: float) -> dict[str, Part]:
        channels = {each.name: each for each in self._follower.fold.plan.channels}
        outlets = {name: pusher.outlet(sku) for name, pusher in self._pushers.items()}
        rate = of_pool + sum(each.sales(sku).rate(now) for each in outlets.values() if each is not None)
        found = {}
        for name, (allotted, used) in item.quotas.channels.items():
            channel, outlet = channels.get(name), outlets.get(name)
            if allotted is None or channel is None:
                continue
            if outlet is None:
                found[name] = Part(allotted, used, allotted, True, 0.0, False, False, 0, 0.0, channel.lag)
                continue
            sales, pusher = outlet.sales(sku), self._pushers[name]
            found[name] = Part(
                allotted=allotted,
                used=used,
                high=outlet.high(sku),
                settled=outlet.settled,
                sent_at=outlet.sent_at,
                moves=pusher.works and not pusher.lateness.is_behind(now),
                known=sales.known(now),
                floor=int(opening * (channel.floor or 0.0)),
                demand=sales.demand(now, rate * (channel.share or 0.0)),
                lag=pusher.lateness.lag(now),
            )
        return found

    def _sells_from_pool(self, item: FoldedItem) -> bool:
        quotas = item.quotas.channels
        return any(quotas.get(each.name, (None, 0))[0] is None for each in self._follower.fold.plan.channels)

    async def _submit(self, said: Sequence[tuple[str, str, int]]) -> bool:
        """To the ledger. False when it could not be told: it is decided anew."""
        self._said += 1
        commands = [
            Submission(
                note_id("share", sku, channel, self._tenure, self._said),
                AllotmentSet(sku=sku, channel=channel, quantity=quantity),
                f"connector:{channel}",
            )
            for sku, channel, quantity in said
        ]
        try:
            for begin in range(0, len(commands), COMMANDS_AT_MOST):
                outcomes = await self._keeper.submit(commands[begin : begin + COMMANDS_AT_MOST])
                for submission, outcome in zip(commands[begin:], outcomes, strict=False):
                    answer = msgspec.json.decode(outcome)
                    if answer["status"] not in ("accepted", "duplicate"):
                        self._log.error("ALARM: a share was refused: %s: %s", submission.command, answer)
        except (StoreError, NotFound) as error:
            self._log.warning("shares are not moved for now: %s", error.message)
            self._awaited.clear()
            return False
        return True
