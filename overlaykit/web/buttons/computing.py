"""What an action means now: the command that a press sends, as the board stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from overlaykit.board import Board, DirectionNow
from overlaykit.board.choice import GONE
from overlaykit.board.types import BoardItem
from overlaykit.model.commands import (
    AnnounceShow,
    ItemFeature,
    Level,
    RuleSet,
    SessionFreeze,
    SessionThaw,
)
from overlaykit.model.commands.base import Command
from overlaykit.plan import Words
from overlaykit.theming.subject import next_of
from overlaykit.web.buttons.actions import (
    Action,
    AnnouncementShow,
    FreezeToggle,
    ItemNext,
    ItemPrevious,
    RuleToggle,
)
from overlaykit.web.desk.announcing import AnnouncementNow


class NothingToDo(Exception):
    """An action means nothing now; `words` say why, `reason` is for programs."""

    def __init__(self, reason: str, words: Words) -> None:
        super().__init__(words.en)
        self.reason = reason
        self.words = words


def command_of(
    action: Action,
    board: Board,
    direction: DirectionNow,
    announcements: Callable[[], Sequence[AnnouncementNow]],
) -> Command:
    """The command that a press of this action sends now, without an id. `announcements`: the texts to announce, as they read now.
    Raises NothingToDo."""
    match action:
        case ItemNext():
            found = next_of(board, _on_air(board))
            if found is None:
                raise NothingToDo("no_next_item", Words("no item comes after the one on air", "讲解中的后面没有商品了"))
            return _feature(found)
        case ItemPrevious():
            found = _previous(board)
            if found is None:
                words = Words("no item stands before the one on air", "讲解中的前面没有可以讲的商品")
                raise NothingToDo("no_previous_item", words)
            return _feature(found)
        case FreezeToggle():
            return SessionThaw() if board.session.status == "frozen" else SessionFreeze()
        case RuleToggle(name=name):
            rule = direction.rules.get(name)
            return RuleSet(name=name, enabled=rule is not None and not rule.enabled)
        case AnnouncementShow(name=name):
            [said] = [each for each in announcements() if each.name == name]
            if said.text is None:
                raise NothingToDo("nothing_to_say", Words(str(said.problem), str(said.problem)))
            return AnnounceShow(text=said.text, level=Level(said.level), seconds=said.seconds)
        case Command():
            return action
    raise AssertionError(f"{action} is neither a command nor computed here")


def _on_air(board: Board) -> BoardItem | None:
    return board.items.get(board.on_air) if board.on_air is not None else None


def _previous(board: Board) -> BoardItem | None:
    """The nearest before the one on air that is not gone and not of the same product; of a product its first variant."""
    subject = _on_air(board)
    if subject is None:
        return None
    before = [board.items[sku] for sku in board.order[: board.order.index(subject.sku)]]
    product = subject.product
    fit = [item for item in before if item.state not in GONE and (product is None or item.product != product)]
    if not fit:
        return None
    nearest = fit[-1]
    return next((item for item in fit if nearest.product is not None and item.product == nearest.product), nearest)


def _feature(item: BoardItem) -> ItemFeature:
    return ItemFeature(link=item.link) if item.link is not None else ItemFeature(sku=item.sku)
