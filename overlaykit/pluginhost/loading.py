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
from overlaykit.pluginhost.status import Trouble, explain

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
    loaded.trouble = _guarded("importing it", candidate.folder, lambda: _admit(candidate, manager))
    if loaded.trouble is None:
        for hook, register in loaded.registrations.callables().items():
            if loaded.call(hook, register=register) is not None:
                break
    if loaded.trouble is not None and candidate.kind == "plugin" and candidate.folder is not None:
        forget(candidate.name)
    return loaded


def left_alone(candidate: Candidate, reason: str) -> Loaded:
    """One that is not loaded at all."""
    remedy = f"Mend it, look at it with `overlaykit plugin check {candidate.name}`, and start the room again."
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
    plugin = _object(candidate)
    try:
        manager.register(plugin, candidate.name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginError(
            "A hook of it does not fit: " + " ".join(str(error).split()),
            remedy=f"The hooks are {', '.join(HOOKS)}; plugins/README.md shows what each is called with.",
        ) from error
    if not manager.get_hookcallers(plugin):
        unmarked = [hook for hook in HOOKS if callable(getattr(plugin, hook, None))]
        which = f" Its function {unmarked[0]} is not marked." if unmarked else ""
        raise PluginError(
            f"It has no hook.{which}",
            remedy="Put @hookimpl (from overlaykit.api) above at least one of: " + ", ".join(HOOKS) + ".",
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
            f"{candidate.folder.name!r} cannot be imported: a plugin's folder is named in letters, digits and _.",
            remedy=f"Rename it, for example to {_as_identifier(candidate.name)}.",
        )
    if candidate.folder.is_dir() and not (candidate.folder / "__init__.py").is_file():
        raise PluginError(
            "The folder has no __init__.py, so there is no plugin in it.",
            remedy="Add __init__.py with the hooks. A theme belongs into the themes folder beside.",
        )
    return importlib.import_module(f"{PACKAGE}.{candidate.name}")


def _as_identifier(name: str) -> str:
    text = "".join(letter if letter.isalnum() else "_" for letter in name)
    return text if text.isidentifier() else f"p_{text}"


def _call(manager: pluggy.PluginManager, hook: str, arguments: dict[str, Any]) -> None:
    for result in getattr(manager.hook, hook)(**arguments):
        if inspect.iscoroutine(result):
            result.close()
            raise PluginError(f"{hook} is async; hooks are plain functions.", remedy="Write def, not async def.")
        raise PluginError(
            f"{hook} returned {type(result).__name__} {result!r}, and a hook returns nothing.",
            remedy="Hand each thing to register(…) instead of returning it."
            if hook.startswith("register_")
            else "Drop the return.",
        )


class ThemeFolder:
    """A theme folder without code, as a plugin: it comes through the same hook as every other theme."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    @hookspecs.hookimpl
    def register_themes(self, register: Callable[[Theme], None]) -> None:
        register(self._theme)
