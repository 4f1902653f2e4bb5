"""Badges, moments, banners, and what a page says of its numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest

from overlaykit.board.types import Announcement, Board, BoardItem, ItemState
from overlaykit.errors import ThemeError

Render = Callable[..., str]
Item = Callable[..., BoardItem]
MakeBoard = Callable[..., Board]
OWN = '[strings.zh-CN]\nstate_low = "手慢无"\n[strings.en]\nstate_low = "Hurry"\n'


def test_a_badge_has_a_word_for_every_state(render: Render, make_item: Item, make_board: MakeBoard) -> None:
    words = set()
    for state in get_args(ItemState):
        markup = render("{{ ui.badge(item) }}", make_board(make_item(state=state, heat="yellow")))
        assert f'class="ok-badge ok-badge-{state} heat-yellow" data-key="coat.state">' in markup
        words.add(markup.split(">")[1].split("<")[0])

    assert len(words) == len(get_args(ItemState))
    assert "手慢无" in render("{{ ui.badge(item) }}", make_board(make_item(state="low")), more=OWN)


def test_a_badge_of_a_silent_source_is_marked(render: Render, make_item: Item, make_board: MakeBoard) -> None:
    assert 'data-key="coat.state" stale>' in render("{{ ui.badge(item) }}", make_board(make_item(stale=True)))


def test_moments_have_words_of_their_own(render: Render) -> None:
    assert 'data-key="coat.moment.last_chance" name="last_chance" seconds="4">最后机会<' in render(
        "{{ ui.moment('last_chance') }}"
    )
    assert ">加油<" in render("{{ ui.moment('last_chance', text='加油') }}")
    with pytest.raises(ThemeError, match="It knows: last_chance, sold_out"):
        render("{{ ui.moment('cheer') }}")
    with pytest.raises(ThemeError, match=r"1 … 15"):
        render("{{ ui.moment('sold_out', seconds=60) }}")


def test_all_banners_at_once_oldest_first(render: Render, make_board: MakeBoard) -> None:
    banners = [
        Announcement(id=f"a-{number}", text=text, level="info", sku=None, ends_at=None)
        for number, text in enumerate(("<script>", "红包" * 60))
    ]
    markup = render("{{ ui.announcements() }}", make_board(announcements=banners))

    assert markup.index("&lt;script&gt;") < markup.index("红包")
    assert markup.count('role="status"') == 2
    assert render("{{ ui.announcements() }}") == '<div class="ok-announcements"></div>'


@pytest.mark.parametrize(
    ("status", "stale", "says"),
    [
        ("live", False, ""),
        ("live", True, "数据获取中"),
        ("frozen", True, "数据获取中"),  # what misleads most comes first
        ("frozen", False, "库存数字暂停更新"),
        ("planned", False, "即将开播"),
        ("closed", False, "本场已结束"),
    ],
)
def test_the_status_says_what_misleads_most(
    render: Render, make_item: Item, make_board: MakeBoard, status: str, stale: bool, says: str
) -> None:
    board = make_board(make_item(stale=stale), status=status)

    assert f'<ok-status says="{says}" updating="数据获取中" ' in render("{{ ui.status() }}", board)
