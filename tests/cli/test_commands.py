"""The command line: help with examples, errors that help, and the commands for tokens, plugins, themes, recordings."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from overlaykit.cli.program import COMMANDS, main
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from tests.conftest import Room

StartRoom = Callable[..., "Room"]
Ended = subprocess.CompletedProcess[str]


@pytest.fixture
def overlaykit(tmp_path: Path) -> Callable[..., Ended]:
    """Runs `overlaykit ARGUMENTS`, with a home of its own, to its end."""

    def run(*arguments: object, cwd: Path | None = None) -> Ended:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "HOME": str(home), "XDG_DATA_HOME": str(home)}
        return subprocess.run(
            [sys.executable, "-m", "overlaykit", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=cwd or tmp_path,
            env=environment,
            check=False,
        )

    return run


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """What `overlaykit ARGUMENTS` says and ends with, without a process: for commands that start nothing."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Ended:
        words = [str(argument) for argument in arguments]
        with pytest.raises(SystemExit) as ended:
            main(words)
        return Ended(words, int(ended.value.code or 0), *capsys.readouterr())

    return run


def refused(ended: Ended, *says: str) -> None:
    """A user error: exit 2, everything in `says` on standard error, no traceback."""
    assert ended.returncode == 2, ended
    for text in says:
        assert text in ended.stderr, ended.stderr
    assert "Traceback" not in ended.stderr


# ------------------------------------------------------------------------------------------------------------- help


def test_help_lists_the_commands_that_work(overlaykit: Callable[..., Ended]) -> None:
    listed = overlaykit("--help").stdout
    for name in COMMANDS:
        assert re.search(rf"^  {name}\b", listed, re.MULTILINE), name
    for later in ("check", "report"):
        assert not re.search(rf"^  {later}\b", listed, re.MULTILINE), later


COMMAND_LINES = [
    *((name,) for name in COMMANDS if name not in ("token", "plugin", "theme", "session", "obs")),
    *(("token", name) for name in ("new", "list", "revoke")),
    *(("plugin", name) for name in ("list", "authorise")),
    *(("theme", name) for name in ("list", "new", "preview", "check", "shot")),
    ("session", "new"),
    ("session", "audit"),
    *(("obs", name) for name in ("setup", "status")),
]


@pytest.mark.parametrize("words", COMMAND_LINES, ids=" ".join)
def test_every_command_has_help_with_an_example(said: Callable[..., Ended], words: tuple[str, ...]) -> None:
    ended = said(*words, "--help")
    assert ended.returncode == 0
    assert re.search(rf"Example:\s+overlaykit {' '.join(words)}\b", ended.stdout), ended.stdout


def test_a_broken_plugin_breaks_no_command(overlaykit: Callable[..., Ended], tmp_path: Path) -> None:
    plugins = tmp_path / "home" / "overlaykit" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "broken.py").write_text("raise RuntimeError('no such lamp')\n")
    (plugins / "taken.py").write_text(
        "import click\nfrom overlaykit.api import hookimpl\n\n"
        "@click.command()\ndef run():\n    click.echo('not overlaykit')\n\n"
        "@click.command()\ndef lamp():\n    click.echo('it shines')\n\n"
        "@hookimpl\ndef register_commands(register):\n    register(run)\n    register(lamp)\n"
    )
    assert overlaykit("lamp").stdout == "it shines\n"
    assert "Start a room" in overlaykit("run", "--help").stdout
    listed = overlaykit("plugin", "list")
    assert listed.returncode == 1
    assert "no such lamp" in listed.stdout
    assert "overlaykit's own" in listed.stdout
    assert "Traceback" in overlaykit("plugin", "list", "--traces").stderr


def test_the_command_line_starts_without_flask_and_gevent() -> None:
    code = "import sys; from overlaykit.cli import main; print(*[m for m in ('flask', 'gevent', 'redis') if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert ended.stdout.strip() == ""


def test_the_command_line_starts_where_there_is_no_posix() -> None:
    code = (
        "import sys, overlaykit.recording\n"  # its lock has a half for each platform
        "sys.modules |= dict.fromkeys(('fcntl', 'resource', 'pwd', 'grp', 'termios'))\n"
        "import click, overlaykit.cli.program as program\n"
        "for name in program.COMMANDS: program.program.get_command(click.Context(program.program), name)"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)


# ----------------------------------------------------------------------------------------------------------- errors


def test_mistakes_are_answered_with_what_exists(said: Callable[..., Ended], plan_folder: Path) -> None:
    refused(said("nonsense"), "No such command")
    refused(said("run"), "Missing argument")
    refused(said("run", "no/such/folder"), "there is no plan at", "session.toml")
    refused(said("run", plan_folder, "--speed", 3), "--speed goes with --play")
    refused(said("run", plan_folder, "--lan", "--host", "10.0.0.1"), "exclude each other")
    refused(said("run", plan_folder, "--redis", "http://x", "--state", "s"), "not the URL of a Redis")
    refused(said("run", plan_folder, "--themes", "no-such-folder"), "no such folder")
    refused(said("run", plan_folder, "--host", "192.0.2.7", "--state", "s"), "cannot be listened on", "--host")
    refused(said("run", plan_folder, "--play", "--dry-run"), "no recording.jsonl to play")
    refused(said("verify", "no-such.jsonl"), "there is no recording at")
    refused(said("replay", plan_folder), "recording.jsonl")
    refused(said("token", "new", "owner", "me"), "owner", "overlay")


