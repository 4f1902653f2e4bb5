"""Commands about what is sold, and what of it is on air."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, field

from overlaykit.model.commands.base import Command
from overlaykit.model.fields import Day, Link, Money, Name, Quantity, Reading, Text
from overlaykit.model.sessions import Threshold


class ItemOpen(Command, frozen=True, kw_only=True, tag="item.open"):
    """On sale from now on."""

    sku: Name


class ItemClose(Command, frozen=True, kw_only=True, tag="item.close"):
    """No longer on sale: requests are refused `not_on_sale`, facts still count."""

    sku: Name


class Mode(StrEnum):
    """What an item sells: stock, or units that are on their way."""

    SPOT = "spot"
    PRESALE = "presale"


class ItemMode(Command, frozen=True, kw_only=True, tag="item.mode"):
    """Sells stock (`spot`), or units on their way (`presale`), to be sent by the day `ship_by`."""

    sku: Name
    mode: Mode
    ship_by: Day | None = None


class ItemAdd(Command, frozen=True, kw_only=True, tag="item.add"):
    """A new item, at the end of the running order. `opening` and `buffer`: units by location; thresholds default to the plan's."""

    sku: Name
    title: Text
    link: Link | None = None
    product: Name | None = None
    variant: Text | None = None
    subtitle: Text | None = None
    price: Money | None = None
    list_price: Money | None = None
    cost: Money | None = None
    image: Text | None = None
    aliases: tuple[Name, ...] = ()
    facts: dict[Name, Text] = field(default_factory=dict)
    opening: dict[Name, Reading] = field(default_factory=dict)
    buffer: dict[Name, Reading] = field(default_factory=dict)
    low: Threshold | None = None
    critical: Threshold | None = None
    buyer_limit: Quantity | None = None
    presale_limit: Quantity | None = None
    on_sale: bool = True
    bundle: dict[Name, Quantity] = field(default_factory=dict)


class ItemUpdate(Command, frozen=True, kw_only=True, tag="item.update"):
    """Changes what is said of an item, field by field; null takes a field away where an item may be without it."""

    sku: Name
    title: Text | UnsetType = UNSET
    link: Link | UnsetType | None = UNSET
    product: Name | UnsetType | None = UNSET
    variant: Text | UnsetType | None = UNSET
    subtitle: Text | UnsetType | None = UNSET
    price: Money | UnsetType | None = UNSET
    list_price: Money | UnsetType | None = UNSET
    cost: Money | UnsetType | None = UNSET
    image: Text | UnsetType | None = UNSET
    aliases: tuple[Name, ...] | UnsetType = UNSET
    facts: dict[Name, Text] | UnsetType = UNSET
    low: Threshold | UnsetType = UNSET
    critical: Threshold | UnsetType = UNSET
    buyer_limit: Quantity | UnsetType | None = UNSET
    presale_limit: Quantity | UnsetType | None = UNSET


class ItemMove(Command, frozen=True, kw_only=True, tag="item.move"):
    """Puts an item at a position of the running order, 1 being the first."""

    sku: Name
    position: Annotated[int, Meta(ge=1, le=100_000)]


class ItemFeature(Command, frozen=True, kw_only=True, tag="item.feature"):
    """On air: exactly one of `sku`, `product`, `link`, or `sku: null` for nothing. With `channel`, for that channel alone."""

    sku: Name | UnsetType | None = UNSET
    product: Name | UnsetType = UNSET
    link: Link | UnsetType = UNSET
    channel: Name | None = None


class PlanReload(Command, frozen=True, kw_only=True, tag="plan.reload"):
    """Reads the session's session.toml again: what is safe to change is sent as commands of its own, the rest is refused with
    its reason. `dry_run`: says what it would do, and does nothing."""

    dry_run: bool = False
