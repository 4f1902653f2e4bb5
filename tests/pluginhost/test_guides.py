"""The plans that bundled plugins show in their guides can be used as they stand."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from overlaykit.config import bundled_folder
from overlaykit.plan import check_extensions, load_plan
from overlaykit.testing import load_plugin

GUIDES = sorted((bundled_folder() / "plugins").glob("*/README.md"))
PLANS = {
    guide.parent.name: re.findall(r"```toml\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)
    for guide in GUIDES
}


def skus_of(plan: dict[str, Any]) -> set[str]:
    """Of our items that channels of the plan sell."""
    values = [value for channel in plan.get("channel", {}).values() for value in channel.get("skus", {}).values()]
    return {value["sku"] if isinstance(value, dict) else value for value in values}


@pytest.mark.parametrize("plugin", [name for name, plans in PLANS.items() if plans])
def test_the_plan_in_a_plugins_guide_can_be_used(plugin: str, tmp_path: Path) -> None:
    text = "\n".join(PLANS[plugin])
    skus = skus_of(tomllib.loads(text)) or {"coat-m"}
    rows = ", ".join(
        f'{{ link = {number}, sku = "{sku}", title = "大衣", price = "99.00", opening = 10 }}'
        for number, sku in enumerate(sorted(skus), 1)
    )
    (tmp_path / "session.toml").write_text(f'id = "t"\ntitle = "t"\nitem = [{rows}]\n{text}', encoding="utf-8")
    connectors = load_plugin(bundled_folder() / "plugins" / plugin).connectors

    def settings_type(kind: str, name: str) -> type[Struct] | None:
        return connectors[name].settings_type.in_plan() if name in connectors else None

    known = {kind: list(connectors) for kind in ("channel", "source", "notifier")}
    loaded = load_plan(tmp_path)
    assert check_extensions(loaded, settings_type=settings_type, action_type=lambda _: None, known=known) == []
