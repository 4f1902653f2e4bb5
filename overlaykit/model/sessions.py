"""The resolved plan: what entry 1 of a ledger says, with every default filled in and every time absolute.

The author's form, `session.toml`, may grow sugar; this form is what recordings keep, so it changes only by addition.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import force_setattr

from overlaykit.model.patterns import sku_pattern

PLAY = re.compile(r"-play-[0-9]+$")
"""How the id of a play ends, a session into which a recording is played: ID-play-N."""
SOURCE_EVERY = 3.0
"""Seconds between two questions to a source whose plan does not say `every`."""
STALE_AFTER = 10.0
"""Seconds of a source's silence after which a location without `stale_after` shows stale numbers."""
SOURCE_JUMP = 0.5
"""Of a source whose plan does not say `jump`: the share by which a reading may differ without being confirmed."""

POLL_EVERY = 10.0
"""Seconds between two questions for orders to a channel whose plan does not say `every`."""
CHANNEL_LAG = 5.0
"""Seconds by which the news of a channel are late at worst, where the plan does not say `lag`."""


class Threshold(Struct, frozen=True):
    """A level of available units: absolute `units`, or `share` (0 … 1) of the units opened so far. Exactly one is set."""

    units: int | None = None
    share: float | None = None

    def level(self, opening: int) -> float:
        """Units at or below which the threshold counts as reached, for an item with `opening` units."""
        return float(self.units) if self.units is not None else (self.share or 0.0) * opening


class Incoming(Struct, frozen=True):
    """Units promised for a day, `due` as YYYY-MM-DD."""

    quantity: int
    due: str


class Item(Struct, frozen=True, kw_only=True):
    """What is sold, as planned. Money is a decimal string in the session's currency.

    opening    location → units on hand at the start, buffer included
    buffer     location → units of them kept back
    low, critical   thresholds of the states `low` and `critical`
    """

    sku: str
    link: int | None = None
    product: str | None = None
    variant: str | None = None
    title: str
    subtitle: str | None = None
    price: str | None = None
    list_price: str | None = None
    cost: str | None = None
    image: str | None = None
    aliases: tuple[str, ...] = ()
    facts: dict[str, str] = {}
    opening: dict[str, int]
    buffer: dict[str, int] = {}
    incoming: dict[str, Incoming] = {}
    low: Threshold
    critical: Threshold
    buyer_limit: int | None = None
    presale_limit: int | None = None
    on_sale: bool = True
    bundle: dict[str, int] = {}


class Location(Struct, frozen=True, kw_only=True):
    """A warehouse and the regions it serves; the order of locations is the order in which lines draw from them."""

    name: str
    title: str
    serves: tuple[str, ...] = ()
    source: str | None = None
    backup: str | None = None
    stale_after: float | None = None


class Mapped(Struct, frozen=True):
    """What one unit of a platform's sku is here: `quantity` units of the item `sku`."""

    sku: str
    quantity: int = 1


class Channel(Struct, frozen=True, kw_only=True):
    """A sales platform or shop account; durations in seconds, shares 0 … 1.

    app    the platform app that its connector works with; channels of one app share its address, settings and secrets. "" without
           a connector
    shop   the platform's id of the shop; "" where its app has no other
    skus   platform's sku → what it is here
    sells_only  skus and patterns of skus: the items that it sells; None: all
    every  between two questions for new orders
    lag    how old its news and what was pushed to it are at worst
    push   whether the numbers that it may sell are pushed, where its connector can
    stand_in  in a play: settings, secrets included, of the made-up platform that takes the real one's place; None: nobody does
    """

    name: str
    title: str
    connector: str | None = None
    sells: Literal["asks_first", "by_itself"] = "asks_first"
    share: float | None = None
    floor: float | None = None
    unmapped: Literal["ignore", "quarantine"] = "ignore"
    stream_delay: float = 0.0
    stand_in: dict[str, Any] | None = None
    app: str = ""
    shop: str = ""
    skus: dict[str, Mapped] = {}
    sells_only: tuple[str, ...] | None = None
    every: float = POLL_EVERY
    lag: float = CHANNEL_LAG
    push: bool = True

    def __post_init__(self) -> None:
        if self.connector is not None and not self.app:
            force_setattr(self, "app", self.name)

    def offers(self, sku: str) -> bool:
        """Whether the item is sold there, as the plan says."""
        return self.sells_only is None or any(sku_pattern(each).fullmatch(sku) for each in self.sells_only)


