"""Rules, alerts and emergency plans whose parts do not go together, or that name what is not there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.plan import LoadedPlan, Problem
from tests.plan.conftest import EVENING


@pytest.mark.parametrize(
    ("written", "instead", "section", "key", "nearest", "said"),
    [
        ('when = "sold_out"', 'when = "soldout"', "[[rule]] 2 (gone)", "when", "sold_out", "`soldout`"),
        ('when = "available < 15%"', 'when = "availble < 15%"', "[[alert]] 1", "when", "available", "`availble`"),
        (
            'when = "sold_out"\nrearm = 1',
            'when = "countdown nin-close < 1m"',
            "[[rule]] 2 (gone)",
            "when",
            "nine-close",
            "nin-close",
        ),
        ('when = "sold_out"\nrearm = 1', 'when = "drop agian opened"', "[[rule]] 2 (gone)", "when", "again", "agian"),
        (
            'when = "sold_out"\nrearm = 1',
            'when = "source erb stale"',
            "[[rule]] 2 (gone)",
            "when",
            "erp",
            "[source.erb]",
        ),
        (
            'when = "sold_out"\nrearm = 1',
            'when = "obs man streaming"',
            "[[rule]] 2 (gone)",
            "when",
            "main",
            "[obs.man]",
        ),
        ("rearm = 1", "rearm = 1\nsku = 'cop'", "[[rule]] 2 (gone)", "sku", "cup", "a sku like cop"),
        ("rearm = 1", 'rearm = "5m"', "[[rule]] 2 (gone)", "rearm", None, "no level of available"),
        ('rearm = "40%"', "rearm = 20", "[[rule]] 1 (nearly-gone)", "rearm", None, "the side on which"),
        ("rearm = 1", 'late = "soon"', "[[rule]] 2 (gone)", "late", None, "does not fit"),
        ("rearm = 1", "priority = 1000", "[[rule]] 2 (gone)", "priority", None, "does not fit"),
        ("rearm = 1", "once = 1", "[[rule]] 2 (gone)", "once", None, "does not fit"),
        ('name = "gone"', 'name = "alert-3"', "[[rule]] 2 (alert-3)", "name", None, "names that begin with alert-"),
        ('when = "sold_out"\nrearm = 1', 'when = "on_air"\nrearm = 1', "[[rule]] 2 (gone)", "rearm", None, "a level"),
        (
            'when = "sold_out"\nrearm = 1',
            'when = "session opened"\nsku = "cup"',
            "[[rule]] 2 (gone)",
            "sku",
            None,
            "not about an item",
        ),
        (
            'when = "sold_out"\nrearm = 1',
            'when = "sold every 5"\nsustained = "5s"',
            "[[rule]] 2 (gone)",
            "sustained",
            None,
            "over in a moment",
        ),
        (
            'obs = "main"',
            'obs = "mian"',
            "[[rule]] 1 (nearly-gone)",
            "do[1].obs",
            "main",
            "[obs.mian]",
        ),
        (
            'obs = "main", ',
            "",
            "[[rule]] 1 (nearly-gone)",
            "do[1].action",
            None,
            "several OBS",
        ),
        (
            'action = "chat",',
            'action = "chat", channels = ["tictok"],',
            "[[rule]] 1 (nearly-gone)",
            "do[2].channels[1]",
            "tiktok",
            "[channel.tictok]",
        ),
        (
            'action = "next_item",',
            'action = "announce", sku = "cop",',
            "[[rule]] 2 (gone)",
            "do[1].sku",
            "cup",
            "cop",
        ),
        (
            'action = "next_item",',
            'action = "notify", to = ["grup"],',
            "[[rule]] 2 (gone)",
            "do[1].to[1]",
            "group",
            "[notifier.grup]",
        ),
        (
            'command = "session.freeze"',
            'command = "session.freez"',
            "[emergency.oversold]",
            "do[1].command",
            "session.freeze",
            "session.freez",
        ),
        (
            'command = "session.freeze"',
            'command = "drop.close", drop = "agian"',
            "[emergency.oversold]",
            "do[1].drop",
            "again",
            "agian",
        ),
        (
            'command = "session.freeze"',
            'command = "item.close", sku = "cop"',
            "[emergency.oversold]",
            "do[1].sku",
            "cup",
            "cop",
        ),
        ('to = ["group"]', 'to = ["grupp"]', "[[alert]] 1", "to[1]", "group", "[notifier.grupp]"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_with_its_place(
    refused: Callable[..., list[Problem]],
    written: str,
    instead: str,
    section: str,
    key: str,
    nearest: str | None,
    said: str,
) -> None:
    assert EVENING.count(written) >= 1
    (problem,) = refused(EVENING.replace(written, instead, 1))
    assert (problem.section, problem.key, problem.nearest) == (section, key, nearest)
    assert said in problem.what.en
    assert problem.line is not None


def test_a_name_that_a_template_makes_is_left_to_the_template(load: Callable[..., LoadedPlan]) -> None:
    text = EVENING.replace(
        'command = "session.freeze"', 'command = "item.close", sku = "{{ item.sku }}", reason = "oversold"'
    )
    assert load(text).session.later["emergency"]["oversold"]["do"][0]["sku"] == "{{ item.sku }}"


def test_what_a_rule_says_is_kept_as_written_with_durations_in_seconds(load: Callable[..., LoadedPlan]) -> None:
    text = EVENING.replace("rearm = 1", 'rearm = 1\nlate = "1m"\nonce = true\npriority = -5\nenabled = false')
    rule = load(text).session.later["rule"][1]
    assert {key: rule[key] for key in ("when", "rearm", "late", "once", "priority", "enabled")} == {
        "when": "sold_out",
        "rearm": 1,
        "late": 60.0,
        "once": True,
        "priority": -5,
        "enabled": False,
    }
