"""Which item a picture is about, and which comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from overlaykit.board.choice import GONE, first_choice
from overlaykit.board.types import Board, BoardItem
from overlaykit.errors import NotFound


class Selector(Struct, frozen=True, kw_only=True):
    """The item that a URL asks for: at most one is set; none means the item on air."""

    sku: str | None = None
    link: int | None = None
    product: str | None = None


def subject_of(board: Board, selector: Selector) -> BoardItem | None:
    """The item itself; of a link or product the variant that comes first as on the board. None: nothing on air.

    Raises NotFound, with what exists, for a sku, link or product that is not in the plan.
    """
    if selector.sku is not None:
        item = board.items.get(selector.sku)
        if item is None:
            raise _not_found("sku", selector.sku, board.order)
        return item
    if selector.link is not None:
        variants = [item for item in items_of(board) if item.link == selector.link]
        if not variants:
            links = dict.fromkeys(str(item.link) for item in items_of(board) if item.link is not None)
            raise _not_found("link", selector.link, list(links))
        return first_choice(variants)
    if selector.product is not None:
        product = board.products.get(selector.product)
        if product is None:
            raise _not_found("product", selector.product, list(board.products))
        return first_choice([board.items[sku] for sku in product.variants])
    return board.items.get(board.on_air) if board.on_air is not None else None


def next_of(board: Board, subject: BoardItem | None) -> BoardItem | None:
    """The first of `following`."""
    return next(following(board, subject), None)


def following(board: Board, subject: BoardItem | None) -> Iterator[BoardItem]:
    """The items after `subject` in running order that are not gone, on air or of the same product; without a subject
    all such items."""
    start = board.order.index(subject.sku) + 1 if subject else 0
    product = subject.product if subject else None
    for sku in board.order[start:]:
        item = board.items[sku]
        if item.state not in GONE and not item.on_air and (product is None or item.product != product):
            yield item


def items_of(board: Board) -> tuple[BoardItem, ...]:
    """The items in running order."""
    return tuple(board.items[sku] for sku in board.order)


def _not_found(what: str, wanted: object, known: Sequence[str]) -> NotFound:
    names = ", ".join(known[:30]) + (" …" if len(known) > 30 else "")
    return NotFound(f"this session has no item with {what}={wanted}", remedy=f"It has {what}: {names or 'none'}.")
