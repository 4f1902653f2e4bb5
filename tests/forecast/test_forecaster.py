"""How fast items sell and when they are sold out, told of evenings that are simple enough to know it."""

from __future__ import annotations

import pytest

from overlaykit.forecast import Forecast, Forecaster
from tests.forecast.conftest import Evening

FOR_DROPS = 30
"""Coats that are kept for drops that have not opened."""
BUYABLE = 1000 + 40 - FOR_DROPS
"""Coats that anybody can buy when it opens, at both locations."""


def test_an_even_pace_is_that_pace_and_its_end_is_the_stock_over_it(evening: Evening) -> None:
    evening.sell("coat", every=2, seconds=120)
    assert evening.pace() == pytest.approx(30, rel=0.05)
    assert evening.seconds_left() == pytest.approx((BUYABLE - 60) * 2, rel=0.05)


def test_nothing_is_said_before_enough_of_it_was_seen() -> None:
    evening = Evening(already_on=True)
    evening.sell("coat", every=1, seconds=9)
    assert evening.forecast() == Forecast(None, None), "of nine seconds, no pace"
    evening.sell("coat", every=1, seconds=3)
    assert evening.pace() == pytest.approx(60, rel=0.1)
    assert evening.seconds_left() is not None


def test_of_two_orders_a_pace_is_known_but_no_end(evening: Evening) -> None:
    evening.now = 30
    evening.order("coat")
    evening.now = 40
    evening.order("coat")
    assert evening.pace() is not None
    assert evening.seconds_left() is None


def test_an_item_that_never_sold_has_no_pace_and_one_that_stopped_goes_to_zero(evening: Evening) -> None:
    evening.sell("coat", every=1, seconds=30)
    assert evening.forecast("scarf") == Forecast(None, None)
    evening.now += 600
    assert evening.forecast() == Forecast(0.0, None)


def test_time_without_sales_before_the_first_one_counts(evening: Evening) -> None:
    evening.now = 120
    evening.order("coat")
    assert evening.pace() is not None
    assert evening.pace() < 4, "one in two minutes is no rush"  # type: ignore[operator]


def test_a_rush_is_seen_within_seconds_and_one_order_of_a_slow_item_is_none(evening: Evening) -> None:
    evening.sell("coat", every=20, seconds=200)
    calm = evening.pace()
    assert calm == pytest.approx(3, rel=0.5)
    evening.sell("coat", every=0.1, seconds=5)
    assert evening.pace() > 300, "it sells 600 a minute now, and 3 did a moment ago"  # type: ignore[operator]


def test_time_in_which_nothing_could_be_sold_does_not_make_an_item_slow() -> None:
    evening = Evening(coats=60)
    evening.supply("scarf", 0)
    evening.write("stock.adjust", stock={"coat": {"gz": [0] * 11}})
    evening.sell("coat", every=1, seconds=60)
    evening.now += 20
    assert evening.pace() == pytest.approx(60, rel=0.05), "sold out for twenty seconds, and no slower for that"
    assert evening.seconds_left() is None, "there is no end to come"
    evening.supply("coat", 100 + FOR_DROPS)
    assert evening.seconds_left() == pytest.approx(100, rel=0.1)


def test_what_was_known_of_an_item_fades_while_it_is_closed(evening: Evening) -> None:
    evening.sell("coat", every=1, seconds=60)
    evening.write("item.close", {"sku": "coat"})
    assert evening.pace() == pytest.approx(60, rel=0.05)
    evening.now += 180
    assert evening.forecast() == Forecast(None, None)
    evening.write("item.open", {"sku": "coat"})
    evening.sell("coat", every=0.5, seconds=15)
    assert evening.pace() == pytest.approx(120, rel=0.1)


def test_a_freeze_changes_what_is_shown_and_not_what_is_sold(evening: Evening) -> None:
    evening.sell("coat", every=1, seconds=30)
    evening.write("session.freeze")
    evening.sell("coat", every=1, seconds=30)
    assert evening.pace() == pytest.approx(60, rel=0.05)
    assert evening.seconds_left() == pytest.approx(BUYABLE - 60, rel=0.05)


