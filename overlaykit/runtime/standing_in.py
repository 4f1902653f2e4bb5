"""A play's channels get made-up platforms in the place of the real ones."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from overlaykit.model.plugins import StandIn
from overlaykit.model.sessions import Channel, SessionPlan
from overlaykit.runtime.orders import PlatformsOrder, StoodIn


def with_stand_ins(
    plan: SessionPlan, stand_ins: Mapping[str, type[StandIn]], *, room: str, speed: float
) -> tuple[SessionPlan, PlatformsOrder | None]:
    """The plan whose channels reach made-up platforms, where their connectors have one, and the order to run these.

    room   the room's address, such as http://127.0.0.1:8080. Messages go to an address that is this play's alone
    """
    channels: list[Channel] = []
    stood_in: list[StoodIn] = []
    for channel in plan.channels:
        cls = stand_ins.get(channel.connector or "")
        if cls is None or channel.connector is None:
            channels.append(channel)
            continue
        port, app = _free_port(), f"{plan.id}-{channel.name}"
        given: dict[str, Any] = plan.later.get("channel", {}).get(channel.name, {}).get("settings", {})
        settings = {**given, **cls.settings(f"http://127.0.0.1:{port}")}
        channels.append(replace(channel, app=app, shop=cls.shop, stand_in=settings))
        skus = {platform_sku: mapped.sku for platform_sku, mapped in channel.skus.items()}
        listed = set(skus.values())
        skus |= {item.sku: item.sku for item in plan.items if item.sku not in listed and channel.offers(item.sku)}
        stood_in.append(
            StoodIn(channel=channel.name, connector=channel.connector, port=port, hook=f"{room}/hooks/{app}", skus=skus)
        )
    if not stood_in:
        return plan, None
    order = PlatformsOrder(ledger=plan.ledger, speed=speed, channels=tuple(stood_in))
    return replace(plan, channels=tuple(channels)), order


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
