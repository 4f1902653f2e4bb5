"""What became of each plugin and theme: the line that `overlaykit plugin list` and the desk show."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from msgspec import Struct

from overlaykit.errors import OverlaykitError
from overlaykit.words import in_both, joined

Kind = Literal["plugin", "theme"]
State = Literal["active", "failed", "shadowed", "set_aside"]


@dataclass(frozen=True, kw_only=True)
class PluginStatus:
    """One plugin or theme folder.

    where     the folder, or the installed package and its version
    state     active; failed: nothing of it is used; shadowed: it, or the one thing that `reason` names, is replaced by
              something of the same name from a place searched later; set_aside: a process of the room that runs does without it
    reason    why it is not active; of an active one what goes wrong in it, empty when nothing does
    remedy    what to do about it
    provides  what is used of it, such as "command simulate", "theme classic"
    trace     the traceback of what it raised, for its author
    """

    name: str
    kind: Kind
    where: str
    state: State
    reason: str = ""
    remedy: str = ""
    provides: tuple[str, ...] = ()
    trace: str = ""


class SetAside(Struct, frozen=True, kw_only=True):
    """A plugin that a process of a running room does without. `process`: web, director, gateway; overlaykit: all of them."""

    plugin: str
    process: str
    reason: str
    remedy: str


def with_set_aside(statuses: Iterable[PluginStatus], found: Sequence[SetAside]) -> tuple[PluginStatus, ...]:
    """The same, where `found` says which plugins processes do without."""
    return tuple(_with(status, [each for each in found if each.plugin == status.name]) for status in statuses)


def _with(status: PluginStatus, found: Sequence[SetAside]) -> PluginStatus:
    if not found or status.kind != "plugin" or status.state == "shadowed":
        return status
    reason = joined(each.reason for each in found)
    return replace(status, state="set_aside", reason=reason, remedy=found[0].remedy)


@dataclass(frozen=True)
class Trouble:
    """Why something of a plugin failed, in the words of a status."""

    reason: str
    remedy: str
    trace: str = ""


MEND = "改好插件，或把它移出文件夹。 / Mend the plugin, or take it out of its folder."
NOT_ASYNC = "请写 def，不要写 async def。 / Write def, not async def."
SAID_AT_MOST, TRACE_AT_MOST = 2_000, 20_000
"""Characters of what a plugin says that are shown, and of a traceback of it."""


def sayable(said: object, at_most: int = SAID_AT_MOST) -> str:
    """What a plugin says, as it can be written and shown: whatever it is, at most so many characters. Raises nothing."""
    try:
        text = str(said)[:at_most]
    except (Exception, SystemExit):  # a plugin's own __str__
        text = type(said).__name__
    return text.encode("utf-8", "replace").decode()


def explain(error: BaseException, doing: str, home: Path | None) -> Trouble:
    """Puts what a plugin raised while `doing` ("导入 / importing it", "register_themes") into words. `home` is its folder."""
    trace = sayable("".join(traceback.format_exception(error)), TRACE_AT_MOST)
    if isinstance(error, OverlaykitError):
        remedy = sayable(error.remedy or MEND)
        return Trouble(sayable(error.message), remedy, trace)
    place = _line_in(error, home)
    raised = f"{type(error).__name__}: {sayable(error)}{place}"
    reason = in_both("{doing} raised {raised}", "出错（{doing}）：{raised}", doing=doing, raised=raised)
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        return Trouble(
            reason,
            f"把提供 {package!r} 的包装进这个 Python 环境，或移走这个插件。 / "
            f"Install what provides {package!r} into this Python environment, or remove the plugin.",
            trace,
        )
    return Trouble(reason, MEND, trace)


def _line_in(error: BaseException, home: Path | None) -> str:
    """` (file, line n)`: the innermost line of the plugin's own code, or the line of a syntax error."""
    if isinstance(error, SyntaxError) and error.filename:
        return ""  # its own text names file and line
    if home is None:
        return ""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(home):
            return f" ({file.relative_to(home.parent)}, line {frame.lineno})"
    return ""
