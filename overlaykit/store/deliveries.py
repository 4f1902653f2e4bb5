"""What an inbox holds: deliveries of platforms, and what it says of them to those who look. inbox.py keeps them."""

from __future__ import annotations

import hashlib
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

from overlaykit.model.events import Arrival

DELIVERY_SHOWN = 80
"""Characters of a platform's id of a delivery; of a longer one a hash is kept."""

PileName = Literal["aside", "dead"]


class Received(Struct, frozen=True, kw_only=True):
    """One delivery of a platform: what it told at once.

    id        the same when it is delivered again; `delivery_id` makes it
    app       the app whose address or poll it came by
    channel   whose it is, as the plan names it
    at_ms     when it came, on the receiver's clock
    arrivals  what it says, in its order; none is Unknown by the time it is taken
    """

    id: str
    app: str
    channel: str
    at_ms: int
    arrivals: tuple[Arrival, ...]


class OddMessage(Struct, frozen=True, kw_only=True):
    """A genuine message that nobody here understands: kept for a while, so that a plugin can be mended.

    what  the platform's name for its kind; "" when it could not be read
    why   what was wrong with it; "" for a kind that the connector does not know
    body  how it begins
    """

    app: str
    at_ms: int
    what: str = ""
    why: str = ""
    body: str = ""


class Letter(Struct, frozen=True, kw_only=True):
    """A delivery that waits for a person.

    why            what is in its way, in words
    platform_skus  the platform's skus that the plan has no item for; on the pile aside alone
    seq            the last entry of the ledger that says so (order.unmapped); 0 where none does
    at_ms          when it was laid there
    """

    received: Received
    why: str
    platform_skus: tuple[str, ...] = ()
    seq: int = 0
    at_ms: int = 0


class ChannelCounts(Struct, frozen=True, kw_only=True):
    """Of one channel since its ledger began.

    received    deliveries, those among them that came again: `duplicates`
    ignored     lines of orders that belong to no item of the plan
    unlisted    numbers that the platform told of things that are no listing of the channel
    heard_ms    when the last delivery came, 0 before the first
    """

    received: int = 0
    duplicates: int = 0
    ignored: int = 0
    unlisted: int = 0
    heard_ms: int = 0


class AppCounts(Struct, frozen=True, kw_only=True):
    """Of one app's address since its ledger began.

    refused     messages whose signature was not right
    unreadable  genuine messages that could not be read
    unknown     things told that the connector does not know
    strangers   things told of a shop that no channel has
    full        messages that were turned away because too many wait
    """

    refused: int = 0
    unreadable: int = 0
    unknown: int = 0
    strangers: int = 0
    full: int = 0


class AppTrouble(Struct, frozen=True, kw_only=True):
    """How an app's connector failed with a message, and none was received since."""

    reason: str
    remedy: str
    at_ms: int


class Queue(NamedTuple):
    """Of one app: how many wait, and when the oldest came; None when none waits."""

    waiting: int
    oldest_ms: int | None


class Pile(NamedTuple):
    """Letters in all, and the last LETTERS_SHOWN of them, the last one first."""

    in_all: int
    letters: list[Letter]


class InboxNow(NamedTuple):
    """An inbox as the desk sees it; odd messages, the last one first, ODD_SHOWN at most."""

    now_ms: int
    queues: dict[str, Queue]
    channels: dict[str, ChannelCounts]
    apps: dict[str, AppCounts]
    aside: Pile
    dead: Pile
    odd: list[OddMessage]
    troubles: dict[str, AppTrouble]


def delivery_id(channel: str, delivery: str) -> str:
    """The id of a delivery that the platform calls `delivery`, in this channel."""
    if len(delivery) <= DELIVERY_SHOWN:
        return f"{channel}:{delivery}"
    return f"{channel}:sha256:{hashlib.sha256(delivery.encode()).hexdigest()[:40]}"


def read_received(text: bytes) -> Received:
    """What msgspec.json.encode made of a Received. Raises msgspec.ValidationError."""
    return msgspec.json.decode(text, type=Received)
