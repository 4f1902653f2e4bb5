"""Conditions and texts: what they see, what they write, and what is said of one that is wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overlaykit.board import BoardView
from overlaykit.errors import UserError
from overlaykit.plan import load_plan
from overlaykit.rules import check_expressions
from overlaykit.rules.expressions import ExpressionError, Expressions
from overlaykit.rules.facts import Sight
from tests.rules.conftest import PLAN, Evening, plan_with

PLAN_FILE = """\
id = "room"
title = "Room"
starts = 2026-11-11T19:00:00+08:00
item = [{ sku = "scarf", title = "Scarf", opening = 100 }]
[[countdown]]
name = "coupon"
seconds = "5m"
[obs.main]
[[obs.main.text]]
source = "text"
template = "{{ item.title }}"
[[rule]]
name = "last"
when = "available < 50"
if = "item.on_air"
do = [{ action = "announce", text = "{{ item.available }} left" }, { action = "webhook", data = { left = "{{ item.sold }}" } }]
[[alert]]
when = "available < 20%"
text = "{{ item.title }}"
[emergency.stop]
do = [{ action = "task", text = "{{ session.title }}" }]
[script]
low = "{{ item.available }}"
"""


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("item.available > 5", True),
        ("item.on_air and item.price", False),
        ("item.sku == 'scarf'", True),
        ("items | selectattr('on_air') | list | length == 0", True),
        ("next.sku == 'coat-l'", False),
        ("next is none", True),
        ("'coupon' in countdowns", False),
        ("session.status == 'live'", True),
        ("obs.main.connected", True),
        ("obs.main.scene == '特写'", True),
        ("now > '2026-11-11T11:00:00.000Z' and now < '2026-11-11T12:00:00.000Z'", True),
        ("products.coat.available == 180", True),
        ("item.price | default('0') == '0'", False),
    ],
)
def test_what_a_condition_sees(condition: str, holds: bool) -> None:
    evening = Evening({"when": "available < 50", "if": condition})
    evening.open()
    evening.obs(scene="特写")
    evening.stock("scarf", 49)
    assert bool(evening.fired) is holds, evening.decisions


def test_an_obs_that_was_never_there_is_not_connected() -> None:
    evening = Evening(
        {"when": "available < 50", "if": "obs.main.connected"},
        {"when": "available < 50", "if": "not obs.main.connected"},
    )
    evening.open()
    evening.stock("scarf", 49)
    assert [firing.rule for firing in evening.fired] == ["r2"], evening.decisions


def test_a_rule_that_is_about_no_item_sees_the_one_on_air() -> None:
    evening = Evening({"when": "button a", "if": "item.sku == 'coat-l' and next.sku == 'scarf'"})
    evening.open()
    evening.stock("coat-m", 0)
    evening.feature("coat-m", "coat-l")
    assert [firing.sku for firing in evening.say("button.press", {"name": "a"})] == [None]


def test_a_condition_that_cannot_be_told_does_not_hold_and_says_why() -> None:
    evening = Evening(
        {"when": "available < 50", "if": "item.pace_per_minute > 5"}, {"when": "button a", "if": "item.on_air"}
    )
    evening.open()
    evening.stock("scarf", 49)
    evening.say("button.press", {"name": "a"})
    assert [decision.held for decision in evening.decisions] == ["if", "if"]
    assert "not known (None)" in evening.decisions[0].why
    assert "asked of None" in evening.decisions[1].why


def test_texts_are_plain_text_with_the_filters_of_themes() -> None:
    evening = Evening({"when": "sold_out"})
    evening.open()
    evening.forecast("scarf", 3600)
    said = "{{ item.title }} <{{ '&' }}> {{ item.remaining | percent }} {{ item.sells_out_at | clock }}{{ item.price }}"
    assert evening.watcher.render(said, sku="scarf", now_ms=evening.ledger.now) == "scarf <&> 100% 20:00"
    with pytest.raises(UserError, match="asked of None"):
        evening.watcher.render("{{ item.title }}", sku=None, now_ms=evening.ledger.now)


@pytest.mark.parametrize(
    ("condition", "said", "nearest"),
    [
        ("item.availble > 5", "no field availble", "available"),
        ("item['availble'] > 5", "no field availble", "available"),
        ("itm.available > 5", "no itm", "item"),
        ("options.accent", "no options", None),
        ("item.drop.nam == 'eight'", "no field nam", "name"),
        ("(items | first).stat == 'low'", "no field stat", "state"),
        ("items | selectattr('onair') | list", "no field onair", "on_air"),
        ("items | sum(attribute='sol') > 5", "no field sol", "sold"),
        ("countdowns.cupon.ends_at", "no countdown cupon", "coupon"),
        ("products.cote.available", "no product cote", "coat"),
        ("obs.man.connected", "no obs man", "main"),
        ("obs.main.scen == 'x'", "no field scen", "scene"),
        ("item.available >", "ends too early", None),
        ("item.available > 5 item", "does not belong here", None),
        ("item.available | round_up", "No filter named 'round_up'", None),
        ("", "ends too early", None),
    ],
)
def test_a_condition_that_is_wrong_is_an_error_before_anything_happens(
    condition: str, said: str, nearest: str | None
) -> None:
    with pytest.raises(ExpressionError) as caught:
        Expressions(plan_with([])).condition(condition)
    assert said in caught.value.what.en
    assert caught.value.nearest == nearest


def test_fields_are_known_through_loops_and_set() -> None:
    expressions = Expressions(plan_with([]))
    assert expressions.text("{% for each in items %}{{ each.sku }}{% endfor %}{% set first = next %}{{ first.sku }}")
    for wrong in (
        "{% for each in items %}{{ each.skuu }}{% endfor %}",
        "{% for item in items if item.solt %}{% endfor %}",
        "{% set first = next %}{{ first.skuu }}",
        "{% include 'bar.html' %}",
    ):
        with pytest.raises(ExpressionError):
            expressions.text(wrong)
    assert expressions.text("{% for item in item.title %}{{ item.anything }}{% endfor %}")


def test_a_book_names_rule_and_key_of_what_is_wrong() -> None:
    with pytest.raises(UserError, match=r"rule r1, if: an item has no field availble") as caught:
        Evening({"when": "on_air", "if": "item.availble"})
    assert "Did you mean 'available'?" in str(caught.value)
    with pytest.raises(UserError, match=r"rule r1, do\[1\].text: there is no itm"):
        Evening({"when": "on_air", "do": [{"action": "task", "text": "{{ itm }}"}]})
    with pytest.raises(UserError, match=r"rule emergency.stop, do\[1\].text"):
        Evening(plan=plan_with([], PLAN, emergency={"stop": {"do": [{"action": "task", "text": "{{ itm }}"}]}}))


@pytest.fixture(scope="module")
def begun() -> Evening:
    return Evening()


PIECES = (
    "item . available [ ] ( ) ' { } {% %} {{ }} | first items and or not in is none == > 9 ** * 99999 ~ : , if else for"
)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=30), st.lists(st.sampled_from(PIECES.split()), max_size=12).map(" ".join)))
def test_whatever_is_written_holds_or_not_or_is_an_error(begun: Evening, text: str) -> None:
    """As a condition, and as a text: nothing else comes out, neither when it is compiled nor when it is asked."""
    for compile in (begun.book.expressions.condition, begun.book.expressions.text):
        with contextlib.suppress(UserError):
            compile(text).render(Sight(begun.fold, BoardView(begun.fold), {}), "scarf", "2026-11-11T12:00:00.000Z")


@pytest.fixture
def problems_of(tmp_path: Path) -> Callable[[str], list[tuple[str | None, str | None, str | None]]]:
    def check(text: str) -> list[tuple[str | None, str | None, str | None]]:
        (tmp_path / "session.toml").write_text(text, encoding="utf-8")
        return [(each.section, each.key, each.nearest) for each in check_expressions(load_plan(tmp_path))]

    return check


@pytest.mark.parametrize(
    ("written", "instead", "section", "key", "nearest"),
    [
        ('if = "item.on_air"', 'if = "item.onair"', "[[rule]] 1 (last)", "if", "on_air"),
        ("{{ item.available }} left", "{{ itm.available }} left", "[[rule]] 1 (last)", "do[1].text", "item"),
        ("{{ item.sold }}", "{{ item.solt }}", "[[rule]] 1 (last)", "do[2].data.left", "sold"),
        ('text = "{{ item.title }}"', 'text = "{{ item.titel }}"', "[[alert]] 1", "text", "title"),
        ("{{ session.title }}", "{{ sesion.title }}", "[emergency.stop]", "do[1].text", "session"),
        ('template = "{{ item.title }}"', 'template = "{{ item.tite }}"', "[[obs.main.text]] 1", "template", "title"),
        ('low = "{{ item.available }}"', 'low = "{{ item.availabl }}"', "[script]", "low", "available"),
    ],
)
def test_a_plan_is_checked_with_the_place_of_what_is_wrong(
    problems_of: Callable[[str], list[tuple[str | None, str | None, str | None]]],
    written: str,
    instead: str,
    section: str,
    key: str,
    nearest: str,
) -> None:
    assert problems_of(PLAN_FILE) == []
    assert PLAN_FILE.count(written) == 1
    assert problems_of(PLAN_FILE.replace(written, instead)) == [(section, key, nearest)]
