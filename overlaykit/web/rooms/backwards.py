"""A ledger from its end back to its beginning: from the store, and what has left that, from this machine's recording."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec
import redis

from overlaykit.errors import RecordingError
from overlaykit.model.entries import Entry
from overlaykit.recording import first_seq, line_at, lines_after, recordings_in
from overlaykit.stock import Head, ledger_stream_key
from overlaykit.store import tail_read, tail_read_back

CHUNK = 200
"""Entries read at once: from the store that takes a millisecond."""


_entry = msgspec.json.Decoder(Entry)


class Backwards:
    """A ledger as it was when this was made.

    head       its last entry
    held_from  the first that can be read here; those before it are in a recording on another machine
    """

    def __init__(self, client: redis.Redis, ledger: str, head: Head, recordings: Path) -> None:
        """`recordings`: the folder of the session's recordings, one folder for each recorder. Raises StoreAway."""
        self._client, self._stream = client, ledger_stream_key(ledger)
        self.head, self.held_from = head.seq, head.first_seq
        self._recording: Path | None = None
        if 1 < head.first_seq <= head.seq and recordings.is_dir():
            self._recording = self._find(head.first_seq, recordings)
        if self._recording is not None:
            self.held_from = first_seq(self._recording)

    def lines(self, before: int, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """The entries before `before` and after `after`, the newest first, as far as they are held. Raises StoreAway, and
        RecordingError where the recording is damaged."""
        while before > after + 1:
            lines = tail_read_back(self._client, self._stream, before, CHUNK) or self._recorded(before)
            for seq, line in lines:
                if seq <= after:
                    return
                yield seq, line
            if not lines:
                return
            before = lines[-1][0]

    def line(self, seq: int) -> bytes | None:
        """One entry; None when it is not held here, or is not there yet. Raises StoreAway and RecordingError."""
        found = next(self.lines(seq + 1, seq - 1), None)
        return None if found is None or found[0] != seq else found[1]

    def _find(self, seq: int, recordings: Path) -> Path | None:
        """The recording that goes back the farthest from the first entry of the store. One that says something else there is of
        a store that has lost its end."""
        stored = tail_read(self._client, self._stream, seq - 1, count=1)
        known = (path for folder in recordings.iterdir() for path in recordings_in(folder))
        found = [path for path in known if stored and _holds(path, *stored[0])]
        return min(found, key=first_seq, default=None)

    def _recorded(self, before: int) -> list[tuple[int, bytes]]:
        if self._recording is None:
            return []
        try:
            lines = islice(lines_after(self._recording, max(0, before - 1 - CHUNK)), min(CHUNK, before - 1))
            return [(seq, line) for line in lines if (seq := _entry.decode(line).seq) < before][::-1]
        except (OSError, ValueError, msgspec.DecodeError) as error:
            remedy = f"`overlaykit verify {self._recording}` says where it is damaged."
            raise RecordingError(
                f"{self._recording} 读不到第 {before} 条之前的记录：{error} / "
                f"{self._recording} cannot be read before entry {before}: {error}",
                remedy=remedy,
            ) from None


def _holds(recording: Path, seq: int, line: bytes) -> bool:
    try:
        return line_at(recording, seq) == line
    except (OSError, ValueError):
        return False
