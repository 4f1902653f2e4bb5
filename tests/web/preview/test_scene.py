"""What the controls of a preview make of a state, and samples played as far as wanted. No server, no browser."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from overlaykit.board.types import Board, BoardItem
from overlaykit.config import bundled_folder
from overlaykit.errors import NotFound, UserError
from overlaykit.theming import Selector, subject_of
from overlaykit.theming.states import STATE_NAMES
from overlaykit.web.preview.samples import find_sample
from overlaykit.web.preview.scene import Scene, board_of

NOON = dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)
SAMPLES = {"brand_room": bundled_folder() / "sample_sessions" / "brand_room"}


def about(**fields: Any) -> BoardItem:
    """The item on air of a scene."""
    found = subject_of(board_of(Scene(**fields), NOON), Selector())
    assert found is not None
    return found


@pytest.mark.parametrize("state", STATE_NAMES)
def test_a_scene_that_says_nothing_more_shows_the_state(state: str) -> None:
    board = board_of(Scene(state=state), NOON)
    assert msgspec.convert(msgspec.to_builtins(board), Board) == board
    for item in board.items.values():
        ends = [each.ends_at for each in (item.countdown, item.drop and item.drop.countdown) if each]
        assert all(end.startswith("2030-01-01T12:") for end in ends)


def test_units_bring_the_state_that_follows_from_them() -> None:
    shown = {units: about(available=units).state for units in (0, 1, 15, 16, 60, 61, 99_999)}
    assert shown == {
        0: "sold_out",
        1: "critical",
        15: "critical",
        16: "low",
        60: "low",
        61: "on_sale",
        99_999: "on_sale",
    }
    assert about(available=99_999).opening == 99_999
    assert about(available=30, opening=60).remaining == 0.5
    assert about(available=0, item_state="presale").state == "presale"
    assert about(state="upcoming", available=3).state == "upcoming"


def test_each_field_can_be_said() -> None:
    item = about(title="标题", price="9.90", stale=True, drop=True, regions=True, picture=False, countdown=90, held=4)
    assert (item.title, item.price, item.stale, item.heat, item.image, item.held) == (
        "标题",
        "9.90",
        True,
        "grey",
        None,
        4,
    )
    assert item.drop is not None
    assert item.regions
    assert item.countdown is not None
    assert item.countdown.ends_at == "2030-01-01T12:01:30.000Z"
    assert about(state="drop", drop=False).drop is None


def test_the_room_around_it_can_be_said() -> None:
    board = board_of(Scene(items=500, announcements=2, status="frozen"), NOON)
    assert (len(board.items), len(board.order), len(board.announcements)) == (500, 500, 2)
    assert board.session.status == "frozen"
    assert subject_of(board_of(Scene(on_air=False), NOON), Selector()) is None
    assert subject_of(board_of(Scene(state="nothing_on_air", on_air=True), NOON), Selector()) is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"available": -1},
        {"price": "dear"},
        {"speed": 0},
        {"items": 501},
        {"link": "slow"},
        {"title": "x" * 301},
        {"a": 1},
    ],
    ids=str,
)
def test_a_scene_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Scene)


def test_names_that_do_not_exist_are_told_with_those_that_do() -> None:
    with pytest.raises(UserError, match="Did you mean 'plenty'"):
        board_of(Scene(state="plentty"), NOON)
    with pytest.raises(NotFound, match="brand_room"):
        find_sample(SAMPLES, "brand_rom")


def test_a_sample_goes_on_and_back_and_ends_as_it_was_recorded() -> None:
    sample = find_sample(SAMPLES, "brand_room")
    assert sample.share == 0
    sample.seek(0.5)
    middle = sample.board(NOON)
    sample.seek(1)
    assert sample.share == 1
    assert sample.board(NOON).session.status == "closed"
    assert not sample.play_to(sample.ends + dt.timedelta(hours=1))
    sample.seek(0.5)

    assert sample.board(NOON) == middle
    assert middle.session.status == "live"
    for countdown in middle.countdowns.values():
        assert countdown.ends_at > "2030-01-01T12:00"
