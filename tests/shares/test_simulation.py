"""Three platforms that sell by themselves, late by 1, 3 and 10 seconds, on simulated time: nothing oversold, nothing left over."""

from __future__ import annotations

from statistics import median

import pytest

from overlaykit.shares.simulation import Found, Jam, Platform, shared_pool, simulate

SEEDS = range(11)


def three(paces: tuple[float, float, float], shares: tuple[float, float, float]) -> list[Platform]:
    return [
        Platform(f"late by {lag:g} s", lag, pace, share)
        for lag, pace, share in zip((1.0, 3.0, 10.0), paces, shares, strict=True)
    ]


def evenings(platforms: list[Platform], seeds: range = SEEDS) -> list[Found]:
    return [simulate(platforms, 1000, seed) for seed in seeds]


@pytest.mark.parametrize("shares", [(0.07, 0.24, 0.69), (0.34, 0.33, 0.33), (0.6, 0.3, 0.1)])
def test_5_17_and_50_orders_a_second_oversell_nothing_where_a_shared_pool_sells_everything_twice(
    shares: tuple[float, float, float],
) -> None:
    platforms = three((5, 17, 50), shares)
    found = evenings(platforms)
    assert median(each.oversold for each in found) == 0
    assert max(each.oversold for each in found) <= 5
    assert max(each.unsold for each in found) == 0
    naive = simulate(platforms, 1000, 0, shared_pool)
    assert naive.oversold > 500


@pytest.mark.parametrize("total", [5, 17, 50])
def test_at_any_pace_with_the_slowest_news_from_the_largest_nothing_is_oversold(total: int) -> None:
    found = evenings(three((0.1 * total, 0.3 * total, 0.6 * total), (0.34, 0.33, 0.33)), range(3))
    assert median(each.oversold for each in found) == 0
    assert max(each.oversold for each in found) <= 5
    assert max(each.unsold for each in found) == 0


def test_shares_that_fit_the_demand_sell_out_as_fast_as_one_pool() -> None:
    platforms = three((30, 15, 5), (0.6, 0.3, 0.1))
    ours = median(simulate(platforms, 1000, seed).seconds or 1e9 for seed in SEEDS)
    naive = median(simulate(platforms, 1000, seed, shared_pool).seconds or 1e9 for seed in SEEDS)
    assert ours < 1.3 * naive


def test_a_platform_where_nobody_buys_gives_its_units_to_the_others() -> None:
    found = evenings(three((10, 10, 0), (0.34, 0.33, 0.33)), range(3))
    assert max(each.oversold for each in found) == 0
    assert max(each.unsold for each in found) == 0


def test_a_floor_is_kept_for_a_platform_where_nobody_buys() -> None:
    platforms = [Platform("sells", 1.0, 10.0, 0.5), Platform("does not", 1.0, 0.0, 0.5, floor=0.1)]
    found = simulate(platforms, 1000, 1)
    assert (found.oversold, found.unsold) == (0, 100)


@pytest.mark.parametrize("shares", [(0.2, 0.2, 0.6), (0.6, 0.2, 0.2), (0.34, 0.33, 0.33)])
@pytest.mark.parametrize("begin", [5.0, 15.0])
def test_news_that_wait_half_a_minute_though_the_plan_says_two_seconds_oversell_nothing(
    begin: float, shares: tuple[float, float, float]
) -> None:
    jam = Jam(begin, begin + 40, 30.0)
    late, brisk, slow = shares
    platforms = [
        Platform("its news wait", 2.0, 12.0, late, jam=jam),
        Platform("brisk", 1.0, 12.0, brisk),
        Platform("slow", 3.0, 3.0, slow),
    ]
    found = evenings(platforms)
    assert median(each.oversold for each in found) == 0
    assert max(each.oversold for each in found) <= 5
    assert max(each.unsold for each in found) == 0


def test_the_same_seed_gives_the_same_evening() -> None:
    platforms = three((5, 17, 50), (0.34, 0.33, 0.33))
    assert simulate(platforms, 1000, 7) == simulate(platforms, 1000, 7)
