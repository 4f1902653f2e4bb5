"""Clocks that are wrong: a caller's means nothing, and a step of the store's ends no hold unseen."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overlaykit.model import commands as c
from overlaykit.model.commands import Submission
from overlaykit.store import connect
from tests.conftest import Room, StoreServer, absent, until
from tests.faults.orders import check_ledger, order, started, statuses

pytestmark = [pytest.mark.faults, pytest.mark.store]

HOUR = 3600.0
PLAN = """
id = "night"
title = "大促之夜"
hold = "10m"
item = [{ link = 1, sku = "A", title = "羊绒大衣", price = "899.00", opening = 1000 }]
"""
STEPPED = """
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static volatile double *offset;
__attribute__((constructor)) static void begin(void) {
  int f = open(PLACE, O_RDONLY);
  offset = mmap(0, sizeof(double), PROT_READ, MAP_SHARED, f, 0);
  close(f);
}
int clock_gettime(clockid_t id, struct timespec *t) {
  int r = syscall(SYS_clock_gettime, id, t);
  if (!r && offset && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) t->tv_sec += (long)*offset;
  return r;
}
int gettimeofday(struct timeval *restrict t, void *restrict z) {
  struct timespec s;
  clock_gettime(CLOCK_REALTIME, &s);
  t->tv_sec = s.tv_sec; t->tv_usec = s.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *p) {
  struct timespec s;
  clock_gettime(CLOCK_REALTIME, &s);
  if (p) *p = s.tv_sec;
  return s.tv_sec;
}
"""


class SteppedClock:
    """A store's own clock, so many seconds off from now on."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.step(0.0)

    def step(self, seconds: float) -> None:
        with self._place.open("r+b" if self._place.exists() else "w+b") as file:
            file.write(struct.pack("d", seconds))


@pytest.fixture
def stepped_store(tmp_path: Path, new_store: Callable[..., StoreServer]) -> tuple[StoreServer, SteppedClock]:
    """A store whose clock the test sets. Needs a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        absent("a C compiler", "apt-get install gcc libc6-dev")
    place, source, library = tmp_path / "offset", tmp_path / "clock.c", tmp_path / "clock.so"
    clock = SteppedClock(place)
    source.write_text(STEPPED)
    subprocess.run([compiler, "-shared", "-fPIC", f'-DPLACE="{place}"', "-o", library, source], check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LD_PRELOAD", str(library))
        server = new_store("valkey9", "appendfsync always")
    with server.client() as client:
        before = client.time()[0]
        clock.step(HOUR)
        until(lambda: client.time()[0] - before >= HOUR - 1, "the server reads the clock that the test sets", 5)
        clock.step(0.0)
    return server, clock


def ledger_types(room: Room) -> list[str]:
    status, body = room.get("/api/v1/sessions/night/ledger?since=0&limit=1000")
    assert status == 200, body
    return [entry["type"] for entry in json.loads(body)["entries"]]


def test_the_clock_of_a_caller_means_nothing(
    new_store: Callable[..., StoreServer], ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, now = time.time, dt.datetime.now(dt.UTC)
    server = new_store()
    with connect(server.url) as client:
        engine = started(client, ledger)
        for off in (-24 * HOUR, -HOUR, HOUR, 24 * HOUR):
            monkeypatch.setattr(time, "time", lambda off=off: real() + off)
            assert statuses(engine.submit([order(f"{off}", hold_seconds=60.0)])) == ["accepted"]
            assert engine.sweep() == 0
        monkeypatch.undo()
        check_ledger(engine)
        moments = [dt.datetime.fromisoformat(json.loads(line)["at"]) for _, line in engine.read(0)]
        assert moments == sorted(moments)
        assert all(abs((moment - now).total_seconds()) < 60 for moment in moments)


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_steps_tears_nothing_and_what_ends_by_it_is_in_the_ledger(
    new_store: Callable[..., StoreServer], ledger: str, hours: int
) -> None:
    start = 1_790_000_000_000
    server = new_store()
    with connect(server.url) as client:
        engine = started(client, ledger, units=10)
        holds = [order(number, hold_seconds=60.0) for number in range(10)]
        assert statuses(engine.submit(holds, now_ms=start)) == ["accepted"] * 10
        stepped = start + round(hours * HOUR * 1000)
        outcome = json.loads(engine.submit([order("more")], now_ms=stepped)[0])
        ended = [line for line in entries(engine) if line["type"] == "hold.expired"]
        if hours < 0:
            assert (outcome["status"], outcome["reason"], ended) == ("refused", "sold_out", [])
        else:
            assert outcome["status"] == "accepted"
            assert len(ended) == 10, "each hold that a step ended has an entry of its own"
        # The clock is right again. Who paid in time and still can be served is; who cannot is told so.
        paid = [Submission(f"paid-{number}", c.OrderCommit(order=f"o{number}"), "api:test") for number in range(10)]
        told = [json.loads(each) for each in engine.submit(paid, now_ms=start + 5000)]
        refused = [each for each in told if each["status"] != "accepted"]
        assert [each["reason"] for each in refused] == (["expired"] if hours > 0 else [])
        row = engine.state().items["A"].units.rows["main"]
        assert row[:4] == [10, 0, 10 - (10 - len(refused)), 10 - len(refused)]
        assert [line["seq"] for line in entries(engine)] == list(range(1, len(entries(engine)) + 1))


def entries(engine: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for _, line in engine.read(0, count=10_000)]


@pytest.mark.parametrize("hours", [1, -1])
def test_a_room_whose_stores_clock_steps_ends_nothing_by_it_and_says_so(
    stepped_store: tuple[StoreServer, SteppedClock], room: Callable[..., Room], tmp_path: Path, hours: int
) -> None:
    server, clock = stepped_store
    path = tmp_path / "night" / "session.toml"
    path.parent.mkdir()
    path.write_text(PLAN, encoding="utf-8")
    running = room(path, "--redis", server.url)

    def take(number: int, seconds: int = 600) -> None:
        body = {"type": "order.reserve", "id": f"c{number}", "order": f"o{number}", "hold_seconds": seconds}
        status, answer = running.post(
            "/api/v1/sessions/night/commands", {**body, "lines": [{"sku": "A", "quantity": 1}]}
        )
        assert status == 200, answer

    take(99, seconds=1)
    until(lambda: "hold.expired" in ledger_types(running), "the director ends what is due, so it knows the time", 30)
    for number in range(5):
        take(number)
    clock.step(hours * HOUR)
    log = running.state / "logs" / "director.log"
    until(lambda: "ALARM" in log.read_text() and "clock" in log.read_text(), "the director raises an alarm", 10)
    for number in range(5, 8):
        take(number)
    clock.step(0.0)
    until(lambda: "right again" in log.read_text(), "the director says that it is right again", 10)
    for number in range(8, 10):
        take(number)

    found = ledger_types(running)
    assert found.count("order.reserve") == 11
    assert found.count("hold.expired") == 1, "what was promised for ten minutes is still held"
    assert running.board("night")["items"]["A"]["held"] == 10  # type: ignore[index]
