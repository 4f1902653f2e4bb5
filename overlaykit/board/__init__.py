"""The board: what a room shows, folded from ledger entries.

`Fold` applies entries to a private state; `BoardView` publishes frozen `Board` values of it for one channel or region.
"""

from overlaykit.board.choice import GONE, first_choice
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
    DropNow,
    Product,
    SessionHead,
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
    "DropNow",
    "Fold",
    "Look",
    "Product",
    "SessionHead",
    "first_choice",
]
