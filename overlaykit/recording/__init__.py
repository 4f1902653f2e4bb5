"""A session on disk: written line by line, checked, replayed, played again.

`Recorder` writes `recording.jsonl` with its hash chain and signed heads, `verify` checks them, `replay` folds a
recording into the board it ends with or proves that the engine would decide the same again, and `playable` gives what
`--play` sends.
"""

from overlaykit.recording.agreement import disagreements
from overlaykit.recording.files import ledger_lines, locate, recordings_in
from overlaykit.recording.lock import try_lock
from overlaykit.recording.player import play
from overlaykit.recording.playing import Play, Shift, opening, playable, played_plan
from overlaykit.recording.recorder import Recorder
from overlaykit.recording.replay import Apply, Difference, Replayed, replay
from overlaykit.recording.signing import SigningKey
from overlaykit.recording.tail import first_seq, last_seq, line_at, lines_after, seq_of
from overlaykit.recording.verify import Broken, Verdict, verify

__all__ = [
    "Apply",
    "Broken",
    "Difference",
    "Play",
    "Recorder",
    "Replayed",
    "Shift",
    "SigningKey",
    "Verdict",
    "disagreements",
    "first_seq",
    "last_seq",
    "ledger_lines",
    "line_at",
    "lines_after",
    "locate",
    "opening",
    "play",
    "playable",
    "played_plan",
    "recordings_in",
    "replay",
    "seq_of",
    "try_lock",
    "verify",
]
