"""Runs a recording again, offline.

Without an engine it is folded: what stood on the board at the end, and what happened. With one, its inputs are given to
a fresh engine, expiries included, at their recorded times, and every line that the engine writes is compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from overlaykit.board import Board, BoardView, Fold
from overlaykit.board.fold import OutOfOrder
from overlaykit.errors import InvalidCommand, RecordingError
from overlaykit.model.entries import OUTPUTS
from overlaykit.recording.files import Progress, ledger_lines, locate
from overlaykit.recording.tail import seq_of
from overlaykit.stock import recorded_calls

BATCH = 1000
"""Lines that are given to an engine at a time."""
_CAUSE_WITHIN = 32
"""Bytes at the end of an output's line in which its cause stands."""

Apply = Callable[[Sequence[bytes]], list[bytes]]
"""Recorded input lines, in order → the ledger lines a fresh engine wrote for them, outputs included."""


@dataclass(frozen=True)
class Difference:
    """The first place where the engine wrote something else.

    line      line of the recording (1-based), where the recorded entry stands or should
    seq       its ledger seq
    field     which part differs, such as `outcome.stock.A.hz`; `line` when there is a line too many or too few
    expected  what the recording says, as JSON; None: nothing
    got       what the engine wrote; None: nothing
    """

    line: int
    seq: int
    field: str
    expected: str | None
    got: str | None

    def __str__(self) -> str:
        expected, got = self.expected or "nothing", self.got or "nothing"
        return f"line {self.line} (entry {self.seq}), {self.field}: recorded {expected}, the engine gives {got}"


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What came of a replay.

    lines        ledger lines taken
    last_seq     the last of them
    began, ended   their times, RFC 3339 UTC
    types        how many entries of each type
    refused      how many commands were refused, by reason
    board        the public board they end with; None when they were compared instead
    difference   the first difference from a fresh engine; None: none, or not asked
    """

    path: Path
    lines: int
    last_seq: int
    began: str
    ended: str
    types: dict[str, int]
    refused: dict[str, int]
    board: Board | None = None
    difference: Difference | None = None


class _Outcome(Struct, frozen=True):
    status: str = ""
    reason: str | None = None


class _Line(Struct, frozen=True):
    seq: int
    at: str
    type: str
    outcome: _Outcome


@dataclass
class _Tally:
    lines: int = 0
    last_seq: int = 0
    began: str = ""
    ended: str = ""
    types: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, entry: _Line) -> None:
        self.began = self.began or entry.at
        self.lines, self.last_seq, self.ended = self.lines + 1, entry.seq, entry.at
        self.types[entry.type] += 1
        if entry.outcome.reason:
            self.refused[entry.outcome.reason] += 1

    def told(self, path: Path, *, board: Board | None = None, difference: Difference | None = None) -> Replayed:
        return Replayed(
            path=path,
            lines=self.lines,
            last_seq=self.last_seq,
            began=self.began,
            ended=self.ended,
            types=dict(self.types.most_common()),
            refused=dict(self.refused.most_common()),
            board=board,
            difference=difference,
        )


_decoder = msgspec.json.Decoder(_Line)


def replay(
    path: Path, *, until: int | None = None, apply: Apply | None = None, progress: Progress | None = None
) -> Replayed:
    """Replays a recording (a file, or a folder that holds one) up to and with entry `until`.

    With `apply`, the engine behind it must be fresh: its ledger has no entry, and it never sweeps. The recording's chain
    is `verify`'s concern. Raises NotFound, and RecordingError for a file that cannot be read or does not begin with
    entry 1.
    """
    recording = locate(path)
    tally = _Tally()
    entries = _entries(recording, until, tally, progress, with_outputs=apply is not None)
    if apply is not None:
        difference = _first_difference(recording, entries, apply)
        _demand_some(recording, tally)
        return tally.told(recording, difference=difference)
    fold: Fold | None = None
    for number, line, _ in entries:
        try:
            if fold is None:
                fold = Fold.from_first_entry(line)
            else:
                fold.apply(line)
        except (OutOfOrder, msgspec.MsgspecError, ValueError, KeyError) as error:
            raise _not_an_entry(recording, number, error) from None
    _demand_some(recording, tally)
    return tally.told(recording, board=BoardView(fold).board() if fold else None)


def _entries(
    path: Path, until: int | None, tally: _Tally, progress: Progress | None, *, with_outputs: bool
) -> Iterator[tuple[int, bytes, _Line]]:
    """Line number, ledger line and what of it is decoded; counts them in `tally`."""
    for number, line in ledger_lines(path, progress):
        try:
            entry = _decoder.decode(line)
            seq_of(line)
        except (msgspec.DecodeError, msgspec.ValidationError, ValueError, RecursionError) as error:
            raise _not_an_entry(path, number, error) from None
        expected = tally.last_seq + 1
        if entry.seq != expected:
            what = "begins with" if number == 1 else f"goes on after entry {expected - 1} with"
            raise RecordingError(
                f"{path}, line {number}: {what} entry {entry.seq}, {expected} is expected",
                line=number,
                remedy="A recording can be replayed from entry 1 on, without gaps.",
            )
        # What an engine wrote because of an input belongs to it, so a comparison ends after that.
        if until is not None and entry.seq > until and (entry.type not in OUTPUTS or not with_outputs):
            return
        tally.add(entry)
        yield number, line, entry


class _Taken(NamedTuple):
    """A recorded line: its number in the file, the line, and whether an input before it made the engine write it."""

    number: int
    line: bytes
    output: bool


def _first_difference(path: Path, entries: Iterator[tuple[int, bytes, _Line]], apply: Apply) -> Difference | None:
    """Gives the inputs to the engine, many at a time, each batch with the outputs that follow from its last one."""
    batch: list[_Taken] = []
    for number, line, entry in entries:
        if len(batch) >= BATCH and entry.type not in OUTPUTS:
            if (found := _compare(path, batch, apply)) is not None:
                return found
            batch = []
        batch.append(_Taken(number, line, entry.type in OUTPUTS))
    return _compare(path, batch, apply) if batch else None


def _compare(path: Path, batch: Sequence[_Taken], apply: Apply) -> Difference | None:
    try:
        written = apply([each.line for each in batch])
    except (msgspec.MsgspecError, InvalidCommand, ValueError, KeyError) as error:
        raise _not_an_entry(path, _first_unreadable(batch), error) from None
    for at, (taken, got) in enumerate(zip(batch, written, strict=False)):
        if taken.line == got:
            continue
        is_output = b',"cause":' in got[-_CAUSE_WITHIN:]
        if is_output and not taken.output:
            return Difference(batch[at - 1].number + 1, seq_of(got), "line", None, got.decode())
        if taken.output and not is_output:
            return Difference(taken.number, seq_of(taken.line), "line", taken.line.decode(), None)
        name, one, other = _differing_field(msgspec.json.decode(taken.line), msgspec.json.decode(got))
        return Difference(taken.number, seq_of(taken.line), name, one, other)
    if len(batch) > len(written):
        missing = batch[len(written)]
        return Difference(missing.number, seq_of(missing.line), "line", missing.line.decode(), None)
    if len(written) > len(batch):
        extra = written[len(batch)]
        return Difference(batch[-1].number + 1, seq_of(extra), "line", None, extra.decode())
    return None


def _first_unreadable(batch: Sequence[_Taken]) -> int:
    """The number of the line that cannot be given to an engine."""
    for each in batch:
        try:
            list(recorded_calls([each.line]))
        except (msgspec.MsgspecError, InvalidCommand, ValueError, KeyError):
            return each.number
    return batch[0].number


def _differing_field(expected: Any, got: Any, name: str = "") -> tuple[str, str | None, str | None]:
    """The path of the first field that differs, and its two values as JSON."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for key in [*expected, *(key for key in got if key not in expected)]:
            if key not in expected or key not in got or expected[key] != got[key]:
                below = f"{name}.{key}" if name else str(key)
                if key in expected and key in got:
                    return _differing_field(expected[key], got[key], below)
                return below, _json(expected.get(key, _NOTHING)), _json(got.get(key, _NOTHING))
        return name or "its text (order, spaces or escapes)", _json(expected), _json(got)
    return name, _json(expected), _json(got)


_NOTHING = object()


def _json(value: Any) -> str | None:
    return None if value is _NOTHING else msgspec.json.encode(value).decode()


def _demand_some(path: Path, tally: _Tally) -> None:
    if not tally.lines:
        raise RecordingError(f"{path} is empty: there is nothing to replay")


def _not_an_entry(path: Path, number: int, error: Exception) -> RecordingError:
    return RecordingError(
        f"{path}, line {number} is no ledger entry: {error}",
        line=number,
        remedy=f"`overlaykit verify {path}` says where it was changed.",
    )
