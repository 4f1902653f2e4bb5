"""The second step: what a plan gives to plugins and actions, checked against their types once they are known."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from overlaykit.model.settings import Secret
from overlaykit.plan.loading import DoEntry, LoadedPlan, SettingsTable
from overlaykit.plan.problems import Problem
from overlaykit.plan.reader import Findings, Reader
from overlaykit.words import Words

COMMON_KEYS = frozenset({"otherwise", "after", "confirm"})
"""Keys that any `do` entry may have beside `action`, whether or not the action's own type names them."""

_PLUGIN_KEY = {"channel": "connector", "source": "plugin", "notifier": "plugin"}


def check_extensions(
    loaded: LoadedPlan,
    *,
    settings_type: Callable[[str, str], type[Struct] | None],
    action_type: Callable[[str], type[Struct] | None],
    known: Mapping[str, Collection[str]] | None = None,
) -> list[Problem]:
    """What is wrong with `settings` tables and `do` entries; empty when all is well.

    settings_type   (section kind: channel, source or notifier; plugin's name) → type of its settings, or None
    action_type     action's name → type of its fields, `action` apart, or None
    known           names that exist, by kind: channel, source, notifier, action, theme. A kind that is absent here is
                    not checked for unknown names
    """
    findings = Findings()
    names = known or {}
    theme = loaded.session.theme
    if "theme" in names and theme not in names["theme"]:
        what = Words(f"no theme is called {theme}", f"没有名为 {theme} 的主题")
        findings.unknown(("theme",), what, theme, sorted(names["theme"]))
    for settings in loaded.settings:
        _check_settings(settings, settings_type, names, findings)
    for entry in loaded.do:
        _check_action(entry, action_type, names, findings)
    return [loaded.source.problem(finding) for finding in findings.all]


def _check_settings(
    settings: SettingsTable,
    settings_type: Callable[[str, str], type[Struct] | None],
    names: Mapping[str, Collection[str]],
    findings: Findings,
) -> None:
    kind, plugin = settings.kind, settings.plugin
    if kind in names and plugin not in names[kind]:
        what = Words(f"no plugin is called {plugin}", f"没有名为 {plugin} 的插件")
        findings.unknown((*settings.path[:-1], _PLUGIN_KEY[kind]), what, plugin, sorted(names[kind]))
        return
    type_ = settings_type(kind, plugin)
    if type_ is not None:
        _check(settings.table, type_, settings.path, findings)


def _check_action(
    entry: DoEntry,
    action_type: Callable[[str], type[Struct] | None],
    names: Mapping[str, Collection[str]],
    findings: Findings,
) -> None:
    if "action" in names and entry.action not in names["action"]:
        what = Words(f"no action is called {entry.action}", f"没有名为 {entry.action} 的动作")
        findings.unknown((*entry.path, "action"), what, entry.action, sorted(names["action"]))
        return
    type_ = action_type(entry.action)
    if type_ is not None:
        own = {info.encode_name for info in msgspec.structs.fields(type_)}
        table = {key: value for key, value in entry.entry.items() if key in own or key not in COMMON_KEYS | {"action"}}
        _check(table, type_, entry.path, findings)


def _check(table: Mapping[str, Any], type_: type[Struct], at: tuple[str | int, ...], findings: Findings) -> None:
    """By fields first, to name each problem; then as a whole, for rules of the type's own."""
    before = len(findings.all)
    read = Reader(findings, skip=(Secret,)).read(table, type_, at)
    if len(findings.all) > before or read is None:
        return
    in_plan = getattr(type_, "in_plan", None)
    try:
        msgspec.convert(dict(table), in_plan() if callable(in_plan) else type_)
    except (msgspec.ValidationError, ValueError, TypeError) as error:
        findings.add(at, Words(f"{error}", f"{error}"))
