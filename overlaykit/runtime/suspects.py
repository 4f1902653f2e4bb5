"""Which plugins make processes stand still. The second time, one is set aside in that process, until the room starts again.

A process that stands still ends itself, with the stack of every thread in its log (watchdog.py). Here it is read.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from overlaykit.config import Config
from overlaykit.errors import StateError
from overlaykit.pluginhost import SetAside, homes_of_plugins
from overlaykit.runtime.state import read_json, write_json

SET_ASIDE_FILE = "plugins_set_aside.json"
TIMES = 2
"""Standing still in one plugin, after which it is set aside."""
WRITE_AGAIN_SECONDS = 2.0
"""After what is set aside could not be written down."""
_STACKS = re.compile(r"^Timeout \(\d+:\d\d:\d\d(?:\.\d+)?\)!$", re.MULTILINE)
_TOO_MANY = re.compile(r"^\.\.\.$", re.MULTILINE)
"""Stands where there are more than a hundred threads: the oldest are not named."""
_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)$', re.MULTILINE)


class Place(NamedTuple):
    """Where a thread stood, in a plugin's code. `main`: the thread that has to beat, so that there is no doubt who stopped it."""

    plugin: str
    where: str
    main: bool


def read_set_aside(state: Path) -> list[SetAside]:
    """The plugins that the room of this state folder, if one runs, has set aside."""
    try:
        return read_json(state / SET_ASIDE_FILE, list[SetAside]) or []
    except StateError:
        return []


class Suspects:
    """Of one supervisor: it knows nothing of the times before. `found`: set aside before any process began (trial.py)."""

    def __init__(
        self,
        config: Config,
        session_folder: Path | None,
        found: Sequence[SetAside] = (),
        *,
        report: Callable[[str], None],
    ) -> None:
        self._report = report
        self._file = config.state / SET_ASIDE_FILE
        self._homes = homes_of_plugins(config, session_folder)
        self._seen: Counter[tuple[str, str, str]] = Counter()
        self._found = list(found)
        self._written, self._refused, self._again_at = 0, False, 0.0
        self._file.unlink(missing_ok=True)
        self.write_down()

    def look_at(self, process: str, words: str) -> list[SetAside]:
        """The last words of a process that has ended; the plugins that it has to do without from now on."""
        found: dict[str, SetAside] = {}
        for place in stood_in(words, self._homes):
            key = (process, place.plugin, "" if place.main else place.where)
            self._seen[key] += 1
            if self._seen[key] >= TIMES:
                found[place.plugin] = SetAside(
                    plugin=place.plugin,
                    process=process,
                    reason=f"它让 {process} 停住了 {TIMES} 次 / it made {process} stand still {TIMES} times: {place.where}",
                    remedy=f"`overlaykit plugin check {place.plugin}` 检查后重新开播 / Mend it, and start the room again.",
                )
        if found:
            self._found += found.values()
            self.write_down()
        return list(found.values())

    def write_down(self) -> None:
        """Has what is set aside on disk, for those who list plugins: at once, or when the disk has space again."""
        now = time.monotonic()
        if self._written == len(self._found) or now < self._again_at:
            return
        try:
            write_json(self._file, self._found)
        except StateError as error:  # the processes do without the plugin all the same
            self._again_at = now + WRITE_AGAIN_SECONDS
            if not self._refused:
                self._report(error.words.both())
            self._refused = True
            return
        self._written, self._refused = len(self._found), False


def stood_in(words: str, homes: Mapping[str, Path]) -> list[Place]:
    """The plugins in whose code a process stood when its time was over; none when it stood elsewhere, or did not end so.

    When its main thread stood in one, it was that one. Otherwise some thread did not let the others run: then it was one of
    those that were in a plugin's code, and a healthy one is hardly twice in the same line.

    words  what the process wrote   homes  plugin → its folder or file
    """
    stacks = list(_STACKS.finditer(words))
    if not stacks:
        return []
    said = words[stacks[-1].end() :]
    others = re.split(r"^(?:Current thread|Thread) 0x", said, flags=re.MULTILINE)
    if not _TOO_MANY.search(said):  # then the last is the main thread
        place = _place(others.pop(), homes, main=True)
        if place is not None:
            return [place]
    return [place for thread in others if (place := _place(thread, homes, main=False)) is not None]


def _place(thread: str, homes: Mapping[str, Path], *, main: bool) -> Place | None:
    """Its innermost frame in a plugin."""
    for frame in _FRAME.finditer(thread):
        plugin = _owner(Path(frame["file"]), homes)
        if plugin is not None:
            file = Path(frame["file"]).relative_to(homes[plugin].parent)
            return Place(plugin, f"{file}, line {frame['line']} ({frame['function']})", main)
    return None


def _owner(file: Path, homes: Mapping[str, Path]) -> str | None:
    return next((name for name, home in homes.items() if file.is_relative_to(home)), None)
