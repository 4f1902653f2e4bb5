"""Everything of a session that can be made into a button, grouped as the page of buttons shows it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

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
    FreezeToggle,
    ItemNext,
    ItemPrevious,
    RuleToggle,
    plain,
)
from overlaykit.web.buttons.titles import DANGEROUS, title_of
from overlaykit.web.directing import Directing

EXTENSIONS = (60.0, 300.0)
"""Seconds by which a countdown may be extended with a button of the page."""
NAME_AT_MOST = 48


class Offer(Struct, frozen=True, kw_only=True):
    """An action that a button could have: as JSON, what it is called, and whether nobody wants it by accident."""

    action: dict[str, Any]
    title: Words
    dangerous: bool


class Deed(NamedTuple):
    """What a button may do with an item. `words`: how that is called, in both languages, for whoever searches."""

    words: tuple[str, ...]
    of: Callable[[BoardItem], Action]


class Group(Struct, frozen=True):
    """Offers that belong together; `key` names the group in `words`. A room of 10,000 items has 30,000 offers: those about items
    are made as they are looked at.

    few    actions without an item
    many   what may be done with which item (a sku), in running order
    """

    key: str
    few: Sequence[Action]
    many: Sequence[tuple[Deed, str]] = ()

    @property
    def count(self) -> int:
        """How many offers it has."""
        return len(self.few) + len(self.many)

    def actions(self, board: Board, first: int, most: int) -> Iterator[Action]:
        """`most` of them from the number `first` on."""
        yield from islice(self.few, first, first + most)
        start = max(0, first - len(self.few))
        left = most - max(0, min(most, len(self.few) - first))
        for deed, sku in islice(self.many, start, start + left):
            yield deed.of(board.items[sku])


KEYS = (
    *("on_air", "screen", "buttons", "emergencies", "countdowns", "drops", "items", "rules", "obs", "overlays"),
    *("connectors", "session"),
)
"""Of all groups that there may be."""

ON_AIR = Deed(
    ("on", "air", "link", "讲解", "链接", "号链接"),
    lambda item: ItemFeature(link=item.link) if item.link is not None else ItemFeature(sku=item.sku),
)
OPEN = Deed(("open", "link", "上架", "链接", "号链接"), lambda item: ItemOpen(sku=item.sku))
CLOSE = Deed(("close", "link", "下架", "链接", "号链接"), lambda item: ItemClose(sku=item.sku))


def groups_of(plan: SessionPlan, directing: Directing, board: Board) -> list[Group]:
    """All groups that have an offer, in the order of KEYS."""
    found = [
        Group("on_air", [ItemNext(), ItemPrevious(), ItemFeature(sku=None)], [(ON_AIR, sku) for sku in _linked(board)]),
        Group("screen", _screen(plan)),
        Group("buttons", [ButtonPress(name=name) for name in directing.buttons]),
        Group("emergencies", [EmergencyRun(name=each.name) for each in directing.emergencies]),
        Group("countdowns", list(_countdowns(plan, board))),
        Group("drops", [make(drop=each.name) for each in plan.drops for make in (DropRelease, DropClose)]),
        Group("items", [], [(deed, sku) for sku in board.order for deed in (OPEN, CLOSE)]),
        Group("rules", list(_rules(directing))),
        Group("obs", list(_obs(directing))),
        Group("overlays", [OverlayRefresh()]),
        Group(
            "connectors",
            [make(name=name) for name in directing.connectors for make in (ConnectorPause, ConnectorResume)],
        ),
        Group("session", [SessionOpen(), SessionClose()]),
    ]
    return [group for group in found if group.count]


def offers_of(
    actions: Iterable[Action], directing: Directing, board: Board, links: Mapping[int, BoardItem]
) -> Iterator[Offer]:
    """The actions as the page offers them. `links`: `items_by_link(board)`."""
    for action in actions:
        said = plain(action)
        title = title_of(action, directing, board, links)
        yield Offer(action=said, title=title, dangerous=said["type"] in DANGEROUS)


def name_of(said: dict[str, Any]) -> str:
    """What a token for this action is called when nobody says otherwise: item-feature-3, countdown-set-deal-60."""
    parts = [str(said["type"]).replace(".", "-")]
    values = [value for key, value in said.items() if key != "type"]
    parts += [_in_name(value) for value in values if isinstance(value, (str, int, float))]
    text = "-".join(re.sub(r"[\s/\\?#%&]+", "-", part).strip("-") for part in parts)
    return "".join(letter for letter in text if letter.isprintable())[:NAME_AT_MOST].strip() or "button"


def _in_name(value: str | int | float) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _linked(board: Board) -> Iterator[str]:
    """Each item, of several with one link the first."""
    seen: set[int] = set()
    for sku in board.order:
        link = board.items[sku].link
        if link is None or link not in seen:
            yield sku
        if link is not None:
            seen.add(link)


def _screen(plan: SessionPlan) -> list[Action]:
    announced = [AnnouncementShow(name=name) for name in announcements_of(plan)]
    return [FreezeToggle(), SessionFreeze(), SessionThaw(), *announced, AnnounceClear()]


def _countdowns(plan: SessionPlan, board: Board) -> Iterator[Action]:
    planned = {each.name: each for each in plan.countdowns}
    of_drops = {f"{drop.name}-{part}" for drop in plan.drops for part in ("open", "close")}
    for name in dict.fromkeys([*planned, *(name for name in board.countdowns if name not in of_drops)]):
        for seconds in EXTENSIONS:
            yield CountdownSet(name=name, extend=seconds)
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
