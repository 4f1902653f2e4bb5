"""`overlaykit plugin …`, as an author types it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

Ended = subprocess.CompletedProcess[str]


@pytest.fixture
def plugin(tmp_path: Path) -> Callable[..., Ended]:
    """Runs `overlaykit plugin ARGUMENTS` in a folder of its own, to its end."""

    def run(*arguments: object) -> Ended:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "XDG_DATA_HOME": str(tmp_path / "home")}
        return subprocess.run(
            [sys.executable, "-m", "overlaykit", "plugin", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=tmp_path,
            env=environment,
            check=False,
        )

    return run
