"""Which item a picture is about."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.board.types import Board, BoardItem, Product
from overlaykit.errors import NotFound
from overlaykit.theming import Selector, next_of, subject_of


@pytest.fixture
def board(make_item: Callable[..., BoardItem], make_board: Callable[..., Board]) -> Board:
    return make_board(
        make_item(sku="coat-m", product="coat", link=1, state="sold_out", on_air=True),
        make_item(sku="coat-l", product="coat", link=1, on_air=True),
        make_item(sku="hat", link=2, on_air=False),
        on_air="coat-l",
        products={"coat": Product(available=1, variants=["coat-m", "coat-l"], gone=["coat-m"])},
    )


def sku(item: BoardItem | None) -> str | None:
    return item.sku if item else None


def test_without_a_choice_it_is_the_item_on_air(board: Board, make_board: Callable[..., Board]) -> None:
    assert sku(subject_of(board, Selector())) == "coat-l"
    assert subject_of(make_board(on_air=None), Selector()) is None


def test_a_link_or_product_is_its_first_variant_that_is_left(board: Board) -> None:
    assert sku(subject_of(board, Selector(link=1))) == "coat-l"
    assert sku(subject_of(board, Selector(product="coat"))) == "coat-l"
    assert sku(subject_of(board, Selector(sku="coat-m"))) == "coat-m"


def test_next_is_another_product(board: Board) -> None:
    assert sku(next_of(board, board.items["coat-m"])) == "hat"
    assert next_of(board, board.items["hat"]) is None
    assert sku(next_of(board, None)) == "hat"


@pytest.mark.parametrize(
    ("selector", "says"),
    [
        (Selector(sku="boots"), "It has sku: coat-m, coat-l, hat"),
        (Selector(link=9), "It has link: 1, 2"),
        (Selector(product="boots"), "It has product: coat"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(board: Board, selector: Selector, says: str) -> None:
    with pytest.raises(NotFound, match=says):
        subject_of(board, selector)
