"""`overlaykit obs setup` and `overlaykit obs status`: an operator's first minutes with OBS."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from overlaykit.cli.program import main
from tests.conftest import REPOSITORY, free_tcp_port, until

if TYPE_CHECKING:
    from tests.obs.fake import FakeObs
    from tests.obs.real import RealObs

Obs = Callable[..., "Ended"]
UNWANTED = ("XDG_", "OVERLAYKIT_OBS_PASSWORD")
PLAN = """
id = "room"
title = "测试场"
item = [{ link = 1, sku = "A", title = "羊绒大衣", price = "899.00", opening = 100 }]
[obs.main]
safe_scene = "应急画面"
[[obs.main.text]]
source = "库存文字"
template = "{{ item.link }}号链接 仅剩 {{ item.available }} 件"
[[rule]]
name = "last-50"
when = "available < 50"
do = [{ action = "obs.scene", obs = "main", scene = "商品特写", for = "20s" }]
"""
LAYOUTS = ("库存数字", "库存进度条", "倒计时", "商品卡", "字幕条")


@pytest.fixture
def session(tmp_path: Path) -> Path:
    folder = tmp_path / "evening"
    folder.mkdir()
    (folder / "session.toml").write_text(PLAN, encoding="utf-8")
    return folder


class Ended(NamedTuple):
    """A command that has ended: exit status, standard output, standard error."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def obs(
    tmp_path: Path, session: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Runs `overlaykit obs WORD SESSION …` with a state folder and a home of the test's own, and no terminal."""
    for name in [name for name in os.environ if name.startswith(UNWANTED)]:
        monkeypatch.delenv(name)

    def run(
        word: str,
        *arguments: object,
        plan: Path | None = session,
        typed: str = "",
        home: Path = tmp_path,
        **environment: str,
    ) -> Ended:
        words = ["obs", word, *([plan] if plan else []), "--state", tmp_path / "state", *arguments]
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        with monkeypatch.context() as around:
            for name, value in {"HOME": str(home), **environment}.items():
                around.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main([str(each) for each in words])
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, *capsys.readouterr())

    return run


def refused(ended: Ended, *says: str) -> None:
    """A user error: exit 2, everything in `says` on standard error, no traceback."""
    assert ended.returncode == 2, ended
    for text in says:
        assert text in ended.stderr, ended.stderr
    assert "Traceback" not in ended.stderr


def told(ended: Ended, *says: str) -> str:
    assert ended.returncode == 0, ended
    for text in says:
        assert text in ended.stdout, ended.stdout
    return ended.stdout


# ------------------------------------------------------------------------------------------------------ a real OBS


@pytest.mark.obs
def test_an_obs_of_this_machine_is_found_by_its_own_configuration_and_made_ready(obs: Obs, real_obs: RealObs) -> None:
    home = real_obs.folder
    first = told(obs("setup", home=home), "OBS 29", "库存文字  新建 made", "商品特写  新建 made", "应急画面  新建 made")
    assert "Debian" in first
    assert "1920×1080  http://127.0.0.1:8080/overlay/number?token=" in first, "the addresses can be pasted elsewhere"
    assert real_obs.password not in first
    with real_obs.hand() as hand:
        assert hand.text("库存文字") == "库存文字"
        assert hand.visible("商品特写", "overlaykit"), "a new scene shows what setup made"
        assert hand.visible("overlaykit", "库存文字")
        assert hand.ask("GetSceneItemList", sceneName="应急画面")["sceneItems"] == []
        assert hand.program == "Scene", "what is on air is not touched"
        hand.ask("SetInputSettings", inputName="库存文字", inputSettings={"text": "仅剩 3 件"})

    second = told(obs("setup", "--update", home=home), "没有要改的 nothing to do")
    assert "made" not in second
    with real_obs.hand() as hand:
        assert hand.text("库存文字") == "仅剩 3 件"

    listed = told(obs("status"), "✓ OBS main", "on air  Scene", "未推流 not streaming", "✓ 场景 scene  商品特写")
    assert "✗" not in listed, "the kept connection is used, and all is there"
    assert real_obs.password not in listed


@pytest.mark.obs
def test_a_wrong_password_is_explained_and_nothing_is_kept(obs: Obs, real_obs: RealObs, tmp_path: Path) -> None:
    ended = obs("setup", "--port", real_obs.port, "--password-stdin", typed="falsch\n")
    refused(ended, "does not take this password", "不接受这个密码", "显示连接信息", "Show Connect Info")
    assert "falsch" not in ended.stderr + ended.stdout
    assert not (tmp_path / "state" / "obs.json").exists()


# ----------------------------------------------------------------------------------------------------- connections


