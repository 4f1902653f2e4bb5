"""Bilibili comes through the door like any plugin, and its guide says what it needs."""

from __future__ import annotations

from pathlib import Path

from overlaykit.testing import load_plugin

HERE = Path(__file__).parents[1]


def test_it_registers_its_connector() -> None:
    assert set(load_plugin(HERE).connectors) == {"bilibili"}


def test_the_guide_names_every_setting_and_what_nobody_has_verified() -> None:
    guide = (HERE / "README.md").read_text(encoding="utf-8")
    for setting in load_plugin(HERE).connectors["bilibili"].settings_type.__struct_fields__:
        assert f"`{setting}`" in guide
    assert "No real room has been connected" in guide
    assert "Unverified" in guide


def test_what_is_made_up_says_so() -> None:
    assert "synthetic" in (HERE / "fake.py").read_text(encoding="utf-8").splitlines()[0]
