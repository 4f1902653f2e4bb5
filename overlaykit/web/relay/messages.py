"""Messages that wait in a relay, in a file of SQLite: on the disk before the platform hears that we have them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from overlaykit.errors import StateError, StoreAway
from overlaykit.model.relaying import Relayed
from overlaykit.model.wire import Request

MESSAGES_AT_MOST = 100_000
BYTES_AT_MOST = 1 << 30
"""Bytes of messages that wait."""
ANSWER_AT_MOST = 4 << 20
"""Bytes of messages in one answer, but for a single one that is longer."""

_SCHEMA = "CREATE TABLE IF NOT EXISTS message (seq INTEGER PRIMARY KEY AUTOINCREMENT, size INTEGER NOT NULL, text BLOB NOT NULL)"


class MessageFile:
    """The file, which one relay has at a time. Used by one thread at a time.

    Raises StateError when it cannot be opened, StoreAway when the disk refuses.
    """

    def __init__(self, path: Path, *, most: int = MESSAGES_AT_MOST, most_bytes: int = BYTES_AT_MOST) -> None:
        self._most, self._most_bytes = most, most_bytes
        try:
            self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=0.5)
            # One process has it: another that is started by mistake hears so, instead of giving out the same messages.
            self._file.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute("PRAGMA synchronous=FULL")
            self._file.execute("BEGIN EXCLUSIVE")
            self._file.execute(_SCHEMA)
            self._file.execute("COMMIT")
            path.chmod(0o600)
            self.waiting: int
            self._bytes: int
            self.waiting, self._bytes = self._file.execute(
                "SELECT count(*), coalesce(sum(size), 0) FROM message"
            ).fetchone()
        except (sqlite3.Error, OSError) as error:
            raise StateError(
                f"{path} cannot be used: {error}",
                remedy="Does another relay use this state folder? Then stop it, or give this one another with --state.",
            ) from None

    def put(self, messages: Sequence[tuple[str, Request]]) -> list[bool]:
        """Keeps messages to apps, in order; all of them are on the disk then. False for those that found no place."""
        kept = []
        with self._transaction() as run:
            waiting, size = self.waiting, self._bytes
            for app, request in messages:
                text = _encoded(app, request)
                fits = waiting < self._most and size + len(text) <= self._most_bytes
                kept.append(fits)
                if fits:
                    run("INSERT INTO message (size, text) VALUES (?, ?)", (len(text), text))
                    waiting, size = waiting + 1, size + len(text)
        self.waiting, self._bytes = waiting, size
        return kept

    def take(self, most: int, after: int = 0) -> list[Relayed]:
        """The oldest messages whose seq is higher than `after`; they stay."""
        found: list[Relayed] = []
        size = 0
        with _disk():
            for seq, text in self._file.execute(
                "SELECT seq, text FROM message WHERE seq > ? ORDER BY seq LIMIT ?", (after, most)
            ):
                size += len(text)
                if found and size > ANSWER_AT_MOST:
                    break
                found.append(msgspec.structs.replace(msgspec.json.decode(text, type=Relayed), seq=seq))
        return found

    def done(self, seqs: Sequence[int]) -> None:
        """They wait no more."""
        if not seqs:
            return
        with self._transaction() as run:
            gone = size = 0
            for seq in seqs:
                for (length,) in run("DELETE FROM message WHERE seq = ? RETURNING size", (seq,)).fetchall():
                    gone, size = gone + 1, size + length
        self.waiting, self._bytes = self.waiting - gone, self._bytes - size

    def close(self) -> None:
        """Gives the file back."""
        self._file.close()

    @contextmanager
    def _transaction(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        with _disk():
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield self._file.execute
                self._file.execute("COMMIT")
            except BaseException:
                if self._file.in_transaction:
                    self._file.execute("ROLLBACK")
                raise


def _encoded(app: str, request: Request) -> bytes:
    return msgspec.json.encode(
        Relayed(
            seq=0,
            app=app,
            method=request.method,
            query=dict(request.query),
            headers=dict(request.headers),
            body=request.body,
            received_ms=request.received_ms,
        )
    )


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreAway(f"the relay's file does not take it: {error}", remedy="Is its disk full?") from None
