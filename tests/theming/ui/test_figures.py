"""Numbers, bars, rings, objects, deadlines, regions: keyed, honest, and never 0 for what is not known."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from overlaykit.board.types import Board, BoardItem, Deadline, DropNow
from overlaykit.errors import ThemeError

Render = Callable[..., str]
Item = Callable[..., BoardItem]
MakeBoard = Callable[..., Board]


@pytest.mark.parametrize(("units", "text", "short"), [(0, "0", "0"), (1, "1", "1"), (99_999, "99,999", "9.9万")])
def test_units_in_full_and_in_short(
    render: Render, make_item: Item, make_board: MakeBoard, units: int, text: str, short: str
) -> None:
    board = make_board(make_item(available=units, sold=units))

    assert f'value="{units}">{text}<' in render("{{ ui.number(item.available) }}", board)
    assert f'data-key="coat.sold" value="{units}" format="count">{short}<' in render("{{ ui.sold(item.sold) }}", board)


def test_what_is_not_known_is_a_dash_and_has_no_value(render: Render) -> None:
    assert render("{{ ui.number(item.pace_per_minute, key='pace') }}") == (
        '<ok-number data-key="pace" value="" unknown>—</ok-number>'
    )
    assert render("{{ ui.sold(none) }}") == '<ok-number value="" format="count" unknown>—</ok-number>'
    assert render("{{ ui.bar(none) }}") == '<ok-bar value="" heat="green" unknown></ok-bar>'
    assert render("{{ ui.ring(none) }}") == '<ok-ring value="" heat="green" unknown>—</ok-ring>'
    assert 'value="" of="100" per="2" unknown>' in render("{{ ui.units(none, item.opening) }}")
    assert 'ends-at="" ' in render("{{ ui.countdown(item.sells_out_at, format='words') }}")


def test_a_number_says_by_itself_that_its_source_is_silent_or_that_it_is_on_hold(
    render: Render, make_item: Item, make_board: MakeBoard
) -> None:
    drop = DropNow(name="eight", opening=50, available=7, remaining=0.14, sold=43, price=None, countdown=None)
    stale = make_board(make_item(stale=True, drop=drop), make_item(sku="hat", on_air=False))

    assert "98</ok-number>" in render("{{ ui.number(item.available) }}", stale)
    assert " stale>" in render("{{ ui.number(item.available) }}", stale)
    assert " stale>" in render("{{ ui.number(item.drop.available) }}", stale)
    assert " stale>" in render("{{ ui.number(item.opening - item.available) }}", stale)  # computed of the same item
    assert " stale>" in render("{{ ui.regions(item) }}", stale)
    assert " stale" not in render("{{ ui.number(items[1].available) }}{{ ui.status() }}", stale)

    frozen = render("{{ ui.number(item.available) }}{{ ui.bar(item.remaining) }}", make_board(status="frozen"))
    assert frozen.count(" frozen>") == 2


def test_a_share_is_never_more_than_all(render: Render) -> None:
    assert 'value="1" ' in render("{{ ui.bar(1.5) }}")
    assert 'value="0" ' in render("{{ ui.bar(-0.2) }}")


def test_a_ring_says_its_percentage_or_what_it_is_given(render: Render, make_item: Item, make_board: MakeBoard) -> None:
    assert render("{{ ui.ring(item.remaining, critical='#f00') }}") == (
        '<ok-ring data-key="coat.remaining" value="0.98" heat="green" style="--ring-critical:#f00">98%</ok-ring>'
    )
    assert ">&lt;b&gt;<" in render("{{ ui.ring(item.remaining, text='<b>') }}")
    nearly = make_board(make_item(remaining=0.9999, heat="red"))
    assert 'value="0.9999" heat="red">99%<' in render("{{ ui.ring(item.remaining) }}", nearly)


@pytest.mark.parametrize(
    ("available", "opening", "per"),
    [(0, 0, 1), (0, 60, 1), (60, 60, 1), (61, 60, 2), (98, 100, 2), (300, 300, 5), (99_999, 100_000, 2000)],
)
def test_an_object_stands_for_as_many_units_as_it_must(
    render: Render, make_item: Item, make_board: MakeBoard, available: int, opening: int, per: int
) -> None:
    board = make_board(make_item(available=available, opening=opening))
    markup = render("{{ ui.units(item.available, item.opening) }}", board)

    assert f'data-key="coat.available" value="{available}" of="{opening}" per="{per}">' in markup
    assert (f"每个代表 {per:,} 件" in markup) == (per > 1)


def test_a_countdown_of_whatever_length_may_have_tenths(render: Render) -> None:
    markup = render("{{ ui.countdown('2026-11-11T12:05:00.000Z', format='auto.d') }}")

    assert 'format="auto.d"' in markup


def test_prices_and_countdowns_keep_their_keys(render: Render, make_item: Item, make_board: MakeBoard) -> None:
    ends = Deadline(ends_at="2026-11-11T12:05:00.000Z")
    board = make_board(make_item(countdown=ends, sells_out_at="2026-11-11T12:05:00.000Z"))

    assert 'class="ok-price" data-key="coat.price"' in render("{{ ui.price(item.price) }}", board)
    assert 'data-key="coat.ends_at"' in render("{{ ui.countdown(item.countdown.ends_at) }}", board)
    assert 'data-key="coat.sells_out_at"' in render("{{ ui.countdown(item.sells_out_at, format='words') }}", board)


def test_regions_have_the_names_that_people_know(render: Render, make_item: Item, make_board: MakeBoard) -> None:
    board = make_board(make_item(regions={"US": 40, "华东": 0, "<b>": 99_999}))
    markup = render("{{ ui.regions(item) }}", board)

    assert re.findall(r"<span>([^<]*)</span>", markup) == ["美国", "华东", "&lt;b&gt;"]
    assert 'data-key="coat.in.US"' in markup
    assert 'data-key="coat.regions.US" value="40">40<' in markup
    assert 'data-key="coat.regions.华东" value="0">0<' in markup
    own = '[strings.zh-CN]\nregion_US = "美区"\n[strings.en]\nregion_US = "States"\n'
    assert "<span>美区</span>" in render("{{ ui.regions(item) }}", board, more=own)


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{ ui.number(true) }}", "ui.number needs a number, not True"),
        ("{{ ui.number('5') }}", "ui.number needs a number, not '5'"),
        ("{{ ui.number(5, format='short') }}", "Formats: full, count"),
        ("{{ ui.ring('x') }}", "ui.ring needs a share from 0 to 1"),
        ("{{ ui.units(5, 10, most=0) }}", "Write 1 … 400"),
        ("{{ ui.units(5000, 10000, per=1) }}", "leave per out"),
        ("{{ ui.units(5, 10, per=0) }}", "per=0"),
        ("{{ ui.regions(none) }}", "ui.regions needs an item, not None"),
        ("{{ ui.countdown('x', format='hour') }}", "auto, words, ss"),
        ("{{ ui.countdown('soon') }}", "ui.countdown needs a time, not 'soon'"),
        ("{{ ui.countdown('2026-11-11T12:05:00') }}", "item.countdown.ends_at"),  # of no time zone
        ("{{ ui.countdown(item) }}", "item.countdown.ends_at"),
    ],
)
def test_what_cannot_be_drawn_is_said_with_what_can(render: Render, template: str, says: str) -> None:
    with pytest.raises(ThemeError) as error:
        render(template)

    assert says in str(error.value)
