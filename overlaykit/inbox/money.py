"""Money of platforms, integers in a currency's minor unit, as the engine has it: decimal texts. Pure."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal

_WHOLE = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THOUSANDTHS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
"""Currencies whose minor unit is not a hundredth (ISO 4217)."""
_CODE = re.compile(r"[A-Z]{3}")
_FINEST = Decimal("0.0001")
_DEAREST = Decimal(10) ** 12


def price_of(minor: int | None, currency: str | None) -> tuple[Decimal | None, str | None]:
    """The price and its currency; both None where there is no price that can be said, such as a discount's negative one.

    A currency without a code of three letters is left out, and its minor unit is taken for a hundredth."""
    code = (currency or "").strip().upper()
    known = code if _CODE.fullmatch(code) else None
    if minor is None or minor < 0:
        return None, None
    price = Decimal(minor).scaleb(0 if known in _WHOLE else -3 if known in _THOUSANDTHS else -2)
    return (price, known) if price < _DEAREST else (None, None)


def each_of(price: Decimal | None, pack: int) -> str | None:
    """The price of one unit of a pack of so many, to a ten-thousandth."""
    if price is None:
        return None
    one = (price / pack).quantize(_FINEST, ROUND_HALF_EVEN)
    usual = one.quantize(price)
    return f"{usual if usual == one else one:f}"
