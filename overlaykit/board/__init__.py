"""The board: what a room shows, folded from ledger entries.

`Fold` applies entries to a private state; `BoardView` publishes frozen `Board` values of it for one channel or region.
"""

from overlaykit.board.fold import Fold
from overlaykit.board.types import (
    Announcement,
    Board,
    BoardItem,
    Countdown,
    Deadline,
    DeskItem,
    DropNow,
    Product,
    SessionHead,
)
from overlaykit.board.view import BoardChange, BoardView

__all__ = [
    "Announcement",
    "Board",
    "BoardChange",
    "BoardItem",
    "BoardView",
    "Countdown",
    "Deadline",
    "DeskItem",
    "DropNow",
    "Fold",
    "Product",
    "SessionHead",
]
