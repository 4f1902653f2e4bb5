"""What is wrong is named: file, line, section, key, what was expected, what is near; all of it at once, in two languages."""

from __future__ import annotations

import pytest

from overlaykit.errors import PlanError
from overlaykit.plan import Problem, load_plan
from tests.plan.conftest import EVENING, SMALL, Refused, Write


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def changed(before: str, after: str, text: str = EVENING) -> str:
    assert before in text
    return text.replace(before, after, 1)


def only(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, [problem.text() for problem in problems]
    return problems[0]


def test_a_misspelt_key_has_line_section_and_nearest_name(refused: Refused) -> None:
    text = changed("stream_delay", "straem_delay")
    problem = only(refused(text))
    assert problem == Problem(
        file="session.toml",
        line=line_of(text, "straem_delay"),
        section="[channel.tiktok]",
        key="straem_delay",
        what=problem.what,
        expected=problem.expected,
        nearest="stream_delay",
    )
    assert problem.text("en").startswith(
        f"session.toml, line {problem.line}, [channel.tiktok], straem_delay: unknown key"
    )
    assert "did you mean `stream_delay`?" in problem.text("en")
    assert "是不是想写 `stream_delay`？" in problem.text("zh-CN")


def test_waiting_for_the_audience_needs_a_span_and_a_stream_that_is_behind(refused: Refused) -> None:
    problem = only(refused(changed('ends_at = "21:00"', 'ends_at = "21:00"\naudience = true')))
    assert (problem.section, problem.key) == ("[[countdown]] 1 (coupon)", "audience")
    assert "`seconds`" in problem.text("en")
    text = changed('stream_delay = "6s"\n', "", changed('closes_after = "3m"', 'closes_after = "3m"\naudience = true'))
    problem = only(refused(text))
    assert (problem.section, problem.key) == ("[[drop]] 1 (nine)", "audience")
    assert "no channel has a `stream_delay`" in problem.text("en")
    assert "stream_delay" in problem.text("zh-CN")


def test_many_problems_are_told_in_one_go(refused: Refused) -> None:
    text = EVENING
    for before, after in [
        ('price = "59.9"', "price = 59.9"),
        ("buyer_limit = 2", 'buyer_limit = "two"'),
        ('share = "55%"', 'share = "155%"'),
        ('sku = "lj-*"', "sku = 7"),
        ("[notifier.group]", "[notifiers.group]"),
        ('timezone = "Asia/Shanghai"', 'timezone = "Asia/Shanghia"'),
        ('every = "3s"', 'every = "3 seconds"'),
    ]:
        text = changed(before, after, text)
    found = {(problem.section, problem.key): problem for problem in refused(text)}
    assert set(found) == {
        ("[[item]] 3 (cup)", "price"),
        ("[[item]] 1 (lj-250)", "buyer_limit"),
        ("[channel.tiktok]", "share"),
        ("[[rule]] 1 (nearly-gone)", "sku"),
        (None, "notifiers"),
        (None, "timezone"),
        ("[source.erp]", "every"),
        ("[[alert]] 1", "to[1]"),
    }
    assert found[(None, "timezone")].nearest == "Asia/Shanghai"
    assert found[(None, "notifiers")].nearest == "notifier"
    assert all(problem.line for problem in found.values())


@pytest.mark.parametrize(
    ("before", "after", "section", "key", "says"),
    [
        ('sku = "lj-500"', 'sku = "lj-250"', "[[item]] 2 (lj-250)", "sku", "already belongs"),
        ("east = 103", "esat = 103", "[[item]] 1 (lj-250)", "opening.esat", "no location esat"),
        ('sku = "cup"\nquantity', 'sku = "cap"\nquantity', "[[drop]] 2 (again)", "sku", "no item with the sku cap"),
        ('sku = "cup"\nseconds', 'sku = "cap"\nseconds', "[[countdown]] 2 (warm-up)", "sku", "no item"),
        ("cup = 2 }", "cap = 2 }", "[[item]] 5 (set)", "bundle.cap", "no item"),
        ("bundle = {", "opening = 4, bundle = {", "[[item]] 5 (set)", "opening", "bundle has no opening"),
        ("cup = 2 }", "cup = 1001 }", "[[item]] 5 (set)", "bundle.cup", "1001 of one item"),
        ("cup = 2 }", "cup = 2, set = 1 }", "[[item]] 5 (set)", "bundle.set", "is a bundle itself"),
        ("bundle = {", "buffer = 4, bundle = {", "[[item]] 5 (set)", "buffer", "no `buffer` of its own"),
        ("bundle = {", "presale_limit = 4, bundle = {", "[[item]] 5 (set)", "presale_limit", "no `presale_limit`"),
        ('sku = "cup"\nquantity', 'sku = "set"\nquantity', "[[drop]] 2 (again)", "sku", "is a bundle"),
        ("quantity = 100", "quantity = 901", "[[drop]] 2 (again)", "quantity", "900 of cup open for sale"),
        ('name = "again"', 'name = "nine"', "[[drop]] 2 (nine)", "name", "another drop"),
        ("2026-04-18T21:00:00", "2026-04-17T21:00:00", "[[drop]] 1 (nine)", "opens_at", "before the room"),
        ("attempts = { count = 30", "attempts = { count = 0", None, "limits.attempts.count", "outside"),
        ('attempts = { count = 30, per = "10s" }', "attempts = { count = 30 }", None, "limits.attempts.per", "missing"),
        ("link = 2", "link = 1", "[[item]] 3 (cup)", "link", "not a variant"),
        ('share = "55%"\n', "", "[channel.tiktok]", "share", "needs a `share`"),
        ('floor = "10%"', 'floor = "60%"', "[channel.tiktok]", "floor", "more than"),
        ('title = "小程序"', 'share = "50%"', None, "channel", "105%"),
        ('seconds = "5m"', 'seconds = "5m"\nends_at = "20:00"', "[[countdown]] 2 (warm-up)", "ends_at", "both"),
        ('seconds = "5m"', "", "[[countdown]] 2 (warm-up)", "ends_at", "neither"),
        ('low = "25%", critical = 10', 'low = "5%", critical = "5%"', None, "thresholds.critical", "not less"),
        ('low = "25%", critical = 10', "low = 40", None, "thresholds.low", "for cup, of which 900 open"),
        ('low = "25%", critical = 10', 'low = "4%"', None, "thresholds.critical", "not less"),
        ("thresholds = { low = 20 }", "thresholds = { low = 10 }", "[[item]] 2 (lj-500)", "thresholds", "not less"),
        ("buffer = { east = 9 }", "buffer = { east = 61 }", "[[item]] 2 (lj-500)", "buffer.east", "only 60"),
        ("south = 41 }", "south = 41 }, buffer = 4", "[[item]] 1 (lj-250)", "buffer", "2 locations"),
        ('source = "erp"', 'source = "epr"', "[location.east]", "source", "no [source.epr]"),
        ("https://crm", "ftp://crm", "[webhook.crm]", "url", "does not fit"),
        ("https://crm", "https://me:hunter2@crm", "[webhook.crm]", "url", "password"),
        ("crm.example.com", "crm.example.com:99999", "[webhook.crm]", "url", "does not fit"),
        ('every = "3s"', 'every = "15s"', "[source.erp]", "every", "east takes it for silent after 15 s"),
        ('backup = "sheet"', 'backup = "erp"', "[location.east]", "backup", "another one"),
        ('name = "gone"', 'name = "nearly-gone"', "[[rule]] 2 (nearly-gone)", "name", "another rule"),
        ('name = "coupon"', 'name = "nine-close"', "[[countdown]] 1 (nine-close)", "name", "the drop nine"),
        ('locale = "zh-CN"', 'locale = "zz-XX"', None, "locale", "no locale"),
        ('currency = "CNY"', 'currency = "ZZQ"', None, "currency", "no currency"),
        ('id = "tea-night-01"', 'id = "tea night"', None, "id", "does not fit"),
        ('id = "tea-night-01"', 'id = "current"', None, "id", "session now open"),
        ('sku = "cup"', 'sku = " cup"', "[[item]] 3 ( cup)", "sku", "spaces"),
        ('title = "白瓷盖碗"', 'title = "白\\u0000瓷"', "[[item]] 3 (cup)", "title", "U+0000"),
        ('title = "白瓷盖碗"', 'title = "\\u200b"', "[[item]] 3 (cup)", "title", "invisible characters alone"),
        ('title = "白瓷盖碗"', 'title = "白瓷\\u202e盖碗"', "[[item]] 3 (cup)", "title", "turns round"),
        ('image = "img/cup.webp"', 'image = "../cup.webp"', "[[item]] 3 (cup)", "image", "inside"),
        ('image = "img/cup.webp"', 'image = "javascript:x"', "[[item]] 3 (cup)", "image", "inside"),
        ("due = 2026-05-01", 'due = "2026-02-30"', "[[item]] 4 (cake)", "incoming.south.due", "no such day"),
        ('sells = "by_itself"', 'sells = "by_it_self"', "[channel.tiktok]", "sells", "does not fit"),
        ("starts = 2026-04-18T19:30:00+08:00", 'starts = "19:30"', None, "starts", "which day"),
        ("[obs.second]", '[obs.second]\npassword = "x"', "[obs.second]", "password", "secret"),
        ("[obs.second]", "[obs.second]\nsplit = true", "[obs.second]", "split", "top of the file"),
        ('{ action = "next_item"', '{ acton = "next_item"', "[[rule]] 2 (gone)", "do[1].action", "`action` is missing"),
        ("quantity = 30", "quantity = 0", "[[drop]] 1 (nine)", "quantity", "outside"),
        ("quantity = 30", "quantity = 99999999999999999999", "[[drop]] 1 (nine)", "quantity", "outside"),
    ],
)
def test_what_cannot_be(refused: Refused, before: str, after: str, section: str | None, key: str, says: str) -> None:
    problems = refused(changed(before, after))
    found = [problem for problem in problems if problem.key == key]
    assert found, [problem.text() for problem in problems]
    assert found[0].section == section
    assert says in found[0].what.en
    assert found[0].line


def test_single_brackets_and_missing_names_are_recognised(refused: Refused) -> None:
    single = only(refused(SMALL.replace("[[item]]", "[item]")))
    assert "[[item]]" in single.what.zh
    inside = refused(SMALL + "[obs.main.text]\nsource = 99999999999999999999\n")
    assert "[[obs.main.text]]" in inside[0].what.en
    nameless = refused(SMALL + '[[location]]\ntitle = "x"\n')
    assert any("[location.NAME]" in problem.what.en for problem in nameless)


def test_chinese_names_of_keys_lead_to_the_key(refused: Refused) -> None:
    problem = only(refused(SMALL + '"限购" = 2\n'))
    assert problem.nearest == "buyer_limit"


def test_one_missing_thing_does_not_hide_the_others_or_invent_new_ones(refused: Refused) -> None:
    text = changed('title = "白瓷盖碗", ', "")
    assert only(refused(text)).key == "title"
    problems = refused(changed('id = "tea-night-01"\n', "", changed('price = "59.9"', 'price = "cheap"')))
    assert {problem.key for problem in problems} == {"id", "price"}


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ('opening = "ten"', "opening"),
        ("openning = 10", "openning"),
        ("stock = 10", "stock"),
        ("opening = { default = -1 }", "opening.default"),
        ('bundle = { b = "one" }', "bundle.b"),
    ],
)
def test_a_row_with_a_wrong_opening_is_not_told_that_it_is_missing_too(refused: Refused, row: str, key: str) -> None:
    assert only(refused(SMALL.replace("opening = 10", row))).key == key


