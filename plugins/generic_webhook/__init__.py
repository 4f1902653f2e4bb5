"""Orders of any shop of one's own: Standard Webhooks and CloudEvents, over HTTP, in a small documented JSON form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from overlaykit.api import Connector, hookimpl
from plugins.generic_webhook.connector import GenericWebhook


@hookimpl
def register_connectors(register: Callable[[type[Connector[Any]]], None]) -> None:
    register(GenericWebhook)
