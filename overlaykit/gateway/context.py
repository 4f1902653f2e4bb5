"""What a connector works with in the gateway: HTTP, the time, what it remembers, its access tokens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from overlaykit.gateway.calls import Calls
from overlaykit.gateway.standing import Standing, StoreClock
from overlaykit.model.connectors import Http
from overlaykit.store.cursors import Cursors

T = TypeVar("T")

OWN = "connector"
"""The job of a standing that is the connector's own to speak of."""


class SectionContext:
    """Of one section of the plan. It is made on the gateway's event loop, and used on the connector's own: what it asks of the
    store is asked over there."""

    def __init__(
        self,
        section: str,
        shop: str,
        shops: Sequence[str],
        *,
        http: Calls,
        cursors: Cursors,
        token_of: Callable[[str, str], Coroutine[Any, Any, str]],
        clock: StoreClock,
        standing: Standing,
        log: logging.Logger,
    ) -> None:
        self.section, self.shop, self.shops, self.log = section, shop, shops, log
        self.http: Http = http
        self._calls = http
        self._cursors, self._token_of, self._clock, self._standing = cursors, token_of, clock, standing
        self._home = asyncio.get_running_loop()

    @property
    def now_ms(self) -> int:
        return self._clock.now_ms

    async def token(self, shop: str = "", *, ended: str = "") -> str:
        return await self.at_home(self._token_of(shop, ended))

    async def remembered(self, name: str = "cursor") -> str | None:
        return await self.at_home(self._cursors.read(self.section, name))

    async def remember(self, value: str, name: str = "cursor") -> None:
        await self.at_home(self._cursors.write(self.section, name, value))

    def trouble(self, what: str = "", remedy: str = "") -> None:
        self._home.call_soon_threadsafe(self._show, what, remedy)

    def _show(self, what: str, remedy: str) -> None:
        if what:
            self._standing.trouble("failing", what, remedy, job=OWN)
        else:
            self._standing.ready(OWN)

    async def at_home(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` gives, done on the gateway's event loop. Cancelled there when the caller is cancelled here."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._home))

    async def close(self) -> None:
        """Ends its connections; called on the connector's loop."""
        await self._calls.close()
