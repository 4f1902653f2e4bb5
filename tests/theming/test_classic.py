"""The theme that everybody starts with: every layout, in every state, in both languages, without an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest

from overlaykit.board.types import Announcement, Board, BoardItem, Countdown, Deadline, DropNow, ItemState
from overlaykit.config import bundled_folder
from overlaykit.model.plugins import Theme
from overlaykit.theming import Formats, LoadedTheme, Selector, load_theme, open_picture, subject_of

CLASSIC = Theme(name="classic", folder=bundled_folder() / "themes" / "classic")
LAYOUTS = ("number", "bar", "countdown", "product_card", "lower_third")
ENDS = Deadline(ends_at="2026-11-11T12:05:00.000Z")
DROP = DropNow(name="eight", opening=50, available=7, remaining=0.14, sold=43, price=None, countdown=ENDS)
FULL = {"subtitle": "第二行", "image": "/coat.jpg", "countdown": ENDS, "drop": DROP, "ship_by": "2026-11-20"}
BARE = {"variant": None, "price": None, "list_price": None, "link": None}


@pytest.fixture(scope="module")
def classic() -> LoadedTheme:
    return load_theme(CLASSIC)


def test_it_has_its_five_layouts_for_both_sizes(classic: LoadedTheme) -> None:
    assert tuple(classic.layouts) == LAYOUTS
    assert {layout.size for layout in classic.layouts.values()} == {("1080x1920", "1920x1080")}


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("fields", [FULL, BARE], ids=["full", "bare"])
@pytest.mark.parametrize("state", get_args(ItemState))
def test_every_state_shows(
    classic: LoadedTheme,
    layout: str,
    locale: str,
    state: str,
    fields: dict[str, object],
    make_item: Callable[..., BoardItem],
    make_board: Callable[..., Board],
) -> None:
    board = make_board(
        make_item(state=state, **fields),
        make_item(sku="hat", on_air=False),
        countdowns={"coupon": Countdown(name="coupon", sku=None, ends_at=ENDS.ends_at)},
        announcements=[Announcement(id="a", text="红包", level="info", sku=None, ends_at=None)],
    )
    picture = open_picture(classic, layout, formats=Formats(locale, "Asia/Shanghai", "CNY"), options=classic.options())

    markup = picture.render(board, subject_of(board, Selector()))

    assert "None" not in markup
    assert ("ok-countdown" if layout == "countdown" else "coat") in markup


@pytest.mark.parametrize("layout", LAYOUTS)
def test_with_nothing_on_air_and_no_countdown_there_is_nothing(
    classic: LoadedTheme, layout: str, formats: Formats, make_board: Callable[..., Board]
) -> None:
    board = make_board(on_air=None)

    assert open_picture(classic, layout, formats=formats, options=classic.options()).render(board, None) == ""


def test_sold_out_takes_the_number_away(
    classic: LoadedTheme, formats: Formats, make_item: Callable[..., BoardItem], make_board: Callable[..., Board]
) -> None:
    board = make_board(make_item(state="sold_out", available=0))
    markup = open_picture(classic, "number", formats=formats, options=classic.options()).render(
        board, board.items["coat"]
    )

    assert "已售罄" in markup
    assert "ok-number" not in markup


def test_the_named_countdown_comes_first(
    classic: LoadedTheme, formats: Formats, make_item: Callable[..., BoardItem], make_board: Callable[..., Board]
) -> None:
    named = Countdown(name="coupon", sku=None, ends_at="2026-11-11T13:00:00.000Z")
    board = make_board(make_item(countdown=ENDS), countdowns={"coupon": named})

    def shown(**options: str) -> str:
        picture = open_picture(classic, "countdown", formats=formats, options=classic.options(options))
        return picture.render(board, board.items["coat"])

    assert ENDS.ends_at in shown()
    assert named.ends_at in shown(countdown="coupon")
