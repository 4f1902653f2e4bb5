"""The end of a recording: what a kill in the middle of a write left there, and where to go on."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedRandom, BufferedReader
from pathlib import Path

from overlaykit.errors import RecordingError
from overlaykit.recording.chain import GENESIS, advance, strip, unseal
from overlaykit.recording.signing import read_head

_SEQ = re.compile(rb'\{"seq":([0-9]{1,18}),')
_BLOCK = 65_536


@dataclass(frozen=True)
class Tail:
    """Where a recording ends: its last line's seq (0 when empty), chain text and ledger line; its size in bytes."""

    seq: int
    chain: bytes
    line: bytes | None
    size: int


def mend(path: Path) -> int:
    """Cuts off what follows the last newline: a line whose writing was interrupted. Returns how many bytes went."""
    if not path.exists():
        return 0
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        whole = _after_newlines_from_the_end(file, size, 1)
        if whole != size:
            file.truncate(whole)
            file.flush()
            os.fsync(file.fileno())
    return size - whole


def read_tail(path: Path) -> Tail:
    """Where a recording without a torn line ends. RecordingError when its last line is not what a recorder wrote."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size == 0:
            return Tail(0, GENESIS, None, 0)
        file.seek(_after_newlines_from_the_end(file, size, 3))
        *before, last = file.read()[:-1].split(b"\n")
    try:
        line, chain = unseal(last)
        previous = unseal(before[-1])[1] if before else GENESIS
        seq = seq_of(line)
    except ValueError:
        seq, line, chain, previous = 0, b"", b"", GENESIS
    if not line or advance(previous, line) != chain:
        raise RecordingError(f"{path} does not end with a line whose chain is whole")
    return Tail(seq, chain, line, size)


def seq_of(line: bytes) -> int:
    """The seq of a ledger line, which is its first member. ValueError when it has none."""
    match = _SEQ.match(line)
    if match is None:
        raise ValueError(f"not a ledger line: {line[:80]!r}")
    return int(match[1])


def first_seq(path: Path) -> int:
    """The seq of a recording's first line; 0 when it has none."""
    with path.open("rb") as file:
        line = file.readline()
    return seq_of(line) if line.endswith(b"\n") else 0


def last_seq(path: Path) -> int:
    """The seq of a recording's last whole line; 0 when it has none, or that is no line of a recording."""
    with path.open("rb") as file:
        file.seek(_after_newlines_from_the_end(file, file.seek(0, os.SEEK_END), 2))
        line = file.readline()
    try:
        return seq_of(line) if line.endswith(b"\n") else 0
    except ValueError:
        return 0


def lines_after(path: Path, seq: int) -> Iterator[bytes]:
    """The ledger lines that follow entry `seq` in a recording, without chain and newline, up to its last whole line.

    Finds the place by halving, so that the end of a long recording costs no more than its length. ValueError for a line
    that is none.
    """
    with path.open("rb") as file:
        low, high = 0, file.seek(0, os.SEEK_END)  # the wanted line begins somewhere between
        while low < high:
            middle = (low + high) // 2
            file.seek(middle)
            if middle:
                file.seek(middle - 1)
                file.readline()  # to the beginning of a line
            start, line = file.tell(), file.readline()
            if not line.endswith(b"\n") or seq_of(line) > seq:
                high = middle
            else:
                low = start + len(line)
        file.seek(low)
        for line in file:
            if line.endswith(b"\n"):
                yield strip(line[:-1])


def line_at(path: Path, seq: int) -> bytes | None:
    """The ledger line of entry `seq` in a recording; None when it is not there."""
    found = next(lines_after(path, seq - 1), None)
    return found if found is not None and seq_of(found) == seq else None


def last_signed(heads: Path) -> int:
    """The seq of the last head, 0 when there is none that can be read."""
    if not heads.exists():
        return 0
    with heads.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(_after_newlines_from_the_end(file, size, 2))
        try:
            return read_head(file.read()[:-1]).seq
        except ValueError:
            return 0


def _after_newlines_from_the_end(file: BufferedReader | BufferedRandom, size: int, count: int) -> int:
    """Offset just after the `count`-th newline from the end; 0 when there are fewer."""
    offset = size
    while offset:
        start = max(0, offset - _BLOCK)
        file.seek(start)
        text = file.read(offset - start)
        at = len(text)
        while (at := text.rfind(b"\n", 0, at)) >= 0:
            count -= 1
            if count == 0:
                return start + at + 1
        offset = start
    return 0
