"""The file of a relay: what is put is there after a kill, in order, until it is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from overlaykit.errors import StateError
from overlaykit.model.wire import Headers, Request
from overlaykit.web.relay.messages import ANSWER_AT_MOST, MessageFile
from tests.conftest import REPOSITORY

WRITER = """
import sys
from pathlib import Path
from overlaykit.model.wire import Request
from overlaykit.web.relay.messages import MessageFile
file = MessageFile(Path(sys.argv[1]))
number = 0
while True:
    assert file.put([("shop", Request(body=b"%d" % (number + each))) for each in range(3)]) == [True] * 3
    number += 3
    print(number, flush=True)
"""


def message(body: bytes) -> tuple[str, Request]:
    return "shop", Request(body=body, query={"名": "值"}, headers=Headers({"X-Sign": "ü"}), received_ms=7)


def test_messages_come_back_as_they_were_until_they_are_done(tmp_path: Path) -> None:
    file = MessageFile(tmp_path / "relay.sqlite")
    raw = bytes(range(256))
    assert file.put([message(raw), message(b"")]) == [True, True]
    first, second = file.take(10)
    assert (first.seq < second.seq, first.app, second.request.body) == (True, "shop", b"")
    assert first.request == message(raw)[1]
    assert [each.seq for each in file.take(1)] == [first.seq]
    assert [each.seq for each in file.take(10, first.seq)] == [second.seq]
    file.done([first.seq, 999])
    file.close()
    again = MessageFile(tmp_path / "relay.sqlite")
    assert [each.seq for each in again.take(10)] == [second.seq]
    assert again.waiting == 1
    again.done([second.seq])
    again.put([message(b"later")])
    assert again.take(10)[0].seq > second.seq, "no number is used again"
    assert (tmp_path / "relay.sqlite").stat().st_mode & 0o777 == 0o600


def test_what_finds_no_place_is_not_kept_and_the_rest_is(tmp_path: Path) -> None:
    few = MessageFile(tmp_path / "few.sqlite", most=2)
    assert few.put([message(b"1")]) == [True]
    assert few.put([message(b"2"), message(b"3")]) == [True, False]
    few.done([few.take(1)[0].seq])
    assert few.put([message(b"4")]) == [True]
    small = MessageFile(tmp_path / "small.sqlite", most_bytes=1_000)
    assert small.put([message(b"1"), message(b"x" * 2_000), message(b"2")]) == [True, False, True]


def test_an_answer_has_a_bounded_size_and_a_long_message_comes_alone(tmp_path: Path) -> None:
    file = MessageFile(tmp_path / "relay.sqlite")
    long = b"x" * ANSWER_AT_MOST
    file.put([message(long), message(b"1"), message(long)])
    assert [len(each.body) for each in file.take(10)] == [ANSWER_AT_MOST]


def test_two_relays_do_not_share_a_file(tmp_path: Path) -> None:
    first = MessageFile(tmp_path / "relay.sqlite")
    with pytest.raises(StateError, match="cannot be used") as error:
        MessageFile(tmp_path / "relay.sqlite")
    assert "another relay" in str(error.value)
    first.close()
    MessageFile(tmp_path / "relay.sqlite").close()
    with pytest.raises(StateError):
        MessageFile(tmp_path / "nowhere" / "relay.sqlite")


def test_what_was_put_is_there_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "relay.sqlite"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as writer:
        assert writer.stdout is not None
        said = [int(writer.stdout.readline()) for _ in range(20)]
        writer.send_signal(signal.SIGKILL)
        said += [int(line) for line in writer.stdout]
    file = MessageFile(path)
    found, after = [], 0
    while batch := file.take(100, after):
        found += [int(each.body) for each in batch]
        after = batch[-1].seq
    assert found == list(range(len(found)))
    assert len(found) >= said[-1]
    assert len(found) % 3 == 0, "all or none"
