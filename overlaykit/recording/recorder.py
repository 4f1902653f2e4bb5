"""Writes a ledger to disk: STATE/recordings/SESSION/RECORDER/recording.jsonl, with chain and signed heads.

Files only: the director reads the ledger, hands its lines over, and tells the store how far the disk has them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import time
from collections.abc import Callable, Iterator, Sequence
from io import RawIOBase
from pathlib import Path

from overlaykit.errors import RecordingError, StateError
from overlaykit.recording.chain import GENESIS, advance, seal
from overlaykit.recording.files import heads_path, numbered, recordings_in
from overlaykit.recording.lock import FileLock
from overlaykit.recording.signing import SigningKey
from overlaykit.recording.tail import Tail, last_signed, mend, read_tail, seq_of

LOCK_FILE = "recorder.lock"
HEAD_EVERY = 60.0
"""Seconds between signed heads while lines come in."""


class Recorder:
    """One session's recorder on one machine. Holds its folder's lock from construction to `close`.

    Opening mends what a kill in the middle of a write left (a torn last line: the ledger still has it) and goes on
    after the last whole line. Whether that line is the ledger's is the caller's to see; where it is not, `start_anew`. What
    stands on disk is never written over.

    Raises StateError when the folder is in use or not writable.
    """

    def __init__(self, folder: Path, key: SigningKey, *, now: Callable[[], dt.datetime] | None = None) -> None:
        self.folder = folder
        self._key = key
        self._now = now or _utc_now
        with _writing(folder):
            self._lock = FileLock(folder / LOCK_FILE, of=f"the recording in {folder}")
        self.notice: str | None = None
        """What somebody should know about how this recording was opened, or None."""
        self._path, self._tail, self._signed = folder, Tail(0, GENESIS, None, 0), 0
        self._sign_at = time.monotonic() + HEAD_EVERY
        self._torn = False
        try:
            self._open_newest()
        except BaseException:
            self._lock.release()
            raise

    @property
    def path(self) -> Path:
        """The file being written."""
        return self._path

    @property
    def seq(self) -> int:
        """The last ledger entry that is on disk for good; 0 when there is none yet."""
        return self._tail.seq

    @property
    def last_line(self) -> bytes | None:
        """The ledger line of `seq`."""
        return self._tail.line

    def start_anew(self) -> Path:
        """Goes on in a new numbered file, and leaves everything recorded so far as it is. Returns the new file."""
        self.sign()
        with _writing(self.folder):
            self._file.close()
            self._begin(self.folder / numbered(_number_after(recordings_in(self.folder))))
        return self._path

    def write(self, lines: Sequence[bytes]) -> int:
        """Appends ledger lines (no newline) in order and waits until the disk has them. Returns the new `seq`.

        RecordingError for a line that does not follow on the one before: nothing of the batch is written then.
        StateError when the disk refuses; what was written of the batch is taken back and may be written again.
        """
        if not lines:
            return self._tail.seq
        seq, chain, pieces = self._tail.seq, self._tail.chain, []
        for line in lines:
            seq = _follow(seq, line)
            chain = advance(chain, line)
            pieces.append(seal(line, chain))
        pieces.append(b"")
        batch = b"\n".join(pieces)
        try:
            with _writing(self._path):
                if self._torn:
                    self._take_back()
                self._torn = True
                _write_all(self._file, batch)
        except StateError:
            with contextlib.suppress(OSError):
                self._take_back()
            raise
        self._torn = False
        self._tail = Tail(seq, chain, lines[-1], self._tail.size + len(batch))
        return seq

    @property
    def head_due(self) -> bool:
        """Whether a minute has passed since the last head, or attempt at one, and lines have come since."""
        return self._tail.seq != self._signed and time.monotonic() >= self._sign_at

    def sign(self) -> None:
        """Signs the head, unless it is signed already."""
        self._sign_at = time.monotonic() + HEAD_EVERY
        if self._tail.seq == self._signed:
            return
        head = self._key.sign(self._tail.seq, self._tail.chain, _moment(self._now()))
        path = heads_path(self._path)
        with _writing(path), path.open("ab", buffering=0) as heads:
            size = heads.tell()
            try:
                _write_all(heads, head + b"\n")
            except OSError:
                with contextlib.suppress(OSError):
                    heads.truncate(size)  # half a head would read as a forged one
                raise
        self._signed = self._tail.seq

    def close(self) -> None:
        """Signs the head and lets go of the folder."""
        try:
            self.sign()
        finally:
            with contextlib.suppress(OSError):
                self._file.close()
            self._lock.release()

    def _open_newest(self) -> None:
        with _writing(self.folder):
            found = recordings_in(self.folder)
            if not found:
                self._begin(self.folder / numbered(1))
                return
            newest = found[-1]
            mend(newest)
            mend(heads_path(newest))
            try:
                tail = read_tail(newest)
            except RecordingError as error:
                self._begin(self.folder / numbered(_number_after(found)))
                self.notice = f"{error.message}; it is kept as it is, and {self._path.name} goes on"
                return
            self._path, self._tail, self._signed = newest, tail, last_signed(heads_path(newest))
            self._file = newest.open("ab", buffering=0)

    def _begin(self, path: Path) -> None:
        self._file = path.open("xb", buffering=0)
        self._path, self._tail, self._signed = path, Tail(0, GENESIS, None, 0), 0
        self._torn = False
        _sync_folder(self.folder)

    def _take_back(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        self._file = self._path.open("ab", buffering=0)
        self._file.truncate(self._tail.size)
        self._torn = False


def _follow(seq: int, line: bytes) -> int:
    try:
        found = seq_of(line)
    except ValueError as error:
        raise RecordingError(str(error)) from None
    if seq and found != seq + 1:
        raise RecordingError(f"ledger entry {found} cannot be recorded after {seq}: {seq + 1} is expected")
    return found


def _number_after(paths: Sequence[Path]) -> int:
    last = paths[-1].stem.partition("-")[2] if paths else "0"
    return int(last or 1) + 1


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StateError(
            f"{path} cannot be written: {error.strerror or error}",
            remedy="Look at the disk's free space and the folder's owner and rights. Nothing recorded is lost.",
        ) from None


def _write_all(file: RawIOBase, text: bytes) -> None:
    # Unbuffered, so that after a full disk nothing is left behind that a later close would still write.
    left = memoryview(text)
    while left:
        left = left[file.write(left) or 0 :]
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    # So that a new file's name outlives a power cut. Where a folder cannot be opened (Windows) the system sees to it.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
