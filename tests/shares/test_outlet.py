"""When numbers are pushed to a platform that sells by itself, and which."""

from __future__ import annotations

import pytest

from overlaykit.shares import Lateness, Listing, Outlet, Quota

LAG = 2.0
ONE = Listing("p-1", "A", 1, {"A": 1})


class Story:
    """An outlet, the time, and the quotas of the room."""

    def __init__(self, *listings: Listing, allotted: int = 100) -> None:
        self.outlet = Outlet(listings or (ONE,), Lateness(LAG))
        self.at = 0.0
        self.quotas = {sku: Quota(allotted, 0) for sku in self.outlet.skus}

    def wait(self, seconds: float) -> None:
        self.at += seconds

    def due(self) -> dict[str, int] | None:
        return self.outlet.due(self.at, self.quotas)

    def push(self, **failed: str) -> dict[str, int]:
        """What is due is sent, and taken at once."""
        numbers = self.due()
        assert numbers is not None
        self.outlet.sent(self.at, numbers, self.quotas)
        self.outlet.answered(self.at, {name: failed.get(name.replace("-", "_")) for name in numbers})
        return numbers

    def settle(self) -> None:
        self.wait(LAG)
        assert self.due() is None

    def sell(self, units: int, sku: str = "A") -> None:
        self.quotas[sku] = Quota(self.quotas[sku].allotted, self.quotas[sku].used + units)
        self.outlet.take(self.at, sku, units)

    def allot(self, units: int, sku: str = "A") -> None:
        self.quotas[sku] = Quota(units, self.quotas[sku].used)


@pytest.fixture
def story() -> Story:
    """A platform that has its first number, and whose news of the time before are in."""
    story = Story()
    assert story.push() == {"p-1": 100}
    story.settle()
    return story


def test_what_the_platform_sells_itself_is_no_reason_to_push(story: Story) -> None:
    for _ in range(60):
        story.wait(0.5)
        story.sell(1)
        assert story.due() is None


def test_a_share_that_falls_is_pushed_at_once_less_what_is_sold_and_not_told(story: Story) -> None:
    for _ in range(20):
        story.wait(0.5)
        story.sell(1)
    story.allot(60)
    numbers = story.push()
    assert 0 < numbers["p-1"] < 60 - 20, (
        "2 a second, told and taking effect two seconds late each: some 8 are on their way"
    )


def test_a_share_that_falls_to_what_was_sold_stops_the_sale(story: Story) -> None:
    story.sell(30)
    story.allot(30)
    assert story.push() == {"p-1": 0}
    story.settle()
    assert story.outlet.high("A") == 30
    story.wait(100)
    assert story.due() is None, "it has 0, and 0 it stays"


def test_what_was_kept_back_is_offered_when_the_platform_has_been_silent(story: Story) -> None:
    for _ in range(20):
        story.wait(0.5)
        story.sell(1)
    story.allot(60)
    kept = 40 - story.push()["p-1"]
    assert kept > 0
    story.wait(30)
    assert story.push() == {"p-1": 40}


def test_no_more_is_kept_back_than_the_platform_could_sell() -> None:
    story = Story(allotted=10)
    story.push()
    story.settle()
    for _ in range(10):
        story.wait(0.1)
        story.sell(1)
    story.allot(25)
    assert story.push() == {"p-1": 15}, "it had 10, and told of all of them: nothing can be on its way"


def test_units_that_another_took_lower_the_number_even_before_the_last_one_has_settled() -> None:
    story = Story()
    story.push()
    story.allot(40)
    assert story.due() == {"p-1": 40}


def test_nothing_is_sent_while_an_answer_is_waited_for(story: Story) -> None:
    story.allot(40)
    story.outlet.sent(story.at, {"p-1": 40}, story.quotas)
    story.allot(20)
    assert story.due() is None
    story.outlet.answered(story.at, {"p-1": None})
    assert story.due() == {"p-1": 20}


def test_push_time_out_is_sent_again_under_the_same_key_and_with_pauses(story: Story) -> None:
    story.allot(40)
    turn = story.outlet.turn
    story.outlet.sent(story.at, {"p-1": 40}, story.quotas)
    story.outlet.answered(story.at, {})
    assert story.outlet.turn == turn
    assert story.due() is None
    story.wait(1.0)
    assert story.push() == {"p-1": 40}
    assert story.outlet.turn == turn + 1
    story.settle()


def test_a_number_that_may_have_taken_effect_twice_is_known_to_be_too_high(story: Story) -> None:
    """The first push took effect, 15 were sold of it, and nobody told; the second covers that up."""
    story.allot(40)
    story.outlet.sent(story.at, {"p-1": 40}, story.quotas)
    story.outlet.answered(story.at, {})
    story.wait(1.0)
    story.push()
    story.sell(15)
    story.wait(LAG)
    numbers = story.due()
    assert numbers is not None
    assert numbers["p-1"] <= 25


def test_a_refusal_says_why_and_is_tried_again_later() -> None:
    story = Story()
    story.push(p_1="no such sku")
    assert story.outlet.failed == {"p-1": "no such sku"}
    assert story.due() is None
    story.wait(1.0)
    story.push()
    assert story.outlet.failed == {}


def test_echo_our_own_number_that_comes_back_and_what_the_platform_sold_of_it(story: Story) -> None:
    assert not story.outlet.heard(story.at, "p-1", 100, story.quotas)
    story.sell(10)
    assert not story.outlet.heard(story.at, "p-1", 92, story.quotas), "90 are left, and two are being told"
    assert story.due() is None


@pytest.mark.parametrize("number", [500, 3])
def test_a_number_that_somebody_else_wrote_is_replaced_by_ours(story: Story, number: int) -> None:
    assert story.outlet.heard(story.at, "p-1", number, story.quotas)
    assert story.due() == {"p-1": 100}


def test_a_number_that_somebody_wrote_just_after_ours_is_replaced_once_ours_has_settled(story: Story) -> None:
    story.allot(50)
    story.push()
    assert not story.outlet.heard(story.at, "p-1", 100, story.quotas), "this was ours a moment ago"
    assert not story.outlet.heard(story.at, "p-1", 50, story.quotas)
    assert story.outlet.heard(story.at, "p-1", 500, story.quotas)
    assert story.due() is None
    story.wait(LAG)
    assert story.push() == {"p-1": 50}
    story.settle()
    story.wait(LAG)
    assert story.due() is None, "once is enough"


def test_somebody_may_write_a_number_that_was_ours_long_ago(story: Story) -> None:
    story.allot(50)
    story.push()
    story.settle()
    assert story.outlet.heard(story.at, "p-1", 100, story.quotas)
    assert story.due() == {"p-1": 50}


def test_packs_take_what_they_hold_and_the_rest_is_not_offered() -> None:
    story = Story(Listing("box", "A", 6, {"A": 6}), allotted=100)
    assert story.push() == {"box": 16}


def test_a_bundle_is_offered_as_often_as_it_can_be_made() -> None:
    story = Story(Listing("set", "SET", 1, {"A": 1, "B": 2}))
    story.allot(7, "B")
    assert story.push() == {"set": 3}


def test_listings_of_the_same_item_never_offer_it_twice() -> None:
    story = Story(ONE, Listing("pair", "A", 2, {"A": 2}), Listing("set", "SET", 1, {"A": 1, "B": 1}))
    numbers = story.push()
    assert numbers["p-1"] + 2 * numbers["pair"] + numbers["set"] <= 100
    assert min(numbers.values()) > 10
