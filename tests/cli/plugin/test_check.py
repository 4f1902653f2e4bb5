"""What `plugin check` finds in a plugin, and that it finds nothing in ours."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from overlaykit.cli.plugin.findings import look_at
from overlaykit.config import bundled_folder
from overlaykit.pluginhost import load_alone

Ended = subprocess.CompletedProcess[str]
PLUGINS = bundled_folder() / "plugins"
BUNDLED = sorted(path.name for path in PLUGINS.iterdir() if (path / "__init__.py").is_file())


@pytest.fixture
def lamp(plugin: Callable[..., Ended], tmp_path: Path) -> Path:
    """A plugin with which all is well."""
    assert plugin("new", "lamp", "--kind", "notifier").returncode == 0
    return tmp_path / "plugins" / "lamp"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_good_plugin_is_said_to_be_good_with_what_it_promises(plugin: Callable[..., Ended], lamp: Path) -> None:
    checked = plugin("check", lamp)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "connector lamp: 通知 alerts" in checked.stdout
    assert "permission: a robot in the team's group" in checked.stdout
    assert "passed" in checked.stdout, "its tests were run"


def test_all_that_is_wrong_is_said_at_once(plugin: Callable[..., Ended], lamp: Path) -> None:
    change(lamp / "__init__.py", 'tested = "a made-up server"', 'tested = ""')
    change(lamp / "__init__.py", 'title = "Lamp"', 'title = ""')
    change(lamp / "__init__.py", "from typing import Any", "from typing import Any\nfrom overlaykit.model import wire")
    change(lamp / "README.md", "| `url` |", "| url |")
    (lamp / "tests" / "test_lamp.py").unlink()
    checked = plugin("check", lamp, "--no-tests")
    assert checked.returncode == 1
    for said in (
        "does not say against what it was tested",
        "has no title",
        "imports overlaykit.model, which changes without notice",
        "README.md does not explain `url` of the connector lamp",
        "There are no tests",
    ):
        assert said in checked.stdout, checked.stdout


def test_tests_that_fail_are_shown(plugin: Callable[..., Ended], lamp: Path) -> None:
    change(lamp / "__init__.py", 'answer["code"] != 0', 'answer["code"] == 0')
    checked = plugin("check", lamp)
    assert checked.returncode == 1
    assert "Its tests fail" in checked.stdout
    assert "test_an_alert_reaches_the_team" in checked.stderr


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import no_such_package", "no_such_package"),
        ("raise SystemExit(7)", "SystemExit"),
        ("x = 1", "It has no hook"),
        ("def broken(:", "SyntaxError"),
    ],
)
def test_one_that_cannot_be_loaded_says_why(plugin: Callable[..., Ended], tmp_path: Path, code: str, said: str) -> None:
    folder = tmp_path / "plugins" / "bad"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(code)
    checked = plugin("check", folder)
    assert checked.returncode == 1
    assert said in checked.stdout


def test_a_name_without_a_plugin_is_said_with_those_that_there_are(plugin: Callable[..., Ended]) -> None:
    refused = plugin("check", "nowhere")
    assert refused.returncode == 2
    assert "no plugin of this name" in refused.stderr
    assert "simulator" in refused.stderr


@pytest.mark.parametrize("name", BUNDLED)
def test_nothing_is_wrong_with_what_comes_with_overlaykit(name: str) -> None:
    """Each setting stands in the plugin's README, and each connector says what it needs and against what it was tested."""
    try:
        status, loaded = load_alone(PLUGINS / name)
        assert status is None
        assert [finding.reason for finding in look_at(PLUGINS / name, loaded, with_tests=True)] == []
    finally:
        load_alone(PLUGINS / "simulator")