def test_a_missing_opening_is_told_beside_what_else_is_wrong(refused: Refused) -> None:
    assert {each.key for each in refused(SMALL.replace("opening = 10", 'price = "cheap"'))} == {"price", "opening"}
    assert only(refused(SMALL.replace("opening = 10", "bundle = {}"))).key == "opening"


def test_no_items_at_all(refused: Refused) -> None:
    head = 'id = "a"\ntitle = "b"\n'
    assert "no items" in only(refused(head)).what.en
    assert "no items" in only(refused(head + "item = []\n")).what.en
    assert "both" in refused('items = "a.csv"\n' + SMALL)[0].what.en


def test_the_message_speaks_both_languages_or_one(write: Write) -> None:
    folder = write(changed('hold = "1h30m"', 'hold = "soon"'))
    with pytest.raises(PlanError) as both:
        load_plan(folder)
    assert "1 problem." in str(both.value)
    assert "1 处" in str(both.value)
    with pytest.raises(PlanError) as chinese:
        load_plan(folder, locale="zh-CN")
    assert "problem" not in str(chinese.value)
    with pytest.raises(PlanError) as english:
        load_plan(folder, locale="en-US")
    assert str(english.value).isascii()


def test_a_hundred_problems_are_not_all_printed(write: Write) -> None:
    rows = "".join(f'[[item]]\nsku = "{number}"\ntitle = "x"\n' for number in range(100))
    with pytest.raises(PlanError) as caught:
        load_plan(write(f'id = "a"\ntitle = "b"\n{rows}'))
    assert len(caught.value.problems) == 100
    assert "and 60 more" in str(caught.value)
