"""What happened to an order at a platform → the command that says so here, and what has to be remembered of it. Pure.

Platforms tell one happening several times, under several ids, late and in any order. Four things make each count once:

- A command's id is made of the channel, the order, the kind of happening and its transition. That of a `placed` or `paid` is made
  of its lines and its time, too: the same again is the same command, other lines are another one, of which the engine applies the
  difference.
- What an order is said to hold is as old as `at` says. Older news never replaces newer (`OrderMark.lines_ms`), and none from before
  a cancellation revives the order. Without times the last word counts.
- What returns or ships units moves them by a difference, so it is remembered for good, line by line: `Translation.settled`. The
  engine's own memory of ids lasts some hours.
- Lines of an event that belong to no item of the plan take no part. When somebody maps them and the event comes again, the lines
  that counted are settled, and the others count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import Struct

from overlaykit.inbox.mapping import OwnLine, SkuMap, own_lines, units_by_sku
from overlaykit.model.commands import Submission
from overlaykit.model.events import OrderCancelled, OrderFact, OrderPaid, OrderPlaced, OrderShipped, Refunded
from overlaykit.model.parsing import parse

NAME_AT_MOST = 128
AHEAD_MS = 600_000
"""How far a platform's time may be ahead of ours; more is a wrong unit or a wrong offset, and says nothing."""
WHOLE = ""
"""Instead of a platform's sku: the whole order."""

Skipped = Literal["told", "stale", "ignored"]


class Aside(Struct, frozen=True, array_like=True):
    """A happening of an order that lies aside; inbox/asides.py says why once.

    delivery  a digest of the delivery that holds it
    content   a digest of its lines, as the platform tells them
    at        when it was told to be so last, the platform's time in seconds since 1970; 0.0: not known
    paid      whether it says that the order is paid
    """

    delivery: bytes
    content: bytes
    at: float
    paid: bool


class OrderMark(Struct, frozen=True, array_like=True):
    """What was told of an order so far. Times are the platform's, ms since 1970; 0: not known.

    lines         a digest of what it holds, b"" before anything was told of that
    lines_ms      when it held that
    paid          whether it is paid
    cancelled_ms  when it was cancelled as a whole
    ours          whether any of its lines ever was an item of the plan
    units         what it holds, by our sku
    back          what came back of it line by line, or is gone
    aside         what of it lies aside for want of a mapping
    """

    lines: bytes = b""
    lines_ms: int = 0
    paid: bool = False
    cancelled_ms: int = 0
    ours: bool = False
    units: dict[str, int] = {}
    back: dict[str, int] = {}
    aside: dict[str, Aside] = {}

    @property
    def is_empty(self) -> bool:
        """Whether all that it held came back: then it is over for the engine."""
        return bool(self.units) and all(count <= self.back.get(sku, 0) for sku, count in self.units.items())


class Translation(NamedTuple):
    """What is to be done about one event.

    submission  the command, None when there is none
    mark        what is known of the order once the command is decided
    settled     what is then done for good: key → units
    unknown     units by the platform's sku that are no item of the plan, in an event that was not skipped
    skipped     why there is no command: it was told before, something newer was, or none of it belongs to the plan
    clash       what contradicts what was told before, in words
    """

    submission: Submission | None
    mark: OrderMark
    settled: Mapping[bytes, int]
    unknown: Mapping[str, int]
    skipped: Skipped | None = None
    clash: str | None = None


class Teller(NamedTuple):
    """Who tells.

    channel   of the plan
    shop      the one that the plan says it is, "" when it does not say
    skus      what its skus are here
    now_ms    the time, ms since 1970
    ignores   whether what is no item of the plan is nobody's; else it may be mapped yet
    """

    channel: str
    shop: str
    skus: SkuMap
    now_ms: int
    ignores: bool = True


def order_name(channel: str, shop: str, order: str) -> str:
    """What the ledger calls an order of a platform: CHANNEL:SHOP:ORDER, without a shop CHANNEL:ORDER; hashed where that is too long
    or cannot stand on a screen."""
    name = ":".join(filter(None, (channel, shop, order)))
    if len(name) <= NAME_AT_MOST and name.isprintable():
        return name
    return f"{channel}:{_digest(shop, order).hex()}"


