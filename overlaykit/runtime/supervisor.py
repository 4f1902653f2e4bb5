"""Looks after the processes of a room until somebody ends it: restarts what falls, ends everything in order.

When the supervisor itself is killed, its children leave (their tie closes) and the store stays; the next start adopts it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from overlaykit.errors import StateError
from overlaykit.runtime.embedded import EmbeddedStore
from overlaykit.runtime.processes import Process, Report
from overlaykit.runtime.state import PROCESSES_FILE, write_json
from overlaykit.runtime.stopping import Stopping
from overlaykit.runtime.suspects import Suspects

ROUND_SECONDS = 0.05
"""Between two looks at all processes."""
STORE_LOOK_SECONDS = 0.2
STORE_LONGEST_PAUSE = 10.0
"""Between two starts of a store that does not come up; a full disk may have space again at any time."""
LIST_AGAIN_SECONDS = 2.0
"""After the list of processes could not be written."""
END_SECONDS = 5.0
"""A child's time for an orderly end."""
LOADING_SAID_EVERY = 2.0


class Supervisor:
    """Runs `processes` over `store` (None: the store is somebody else's). The first process ends first."""

    def __init__(
        self,
        state: Path,
        processes: Sequence[Process],
        *,
        suspects: Suspects,
        store: EmbeddedStore | None,
        stopping: Stopping,
        report: Report,
    ) -> None:
        self._processes = list(processes)
        self._suspects = suspects
        self._store = store
        self._stopping = stopping
        self._report = report
        self._list = state / PROCESSES_FILE
        self._listed: dict[str, int] = {}
        self._list_refused = False
        self._list_again_at = 0.0
        self._store_look_at = 0.0
        self._store_again_at = 0.0
        self._store_failures = 0
        self._loading_said: float | None = None

    def run(self, *, ready: Callable[[], bool], on_ready: Callable[[], None]) -> None:
        """Until `stopping` is asked. `ready` is asked, in a thread, until it is true; then `on_ready` runs here, once."""
        found_ready = threading.Event()
        threading.Thread(target=self._wait_ready, args=(ready, found_ready), daemon=True).start()
        told = False
        try:
            while not self._stopping.asked:
                self._look_after_store()
                for process in self._processes:
                    process.look_after()
                self._write_list()
                self._suspects.write_down()
                if found_ready.is_set() and not told:
                    told = True
                    on_ready()
                self._stopping.wait(ROUND_SECONDS)
        finally:
            self._stop()

    def _wait_ready(self, ready: Callable[[], bool], found: threading.Event) -> None:
        while not self._stopping.asked:
            if ready():
                found.set()
                return
            time.sleep(ROUND_SECONDS)

    def _look_after_store(self) -> None:
        store, now = self._store, time.monotonic()
        if store is None or now < self._store_look_at:
            return
        self._store_look_at = now + STORE_LOOK_SECONDS
        if store.running:
            self._say_loading(store, now)
            return
        if now < self._store_again_at:
            return
        self._report(
            f"数据库退出了，正在重新启动；原因见 {store.log} / the store ended and starts again; why is in {store.log}"
        )
        before = store.url
        try:
            store.launch()
        except StateError as error:
            self._store_failures += 1
            self._store_again_at = now + min(STORE_LONGEST_PAUSE, 2.0**self._store_failures)
            self._report(error.words.both())
            return
        self._store_failures = 0
        self._loading_said = now
        if store.url != before:
            for process in self._processes:
                process.renew(msgspec.structs.replace(process.order, redis_url=store.url))

    def _say_loading(self, store: EmbeddedStore, now: float) -> None:
        """After a restart of the store: how far it is, until it answers."""
        if self._loading_said is None or now < self._loading_said:
            return
        share = store.loaded_share()
        if share < 1:
            self._report(f"数据库正在加载：{share:.0%} / the store loads its data: {share:.0%}")
            self._loading_said = now + LOADING_SAID_EVERY
        else:
            self._report("数据库恢复了 / the store is back")
            self._loading_said = None

    def _write_list(self) -> None:
        pids = {"supervisor": os.getpid()}
        if self._store is not None:
            pids["store"] = self._store.pid
        pids |= {process.name: process.pid for process in self._processes if process.pid}
        now = time.monotonic()
        if pids == self._listed or now < self._list_again_at:
            return
        try:
            write_json(self._list, pids)
        except StateError as error:  # on a full disk the room goes on, for those who watch it
            self._list_again_at = now + LIST_AGAIN_SECONDS
            if not self._list_refused:
                self._report(error.words.both())
            self._list_refused = True
            return
        self._listed, self._list_refused = pids, False

    def _stop(self) -> None:
        """In order: processes as listed, then the store. A second Ctrl-C kills the processes; the store still ends well."""
        self._report("正在停止…… / stopping …")
        impatience = threading.Thread(target=self._kill_when_impatient, daemon=True)
        impatience.start()
        for process in self._processes:
            process.stop(END_SECONDS)
        if self._store is not None:
            self._store.stop()
        self._list.unlink(missing_ok=True)

    def _kill_when_impatient(self) -> None:
        while not self._stopping.impatient:
            time.sleep(ROUND_SECONDS)
        for process in self._processes:
            process.kill()