def test_a_password_from_standard_input_is_kept_and_shown_nowhere(obs: Obs, fake_obs: FakeObs, tmp_path: Path) -> None:
    ended = obs("setup", "--port", fake_obs.port, "--password-stdin", typed=f"{fake_obs.password}\n")
    told(ended, "连接已保存 connection kept")
    assert fake_obs.password not in ended.stdout + ended.stderr
    kept = tmp_path / "state" / "obs.json"
    assert fake_obs.password in kept.read_text(encoding="utf-8")
    assert kept.stat().st_mode & 0o777 == 0o600
    told(obs("setup"), "没有要改的 nothing to do")


def test_the_environment_gives_the_password_and_it_is_not_written_down(
    obs: Obs, fake_obs: FakeObs, tmp_path: Path
) -> None:
    given = {"OVERLAYKIT_OBS_PASSWORD_MAIN": fake_obs.password}
    told(obs("setup", "--port", fake_obs.port, **given), "新建 made")
    assert fake_obs.password not in (tmp_path / "state" / "obs.json").read_text(encoding="utf-8")
    told(obs("status", **given), "✓ OBS main")
    wrong = obs("setup", OVERLAYKIT_OBS_PASSWORD_MAIN="falsch")
    refused(wrong, "OVERLAYKIT_OBS_PASSWORD_MAIN", "环境变量")
    assert "falsch" not in wrong.stderr


def test_an_obs_that_asks_for_no_password_needs_none(obs: Obs, fake_obs: FakeObs) -> None:
    fake_obs.password = ""
    told(obs("setup", "--port", fake_obs.port), "新建 made")


def test_without_a_terminal_a_missing_password_says_how_to_give_it(obs: Obs, fake_obs: FakeObs) -> None:
    ended = obs("setup", "--port", fake_obs.port)
    refused(ended, "asks for a password", "需要密码", "--password-stdin", "OVERLAYKIT_OBS_PASSWORD_MAIN")


class Terminal:
    """`overlaykit obs setup …` on a terminal, and somebody who types."""

    def __init__(self, home: Path, *arguments: object) -> None:
        command = [sys.executable, "-m", "overlaykit", "obs", "setup", *arguments, "--state", home / "state"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(UNWANTED)}
        kept |= {"PYTHONPATH": str(REPOSITORY), "HOME": str(home)}
        self.seen = b""
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [str(each) for each in command], stdin=theirs, stdout=theirs, stderr=theirs, env=kept
        )
        os.close(theirs)
        os.set_blocking(self._ours, False)

    def answer(self, question: str, text: str) -> None:
        """Waits until it is asked, since the last answer, and types."""
        self.wait_for(question)
        self.seen = b""
        os.write(self._ours, f"{text}\n".encode())

    def wait_for(self, text: str) -> None:
        def there() -> bool:
            with suppress(BlockingIOError):
                self.seen += os.read(self._ours, 65536)
            return text.encode() in self.seen

        until(there, f"{text!r} stands on the terminal")

    def end(self) -> int:
        try:
            return self._process.wait(20)
        finally:
            self._process.kill()
            self._process.wait()
            os.close(self._ours)


def test_on_a_terminal_the_password_is_asked_for_until_it_is_right(
    fake_obs: FakeObs, session: Path, tmp_path: Path
) -> None:
    terminal = Terminal(tmp_path, session, "--port", fake_obs.port)
    terminal.answer("的密码 password", "falsch")
    terminal.wait_for("密码不对")
    assert b"falsch" not in terminal.seen, "what is typed is not shown"
    terminal.answer("的密码 password", fake_obs.password)
    terminal.wait_for("connection kept")
    assert fake_obs.password.encode() not in terminal.seen
    assert terminal.end() == 0


def test_on_a_terminal_it_is_asked_where_obs_is_when_none_answers(
    fake_obs: FakeObs, session: Path, tmp_path: Path
) -> None:
    terminal = Terminal(tmp_path, session, "--port", free_tcp_port())
    terminal.answer("OBS 在哪台电脑上 host of OBS [127.0.0.1]", "localhost")
    terminal.answer("端口 port", str(fake_obs.port))
    terminal.answer("的密码 password", fake_obs.password)
    terminal.wait_for("connection kept")
    assert terminal.end() == 0
    kept = json.loads((tmp_path / "state" / "obs.json").read_text(encoding="utf-8"))
    assert kept == {"main": {"host": "localhost", "port": fake_obs.port, "password": fake_obs.password}}


def test_an_obs_that_does_not_run_is_explained(obs: Obs) -> None:
    port = free_tcp_port()
    ended = obs("setup", "--port", port)
    refused(
        ended,
        f"nothing answers at 127.0.0.1:{port}",
        "没有应答",
        "Tools → WebSocket Server Settings",
        "工具 → WebSocket",
    )


