"""A rush on a real room: many clients that order over HTTP, repeat themselves, and keep asking until they are answered."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Room, absent

PATIENCE_SECONDS = 60.0


@dataclass
class Rush:
    """What the clients of a rush asked and were told.

    sent      id → the first body sent under it
    told      id → every answer given for it, in the order in which its client got them
    acknowledged   number of answers so far; read by those who wait for the rush to get going
    """

    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    acknowledged: int = 0
    failures: list[BaseException] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Every client ends after the order that it is at."""
        self.over.set()
        self.wait()

    def wait(self) -> None:
        """Until every client is done. Fails with the first failure of one of them."""
        for thread in self.threads:
            thread.join()
        assert not self.failures, self.failures[0]

    @property
    def accepted(self) -> dict[str, dict[str, Any]]:
        """id → the first outcome of what was accepted."""
        firsts = {id: (answers[0].get("first") or answers[0]) for id, answers in self.told.items()}
        return {id: first for id, first in firsts.items() if first["status"] == "accepted"}

    def units(self, id: str) -> int:
        return sum(line["quantity"] for line in self.sent[id]["lines"])


class Client(threading.Thread):
    """One buyer's machine: posts its commands one by one, repeats each until it is answered, and some on purpose."""

    def __init__(self, rush: Rush, room: Room, session: str, number: int, orders: int | None, sku: str) -> None:
        super().__init__(daemon=True)
        self._rush, self._room, self._number, self._orders, self._sku = rush, room, number, orders, sku
        self._path = f"/api/v1/sessions/{session}/commands"
        self._headers = {"Authorization": f"Bearer {room.tokens['connector']}", "Content-Type": "application/json"}
        self._dice = random.Random(number)
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        try:
            for number in itertools.count() if self._orders is None else range(self._orders):
                if self._rush.over.is_set():
                    break
                self._order(f"c{self._number}-{number}")
        except BaseException as error:
            self._rush.failures.append(error)
        finally:
            if self._connection is not None:
                self._connection.close()

    def _order(self, id: str) -> None:
        dice = self._dice
        lines = [{"sku": self._sku, "quantity": dice.randint(1, 3)}]
        if dice.random() < 0.1:
            lines.append({"sku": self._sku, "quantity": dice.randint(1, 3)})
        command = {"type": "order.reserve", "id": id, "order": "o-" + id, "buyer": f"b{self._number}", "lines": lines}
        self._rush.sent[id] = command
        answers = self._rush.told.setdefault(id, [])
        answers.append(self._ask(command))
        while dice.random() < 0.1:
            answers.append(self._ask(command))
        if dice.random() < 0.03:
            other = {**command, "lines": [{"sku": self._sku, "quantity": 4}]}
            assert self._ask(other)["status"] == "conflict"

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        """Sends the command until there is an answer to it."""
        body = json.dumps(command).encode()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                if self._connection is None:
                    self._connection = http.client.HTTPConnection("127.0.0.1", self._room.port, timeout=15)
                self._connection.request("POST", self._path, body=body, headers=self._headers)
                answer = self._connection.getresponse()
                found = json.loads(answer.read())
            except (OSError, http.client.HTTPException, ValueError):
                if self._connection is not None:
                    self._connection.close()
                self._connection = None
                time.sleep(0.05)
                continue
            if answer.status == 503:
                time.sleep(0.05)
                continue
            assert answer.status in (200, 409), found
            self._rush.acknowledged += 1
            outcome: dict[str, Any] = found.get("outcome", found)
            return outcome
        raise AssertionError(f"no answer to {command['id']} within {PATIENCE_SECONDS:.0f} s")


def start_rush(room: Room, session: str, *, clients: int, orders: int | None = None, sku: str = "A") -> Rush:
    """Starts `clients` threads of `orders` commands each; `rush.wait()` waits for them. Without `orders` they go on until
    `rush.stop()`."""
    rush = Rush()
    rush.threads += [Client(rush, room, session, number, orders, sku) for number in range(clients)]
    for thread in rush.threads:
        thread.start()
    return rush


def ledger_of(room: Room, session: str) -> list[dict[str, Any]]:
    """Every entry of a session, by the ledger route."""
    entries: list[dict[str, Any]] = []
    since: int | None = 0
    while since is not None:
        status, body = room.get(f"/api/v1/sessions/{session}/ledger?since={since}&limit=1000")
        assert status == 200, body
        page = json.loads(body)
        entries += page["entries"]
        since = page["next"]
    return entries


def check_books(rush: Rush, entries: list[dict[str, Any]], opening: int) -> int:
    """What every rush must leave behind, whatever happened to the room meanwhile. Gives the units accepted.

    No gap in seq; on_hand is the sum of its buckets in every entry; each answer stands in the ledger under its seq, once;
    every repeat was answered with the first outcome; the units taken are those of the orders accepted, never more than
    there were.
    """
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    for entry in entries:
        for rows in entry["outcome"].get("stock", {}).values():
            for on_hand, available, held, committed, buffer, damaged, *_ in rows.values():
                assert on_hand == available + held + committed + buffer + damaged
                assert min(available, held, committed, buffer, damaged) >= 0
    by_id = {entry["id"]: entry for entry in entries}
    assert len(by_id) == len(entries)
    for id, answers in rush.told.items():
        firsts = [answer.get("first") or answer for answer in answers]
        assert all(answer["status"] == "duplicate" for answer in answers[1:])
        assert all(first == firsts[0] for first in firsts)
        entry = by_id[id]
        assert (entry["seq"], entry["outcome"]["status"]) == (firsts[0]["seq"], firsts[0]["status"])
        assert [line["quantity"] for line in entry["data"]["lines"]] == [
            line["quantity"] for line in rush.sent[id]["lines"]
        ]
    units = sum(rush.units(id) for id in rush.accepted)
    assert units <= opening
    return units


@pytest.fixture
def slow_fsync(tmp_path: Path) -> Callable[[float], dict[str, str]]:
    """The environment in which a started store's fsync takes so many seconds. Needs a C compiler."""

    def make(seconds: float) -> dict[str, str]:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            absent("a C compiler", "apt-get install gcc libc6-dev")
        source = tmp_path / "slow.c"
        source.write_text(
            "#define _GNU_SOURCE\n#include <unistd.h>\n#include <sys/syscall.h>\n"
            f"static void rest(void) {{ usleep({int(seconds * 1e6)}); }}\n"
            "int fsync(int f) { rest(); return syscall(SYS_fsync, f); }\n"
            "int fdatasync(int f) { rest(); return syscall(SYS_fdatasync, f); }\n"
        )
        library = tmp_path / "slow.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)
        return {"LD_PRELOAD": str(library)}

    return make
