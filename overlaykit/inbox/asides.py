"""What lies aside for want of a mapping, once per order and happening, however many deliveries tell it. Pure.

The delivery that told it first holds it, and lies aside; what others tell of it is nothing more. That one may come again, cut off
in the middle or with some of its skus mapped: it lies aside again then, and is as new as the last that told the same.
"""

from __future__ import annotations

import datetime as dt
from hashlib import blake2b

import msgspec

from overlaykit.inbox.translating import Aside, OrderMark, Translation
from overlaykit.model.events import OrderFact, OrderPaid, OrderPlaced

ASIDE_AT_MOST = 20
"""Happenings of one order that are told apart; of more, the oldest may lie aside twice."""


def as_told_last(event: OrderFact, delivery: str, mark: OrderMark) -> OrderFact:
    """The event at the latest time at which the same was told, for the delivery that holds it: else it would be stale."""
    held = _held(event, mark)
    if held is None or held.delivery != _digest(delivery) or event.at is None:
        return event
    return msgspec.structs.replace(event, at=max(event.at, dt.datetime.fromtimestamp(held.at, dt.UTC)))


def kept_once(said: Translation, event: OrderFact, delivery: str) -> Translation:
    """`said` of an event with lines that may be mapped yet, which its delivery holds from now on; without them where another
    delivery holds the same."""
    mark, own, at = said.mark, _digest(delivery), event.at.timestamp() if event.at else 0.0
    held = _held(event, mark)
    now = Aside(own, _content(event), at, isinstance(event, OrderPaid))
    if held is not None:
        now = msgspec.structs.replace(held, at=max(held.at, at))
    others = {name: each for name, each in mark.aside.items() if name != _happening(event)}
    for name in [*others][: max(0, len(others) + 1 - ASIDE_AT_MOST)]:
        del others[name]
    mark = msgspec.structs.replace(mark, aside={**others, _happening(event): now})
    return said._replace(mark=mark, unknown=said.unknown if now.delivery == own else {})


def _held(event: OrderFact, mark: OrderMark) -> Aside | None:
    """Who holds what an event says. Of what an order holds it is the last word alone: A, B, A are three happenings."""
    held = mark.aside.get(_happening(event))
    if held is None or held.content != _content(event) or (isinstance(event, OrderPaid) and not held.paid):
        return None
    return held


def _happening(event: OrderFact) -> str:
    if isinstance(event, OrderPlaced | OrderPaid):
        return ""
    return _digest(str(event.__struct_config__.tag), event.transition).hex()


def _content(event: OrderFact) -> bytes:
    return _digest(*sorted(f"{line.platform_sku}\0{line.quantity}" for line in event.lines))


def _digest(*parts: str) -> bytes:
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
