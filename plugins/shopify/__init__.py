"""Orders of a Shopify shop, and the numbers that it may sell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from overlaykit.api import Connector, hookimpl
from plugins.shopify.connector import Shopify


@hookimpl
def register_connectors(register: Callable[[type[Connector[Any]]], None]) -> None:
    register(Shopify)
