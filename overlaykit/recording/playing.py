"""What `--play` sends: the commands of a recording, as new commands of a new session.

Left out is what the new session does by itself and what `run` sends: entry 1, `session.open`, everything of the
clock's, outputs, notes, and commands that the director issued; `task.done`, `alert.acknowledge` and `alert.snooze`,
since the new session's tasks and alerts are others, even where they are called the same; and `session.close`, so that
the room stays open for orders by hand.
What programs sent is the player's now; people, channels and buttons keep their names.
Ids and orders get the new session's id in front, so two plays never collide. A play is a pure function of the recording,
the new session's id, its opening and the speed: a player that is started again computes the same commands, and their ids
make repeats harmless.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from overlaykit.errors import InvalidCommand, RecordingError
from overlaykit.model.commands import Command, QuarantineDrop, StockConfirm, Submission
from overlaykit.model.entries import CLOCK_INPUTS, OUTPUTS
from overlaykit.model.notes import NOTES
from overlaykit.model.parsing import parse
from overlaykit.model.sessions import Rate, SessionPlan
from overlaykit.recording.files import ledger_lines, locate

NOT_SENT = (
    frozenset({"session.planned", "session.open", "session.close", "task.done", "alert.acknowledge", "alert.snooze"})
    | CLOCK_INPUTS
    | OUTPUTS
    | NOTES.keys()
)
RULES = "rule:"
"""How the source begins of commands that the director issued: the new session's does that by itself."""
PROGRAMS = "api:"
"""How the source begins of commands that a program sent with a token."""
PLAYER = "api:player"
"""Who sends these in a play: that token may mean somebody else here, or nobody."""
SHORTEST = 0.001
"""Seconds below which no duration is divided: the least that a command may ask for."""
NOBODYS_SEQ = 10**15
"""The greatest that a command may name; no ledger comes near it."""
_LONGEST_ID = 128
_DURATIONS = ("hold_seconds", "seconds", "extend")
_MOMENTS = ("ends_at", "as_of")
_REFERENCES = ("order", "announcement")


class Play(NamedTuple):
    """One command to send, `offset` seconds after the new session's opening.

    line    where it stands in the recording
    seq     its entry there
    refers  the recorded entry that it names, which has another seq in the new session
    """

    offset: float
    submission: Submission
    line: int
    seq: int
    refers: int | None = None

    def pointed(self, seqs: Mapping[int, int]) -> Submission:
        """The submission, with the entry that it names as the new session has it. `seqs`: by recorded seq, those that wait for
        a decision there. One that does not wait there is named by a seq that nobody has, and refused."""
        command = self.submission.command
        match command:
            case StockConfirm(reading=seq):
                command = replace(command, reading=seqs.get(seq, NOBODYS_SEQ))
            case QuarantineDrop(entry=int(seq)):
                command = replace(command, entry=seqs.get(seq, NOBODYS_SEQ))
        return self.submission._replace(command=command)


class _Recorded(Struct, frozen=True):
    seq: int
    at: str
    type: str
    id: str
    source: str
    data: msgspec.Raw


_decoder = msgspec.json.Decoder(_Recorded)


@dataclass(frozen=True, kw_only=True)
class Shift:
    """From the recording's time to the play's: `base` is the recorded opening, `start` the new one.

    `speed` divides gaps and durations: 1 is the recorded pace, 10 ten times as fast.
    """

    base: dt.datetime
    start: dt.datetime
    speed: float = 1.0

    def offset(self, at: dt.datetime) -> float:
        """Seconds after `start`; 0 for what came before the opening."""
        return max(0.0, (at - self.base).total_seconds() / self.speed)

    def moment(self, at: dt.datetime) -> dt.datetime:
        """An absolute time of the recording, in the play."""
        return self.start + (at - self.base) / self.speed

    def duration(self, seconds: float) -> float:
        """Seconds, divided by the speed; those that go back stay below 0."""
        return math.copysign(max(SHORTEST, abs(seconds) / self.speed), seconds)


