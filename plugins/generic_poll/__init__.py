"""Stock levels of any warehouse that can be asked: a CSV file, JSON over HTTP, a database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from overlaykit.api import Connector, hookimpl
from plugins.generic_poll.connector import GenericPoll


@hookimpl
def register_connectors(register: Callable[[type[Connector[Any]]], None]) -> None:
    register(GenericPoll)