def test_a_server_that_is_switched_off_is_said_to_be(obs: Obs, tmp_path: Path) -> None:
    file = tmp_path / ".config/obs-studio/plugin_config/obs-websocket/config.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"server_enabled": False, "server_port": free_tcp_port()}), encoding="utf-8")
    refused(obs("setup"), f"switched off in {file}", "Enable WebSocket server", "开启 WebSocket 服务器")


def test_something_else_on_that_port_is_no_obs(obs: Obs) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as web:
        answering = Thread(target=web.serve_forever)
        answering.start()
        port = web.server_port
        ended = obs("setup", "--port", port)
        web.shutdown()
        answering.join()
    refused(ended, f"what answers at 127.0.0.1:{port} is no OBS", "不是 OBS")


def test_an_address_that_the_director_would_not_use_is_refused(obs: Obs, session: Path) -> None:
    plan = PLAN.replace("[obs.main]", '[obs.main]\nhost = "10.0.0.9"')
    (session / "session.toml").write_text(plan, encoding="utf-8")
    refused(obs("setup", "--host", "10.0.0.8"), "--host 10.0.0.8", "[obs.main] host = 10.0.0.9", "leave host out")


def test_an_obs_that_the_plan_does_not_have_is_answered_with_those_it_has(obs: Obs) -> None:
    refused(obs("setup", "--name", "mian"), "no [obs.mian]", "Did you mean 'main'?")
    refused(obs("status", "--name", "mian"), "no [obs.mian]", "Did you mean 'main'?")


@pytest.mark.parametrize("room", ["192.168.1.10:8080", "http://", "ftp://192.168.1.10", "http://a:8080/?x=1"])
def test_an_address_of_no_room_is_refused(obs: Obs, fake_obs: FakeObs, room: str) -> None:
    refused(obs("setup", "--room", room), "--room", "http://192.168.1.10:8080")
    assert fake_obs.connections == 0


# ---------------------------------------------------------------------------------------------------- what is made


def made_ready(obs: Obs, fake: FakeObs, *arguments: object) -> str:
    ended = obs("setup", "--port", fake.port, *arguments, OVERLAYKIT_OBS_PASSWORD_MAIN=fake.password)
    return told(ended)


def test_every_layout_becomes_a_browser_source_and_the_first_is_shown(obs: Obs, fake_obs: FakeObs) -> None:
    made_ready(obs, fake_obs, "--room", "http://192.168.1.10:8080/")
    now = fake_obs.studio.now
    items = {item.source: item for item in now.scenes["overlaykit"]}
    assert list(items) == [*(f"overlaykit {layout}" for layout in LAYOUTS), "库存文字"]
    assert [item.source for item in items.values() if item.enabled] == ["overlaykit 库存数字", "库存文字"]
    number = now.inputs["overlaykit 库存数字"].settings
    assert number["url"].startswith("http://192.168.1.10:8080/overlay/number?token=")
    assert (number["width"], number["height"]) == (1920, 1080)
    assert items["overlaykit 库存数字"].transform["boundsWidth"] == 640, "a small canvas shows all of it"


def test_a_room_that_runs_uses_what_setup_made_at_once(
    obs: Obs, fake_obs: FakeObs, room: Any, session: Path, tmp_path: Path
) -> None:
    running = room(session, state=tmp_path / "state")
    where = f"--name main --state {tmp_path / 'state'}"
    assert f"OBS main 还没有连接：overlaykit obs setup {where}\n" in running.wait_printed()
    given = ("--port", fake_obs.port, "--password-stdin")
    told(obs("setup", *given, plan=None, typed=f"{fake_obs.password}\n"), "连接已保存")
    inputs = fake_obs.studio.now.inputs
    for layout in LAYOUTS:
        url = inputs[f"overlaykit {layout}"].settings["url"]
        status, page = running.get(url.removeprefix(running.url), scope=None)
        assert status == 200
        assert b"<html" in page
    written = "1号链接 仅剩 100 件"
    until(lambda: inputs["库存文字"].settings["text"] == written, "the director writes the text that was made")
    listed = obs("status", "--json", plan=None)
    assert json.loads(listed.stdout)["session"] == "room", "without a word it is the session that runs"
    assert json.loads(listed.stdout)["ok"]


