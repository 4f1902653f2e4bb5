"""`ui` in a template: the live elements. Each writes plain markup; the page's own elements draw and move it.

Every live element carries `data-key`, the sku and field it shows (`scarf.available`), taken from the board value it was
given, or from `key=` when the value was computed. The page tweens only between two values of one key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from markupsafe import Markup, escape

from overlaykit.board.types import Announcement
from overlaykit.errors import ThemeError
from overlaykit.theming.formats import Formats
from overlaykit.theming.scene import Scene
from overlaykit.theming.words import Words

COUNTDOWN_FORMAT = re.compile(r"(((d )?hh:)?mm:)?ss(\.d{1,2})?|auto")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]+|var\(--[\w-]+\)|(rgb|hsl)a?\([\d.,%/ deg-]+\)")


class Ui:
    """The macros of one picture. Templates hold it for as long as the picture is open; `scene` is what it shows now."""

    MACROS = ("number", "bar", "countdown", "price", "moment", "announcement", "status", "asset")

    def __init__(self, formats: Formats, words: Words, scene: Scene, asset: Callable[[str], str]) -> None:
        self._formats = formats
        self._words = words
        self._scene = scene
        self._asset = asset

    def number(self, value: float, *, key: str | None = None) -> Markup:
        """Units in full, such as 5,000; rolls to the next value of the same key within 300 ms."""
        if not isinstance(value, int | float):
            raise ThemeError(
                f"ui.number needs a number, not {value!r}", remedy="Give it a field such as item.available."
            )
        plain = f"{value:d}" if isinstance(value, int) else f"{value:g}"
        text = escape(self._formats.number(value))
        return Markup(f'<ok-number{self._key(value, key)} value="{plain}">{text}</ok-number>')

    def bar(
        self, share: float, *, low: str | None = None, critical: str | None = None, key: str | None = None
    ) -> Markup:
        """A bar that is full at 1 and empty at 0. `low` and `critical` are its colours in those states."""
        if not isinstance(share, int | float):
            raise ThemeError(
                f"ui.bar needs a share from 0 to 1, not {share!r}", remedy="Give it a field such as item.remaining."
            )
        heat = getattr(share, "heat", None) or (self._scene.subject.heat if self._scene.subject else "green")
        colours = [f"--bar-{name}:{_colour(value)}" for name, value in (("low", low), ("critical", critical)) if value]
        style = f' style="{escape(";".join(colours))}"' if colours else ""
        value = f"{min(max(share, 0.0), 1.0):.4f}".rstrip("0").rstrip(".")
        return Markup(f'<ok-bar{self._key(share, key)} value="{value}" heat="{heat}"{style}></ok-bar>')

    def countdown(self, ends_at: str, *, format: str = "auto", key: str | None = None) -> Markup:
        """Time left until `ends_at` on the server's clock. `format`: mm:ss, hh:mm:ss, mm:ss.d …, or auto."""
        if not COUNTDOWN_FORMAT.fullmatch(format):
            raise ThemeError(
                f"ui.countdown does not know the format {format!r}",
                remedy="Formats: auto, ss, mm:ss, hh:mm:ss, d hh:mm:ss; with .d for tenths, .dd for hundredths.",
            )
        return Markup(
            f'<ok-countdown{self._key(ends_at, key)} ends-at="{escape(ends_at)}" format="{format}"></ok-countdown>'
        )

    def price(self, price: str | None, was: str | None = None) -> Markup:
        """A price, with currency and decimals small, and the higher price `was` struck through. Nothing for None."""
        if price is None:
            return Markup("")
        amount = self._formats.decimal(price)
        whole, cents = divmod(abs(amount), 1)
        decimals = f"<small>{f'{cents:.2f}'[1:]}</small>" if cents else ""
        key = f' data-key="{escape(price.key)}"' if hasattr(price, "key") else ""
        symbol, figures = escape(self._formats.symbol()), escape(self._formats.number(int(whole)))
        now = f'<b class="ok-price-now"><small>{symbol}</small>{figures}{decimals}</b>'
        before = ""
        if was is not None and self._formats.decimal(was) > Decimal(amount):
            before = f'<s class="ok-price-was">{escape(self._formats.money(was))}</s>'
        return Markup(f'<span class="ok-price"{key}>{now}{before}</span>')

    def moment(self, name: str, *, text: str, seconds: float = 4, key: str | None = None) -> Markup:
        """A short scene when something happens while the page is open, such as sold_out; then its text stays, calm."""
        owner = self._scene.subject.sku if self._scene.subject else "room"
        return Markup(
            f'<ok-moment{self._key(text, key or f"{owner}.moment.{name}")} name="{escape(name)}" seconds="{seconds:g}">'
            f"{escape(text)}</ok-moment>"
        )

    def announcement(self, announcement: Announcement) -> Markup:
        """A banner, with its level as a class: ok-announcement-info, -warning, -urgent."""
        level = announcement.level
        return Markup(
            f'<p class="ok-announcement ok-announcement-{level}" data-key="announcement.{escape(announcement.id)}" '
            f'role="status">{escape(announcement.text)}</p>'
        )

    def status(self) -> Markup:
        """Where the page says that its numbers are not current: `_('updating')` or `_('frozen')`; empty while they are."""
        updating = self._words("updating")
        stale = self._scene.subject is not None and self._scene.subject.stale
        says = updating if stale else self._words("frozen") if self._scene.status == "frozen" else ""
        return Markup(f'<ok-status says="{escape(says)}" updating="{escape(updating)}" role="status"></ok-status>')

    def asset(self, path: str) -> str:
        """The URL of a file of the theme, such as ui.asset('img/star.svg')."""
        return self._asset(path)

    @staticmethod
    def _key(value: object, given: str | None) -> str:
        key = given if given is not None else getattr(value, "key", None)
        return f' data-key="{escape(key)}"' if key else ""


def _colour(value: str) -> str:
    if not isinstance(value, str) or not COLOUR.fullmatch(value):
        raise ThemeError(f"{value!r} is not a colour", remedy="Write one such as #e4002b, red, or options.accent.")
    return value