def test_a_wrong_plan_is_named_with_its_place(said: Callable[..., Ended], plan_folder: Path) -> None:
    plan = plan_folder / "session.toml"
    plan.write_text(plan.read_text().replace("opening = 50", 'opening = "many"'))
    refused(said("run", plan_folder, "--dry-run"), "session.toml", "opening")


def test_an_unknown_theme_is_named_with_those_that_exist(said: Callable[..., Ended], plan_folder: Path) -> None:
    plan = plan_folder / "session.toml"
    plan.write_text('theme = "clasic"\n' + plan.read_text())
    refused(said("run", plan_folder, "--dry-run"), "clasic", "classic")


def test_an_external_store_that_is_away_is_named_without_its_password(
    overlaykit: Callable[..., Ended], plan_folder: Path, free_port: int
) -> None:
    url = f"redis://:hush@127.0.0.1:{free_port}/0"
    ended = overlaykit("run", plan_folder, "--redis", url, "--state", "s", "--port", free_port)
    refused(ended, f"redis://:***@127.0.0.1:{free_port}/0", "did not answer")
    assert "hush" not in ended.stderr


def test_a_state_folder_that_cannot_be_made_is_an_error(said: Callable[..., Ended], plan_folder: Path) -> None:
    refused(said("run", plan_folder, "--state", plan_folder / "session.toml" / "state"), "cannot be made", "--state")


def test_mistakes_in_themes_and_their_options_are_told_at_the_start(
    said: Callable[..., Ended], plan_folder: Path, tmp_path: Path
) -> None:
    plan = plan_folder / "session.toml"
    options = 'options = { acent = "#00ff00", accent = "green", place = "center" }'
    plan.write_text(f"locale = 'en'\n{options}\n{plan.read_text(encoding='utf-8')}", encoding="utf-8")
    theme = plan_folder / "themes" / "night"
    theme.mkdir(parents=True)
    (theme / "theme.toml").write_text('id = "night"\nname = "Night"\nversion = "1"\nextends = "clasic"\n')
    ended = said("run", plan_folder, "--dry-run", "--state", tmp_path / "state")
    assert ended.returncode == 0
    assert "The theme night cannot be shown: " in ended.stdout
    assert "theme.toml:4: extends: there is no theme 'clasic' (night → clasic) Did you mean 'classic'?" in ended.stdout
    assert "session.toml: the theme 'classic' has no option 'acent' Did you mean 'accent'?" in ended.stdout
    assert "session.toml: option accent: expected a colour like #e4002b" in ended.stdout
    assert "option place" not in ended.stdout


def test_a_dry_run_says_what_would_start_and_touches_nothing(
    overlaykit: Callable[..., Ended], plan_folder: Path, tmp_path: Path
) -> None:
    ended = overlaykit("run", plan_folder, "--dry-run", "--state", tmp_path / "state", "--port", 8123)
    assert ended.returncode == 0
    for text in ("方案      room：测试场，没有问题", "2 个商品、150 件库存", "http://127.0.0.1:8123", "什么都没有启动"):
        assert text in ended.stdout
    assert not re.search("[a-z]{4,} [a-z]{4,}", ended.stdout), "a start speaks one language"
    plan = plan_folder / "session.toml"
    plan.write_text('locale = "en"\n' + plan.read_text(encoding="utf-8"), encoding="utf-8")
    ended = overlaykit("run", plan_folder, "--dry-run", "--state", tmp_path / "state", "--port", 8123)
    for text in ("plan      room: 测试场; it is right", "2 items, 150 units", "Nothing was started"):
        assert text in ended.stdout
    assert not (tmp_path / "state").exists()


def test_a_dry_run_says_what_the_rules_would_do(said: Callable[..., Ended], plan_folder: Path, tmp_path: Path) -> None:
    plan = plan_folder / "session.toml"
    rule = """
[[rule]]
name = "last-50"
when = "available < 50"
if = "item.on_air"
do = [{ action = "announce", text = "最后 {{ item.available }} 件" }, { action = "next_item", after = "8s", confirm = "desk" }]
[emergency.oversold]
title = "超卖"
do = [{ action = "stock", command = "session.freeze" }]
"""
    plan.write_text(plan.read_text(encoding="utf-8") + rule, encoding="utf-8")
    ended = said("run", plan_folder, "--dry-run", "--state", tmp_path / "state")
    assert ended.returncode == 0
    for text in (
        "last-50：当 available < 50，且 item.on_air → announce 最后 {{ item.available }} 件；next_item，8s 后（确认后）",
        "emergency.oversold：按钮 超卖 → stock session.freeze",
    ):
        assert text in ended.stdout


