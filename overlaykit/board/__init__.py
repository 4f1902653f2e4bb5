"""The board: what a room shows, folded from ledger entries.

`Fold` applies entries to a private state; `BoardView` publishes frozen `Board` values of it for one channel or region.
"""

from overlaykit.board.choice import GONE, first_choice
from overlaykit.board.direction import Direction, Firings, OpenTask
from overlaykit.board.fold import Fold
from overlaykit.board.look import Look
from overlaykit.board.types import (
    Allotment,
    Announcement,
    Board,
    BoardChange,
    BoardItem,
    Countdown,
    Deadline,
    DeskDrop,
    DeskItem,
    DirectionNow,
    DropNow,
    ObsNow,
    Product,
    RuleNow,
    SessionHead,
    SourceNow,
    TaskNow,
)
from overlaykit.board.view import BoardView

__all__ = [
    "GONE",
    "Allotment",
    "Announcement",
    "Board",
    "BoardChange",
    "BoardItem",
    "BoardView",
    "Countdown",
    "Deadline",
    "DeskDrop",
    "DeskItem",
    "Direction",
    "DirectionNow",
    "DropNow",
    "Firings",
    "Fold",
    "Look",
    "ObsNow",
    "OpenTask",
    "Product",
    "RuleNow",
    "SessionHead",
    "SourceNow",
    "TaskNow",
    "first_choice",
]
