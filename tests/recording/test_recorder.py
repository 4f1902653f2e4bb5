"""The recorder loses nothing and writes nothing over, however it ends."""

import errno
import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overlaykit.errors import RecordingError, StateError
from overlaykit.recording import Recorder, SigningKey, verify
from overlaykit.recording.files import heads_path

Lines = Callable[[int, int], list[bytes]]


def test_it_goes_on_where_it_stopped(tmp_path: Path, key: SigningKey, lines: Lines) -> None:
    recorder = Recorder(tmp_path / "r", key)
    assert recorder.write(lines(1, 5)) == 5
    recorder.close()

    recorder = Recorder(tmp_path / "r", key)
    assert (recorder.seq, recorder.last_line) == (5, lines(5, 5)[0])
    recorder.write(lines(6, 8))
    recorder.close()

    verdict = verify(recorder.path)
    assert verdict.ok
    assert (verdict.lines, verdict.heads, verdict.unsigned) == (8, 2, 0)


def test_closing_twice_signs_once(tmp_path: Path, key: SigningKey, lines: Lines) -> None:
    for batch in (lines(1, 3), []):
        recorder = Recorder(tmp_path / "r", key)
        recorder.write(batch)
        recorder.close()

    assert len(heads_path(recorder.path).read_bytes().splitlines()) == 1


