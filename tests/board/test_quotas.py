"""What a buyer can get where quotas stand between: allotments of channels, drops, the pool."""

from __future__ import annotations

from tests.board.conftest import Story, row

ALLOTTED = {"coat": {"channels": {"douyin": (30, 0)}, "drops": {"first": (20, 0, 0, "pending")}}}


def test_a_channel_gets_its_allotment_and_the_others_the_pool(story: Story) -> None:
    story.write("allotment.set", {"sku": "coat", "channel": "douyin", "quantity": 30}, quotas=ALLOTTED)

    room = story.item("coat")
    assert (room.available, room.opening, room.remaining) == (80, 80, 1.0)
    douyin, mini = story.item("coat", "douyin"), story.item("coat", "mini")
    assert (douyin.available, douyin.opening, douyin.remaining) == (30, 30, 1.0)
    assert (mini.available, mini.opening, mini.remaining) == (50, 50, 1.0)
    assert (story.item("coat", "douyin", "south").available, story.item("coat", "mini", "south").available) == (30, 40)


def test_what_a_channel_sells_leaves_the_pool_alone(story: Story) -> None:
    sold = {"coat": {"channels": {"douyin": (30, 28)}}}
    story.write("order.record", stock={"coat": {"hz": row(60, available=32, committed=28)}}, quotas=sold)

    assert (story.item("coat", "douyin").available, story.item("coat", "douyin").state) == (2, "critical")
    assert (story.item("coat", "mini").available, story.item("coat", "mini").opening) == (70, 70)
    assert (story.item("coat", "douyin").heat, story.item("coat", "mini").heat) == ("red", "green")


def test_regions_of_a_channel_are_bound_by_its_allotment(story: Story) -> None:
    story.write("allotment.set", quotas={"coat": {"channels": {"douyin": (45, 0)}}})

    assert story.item("coat").regions == {"east": 60, "south": 40}
    assert story.item("coat", "douyin").regions == {"east": 45, "south": 40}


def test_the_desk_sees_when_more_is_allotted_than_there_is(story: Story) -> None:
    over = {"coat": {"channels": {"douyin": (90, 10), "mini": (None, 4)}, "drops": {"first": (20, 0, 0, "pending")}}}
    story.write("allotment.set", quotas=over)
    desk = story.desk("coat")

    assert desk.pool == 100 - 80 - 20
    assert (desk.allotments["douyin"].left, desk.allotments["mini"].left, desk.allotments["mini"].used) == (80, None, 4)
    assert list(desk.allotments) == ["mini", "douyin"]
    story.stock("coat", hz=row(60, available=40, committed=20))
    assert story.desk("coat").pool == -20
    assert (story.item("coat", "mini").available, story.item("coat", "mini").state) == (0, "sold_out")
    assert (story.item("coat", "douyin").available, story.item("coat").available) == (80, 80)


def test_a_drop_opens_sells_and_closes(story: Story) -> None:
    assert story.item("coat").drop is None
    closing = {"name": "first-close", "sku": "coat", "ends_at": "2026-11-11T12:05:00.000Z"}
    story.write(
        "drop.release",
        {"drop": "first"},
        quotas={"coat": {"drops": {"first": (20, 0, 0, "open"), "second": (10, 0, 0, "pending")}}},
        countdowns=[closing],
    )
    drop = story.item("coat").drop
    assert drop is not None
    assert (drop.name, drop.opening, drop.available, drop.remaining, drop.sold) == ("first", 20, 20, 1.0, 0)
    assert (drop.price, story.item("coat").price) == ("799.00", "899.00")
    assert drop.countdown is not None
    assert drop.countdown.ends_at == closing["ends_at"]
    assert (story.item("coat", "mini").available, story.item("coat", "mini").opening) == (70, 70)

    story.write(
        "order.reserve",
        stock={"coat": {"hz": row(60, available=45, held=15)}},
        quotas={"coat": {"drops": {"first": (20, 15, 10, "open"), "second": (10, 0, 0, "pending")}}},
    )
    drop = story.item("coat").drop
    assert drop is not None
    assert (drop.available, drop.remaining, drop.sold) == (5, 0.25, 10)
    assert story.item("coat", "mini").available == 85 - 5 - 10

    story.write(
        "drop.closed",
        {"drop": "first"},
        quotas={"coat": {"drops": {"first": (20, 15, 10, "closed"), "second": (10, 0, 0, "pending")}}},
        ended=["first-close"],
    )
    assert (story.item("coat").drop, story.view.board().countdowns) == (None, {})
    assert (story.item("coat", "mini").available, story.item("coat", "mini").opening) == (75, 75)
    assert {name: (each.status, each.left) for name, each in story.desk("coat").drops.items()} == {
        "first": ("closed", 0),
        "second": ("pending", 10),
    }


