"""Plugins that hold a whole process: at import, in a hook, in an action, in its log. It starts again without them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from overlaykit.config import Config
from overlaykit.pluginhost import discover
from overlaykit.runtime import processes
from overlaykit.runtime.orders import ChildOrder
from overlaykit.runtime.processes import Process
from overlaykit.runtime.suspects import Suspects
from tests.conftest import REPOSITORY, until

LOADING = """
import sys, msgspec
from overlaykit.runtime import watchdog
from overlaykit.runtime.orders import ChildOrder
watchdog.LOADING_SECONDS = 0.5
watch, asked = watchdog.loading, []
watchdog.loading = lambda: asked.append("the process")
watchdog.plugin_begins = lambda: asked and watch()  # however long this machine took until then
from overlaykit.runtime import {process}
{process}.run(msgspec.json.decode(sys.stdin.buffer.read(), type=ChildOrder))
"""
BLOCKS = {
    "at import": """
        import time
        from overlaykit.runtime import watchdog

        watchdog.plugin_begins()
        time.sleep(60)
        """,
    "in startup": """
        import time
        from overlaykit.api import hookimpl
        from overlaykit.runtime import watchdog

        @hookimpl
        def startup(process):
            watchdog.plugin_begins()
            time.sleep(60)
        """,
}


def order(state: Path, **more: Any) -> ChildOrder:
    """For a process whose store is nowhere."""
    fields: dict[str, Any] = {"host": "127.0.0.1", "port": 1, "redis_url": "redis://127.0.0.1:1/0"}
    return ChildOrder(
        state=str(state), themes=(), plugins=(), session_folder=None, recorder="room", **{**fields, **more}
    )


@pytest.mark.parametrize(("process", "where"), [("gateway", "at import"), ("director", "in startup")])
def test_a_plugin_that_blocks_while_it_is_loaded_is_set_aside_the_second_time(
    tmp_path: Path, process: str, where: str
) -> None:
    folder = tmp_path / "plugins" / "blocks"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(textwrap.dedent(BLOCKS[where]), encoding="utf-8")
    suspects = Suspects(Config(state=tmp_path), None, report=print)
    for _ in range(2):
        ended = subprocess.run(
            [sys.executable, "-c", LOADING.format(process=process)],
            input=msgspec.json.encode(order(tmp_path)),
            capture_output=True,
            cwd=REPOSITORY,
            timeout=30,
            check=False,
        )
        words = ended.stderr.decode()
        assert ended.returncode == 1, words
        found = suspects.look_at(process, words)
    [aside] = found
    assert (aside.plugin, aside.process) == ("blocks", process)
    assert "blocks/__init__.py, line" in aside.reason
    began = time.monotonic()
    plugins = discover(Config(state=tmp_path), None, set_aside={aside.plugin: aside.reason})
    assert plugins.startup(process) == []
    assert time.monotonic() - began < 5.0, "it is not even imported"


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a process of the room whose program is this shell script."""
    made: list[Process] = []

    def make(script: str) -> Process:
        program = tmp_path / "program"
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))
        (tmp_path / "logs").mkdir(exist_ok=True)
        made.append(Process("gateway", order(tmp_path), report=lambda text: None))
        return made[-1]

    yield make
    for each in made:
        each.stop(0.0)


def test_a_plugin_that_logs_without_end_fills_no_disk(
    tmp_path: Path, child: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "LOG_AT_MOST", 2_000_000)
    monkeypatch.setattr(processes, "LOG_LOOK_SECONDS", 0.05)
    process = child("exec yes flood flood flood flood flood flood flood flood flood flood")
    process.start()
    log, before = tmp_path / "logs" / "gateway.log", tmp_path / "logs" / "gateway.log.1"
    sizes, cuts = [0], 0
    ends = time.monotonic() + 20
    while cuts < 3 and time.monotonic() < ends:
        began = time.monotonic()
        process.look_after()
        assert time.monotonic() - began < 2.0, "the supervisor runs after what is written"
        sizes.append(log.stat().st_size)
        cuts += sizes[-1] < sizes[-2]
        time.sleep(0.02)
    assert cuts >= 3
    assert before.stat().st_size <= 2_000_000, "what is kept is cut, too"
    assert "flood" in before.read_text(errors="replace")


def test_where_no_copy_of_a_long_log_can_be_kept_it_is_let_go_of_all_the_same(
    child: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "LOG_AT_MOST", 1_000)
    process = child("exec sleep 60")
    process.start()
    log = tmp_path / "logs" / "gateway.log"
    log.with_name("gateway.log.1").mkdir()  # nothing can be written there, as on a disk that is full
    log.write_text("flood " * 1_000, encoding="utf-8")
    process.look_after()
    assert log.stat().st_size == 0


def test_a_process_that_a_plugin_keeps_from_leaving_is_ended_and_begins_again(
    child: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "LEAVE_SECONDS", 0.5)
    deaf = tmp_path / "deaf"
    process = child(f"trap '' TERM\n: > '{deaf}'\nwhile :; do sleep 0.05; done")
    process.start()
    first = process.pid
    until(deaf.exists, "the shell is deaf")
    process.renew(process.order)

    def again() -> bool:
        process.look_after()
        return process.pid not in (0, first)

    until(again, "it begins again", 10)


def test_a_plugin_that_leaks_a_thread_does_not_keep_its_process_from_leaving(tmp_path: Path) -> None:
    folder = tmp_path / "plugins" / "leaks"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(
        textwrap.dedent("""
        import threading
        from overlaykit.api import hookimpl

        @hookimpl
        def startup(process):
            threading.Thread(target=threading.Event().wait).start()
            print("it leaks", flush=True)
        """),
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "overlaykit.runtime.child", "gateway", "--state", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=REPOSITORY) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(msgspec.json.encode(order(tmp_path)) + b"\n")
            process.stdin.flush()
            assert process.stdout.readline() == b"it leaks\n"
            os.kill(process.pid, signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()
