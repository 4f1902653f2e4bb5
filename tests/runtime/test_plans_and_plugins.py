"""A plan that asks for a plugin which failed says so: what it names is not simply unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from overlaykit.config import Config
from overlaykit.errors import PlanError
from overlaykit.runtime.plugins import find_plugins
from overlaykit.runtime.sessions import load_checked_plan
from tests.conftest import PLAN


def refusal(folder: Path, set_aside: dict[str, str]) -> str:
    config = Config(state=folder.parent / "state")
    with pytest.raises(PlanError) as refused:
        load_checked_plan(folder, find_plugins(config, folder, set_aside=set_aside))
    return str(refused.value)


def test_a_plan_whose_plugin_failed_or_was_left_out_says_why(plan_folder: Path) -> None:
    for name in ("lamp", "other"):
        (plan_folder / "plugins" / name).mkdir(parents=True)
        (plan_folder / "plugins" / name / "__init__.py").write_text("1 / 0", encoding="utf-8")
    (plan_folder / "session.toml").write_text(f'{PLAN}[channel.shop]\nconnector = "lamp"\n', encoding="utf-8")
    said = refusal(plan_folder, {"other": "it was not loaded within 10 s: other/__init__.py, line 1"})
    assert "no plugin is called lamp" in said
    assert "the plugin lamp is set aside: importing it raised ZeroDivisionError" in said
    assert "the plugin other is set aside: it was not loaded within 10 s: other/__init__.py, line 1" in said


def test_a_plan_that_is_wrong_otherwise_speaks_of_no_plugin(plan_folder: Path) -> None:
    (plan_folder / "plugins" / "lamp").mkdir(parents=True)
    (plan_folder / "plugins" / "lamp" / "__init__.py").write_text("1 / 0", encoding="utf-8")
    settings = 'settings = { secrett = "x" }'
    shop = f'[channel.shop]\nconnector = "generic_webhook"\n{settings}\n'
    (plan_folder / "session.toml").write_text(f"{PLAN}{shop}", encoding="utf-8")
    assert "lamp" not in refusal(plan_folder, {})