class Countdown(Struct, frozen=True, kw_only=True):
    """Set when the session opens: at `ends_at` (RFC 3339 UTC), or `seconds` after opening. Exactly one is set."""

    name: str
    sku: str | None = None
    ends_at: str | None = None
    seconds: float | None = None


class Drop(Struct, frozen=True, kw_only=True):
    """A batch limited in number and time; without `opens_at` released by hand."""

    name: str
    sku: str
    quantity: int
    opens_at: str | None = None
    closes_after: float | None = None
    buyer_limit: int | None = None
    price: str | None = None


class Rate(Struct, frozen=True, kw_only=True):
    """At most `count` in `per` seconds."""

    count: int
    per: float


class SessionPlan(Struct, frozen=True, kw_only=True):
    """One live room, resolved. `items` are in running order. `later` keeps the plan's sections that other processes read
    (rules, obs, script, sources, alerts, emergencies, notifiers, relays), by section name, as plain data.

    low, critical   thresholds of items that are added without their own
    buyer_rate      units that one buyer may take
    attempt_rate    reserves that one buyer may try
    """

    id: str
    ledger: str
    title: str
    starts: str | None = None
    locale: str = "zh-CN"
    timezone: str = "Asia/Shanghai"
    currency: str = "CNY"
    theme: str = "classic"
    options: dict[str, str | int | float | bool] = {}
    hold_seconds: float = 900.0
    split: bool = False
    low: Threshold = Threshold(share=0.2)
    critical: Threshold = Threshold(share=0.05)
    buyer_rate: Rate | None = None
    attempt_rate: Rate | None = None
    items: tuple[Item, ...]
    locations: tuple[Location, ...]
    channels: tuple[Channel, ...]
    countdowns: tuple[Countdown, ...] = ()
    drops: tuple[Drop, ...] = ()
    later: dict[str, Any] = {}

    @property
    def apps(self) -> dict[str, tuple[Channel, ...]]:
        """App → its channels. The first of them is the one whose settings and secrets are the app's: the channel called as the
        app, else the one that the plan names first."""
        found: dict[str, list[Channel]] = {}
        for channel in self.channels:
            if channel.connector is not None:
                found.setdefault(channel.app, []).append(channel)
        return {
            app: tuple(sorted(channels, key=lambda channel: channel.name != app)) for app, channels in found.items()
        }

    @property
    def acts(self) -> bool:
        """Whether anything is done by itself: it has rules, alerts, emergency plans or an OBS."""
        return any(self.later.get(section) for section in ("rule", "alert", "emergency", "obs"))

    @property
    def is_play(self) -> bool:
        """Whether a recording is played into it."""
        return PLAY.search(self.id) is not None

    def has_platform(self, channel: Channel) -> bool:
        """Whether there is a platform that the channel reaches: in a play only one that is made up."""
        return channel.connector is not None and (channel.stand_in is not None or not self.is_play)

    @property
    def reaches_out(self) -> bool:
        """Whether there is anything for a gateway to do: a channel with a connector or a share, a source, a notifier, a webhook, a
        relay."""
        return any(channel.connector or channel.share is not None for channel in self.channels) or any(
            self.later.get(section) for section in ("source", "notifier", "webhook", "relay")
        )


def stock_row(units: int, buffer: int, incoming: int) -> list[int]:
    """The first stock row of an item at a location, in the order of model.entries.STOCK_COLUMNS: `units` on hand, of which
    `buffer` are kept back, and `incoming` on their way."""
    return [units, units - buffer, 0, 0, buffer, 0, incoming, 0, units - buffer, 0, 0]


def opening_rows(plan: SessionPlan, item: Item) -> dict[str, list[int]]:
    """The item's stock rows by location when its session is planned: one for each location that has units of it, expects
    some, or is named in its opening stock."""
    rows: dict[str, list[int]] = {}
    for location in plan.locations:
        incoming = item.incoming.get(location.name)
        if location.name in item.opening or incoming:
            units, buffer = item.opening.get(location.name, 0), item.buffer.get(location.name, 0)
            rows[location.name] = stock_row(units, buffer, incoming.quantity if incoming else 0)
    return rows
