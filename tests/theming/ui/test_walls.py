"""Heatmaps and tickers: many items, each with its key."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from overlaykit.board.types import Announcement, Board, BoardItem, DropNow
from overlaykit.errors import ThemeError
from overlaykit.model.plugins import Theme
from overlaykit.theming import Formats, load_theme, open_picture

Render = Callable[..., str]
Item = Callable[..., BoardItem]
MakeBoard = Callable[..., Board]


@pytest.fixture
def full(make_item: Item, make_board: MakeBoard) -> Board:
    """500 items: one sold out, one without a link and variant, one with a source that is silent."""
    items = [make_item(sku=f"s{number}", link=number, on_air=number == 1) for number in range(1, 501)]
    items[1] = make_item(sku="s2", link=2, on_air=False, state="sold_out", heat="red", available=0, remaining=0.0)
    items[2] = make_item(sku="s3", link=None, variant=None, on_air=False, title="“<长标题>”" * 20)
    items[3] = make_item(sku="s4", link=4, on_air=False, stale=True, heat="grey")
    return make_board(*items)


def test_a_heatmap_has_a_cell_for_each_item_keyed_by_sku(render: Render, full: Board) -> None:
    markup = render("{{ ui.heatmap(items) }}", full)

    assert re.findall(r'data-key="(s\d+)\.cell"', markup) == list(full.order)
    assert (
        '<div data-live="s2.cell" class="ok-cell ok-cell-sold_out heat-red" data-key="s2.cell" style="--remaining:0"><b>2</b>'
        '<small><ok-number data-key="s2.available" value="0">0</ok-number></small></div>'
    ) in markup
    assert 'data-key="s3.cell" style="--remaining:0.98"><b>s3</b>' in markup
    assert 'heat-grey" data-key="s4.cell" style="--remaining:0.98" stale>' in markup


def test_each_cell_is_a_part_that_is_drawn_again_alone(
    full: Board, theme_folder: Callable[..., Path], formats: Formats
) -> None:
    theme = load_theme(Theme(name="acme", folder=theme_folder("{{ ui.heatmap(items) }}{{ ui.ticker(items[:3]) }}")))
    picture = open_picture(theme, "page", formats=formats, options=theme.options())
    parts = picture.live_parts()
    before = picture.paint(full, full.items["s1"], parts)
    sold = replace(full.items["s7"], available=12)
    now = picture.paint(replace(full, items=full.items | {"s7": sold}), full.items["s1"], parts)

    assert now.skeleton == before.skeleton
    assert [key for key, markup in now.parts.items() if markup is not before.parts[key]] == ["s7.cell"]
    assert 'value="12">12<' in now.parts["s7.cell"]
    assert len(now.parts) == 503

    frozen = replace(full, session=replace(full.session, status="frozen"))
    assert " frozen>" in picture.paint(frozen, full.items["s1"], parts).parts["s7.cell"]


def test_cells_that_cannot_be_parts_stand_in_their_place(render: Render, full: Board) -> None:
    twice = render("{{ ui.heatmap(items[:2]) }}{{ ui.heatmap(items[:2], label='title') }}", full)
    assert twice.count('data-live="s1.cell"') == 1
    assert twice.count('data-key="s1.cell"') == 2

    within = render("{% live 'wall', items %}<div>{{ ui.heatmap(items[:2]) }}</div>{% endlive %}", full)
    assert within.count("data-live") == 1
    assert within.count("ok-cell ") == 2


@pytest.mark.parametrize(
    ("label", "says"),
    [
        ("link", "<b>1</b>"),
        ("sku", "<b>s1</b>"),
        ("variant", '<b class="ok-cell-text">黑 M</b>'),
        ("title", '<b class="ok-cell-text">羊绒大衣</b>'),
        ("number", '<ok-number data-key="s1.available" value="98">98</ok-number></div>'),
    ],
)
def test_a_cell_says_what_the_author_chose(render: Render, full: Board, label: str, says: str) -> None:
    markup = render(f"{{{{ ui.heatmap(items[:3], label='{label}', colour='remaining') }}}}", full)

    assert says in markup
    assert markup.startswith('<ok-heatmap class="ok-by-remaining">')
    assert "<长标题" not in markup


def test_without_numbers_a_cell_is_its_label(render: Render, full: Board) -> None:
    assert "<small>" not in render("{{ ui.heatmap(items, number=false) }}", full)


def test_an_entry_with_an_open_drop_has_the_price_and_the_units_of_the_drop(
    render: Render, make_item: Item, make_board: MakeBoard
) -> None:
    drop = DropNow(name="eight", opening=50, available=7, remaining=0.14, sold=43, price="799.00", countdown=None)
    markup = render("{{ ui.ticker(items) }}", make_board(make_item(drop=drop)))

    assert 'data-key="coat.drop.eight.price"' in markup
    assert 'data-key="coat.drop.eight.available"' in markup
    assert "899" not in markup


def test_a_ticker_takes_items_banners_and_texts(render: Render, full: Board) -> None:
    banner = Announcement(id="a-1", text="<红包>", level="urgent", sku=None, ends_at=None)
    board = replace(full, announcements=[banner])
    markup = render("{{ ui.ticker([items[0], items[1], announcements[0], '欢迎'], seconds=8) }}", board)

    assert markup.startswith('<ok-ticker seconds="8">')
    assert re.findall(r'class="ok-entry[^"]*" data-key="([^"]+)"', markup) == [
        "s1.entry",
        "s2.entry",
        "announcement.a-1.entry",
        "entry.3",
    ]
    assert ">&lt;红包&gt;<" in markup
    assert "已售罄" in markup
    assert render("{{ ui.ticker([]) }}") == '<ok-ticker seconds="6"></ok-ticker>'
    assert ">欢迎<" in render("{{ ui.ticker('欢迎') }}")


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{ ui.heatmap(items, label='price') }}", "Labels: link, variant, title, number, sku"),
        ("{{ ui.heatmap(items, colour='red') }}", "Colours: heat, remaining"),
        ("{{ ui.heatmap([1]) }}", "ui.heatmap needs items, not 1"),
        ("{{ ui.heatmap(items * 3) }}", "At most 1000"),
        ("{{ ui.ticker([none]) }}", "Give it items, announcements or texts"),
        ("{{ ui.ticker(['a'], seconds=0) }}", "Write 1 … 120"),
    ],
)
def test_what_cannot_be_shown_is_said_with_what_can(render: Render, full: Board, template: str, says: str) -> None:
    with pytest.raises(ThemeError) as error:
        render(template, full)

    assert says in str(error.value)
