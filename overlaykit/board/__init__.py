"""The board: what a room shows, folded from ledger entries.

`Fold` applies entries to a private state; `BoardView` publishes frozen `Board` values of it for one channel or region.
"""

from overlaykit.board.alerts import Alerts
from overlaykit.board.choice import GONE, TO_COME, first_choice
from overlaykit.board.connections import Connections
from overlaykit.board.direction import Direction, Firings, OpenTask
from overlaykit.board.fold import Fold
from overlaykit.board.look import Look
from overlaykit.board.proof import NUMBERS, Change, Number, Trail
from overlaykit.board.types import (
    AlertNow,
    Allotment,
    Announcement,
    Board,
    BoardChange,
    BoardItem,
    ConnectorNow,
    Countdown,
    Deadline,
    DeskDrop,
    DeskItem,
    DirectionNow,
    DropNow,
    MappedNow,
    NoteNow,
    ObsNow,
    Product,
    PushedNow,
    RuleNow,
    SessionHead,
    SourceNow,
    TaskNow,
    UnmappedNow,
)
from overlaykit.board.view import BoardView

__all__ = [
    "GONE",
    "NUMBERS",
    "TO_COME",
    "AlertNow",
    "Alerts",
    "Allotment",
    "Announcement",
    "Board",
    "BoardChange",
    "BoardItem",
    "BoardView",
    "Change",
    "Connections",
    "ConnectorNow",
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
    "MappedNow",
    "NoteNow",
    "Number",
    "ObsNow",
    "OpenTask",
    "Product",
    "PushedNow",
    "RuleNow",
    "SessionHead",
    "SourceNow",
    "TaskNow",
    "Trail",
    "UnmappedNow",
    "first_choice",
]
