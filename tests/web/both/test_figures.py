"""Prices, numbers and names of items read alike wherever they stand: on the desk, in overlays as the server draws them and as they
move, and on buttons."""

from __future__ import annotations

import pytest

from overlaykit.model.commands import ItemClose, ItemOpen
from overlaykit.theming import Formats
from overlaykit.web.buttons.titles import title_of
from overlaykit.web.directing import Directing
from overlaykit.web.words import words
from tests.web.both.conftest import InScript, board_of, plan, table

FIGURES, NAMES = table("figures"), table("names")
LANGUAGES = ("zh-CN", "en")
ON_THE_DESK = """async ({ lang, rows }) => {
  const { moneyOf } = await import("/static/desk/money.js");
  return rows.map(([currency, amount, sign]) => moneyOf({ lang, currency_sign: sign }, { session: { currency } })(amount));
}"""
AS_IT_MOVES = """async ({ number, count, percent, span }) => {
  const figures = await import("/overlay/elements/figures.js");
  return {
    number: number.map(([value]) => figures.written(value, null)),
    desk: number.map(([value]) => new Intl.NumberFormat(document.documentElement.lang).format(value)),
    count: count.map(([value]) => figures.written(value, "count")),
    percent: percent.map(([value]) => figures.percent(value)),
    span: span.map(([value, unit]) => figures.span(value, unit)),
  };
}"""
CALLED = """async ({ rows, words }) => {
  const { itemName } = await import("/static/desk/actions/about.js");
  const { roomOf } = await import("/static/desk/room.js");
  const room = roomOf();
  for (const row of rows) room.items.set(row.sku, row);
  return rows.map(({ sku }) => itemName({ room, words }, sku));
}"""
SECONDS = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}


def formats(lang: str, currency: str = "CNY") -> Formats:
    return Formats(lang, "Asia/Shanghai", currency)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_server_writes_them(lang: str) -> None:
    say, column = formats(lang), 1 + LANGUAGES.index(lang)
    assert [formats(lang, row[0]).money(row[1]) for row in FIGURES["money"]] == [row[2] for row in FIGURES["money"]]
    for kind, write in (("number", say.number), ("count", say.count), ("percent", say.percent)):
        assert [write(row[0]) for row in FIGURES[kind]] == [row[column] for row in FIGURES[kind]], kind
    spans = FIGURES["span"]
    assert [say.duration(row[0] * SECONDS[row[1]]) for row in spans] == [row[column + 1] for row in spans]


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_desk_writes_prices_so(in_script: InScript, lang: str) -> None:
    rows = [[currency, amount, formats(lang, currency).symbol()] for currency, amount, _ in FIGURES["money"]]
    assert in_script(ON_THE_DESK, {"lang": lang, "rows": rows}, lang) == [row[2] for row in FIGURES["money"]]


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_moves_in_an_overlay_is_written_so(in_script: InScript, lang: str) -> None:
    column = 1 + LANGUAGES.index(lang)
    found = in_script(AS_IT_MOVES, FIGURES, lang)
    for kind in ("number", "count", "percent"):
        assert found[kind] == [row[column] for row in FIGURES[kind]], kind
    assert found["desk"] == found["number"]
    assert found["span"] == [row[column + 1] for row in FIGURES["span"]]


ROWS = [{"sku": f"x-{place}", **row} for place, (row, _, _) in enumerate(NAMES)]


def test_buttons_call_items_so() -> None:
    planned = plan(ROWS)
    board, directing = board_of(planned), Directing.of(planned)
    for row, (_, zh, en) in zip(ROWS, NAMES, strict=True):
        opening, closing = (title_of(kind(sku=row["sku"]), directing, board) for kind in (ItemOpen, ItemClose))
        assert (opening.zh, opening.en) == (f"上架 {zh}", f"Open {en}")
        assert (closing.zh, closing.en) == (f"下架 {zh}", f"Close {en}")


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_desk_calls_items_so(in_script: InScript, lang: str) -> None:
    board = board_of(plan(ROWS))
    rows = [
        {name: getattr(board.items[row["sku"]], name) for name in ("sku", "link", "title", "variant")} for row in ROWS
    ]
    found = in_script(CALLED, {"rows": rows, "words": words(lang)}, lang)
    assert found == [row[1 + LANGUAGES.index(lang)] for row in NAMES]
