"""Tells those who wait that there is something to look at."""

from __future__ import annotations

import asyncio


class Bell:
    """Something came: everybody who waits looks."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()
        self._rung = asyncio.Event()

    def listen(self) -> asyncio.Event:
        """Set by the next ring. To be asked for before one looks: what comes in between is not missed."""
        return self._rung
