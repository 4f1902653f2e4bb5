"""Commands about what connects the room with platforms: whether it works, and what a platform's skus are here."""

from __future__ import annotations

from overlaykit.model.commands.base import Command
from overlaykit.model.fields import Connected, Name, PlatformSku, Quantity, Reason, Seq


class ConnectorPause(Command, frozen=True, kw_only=True, tag="connector.pause"):
    """Stops the connector of this section of the plan until connector.resume: what arrives waits, nothing is asked and nothing goes
    out. A source's numbers are stale meanwhile."""

    name: Connected
    reason: Reason | None = None


class ConnectorResume(Command, frozen=True, kw_only=True, tag="connector.resume"):
    """Lets a connector work again: what waited is counted now."""

    name: Connected


class QuarantineMap(Command, frozen=True, kw_only=True, tag="quarantine.map"):
    """Says what a platform's sku is here, over what the plan says: one unit of it is `quantity` units of the item `sku`. Orders
    that were put aside for want of it count now."""

    channel: Name
    platform_sku: PlatformSku
    sku: Name
    quantity: Quantity = 1


class QuarantineDrop(Command, frozen=True, kw_only=True, tag="quarantine.drop"):
    """What was put aside needs nothing more: the fact of this entry, or the orders of a channel for want of this platform's sku."""

    entry: Seq | None = None
    channel: Name | None = None
    platform_sku: PlatformSku | None = None
