"""What an action means now: the command that a press sends, as the board stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from overlaykit.board import Board, DirectionNow
from overlaykit.board.choice import first_choice
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
                words = Words("no item stands before the one on air", "讲解中的前面没有商品了")
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
    """The nearest before the one on air that is not on air itself nor of the same product, also one that is gone: whoever goes back
    wants what was there. Of a product the variant that comes first as on the board. The desk goes back so, too: `stepFrom`."""
    subject = _on_air(board)
    if subject is None:
        return None
    for sku in reversed(board.order[: board.order.index(subject.sku)]):
        item = board.items[sku]
        if item.on_air or (subject.product is not None and item.product == subject.product):
            continue
        product = board.products.get(item.product) if item.product is not None else None
        return item if product is None else first_choice([board.items[each] for each in product.variants])
    return None


def _feature(item: BoardItem) -> ItemFeature:
    return ItemFeature(link=item.link) if item.link is not None else ItemFeature(sku=item.sku)
