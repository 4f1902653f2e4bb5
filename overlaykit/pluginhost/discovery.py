"""Find plugins and themes, load each alone, and say what came of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from overlaykit.config import Config
from overlaykit.errors import OverlaykitError
from overlaykit.model.connectors import Connector
from overlaykit.model.plugins import Action, StandIn, Theme
from overlaykit.model.settings import Settings
from overlaykit.pluginhost.identities import Identities
from overlaykit.pluginhost.loading import Loaded, left_alone, load
from overlaykit.pluginhost.namespace import mount
from overlaykit.pluginhost.places import Candidate, search
from overlaykit.pluginhost.status import PluginStatus, explain
from overlaykit.words import Words, in_both

OWN_RANK = -1
"""Of overlaykit's own parts: below every place."""


def discover(
    config: Config,
    session_folder: Path | None,
    *,
    reserved_commands: Collection[str] = (),
    own: Mapping[str, ModuleType] | None = None,
    set_aside: Mapping[str, str] | None = None,
    before: Callable[[str], object] = lambda name: None,
) -> Plugins:
    """Everything from every place (places.py has the order), loaded.

    reserved_commands   names that a plugin's command cannot take: overlaykit's own
    own                 parts of overlaykit that register as plugins do, by name; everything else replaces what they bring
    set_aside           plugins that are not even imported, each with the reason
    before              called with the name of each plugin before it is loaded

    Raises NotFound for a folder of a flag that does not exist. Plugins raise nothing: what is wrong with one is in
    `Plugins.statuses`.
    """
    places = search(config, session_folder)
    mount(places.plugin_folders[::-1])
    parts = [
        Candidate(name, "plugin", OWN_RANK, "overlaykit itself", None, module=module)
        for name, module in (own or {}).items()
    ]
    winners: dict[tuple[str, str], Candidate] = {(each.kind, f"{each.name} of overlaykit"): each for each in parts}
    for candidate in places.candidates:
        key = (candidate.kind, candidate.name)
        if key not in winners or candidate.rank > winners[key].rank:
            winners[key] = candidate
    losers = [(c, winners[c.kind, c.name]) for c in places.candidates if winners[c.kind, c.name] is not c]
    chosen = sorted(winners.values(), key=lambda candidate: (candidate.rank, candidate.kind, candidate.name))
    aside = {} if set_aside is None else set_aside
    loaded = []
    for candidate in chosen:
        code = candidate.kind == "plugin" and candidate.module is None
        if code and candidate.name in aside:
            loaded.append(left_alone(candidate, aside[candidate.name]))
            continue
        if code:
            before(candidate.name)
        loaded.append(load(candidate))
    return Plugins(loaded, losers, frozenset(reserved_commands))


def homes_of_plugins(config: Config, session_folder: Path | None) -> dict[str, Path]:
    """Where the code of each plugin is that `discover` would use: its folder or its file. None of them is imported."""
    homes: dict[str, Path] = {}
    for candidate in search(config, session_folder).candidates:
        home = candidate.home if candidate.kind == "plugin" else None
        if home is not None:
            homes[candidate.name] = home
    return homes


def load_alone(folder: Path) -> tuple[PluginStatus | None, Plugins]:
    """The plugin in this folder or file, beside no other: why it fails, or None, and what it registered."""
    mount([folder.parent])
    loaded = load(Candidate(folder.stem if folder.is_file() else folder.name, "plugin", 0, str(folder), folder))
    return None if loaded.trouble is None else _failed(loaded), Plugins([loaded])


def places_of(config: Config) -> list[Candidate]:
    """Every plugin that is found without a session, weakest place first, none of them loaded."""
    return [candidate for candidate in search(config, None).candidates if candidate.kind == "plugin"]


