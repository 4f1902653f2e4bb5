"""How fast each item sells and when it will be sold out, from ledger entries. Pure: no I/O, no clock of its own."""

from overlaykit.forecast.forecaster import Forecast, Forecaster
from overlaykit.forecast.pace import ENOUGH_SECONDS, ENOUGH_UNITS, LONG_SECONDS, SHORT_SECONDS, ItemPace

__all__ = [
    "ENOUGH_SECONDS",
    "ENOUGH_UNITS",
    "LONG_SECONDS",
    "SHORT_SECONDS",
    "Forecast",
    "Forecaster",
    "ItemPace",
]
