"""Is a recording what was written? Checks the hash chain line by line, and the signed heads beside it.

A changed, missing, added or moved character shows in the line where it is; a recording cut short shows by its heads.
Who rewrites a whole file with chain and heads can be told only by the key: compare it with the one you know.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from overlaykit.recording.chain import GENESIS, advance, unseal
from overlaykit.recording.files import Progress, heads_path, locate, numbered_lines
from overlaykit.recording.signing import Head, read_head
from overlaykit.recording.tail import seq_of


@dataclass(frozen=True)
class Broken:
    """The first thing wrong: in which file, in which line of it (1-based), and what."""

    path: Path
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}: {self.reason}"


@dataclass(frozen=True)
class Verdict:
    """What `verify` found.

    path         the recording
    lines        whole lines whose chain is right, from the first on
    first_seq, last_seq   the ledger entries they hold; 0 when there are none
    chain        chain text of the last of them
    broken       the first broken line, or None
    heads        how many signed heads there are; None when there is no heads file
    signed_seq   the last entry below a good signature; 0 when there is none
    keys         public keys of the heads, in hex, in order of appearance
    """

    path: Path
    lines: int
    first_seq: int
    last_seq: int
    chain: str
    broken: Broken | None
    heads: int | None
    signed_seq: int
    keys: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Nothing is broken. A tail that is not signed yet, or heads that are not there, do not make it so."""
        return self.broken is None

    @property
    def unsigned(self) -> int:
        """Lines after the last good signature."""
        return self.last_seq - max(self.signed_seq, self.first_seq - 1) if self.lines else 0


@dataclass
class _Heads:
    """The heads file, read: heads by seq, and the first broken line of it."""

    path: Path
    by_seq: dict[int, list[tuple[int, Head]]] = field(default_factory=dict)
    count: int | None = None
    broken: Broken | None = None
    keys: dict[str, None] = field(default_factory=dict)

    def break_at(self, line: int, reason: str) -> None:
        if self.broken is None or line < self.broken.line:
            self.broken = Broken(self.path, line, reason)


def verify(path: Path, progress: Progress | None = None) -> Verdict:
    """Checks a recording (a file, or a folder that holds one). NotFound, or RecordingError when it cannot be read."""
    recording = locate(path)
    heads = _read_heads(heads_path(recording))
    chain, seq, first, lines, signed = GENESIS, 0, 0, 0, 0
    broken: Broken | None = None
    for number, text in numbered_lines(recording, progress):
        reason, line_seq, line_chain = _check_line(text, seq, chain)
        if reason:
            broken = Broken(recording, number, reason)
            break
        chain, seq, lines = line_chain, line_seq, number
        first = first or seq
        if seq in heads.by_seq:
            claimed = heads.by_seq.pop(seq)
            wrong = [place for place, head in claimed if head.chain != chain.decode()]
            if wrong:
                heads.break_at(wrong[0], f"entry {seq} had another chain when it was signed: it was rewritten since")
            else:
                signed = seq
    else:
        if not lines:
            broken = Broken(recording, 1, "the recording is empty")
        elif heads.by_seq:
            missing = min(heads.by_seq)
            reason = f"entry {missing} was signed and is not here: the recording was cut or its heads are another's"
            broken = Broken(recording, lines + 1 if missing > seq else 1, reason)
    return Verdict(
        recording, lines, first, seq, chain.decode(), broken or heads.broken, heads.count, signed, tuple(heads.keys)
    )


def _check_line(text: bytes, seq: int, chain: bytes) -> tuple[str | None, int, bytes]:
    if not text.endswith(b"\n"):
        return "the line is cut off: it does not end with a newline", seq, chain
    try:
        line, claimed = unseal(text[:-1])
        found = seq_of(line)
    except ValueError as error:
        return str(error), seq, chain
    if advance(chain, line) != claimed:
        return "the line, or its chain, was changed after it was written", seq, chain
    if seq and found != seq + 1:
        return f"entry {found} follows on {seq}: {seq + 1} is missing", seq, chain
    return None, found, claimed


def _read_heads(path: Path) -> _Heads:
    heads = _Heads(path)
    if not path.exists():
        return heads
    heads.count = 0
    for number, text in numbered_lines(path):
        try:
            if not text.endswith(b"\n"):
                raise ValueError("the line is cut off: it does not end with a newline")
            head = read_head(text[:-1])
        except ValueError as error:
            heads.break_at(number, str(error))
            continue
        problem = head.problem()
        if problem:
            heads.break_at(number, problem)
            continue
        heads.count += 1
        heads.keys[head.key] = None
        heads.by_seq.setdefault(head.seq, []).append((number, head))
    return heads
