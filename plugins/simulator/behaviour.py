"""What a crowd does in a live room, made up from a plan and a seed. Pure: no clock, no I/O; the same seed, the same crowd.

An evening is a list of acts, one for each thing that is put on air. README.md says what the shapes stand for.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from overlaykit.api import SessionPlan, UserError
from plugins.simulator import staff
from plugins.simulator.steps import Act, Evening, Step

LEAD_IN = 4.0
"""Seconds in which the presenter talks before the link drops and the first requests come."""
AFTER_LAST_HOLD = 5.0
"""Seconds left at the end for the last holds to expire and be seen."""
REACTION = 6.0
"""Seconds from selling out to the presenter's next item."""
PAID, CANCELLED, LATE = 0.80, 0.05, 0.01
"""Shares of accepted requests that are paid in time, given back before payment, paid after the hold. The rest expires."""
BURST, DECAY = 0.10, 0.55
"""Shares of an act's requests: within two seconds of the link drop, and falling off from then on. The rest is steady."""
SCALPERS, SCALPERS_PAY, CLUSTER = 0.02, 0.25, 12
"""Share of requests by scalpers, the share of these that are paid, and how many come at once: few buyers, many units."""
WAVE = 0.04
"""Share of an act's paid orders that are cancelled together, late in the act."""
ELSEWHERE = 0.08
"""Share of requests for something that is not on air, alone or besides."""
QUANTITIES, QUANTITY_WEIGHTS = (1, 2, 3), (86, 10, 4)
SHIPPED, SHIPS_AFTER, REFUNDED = 0.30, (5.0, 15.0), 0.10
"""Share of paid orders that leave the warehouse during the evening, seconds after payment, and the share of these that
come back."""
RUSH, RUSH_EARLY, RUSH_SECONDS = 2.0, 0.05, 12.0
"""Requests for each unit of a batch, the share of them that come before it opens, and within how many seconds."""
PERSONAL = 0.15
"""In a plan with limits: share of requests by shops that show the buyer the seconds left."""
BUNDLES = 8
"""Of so many bundles that could be made, one is asked for."""


def evening(plan: SessionPlan, *, seed: int, seconds: float, requests: int) -> Evening:
    """An evening of `seconds` with `requests` requests for the plan's items, over when the last hold has expired.

    Requests are spread over the acts by units on hand, time half by units and half evenly. Raises UserError when there
    is too little time for it.
    """
    chance = random.Random(f"{plan.id} {seed}")
    hold = _hold(plan, seconds)
    selling = seconds - (hold or plan.hold_seconds) - AFTER_LAST_HOLD
    groups = _groups(plan)
    if selling < len(groups) * 2 * LEAD_IN:
        least = len(groups) * 2 * LEAD_IN * 1.2 + AFTER_LAST_HOLD + 1
        raise UserError(
            f"{seconds:g} s are too short for {len(groups)} things on air.", remedy=f"Give at least {least:.0f}."
        )
    units = [max(1, sum(_units(plan, item) for item in group)) for group in groups]
    wanted = _shares(requests, units)
    crowd = _Crowd(plan, chance, hold)
    acts: list[Act] = []
    begins = 0.0
    for number, group in enumerate(groups):
        slot = selling * (units[number] / sum(units) + 1 / len(groups)) / 2
        crowd_stays = min(selling - begins, 2 * slot)
        skus = [item.sku for item in group]
        steps = [*_presenter(group, number, slot, seed), *crowd.act(skus, wanted[number], crowd_stays)]
        steps += staff.act(plan, group, number, slot)
        if group is groups[-1]:
            steps += crowd.batches_by_hand(slot * staff.BY_HAND)
        before = groups[number - 1] if number else []
        acts.append(
            Act(
                begins=begins,
                cue=tuple(item.sku for item in before),
                steps=tuple(sorted(steps, key=lambda step: step.at)),
                if_cued=_sold_out(before, number),
            )
        )
        begins += slot
    return Evening(tuple(acts), selling, (*staff.allotments(plan), *crowd.batches_by_the_clock()))


def _groups(plan: SessionPlan) -> list[list[Any]]:
    """Items in running order, the variants of a product together."""
    groups: dict[str, list[Any]] = {}
    for item in plan.items:
        if _units(plan, item):
            groups.setdefault(item.product or item.sku, []).append(item)
    if not groups:
        raise UserError(f"The plan {plan.id!r} has no units to sell.", remedy="Give its items an opening stock.")
    return list(groups.values())


def _units(plan: SessionPlan, item: Any) -> int:
    """What the crowd wants of an item: what opens, and of a bundle some."""
    return staff.of_bundles(plan, item) // BUNDLES if item.bundle else sum(item.opening.values())


