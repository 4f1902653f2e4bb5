"""The named boards: each shows what its name says, in both languages, and is a board that could be."""

from __future__ import annotations

import datetime as dt
from typing import get_args

import msgspec
import pytest

from overlaykit.board.types import Board, ItemState
from overlaykit.theming import Selector, subject_of
from overlaykit.theming.states import MANY, NOW, STATE_LOCALES, STATE_NAMES, many_items, states


@pytest.mark.parametrize("locale", STATE_LOCALES)
def test_every_board_could_be(locale: str) -> None:
    boards = states(locale)
    assert tuple(boards) == STATE_NAMES
    for name, board in boards.items():
        assert msgspec.convert(msgspec.to_builtins(board), Board) == board
        assert list(board.items) == board.order, name
        assert [sku for sku, item in board.items.items() if item.on_air] == ([board.on_air] if board.on_air else [])
        for item in board.items.values():
            assert 0 <= item.available <= item.opening, (name, item.sku)
            assert item.remaining == pytest.approx(item.available / item.opening), (name, item.sku)
            assert (item.state == "closed") == (board.session.status == "closed"), (name, item.sku)


def test_the_states_are_what_they_are_called() -> None:
    shown = {name: subject_of(board, Selector()) for name, board in states("zh-CN").items()}
    assert [name for name, item in shown.items() if item is None] == ["nothing_on_air"]
    about = {name: item for name, item in shown.items() if item is not None}
    assert about["last_one"].available == 1
    assert about["none_left"].available == 0
    assert about["huge"].available == 99_999
    assert about["stale"].stale
    assert about["drop"].drop is not None
    assert about["presale"].ship_by is not None
    assert about["no_picture"].image is None
    assert {item.state for item in about.values()} == set(get_args(ItemState))
    assert len(states("en")["many_items"].items) == MANY
    assert len({item.sku for item in many_items("en", 500)}) == 500


def test_a_product_of_many_items_has_all_its_variants_each_with_a_name_of_its_own() -> None:
    board = states("en")["many_items"]
    coats = [item for item in board.items.values() if item.product == "coat"]

    assert board.products["coat"].variants == [coat.sku for coat in coats]
    assert board.products["coat"].available == sum(coat.available or 0 for coat in coats)
    assert [coat.variant for coat in coats] == ["black M", "black L", "oat M", "oat L"]


def test_the_titles_are_in_the_language_asked_for() -> None:
    assert states("zh-CN")["plenty"].items["coat"].title == "双面羊绒大衣"
    assert states("en-GB")["plenty"].items["coat"].title == "Double-faced wool coat"


def test_deadlines_lie_ahead_of_the_moment_at_which_states_stand_still() -> None:
    now = dt.datetime.fromisoformat(NOW)
    for board in states("en").values():
        ends = [countdown.ends_at for countdown in board.countdowns.values()]
        ends += [item.countdown.ends_at for item in board.items.values() if item.countdown]
        assert all(dt.datetime.fromisoformat(each) > now for each in ends)


def test_what_is_on_sale_says_how_fast_it_sells_and_until_when() -> None:
    found = states("zh-CN")
    plenty, none_left, huge = (found[name].items["coat"] for name in ("plenty", "sold_out", "huge"))
    assert (plenty.available, plenty.pace_per_minute, plenty.sells_out_at) == (240, 12.5, "2026-11-11T12:19:12.000Z")
    assert none_left.sells_out_at is None
    assert huge.sells_out_at is None
