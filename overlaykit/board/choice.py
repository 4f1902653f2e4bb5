"""Which of several variants a picture is about: one rule for the board, the overlays and the desk."""

from __future__ import annotations

from collections.abc import Sequence

from overlaykit.board.types import BoardItem, ItemState

GONE: frozenset[ItemState] = frozenset({"sold_out", "closed"})
"""States of an item that cannot be bought any more."""
TO_COME: frozenset[ItemState] = frozenset({"upcoming"})
"""States of an item that cannot be bought yet."""


def first_choice(variants: Sequence[BoardItem]) -> BoardItem:
    """The first variant that can be bought; without one, the first still to come, else the first of all."""
    for unwanted in (GONE | TO_COME, GONE):
        for item in variants:
            if item.state not in unwanted:
                return item
    return variants[0]
