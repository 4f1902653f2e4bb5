"""Shares that move to where the buyers are: when, how far, and never before it is sure."""

from __future__ import annotations

from typing import Any

from overlaykit.shares import Balance, Part, Pool

EMPTY = Pool(0, 0.0)


def part(
    allotted: int, used: int, demand: float, *, high: int | None = None, sent_at: float = 0.0, **more: Any
) -> Part:
    settled = Part(allotted, used, allotted if high is None else high, True, sent_at, True, True, 0, demand, 1.0)
    return settled._replace(**more)


def test_while_everybody_has_enough_nothing_moves() -> None:
    parts = {"a": part(500, 100, 1.0), "b": part(500, 10, 0.1)}
    assert Balance().step(0, EMPTY, parts) == {}


def test_a_giver_is_cut_first_and_gives_when_it_is_sure_what_it_comes_to() -> None:
    balance = Balance()
    parts = {"a": part(100, 95, 2.0), "b": part(100, 0, 0.0)}
    assert balance.step(10, EMPTY, parts) == {}
    assert balance.cuts == {"b": 0}, "nobody buys there"
    waiting = parts | {"b": part(100, 0, 0.0, settled=False, sent_at=10)}
    assert balance.step(11, EMPTY, waiting) == {}
    sold = parts | {"b": part(100, 4, 0.0, high=4, sent_at=10)}
    assert balance.step(12, EMPTY, sold) == {"b": 4, "a": 196}
    assert balance.cuts == {}


def test_units_of_nobody_are_given_at_once() -> None:
    parts = {"a": part(100, 95, 2.0), "b": part(100, 50, 2.0)}
    found = Balance().step(0, Pool(40, 0.0), parts)
    assert found == {"a": 140}


def test_the_pool_keeps_what_those_who_sell_from_it_need() -> None:
    parts = {"a": part(100, 100, 1.0)}
    assert Balance().step(0, Pool(40, 1.0), parts) == {"a": 120}


def test_a_floor_is_never_given_away() -> None:
    balance = Balance()
    parts = {"a": part(100, 95, 2.0), "b": part(100, 10, 0.0, floor=50)}
    balance.step(0, EMPTY, parts)
    assert balance.cuts == {"b": 50}


def test_who_had_no_time_to_tell_how_it_sells_gives_nothing() -> None:
    balance = Balance()
    assert balance.step(0, EMPTY, {"a": part(100, 95, 2.0), "b": part(100, 0, 0.0, known=False)}) == {}
    assert balance.cuts == {}


def test_a_paused_channel_neither_gives_nor_gets() -> None:
    balance = Balance()
    parts = {"a": part(100, 95, 2.0, moves=False), "b": part(100, 0, 0.0), "c": part(100, 0, 0.0, moves=False)}
    assert balance.step(0, Pool(50, 0.0), parts) == {}
    assert balance.cuts == {}


def test_a_cut_that_is_not_taken_in_time_is_given_up() -> None:
    balance = Balance()
    parts = {"a": part(100, 95, 2.0), "b": part(100, 0, 0.0)}
    balance.step(0, EMPTY, parts)
    assert balance.cuts
    assert balance.step(60, EMPTY, parts | {"b": part(100, 0, 0.0, settled=False)}) == {}
    assert balance.cuts == {}


def test_after_a_move_it_rests() -> None:
    balance = Balance()
    parts = {"a": part(100, 95, 2.0), "b": part(100, 50, 2.0)}
    assert balance.step(0, Pool(10, 0.0), parts)
    assert balance.step(1, Pool(10, 0.0), parts) == {}
    assert balance.step(4, Pool(10, 0.0), parts)


def test_when_fewer_are_there_than_were_promised_all_get_less_at_once() -> None:
    parts = {"a": part(100, 40, 1.0), "b": part(50, 20, 1.0), "c": part(10, 10, 1.0)}
    assert Balance().step(0, Pool(-30, 0.0), parts) == {"a": 80, "b": 40}