def test_a_head_is_due_when_its_minute_is_over_and_lines_have_come(
    tmp_path: Path, key: SigningKey, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(tmp_path / "r", key)
    recorder.write(lines(1, 2))
    assert not recorder.head_due

    later = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert recorder.head_due
    recorder.sign()
    assert not recorder.head_due
    recorder.close()
    assert verify(recorder.path).heads == 1


def test_the_recorded_line_is_the_ledger_line_byte_by_byte(tmp_path: Path, key: SigningKey) -> None:
    odd = '{"seq":1, "at":"x","data":{"text":"双11 \\u4e2d \\/ 1e3 62.0"},"outcome":{}}'.replace(", ", ",").encode()
    recorder = Recorder(tmp_path / "r", key)
    recorder.write([odd])
    recorder.close()

    assert recorder.path.read_bytes().startswith(odd[:-1] + b',"chain":"sha256:')


@pytest.mark.parametrize("torn", [1, 30, 200])
def test_a_torn_last_line_is_cut_off_and_written_again(
    tmp_path: Path, key: SigningKey, lines: Lines, torn: int
) -> None:
    recorder = Recorder(tmp_path / "r", key)
    recorder.write(lines(1, 4))
    recorder.close()
    path = recorder.path
    whole = path.read_bytes()
    path.write_bytes(whole[:-torn])
    with heads_path(path).open("ab") as heads:
        heads.write(b'{"seq":9')

    recorder = Recorder(tmp_path / "r", key)
    assert recorder.seq == 3
    recorder.write(lines(4, 5))
    recorder.close()

    assert recorder.path.read_bytes().startswith(whole)
    assert verify(path).ok


def test_a_line_torn_out_of_a_single_one_leaves_an_empty_recording(
    tmp_path: Path, key: SigningKey, lines: Lines
) -> None:
    recorder = Recorder(tmp_path / "r", key)
    recorder.write(lines(1, 1))
    recorder.close()
    heads_path(recorder.path).unlink()
    os.truncate(recorder.path, 40)

    recorder = Recorder(tmp_path / "r", key)
    assert (recorder.seq, recorder.last_line) == (0, None)
    recorder.write(lines(1, 2))
    recorder.close()
    assert verify(recorder.path).lines == 2


def test_a_gap_and_a_foreign_line_are_refused_and_nothing_of_the_batch_is_written(
    tmp_path: Path, key: SigningKey, lines: Lines
) -> None:
    recorder = Recorder(tmp_path / "r", key)
    recorder.write(lines(1, 2))
    with pytest.raises(RecordingError, match="3 is expected"):
        recorder.write(lines(4, 5))
    with pytest.raises(RecordingError, match="not a ledger line"):
        recorder.write([*lines(3, 3), b'{"type":"order.reserve"}'])
    recorder.write(lines(3, 3))
    recorder.close()

    assert verify(recorder.path).lines == 3


def test_a_ledger_that_differs_gets_a_new_file_and_the_old_one_stays(
    tmp_path: Path, key: SigningKey, lines: Lines
) -> None:
    recorder = Recorder(tmp_path / "r", key)
    recorder.write(lines(1, 5))
    before = recorder.path
    kept = before.read_bytes()

    new = recorder.start_anew()
    recorder.write(lines(1, 2))
    recorder.close()

    assert (new.name, before.read_bytes() == kept) == ("recording-2.jsonl", True)
    assert verify(before).lines == 5
    assert verify(new).lines == 2
    recorder = Recorder(tmp_path / "r", key)
    assert (recorder.path, recorder.seq) == (new, 2)
    assert recorder.start_anew().name == "recording-3.jsonl"
    recorder.close()


@pytest.mark.parametrize("spoil", [lambda text: text + b"what is this\n", lambda text: text.replace(b"c-3", b"c-4")])
def test_an_end_that_nobody_wrote_is_kept_and_a_new_file_begun(
    tmp_path: Path, key: SigningKey, lines: Lines, spoil: Callable[[bytes], bytes]
) -> None:
    recorder = Recorder(tmp_path / "r", key)
    recorder.write(lines(1, 3))
    recorder.close()
    recorder.path.write_bytes(spoilt := spoil(recorder.path.read_bytes()))

    recorder = Recorder(tmp_path / "r", key)

    assert (recorder.path.name, recorder.seq) == ("recording-2.jsonl", 0)
    assert recorder.notice is not None
    assert "kept as it is" in recorder.notice
    assert (tmp_path / "r" / "recording.jsonl").read_bytes() == spoilt
    recorder.close()


def test_two_recorders_never_share_a_folder(tmp_path: Path, key: SigningKey) -> None:
    first = Recorder(tmp_path / "r", key)
    with pytest.raises(StateError, match="in use"):
        Recorder(tmp_path / "r", key)
    first.close()
    Recorder(tmp_path / "r", key).close()


class FullDisk(io.RawIOBase):
    """Takes half of what it is given, then nothing more."""

    def __init__(self, real: io.RawIOBase) -> None:
        self._real = real
        self._full = False

    def write(self, text: Any, /) -> int:
        if self._full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._full = True
        return self._real.write(bytes(text)[: len(text) // 2]) or 0

    def fileno(self) -> int:
        return self._real.fileno()

    def close(self) -> None:
        self._real.close()


def test_a_full_disk_is_an_error_and_the_batch_can_be_written_later(
    tmp_path: Path, key: SigningKey, lines: Lines
) -> None:
    recorder = Recorder(tmp_path / "r", key)
    recorder.write(lines(1, 2))
    before = recorder.path.read_bytes()
    recorder._file = FullDisk(recorder._file)  # type: ignore[assignment]

    with pytest.raises(StateError, match="cannot be written: No space left"):
        recorder.write(lines(3, 4))
    assert recorder.seq == 2
    assert recorder.path.read_bytes() == before
    recorder.write(lines(3, 4))
    recorder.close()

    assert verify(recorder.path).lines == 4


def test_write_returns_when_the_disk_has_it(
    tmp_path: Path, key: SigningKey, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(tmp_path / "r", key)
    on_disk: list[int] = []
    real = os.fsync

    def fsync(file: int) -> None:
        real(file)
        on_disk.append(os.fstat(file).st_size)

    monkeypatch.setattr(os, "fsync", fsync)

    recorder.write(lines(1, 4))

    assert on_disk == [recorder.path.stat().st_size]
    monkeypatch.undo()
    recorder.close()


def test_the_signing_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    first = SigningKey.of_state_folder(tmp_path)

    assert SigningKey.of_state_folder(tmp_path).public == first.public
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "signing.key").stat().st_mode) == 0o600
    (tmp_path / "signing.key").write_text("not a key")
    with pytest.raises(StateError, match="does not hold a signing key"):
        SigningKey.of_state_folder(tmp_path)


WRITER = """
import sys
from pathlib import Path
from overlaykit.recording import Recorder, SigningKey

folder = Path(sys.argv[1])
recorder = Recorder(folder / "r", SigningKey.of_state_folder(folder))
seq = recorder.seq
print(seq, flush=True)
while True:
    batch = [
        b'{"seq":%d,"at":"2026-11-11T12:00:00.000Z","data":{"text":"%s"},"outcome":{}}' % (n, b"x" * (n % 900))
        for n in range(seq + 1, seq + 1 + 1 + seq % 300)
    ]
    seq = recorder.write(batch)
    recorder.sign()
    print(seq, flush=True)
"""


@pytest.mark.faults
def test_kill_9_in_the_middle_of_writing_leaves_a_chain_that_goes_on(tmp_path: Path) -> None:
    acknowledged = 0
    for round_ in range(6):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        resumed = int(process.stdout.readline())
        assert resumed >= acknowledged, "what was said to be on disk is on disk"
        said = [process.stdout.readline() for _ in range(20)]
        time.sleep(0.001 * round_)  # so that the kill falls somewhere else in a write each time
        process.send_signal(signal.SIGKILL)
        said += [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith(b"\n")]
        acknowledged = int(said[-1])
        process.wait()
        process.stdout.close()

    recorder = Recorder(tmp_path / "r", SigningKey.of_state_folder(tmp_path))
    recorder.close()
    verdict = verify(recorder.path)
    assert verdict.ok, verdict.broken
    assert verdict.lines >= acknowledged
    assert json.loads(recorder.last_line or b"{}")["seq"] == verdict.lines
