"""Plugins that did not come with overlaykit are imported in a process of their own first, so that none can hold a command.

`python -m overlaykit.runtime.trial` is that process. It ends when a plugin does not come back, with the stack of every
thread as its last words (watchdog.py); `try_plugins` reads which one it was, and begins again without it.
"""

from __future__ import annotations

import faulthandler
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import msgspec

from overlaykit.config import Config
from overlaykit.pluginhost import SetAside, discover, homes_of_plugins, load_alone
from overlaykit.runtime.processes import child_environment, how_it_ended
from overlaykit.runtime.suspects import stood_in

SAY_AFTER = 3.0
"""Seconds that one plugin takes before whoever waits for it is told its name."""
LONGEST = 10.0
"""Seconds that one plugin may take."""
GRACE = 3.0
"""For the process to end by itself after that."""
BEGIN = 60.0
"""For the process to begin, which a machine with much to do takes longer for."""
LOOK_EVERY = 0.01
DONE = "*"
"""Stands after the names of the plugins whose loading has begun when all came back."""
PROCESS = "overlaykit"
"""Where such a plugin is set aside: in every process of the room."""

Tell = Callable[[str], None]


class TrialOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is to load: one plugin's folder or file `alone`, or all but those of `without`; each in so many seconds."""

    longest: float
    state: str
    plugins: tuple[str, ...]
    session_folder: str | None
    alone: str | None
    without: tuple[str, ...]


def try_plugins(config: Config, session_folder: Path | None, tell: Tell) -> dict[str, SetAside]:
    """The plugins that do not come back from being loaded, or end the process that loads them, by name.

    tell   is called with a sentence about a plugin that takes more than three seconds
    """
    homes = homes_of_plugins(config, session_folder)
    bundled = {name for name, home in homes.items() if home.is_relative_to(config.bundled / "plugins")}
    found: dict[str, SetAside] = {}
    while homes.keys() - bundled - found.keys():
        culprit = _try(_order(config, session_folder, without=(*bundled, *found)), homes, tell)
        if culprit is None:
            break
        found[culprit.plugin] = culprit
    return found


def try_alone(folder: Path, config: Config, tell: Tell) -> SetAside | None:
    """The same for the plugin in this folder or file, beside no other."""
    name = folder.stem if folder.is_file() else folder.name
    return _try(_order(config, None, alone=str(folder)), {name: folder}, tell)


def _order(
    config: Config, session_folder: Path | None, *, alone: str | None = None, without: tuple[str, ...] = ()
) -> TrialOrder:
    return TrialOrder(
        longest=LONGEST,
        state=str(config.state.expanduser().absolute()),
        plugins=tuple(str(path.expanduser().absolute()) for path in config.plugins),
        session_folder=str(session_folder.absolute()) if session_folder is not None else None,
        alone=alone,
        without=without,
    )


@dataclass
class _Watched:
    """What the process does now: the plugin it loads, and since when, seconds of the monotonic clock."""

    file: Path
    plugin: str = ""
    since: float = 0.0
    told: bool = False

    def look(self) -> None:
        began = self.file.read_text(encoding="utf-8").split("\n")[:-1]
        if began and began[-1] != self.plugin:
            self.plugin, self.since, self.told = began[-1], time.monotonic(), False

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.since


def _try(order: TrialOrder, homes: Mapping[str, Path], tell: Tell) -> SetAside | None:
    """Who kept the process from doing it all; None when nobody did."""
    with tempfile.TemporaryDirectory(prefix="overlaykit-trial-") as place:
        began, words = Path(place, "began"), Path(place, "words")
        began.touch()
        with words.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "overlaykit.runtime.trial", str(began)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=out,
                env=child_environment(),
            )
        watched = _Watched(began, since=time.monotonic())
        try:
            assert process.stdin is not None
            with suppress(BrokenPipeError), process.stdin as pipe:
                pipe.write(msgspec.json.encode(order))
            while process.poll() is None and watched.seconds < (LONGEST + GRACE if watched.plugin else BEGIN):
                watched.look()
                if watched.plugin == DONE:
                    break
                if watched.plugin and not watched.told and watched.seconds >= SAY_AFTER:
                    watched.told = True
                    tell(_slow(watched.plugin, homes))
                time.sleep(LOOK_EVERY)
        finally:
            process.kill()
            status = process.wait()
        watched.look()
        if watched.plugin in ("", DONE):
            return None  # none of them: what is wrong otherwise, loading them here shows
        said = words.read_text(encoding="utf-8", errors="replace")
    return _set_aside(watched, status, said, homes)


def _slow(plugin: str, homes: Mapping[str, Path]) -> str:
    where = homes.get(plugin)
    return (
        f"插件 {plugin} 还没载入完，最多等 {LONGEST:.0f} 秒 / the plugin {plugin} is still being loaded; it is left out after "
        f"{LONGEST:.0f} s" + (f" ({where})" if where else "")
    )


def _set_aside(watched: _Watched, status: int, said: str, homes: Mapping[str, Path]) -> SetAside:
    name = watched.plugin
    place = next((f": {each.where}" for each in stood_in(said, homes) if each.main), "")
    if place or watched.seconds >= LONGEST:
        reason = f"{LONGEST:.0f} 秒内没有载入完 / it was not loaded within {LONGEST:.0f} s{place}"
    else:
        how = how_it_ended(status)
        reason = f"它让载入它的进程退出了 / it ended the process that loaded it ({how})"
    return SetAside(
        plugin=name,
        process=PROCESS,
        reason=reason,
        remedy=f"`overlaykit plugin check {name}` 检查后重新开播 / Mend it, and start the room again.",
    )


def main() -> None:
    """Loads what standard input names, and writes into the file of the command line which plugin is on."""
    file = Path(sys.argv[1])
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=TrialOrder)
    import_module("overlaykit.api")  # what that takes is not the first plugin's fault

    def begin(name: str) -> None:
        with file.open("a", encoding="utf-8") as began:
            began.write(f"{name}\n")
        faulthandler.dump_traceback_later(order.longest, exit=True, file=sys.stderr)

    if order.alone is not None:
        folder = Path(order.alone)
        begin(folder.stem if folder.is_file() else folder.name)
        load_alone(folder)
    else:
        config = Config(state=Path(order.state), plugins=tuple(map(Path, order.plugins)))
        folder_of_session = Path(order.session_folder) if order.session_folder is not None else None
        discover(config, folder_of_session, set_aside=dict.fromkeys(order.without, ""), before=begin)
    begin(DONE)


if __name__ == "__main__":
    main()
