"""GET /api/v1/plugins: what became of each plugin and theme that this process found."""

from __future__ import annotations

from flask import Blueprint, Response
from msgspec import Struct

from overlaykit.pluginhost.status import Kind, PluginStatus, State
from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import DESK
from overlaykit.web.http.bodies import answer_json


class PluginAnswer(Struct, frozen=True, kw_only=True):
    """One of them.

    where     the folder, or the installed package and its version
    state     active; failed: nothing of it is used; shadowed: something of the same name replaces it, or a part of it; set_aside:
              a process of the room does without it until the next start
    provides  what is used of it, such as `connector douyin`, `theme classic`
    reason    why it is not active; of an active one what goes wrong in it
    remedy    what to do about it
    """

    name: str
    kind: Kind
    where: str
    state: State
    provides: tuple[str, ...]
    reason: str
    remedy: str


class PluginsAnswer(Struct, frozen=True):
    """By kind and name."""

    plugins: list[PluginAnswer]


def blueprint() -> Blueprint:
    routes = Blueprint("plugins", __name__, url_prefix="/api/v1")
    routes.add_url_rule("/plugins", view_func=plugins)
    return routes


def plugins() -> Response:
    """All of them, as they are now."""
    allow(DESK)
    found = PluginsAnswer([_answer(each) for each in edge().services.plugins()])
    return answer_json(found)


def _answer(status: PluginStatus) -> PluginAnswer:
    return PluginAnswer(**{name: getattr(status, name) for name in PluginAnswer.__struct_fields__})
