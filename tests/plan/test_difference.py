"""What may change while a session runs, what may not and why, and that the running order comes out as it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from overlaykit.model.commands import ItemAdd, ItemMove, ItemUpdate
from overlaykit.model.sessions import Item, Location, SessionPlan, Threshold
from overlaykit.plan import Difference, FieldChange, LoadedPlan, difference
from tests.plan.conftest import EVENING

Load = Callable[..., LoadedPlan]


def item(sku: str, **fields: Any) -> Item:
    given = {"title": sku.upper(), "opening": {"default": 10}, "low": Threshold(share=0.2)}
    return Item(**{"sku": sku, "critical": Threshold(share=0.05), **given, **fields})


def plan(*items: Item, **fields: Any) -> SessionPlan:
    given: dict[str, Any] = {"locations": (Location(name="default", title="default"),), "channels": ()}
    return SessionPlan(**{"id": "room", "ledger": "room", "title": "Room", "items": items, **given, **fields})


def kept(found: Difference) -> dict[str, str]:
    return {each.part: each.reason for each in found.kept}


def moved(order: str, wanted: str) -> list[tuple[str, int]]:
    found = difference(plan(*map(item, order)), plan(*map(item, wanted)))
    commands = [change.command for change in found.changes]
    assert all(isinstance(command, ItemMove) for command in commands)
    return [(command.sku, command.position) for command in commands if isinstance(command, ItemMove)]


def test_a_plan_that_is_written_as_it_runs_changes_nothing(load: Load) -> None:
    running = load(EVENING).session
    again = msgspec.json.decode(msgspec.json.encode(running), type=SessionPlan)
    assert difference(again, load(EVENING).session) == Difference((), ())


def test_what_is_said_of_an_item_may_change(load: Load) -> None:
    written = EVENING.replace('price = "59.9"', 'price = "49.9"').replace('aliases = ["龙井", "绿茶"], ', "")
    found = difference(load(EVENING).session, load(written).session)
    assert found.kept == ()
    assert [(each.part, each.fields) for each in found.changes] == [
        ("item.lj-250", (FieldChange("aliases", ("龙井", "绿茶"), ()),)),
        ("item.cup", (FieldChange("price", "59.9", "49.9"),)),
    ]
    assert found.changes[0].command == ItemUpdate(sku="lj-250", aliases=())
    assert found.changes[1].command == ItemUpdate(sku="cup", price="49.9")


def test_what_an_item_may_be_without_is_taken_away() -> None:
    found = difference(plan(item("a", price="9.00", buyer_limit=2)), plan(item("a")))
    assert found.changes[0].command == ItemUpdate(sku="a", price=None, buyer_limit=None)


def test_an_item_comes_with_everything_it_has_and_goes_to_its_place() -> None:
    new = item("n", opening={"default": 7}, buffer={"default": 2}, facts={"重": "1 kg"}, on_sale=False)
    found = difference(plan(item("a"), item("b")), plan(item("a"), new, item("b")))
    assert found.kept == ()
    assert [each.part for each in found.changes] == ["item.n", "item.n"]
    assert {each.name: each.after for each in found.changes[0].fields if each.added} == {
        "title": "N",
        "opening": {"default": 7},
        "buffer": {"default": 2},
        "facts": {"重": "1 kg"},
        "on_sale": False,
    }
    assert found.changes[1].fields == (FieldChange("position", 3, 2),)
    assert found.changes[0].command == ItemAdd(
        sku="n", title="N", opening={"default": 7}, buffer={"default": 2}, facts={"重": "1 kg"}, on_sale=False
    )
    assert found.changes[1].command == ItemMove(sku="n", position=2)


def test_levels_of_its_own_go_with_an_item() -> None:
    found = difference(plan(item("a")), plan(item("a"), item("n", low=Threshold(units=3), critical=Threshold(units=1))))
    (change,) = found.changes
    assert isinstance(change.command, ItemAdd)
    assert (change.command.low, change.command.critical) == (Threshold(units=3), Threshold(units=1))


def test_a_new_bundle_of_known_items_may_come() -> None:
    found = difference(plan(item("a")), plan(item("a"), item("box", opening={}, bundle={"a": 2})))
    assert found.changes[0].command == ItemAdd(sku="box", title="BOX", bundle={"a": 2})


UNSAFE: list[tuple[str, str, dict[str, str]]] = [
    ('id = "tea-night-01"', 'id = "tea-night-02"', {"id": "new_session"}),
    ('ledger = "tea-ledger"', 'ledger = "other"', {"ledger": "new_session"}),
    ('currency = "CNY"', 'currency = "EUR"', {"currency": "new_session"}),
    ('title = "余杭仓"', 'title = "新仓"', {"location.east": "new_session"}),
    ('[channel.own]\ntitle = "小程序"', '[channel.own]\ntitle = "小店"', {"channel.own": "new_session"}),
    ("quantity = 30", "quantity = 31", {"drop.nine": "new_session"}),
    ('name = "again"', 'name = "encore"', {"drop.again": "new_session", "drop.encore": "new_session"}),
    ("south = 41", "south = 42", {"item.lj-250.opening": "use_stock_commands"}),
    ("buffer = { east = 9 }", "buffer = { east = 8 }", {"item.lj-500.buffer": "use_stock_commands"}),
    ("quantity = 400", "quantity = 500", {"item.cake.incoming": "use_stock_commands"}),
    ("on_sale = false", "on_sale = true", {"item.cake.on_sale": "use_item_open"}),
    ("cup = 2 }", "cup = 3 }", {"item.set.bundle": "new_session"}),
    ('seconds = "5m"', 'seconds = "6m"', {"countdown.warm-up": "use_countdown_set"}),
    ('hold = "1h30m"', 'hold = "1h"', {"hold": "next_session"}),
    ("count = 30", "count = 31", {"limits.attempts": "next_session"}),
    ("split = true", "split = false", {"split": "next_session"}),
    ('title = "春茶专场"', 'title = "秋茶"', {"title": "next_session"}),
    ('cooldown = "2m"', 'cooldown = "3m"', {"rule": "next_session"}),
]


@pytest.mark.parametrize(("before", "after", "parts"), UNSAFE, ids=[each[1] for each in UNSAFE])
def test_what_others_count_on_stays(load: Load, before: str, after: str, parts: dict[str, str]) -> None:
    assert before in EVENING
    found = difference(load(EVENING).session, load(EVENING.replace(before, after)).session)
    assert kept(found) == parts
    assert found.changes == ()
    assert all(each.words.en.isascii() and not each.words.zh.isascii() for each in found.kept)


def test_an_item_that_is_no_longer_written_stays_where_it_is() -> None:
    found = difference(plan(*map(item, "abc")), plan(*map(item, "ca")))
    assert kept(found) == {"item.b": "removal"}
    assert [each.command for each in found.changes] == [ItemMove(sku="c", position=1)]


def test_an_item_of_a_strange_warehouse_is_not_half_added() -> None:
    found = difference(plan(item("a")), plan(item("a"), item("n", opening={"moon": 1})))
    assert (found.changes, kept(found)) == ((), {"item.n": "unknown_location"})


def test_new_levels_of_the_plan_reach_the_items_there_are() -> None:
    fresh = Threshold(share=0.3)
    found = difference(plan(item("a")), plan(item("a", low=fresh), low=fresh))
    assert found.changes[0].command == ItemUpdate(sku="a", low=fresh)
    assert kept(found) == {"thresholds.low": "next_session"}


def test_one_item_that_moves_is_one_command() -> None:
    assert moved("abcdef", "bcdefa") == [("a", 6)]
    assert moved("abcdef", "fabcde") == [("f", 1)]
    assert moved("abcdef", "abcdef") == []


@settings(deadline=None)
@given(st.permutations("abcdefgh"), st.permutations("abcdefgh"))
def test_moves_lead_to_the_written_order(before: list[str], after: list[str]) -> None:
    order = list(before)
    changes = difference(plan(*map(item, before)), plan(*map(item, after))).changes
    for change in changes:
        assert isinstance(change.command, ItemMove)
        sku, position = change.command.sku, change.command.position
        assert change.fields == (FieldChange("position", order.index(sku) + 1, position),), "where it stands by then"
        order.remove(sku)
        order.insert(position - 1, sku)
    assert order == after
    assert len(changes) < len(order)


def test_link_numbers_that_are_swapped_are_given_up_first() -> None:
    found = difference(plan(item("a", link=1), item("b", link=2)), plan(item("a", link=2), item("b", link=1)))
    assert [each.command for each in found.changes] == [
        ItemUpdate(sku="a", link=None),
        ItemUpdate(sku="b", link=None),
        ItemUpdate(sku="a", link=2),
        ItemUpdate(sku="b", link=1),
    ]


def test_a_link_number_that_only_goes_is_one_command() -> None:
    found = difference(
        plan(item("a", link=1, product="p"), item("b", link=2)), plan(item("a", link=3), item("b", link=2))
    )
    assert [each.command for each in found.changes] == [ItemUpdate(sku="a", link=3, product=None)]


KINDS = st.tuples(st.sampled_from([None, 1, 2, 3]), st.sampled_from([None, "p", "q"]))


@settings(deadline=None, suppress_health_check=[HealthCheck.filter_too_much])  # most draws are not sound
@given(st.lists(KINDS, min_size=5, max_size=5), st.lists(KINDS, min_size=6, max_size=6))
def test_at_no_moment_a_link_number_stands_for_two_products(
    before: list[tuple[int | None, str | None]], after: list[tuple[int | None, str | None]]
) -> None:
    running, written = ({sku: pair for sku, pair in zip("abcdef", pairs, strict=False)} for pairs in (before, after))
    assume(sound(running) and sound(written))
    plans = [
        plan(*(item(sku, link=link, product=product) for sku, (link, product) in each.items()))
        for each in (running, written)
    ]
    now = dict(running)
    for change in difference(*plans).changes:
        match change.command:
            case ItemAdd(sku=sku, link=link, product=product):
                now[sku] = (link, product)
            case ItemUpdate(sku=sku, link=link, product=product):
                had = now[sku]
                now[sku] = (had[0] if link is UNSET else link, had[1] if product is UNSET else product)
        assert sound(now), change
    assert now == written


def sound(items: dict[str, tuple[int | None, str | None]]) -> bool:
    """Whether items share a link number only as variants of one product."""
    for link in {link for link, _ in items.values() if link is not None}:
        products = [product for number, product in items.values() if number == link]
        if len(products) > 1 and (len(set(products)) > 1 or products[0] is None):
            return False
    return True
