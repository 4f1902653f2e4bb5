"""Cards, the spotlight and what comes next, in every state."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from overlaykit.board.types import Board, BoardItem, Deadline, DropNow, ItemState, Product
from overlaykit.errors import ThemeError
from overlaykit.model.plugins import Theme
from overlaykit.theming import Formats, load_theme, open_picture

Render = Callable[..., str]
Item = Callable[..., BoardItem]
MakeBoard = Callable[..., Board]
ENDS = Deadline(ends_at="2026-11-11T12:05:00.000Z")


@pytest.mark.parametrize("macro", ["product_card", "spotlight"])
@pytest.mark.parametrize("state", get_args(ItemState))
def test_a_card_shows_every_state_and_counts_only_what_can_be_bought(
    render: Render, make_item: Item, make_board: MakeBoard, macro: str, state: str
) -> None:
    board = make_board(make_item(state=state, ship_by="2026-11-20", image="/coat.jpg"))
    markup = render(f"{{{{ ui.{macro}(item) }}}}", board)

    assert "None" not in markup
    assert f"ok-card-{state} heat-green" in markup
    assert ("<ok-bar" in markup) == (state in ("on_sale", "low", "critical"))
    assert ("剩余" in markup) == (state in ("on_sale", "low", "critical"))
    assert ("11月20日 发货" in markup) == (state == "presale")


def test_a_card_shows_the_open_drop_with_its_own_numbers(
    render: Render, make_item: Item, make_board: MakeBoard
) -> None:
    drop = DropNow(name="eight", opening=50, available=7, remaining=0.14, sold=43, price="799.00", countdown=ENDS)
    markup = render("{{ ui.product_card(item) }}", make_board(make_item(drop=drop)))

    assert 'data-key="coat.drop.eight.available" value="7">7<' in markup
    assert 'data-key="coat.drop.eight.price"' in markup
    assert 'ends-at="2026-11-11T12:05:00.000Z"' in markup


def test_a_card_of_an_item_with_nothing_but_a_name_is_whole(
    render: Render, make_item: Item, make_board: MakeBoard
) -> None:
    bare = make_item(link=None, price=None, list_price=None, variant=None, title='"><img src=x>' * 30)
    markup = render("{{ ui.product_card(item) }}", make_board(bare))

    assert "<img" not in markup
    assert "None" not in markup
    assert 'data-link="coat"' in markup


def test_the_spotlight_lists_the_variants_of_its_product(
    render: Render, make_item: Item, make_board: MakeBoard
) -> None:
    sizes = [
        make_item(sku="coat-s", product="coat", variant="S", available=99_999),
        make_item(sku="coat-m", product="coat", variant="M", on_air=False, state="sold_out", heat="red", available=0),
        make_item(sku="coat-l", product="coat", variant=None, on_air=False, state="low", heat="yellow", stale=True),
    ]
    product = Product(available=1, variants=["coat-s", "coat-m", "coat-l"], gone=["coat-m"])
    markup = render("{{ ui.spotlight(item) }}", make_board(*sizes, products={"coat": product}))

    assert re.findall(r'<li [^>]*data-key="([^"]+)\.variant"', markup) == ["coat-s", "coat-m", "coat-l"]
    assert ">S</span><ok-number" in markup
    assert '>M</span><span class="ok-badge ok-badge-sold_out' in markup
    assert '>羊绒大衣</span><ok-number data-key="coat-l.available" value="98" stale>' in markup
    assert 'data-key="coat.spotlight"' in markup


def test_next_items_are_those_that_can_still_come(render: Render, make_item: Item, make_board: MakeBoard) -> None:
    board = make_board(
        make_item(),
        make_item(sku="scarf", state="sold_out", on_air=False),
        *[make_item(sku=f"hat-{number}", link=number, on_air=False) for number in range(4, 9)],
    )
    keys = re.findall(r'data-key="([^".]+)\.next"', render("{{ ui.next_items(2) }}", board))

    assert keys == ["hat-4", "hat-5"]
    assert render("{{ ui.next_items() }}") == ""
    with pytest.raises(ThemeError, match=r"Write 1 … 20"):
        render("{{ ui.next_items(0) }}")


def test_the_words_of_cards_are_of_the_pictures_language(
    make_item: Item, make_board: MakeBoard, theme_folder: Callable[..., Path]
) -> None:
    folder = theme_folder("{{ ui.product_card(item) }}{{ ui.next_items() }}")
    theme = load_theme(Theme(name="acme", folder=folder))
    board = make_board(make_item(state="low"), make_item(sku="hat", on_air=False))
    formats = Formats("en", "Asia/Shanghai", "CNY")
    markup = open_picture(theme, "page", formats=formats, options=theme.options()).render(board, board.items["coat"])

    for word in ("Low stock", "Left", "Link 1", "Next"):
        assert word in markup
