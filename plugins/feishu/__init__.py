"""Alerts into a group of Feishu (飞书) or Lark, by a group robot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from overlaykit.api import Connector, hookimpl
from plugins.feishu.connector import Feishu


@hookimpl
def register_connectors(register: Callable[[type[Connector[Any]]], None]) -> None:
    register(Feishu)
