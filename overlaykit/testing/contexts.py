"""What a connector works with, in a test: real HTTP to wherever the test says, everything else in memory."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any, Self

from overlaykit.errors import UserError
from overlaykit.gateway.calls import Calls
from overlaykit.model.connectors import Connector, Http


class TestContext:
    """A context of the section `section`. `tokens`: access tokens by shop; `kept`: what it remembers, by name;
    `wrong`: the trouble that it speaks of now, "" when all is well; `grantor`: the connector whose `own_grant` takes the place of a
    token that was ended."""

    __test__ = False

    def __init__(
        self,
        section: str = "channel.test",
        *,
        shop: str = "",
        shops: Sequence[str] = (),
        tokens: Mapping[str, str] | None = None,
        rate: float = 1_000,
    ) -> None:
        self.section, self.shop, self.shops = section, shop, shops
        self.log = logging.getLogger("overlaykit.testing")
        self._calls = Calls(rate)
        self.http: Http = self._calls
        self.kept: dict[str, str] = {}
        self.wrong = ""
        self.grantor: Connector[Any] | None = None
        self._tokens = {"": "test-token", **(tokens or {})}

    @property
    def now_ms(self) -> int:
        return int(time.time() * 1000)

    async def token(self, shop: str = "", *, ended: str = "") -> str:
        if self._tokens.get(shop, self._tokens[""]) == ended:
            if self.grantor is None:
                raise UserError(
                    "the platform has ended the authorisation",
                    remedy="overlaykit plugin authorise; in a test, `ctx.grantor` says whose own_grant makes another",
                )
            self._tokens[shop] = (await self.grantor.own_grant(shop, self)).token
        return self._tokens.get(shop, self._tokens[""])

    async def remembered(self, name: str = "cursor") -> str | None:
        return self.kept.get(name)

    async def remember(self, value: str, name: str = "cursor") -> None:
        self.kept[name] = value

    def trouble(self, what: str = "", remedy: str = "") -> None:
        if what:
            self.log.warning("%s: %s %s", self.section, what, remedy)
        self.wrong = what

    async def close(self) -> None:
        """Ends its connections."""
        await self._calls.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()