def test_a_session_nobody_knows_is_answered_with_samples_and_sessions(
    said: Callable[..., Ended], free_port: int
) -> None:
    refused(said("run", "no-such-room", "--state", "s", "--port", free_port), "no-such-room", "bundled sample")


# ----------------------------------------------------------------------------------------------------------- tokens


@pytest.mark.store
def test_tokens_are_made_listed_and_revoked_with_and_without_a_room(
    overlaykit: Callable[..., Ended], room: StartRoom
) -> None:
    running = room()
    state = ("--state", running.state)
    text = overlaykit("token", "new", "operator", "li", *state).stdout.strip()
    assert running.get(f"/api/v1/sessions?token={text}", scope=None)[0] == 200
    assert re.search(r"^li\s+operator\s+20", overlaykit("token", "list", *state).stdout, re.MULTILINE)
    refused(overlaykit("token", "new", "viewer", "li", *state), "named 'li' already", "token revoke li")
    running.stop()

    assert overlaykit("token", "revoke", "li", *state).returncode == 0, "a store is started for it"
    refused(overlaykit("token", "revoke", "li", *state), "no token named 'li'", "operator")
    again = room(state=running.state, port=running.port)
    assert again.get(f"/api/v1/sessions?token={text}", scope=None)[0] == 401


@pytest.mark.store
def test_a_revoked_token_of_the_room_is_replaced_at_the_next_start(
    overlaykit: Callable[..., Ended], room: StartRoom
) -> None:
    first = room()
    before = first.tokens
    first.stop()
    assert overlaykit("token", "revoke", "overlay", "--state", first.state).returncode == 0
    again = room(state=first.state, port=first.port)
    assert again.tokens["overlay"] != before["overlay"]
    assert {**again.tokens, "overlay": ""} == {**before, "overlay": ""}
    assert again.get(f"/api/v1/sessions?token={before['overlay']}", scope=None)[0] == 401


# ------------------------------------------------------------------------------------------- themes, plugins, recordings


def test_themes_are_listed_with_layouts_and_sizes(said: Callable[..., Ended]) -> None:
    listed = said("theme", "list")
    assert listed.returncode == 0
    assert "classic" in listed.stdout
    assert re.search(r"lower_third\s+1080x1920 / 1920x1080", listed.stdout)


def test_a_theme_that_cannot_be_used_is_listed_with_the_reason(said: Callable[..., Ended], tmp_path: Path) -> None:
    broken = tmp_path / "my_themes" / "broken"
    broken.mkdir(parents=True)
    (broken / "theme.toml").write_text("nonsense = [")
    listed = said("theme", "list", "--themes", tmp_path / "my_themes")
    assert listed.returncode == 1
    assert "broken" in listed.stdout


def test_the_bundled_simulator_is_listed(overlaykit: Callable[..., Ended]) -> None:
    listed = overlaykit("plugin", "list")
    assert listed.returncode == 0
    assert "command simulate)" in listed.stdout


@pytest.mark.store
def test_a_live_recording_is_verified_and_replayed_and_a_changed_one_found_out(
    overlaykit: Callable[..., Ended], room: StartRoom, tmp_path: Path
) -> None:
    running = room()
    commands = [
        {"type": "order.reserve", "order": f"o-{number}", "lines": [{"sku": "A", "quantity": 1}]}
        for number in range(30)
    ]
    assert running.post("/api/v1/sessions/current/commands", commands)[0] == 200
    assert running.stop() == 0
    folder = running.state / "recordings" / "room" / "local"
    recording = folder / "recording.jsonl"

    written = recording.read_bytes().splitlines()
    assert [b"order.reserve" in line for line in written[:33]] == [False] * 3 + [True] * 30
    count = len(written)  # more, where the director has said how fast it sells
    whole = overlaykit("verify", folder)
    assert whole.returncode == 0, whole
    assert f"{count} lines, the chain is whole" in whole.stdout
    assert f"signed up to entry {count}" in whole.stdout
    again = overlaykit("replay", recording, "--verify")
    assert again.returncode == 0, again
    assert "a fresh engine decides every line the same" in again.stdout
    shown = overlaykit("replay", recording, "--until", 13)
    assert re.search(r"1\s+A\s+羊绒大衣\s+on_sale\s+90\s+10\s+0\s+0", shown.stdout), shown.stdout

    shutil.copytree(folder, tmp_path / "changed")
    changed = tmp_path / "changed" / "recording.jsonl"
    lines = changed.read_bytes().splitlines(keepends=True)
    lines[16] = lines[16].replace(b'"quantity":1', b'"quantity":2')
    changed.write_bytes(b"".join(lines))
    broken = overlaykit("verify", changed)
    assert broken.returncode == 1
    assert "line 17" in broken.stdout
    differs = overlaykit("replay", changed, "--verify")
    assert differs.returncode == 1
    assert "line 17" in differs.stdout
