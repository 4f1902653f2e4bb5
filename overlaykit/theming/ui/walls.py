"""Macros that show many items at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from markupsafe import Markup, escape

from overlaykit.board.types import Announcement, BoardItem
from overlaykit.errors import ThemeError
from overlaykit.theming.keyed import read_field
from overlaykit.theming.ui.cards import Cards

MOST_ITEMS = 1000

Label = Literal["link", "variant", "title", "number", "sku"]
LABELS: tuple[Label, ...] = ("link", "variant", "title", "number", "sku")
COLOURINGS = ("heat", "remaining")


class Walls(Cards):
    """Many items."""

    def heatmap(
        self,
        items: Iterable[BoardItem],
        *,
        label: Label = "link",
        number: bool = True,
        colour: Literal["heat", "remaining"] = "heat",
    ) -> Markup:
        """A cell for each item, as large as the room allows, coloured by heat or by what remains.

        `label` is what stands in a cell; beneath it the units left, while `number` is true and cells are large enough.
        """
        if label not in LABELS:
            raise ThemeError(f"ui.heatmap has no label {label!r}", remedy=f"Labels: {', '.join(LABELS)}.")
        if colour not in COLOURINGS:
            raise ThemeError(f"ui.heatmap has no colour {colour!r}", remedy=f"Colours: {', '.join(COLOURINGS)}.")
        shown = tuple(items)
        if len(shown) > MOST_ITEMS:
            raise ThemeError(
                f"ui.heatmap was given {len(shown)} items", remedy=f"At most {MOST_ITEMS}: filter or slice `items`."
            )
        cells = [self._cell(item, label, number) for item in shown]
        return Markup(f'<ok-heatmap class="ok-by-{colour}">{"".join(cells)}</ok-heatmap>')

    def ticker(self, entries: Iterable[BoardItem | Announcement | str], *, seconds: float = 6) -> Markup:
        """A calm line that shows one entry after the other, `seconds` each: items, banners, texts."""
        if not 1 <= seconds <= 120:
            raise ThemeError(f"ui.ticker cannot show an entry for {seconds!r} seconds", remedy="Write 1 … 120.")
        shown = [entries] if isinstance(entries, str) else list(entries)
        if len(shown) > MOST_ITEMS:
            raise ThemeError(f"ui.ticker was given {len(shown)} entries", remedy=f"At most {MOST_ITEMS}.")
        lines = [self._entry(place, entry) for place, entry in enumerate(shown)]
        return Markup(f'<ok-ticker seconds="{seconds:g}">{"".join(lines)}</ok-ticker>')

    def _cell(self, item: BoardItem, label: Label, number: bool) -> Markup:
        if not isinstance(item, BoardItem):
            raise ThemeError(f"ui.heatmap needs items, not {item!r}", remedy="Give it `items`, or some of them.")
        return self._part(f"{item.sku}.cell", self._draw_cell, item=item, label=label, number=number)

    def _draw_cell(self, item: BoardItem, label: Label, number: bool) -> Markup:
        units = self.number(read_field(item, "available"))  # type: ignore[arg-type]
        if label == "number":
            says, below = units, Markup("")
        else:
            short = label in ("link", "sku") or (label == "variant" and item.variant is None)
            kind = "" if short else ' class="ok-cell-text"'
            given = {"link": item.link, "variant": item.variant, "title": item.title, "sku": item.sku}[label]
            says = Markup(f"<b{kind}>{{}}</b>").format(item.sku if given is None else given)
            below = Markup("<small>{}</small>").format(units) if number else Markup("")
        return Markup(
            f'<div class="ok-cell ok-cell-{item.state} heat-{item.heat}" data-key="{escape(item.sku)}.cell" '
            f'style="--remaining:{min(max(item.remaining, 0), 1):.3g}"{self._marks(read_field(item, "available"))}>'
            f"{says}{below}</div>"
        )

    def _entry(self, place: int, entry: BoardItem | Announcement | str) -> Markup:
        if isinstance(entry, BoardItem):
            return self._part(f"{entry.sku}.entry", self._draw_entry, item=entry)
        if isinstance(entry, Announcement):
            key, kind, text = f"announcement.{entry.id}.entry", f" ok-entry-{entry.level}", entry.text
        elif isinstance(entry, str):
            key, kind, text = f"entry.{place}", "", entry
        else:
            raise ThemeError(f"ui.ticker cannot show {entry!r}", remedy="Give it items, announcements or texts.")
        return Markup(f'<span class="ok-entry{kind}" data-key="{escape(key)}">{escape(text)}</span>')

    def _draw_entry(self, item: BoardItem) -> Markup:
        says = self.badge(item) if item.state != "on_sale" else Markup("")
        return Markup(
            f'<span class="ok-entry heat-{item.heat}" data-key="{escape(item.sku)}.entry">{self._about(item)}'
            f"{self.price(self._costs(item))}{says}{self._left(item)}</span>"
        )
