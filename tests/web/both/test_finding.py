"""Items are found by the same words on the desk, in its browser, and on the page of buttons, in the server."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from overlaykit.model.sessions import SessionPlan
from overlaykit.web.buttons.finding import Search
from overlaykit.web.buttons.offers import OPEN, Group
from overlaykit.web.buttons.titles import items_by_link
from overlaykit.web.desk.finding import SearchWords, Words, terms_of
from overlaykit.web.directing import Directing
from tests.web.both.conftest import InScript, board_of, plan, table

TABLE = table("finding")
MANY = 10_000
FIND = """async (given) => {
  const { items, search, typed } = JSON.parse(given); // as text: 10,000 items are quickly there
  const { finderOf } = await import("/static/desk/finder.js");
  const room = { order: items.map(({ sku }) => sku), items: new Map(items.map((item) => [item.sku, item])) };
  const finder = finderOf(async () => ({ body: search }), room);
  await finder.ready();
  return typed.map((each) => {
    const found = finder.best(each);
    return [2, 1].map((wanted) => found.filter(({ rank }) => rank === wanted).map(({ sku }) => sku));
  });
}"""


def on_the_page_of_buttons(planned: SessionPlan, words: Words, typed: list[str]) -> list[list[list[str]]]:
    """Of each, the skus of the link that was typed, and the others, as the page offers them."""
    board = board_of(planned)
    group = Group("items", [], [(OPEN, sku) for sku in board.order])
    found = []
    for each in typed:
        terms = terms_of(each)
        ranks = words.ranks(terms)
        search = Search(terms, Directing.of(planned), board, items_by_link(board), words, str)
        offered = [sku for left in search.through([group]) for _, sku in left.many]
        found.append([[sku for sku in offered if ranks.get(sku) == rank] for rank in (2, 1)])
        # A word may say what is done, too, as 号链接 does: what it names comes first.
        assert offered[: len(ranks)] == found[-1][0] + found[-1][1], each
    return found


def on_the_desk(in_script: InScript, planned: SessionPlan, words: Words, typed: list[str]) -> Any:
    board = board_of(planned)
    items = [board.items[sku] for sku in board.order]
    given = {"items": items, "search": msgspec.Raw(words.body), "typed": typed}
    return in_script(FIND, msgspec.json.encode(given).decode())


@pytest.fixture(scope="module")
def planned() -> SessionPlan:
    return plan(TABLE["items"])


@pytest.fixture(scope="module")
def words(planned: SessionPlan) -> Words:
    return SearchWords().of(planned)


TYPED = [case["typed"] for case in TABLE["cases"]]
WANTED = {case["typed"]: [case["best"], case["also"]] for case in TABLE["cases"]}


def test_the_page_of_buttons_finds_what_is_meant(planned: SessionPlan, words: Words) -> None:
    assert dict(zip(TYPED, on_the_page_of_buttons(planned, words, TYPED), strict=True)) == WANTED


@pytest.mark.browser
def test_the_desk_finds_what_is_meant(in_script: InScript, planned: SessionPlan, words: Words) -> None:
    assert dict(zip(TYPED, on_the_desk(in_script, planned, words, TYPED), strict=True)) == WANTED


@pytest.mark.browser
def test_among_ten_thousand_both_find_the_same(in_script: InScript) -> None:
    titles = ("羊毛大衣 {}", "Wool SOCKS {}", "长裙（{}）", "礼盒 {} / 白")
    rows = [
        {"sku": f"x-{place}", "link": place // 2 or None, "title": titles[place % 4].format(place)}
        for place in range(MANY)
    ]
    planned = plan(rows)
    words = SearchWords().of(planned)
    typed = ["7", "77号", "4999", "9999", "5000", "wool 77", "yangm", "cq9999", "lhb", "/ 白", "-12", "x", "nothing"]
    found = on_the_desk(in_script, planned, words, typed)
    assert found == on_the_page_of_buttons(planned, words, typed)
    assert [len(also) for _, also in found][-2:] == [MANY, 0], "as many as a session may have"
    assert found[1] == [["x-154", "x-155"], [f"x-{place}" for place in range(1540, 1560)]]
