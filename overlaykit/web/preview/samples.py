"""Recorded sessions that a preview can play: folded entry by entry, as fast as wanted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from overlaykit.board import Board, BoardView, Fold
from overlaykit.errors import NotFound
from overlaykit.recording.files import ledger_lines, locate
from overlaykit.theming.manifest import say_known
from overlaykit.web.preview.scene import moved


class _At(Struct):
    at: dt.datetime


_at = msgspec.json.Decoder(_At)


class Sample:
    """One recording, and how far it has been played. `at` is a time of the recording."""

    def __init__(self, folder: Path) -> None:
        """Reads the whole recording. Raises NotFound and RecordingError."""
        self.folder = folder
        self._lines = [line for _, line in ledger_lines(locate(folder))]
        if not self._lines:
            raise NotFound(f"the recording in {folder} is empty", remedy="Choose another sample.")
        self._times = [_at.decode(line).at for line in self._lines]
        self.began, self.ends = self._times[0], self._times[-1]
        self.at: dt.datetime = self.began
        self._rewind()

    @property
    def id(self) -> str:
        """The session's id, under which pictures of its board are asked for."""
        return self._fold.plan.id

    def pictures(self) -> set[str]:
        """The paths of the pictures that its items name now."""
        return {item.image for item in self._fold.plan.items if item.image}

    @property
    def share(self) -> float:
        """How much of it has been played, 0 to 1."""
        whole = (self.ends - self.began).total_seconds()
        return min(1.0, (self.at - self.began).total_seconds() / whole) if whole else 1.0

    def play_to(self, at: dt.datetime) -> bool:
        """Goes on, or back, to a time of the recording. Returns whether the board may be another one."""
        at = min(max(at, self.began), self.ends)
        before = self._done
        if at < self.at:
            self._rewind()
            before = -1
        self.at = at
        while self._done < len(self._lines) and self._times[self._done] <= at:
            self._fold.apply(self._lines[self._done])
            self._done += 1
        return self._done != before

    def seek(self, share: float) -> None:
        """Goes to a place in it, 0 to 1."""
        self.play_to(self.began + (self.ends - self.began) * min(max(share, 0.0), 1.0))

    def board(self, now: dt.datetime) -> Board:
        """The board at `at`, its deadlines as far from `now` as they were from then."""
        return moved(self._view.board(), now - self.at)

    def _rewind(self) -> None:
        self._fold = Fold.from_first_entry(self._lines[0])
        self._view = BoardView(self._fold)
        self._done = 1
        self.at = self.began


def find_sample(samples: Mapping[str, Path], name: str) -> Sample:
    """The sample of this name, at its beginning. Raises NotFound, naming those that exist."""
    if name not in samples:
        raise NotFound(f"there is no sample {name!r}", remedy=say_known("samples", sorted(samples), name))
    return Sample(samples[name])