def test_what_exists_is_touched_only_with_update_and_then_in_address_and_size_alone(
    obs: Obs, fake_obs: FakeObs
) -> None:
    made_ready(obs, fake_obs)
    now = fake_obs.studio.now
    right = dict(now.inputs["overlaykit 商品卡"].settings)
    ours = {
        "url": "http://127.0.0.1:8080/overlay/product_card?token=old&sku=A",
        "width": 100,
        "height": 1080,
        "css": "b{}",
    }
    now.inputs["overlaykit 商品卡"].settings = dict(ours)
    placed = now.scenes["overlaykit"][3]
    placed.transform, placed.enabled = {"positionX": 7}, True
    before = len(fake_obs.requests)

    said = made_ready(obs, fake_obs)
    assert "overlaykit 商品卡  与现在的不同 is not as it should be" in said
    assert now.inputs["overlaykit 商品卡"].settings == ours
    assert {
        name.removeprefix("Get")[:3] for name, _ in fake_obs.requests[before:] if not name.startswith("Get")
    } == set()

    assert "overlaykit 商品卡  已更新 updated" in made_ready(obs, fake_obs, "--update")
    assert now.inputs["overlaykit 商品卡"].settings == {**right, "url": f"{right['url']}&sku=A", "css": "b{}"}
    assert (placed.transform, placed.enabled) == ({"positionX": 7}, True)


def test_another_obs_of_the_plan_is_not_forgotten(obs: Obs, fake_obs: FakeObs, session: Path) -> None:
    (session / "session.toml").write_text(PLAN.replace("[[rule]]", "[obs.vertical]\n[[rule]]"), encoding="utf-8")
    assert "[obs.vertical]: overlaykit obs setup --name vertical" in made_ready(obs, fake_obs)


def test_a_step_that_obs_refuses_is_said_and_the_others_are_taken(
    obs: Obs, fake_obs: FakeObs, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.obs.studio import No

    def refuse(data: object) -> None:
        raise No(702, "said by a test")

    monkeypatch.setattr(fake_obs.studio, "CreateSceneItem", refuse)
    ended = obs("setup", "--port", fake_obs.port, OVERLAYKIT_OBS_PASSWORD_MAIN=fake_obs.password)
    assert ended.returncode == 1
    assert "✗ 场景 scene  商品特写" in ended.stdout
    assert "OBS 拒绝了 CreateSceneItem" in ended.stdout
    assert "应急画面" in fake_obs.studio.now.scenes


# ---------------------------------------------------------------------------------------------------------- status


def test_status_says_what_is_missing_and_changes_nothing(obs: Obs, fake_obs: FakeObs) -> None:
    made_ready(obs, fake_obs)
    fake_obs.studio.RemoveScene({"sceneName": "商品特写"})
    before = len(fake_obs.requests)
    ended = obs("status", OVERLAYKIT_OBS_PASSWORD_MAIN=fake_obs.password)
    assert ended.returncode == 1
    assert "✗ 场景 scene  商品特写  缺少 missing ([[rule]] last-50)" in ended.stdout
    assert "✓ 文字 text  库存文字" in ended.stdout
    assert "overlaykit obs setup" in ended.stdout
    assert all(name.startswith("Get") for name, _ in fake_obs.requests[before:])


def test_status_for_a_program(obs: Obs, fake_obs: FakeObs) -> None:
    made_ready(obs, fake_obs)
    fake_obs.studio.stream |= {"outputActive": True, "outputTimecode": "00:12:00.000"}
    ended = obs("status", "--json", OVERLAYKIT_OBS_PASSWORD_MAIN=fake_obs.password)
    assert ended.returncode == 0
    report = json.loads(ended.stdout)
    [one] = report["obs"]
    assert (report["session"], report["ok"], one["ok"], one["reachable"]) == ("room", True, True, True)
    assert (one["name"], one["port"], one["version"], one["size"]) == ("main", fake_obs.port, "29.0.2", [640, 360])
    running = {"scene": "Scene", "studio_mode": False, "streaming": True, "reconnecting": False, "recording": False}
    assert one["running"] == {**running, "timecode": "00:12:00.000"}
    assert {"kind": "scene", "name": "商品特写", "exists": True, "by": "[[rule]] last-50"} in one["wanted"]
    assert one["problem"] is None


def test_status_of_an_obs_that_is_not_reached_says_why(obs: Obs, session: Path) -> None:
    port = free_tcp_port()
    (session / "session.toml").write_text(PLAN.replace("[obs.main]", f"[obs.main]\nport = {port}"), encoding="utf-8")
    ended = obs("status")
    assert ended.returncode == 1
    assert f"✗ OBS main  nothing answers at 127.0.0.1:{port}" in ended.stdout
    [one] = json.loads(obs("status", "--json").stdout)["obs"]
    assert (one["reachable"], one["version"], one["ok"]) == (False, None, False)
    assert "没有应答" in one["problem"]["chinese"]
    assert {part["exists"] for part in one["wanted"]} == {None}


def test_without_a_session_there_is_nothing_to_be_ready_for(obs: Obs, tmp_path: Path) -> None:
    refused(obs("setup", plan=None), "there is no session yet", "还没有场次", "session.toml")
    assert not (tmp_path / "state").exists()
