"""The lines for the presenter: the plan's own where it has them, usual ones in the session's language where it has not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.plan import LoadedPlan, usual_script
from overlaykit.plan.form import ScriptForm
from overlaykit.rules.expressions import Expressions
from tests.plan.conftest import SMALL

Load = Callable[[str], LoadedPlan]


@pytest.mark.parametrize(("locale", "sold_out"), [("zh-CN", "抢光"), ("en-US", "Sold out"), ("ja-JP", "Sold out")])
def test_every_state_has_a_line_that_can_be_read(load: Load, locale: str, sold_out: str) -> None:
    plan = load(f'locale = "{locale}"\n{SMALL}').session
    script = usual_script(plan.locale)
    assert set(script) == set(ScriptForm.__struct_fields__)
    assert sold_out in script["sold_out"]
    expressions = Expressions(plan)
    for text in script.values():
        expressions.text(text)


def test_a_recorded_plan_holds_no_line_but_its_own(load: Load) -> None:
    plan = load(f'{SMALL}\n[script]\nlow = "只剩 {{{{ item.available }}}} 件了"\n').session
    assert plan.later["script"] == {"low": "只剩 {{ item.available }} 件了"}