def opening(path: Path) -> dt.datetime:
    """When the recorded session opened, or its first entry was written if it never did. RecordingError when empty."""
    first: dt.datetime | None = None
    for number, line in ledger_lines(locate(path)):
        entry = _read(path, number, line)
        first = first or _time(path, number, entry.at)
        if entry.type == "session.open":
            return _time(path, number, entry.at)
    if first is None:
        raise RecordingError(f"{path} is empty: there is nothing to play")
    return first


def playable(path: Path, *, session: str, shift: Shift, without: Collection[str] = ()) -> Iterator[Play]:
    """The commands to send, in the order in which they were recorded. Streams; offsets never fall.

    without   sources whose commands are left out: they say them anew

    Raises RecordingError for a line that is no ledger entry, or a command that cannot be sent by this overlaykit.
    """
    recording = locate(path)
    latest = 0.0
    for number, line in ledger_lines(recording):
        entry = _read(recording, number, line)
        if not _is_sent(entry) or entry.source in without:
            continue
        latest = max(latest, shift.offset(_time(recording, number, entry.at)))
        submission = _resent(recording, number, entry, session, shift)
        yield Play(latest, submission, number, entry.seq, _referred(submission.command))


def played_plan(plan: SessionPlan, *, session: str, shift: Shift) -> SessionPlan:
    """The plan of the new session: its own id and ledger, times shifted to its start, durations divided by speed."""

    def moment(text: str | None) -> str | None:
        return None if text is None else _text(shift.moment(dt.datetime.fromisoformat(text)))

    def duration(seconds: float | None) -> float | None:
        return None if seconds is None else shift.duration(seconds)

    def rate(limit: Rate | None) -> Rate | None:
        return None if limit is None else replace(limit, per=shift.duration(limit.per))

    countdowns = tuple(
        replace(one, ends_at=moment(one.ends_at), seconds=duration(one.seconds)) for one in plan.countdowns
    )
    drops = tuple(
        replace(one, opens_at=moment(one.opens_at), closes_after=duration(one.closes_after)) for one in plan.drops
    )
    return replace(
        plan,
        id=session,
        ledger=session,
        starts=moment(plan.starts),
        hold_seconds=shift.duration(plan.hold_seconds),
        buyer_rate=rate(plan.buyer_rate),
        attempt_rate=rate(plan.attempt_rate),
        countdowns=tuple(countdowns),
        drops=tuple(drops),
    )


def _is_sent(entry: _Recorded) -> bool:
    return entry.type not in NOT_SENT and not entry.source.startswith(RULES)


def _resent(path: Path, number: int, entry: _Recorded, session: str, shift: Shift) -> Submission:
    fields: dict[str, Any] = msgspec.json.decode(entry.data)
    for name in _DURATIONS:
        if isinstance(fields.get(name), int | float):
            fields[name] = shift.duration(fields[name])
    for name in _MOMENTS:
        if isinstance(fields.get(name), str):
            fields[name] = _text(shift.moment(_time(path, number, fields[name])))
    for name in _REFERENCES:
        if isinstance(fields.get(name), str):
            fields[name] = _renamed(session, fields[name])
    fields["type"], fields["id"] = entry.type, _renamed(session, entry.id)
    try:
        return parse(msgspec.json.encode(fields), _sender(entry.source))
    except InvalidCommand as error:
        raise RecordingError(
            f"{path}, line {number}: {entry.type} cannot be sent again: {error}", line=number
        ) from None


def _sender(source: str) -> str:
    return PLAYER if source.startswith(PROGRAMS) else source


def _referred(command: Command) -> int | None:
    match command:
        case StockConfirm(reading=seq) | QuarantineDrop(entry=seq):
            return seq
    return None


def _renamed(session: str, id: str) -> str:
    # Ids are short enough for this in practice; one that is not is cut where it matters least, in the session's name.
    room = _LONGEST_ID - len(id) - 1
    return f"{session[:room]}:{id}" if room > 0 else id


def _read(path: Path, number: int, line: bytes) -> _Recorded:
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise RecordingError(
            f"{path}, line {number} is no ledger entry: {error}",
            line=number,
            remedy=f"`overlaykit verify {path}` says where it was changed.",
        ) from None


def _time(path: Path, number: int, text: str) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise RecordingError(f"{path}, line {number}: {text!r} is no time (RFC 3339 with offset)", line=number)
    return at


def _text(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