def test_units_of_a_drop_that_is_not_open_are_in_nobodys_reach(story: Story) -> None:
    last = {"hz": row(60, available=20, committed=40), "gz": row(40, available=0, committed=40)}
    story.write("order.record", stock={"coat": last}, quotas={"coat": {"drops": {"first": (20, 0, 0, "pending")}}})
    story.write("session.open")

    coat = story.item("coat")
    assert (coat.available, coat.opening, coat.state, coat.regions) == (0, 80, "sold_out", {"east": 0, "south": 0})
    assert (story.item("set").available, story.item("set").state) == (0, "sold_out")

    story.write("drop.release", {"drop": "first"}, quotas={"coat": {"drops": {"first": (20, 0, 0, "open")}}})
    coat = story.item("coat")
    assert (coat.available, coat.opening, coat.state, coat.regions) == (20, 100, "low", {"east": 20, "south": 0})
    assert story.item("set").available == 0, "a drop sells its item, not bundles of it"


def test_where_more_is_kept_than_there_is_the_open_quotas_count(story: Story) -> None:
    quotas = {"channels": {"douyin": (90, 10)}, "drops": {"first": (20, 5, 5, "pending")}}
    story.write("allotment.set", stock={"coat": {"hz": row(60, available=45, committed=15)}}, quotas={"coat": quotas})

    assert (story.desk("coat").pool, story.item("coat").available) == (85 - 80 - 15, 80)
    story.stock("coat", hz=row(60, available=10, committed=50))
    assert story.item("coat").available == 50


def test_of_two_open_drops_the_one_first_in_the_plan_shows(story: Story) -> None:
    story.write("drop.release", quotas={"coat": {"drops": {"second": (10, 0, 0, "open"), "first": (20, 0, 0, "open")}}})
    drop = story.item("coat").drop
    assert drop is not None
    assert drop.name == "first"


def test_a_drop_ends_with_the_stock_and_with_the_channels_allotment(story: Story) -> None:
    quotas = {"coat": {"channels": {"douyin": (5, 1)}, "drops": {"first": (20, 0, 0, "open")}}}
    story.write("drop.release", stock={"coat": {"hz": row(60, available=3, committed=57)}}, quotas=quotas)

    def left(channel: str | None = None, region: str | None = None) -> int:
        drop = story.item("coat", channel, region).drop
        assert drop is not None
        return drop.available

    assert (left(), left("douyin"), left("mini"), left(region="east")) == (20, 4, 20, 3)


def test_a_countdown_of_the_drop_set_by_hand_shows_on_its_item(story: Story) -> None:
    story.write("drop.release", quotas={"coat": {"drops": {"first": (20, 0, 0, "open")}}})
    seq = story.fold.seq
    later = {"name": "first-close", "sku": None, "ends_at": "2026-11-11T13:00:00.000Z"}
    story.write("countdown.set", {"name": "first-close"}, countdowns=[later])

    drop = story.changes(seq).items["coat"].drop
    assert drop is not None
    assert drop.countdown is not None
    assert drop.countdown.ends_at == later["ends_at"]
    assert story.item("coat").countdown is None


def test_a_freeze_keeps_quotas_and_drops_as_they_were_shown(story: Story) -> None:
    story.write(
        "drop.release", quotas={"coat": {"channels": {"douyin": (30, 0)}, "drops": {"first": (20, 0, 0, "open")}}}
    )
    story.write("session.freeze")
    story.write(
        "order.reserve", quotas={"coat": {"channels": {"douyin": (30, 9)}, "drops": {"first": (20, 9, 9, "closed")}}}
    )

    frozen = story.item("coat", "douyin")
    assert frozen.available == 30
    assert frozen.drop is not None
    assert frozen.drop.available == 20
    assert story.desk("coat").allotments["douyin"].left == 21
    story.write("session.thaw")
    assert (story.item("coat", "douyin").available, story.item("coat").drop) == (21, None)
