"""How the suite asks a connector: what a message comes to, whether it was refused, and without what it has to work."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import socket
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest

from overlaykit.errors import BadMessage
from overlaykit.gateway.enriching import whole_facts
from overlaykit.model.connectors import Connector, Context
from overlaykit.model.events import Arrival, OrderEvent, OrderFact, OrderRef
from overlaykit.model.wire import UNREADABLE, Request
from overlaykit.testing.conformance.case import Case

T = TypeVar("T")

BAD_MESSAGE = (BadMessage, *UNREADABLE)
"""What `parse` may raise of a message that it cannot read."""
SECONDS = 20.0
"""For one story; a connector that waits longer is stuck."""


def applies(only_if: Callable[[type[Case[Any]]], bool]) -> Callable[[T], T]:
    """Marks a test for cases of which `only_if` is true."""

    def mark(test: T) -> T:
        test.only_if = only_if  # type: ignore[attr-defined]
        return test

    return mark


def now_ms() -> int:
    return int(time.time() * 1000)


def run(story: Coroutine[Any, Any, T]) -> T:
    """To its end, or to a failure that says that it has none."""

    async def bounded() -> T:
        try:
            async with asyncio.timeout(SECONDS):
                return await story
        except TimeoutError as error:
            if str(error):
                raise
            raise AssertionError(f"it does not come to an end in {SECONDS:.0f} s") from error

    return asyncio.run(bounded())


def parsed(connector: Connector[Any], request: Request) -> list[Arrival]:
    """What it says."""
    return list(connector.parse(request))


def believed(connector: Connector[Any], request: Request) -> list[Arrival] | None:
    """What a room would take from a message that may be forged: None when it is refused."""
    try:
        return parsed(connector, request) if connector.verify(request) is True else None
    except BAD_MESSAGE:
        return None


async def facts_of(connector: Connector[Any], request: Request, ctx: Context) -> list[OrderFact]:
    """What a message comes to, thin ones enriched."""
    found: list[OrderFact] = []
    for arrival in parsed(connector, request):
        if isinstance(arrival, OrderRef):
            found += whole_facts(arrival, await connector.enrich(arrival, ctx))
        elif isinstance(arrival, OrderEvent):
            found.append(arrival)
    return found


def skip(reason: str) -> None:
    pytest.skip(reason)


@contextlib.contextmanager
def nothing_but_thinking() -> Iterator[None]:
    """The first half of a connector has no I/O: sockets, files and sleeping fail in here."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("probe, verify, parse and acknowledge are plain functions: no socket, no file, no sleep")

    patch = pytest.MonkeyPatch()
    try:
        for owner, name in (
            (socket.socket, "connect"),
            (socket, "getaddrinfo"),
            (builtins, "open"),
            (time, "sleep"),
        ):
            patch.setattr(owner, name, refuse)
        yield
    finally:
        patch.undo()
