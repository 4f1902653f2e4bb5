"""Where plugins and themes come from, and who wins when two have one name."""

from __future__ import annotations

import importlib
import textwrap
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from overlaykit.api import NotFound, Theme
from overlaykit.config import Config, bundled_folder
from overlaykit.errors import ThemeError
from overlaykit.plan import check_extensions, load_plan
from overlaykit.pluginhost import ENTRY_POINT_GROUP, discover
from overlaykit.words import words_in

if TYPE_CHECKING:
    from tests.pluginhost.conftest import Bench


@cache
def bundled() -> set[str]:
    """Connectors that every room has."""
    return set(discover(Config(state=Path("nowhere")), None).connectors)


def test_what_is_bundled_comes_through_the_same_door(bench: Bench) -> None:
    plugins = bench.discover()
    wrong = [status for status in plugins.statuses if status.state != "active"]
    assert wrong == []
    assert "simulate" in plugins.commands
    folders = {path.name for path in (bundled_folder() / "themes").iterdir() if (path / "theme.toml").is_file()}
    assert set(plugins.themes) == folders
    for name, theme in plugins.themes.items():
        assert theme.name == name
        assert (theme.folder / "theme.toml").is_file()


def test_every_bundled_plugin_explains_itself() -> None:
    for folder in (bundled_folder() / "plugins").iterdir():
        if (folder / "__init__.py").is_file():
            assert (folder / "README.md").is_file(), f"{folder.name} has no README.md"


def test_folders_of_state_session_and_flags_are_searched(bench: Bench) -> None:
    for place, name in ((bench.state, "one"), (bench.session, "two"), (bench.flag, "three")):
        bench.connector(name, place=place)
        bench.theme(f"theme_{name}", place=place)
    plugins = bench.discover()
    assert set(plugins.connectors) - bundled() == {"one", "two", "three"}
    assert {"theme_one", "theme_two", "theme_three"} <= set(plugins.themes)
    [status] = bench.statuses_of("two", plugins)
    assert status.where == str(bench.session / "plugins" / "two")
    assert status.provides == ("connector two",)


def test_a_single_file_is_a_plugin_and_what_tools_leave_is_not(bench: Bench) -> None:
    folder = bench.connector("whole").parent
    (folder / "single.py").write_text((folder / "whole" / "__init__.py").read_text().replace("whole", "single"))
    for noise in ("conftest.py", "_draft.py", "README.md"):
        (folder / noise).write_text("raise AssertionError('not a plugin')")
    (folder / "__pycache__").mkdir()
    plugins = bench.discover()
    assert set(plugins.connectors) - bundled() == {"whole", "single"}
    assert not [status for status in plugins.statuses if status.state == "failed"]


def test_a_later_place_wins_and_the_earlier_is_shown_as_shadowed(bench: Bench) -> None:
    at_home = bench.connector("old", plugin="acme", place=bench.state)
    nearer = bench.connector("new", plugin="acme", place=bench.session)
    plugins = bench.discover()
    assert set(plugins.connectors) - bundled() == {"new"}
    states = {status.where: status for status in bench.statuses_of("acme", plugins)}
    assert states[str(nearer)].state == "active"
    assert states[str(at_home)].state == "shadowed"
    assert str(nearer) in states[str(at_home)].reason


def test_a_theme_of_the_session_replaces_a_bundled_one(bench: Bench) -> None:
    ours = bench.theme("neon", place=bench.session)
    plugins = bench.discover()
    assert plugins.themes["neon"].folder == ours
    assert sorted(status.state for status in bench.statuses_of("neon", plugins)) == ["active", "shadowed"]


def test_two_plugins_with_one_connector_are_told_apart_by_place_then_name(bench: Bench) -> None:
    bench.connector("same", plugin="b_plugin", place=bench.state)
    bench.connector("same", plugin="a_plugin", place=bench.state)
    plugins = bench.discover()
    assert plugins.connectors["same"].__module__ == "plugins.a_plugin"
    loser = {status.state: status for status in bench.statuses_of("b_plugin", plugins)}
    assert loser["active"].provides == ()
    assert "connector 'same' is not used: that of a_plugin" in loser["shadowed"].reason

    bench.connector("same", plugin="c_plugin", place=bench.flag)
    assert bench.discover().connectors["same"].__module__ == "plugins.c_plugin"


def test_a_command_of_overlaykit_cannot_be_taken(bench: Bench) -> None:
    bench.plugin(
        "grabby",
        """
        import click
        from overlaykit.api import hookimpl

        @hookimpl
        def register_commands(register):
            register(click.Command("run"))
            register(click.Command("dance"))
        """,
    )
    plugins = bench.discover(reserved_commands=("run",))
    assert "run" not in plugins.commands
    assert "dance" in plugins.commands
    assert any("overlaykit's own" in status.reason for status in bench.statuses_of("grabby", plugins))