def test_units_that_come_back_lengthen_the_time_and_are_no_sales() -> None:
    evening = Evening(coats=1000)
    for _ in range(60):
        evening.sell("coat", every=1, seconds=2)
        evening.give_back("coat", 1)
    assert evening.pace() == pytest.approx(60, rel=0.1)
    assert evening.seconds_left() == pytest.approx((BUYABLE - 60) * 2, rel=0.15), "it falls by one in two seconds"


def test_units_that_do_not_come_back_to_be_sold_do_not_lengthen_it(evening: Evening) -> None:
    for _ in range(60):
        evening.sell("coat", every=1, seconds=2)
        evening.give_back("coat", 1, restock=False)
    assert evening.seconds_left() == pytest.approx(BUYABLE - 120, rel=0.1)


def test_where_as_much_comes_back_as_is_taken_no_end_is_in_sight(evening: Evening) -> None:
    for _ in range(60):
        evening.sell("coat", every=1, seconds=1)
        evening.give_back("coat", 1)
    assert evening.pace() == pytest.approx(60, rel=0.1)
    assert evening.seconds_left() is None


def test_facts_beyond_the_stock_count_up_to_the_one_that_took_the_last(evening: Evening) -> None:
    evening.write("stock.adjust", stock={"coat": {"gz": [0] * 11}})
    evening.supply("coat", 59)
    evening.sell("coat", every=1, seconds=58)
    evening.now += 1
    evening.order("coat", 3)
    before = evening.pace()
    assert before == pytest.approx(60, rel=0.15), "three were asked for, one was there"
    evening.order("coat", 500)
    assert evening.pace() == before, "what one platform sells of nothing is not the pace of the room"


def test_a_bundle_sells_at_its_own_pace_and_ends_with_the_first_of_its_items(evening: Evening) -> None:
    for _ in range(60):
        evening.now += 1
        evening.order_set()
    assert evening.pace("set") == pytest.approx(60, rel=0.05)
    assert evening.pace("scarf") == pytest.approx(120, rel=0.05)
    assert evening.seconds_left("scarf") == pytest.approx((1000 - 120) / 2, rel=0.05)
    assert evening.forecast("set").sells_out_at == evening.forecast("scarf").sells_out_at
    assert evening.seconds_left("coat") > evening.seconds_left("set")  # type: ignore[operator]


def test_an_end_that_is_further_than_an_evening_is_none(evening: Evening) -> None:
    evening.supply("coat", 1_000_000)
    evening.sell("coat", every=1, seconds=60)
    assert evening.pace() == pytest.approx(60, rel=0.05)
    assert evening.seconds_left() is None


def test_a_clock_that_was_set_back_begins_anew(evening: Evening) -> None:
    evening.sell("coat", every=1, seconds=60)
    evening.now -= 3600
    evening.order("coat")
    assert evening.forecast() == Forecast(None, None)
    evening.sell("coat", every=0.5, seconds=20)
    assert evening.pace() == pytest.approx(120, rel=0.15)


def test_a_closed_session_has_no_pace(evening: Evening) -> None:
    evening.sell("coat", every=1, seconds=60)
    evening.write("session.close")
    assert evening.forecast() == Forecast(None, None)
    assert evening.forecaster.skus == []


def test_only_what_sells_is_remembered(evening: Evening) -> None:
    assert evening.forecaster.skus == []
    evening.order("coat")
    assert set(evening.forecaster.skus) == {"coat"}


def test_one_that_begins_in_the_midst_of_the_evening_knows_only_what_it_saw(evening: Evening) -> None:
    evening.sell("coat", every=1, seconds=60)
    evening.forecaster = Forecaster(evening.story.fold, round(evening.now * 1000))
    assert evening.forecast() == Forecast(None, None)
    evening.sell("coat", every=1, seconds=15)
    assert evening.pace() == pytest.approx(60, rel=0.1)
