"""What made-up shops in a play have in common: no more is sold than is left, and the room hears of each change, once it is so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from overlaykit.testing import FakePlatform, Happening, ShopStandIn


class Lamps(FakePlatform):
    stock = 3


class MadeUpLamps(ShopStandIn[Lamps]):
    connector = "lamp"

    def open(self) -> Lamps:
        self.told: list[tuple[Happening, str, int]] = []
        return Lamps(port=self.port)

    def left(self, platform_sku: str) -> int:
        return self.platform.stock

    def place(self, platform_sku: str, quantity: int, buyer: str) -> str:
        self.platform.stock -= quantity
        return f"{buyer}-{platform_sku}"

    def change(self, what: Happening, order: str) -> None:
        self.platform.stock += what == "cancelled"

    def tell(self, what: Happening, order: str) -> None:
        self.told.append((what, order, self.platform.stock))


@pytest.fixture
def lamps() -> Iterator[MadeUpLamps]:
    shop = MadeUpLamps(0, "http://127.0.0.1:1/hooks/lamp", ("L",))
    yield shop
    shop.close()


def test_buyers_order_pay_and_cancel(lamps: MadeUpLamps) -> None:
    assert lamps.buy("L", 2, "ann") == "ann-L"
    assert lamps.buy("L", 2, "bob") is None
    lamps.pay("ann-L")
    assert lamps.buy("L", 1, "bob") == "bob-L"
    lamps.cancel("bob-L")
    assert lamps.told == [
        ("created", "ann-L", 1),
        ("paid", "ann-L", 1),
        ("created", "bob-L", 0),
        ("cancelled", "bob-L", 1),
    ]