def test_an_installed_package_is_found_by_its_entry_point(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    code = "from overlaykit.api import Connector, hookimpl\nclass Mine(Connector): name = 'lamp'\n"
    (site / "lamp_kit.py").write_text(code + "@hookimpl\ndef register_connectors(register): register(Mine)\n")
    info = site / "lamp_kit-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lamp-kit\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(
        textwrap.dedent(f"""
        [{ENTRY_POINT_GROUP}]
        lamp = lamp_kit
        gone = lamp_kit.missing
        """)
    )
    monkeypatch.syspath_prepend(str(site))
    plugins = bench.discover()
    assert plugins.connectors["lamp"].__module__ == "lamp_kit"
    [status] = bench.statuses_of("lamp", plugins)
    assert (status.where, status.state) == ("package lamp-kit 1.2", "active")
    [broken] = bench.statuses_of("gone", plugins)
    assert (broken.where, broken.state) == ("package lamp-kit 1.2", "failed")

    ours = bench.connector("lamp", place=bench.session)
    assert bench.discover().connectors["lamp"].__module__ == "plugins.lamp"
    assert {status.where: status.state for status in bench.statuses_of("lamp")} == {
        str(ours): "active",
        "package lamp-kit 1.2": "shadowed",
    }


def test_all_folders_are_one_namespace(bench: Bench) -> None:
    bench.connector("one", place=bench.state)
    folder = bench.connector("two", place=bench.session)
    (folder / "deep").mkdir()
    (folder / "deep" / "part.py").write_text("from plugins import one\nNAME = one.Mine.name\n")
    bench.discover()
    assert importlib.import_module("plugins.two.deep.part").NAME == "one"
    assert importlib.import_module("plugins.simulator").__name__ == "plugins.simulator"


def test_another_room_in_the_same_process_sees_its_own_plugins(tmp_path: Path) -> None:
    from tests.pluginhost.conftest import Bench

    first, second, third = (Bench(tmp_path / name) for name in ("first", "second", "third"))
    first.connector("first", plugin="acme")
    second.connector("second", plugin="acme")
    assert set(first.discover().connectors) - bundled() == {"first"}
    assert set(second.discover().connectors) - bundled() == {"second"}
    assert set(third.discover().connectors) - bundled() == set()
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("plugins.acme")


def test_a_flag_that_points_nowhere_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"--themes .*nowhere"):
        discover(Config(state=tmp_path, themes=(tmp_path / "nowhere",)), None)


def test_a_flag_may_point_at_one_theme(tmp_path: Path) -> None:
    folder = tmp_path / "neon"
    folder.mkdir()
    (folder / "theme.toml").write_text("")
    assert discover(Config(state=tmp_path / "state", themes=(folder,)), None).themes["neon"].folder == folder


LAMP = """
from overlaykit.api import Action, Connector, Secret, Settings, hookimpl

class LampSettings(Settings):
    secret: Secret
    colour: str = "red"

class Lamp(Connector[LampSettings]):
    name = "lamp"

class Flash(Settings):
    times: int

class FlashLamp(Action[Flash]):
    name = "lamp.flash"

@hookimpl
def register_connectors(register):
    register(Lamp)

@hookimpl
def register_actions(register):
    register(FlashLamp)
"""
PLAN = """
id = "room"
title = "测试场"
item = [{{ sku = "A", title = "大衣", opening = 1 }}]
[channel.mini]
connector = "lamp"
settings = {{ {settings} }}
[[rule]]
name = "last"
when = "available < 5"
do = [{{ action = "lamp.flash", {arguments} }}]
"""


@pytest.mark.parametrize(
    ("settings", "arguments", "wrong"),
    [
        ('colour = "blue"', "times = 3", None),
        ("", "times = 3", None),
        ("colour = 7", "times = 3", "colour"),
        ('color = "blue"', "times = 3", "color"),
        ('secret = "hunter2"', "times = 3", "secret"),
        ("", "often = 3", "often"),
        ("", 'times = "three"', "times"),
    ],
)
def test_a_plan_is_checked_against_what_plugins_read_of_it(
    bench: Bench, settings: str, arguments: str, wrong: str | None
) -> None:
    bench.plugin("lamp", LAMP)
    plugins = bench.discover()
    bench.session.mkdir()
    plan = bench.session / "session.toml"
    plan.write_text(PLAN.format(settings=settings, arguments=arguments), encoding="utf-8")
    found = check_extensions(load_plan(plan), settings_type=plugins.settings_type, action_type=plugins.action_type)
    texts = [str(problem) for problem in found]
    if wrong is None:
        assert texts == []
    else:
        assert wrong in "".join(texts)
        assert "hunter2" not in "".join(texts)


def test_what_no_plugin_registered_has_no_type(bench: Bench) -> None:
    plugins = bench.discover()
    assert plugins.settings_type("channel", "nothing") is None
    assert plugins.action_type("nothing") is None


def test_a_theme_that_cannot_be_shown_stays_in_use_and_its_status_says_why(bench: Bench) -> None:
    bench.theme("good")
    broken = bench.theme("broken")
    plugins = bench.discover()

    def check(theme: Theme, themes: Mapping[str, Theme]) -> None:
        assert set(themes) >= {"good", "broken"}
        if theme.folder == broken:
            raise ThemeError("theme.toml:3: no such option type", remedy="Mend line 3.")

    plugins.check_themes(check)

    assert "broken" in plugins.themes
    [status] = bench.statuses_of("broken", plugins)
    assert (status.state, status.provides) == ("active", ("theme broken",))
    assert words_in(status.reason) == (
        "The theme broken cannot be shown: theme.toml:3: no such option type",
        "主题 broken 显示不了：theme.toml:3: no such option type",
    )
    assert status.remedy == "Mend line 3."
    assert bench.statuses_of("good", plugins)[0].reason == ""
