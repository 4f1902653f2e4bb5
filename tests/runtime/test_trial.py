"""Plugins that never come back from being imported, or that end whoever imports them: each is named, and none holds a command."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from overlaykit.config import Config
from overlaykit.pluginhost import discover
from overlaykit.runtime import trial
from overlaykit.runtime.trial import try_alone, try_plugins

GOOD = """
    from overlaykit.api import hookimpl

    @hookimpl
    def startup(process):
        pass
    """
BLOCKS = {
    "waits": "import time\ntime.sleep(600)\n",
    "swallows": """
        import time
        while True:
            try:
                time.sleep(600)
            except BaseException:
                pass
        """,
    "lets_nobody_run": "import ctypes\nctypes.PyDLL(None).sleep(600)\n",
    "in_a_hook": """
        import threading
        from overlaykit.api import hookimpl

        @hookimpl
        def register_actions(register):
            threading.Event().wait()
        """,
}


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "SAY_AFTER", 0.3)
    monkeypatch.setattr(trial, "LONGEST", 2.0)


def written(state: Path, **plugins: str) -> Config:
    for name, text in plugins.items():
        (state / "plugins" / name).mkdir(parents=True)
        (state / "plugins" / name / "__init__.py").write_text(textwrap.dedent(text), encoding="utf-8")
    return Config(state=state)


@pytest.mark.parametrize("how", BLOCKS)
def test_one_that_blocks_is_named_with_its_line_and_the_others_are_loaded(tmp_path: Path, how: str) -> None:
    config = written(tmp_path, a_good=GOOD, blocks=BLOCKS[how], good=GOOD)
    told: list[str] = []
    aside = try_plugins(config, None, told.append)
    assert list(aside) == ["blocks"]
    assert "blocks/__init__.py, line" in aside["blocks"].reason
    # On a slow machine others may be said to take long.
    (said,) = [each for each in told if "the plugin blocks is" in each]
    assert f"blocks is still being loaded; it is left out after 2 s ({tmp_path / 'plugins' / 'blocks'})" in said
    plugins = discover(config, None, set_aside={name: each.reason for name, each in aside.items()})
    states = {status.name: status.state for status in plugins.statuses if status.kind == "plugin"}
    assert (states["a_good"], states["blocks"], states["good"]) == ("active", "failed", "active")


def test_one_that_ends_its_process_is_named(tmp_path: Path) -> None:
    config = written(
        tmp_path,
        exits="import os\nos._exit(0)\n",
        falls="import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n",
    )
    aside = try_plugins(config, None, print)
    assert "exit status 0" in aside["exits"].reason
    assert "signal SIGSEGV" in aside["falls"].reason


def test_nothing_is_tried_where_all_plugins_came_with_overlaykit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subprocess.Popen", None)
    assert try_plugins(Config(state=tmp_path), None, print) == {}


def test_one_that_raises_or_leaves_threads_behind_is_for_its_status_to_say(tmp_path: Path) -> None:
    leaks = "import threading\nthreading.Thread(target=threading.Event().wait).start()\n"
    config = written(tmp_path, raises="1 / 0", exits="import sys\nsys.exit(1)", leaks=leaks + textwrap.dedent(GOOD))
    assert try_plugins(config, None, print) == {}


def test_one_alone_that_blocks_is_named(tmp_path: Path) -> None:
    config = written(tmp_path, blocks=BLOCKS["waits"], good=GOOD)
    aside = try_alone(tmp_path / "plugins" / "blocks", config, print)
    assert aside is not None
    assert "blocks/__init__.py, line 2" in aside.reason
    assert try_alone(tmp_path / "plugins" / "good", config, print) is None
