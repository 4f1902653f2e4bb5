"""Channels that sell by themselves: which numbers are pushed to them, and how their shares move. Pure: no I/O, no clock of its own.

Why it is done so stands in README.md here.
"""

from overlaykit.shares.balance import Balance, Part, Pool
from overlaykit.shares.lateness import Lateness
from overlaykit.shares.listings import Listing, grouped, listings_of
from overlaykit.shares.mirror import Mirror
from overlaykit.shares.outlet import Outlet, Quota
from overlaykit.shares.sales import Sales

__all__ = [
    "Balance",
    "Lateness",
    "Listing",
    "Mirror",
    "Outlet",
    "Part",
    "Pool",
    "Quota",
    "Sales",
    "grouped",
    "listings_of",
]
