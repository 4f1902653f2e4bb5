"""Everything of a session that can be made into a button, grouped as the page of buttons shows it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from overlaykit.board import Board, BoardItem
from overlaykit.model.commands import (
    AnnounceClear,
    ButtonPress,
    ConnectorPause,
    ConnectorResume,
    CountdownSet,
    DropClose,
    DropRelease,
    EmergencyRun,
    ItemClose,
    ItemFeature,
    ItemOpen,
    ObsDo,
    OverlayRefresh,
    RuleFire,
    RuleSet,
    SessionClose,
    SessionFreeze,
    SessionOpen,
    SessionThaw,
)
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import Words, announcements_of
from overlaykit.web.buttons.actions import (
    Action,
    AnnouncementShow,
    CountdownExtend,
    FreezeToggle,
    ItemNext,
    ItemPrevious,
    RuleToggle,
    plain,
)
from overlaykit.web.buttons.titles import DANGEROUS, items_by_link, title_of
from overlaykit.web.directing import Directing

EXTENSIONS = (60, 300)
"""Seconds by which a countdown may be extended with a button of the page."""
NAME_AT_MOST = 48


class Offer(Struct, frozen=True, kw_only=True):
    """An action that a button could have: as JSON, what it is called, and whether nobody wants it by accident."""

    action: dict[str, Any]
    title: Words
    dangerous: bool


class Group(Struct, frozen=True, kw_only=True):
    """Offers that belong together; `key` names the group in `words`."""

    key: str
    offers: list[Offer]


def groups_of(plan: SessionPlan, directing: Directing, board: Board) -> list[Group]:
    """All groups that have an offer."""
    found: list[tuple[str, Iterable[Action]]] = [
        ("on_air", [ItemNext(), ItemPrevious(), *_featured(board)]),
        ("screen", _screen(plan)),
        ("buttons", [ButtonPress(name=name) for name in directing.buttons]),
        ("emergencies", [EmergencyRun(name=each.name) for each in directing.emergencies]),
        ("countdowns", _countdowns(plan, board)),
        ("drops", [make(drop=each.name) for each in plan.drops for make in (DropRelease, DropClose)]),
        ("items", [make(sku=sku) for sku in board.order for make in (ItemOpen, ItemClose)]),
        ("rules", _rules(directing)),
        ("obs", _obs(directing)),
        ("overlays", [OverlayRefresh()]),
        (
            "connectors",
            [make(name=name) for name in directing.connectors for make in (ConnectorPause, ConnectorResume)],
        ),
        ("session", [SessionOpen(), SessionClose()]),
    ]
    links = items_by_link(board)
    groups = [Group(key=key, offers=list(_offers(actions, directing, board, links))) for key, actions in found]
    return [group for group in groups if group.offers]


def _offers(
    actions: Iterable[Action], directing: Directing, board: Board, links: Mapping[int, BoardItem]
) -> Iterator[Offer]:
    for action in actions:
        said = plain(action)
        title = title_of(action, directing, board, links)
        yield Offer(action=said, title=title, dangerous=said["type"] in DANGEROUS)


def name_of(said: dict[str, Any]) -> str:
    """What a token for this action is called when nobody says otherwise: item-feature-3, countdown-extend-deal-60."""
    parts = [str(said["type"]).replace(".", "-")]
    values = [value for key, value in said.items() if key != "type"]
    parts += [_in_name(value) for value in values if isinstance(value, (str, int, float))]
    text = "-".join(re.sub(r"[\s/\\?#%&]+", "-", part).strip("-") for part in parts)
    return "".join(letter for letter in text if letter.isprintable())[:NAME_AT_MOST].strip() or "button"


def _in_name(value: str | int | float) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _featured(board: Board) -> Iterator[ItemFeature]:
    for link in items_by_link(board):
        yield ItemFeature(link=link)
    for sku in board.order:
        if board.items[sku].link is None:
            yield ItemFeature(sku=sku)
    yield ItemFeature(sku=None)


def _screen(plan: SessionPlan) -> list[Action]:
    announced = [AnnouncementShow(name=name) for name in announcements_of(plan)]
    return [FreezeToggle(), SessionFreeze(), SessionThaw(), *announced, AnnounceClear()]


def _countdowns(plan: SessionPlan, board: Board) -> Iterator[Action]:
    planned = {each.name: each for each in plan.countdowns}
    for name in dict.fromkeys([*planned, *board.countdowns]):
        for seconds in EXTENSIONS:
            yield CountdownExtend(name=name, seconds=seconds)
        yield CountdownSet(name=name, sku=planned[name].sku if name in planned else None, ends_at=None)


def _rules(directing: Directing) -> Iterator[Action]:
    for rule in directing.rules:
        yield RuleToggle(name=rule.name)
        yield RuleSet(name=rule.name, enabled=True)
        yield RuleSet(name=rule.name, enabled=False)
        yield RuleFire(name=rule.name)


def _obs(directing: Directing) -> Iterator[ObsDo]:
    for each in directing.obs:
        if each.safe_scene is not None:
            yield ObsDo(obs=each.name, request="SetCurrentProgramScene", data={"sceneName": each.safe_scene})
        yield ObsDo(obs=each.name, request="ReleaseScene")
        yield ObsDo(obs=each.name, request="Reconnect")
