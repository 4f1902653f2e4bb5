"""What the presenter is prompted to say: by what is left, by what is known, and by what the plan says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.prompt import Prompt
from tests.board.conftest import row
from tests.prompt.conftest import Evening

Begin = Callable[..., Evening]
SCRIPT = {
    "plenty": "放心拍 {{ item.variant }}",
    "low": "还有 {{ item.available | number }} 件",
    "critical": "最后 {{ item.available }} 件",
    "sold_out": "没了{% if next %}，看 {{ next.link }} 号{% endif %}",
    "presale": "{{ item.ship_by | day }}发货",
    "next": "接着讲 {{ next.title }} {{ next.price | money }}",
    "unknown": "先不报数",
}


def words(prompt: Prompt) -> tuple[str, str, str]:
    assert prompt.item is not None
    assert prompt.problems == []
    return prompt.state, prompt.say, prompt.item.left


@pytest.mark.parametrize(
    ("available", "said", "why"),
    [
        (100, ("plenty", "放心拍 黑 M", "充足"), "剩 100 件，高于 20%"),
        (21, ("plenty", "放心拍 黑 M", "充足"), "剩 21 件，高于 20%"),
        (20, ("low", "还有 20 件", "还剩 20 件"), "剩 20 件，不超过 20%"),
        (6, ("low", "还有 6 件", "还剩 6 件"), "剩 6 件，不超过 20%"),
        (5, ("critical", "最后 5 件", "只剩 5 件"), "剩 5 件，不超过 5%"),
        (0, ("sold_out", "没了，看 4 号", "已抢光"), "可售 0 件"),
    ],
)
def test_the_line_follows_what_is_left(evening: Begin, available: int, said: tuple[str, str, str], why: str) -> None:
    room = evening(SCRIPT)
    room.feature("coat-m")
    room.left("coat-m", available)
    prompt = room.prompt()
    assert (words(prompt), prompt.why) == (said, why)
    assert (prompt.item and prompt.item.available) == available


def test_without_a_script_the_usual_line_is_said(evening: Begin) -> None:
    room = evening()
    room.feature("coat-m")
    room.left("coat-m", 5)
    assert words(room.prompt()) == ("critical", "黑 M 最后 5 件，手慢就没了！", "只剩 5 件")
    english = evening(locale="en")
    english.feature("coat-m")
    english.left("coat-m", 5)
    assert words(english.prompt(language="en")) == ("critical", "黑 M: the last 5, be quick!", "Only 5 left")
    assert english.prompt(language="en").why == "5 left, at most 5%"


def test_the_words_are_in_the_presenters_language_and_the_line_in_the_viewers(evening: Begin) -> None:
    prompt = evening().prompt(language="en")
    assert words(prompt) == ("plenty", "3 号链接，现货充足，喜欢的直接拍。", "Plenty")
    assert prompt.why == "100 left, above 20%, 100 of other variants"


def test_of_a_product_the_first_variant_that_can_be_bought_is_on_air(evening: Begin) -> None:
    room = evening(SCRIPT)
    room.left("coat-m", 0)
    room.left("coat-l", 12)
    prompt = room.prompt()
    assert words(prompt) == ("low", "还有 12 件", "还剩 12 件")
    assert [(each.variant, each.left, each.gone, each.chosen) for each in prompt.variants] == [
        ("黑 M", "没了", True, False),
        ("黑 L", "12 件", False, True),
    ]


def test_what_is_said_of_one_variant_is_not_said_of_a_whole_product(evening: Begin) -> None:
    room = evening()
    room.left("coat-m", 2)
    prompt = room.prompt()
    assert prompt.say == "黑 M 最后 2 件，手慢就没了！"
    assert prompt.why == "剩 2 件，不超过 5%，其他款式还有 100 件"
    room.feature("coat-m")
    assert room.prompt().why == "剩 2 件，不超过 5%"
    room.feature("coat-m", "coat-l")
    room.left("coat-l", 0)
    assert room.prompt().why == "剩 2 件，不超过 5%"


def test_thresholds_in_units_are_said_in_units(evening: Begin) -> None:
    room = evening(SCRIPT)
    room.feature("cap")
    for available, why in ((21, "剩 21 件，高于 20 件"), (20, "剩 20 件，不超过 20 件"), (3, "剩 3 件，不超过 3 件")):
        room.left("cap", available)
        assert room.prompt().why == why


def test_units_that_are_not_paid_may_come_back(evening: Begin) -> None:
    room = evening()
    room.feature("cap")
    room.left("cap", 0, held=4)
    assert room.prompt().why == "可售 0 件，4 件待付款"


def test_presale_says_when_it_ships(evening: Begin) -> None:
    room = evening(SCRIPT)
    room.feature("scarf")
    room.write("item.mode", {"sku": "scarf", "mode": "presale", "ship_by": "2026-12-01"})
    room.stock("scarf", gz=row(0, incoming=30))
    prompt = room.prompt()
    assert words(prompt) == ("presale", "12月1日发货", "预售，还能订 30 件")
    assert prompt.why == "现货之外的预售，12月1日发货"


def test_a_number_that_may_be_wrong_is_not_said(evening: Begin) -> None:
    room = evening(SCRIPT)
    room.left("coat-m", 5)
    room.write("source.stale", {"source": "erp", "since": "2026-11-11T11:59:00.000Z"})
    prompt = room.prompt()
    assert words(prompt) == ("unknown", "先不报数", "数字待核对")
    assert prompt.why == "数据源没有更新，数字可能不准"
    assert (prompt.stale, prompt.item and prompt.item.available) == (True, None)
    assert {(each.left, each.available) for each in prompt.variants} == {("待核对", None)}
    room.write("source.fresh", {"source": "erp"})
    assert room.prompt().state == "critical"


def test_while_the_store_is_away_no_number_is_said(evening: Begin) -> None:
    prompt = evening().prompt(away=True)
    assert words(prompt) == ("unknown", "库存正在核对，剩多少以下单页面为准。", "数字待核对")
    assert (prompt.stale, prompt.why) == (True, "连不上数据，数字可能不是最新")
    assert evening(on_air=False).prompt(away=True).state == "unknown"


def test_frozen_numbers_stay_and_it_is_said(evening: Begin) -> None:
    room = evening(SCRIPT)
    room.feature("coat-m")
    room.left("coat-m", 12)
    room.write("session.freeze")
    room.left("coat-m", 2)
    prompt = room.prompt()
    assert words(prompt) == ("low", "还有 12 件", "还剩 12 件")
    assert (prompt.frozen, prompt.why) == (True, "剩 12 件，不超过 20%；数字已冻结")


def test_before_after_and_between(evening: Begin) -> None:
    planned = evening(opened=False).prompt()
    assert (planned.state, planned.say) == ("upcoming", "3 号链接，羊绒大衣还没开卖，先加购，开卖我喊大家。")
    assert evening(opened=False, on_air=False).prompt().say == "马上开播，先点个关注。"
    room = evening(SCRIPT, on_air=False)
    nothing = room.prompt()
    assert (nothing.state, nothing.item, nothing.why) == ("next", None, "没有在讲的商品")
    assert nothing.say == "接着讲 羊绒大衣 ¥899"
    assert nothing.next is not None
    assert nothing.next.say == nothing.say
    for sku in ("coat-m", "coat-l", "scarf", "cap"):
        room.write("item.close", {"sku": sku})
    assert room.prompt().state == "idle"
    room.feature("cap")
    assert (room.prompt().state, room.prompt().why) == ("closed", "已下架")
    room.write("session.close")
    over = room.prompt()
    assert (over.state, over.say, over.next) == ("closed", "今天就到这里，谢谢大家！", None)


def test_an_item_off_sale_leads_over_to_the_next(evening: Begin) -> None:
    room = evening(SCRIPT)
    room.feature("scarf")
    room.write("item.close", {"sku": "scarf"})
    prompt = room.prompt()
    assert (prompt.state, prompt.say, prompt.why) == ("next", "接着讲 渔夫帽 —", "在讲的已下架")


def test_what_comes_next_has_the_line_that_leads_over(evening: Begin) -> None:
    prompt = evening(SCRIPT).prompt()
    assert prompt.next is not None
    assert (prompt.next.link, prompt.next.title, prompt.next.price_text) == (4, "羊毛围巾", "¥99.50")
    assert prompt.next.say == "接着讲 羊毛围巾 ¥99.50"


def test_the_item_has_its_prices_and_facts(evening: Begin) -> None:
    item = evening().prompt().item
    assert item is not None
    assert (item.link, item.price_text, item.list_price_text) == (3, "¥899", "¥1,599")
    assert item.facts == {"克重": "720 g"}


def test_on_a_channel_its_own_item_and_units_are_said(evening: Begin) -> None:
    room = evening(SCRIPT)
    room.write("item.feature", {"channel": "douyin"}, on_air=["scarf"])
    assert (room.prompt(channel="douyin").item or room).sku == "scarf"  # type: ignore[union-attr]
    assert room.prompt(channel="douyin").next.title == "渔夫帽"  # type: ignore[union-attr]
    assert room.prompt(channel="mini").say == "放心拍 黑 M"
    gone = room.prompt(region="south")
    assert (gone.state, gone.item and gone.item.available) == ("sold_out", 0)


def test_a_channel_with_nothing_on_air_does_not_speak_of_another_channels_item(evening: Begin) -> None:
    room = evening({"next": "{% if item %}{{ item.title }}{% else %}无{% endif %} → {{ next.title }}"})
    room.write("item.feature", {"channel": "douyin"}, on_air=[])
    assert room.prompt(channel="douyin").say == "无 → 羊绒大衣"


def test_until_is_the_first_end_in_sight(evening: Begin) -> None:
    room = evening()
    room.feature("coat-m")
    assert room.prompt().until is None

    def countdown(name: str, sku: str | None, ends_at: str) -> None:
        room.write("countdown.set", {"name": name}, countdowns=[{"name": name, "sku": sku, "ends_at": ends_at}])

    countdown("coupon", None, "2026-11-11T12:10:00.000Z")
    countdown("others", "cap", "2026-11-11T12:01:00.000Z")
    countdown("own", "coat-m", "2026-11-11T12:09:00.000Z")
    prompt = room.prompt()
    assert [(each.name, each.of_item) for each in prompt.countdowns] == [("own", True), ("coupon", False)]
    assert prompt.until == "2026-11-11T12:09:00.000Z"
    assert room.prompt(now="2026-11-11T12:09:00.000Z").until == "2026-11-11T12:10:00.000Z"
    room.write("forecast.updated", {"items": {"coat-m": [30.0, "2026-11-11T12:03:00.000Z"]}})
    selling = room.prompt()
    assert selling.until == "2026-11-11T12:03:00.000Z"
    assert selling.why == "剩 100 件，高于 20%，照现在的速度 20:03 左右卖完"
    room.write("session.freeze")
    assert room.prompt().until == "2026-11-11T12:09:00.000Z"


@pytest.mark.parametrize(
    "line",
    [
        "{{ item.nothing }}",
        "{{ item.available",
        "{{ countdowns.gone.ends_at }}",
        "{{ item.ship_by.year }}",
        "{{ 1 // 0 }}",
        "{{ item.title | money }}",
        "{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}",
        "{{ ''.__class__ }}",
    ],
)
def test_a_line_that_cannot_be_filled_in_is_a_problem_and_the_usual_one_is_said(evening: Begin, line: str) -> None:
    prompt = evening({"plenty": line}).prompt()
    assert (prompt.state, prompt.say) == ("plenty", "3 号链接，现货充足，喜欢的直接拍。")
    assert len(prompt.problems) == 1
    assert prompt.problems[0].startswith("话术 plenty 填不出来：")


def test_a_line_that_comes_out_empty_is_the_usual_one(evening: Begin) -> None:
    prompt = evening({"plenty": "{% if item.drop %}波次{% endif %} \n"}).prompt()
    assert (prompt.say, prompt.problems) == ("3 号链接，现货充足，喜欢的直接拍。", [])


def test_the_operators_note_is_there_until_it_is_taken_back(evening: Begin) -> None:
    room = evening()
    assert room.prompt().note is None
    room.write("note.set", {"text": "先催付款 <b>"})
    note = room.prompt().note
    assert note is not None
    assert (note.text, note.by, note.at) == ("先催付款 <b>", "api:test", "2026-11-11T12:00:00.000Z")
    room.write("note.set", {"text": None})
    assert room.prompt().note is None
