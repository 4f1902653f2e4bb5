"""One supervised process: started, looked after, started again, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

import overlaykit
from overlaykit.config import OBS_PASSWORD, SECRET
from overlaykit.runtime.orders import ChildOrder
from overlaykit.runtime.suspects import Suspects
from overlaykit.words import in_both

STEADY_SECONDS = 30.0
"""After so long without an end, the next end counts as the first."""
LONGEST_PAUSE = 5.0
_SECRETS = ("OVERLAYKIT_TOKEN_", OBS_PASSWORD, SECRET)
"""How variables begin that reach a child, where it needs them, by its order."""
LOG_KEPT = 5_000_000
"""Bytes of a log before it is put aside at the next start, as NAME.log.1."""

LOG_AT_MOST = 50_000_000
"""Bytes after which that is done while the process runs."""
LOG_LOOK_SECONDS = 2.0
COPIED_AT_ONCE = 1_000_000
LEAVE_SECONDS = 10.0
"""After which a process that was asked to end, and does not, is ended the hard way."""
STACKS_AT_MOST = 400_000
"""Bytes that the stacks of all threads may take."""

Report = Callable[[str], None]


class Process:
    """The child `name`. Its output goes to STATE/logs/NAME.log; its standard input is the tie to the supervisor."""

    def __init__(
        self,
        name: str,
        order: ChildOrder,
        *,
        report: Report,
        once: bool = False,
        suspects: Suspects | None = None,
    ) -> None:
        self.name = name
        self.order = order
        self.done = False
        self._once, self._suspects = once, suspects
        self._report = report
        self._log = Path(order.state) / "logs" / f"{name}.log"
        self._popen: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._log_look_at = 0.0
        self._started = 0.0
        self._ends = 0
        self._again_at = 0.0
        self._leaves_by = float("inf")

    @property
    def pid(self) -> int:
        """0 while it does not run."""
        return self._popen.pid if self._popen else 0

    def start(self) -> None:
        """Starts it with its current order."""
        if self._log.exists() and self._log.stat().st_size > LOG_KEPT:
            self._log.replace(self._log.with_name(f"{self._log.name}.1"))
        self._log_start = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            popen = subprocess.Popen(
                # -P: a file in the current folder must not take the place of a library.
                [sys.executable, "-P", "-m", "overlaykit.runtime.child", self.name, "--state", self.order.state],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=() if self.order.listener is None else (self.order.listener,),
                # Ctrl-C in the terminal is for the supervisor, which ends its children in order.
                start_new_session=True,
                env=child_environment(),
            )
        self._popen, self._started = popen, time.monotonic()
        self._leaves_by = float("inf")
        assert popen.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it ended at once; `look_after` sees that
            os.write(popen.stdin.fileno(), msgspec.json.encode(self.order) + b"\n")

    def look_after(self) -> None:
        """Notices its end and starts it again: at once the first time, later after growing pauses."""
        now = time.monotonic()
        if self._popen is not None:
            status = self._popen.poll()
            if status is None:
                self._cut_log(now)
                if now >= self._leaves_by:
                    self.kill()
                return
            self._close()
            if self._once and status == 0:
                self.done = True
                self._report(f"{self.name} 已完成，房间继续开着 / {self.name} has done its work; the room stays open")
                return
            self._ends = 1 if now - self._started > STEADY_SECONDS else self._ends + 1
            pause = 0.0 if self._ends == 1 else min(LONGEST_PAUSE, 0.25 * 2 ** (self._ends - 2))
            self._again_at = now + pause
            how, seen = how_it_ended(status), f"{self._log}{self._last_line()}"
            self._report(
                f"{self.name} 退出了（{how}），正在重新启动；见 {seen} / {self.name} ended ({how}) and starts again; see {seen}"
            )
            self._look_for_suspects()
        if not self.done and now >= self._again_at:
            self.start()

    def renew(self, order: ChildOrder) -> None:
        """Ends it gently, so that it starts again with another order."""
        self.order = order
        self.terminate()

    def terminate(self) -> None:
        """Asks it to end; `look_after` sees that it does."""
        self._leaves_by = time.monotonic() + LEAVE_SECONDS
        self._signal(signal.SIGTERM)

    def stop(self, seconds: float) -> None:
        """Ends it: in order, or after `seconds` the hard way. Returns when it is gone."""
        if self._popen is None:
            return
        self.terminate()
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._popen.wait()
        self._close()
        self.done = True

    def kill(self) -> None:
        """The hard way, now."""
        self._signal(signal.SIGKILL)

    def _cut_log(self, now: float) -> None:
        """A process, or a plugin in it, that writes without end fills no disk: what is old is let go while it runs."""
        if now < self._log_look_at:
            return
        self._log_look_at = now + LOG_LOOK_SECONDS
        if self._log.stat().st_size > LOG_AT_MOST:
            with contextlib.suppress(OSError):  # the disk may be full: what is let go of makes room
                self._keep_end_of_log()
            os.truncate(self._log, 0)  # it writes at the end, wherever that is
            self._log_start = 0

    def _keep_end_of_log(self) -> None:
        # So much and no more: whoever writes faster than this copies would never be caught up with.
        with self._log.open("rb") as log, self._log.with_name(f"{self._log.name}.1").open("wb") as before:
            log.seek(-LOG_AT_MOST, os.SEEK_END)
            left = LOG_AT_MOST
            while left > 0 and (piece := log.read(min(left, COPIED_AT_ONCE))):
                before.write(piece)
                left -= len(piece)

    def _look_for_suspects(self) -> None:
        if self._suspects is None:
            return
        for found in self._suspects.look_at(self.name, self._last_words(STACKS_AT_MOST)):
            aside = {**self.order.set_aside, found.plugin: found.reason}
            self.order = msgspec.structs.replace(self.order, set_aside=aside)
            self._report(
                in_both(
                    "the plugin {plugin} is set aside in {process}: {reason}\n{remedy}",
                    "插件 {plugin} 在 {process} 里停用：{reason}\n{remedy}",
                    plugin=found.plugin,
                    process=self.name,
                    reason=found.reason,
                    remedy=found.remedy,
                )
            )

    def _last_line(self) -> str:
        """The last line it wrote in this run, as an ending of a sentence."""
        lines = self._last_words(4000).strip().splitlines()
        return f": {lines[-1][:300]}" if lines else ""

    def _last_words(self, size: int) -> str:
        """What it wrote last in this run, `size` bytes at most."""
        with self._log.open("rb") as log:
            log.seek(max(self._log_start, self._log.stat().st_size - size))
            return log.read().decode("utf-8", "replace")

    def _signal(self, number: signal.Signals) -> None:
        if self._popen is not None and self._popen.poll() is None:
            self._popen.send_signal(number)

    def _close(self) -> None:
        if self._popen is not None and self._popen.stdin is not None:
            self._popen.stdin.close()
        self._popen = None


def child_environment() -> dict[str, str]:
    """For a child: this process's, without tokens and passwords, and with the way to a checkout that is not installed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_SECRETS)}
    home = Path(overlaykit.__file__).parents[1]
    if home.name not in ("site-packages", "dist-packages"):
        paths = [str(home), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    environment["PYTHONUNBUFFERED"] = "1"
    return environment


def how_it_ended(status: int) -> str:
    """An exit status of subprocess, in words."""
    try:
        return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
    except ValueError:
        return f"signal {-status}"
