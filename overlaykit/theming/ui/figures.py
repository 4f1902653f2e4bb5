"""Macros that show a value: numbers, bars, rings, objects, deadlines, prices, regions."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Literal

from jinja2 import Undefined
from markupsafe import Markup, escape

from overlaykit.board.types import BoardItem
from overlaykit.errors import ThemeError
from overlaykit.theming.keyed import keyed
from overlaykit.theming.ui.base import UNKNOWN, Base, colours, is_item, is_number, plain

COUNTDOWN_FORMAT = re.compile(r"(((d )?hh:)?mm:)?ss(\.d{1,2})?|auto(\.d{1,2})?|words")
MOST_SHAPES = 400
"""More than that nobody can tell apart, and a page cannot move."""
STEPS = (1, 2, 5)


class Figures(Base):
    """Values, each keyed."""

    def number(
        self,
        value: float | None,
        *,
        format: Literal["full", "count"] = "full",
        flash: bool = False,
        key: str | None = None,
    ) -> Markup:
        """Units in full, such as 5,000, or short; rolls to the next value of the same key within 300 ms."""
        if value is not None:
            is_number("number", value)
        if format not in ("full", "count"):
            raise ThemeError(f"ui.number does not know the format {format!r}", remedy="Formats: full, count.")
        write = self._formats.number if format == "full" else self._formats.count
        text = escape(UNKNOWN if value is None else write(value))
        more = (' format="count"' if format == "count" else "") + (" flash" if flash else "")
        return Markup(
            f'<ok-number{self._key(value, key)} value="{plain(value)}"{more}{self._marks(value)}>{text}</ok-number>'
        )

    def sold(self, value: float | None, *, key: str | None = None) -> Markup:
        """A count in short, such as 1.2万; rolls like a number."""
        return self.number(value, format="count", key=key)

    def bar(
        self, share: float | None, *, low: str | None = None, critical: str | None = None, key: str | None = None
    ) -> Markup:
        """A bar that is full at 1 and empty at 0. `low` and `critical` are its colours in those states."""
        value = self._share("bar", share)
        style = colours("bar", low=low, critical=critical)
        return Markup(
            f'<ok-bar{self._key(share, key)} value="{value}" heat="{self._heat(share)}"{style}'
            f"{self._marks(share)}></ok-bar>"
        )

    def ring(
        self,
        share: float | None,
        *,
        text: str | None = None,
        low: str | None = None,
        critical: str | None = None,
        key: str | None = None,
    ) -> Markup:
        """A ring that is closed at 1, with `text` in it; by default the percentage."""
        value = self._share("ring", share)
        within = escape(text if text is not None else self._formats.percent(share))
        style = colours("ring", low=low, critical=critical)
        return Markup(
            f'<ok-ring{self._key(share, key)} value="{value}" heat="{self._heat(share)}"{style}'
            f"{self._marks(share)}>{within}</ok-ring>"
        )

    def units(
        self, value: float | None, of: float | None, *, most: int = 60, per: int | None = None, key: str | None = None
    ) -> Markup:
        """Units as objects that leave one by one: `value` of `of` places are full.

        An object stands for `per` units: without it for 1, 2, 5, 10 …, so that there are at most `most`. What one stands
        for is said beneath.
        """
        for number in (value, of):
            if number is not None:
                is_number("units", number)
        if not 1 <= most <= MOST_SHAPES:
            raise ThemeError(f"ui.units cannot draw most={most}", remedy=f"Write 1 … {MOST_SHAPES}.")
        top = max(value or 0, of or 0)
        each = per if per is not None else _units_each(top, most)
        if each < 1 or top / each > MOST_SHAPES:
            raise ThemeError(
                f"ui.units cannot draw {top:g} units with per={each}",
                remedy=f"At most {MOST_SHAPES} objects; leave per out to have it chosen.",
            )
        says = self._words("ui_per", n=self._formats.number(each)) if each > 1 else ""
        marks = self._marks(value)
        return Markup(
            f'<ok-units{self._key(value, key)} value="{plain(value)}" of="{plain(of)}" per="{each}"{marks}>'
            f"{escape(says)}</ok-units>"
        )

    def countdown(self, ends_at: str | None, *, format: str = "auto", key: str | None = None) -> Markup:
        """Time left until `ends_at` on the server's clock. `format`: mm:ss, hh:mm:ss, mm:ss.d …, auto, or words."""
        if not COUNTDOWN_FORMAT.fullmatch(format):
            raise ThemeError(
                f"ui.countdown does not know the format {format!r}",
                remedy="Formats: auto, words, ss, mm:ss, hh:mm:ss, d hh:mm:ss; with .d for tenths, .dd for hundredths.",
            )
        if isinstance(ends_at, Undefined):
            raise ThemeError(
                "ui.countdown was given what is not there now",
                remedy="Write {% if … %} around it, such as {% if item.countdown %}.",
            )
        if ends_at is not None and not _is_time(ends_at):
            raise ThemeError(
                f"ui.countdown needs a time, not {ends_at!r}", remedy="Give it a field such as item.countdown.ends_at."
            )
        when = "" if ends_at is None else ends_at
        return Markup(
            f'<ok-countdown{self._key(ends_at, key)} ends-at="{escape(when)}" format="{format}"></ok-countdown>'
        )

    def price(self, price: str | None, was: str | None = None) -> Markup:
        """A price, with currency and decimals small, and the higher price `was` struck through. Nothing for None."""
        if price is None:
            return Markup("")
        amount = self._formats.decimal(price)
        whole, cents = divmod(abs(amount), 1)
        decimals = f"<small>{f'{cents:.2f}'[1:]}</small>" if cents else ""
        symbol, figures = escape(self._formats.symbol()), escape(self._formats.number(int(whole)))
        now = f'<b class="ok-price-now"><small>{symbol}</small>{figures}{decimals}</b>'
        before = ""
        if was is not None and self._formats.decimal(was) > Decimal(amount):
            before = f'<s class="ok-price-was">{escape(self._formats.money(was))}</s>'
        return Markup(f'<span class="ok-price"{self._key(price, None)}>{now}{before}</span>')

    def regions(self, item: BoardItem) -> Markup:
        """Units by region, with the regions' names in the picture's language, or yours (`region_US`)."""
        is_item("regions", item)
        rows = [
            f'<li class="ok-region" data-key="{escape(item.sku)}.in.{escape(region)}">'
            f"<span>{escape(self._region(region))}</span>{self.number(keyed(item, f'regions.{region}', units))}</li>"
            for region, units in item.regions.items()
        ]
        return Markup(f'<ul class="ok-regions" data-key="{escape(item.sku)}.regions">{"".join(rows)}</ul>')

    def _region(self, name: str) -> str:
        own = f"region_{name}"
        return self._words(own) if own in self._words else self._formats.territory(name)


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and dt.datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _units_each(top: float, most: int) -> int:
    scale = 1
    while True:
        for step in STEPS:
            if top <= step * scale * most:
                return step * scale
        scale *= 10