def name_of(event: OrderFact, teller: Teller) -> str:
    """The ledger's name of the order that an event is about. The plan's shop is the event's, whoever leaves it out."""
    return order_name(teller.channel, teller.shop or event.shop, event.order)


def settled_keys(event: OrderFact, teller: Teller) -> list[bytes]:
    """What could be settled already of an event: the whole order, and each platform's sku in it."""
    if isinstance(event, OrderPlaced | OrderPaid):
        return []
    return [_key(event, teller, WHOLE), *(_key(event, teller, each) for each in units_by_sku(event.lines))]


def translate(event: OrderFact, teller: Teller, mark: OrderMark, settled: Mapping[bytes, int]) -> Translation:
    """The command for `event`. `mark`: what was told of its order; `settled`: what is done of it, at least of `settled_keys`.

    Raises InvalidCommand for an event that no command can say, such as one with more than 200 lines.
    """
    if isinstance(event, OrderPlaced | OrderPaid):
        return _held(event, teller, mark)
    return _moved(event, teller, mark, settled)


def _held(event: OrderPlaced | OrderPaid, teller: Teller, mark: OrderMark) -> Translation:
    """What an order holds now, and whether it is paid."""
    order, paid, at = name_of(event, teller), isinstance(event, OrderPaid), _ms(event, teller.now_ms)
    lines, unknown = own_lines(event.lines, teller.skus)
    digest = _digest(*(f"{field}" for line in lines for field in line))
    if digest == mark.lines and (mark.paid or not paid):
        # Some tell all that ever happened to an order with each change of it, also after it was cancelled.
        return _skip("told", msgspec.structs.replace(mark, lines_ms=max(mark.lines_ms, at)), unknown)
    if at and mark.lines and at <= mark.cancelled_ms:
        return _skip("stale", mark)
    if at and at < mark.lines_ms:
        if not paid or mark.paid:
            return _skip("stale", mark)
        known = msgspec.structs.replace(mark, paid=True)
        if not mark.ours:
            return _skip("ignored", known)  # whoever maps its lines later hears from the mark that it is paid
        command = {"type": "order.commit", "order": order, "fact": True}
        return Translation(_submission(teller, "paid", command, order, event.transition), known, {}, {})
    units = _by_sku(lines)
    known = OrderMark(
        lines=digest,
        lines_ms=at or mark.lines_ms,
        paid=paid or mark.paid,
        cancelled_ms=mark.cancelled_ms,
        ours=mark.ours or bool(lines),
        units=units,
        back=mark.back,
        aside=mark.aside,
    )
    if mark.is_empty and all(count <= mark.units.get(sku, 0) for sku, count in units.items()):
        return _skip("told", known, unknown)  # such as a payment that is heard of after the refund
    if not lines:
        if not mark.ours:
            return _skip("ignored", known, unknown)
        command = {"type": "order.release", "order": order, "fact": True}
        return Translation(_submission(teller, "emptied", command, order, at), known, {}, unknown)
    command = {
        "type": "order.record",
        "order": order,
        "channel": teller.channel,
        "buyer": _buyer(event.buyer),
        "lines": [_line(line) for line in lines],
        "paid": known.paid,
    }
    identity = ("paid" if known.paid else "placed", command, order, event.transition, at, digest.hex())
    return Translation(_submission(teller, *identity), known, {}, unknown)


