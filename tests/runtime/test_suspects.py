"""Who made a process stand still, read from the stacks that it leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from overlaykit.config import Config
from overlaykit.runtime import suspects as suspects_module
from overlaykit.runtime.suspects import Suspects, read_set_aside, stood_in
from overlaykit.words import words_in

HOMES = {"lamp": Path("/r/plugins/lamp"), "single": Path("/r/plugins/single.py")}


def words(*threads: tuple[str, ...]) -> str:
    """What a process wrote, its main thread last."""
    lines = ["12:00:00 INFO web: serving", "Timeout (0:00:03)!"]
    for number, frames in enumerate(threads):
        lines.append(f"Thread 0x00007f{number:010x} (most recent call first):")
        lines += [f'  File "{file}", line 7 in do' for file in frames]
    return "\n".join(lines) + "\n"


def test_the_innermost_plugin_of_the_main_thread_did_it() -> None:
    said = words(("/r/plugins/single.py",), ("/lib/time.py", "/r/plugins/lamp/wire.py", "/o/web.py"))
    (place,) = stood_in(said, HOMES)
    assert (place.plugin, place.where, place.main) == ("lamp", "lamp/wire.py, line 7 (do)", True)


def test_else_it_was_one_of_those_that_were_in_a_plugin() -> None:
    said = words(("/r/plugins/single.py",), ("/r/plugins/lamp/a.py",), ("/lib/queue.py",), ("/o/gateway.py",))
    assert [(place.plugin, place.main) for place in stood_in(said, HOMES)] == [("single", False), ("lamp", False)]


def test_among_a_hundred_threads_and_more_the_main_thread_is_not_named() -> None:
    said = words(("/r/plugins/single.py",), ("/r/plugins/lamp/a.py",)) + "...\n"
    assert [(place.plugin, place.main) for place in stood_in(said, HOMES)] == [("single", False), ("lamp", False)]


def test_a_process_that_ended_otherwise_accuses_nobody() -> None:
    trace = 'Traceback (most recent call last):\n  File "/r/plugins/lamp/wire.py", line 7, in do\nKeyError: 1\n'
    assert stood_in(trace, HOMES) == []
    assert stood_in(words(("/o/web.py",)), HOMES) == []
    assert stood_in("", HOMES) == []
    assert stood_in("Timeout (0:00:03)!\n", HOMES) == []


def test_only_the_last_stacks_of_a_log_count() -> None:
    said = words(("/r/plugins/lamp/wire.py",)) + words(("/o/web.py",))
    assert stood_in(said, HOMES) == []


def room(tmp_path: Path, report: Callable[[str], None] = print) -> Suspects:
    for name in ("lamp", "other"):
        (tmp_path / "state" / "plugins" / name).mkdir(parents=True, exist_ok=True)
    return Suspects(Config(state=tmp_path / "state"), None, report=report)


def test_twice_is_too_often_in_one_process_and_a_new_start_forgets_it(tmp_path: Path) -> None:
    suspects = room(tmp_path)
    said = words((str(tmp_path / "state/plugins/lamp/__init__.py"),))
    assert suspects.look_at("web", said) == []
    assert suspects.look_at("director", said) == [], "once in each of two processes is not twice"
    assert suspects.look_at("web", "KeyError") == []
    (aside,) = suspects.look_at("web", said)
    assert (aside.plugin, aside.process) == ("lamp", "web")
    assert "停住了 2 次 / it made web stand still 2 times: lamp/__init__.py, line 7 (do)" in aside.reason
    assert read_set_aside(tmp_path / "state") == [aside]
    room(tmp_path)
    assert read_set_aside(tmp_path / "state") == []


def test_beside_the_main_thread_it_must_be_the_same_line_twice(tmp_path: Path) -> None:
    suspects = room(tmp_path)
    lamp, other = (str(tmp_path / f"state/plugins/{name}/__init__.py") for name in ("lamp", "other"))
    elsewhere = words((other,), (lamp,), ("/o/gateway.py",)).replace(f'"{other}", line 7', f'"{other}", line 8')
    assert suspects.look_at("gateway", words((other,), (lamp,), ("/o/gateway.py",))) == []
    assert [each.plugin for each in suspects.look_at("gateway", elsewhere)] == ["lamp"]


def test_on_a_full_disk_a_plugin_is_set_aside_all_the_same_and_written_down_once_there_is_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suspects_module, "WRITE_AGAIN_SECONDS", 0.0)
    reports: list[str] = []
    suspects = room(tmp_path, reports.append)
    file = tmp_path / "state" / "plugins_set_aside.json"
    file.mkdir()  # nothing can be written there, as on a disk that is full
    said = words((str(tmp_path / "state/plugins/lamp/__init__.py"),))
    suspects.look_at("web", said)
    (aside,) = suspects.look_at("web", said)
    assert aside.plugin == "lamp"
    for _ in range(2):
        suspects.write_down()
    (report,) = reports
    said_in = words_in(report)
    assert said_in.en.startswith(f"{file} cannot be written: "), "it is said, and once"
    assert "free space" in said_in.en, "and what to do"
    assert said_in.zh.startswith(f"{file} 写不进去：")
    assert "剩余空间" in said_in.zh
    file.rmdir()
    suspects.write_down()
    assert read_set_aside(tmp_path / "state") == [aside]


def test_a_file_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "plugins_set_aside.json").write_text("{")
    assert read_set_aside(tmp_path) == []
