"""One plugin, alone: import it, check its hooks, call them. Whatever it does wrong becomes a Trouble."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pluggy

from overlaykit.errors import PluginError
from overlaykit.model.plugins import Theme
from overlaykit.pluginhost import hookspecs
from overlaykit.pluginhost.namespace import PACKAGE, forget
from overlaykit.pluginhost.places import Candidate
from overlaykit.pluginhost.registrations import Registrations
from overlaykit.pluginhost.status import NOT_ASYNC, Trouble, explain
from overlaykit.words import Words

HOOKS = tuple(name for name, thing in vars(hookspecs).items() if hasattr(thing, f"{hookspecs.PROJECT}_spec"))
"""The names of all hooks, in the order of hookspecs.py."""


@dataclass
class Loaded:
    """A candidate after loading: what it registered, or why it failed (then the registrations are empty).

    complaint   what went wrong last in something of it that goes on all the same
    """

    candidate: Candidate
    manager: pluggy.PluginManager
    registrations: Registrations
    trouble: Trouble | None = None
    complaint: Trouble | None = None
    _stood_in: bool = False

    def ask_for_stand_ins(self) -> None:
        """Once: only plays need them, and they bring what tests need."""
        if not self._stood_in:
            self._stood_in = True
            self.call("register_stand_ins", register=self.registrations.stand_in)

    def call(self, hook: str, **arguments: Any) -> Trouble | None:
        """Calls one hook of this plugin; a failure sets it aside."""
        trouble = _guarded(hook, self.candidate.folder, lambda: _call(self.manager, hook, arguments))
        if trouble is not None:
            self.registrations = Registrations()
            self.trouble = trouble
        return trouble


def load(candidate: Candidate) -> Loaded:
    """Imports, checks and registers one candidate. Raises nothing that the plugin raised."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    loaded = Loaded(candidate, manager, Registrations())
    loaded.trouble = _guarded("导入 / importing it", candidate.folder, lambda: _admit(candidate, manager))
    if loaded.trouble is None:
        for hook, register in loaded.registrations.callables().items():
            if loaded.call(hook, register=register) is not None:
                break
    if loaded.trouble is not None and candidate.kind == "plugin" and candidate.folder is not None:
        forget(candidate.name)
    return loaded


def left_alone(candidate: Candidate, reason: str) -> Loaded:
    """One that is not loaded at all."""
    remedy = (
        f"改好后用 `overlaykit plugin check {candidate.name}` 检查，再重新开播。 / "
        f"Mend it, look at it with `overlaykit plugin check {candidate.name}`, and start the room again."
    )
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    return Loaded(candidate, manager, Registrations(), trouble=Trouble(reason, remedy))


def _guarded(doing: str, home: Path | None, work: Callable[[], None]) -> Trouble | None:
    try:
        work()
    except (Exception, SystemExit) as error:  # a plugin that calls sys.exit() must not end the room
        return explain(error, doing, home)
    return None


def _admit(candidate: Candidate, manager: pluggy.PluginManager) -> None:
    """Puts the plugin's object into its manager, or says what is wrong with it."""
    plugin, there = _object(candidate), ", ".join(HOOKS)
    try:
        manager.register(plugin, candidate.name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        wrong = " ".join(str(error).split())
        raise PluginError(
            f"有一个钩子写得不对：{wrong} / A hook of it does not fit: {wrong}",
            remedy=f"钩子有 {there}；参数见 plugins/README.md。 / "
            f"The hooks are {there}; plugins/README.md shows what each is called with.",
        ) from error
    if not manager.get_hookcallers(plugin):
        unmarked = [hook for hook in HOOKS if callable(getattr(plugin, hook, None))]
        said = Words("It has no hook.", "没有钩子。")
        if unmarked:
            said = Words(
                f"{said.en} Its function {unmarked[0]} is not marked.", f"{said.zh}函数 {unmarked[0]} 没有标注。"
            )
        raise PluginError(
            said.both(),
            remedy=f"在以下至少一个的上面写 @hookimpl（来自 overlaykit.api）：{there}。 / "
            f"Put @hookimpl (from overlaykit.api) above at least one of: {there}.",
        )


def _object(candidate: Candidate) -> object:
    """What pluggy shall look at: the plugin's module, or the theme folder as a plugin."""
    if candidate.module is not None:
        return candidate.module
    if candidate.entry_point is not None:
        return candidate.entry_point.load()
    assert candidate.folder is not None
    if candidate.kind == "theme":
        return ThemeFolder(Theme(candidate.name, candidate.folder))
    if not candidate.name.isidentifier():
        raise PluginError(
            f"{candidate.folder.name!r} 无法导入：插件文件夹的名字只能用字母、数字和 _。 / "
            f"{candidate.folder.name!r} cannot be imported: a plugin's folder is named in letters, digits and _.",
            remedy=f"改名，例如 {_as_identifier(candidate.name)}。 / Rename it, for example to {_as_identifier(candidate.name)}.",
        )
    if candidate.folder.is_dir() and not (candidate.folder / "__init__.py").is_file():
        raise PluginError(
            "文件夹里没有 __init__.py，所以没有插件。 / The folder has no __init__.py, so there is no plugin in it.",
            remedy="加上写有钩子的 __init__.py；主题要放在旁边的 themes 文件夹。 / "
            "Add __init__.py with the hooks. A theme belongs into the themes folder beside.",
        )
    return importlib.import_module(f"{PACKAGE}.{candidate.name}")


def _as_identifier(name: str) -> str:
    text = "".join(letter if letter.isalnum() else "_" for letter in name)
    return text if text.isidentifier() else f"p_{text}"


def _call(manager: pluggy.PluginManager, hook: str, arguments: dict[str, Any]) -> None:
    for result in getattr(manager.hook, hook)(**arguments):
        if inspect.iscoroutine(result):
            result.close()
            raise PluginError(
                f"{hook} 是异步的，钩子要用普通函数。 / {hook} is async; hooks are plain functions.", remedy=NOT_ASYNC
            )
        returned = f"{type(result).__name__} {result!r}"
        raise PluginError(
            f"{hook} 返回了 {returned}，而钩子不返回任何东西。 / {hook} returned {returned}, and a hook returns nothing.",
            remedy="把每样东西交给 register(…)，不要返回。 / Hand each thing to register(…) instead of returning it."
            if hook.startswith("register_")
            else "去掉 return。 / Drop the return.",
        )


class ThemeFolder:
    """A theme folder without code, as a plugin: it comes through the same hook as every other theme."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    @hookspecs.hookimpl
    def register_themes(self, register: Callable[[Theme], None]) -> None:
        register(self._theme)
