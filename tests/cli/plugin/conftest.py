"""`overlaykit plugin …`, as an author types it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from overlaykit.cli.program import main
from tests.conftest import REPOSITORY

Ended = subprocess.CompletedProcess[str]


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Does what `overlaykit plugin ARGUMENTS` does in a folder of its own, to its end: `new` here, as it loads no plugin, all
    else in a process, in which plugins stay loaded."""

    def run(*arguments: object) -> Ended:
        words = ["plugin", *map(str, arguments)]
        if arguments[0] == "new":
            return here(words)
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "XDG_DATA_HOME": str(tmp_path / "home")}
        return subprocess.run(
            [sys.executable, "-m", "overlaykit", *words],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=tmp_path,
            env=environment,
            check=False,
        )

    def here(words: list[str]) -> Ended:
        with monkeypatch.context() as around:
            around.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
            around.chdir(tmp_path)
            with pytest.raises(SystemExit) as ended:
                main(words)
        return Ended(words, int(ended.value.code or 0), *capsys.readouterr())

    return run
