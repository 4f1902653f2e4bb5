"""What a plan wants of an OBS: the scenes and sources that its sections name. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from msgspec import Struct

from overlaykit.model.triggers import ObsScene
from overlaykit.plan.triggers import TriggerError, read_trigger
from overlaykit.plan.values import is_template

HOME_SCENE = "overlaykit"
"""The scene in which setup puts what it makes; people show it in scenes of their own."""


class Overlay(Struct, frozen=True):
    """A layout of the session's theme as a browser source: its name in OBS, address and picture size."""

    layout: str
    source: str
    url: str
    width: int
    height: int


class Wanted(Struct, frozen=True, kw_only=True):
    """What has to be there. Each name once, in the order of the plan; `by` says who named it, for people.

    scenes        scenes that rules wait for, and that rules and emergencies switch to or show something in; `safe_scene` apart
    texts         text sources that are written
    sources       sources that people make themselves, such as media that are played
    filters       filters that are switched, as (source, filter)
    transitions   transitions that are chosen
    """

    scenes: tuple[str, ...] = ()
    safe_scene: str | None = None
    texts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    filters: tuple[tuple[str, str], ...] = ()
    transitions: tuple[str, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    by: Mapping[str, str] = {}

    @property
    def anything(self) -> bool:
        """Whether there is anything besides overlays."""
        return bool(self.scenes or self.safe_scene or self.texts or self.sources or self.filters or self.transitions)


def wanted_of(later: Mapping[str, Any], name: str, overlays: tuple[Overlay, ...] = ()) -> Wanted:
    """What the plan's sections (`SessionPlan.later`) want of the OBS `name`.

    An action without `obs` means the plan's only one. A name with a template in it is known only when it is rendered, and left
    out.
    """
    known = later.get("obs") or {}
    own = known.get(name) or {}
    scenes = dict(_heard(later, name))
    texts: dict[str, str] = {text["source"]: f"[[obs.{name}.text]]" for text in own.get("text") or ()}
    sources: dict[str, str] = {}
    filters: dict[tuple[str, str], str] = {}
    transitions: dict[str, str] = {}
    for entry, by in _actions(later):
        if entry.get("obs", next(iter(known), name)) != name:
            continue
        if scene := _plain(entry.get("scene")):
            scenes.setdefault(scene, by)
        if source := _plain(entry.get("source")):
            (texts if entry["action"] == "obs.text" else sources).setdefault(source, by)
            if of_source := _plain(entry.get("filter")):
                filters.setdefault((source, of_source), by)
        if transition := _plain(entry.get("transition")):
            transitions.setdefault(transition, by)
    safe = own.get("safe_scene")
    if safe is not None:
        scenes.pop(safe, None)
    made = {*texts, *scenes, safe, HOME_SCENE, *(overlay.source for overlay in overlays)}
    by_name = {**{one: by for (_, one), by in filters.items()}, **transitions, **sources, **texts, **scenes}
    return Wanted(
        scenes=tuple(scenes),
        safe_scene=safe,
        texts=tuple(texts),
        sources=tuple(source for source in sources if source not in made),
        filters=tuple(filters),
        transitions=tuple(transitions),
        overlays=overlays,
        by=by_name | ({safe: f"safe_scene of [obs.{name}]"} if safe else {}),
    )


def _heard(later: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """Scenes of this OBS that set rules off, and which rules."""
    for rule in later.get("rule") or ():
        with suppress(TriggerError):  # a plan that stands in the store may be older than what is known of triggers
            trigger = read_trigger(rule["when"])
            if isinstance(trigger, ObsScene) and trigger.obs == name:
                yield trigger.scene, f"[[rule]] {rule['name']}"


def _actions(later: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each action on an OBS, and where it stands."""
    lists = [(rule.get("do") or (), f"[[rule]] {rule['name']}") for rule in later.get("rule") or ()]
    lists += [(plan.get("do") or (), f"[emergency.{name}]") for name, plan in (later.get("emergency") or {}).items()]
    for entries, by in lists:
        for entry in entries:
            if str(entry.get("action", "")).startswith("obs."):
                yield entry, by


def _plain(text: Any) -> str | None:
    """The name, where it is one as it stands."""
    return text if isinstance(text, str) and not is_template(text) else None