class Plugins:
    """The plugins of one room. `startup` and `shutdown` call their hooks; all else is reading.

    A plugin whose `startup` fails is set aside like one that failed to load: what it registered is gone from then on.
    """

    def __init__(
        self,
        loaded: Sequence[Loaded],
        losers: Sequence[tuple[Candidate, Candidate]] = (),
        reserved_commands: Collection[str] = (),
    ) -> None:
        self._loaded = list(loaded)
        self._losers = list(losers)
        self._reserved = frozenset(reserved_commands)

    @property
    def connectors(self) -> dict[str, type[Connector[Any]]]:
        """Connector classes by name."""
        return {name: thing for name, (thing, _) in self._merged("connector").items()}

    @property
    def themes(self) -> dict[str, Theme]:
        """Themes by name."""
        return {name: thing for name, (thing, _) in self._merged("theme").items()}

    @property
    def actions(self) -> dict[str, type[Action[Any]]]:
        """Action classes by name."""
        return {name: thing for name, (thing, _) in self._merged("action").items()}

    @property
    def stand_ins(self) -> dict[str, type[StandIn]]:
        """Made-up platforms, by the connector that talks to them. The first look asks the plugins for theirs."""
        for loaded in self._active():
            loaded.ask_for_stand_ins()
        return {name: thing for name, (thing, _) in self._merged("stand-in").items()}

    @property
    def commands(self) -> dict[str, click.Command]:
        """Commands for the command line, by name."""
        return {name: thing for name, (thing, _) in self._merged("command").items()}

    def identities(self) -> Identities:
        """Who buyers are, by channel, as the active plugins say it now."""
        return Identities(self._merged("identity"))

    @property
    def statuses(self) -> tuple[PluginStatus, ...]:
        """One for each plugin and theme found, and one more for each thing of theirs that another replaces."""
        return tuple(
            sorted(self._statuses(), key=lambda status: (status.kind, status.name, status.where, status.state))
        )

    def settings_type(self, section: str, name: str) -> type[Settings] | None:
        """The settings of a plan's `section` (channel, source, notifier) that names the connector `name`.

        None when there is no such connector. Its secrets never stand in the plan (`Settings.in_plan`).
        """
        connector = self.connectors.get(name)
        return None if connector is None else connector.settings_type

    def action_type(self, name: str) -> type[Settings] | None:
        """What a `do` entry of a plan may hold for the action `name`; None when there is no such action."""
        action = self.actions.get(name)
        return None if action is None else action.arguments_type

    def startup(self, process: str) -> list[PluginStatus]:
        """Calls every active plugin's `startup`; gives the statuses of those that failed in it."""
        return [_failed(loaded) for loaded in self._active() if loaded.call("startup", process=process)]

    def shutdown(self, process: str) -> list[PluginStatus]:
        """Calls every active plugin's `shutdown`, last loaded first; gives the statuses of those that failed in it."""
        return [_failed(loaded) for loaded in reversed(self._active()) if loaded.call("shutdown", process=process)]

    def check_themes(self, check: Callable[[Theme, Mapping[str, Theme]], object]) -> None:
        """Calls `check` with each theme in use and with all of them.

        An OverlaykitError of it stands in the status of whoever brought the theme. The theme stays in use: it may be
        mended while the room is on.
        """
        themes = self.themes
        for name, (theme, loaded) in self._merged("theme").items():
            try:
                check(theme, themes)
            except OverlaykitError as error:
                trouble = explain(error, f"检查主题 {name} / checking the theme {name}", theme.folder)
                loaded.complaint = replace(
                    trouble,
                    reason=in_both(
                        "The theme {name} cannot be shown: {why}",
                        "主题 {name} 显示不了：{why}",
                        name=name,
                        why=trouble.reason,
                    ),
                )

    def _active(self) -> list[Loaded]:
        return [loaded for loaded in self._loaded if loaded.trouble is None]

    def _merged(self, word: str) -> dict[str, tuple[Any, Loaded]]:
        """Name → the thing in use and whose it is. A later place wins; within one, the first plugin by name."""
        merged: dict[str, tuple[Any, Loaded]] = {}
        for loaded in self._active():
            for name, thing in loaded.registrations.by_word()[word].items():
                if word == "command" and name in self._reserved:
                    continue
                if name not in merged or loaded.candidate.rank > merged[name][1].candidate.rank:
                    merged[name] = (thing, loaded)
        return merged

    def _statuses(self) -> Iterator[PluginStatus]:
        for loser, winner in self._losers:
            yield _status(
                loser,
                "shadowed",
                reason=f"用的是另一个同名的 {winner.kind}：{winner.where}。 / "
                f"Another {winner.kind} of this name is used: {winner.where}.",
                remedy="两个都要的话，给其中一个改名。 / Rename one of them, if both are wanted.",
            )
        in_use = {
            word: self._merged(word) for word in ("connector", "theme", "action", "identity", "stand-in", "command")
        }
        for loaded in self._loaded:
            yield from self._status_of(loaded, in_use) if loaded.trouble is None else [_failed(loaded)]

    def _status_of(self, loaded: Loaded, in_use: Mapping[str, dict[str, tuple[Any, Loaded]]]) -> Iterator[PluginStatus]:
        provides = []
        for word, things in loaded.registrations.by_word().items():
            for name in things:
                owner = in_use[word].get(name)
                if owner is not None and owner[1] is loaded:
                    provides.append(f"{word} {name}")
                    continue
                by = Words("overlaykit's own", "overlaykit 自带的")
                if owner:
                    other = f"{owner[1].candidate.name} ({owner[1].candidate.where})"
                    by = Words(f"that of {other}", f"{other} 的")
                yield _status(
                    loaded.candidate,
                    "shadowed",
                    reason=f"它的 {word} {name!r} 没有使用：{by.zh}与它同名。 / "
                    f"Its {word} {name!r} is not used: {by.en} has the same name.",
                    remedy="改名，或移走其中一个插件。 / Rename it, or remove one of the two plugins."
                    if owner
                    else "改名。 / Rename it.",
                )
        told: dict[str, str] = {}
        if loaded.complaint is not None:
            complaint = loaded.complaint
            told = {"reason": complaint.reason, "remedy": complaint.remedy, "trace": complaint.trace}
        yield _status(loaded.candidate, "active", provides=tuple(provides), **told)


def _status(candidate: Candidate, state: Any, **more: Any) -> PluginStatus:
    return PluginStatus(name=candidate.name, kind=candidate.kind, where=candidate.where, state=state, **more)


def _failed(loaded: Loaded) -> PluginStatus:
    trouble = loaded.trouble
    assert trouble is not None
    return _status(loaded.candidate, "failed", reason=trouble.reason, remedy=trouble.remedy, trace=trouble.trace)
