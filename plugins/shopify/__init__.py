"""Orders of a Shopify shop, and the numbers that it may sell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from overlaykit.api import Connector, StandIn, hookimpl
from plugins.shopify.connector import Shopify


@hookimpl
def register_connectors(register: Callable[[type[Connector[Any]]], None]) -> None:
    register(Shopify)


@hookimpl
def register_stand_ins(register: Callable[[type[StandIn]], None]) -> None:
    from plugins.shopify.stand_in import MadeUpShopify

    register(MadeUpShopify)
