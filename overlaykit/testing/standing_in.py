"""A platform that a plugin's tests have, in the place of the real one in a play: what such shops have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal, TypeVar

from overlaykit.model.plugins import StandIn
from overlaykit.testing.platforms import FakePlatform

P = TypeVar("P", bound=FakePlatform)

Happening = Literal["created", "paid", "cancelled"]


class ShopStandIn(StandIn, Generic[P]):
    """A StandIn that is made of a FakePlatform. Subclass it, and say how this one is opened, sells, changes an order and tells.

    platform   the FakePlatform. Its `lock` is held in `left`, `place` and `change`, and not while it tells
    """

    def __init__(self, port: int, hook: str, skus: Sequence[str]) -> None:
        super().__init__(port, hook, skus)
        self.platform = self.open()

    def open(self) -> P:
        """The platform, on `self.port`; it has none of `self.skus` yet."""
        raise NotImplementedError(f"{type(self).__name__} has no open()")

    def left(self, platform_sku: str) -> int:
        """Units that it may still sell."""
        raise NotImplementedError(f"{type(self).__name__} has no left()")

    def place(self, platform_sku: str, quantity: int, buyer: str) -> str:
        """An order of what is left; its id."""
        raise NotImplementedError(f"{type(self).__name__} has no place()")

    def change(self, what: Happening, order: str) -> None:
        """The order is paid or cancelled; of a cancelled one the units can be sold again."""
        raise NotImplementedError(f"{type(self).__name__} has no change()")

    def tell(self, what: Happening, order: str) -> None:
        """Tells the room at `self.hook` what has happened to the order."""
        raise NotImplementedError(f"{type(self).__name__} has no tell()")

    def buy(self, platform_sku: str, quantity: int, buyer: str) -> str | None:
        with self.platform.lock:
            if self.left(platform_sku) < quantity:
                return None
            order = self.place(platform_sku, quantity, buyer)
        self.tell("created", order)
        return order

    def pay(self, order: str) -> None:
        self._change("paid", order)

    def cancel(self, order: str) -> None:
        self._change("cancelled", order)

    def close(self) -> None:
        self.platform.close()

    def _change(self, what: Happening, order: str) -> None:
        with self.platform.lock:
            self.change(what, order)
        self.tell(what, order)
