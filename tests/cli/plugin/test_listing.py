"""What an operator sees of the plugins there are."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from overlaykit.cli.plugin.matrix import WORDS
from overlaykit.config import Config, bundled_folder
from overlaykit.model.connectors import Capability
from overlaykit.pluginhost import discover

Ended = subprocess.CompletedProcess[str]
GUIDE = bundled_folder() / "plugins" / "README.md"


def test_each_plugin_is_listed_with_what_it_can_do(plugin: Callable[..., Ended]) -> None:
    listed = plugin("list")
    assert listed.returncode == 0
    assert "simulated_room: 读弹幕 chat read, 发弹幕 chat written, 发券 coupons" in listed.stdout


def test_one_that_failed_is_listed_with_reason_and_remedy(plugin: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "more" / "bad").mkdir(parents=True)
    (tmp_path / "more" / "bad" / "__init__.py").write_text("1 / 0")
    listed = plugin("list", "--plugins", "more")
    assert listed.returncode == 1
    assert "ZeroDivisionError" in listed.stdout
    assert "Mend the plugin" in listed.stdout


def test_one_that_ends_whoever_loads_it_is_named_by_each_command(plugin: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "more" / "leaves").mkdir(parents=True)
    (tmp_path / "more" / "leaves" / "__init__.py").write_text("import os\nos._exit(0)")
    listed, checked = plugin("list", "--plugins", "more"), plugin("check", "more/leaves")
    for ended in (listed, checked):
        assert ended.returncode == 1
        assert "it ended the process that loaded it (exit status 0)" in ended.stdout
    assert "simulated_room" in listed.stdout, "and the others are listed"


def test_the_table_of_the_guide_says_what_the_code_says(plugin: Callable[..., Ended]) -> None:
    table = plugin("list", "--matrix").stdout
    assert table.count("\n") == 2 + len(discover(Config(state=Path("nowhere")), None).connectors)
    assert table in GUIDE.read_text(encoding="utf-8"), (
        "the last section of plugins/README.md is old: put what `overlaykit plugin list --matrix` prints there"
    )


def test_every_capability_has_its_words() -> None:
    assert set(WORDS) == set(Capability)
