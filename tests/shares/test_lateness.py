"""How late a channel's news are taken to be: never less than the plan says, and as late as the room sees them."""

from __future__ import annotations

from overlaykit.shares import Lateness, Listing, Outlet, Quota
from overlaykit.shares.sales import Sales


def test_the_plan_says_the_least_and_what_was_measured_is_forgotten_slowly() -> None:
    lateness = Lateness(2.0)
    lateness.measured(100.0, 0.5)
    assert lateness.lag(100.0) == 2.0
    lateness.measured(100.0, 16.0)
    lateness.measured(101.0, 1.0)
    assert 13.0 < lateness.lag(101.0) < 16.0
    assert 2.0 < lateness.lag(110.0) < 8.0
    assert lateness.lag(200.0) == 2.0


def test_while_news_wait_their_time_stands_still() -> None:
    lateness = Lateness(2.0)
    assert lateness.known_until(7.0) == 7.0
    lateness.counted_until(10.0)
    assert (lateness.known_until(14.0), lateness.behind(14.0)) == (10.0, 4.0)
    assert not lateness.is_behind(14.0)
    assert lateness.is_behind(17.0), "more than three lags"
    lateness.counted_until(17.0)
    assert not lateness.is_behind(17.0)


def test_silence_says_nothing_while_news_wait_and_a_rush_of_them_is_no_rush_of_buyers() -> None:
    lateness = Lateness(2.0)
    sales = Sales(lateness)
    sales.pass_time(0.0, True)
    for second in range(1, 21):
        lateness.counted_until(second)
        sales.pass_time(second, True)
        sales.take(second, 1)
    calm, pace = sales.guard(20.0), sales.pace(20.0)
    sales.pass_time(60.0, True)
    assert sales.pace(60.0) == pace, "forty seconds later nothing else is known"
    assert sales.guard(60.0) >= calm + 40
    for second in range(21, 61):
        lateness.counted_until(second)
        sales.pass_time(60.0, True)
        sales.take(60.0, 1)
    assert sales.pace(60.0) <= pace


def test_what_a_platform_comes_to_is_not_known_before_the_news_that_waited_are_counted() -> None:
    lateness = Lateness(2.0)
    outlet = Outlet([Listing("p-1", "A", 1, {"A": 1})], lateness)
    quotas = {"A": Quota(100, 0)}
    lateness.counted_until(10.0)
    outlet.sent(10.0, {"p-1": 100}, quotas)
    outlet.answered(10.0, {"p-1": None})
    outlet.due(40.0, quotas)
    assert not outlet.settled
    lateness.counted_until(39.0)
    outlet.due(40.0, quotas)
    assert outlet.settled


def test_a_platform_whose_news_wait_is_offered_no_more_until_they_are_counted() -> None:
    lateness = Lateness(2.0)
    outlet = Outlet([Listing("p-1", "A", 1, {"A": 1})], lateness)
    outlet.sent(0.0, {"p-1": 50}, {"A": Quota(50, 0)})
    outlet.answered(0.0, {"p-1": None})
    lateness.counted_until(3.0)
    more = {"A": Quota(100, 0)}
    assert outlet.due(10.0, more) is None
    lateness.counted_until(10.0)
    assert outlet.due(10.0, more) == {"p-1": 100}


def test_numbers_that_take_long_to_be_answered_count_as_lateness() -> None:
    lateness = Lateness(2.0)
    outlet = Outlet([Listing("p-1", "A", 1, {"A": 1})], lateness)
    outlet.sent(0.0, {"p-1": 50}, {"A": Quota(50, 0)})
    outlet.answered(8.0, {"p-1": None})
    assert lateness.lag(8.0) == 8.0
