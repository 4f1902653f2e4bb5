"""A room's processes: they fall and come back, they end in order, and nothing acknowledged is lost on the way."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from overlaykit.runtime.state import command_of
from tests.conftest import until

if TYPE_CHECKING:
    from tests.conftest import Room

pytestmark = [pytest.mark.store, pytest.mark.faults]

StartRoom = Callable[..., "Room"]


def reserve(room: Room, quantity: int = 1) -> None:
    """Reserves units of A, repeating the same command while the store or web is away, as a client should."""
    order = secrets.token_hex(6)
    line = {"sku": "A", "quantity": quantity}
    command = {"type": "order.reserve", "id": order, "order": order, "lines": [line]}
    status, body = until(lambda: answered(room, command), "the reserve is answered")
    assert status == 200, body


def answered(room: Room, command: object) -> tuple[int, bytes] | None:
    status, body = room.post("/api/v1/sessions/current/commands", command, scope="connector")
    return (status, body) if status not in (0, 503) else None


def available(room: Room) -> int | None:
    status, body = room.get("/api/v1/sessions/current/board")
    return int(json.loads(body)["items"]["A"]["available"]) if status == 200 else None


def shows(room: Room, number: int, seconds: float = 40.0) -> None:
    until(lambda: available(room) == number, f"{number} units of A are shown", seconds)


def test_a_room_opens_sells_stops_and_goes_on(room: StartRoom) -> None:
    first = room()
    assert ", 新场次)" in first.wait_printed()
    reserve(first, 3)
    shows(first, 97)
    pids = first.pids
    assert set(pids) == {"supervisor", "store", "web", "director"}
    tokens = first.tokens
    assert first.stop() == 0
    assert [name for name, pid in pids.items() if command_of(pid)] == []
    assert not (first.state / "processes.json").exists()

    again = room(state=first.state, port=first.port)
    shows(again, 97)
    assert again.tokens == tokens
    assert ", 接着上次)" in again.wait_printed()


def test_what_is_printed_works_as_it_stands(room: StartRoom) -> None:
    running = room()
    printed = running.wait_printed()
    command = next(line for line in printed.splitlines() if line.strip().startswith("curl "))
    answer = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=20, check=True).stdout
    assert json.loads(answer)["status"] == "accepted"
    shows(running, 98)
    for url in re.findall(r"http://127\.0\.0\.1:\d+(/overlay/\S+|/desk\S+)", printed):
        status, body = running.get(url, scope=None)
        assert (status, b"<html" in body.lower()) == (200, True), url


@pytest.mark.parametrize("name", ["web", "director", "store"])
def test_a_killed_process_comes_back(room: StartRoom, name: str) -> None:
    running = room()
    reserve(running)
    pid = running.kill(name)
    until(lambda: running.pids.get(name) not in (None, pid), f"{name} runs again")
    reserve(running)
    shows(running, 98)
    assert f"the {name}" if name == "store" else name in running.output
    assert running.stop() == 0


def test_a_restart_of_web_refuses_nobody(room: StartRoom) -> None:
    running = room()
    for _ in range(3):
        pid = running.kill("web")
        # At once, while nobody is there to answer: the supervisor's socket takes the connection.
        with closing(socket.create_connection(("127.0.0.1", running.port), timeout=20)) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        until(lambda pid=pid: running.pids.get("web") not in (None, pid), "web is listed again")  # type: ignore[misc]


def test_when_the_supervisor_is_killed_its_children_leave_and_the_store_is_adopted(room: StartRoom) -> None:
    first = room()
    reserve(first, 5)
    pids = first.pids
    first.process.kill()
    first.process.wait()
    until(lambda: not command_of(pids["web"]) and not command_of(pids["director"]), "web and director leave", 15)
    assert command_of(pids["store"]), "the store holds the numbers and waits"

    second = room(state=first.state, port=first.port)
    assert second.pids["store"] == pids["store"]
    shows(second, 95)
    reserve(second)
    shows(second, 94)
    assert second.stop() == 0
    assert command_of(pids["store"]) is None


def test_a_store_that_died_with_the_supervisor_is_started_anew(room: StartRoom) -> None:
    first = room()
    reserve(first, 5)
    pids = first.pids
    first.process.kill()
    os.kill(pids["store"], signal.SIGKILL)
    first.process.wait()
    second = room(state=first.state, port=first.port)
    assert second.pids["store"] != pids["store"]
    shows(second, 95)


def test_one_state_folder_has_one_room(room: StartRoom, free_port: int) -> None:
    first = room()
    second = room(state=first.state, port=free_port, wait=False)
    assert second.process.wait(20) == 2
    assert "is in use" in second.output
    assert f"process {first.pids['supervisor']}" in second.output
    assert "--state" in second.output
    assert "Traceback" not in second.output
    reserve(first)


def test_a_taken_port_is_an_error_that_says_who_has_it(room: StartRoom) -> None:
    with closing(socket.socket()) as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        refused = room(port=port, wait=False)
        assert refused.process.wait(20) == 2
    assert f"port {port} of 127.0.0.1 is taken, by process {os.getpid()}" in refused.output
    assert f"--port {port + 1}" in refused.output
    assert "Traceback" not in refused.output


def test_a_second_ctrl_c_is_impatient_but_loses_nothing(room: StartRoom) -> None:
    running = room()
    reserve(running, 7)
    os.kill(running.pids["web"], signal.SIGSTOP)  # it will not end in order
    began = time.monotonic()
    running.process.send_signal(signal.SIGINT)
    running.wait_printed("正在停止")
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(20) == 0
    assert time.monotonic() - began < 4
    again = room(state=running.state, port=running.port)
    shows(again, 93)


def test_sigterm_stops_like_ctrl_c(room: StartRoom) -> None:
    running = room()
    pids = running.pids
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(20) == 0
    assert not any(command_of(pid) for pid in pids.values())


def test_a_port_for_the_store_that_was_taken_meanwhile_reaches_every_process(room: StartRoom) -> None:
    running = room()
    reserve(running)
    before = running.store_url
    port = int(before.rpartition(":")[2].partition("/")[0])
    # The supervisor must not restart the store before somebody else has its port.
    os.kill(running.pids["supervisor"], signal.SIGSTOP)
    os.kill(running.pids["store"], signal.SIGKILL)
    with closing(socket.socket()) as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        until(lambda: bound(squatter, port), "the port is free")
        squatter.listen()
        os.kill(running.process.pid, signal.SIGCONT)
        until(lambda: running.store_url != before, "the store takes another port")
        reserve(running)
        shows(running, 98)
        assert running.stop() == 0


def test_a_full_disk_ends_no_room_and_once_there_is_space_it_sells_on(room: StartRoom) -> None:
    running = room()
    reserve(running, 2)
    pids = running.pids
    files = [running.state / "processes.json", running.state / "store" / "record.json"]
    for file in files:  # nothing can be written there, as on a disk that is full
        file.unlink()
        file.mkdir()
    os.kill(pids["store"], signal.SIGKILL)
    os.kill(pids["director"], signal.SIGKILL)
    for file in files:
        until(lambda file=file: f"{file} 写不进去" in running.output, f"{file} is named")  # type: ignore[misc]
    assert command_of(pids["web"]), "web goes on, and says that the store is away"
    for file in files:
        file.rmdir()
    reserve(running)
    shows(running, 97)
    until(lambda: files[0].exists(), "its processes are listed again")
    assert running.output.count(f"{files[0]} 写不进去") == 1
    assert running.stop() == 0


def bound(squatter: socket.socket, port: int) -> bool:
    try:
        squatter.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


def test_tokens_of_the_environment_stand_instead_of_made_ones(room: StartRoom) -> None:
    text = secrets.token_hex(16)
    running = room(environment={"OVERLAYKIT_TOKEN_OPERATOR": text})
    assert "operator" not in running.tokens
    assert running.get(f"/api/v1/sessions/current/board?token={text}", scope=None)[0] == 200
    until(lambda: (running.state / "signing.key").exists(), "the recording is signed")
    for name in ("tokens.json", "cookie.key", "signing.key"):
        assert stat.S_IMODE((running.state / name).stat().st_mode) == 0o600
    environments = [Path(f"/proc/{running.pids[name]}/environ").read_bytes() for name in ("web", "director")]
    commands = [command_of(pid) or "" for pid in running.pids.values()]
    assert not any(text.encode() in environment for environment in environments)
    assert not any(token in command for token in (text, *running.tokens.values()) for command in commands)


def test_a_room_on_a_store_of_somebody_elses_leaves_it_running(
    room: StartRoom, new_store: Callable[..., object], plan_folder: Path
) -> None:
    server = new_store()
    running = room(plan_folder, "--redis", server.url)  # type: ignore[attr-defined]
    assert set(running.pids) == {"supervisor", "web", "director"}
    assert "断电可能丢最后两秒确认的订单" in running.wait_printed()
    reserve(running)
    assert running.stop() == 0
    with server.client() as client:  # type: ignore[attr-defined]
        assert client.ping()