def _moved(
    event: OrderCancelled | OrderShipped | Refunded, teller: Teller, mark: OrderMark, settled: Mapping[bytes, int]
) -> Translation:
    """What leaves or returns, as a whole or line by line."""
    order, at = name_of(event, teller), _ms(event, teller.now_ms)
    units = units_by_sku(event.lines) or {WHOLE: 0}
    keys = {each: _key(event, teller, each) for each in units}
    if _key(event, teller, WHOLE) in settled:
        return _skip("told", mark)
    clashing = [each for each, key in keys.items() if settled.get(key, units[each]) != units[each]]
    if clashing:
        told = ", ".join(f"{each} × {settled[keys[each]]}, now × {units[each]}" for each in clashing)
        clash = f"the platform told it before with other numbers: {told}"
        return Translation(None, mark, {}, {}, clash=clash)
    fresh = {each: units[each] for each, key in keys.items() if key not in settled}
    if not fresh:
        return _skip("told", mark)
    if isinstance(event, OrderCancelled) and not event.lines:
        mark = msgspec.structs.replace(mark, cancelled_ms=max(mark.cancelled_ms, at))
    if mark.lines and not mark.ours and WHOLE in fresh and teller.ignores:
        return _skip("ignored", mark)
    parts: dict[str, int] = {}
    unknown: dict[str, int] = {}
    for each, quantity in fresh.items():
        found = teller.skus.find(each) if each != WHOLE else None
        if found is not None:
            parts[found.sku] = parts.get(found.sku, 0) + quantity * found.quantity
        elif each != WHOLE:
            unknown[each] = quantity
    if not parts and WHOLE not in fresh:
        return _skip("ignored", mark, unknown)
    command: dict[str, Any] = {"type": _RETURNS[type(event)], "order": order, "fact": True}
    if parts:
        command["lines"] = [{"sku": sku, "quantity": quantity} for sku, quantity in sorted(parts.items())]
    if isinstance(event, Refunded):
        command["restock"] = bool(event.restock)
    known = sorted(each for each in fresh if each not in unknown)
    submission = _submission(teller, _tag(event), command, order, event.transition, *known)
    if not isinstance(event, OrderShipped):
        back = {sku: mark.back.get(sku, 0) + parts.get(sku, 0) for sku in {*mark.back, *parts}}
        mark = msgspec.structs.replace(mark, back=back)
    return Translation(submission, mark, {keys[each]: fresh[each] for each in known}, unknown)


_RETURNS: dict[type, str] = {
    OrderCancelled: "order.release",
    OrderShipped: "order.ship",
    Refunded: "order.refund",
}


def _skip(why: Skipped, mark: OrderMark, unknown: Mapping[str, int] | None = None) -> Translation:
    return Translation(None, mark, {}, unknown or {}, why)


def _key(event: OrderCancelled | OrderShipped | Refunded, teller: Teller, platform_sku: str) -> bytes:
    """Under what a platform's sku of the event is settled, or WHOLE."""
    return _digest(_tag(event), name_of(event, teller), event.transition, platform_sku)


def _tag(event: OrderFact) -> str:
    return str(event.__struct_config__.tag).removeprefix("order.")


def _submission(teller: Teller, kind: str, command: Mapping[str, Any], *identity: object) -> Submission:
    id = f"{teller.channel}:{kind}:{_digest(kind, *identity).hex()}"
    body = {name: value for name, value in command.items() if value is not None}
    return parse(msgspec.json.encode({**body, "id": id}), f"connector:{teller.channel}")


def _by_sku(lines: Sequence[OwnLine]) -> dict[str, int]:
    units: dict[str, int] = {}
    for line in lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units


def _line(line: OwnLine) -> dict[str, Any]:
    found: dict[str, Any] = {"sku": line.sku, "quantity": line.quantity}
    if line.price is not None:
        found["unit_price"] = line.price
    if line.currency is not None:
        found["currency"] = line.currency
    return found


def _buyer(buyer: str | None) -> str | None:
    """A platform's id of a buyer, or a hash of one that is too long; the engine hashes it again."""
    if not buyer:
        return None
    return buyer if len(buyer) <= NAME_AT_MOST and buyer.isprintable() else _digest(buyer).hex()


def _ms(event: OrderFact, now_ms: int) -> int:
    """When it happened, ms since 1970; 0 when the platform does not say, or says something that cannot be."""
    if event.at is None:
        return 0
    at = round((event.at - _EPOCH) / dt.timedelta(milliseconds=1))
    return at if 0 < at <= now_ms + AHEAD_MS else 0


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _digest(*parts: object) -> bytes:
    """The same for the same parts, wherever one ends and the next begins."""
    digest = blake2b(digest_size=16)
    for part in parts:
        text = str(part).encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(text) + text)
    return digest.digest()