def _shares(whole: int, weights: Sequence[int]) -> list[int]:
    """`whole` in integer parts, in proportion to `weights`."""
    ends = [round(whole * sum(weights[: place + 1]) / sum(weights)) for place in range(len(weights))]
    return [end - begin for begin, end in zip([0, *ends], ends, strict=False)]


def _hold(plan: SessionPlan, seconds: float) -> float | None:
    """Seconds to hold, where the plan's own hold would outlast the evening."""
    return None if plan.hold_seconds <= seconds / 5 else round(seconds / 6, 3)


def _presenter(group: Sequence[Any], number: int, slot: float, seed: int) -> Iterator[Step]:
    first = group[0]
    on_air = {"product": first.product} if first.product else {"sku": first.sku}
    yield Step(0.0, {"type": "item.feature", "id": f"air{number}", **on_air})
    if number == 0:
        text = f"演示数据：以下订单由模拟器生成 (synthetic, seed {seed})"
        yield Step(0.0, {"type": "announce.show", "id": "synthetic", "text": text, "seconds": 8})
    title = f"{first.link}号链接 {first.title}" if first.link else first.title
    yield Step(LEAD_IN, {"type": "announce.show", "id": f"drop{number}", "text": f"{title} 开抢", "seconds": 6})
    countdown = {
        "type": "countdown.set",
        "id": f"deal{number}",
        "name": "deal",
        "sku": first.sku,
        "seconds": round(slot, 3),
    }
    yield Step(LEAD_IN, countdown)


def _sold_out(group: Sequence[Any], number: int) -> tuple[Step, ...]:
    if not group:
        return ()
    text = f"{group[0].title} 已售罄，看下一款"
    return (Step(0.0, {"type": "announce.show", "id": f"gone{number}", "text": text, "seconds": 6}),)


