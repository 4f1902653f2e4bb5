"""A template as an author would write it, in every state an item can be in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from overlaykit.board.types import Board, BoardItem, Deadline, DropNow
from overlaykit.model.plugins import Theme
from overlaykit.theming import Formats, LoadedTheme, Selector, load_theme, open_picture, subject_of

Show = Callable[[Board], str]
Item = Callable[..., BoardItem]
MakeBoard = Callable[..., Board]
SHOP = Path(__file__).parent / "themes" / "shop"


@pytest.fixture(scope="module")
def shop() -> LoadedTheme:
    return load_theme(Theme(name="shop", folder=SHOP))


@pytest.fixture
def show(shop: LoadedTheme, formats: Formats) -> Show:
    picture = open_picture(shop, "lower_third", formats=formats, options=shop.options(), asset_url="/files")
    return lambda board: picture.render(board, subject_of(board, Selector()))


def test_on_sale_it_shows_what_is_left_and_the_price(show: Show, make_item: Item, make_board: MakeBoard) -> None:
    markup = show(make_board(make_item(), make_item(sku="hat", link=2, title="渔夫帽", on_air=False)))

    assert '<article class="card on_sale heat-green" data-key="coat">' in markup
    assert "1号链接" in markup
    assert '<ok-number data-key="coat.available" value="98">98</ok-number>' in markup
    assert "¥1,599" in markup
    assert '<li data-key="hat" class="heat-green">2 渔夫帽</li>' in markup


def test_a_drop_shows_its_own_units_and_countdown(show: Show, make_item: Item, make_board: MakeBoard) -> None:
    ends = Deadline(ends_at="2026-11-11T12:05:00.000Z")
    drop = DropNow(name="eight", opening=50, available=7, remaining=0.14, sold=43, price="799.00", countdown=ends)
    markup = show(make_board(make_item(drop=drop)))

    assert 'value="7">7<' in markup
    assert 'format="mm:ss.d"' in markup
    assert "799" in markup


def test_stale_sold_out_and_presale_say_so_instead_of_a_number(
    show: Show, make_item: Item, make_board: MakeBoard
) -> None:
    stale = show(make_board(make_item(stale=True)))
    sold_out = show(make_board(make_item(state="sold_out", heat="red", available=0)))
    presale = show(make_board(make_item(state="presale", ship_by="2026-11-20")))

    assert "数据获取中" in stale
    assert ">已售罄</ok-moment>" in sold_out
    assert "预售 11月20日 发货" in presale
    assert "ok-number" not in stale + sold_out + presale


def test_nothing_is_shown_while_nothing_is_on_air(show: Show, make_board: MakeBoard) -> None:
    assert show(make_board(on_air=None)) == ""
