"""What a process has been told of a ledger. A store that holds less refuses its calls; after such a loss a director makes
the store whole and begins a new epoch, and this is how a process learns of it without being fooled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from overlaykit.errors import StoreBehind


class Lost(NamedTuple):
    """Entries, first and last, that this process was told of and that the ledger does not have any more."""

    first: int
    last: int


class Seen:
    """Its epoch and highest seq; engines of one ledger in one process share one.

    seq        the highest seq that was read or acknowledged
    answered   the highest seq that an answer told of
    """

    def __init__(self) -> None:
        self.epoch = ""
        self.seq = 0
        self.answered = 0

    def forget(self) -> None:
        """The store's history is another one and is accepted as it is: what was known of the old one binds nobody."""
        self.epoch, self.seq, self.answered = "", 0, 0

    def note(self, epoch: str, seq: int, *, answered: bool) -> None:
        """The ledger stands at `seq`. One that is in another epoch than ours is believed only by `adopt`."""
        if self.epoch in ("", epoch):
            self.epoch = epoch
            self.seq = max(self.seq, seq)
            if answered:
                self.answered = max(self.answered, seq)

    def adopt(self, raw: Sequence[Any]) -> bool:
        """Takes the epoch that an answer `behind` names, if a director has said how it goes on from ours. True when the
        call may simply be made again. Raises StoreBehind when entries are gone that this process was told of."""
        if raw[0] != b"behind" or len(raw) < 4 or not self.epoch:
            return False
        seq, epoch, words = int(raw[1]), raw[2].decode(), raw[3].decode().split()
        intact = dict(zip(words[::2], map(int, words[1::2]), strict=True)).get(self.epoch)
        if intact is None or epoch == self.epoch:
            return False
        lost = Lost(intact + 1, self.answered) if self.answered > intact else None
        self.epoch, self.seq, self.answered = epoch, seq, min(self.answered, intact)
        if lost is not None:
            raise StoreBehind(
                f"数据库丢了记录，从新的纪元继续：本进程知道的第 {lost.first} 到 {lost.last} 条已不是现在的 / "
                f"the store lost entries, and goes on in a new epoch: {lost.first} to {lost.last}, which this process was "
                "told of, are not those that it holds now",
                remedy="这次没有执行。请用相同的 id 再发一次，丢失前不久得到答复的也再发一次。 / "
                "This call was not run. Repeat it, and what was answered shortly before the loss, with the same ids.",
            )
        return True