class _Crowd:
    """The buyers of one evening. Numbers orders through; all chance comes from one generator."""

    def __init__(self, plan: SessionPlan, chance: random.Random, hold: float | None) -> None:
        self._plan = plan
        self._chance = chance
        self._hold = hold
        self._limited = plan.buyer_rate is not None or plan.attempt_rate is not None
        self._held_for = hold or plan.hold_seconds
        self._skus = [item.sku for item in plan.items]
        self._weights = [_units(plan, item) for item in plan.items]
        self._regions = [region for location in plan.locations for region in location.serves]
        # Who buys on a platform that a connector talks to, the platform tells of itself.
        self._channels = [channel for channel in plan.channels if channel.connector is None]
        self._several = len(plan.channels) > 1
        self._channel_weights = [1 / (place + 1) for place in range(len(self._channels))]
        self._numbers = count(1)

    def act(self, skus: Sequence[str], requests: int, length: float) -> Iterator[Step]:
        """`requests` requests within `length` seconds, with what follows from each, and a wave of cancellations."""
        chance = self._chance
        selling = length - LEAD_IN
        clusters = round(requests * SCALPERS / CLUSTER)
        crest = LEAD_IN + selling * 0.75
        payments: list[str] = []  # ids of what pays orders that come well before the wave
        for _ in range(requests - clusters * CLUSTER):
            at = LEAD_IN + _arrival(chance, selling)
            step, payment = self._order(at, self._lines(skus), f"b{chance.randrange(requests * 4 // 5 + 1)}", PAID)
            shipped = bool(step.then and step.then[0].then)
            if payment and not shipped and at + self._held_for / 2 < crest:
                payments.append(payment)
            yield step
        for cluster in range(clusters):
            begins = LEAD_IN + chance.uniform(0.2, selling / 3)
            for _ in range(CLUSTER):
                lines = [(chance.choice(skus), chance.randint(3, 5))]
                buyer = f"s{cluster}-{chance.randrange(3)}"
                yield self._order(begins + chance.uniform(0, 0.5), lines, buyer, SCALPERS_PAY)[0]
        for payment in chance.sample(payments, round(len(payments) * WAVE)):
            release = {"type": "order.release", "id": f"w{payment[1:]}", "order": f"o{payment[1:]}"}
            yield Step(crest + chance.uniform(0, 1.5), release, follows=payment)

    def batches_by_the_clock(self) -> Iterator[Step]:
        """The rush for each batch that opens at a time. Some come too early."""
        for drop in self._plan.drops:
            opens = staff.opens_after(self._plan, drop)
            if opens is not None:
                for step in self._rush(drop, early=RUSH_EARLY):
                    yield self._moved(step, max(0.0, opens + step.at))

    def batches_by_hand(self, at: float) -> Iterator[Step]:
        """The batches without a time, one after the other."""
        for number, drop in enumerate(drop for drop in self._plan.drops if drop.opens_at is None):
            yield staff.opening_by_hand(drop, list(self._rush(drop, early=0.0)), at + number * 5)

    @staticmethod
    def _moved(step: Step, at: float) -> Step:
        return Step(at, step.command, step.then, step.follows, step.while_left)

    def _rush(self, drop: Any, *, early: float) -> Iterator[Step]:
        """Requests for a batch, `at` counted from its opening."""
        chance = self._chance
        wanted = round(drop.quantity * RUSH)
        channels = [channel for channel in self._channels if channel.sells == "asks_first"]
        for _ in range(wanted if channels else 0):
            at = -chance.uniform(0.2, 2.0) if chance.random() < early else _arrival(chance, RUSH_SECONDS)
            buyer = f"b{chance.randrange(wanted * 2)}"
            yield self._order(at, [(drop.sku, 1)], buyer, PAID, drop=drop, channel=chance.choice(channels))[0]

    def _lines(self, skus: Sequence[str]) -> list[tuple[str, int]]:
        chance = self._chance
        on_air = chance.choice(skus)
        other = chance.choices(self._skus, self._weights)[0]
        quantity = chance.choices(QUANTITIES, QUANTITY_WEIGHTS)[0]
        roll = chance.random()
        if roll < ELSEWHERE / 2:
            return [(other, quantity)]
        if roll < ELSEWHERE and other != on_air:
            return [(on_air, quantity), (other, 1)]
        return [(on_air, quantity)]

    def _order(
        self,
        at: float,
        lines: Sequence[tuple[str, int]],
        buyer: str,
        pays: float,
        *,
        drop: Any = None,
        channel: Any = None,
    ) -> tuple[Step, str | None]:
        """A request, or the fact of a channel that sells by itself, with what becomes of it; and the id of what pays it."""
        chance = self._chance
        number = next(self._numbers)
        channel = channel or chance.choices(self._channels, self._channel_weights)[0]
        region = {"region": chance.choice(self._regions)} if self._regions else {}
        order: dict[str, Any] = {"order": f"o{number}", "buyer": buyer}
        if self._several:
            order["channel"] = channel.name
        of_drop = {"drop": drop.name} if drop is not None else {}
        order["lines"] = [{"sku": sku, "quantity": quantity, **region, **of_drop} for sku, quantity in lines]
        roll, patience = chance.random(), self._held_for
        release = {"type": "order.release", "id": f"c{number}", "order": f"o{number}"}
        if channel.sells == "by_itself":
            fact = {"type": "order.record", "id": f"r{number}", **order, "paid": roll < pays}
            then = () if roll < pays else (Step(patience, release),)  # the platform cancels what is not paid in time
            return Step(at, fact, then, while_left=lines[0][0]), fact["id"] if roll < pays else None
        pay = {"type": "order.commit", "id": f"p{number}", "order": f"o{number}"}
        request = {"type": "order.reserve", "id": f"r{number}", **order}
        if self._hold is not None:
            request["hold_seconds"] = self._hold
        if self._limited and chance.random() < PERSONAL:
            request["personal"] = True
        thinks = min(chance.lognormvariate(1.8, 0.6), patience / 2)
        if roll < pays:
            return Step(at, request, (Step(thinks, pay, self._delivery(number)),)), pay["id"]
        if roll < pays + CANCELLED:
            return Step(at, request, (Step(thinks, release),)), None
        if roll < pays + CANCELLED + LATE:
            return Step(at, request, (Step(patience + chance.uniform(1, 3), pay),)), None
        return Step(at, request), None

    def _delivery(self, number: int) -> tuple[Step, ...]:
        """What becomes of a paid order within the evening: nothing, or it is sent, and some of it comes back."""
        chance = self._chance
        if chance.random() >= SHIPPED:
            return ()
        ship = {"type": "order.ship", "id": f"s{number}", "order": f"o{number}"}
        refund = {"type": "order.refund", "id": f"f{number}", "order": f"o{number}", "restock": chance.random() < 0.5}
        back = (Step(chance.uniform(3, 8), refund),) if chance.random() < REFUNDED else ()
        return (Step(chance.uniform(*SHIPS_AFTER), ship, back),)


def _arrival(chance: random.Random, length: float) -> float:
    """Seconds after the link drop, 0 … length: a burst, an exponential decay, and a steady rest."""
    roll = chance.random()
    if roll < BURST:
        return min(chance.uniform(0, 2), length)
    if roll < BURST + DECAY:
        while (at := chance.expovariate(1.5 / length)) > length:
            pass
        return at
    return chance.uniform(0, length)
