"""Macros that show items whole: cards, the spotlight, what comes next."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from overlaykit.board.types import BoardItem
from overlaykit.errors import ThemeError
from overlaykit.theming.keyed import read_field
from overlaykit.theming.subject import following
from overlaykit.theming.ui.base import is_item
from overlaykit.theming.ui.figures import Figures
from overlaykit.theming.ui.notices import Notices

COUNTED = frozenset(["on_sale", "low", "critical"])
"""States in which the units left are what a viewer wants to know."""
MOST_NEXT = 20


class Cards(Figures, Notices):
    """Items, put together of the smaller macros."""

    def product_card(self, item: BoardItem) -> Markup:
        """A card: picture, link, title, price, state, units left, and the countdown of its batch."""
        is_item("product_card", item)
        return Markup(
            f'<article class="ok-card ok-card-{item.state} heat-{item.heat}" data-key="{escape(item.sku)}.card">'
            f'{self._photo(item)}<div class="ok-card-text">{self._about(item, linked=False)}{self._offer(item)}'
            f'<p class="ok-card-stock">{self.badge(item)}{self._left(item)}</p>{self._remains(item)}</div></article>'
        )

    def spotlight(self, item: BoardItem) -> Markup:
        """The item large, and beneath it all variants of its product with what is left of each."""
        is_item("spotlight", item)
        board = self._scene.whole_board()
        product = board.products.get(item.product) if item.product is not None else None
        variants = [board.items[sku] for sku in product.variants] if product else []
        rows = Markup("").join(self._variant(each) for each in variants)
        listed = Markup('<ul class="ok-variants">{}</ul>').format(rows) if len(variants) > 1 else ""
        owner = item.product if listed else item.sku
        return Markup(
            f'<section class="ok-spotlight ok-card-{item.state} heat-{item.heat}" data-key="{escape(owner)}.spotlight">'
            f'{self._photo(item)}<div class="ok-card-text">{self._about(item, linked=False)}{self._offer(item)}'
            f'<p class="ok-card-stock">{self.badge(item)}{self._left(item)}</p>{self._remains(item)}{listed}</div></section>'
        )

    def next_items(self, count: int = 3) -> Markup:
        """The next `count` items in running order that are not gone."""
        if not isinstance(count, int) or not 1 <= count <= MOST_NEXT:
            raise ThemeError(f"ui.next_items cannot show {count!r} items", remedy=f"Write 1 … {MOST_NEXT}.")
        board = self._scene.whole_board()
        shown = [item for item, _ in zip(following(board, self._scene.subject), range(count), strict=False)]
        if not shown:
            return Markup("")
        rows = Markup("").join(
            Markup('<li class="ok-next-item heat-{}" data-key="{}.next">{}{}</li>').format(
                item.heat, item.sku, self._about(item), self.price(self._costs(item))
            )
            for item in shown
        )
        return Markup('<div class="ok-next"><b>{}</b><ol>{}</ol></div>').format(self._words("ui_next"), rows)

    def _photo(self, item: BoardItem) -> Markup:
        link = Markup('<b class="ok-link">{}</b>').format(self._link(item)) if item.link is not None else ""
        picture = Markup('<img src="{}" alt="">').format(item.image) if item.image else ""
        return Markup('<figure class="ok-photo" data-link="{}">{}{}</figure>').format(
            item.sku if item.link is None else item.link, picture, link
        )

    def _about(self, item: BoardItem, *, linked: bool = True) -> Markup:
        says = linked and item.link is not None
        link = Markup('<b class="ok-link">{}</b>').format(self._link(item)) if says else ""
        variant = Markup('<span class="ok-variant">{}</span>').format(item.variant) if item.variant else ""
        return Markup('<span class="ok-about">{}<span class="ok-title">{}</span>{}</span>').format(
            link, item.title, variant
        )

    def _offer(self, item: BoardItem) -> Markup:
        goods = _goods(item)
        price = self.price(self._costs(item), was=item.list_price)
        countdown = ""
        if goods.countdown is not None:
            ends = _read(_read(goods, "countdown"), "ends_at")
            countdown = Markup('<span class="ok-ends">{} {}</span>').format(
                self._words("ui_ends"), self.countdown(ends)
            )
        return Markup('<p class="ok-offer">{}{}</p>').format(price, countdown)

    @staticmethod
    def _costs(item: BoardItem) -> Any:
        """What it costs now: the price of its open drop comes first."""
        return _read(_goods(item), "price") or _read(item, "price")

    def _left(self, item: BoardItem) -> Markup:
        if item.state == "presale" and item.ship_by:
            ships = self._words("ui_ships", date=self._formats.day(item.ship_by))
            return Markup('<span class="ok-left">{}</span>').format(ships)
        if item.state not in COUNTED:
            return Markup("")
        number = self.number(_read(_goods(item), "available"))
        return Markup('<span class="ok-left">{} {}</span>').format(self._words("ui_left"), number)

    def _remains(self, item: BoardItem) -> Markup:
        return self.bar(_read(_goods(item), "remaining")) if item.state in COUNTED else Markup("")

    def _variant(self, item: BoardItem) -> Markup:
        return self._part(f"{item.sku}.variant", self._draw_variant, item=item)

    def _draw_variant(self, item: BoardItem) -> Markup:
        named = item.variant or item.title
        units = self.number(_read(item, "available")) if item.state in COUNTED else self.badge(item)
        return Markup(
            f'<li class="ok-variant-row ok-card-{item.state} heat-{item.heat}" data-key="{escape(item.sku)}.variant">'
            f"<span>{escape(named)}</span>{units}</li>"
        )


def _goods(item: BoardItem) -> Any:
    """The open drop of an item, or the item."""
    return _read(item, "drop") or item


def _read(struct: Any, field: str) -> Any:
    """A field as a template sees it, with its key."""
    return read_field(struct, field)
