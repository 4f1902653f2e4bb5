"""What an operator announces from: the plan's templates and the usual ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.errors import PlanError
from overlaykit.plan import LoadedPlan, Words, announcements_of
from overlaykit.plan.announcements import Template
from overlaykit.rules import check_expressions
from overlaykit.rules.expressions import Expressions
from tests.plan.conftest import SMALL

Load = Callable[[str], LoadedPlan]
OWN = """
[[announcement]]
name = "满减"
text = "{{ item.title }} 两件八折"
[[announcement]]
name = "稍等"
text = "喝口水，马上回来"
level = "urgent"
seconds = "1m"
"""


@pytest.mark.parametrize(("locale", "first"), [("zh-CN", "正在讲解"), ("en-US", "on-air")])
def test_every_session_has_the_usual_ones_in_its_language(load: Load, locale: str, first: str) -> None:
    plan = load(f'locale = "{locale}"\n{SMALL}').session
    found = announcements_of(plan)
    assert next(iter(found)) == first
    assert found[first].title == ("On air", "正在讲解"), "operators of either language find it"
    assert plan.later == {}
    expressions = Expressions(plan)
    for template in found.values():
        expressions.text(template.text)


def test_those_of_the_plan_come_first_and_take_the_place_of_usual_ones(load: Load) -> None:
    found = announcements_of(load(SMALL + OWN).session)
    assert list(found)[:3] == ["满减", "稍等", "正在讲解"]
    assert found["满减"] == Template(Words("满减", "满减"), "{{ item.title }} 两件八折")
    assert found["稍等"] == Template(Words("稍等", "稍等"), "喝口水，马上回来", "urgent", 60.0)
    assert len(found) == 6


def test_a_name_that_is_not_there_is_found_when_the_plan_is_loaded(load: Load) -> None:
    [problem] = check_expressions(load(SMALL + OWN.replace("item.title", "item.titel")))
    assert (problem.section, problem.key, problem.nearest) == ("[[announcement]] 1 (满减)", "text", "title")


def test_two_of_one_name_are_refused(load: Load) -> None:
    with pytest.raises(PlanError, match="满减"):
        load(SMALL + OWN.replace("稍等", "满减"))
