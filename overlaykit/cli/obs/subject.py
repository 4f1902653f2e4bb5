"""SESSION on the command line → the plan that an OBS is to be ready for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import click
import redis

from overlaykit.cli.banner import overlay_address
from overlaykit.cli.loading import tried_plugins
from overlaykit.config import Config
from overlaykit.director.obs.setup import Found, fitting_size
from overlaykit.director.obs.wanted import HOME_SCENE, Overlay
from overlaykit.errors import NotFound
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import nearest_name
from overlaykit.pluginhost import Plugins
from overlaykit.runtime.room import reached_store
from overlaykit.runtime.sessions import find_plan, load_checked_plan, plan_folder
from overlaykit.stock import SessionDirectory, StockEngine
from overlaykit.theming import find_theme

FIRST = "main"
"""What an OBS is called where the plan names none."""

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "scene": "场景 scene",
        "text": "文字 text",
        "source": "来源 source",
        "filter": "滤镜 filter",
        "transition": "转场 transition",
        "overlay": "浏览器 browser",
    }
)
"""What a plan may want of an OBS, for people."""

session_argument = click.argument("session", metavar="[SESSION]", required=False)


class Subject(NamedTuple):
    """A session's plan, and the plugins and themes that are found for it."""

    plan: SessionPlan
    plugins: Plugins

    @property
    def names(self) -> list[str]:
        """The OBS that the plan has, in its order; `main` alone where it has none."""
        return list(self.plan.later.get("obs") or {FIRST: {}})

    def settings(self, name: str) -> Mapping[str, Any]:
        """[obs.NAME] of the plan; {} where the plan has no OBS."""
        found: Mapping[str, Any] = (self.plan.later.get("obs") or {}).get(name, {})
        return found

    def overlays(self, found: Found, room: str, token: str) -> tuple[Overlay, ...]:
        """The layouts of the session's theme as an OBS that has `found` is to show them. Raises NotFound and ThemeError."""
        layouts = find_theme(self.plugins.themes, self.plan.theme).titled(self.plan.locale)
        titles = [layout.title for layout in layouts.values()]
        overlays = []
        for name, layout in layouts.items():
            width, height = fitting_size(layout.size, found.width, found.height)
            title = layout.title if titles.count(layout.title) == 1 else name
            overlays.append(Overlay(name, f"{HOME_SCENE} {title}", overlay_address(room, name, token), width, height))
        return tuple(overlays)

    def chosen(self, name: str | None) -> str:
        """The OBS that --name means, the first one without. Raises NotFound, with the nearest name."""
        if name is None:
            return self.names[0]
        if name not in self.names:
            near = nearest_name(name, self.names)
            raise NotFound(
                f"the plan {self.plan.id!r} has no [obs.{name}] 场次里没有这个 OBS",
                remedy=f"{f'Did you mean {near!r}? ' if near else ''}It has: {', '.join(self.names)}.",
            )
        return name


def subject_of(session: str | None, config: Config) -> Subject:
    """The plan of a folder, file, sample or id; without a word that of the store's current session. Raises NotFound."""
    path = find_plan(session, config) if session is not None else None
    if path is not None:
        plugins = tried_plugins(config, path if path.is_dir() else path.parent).plugins
        return Subject(load_checked_plan(path, plugins).session, plugins)
    if config.redis_url is None and not config.state.exists():
        raise NotFound(
            "there is no session yet 还没有场次",
            remedy="Name the folder with the session.toml: overlaykit obs setup FOLDER",
        )
    with reached_store(config) as client:
        plan, folder = _stored(client, session or "current", config)
    return Subject(plan, tried_plugins(config, folder).plugins)


def _stored(client: redis.Redis, session: str, config: Config) -> tuple[SessionPlan, Path | None]:
    record = SessionDirectory(client).get(session)
    folder = plan_folder(config.state, record.id)
    return StockEngine(client, record.ledger).state().plan, folder if folder is not None and folder.exists() else None
