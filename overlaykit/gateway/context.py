"""What a connector works with in the gateway: HTTP, the time, what it remembers, its access tokens."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from overlaykit.errors import UserError
from overlaykit.gateway.standing import StoreClock
from overlaykit.model.connectors import Http


class SectionContext:
    """Of one section of the plan."""

    def __init__(
        self, section: str, shops: Sequence[str], *, http: Http, clock: StoreClock, log: logging.Logger
    ) -> None:
        self.section, self.shops, self.http, self.log = section, shops, http, log
        self._clock = clock
        self._kept: dict[str, str] = {}

    @property
    def now_ms(self) -> int:
        return self._clock.now_ms

    async def token(self, shop: str = "") -> str:
        raise UserError(
            f"[{self.section}] nobody has authorised this app",
            remedy="`overlaykit plugin authorise` asks the platform.",
        )

    async def remembered(self, name: str = "cursor") -> str | None:
        return self._kept.get(name)

    async def remember(self, value: str, name: str = "cursor") -> None:
        self._kept[name] = value
