"""A whole room in a test: `overlaykit run` as a process, with a plan, plugins and secrets of the test's own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Self, TypeVar

from overlaykit.api.rooms import RoomClient
from overlaykit.config import SECRET

T = TypeVar("T")

START_SECONDS = 60.0
STOP_SECONDS = 20.0


class RunningRoom:
    """A room with its own store, port and state folder, below `folder`. It runs from `with` to the end of the block.

    plan      the text of session.toml, or the folder of a session
    plugins   folders that hold plugins, as `--plugins` takes them
    secrets   "channel.acme.secret" → the secret

        with RunningRoom(tmp_path, PLAN, plugins=[HERE.parent], secrets={"channel.acme.secret": "s"}) as room:
            acme.deliver(room.hook("acme"), body, headers)
            room.until(lambda: room.client.board().items["scarf"].sold == 2)
    """

    def __init__(
        self,
        folder: Path,
        plan: str | Path,
        *,
        plugins: Sequence[Path] = (),
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        self.session = plan if isinstance(plan, Path) else folder / "session"
        if isinstance(plan, str):
            self.session.mkdir()
            (self.session / "session.toml").write_text(plan, encoding="utf-8")
        self.state, self._printed = folder / "state", folder / "printed.txt"
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [sys.executable, "-m", "overlaykit", "run", str(self.session)]
        self._command += ["--state", str(self.state), "--port", str(self.port)]
        for place in plugins:
            self._command += ["--plugins", str(place)]
        given = {SECRET + name.replace(".", "_").upper(): text for name, text in (secrets or {}).items()}
        self._environment = {**os.environ, **given, "PYTHONUNBUFFERED": "1"}
        self._process: subprocess.Popen[bytes] | None = None
        self._client: RoomClient | None = None

    def __enter__(self) -> Self:
        with self._printed.open("wb") as out:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self._environment
            )
        try:
            self.until(lambda: "Ctrl-C" in self._said(), "the room has started", START_SECONDS)
        except BaseException:
            self.__exit__()
            raise
        tokens = json.loads((self.state / "tokens.json").read_text(encoding="utf-8"))
        self._client = RoomClient(self.url, tokens["operator"])
        return self

    def __exit__(self, *error: object) -> None:
        if self._client is not None:
            self._client.close()
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()  # its processes leave when they see that it is gone
            self._process.wait()

    @property
    def client(self) -> RoomClient:
        """The room over HTTP, as its operator."""
        assert self._client is not None, "it runs inside its `with` block"
        return self._client

    def hook(self, app: str) -> str:
        """Where a platform sends its messages."""
        return f"{self.url}/hooks/{app}"

    def until(self, condition: Callable[[], T | None], what: str = "", seconds: float = START_SECONDS) -> T:
        """Asks again and again, and gives what is true at last. AssertionError, with all that the room said, after `seconds`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := condition():
                return found
            assert self._process is not None
            if self._process.poll() is not None:
                raise AssertionError(f"the room has ended\n{self._said()}")
            time.sleep(0.05)
        logs = "\n".join(
            path.read_text(errors="replace")[-3000:] for path in sorted((self.state / "logs").glob("*.log"))
        )
        raise AssertionError(f"still not after {seconds:.0f} s: {what}\n{self._said()}\n{logs}")

    def _said(self) -> str:
        return self._printed.read_text(encoding="utf-8", errors="replace")
