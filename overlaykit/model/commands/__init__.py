"""Commands: everything that may be asked of a session, one type each, tagged by `type`.

`parsing.parse` makes them of JSON; `fields` says what each field may hold, `rules` what concerns several at once.
"""

from __future__ import annotations

from typing import get_args

from overlaykit.model.commands.base import (
    Command,
    Submission,
    type_of,
)
from overlaykit.model.commands.connectors import (
    ConnectorPause,
    ConnectorResume,
    QuarantineDrop,
    QuarantineMap,
)
from overlaykit.model.commands.direction import (
    AlertAcknowledge,
    AlertSnooze,
    ButtonPress,
    EmergencyRun,
    NoteSet,
    ObsDo,
    OverlayRefresh,
    RuleFire,
    RuleSet,
    TaskDone,
)
from overlaykit.model.commands.items import (
    ItemAdd,
    ItemClose,
    ItemFeature,
    ItemMode,
    ItemMove,
    ItemOpen,
    ItemUpdate,
    Mode,
    PlanReload,
)
from overlaykit.model.commands.orders import (
    OrderCommit,
    OrderRecord,
    OrderRefund,
    OrderRelease,
    OrderReserve,
    OrderShip,
)
from overlaykit.model.commands.screen import (
    AnnounceClear,
    AnnounceShow,
    CountdownSet,
    Level,
    OverlaySet,
)
from overlaykit.model.commands.session import (
    ClockAccept,
    SessionClose,
    SessionFreeze,
    SessionOpen,
    SessionThaw,
)
from overlaykit.model.commands.stock import (
    AllotmentSet,
    Basis,
    Bucket,
    DropClose,
    DropRelease,
    StockAdjust,
    StockConfirm,
    StockCount,
    StockTransfer,
)

AnyCommand = (
    OrderReserve
    | OrderCommit
    | OrderRelease
    | OrderRecord
    | OrderShip
    | OrderRefund
    | StockCount
    | StockConfirm
    | StockAdjust
    | StockTransfer
    | AllotmentSet
    | DropRelease
    | DropClose
    | QuarantineMap
    | QuarantineDrop
    | ConnectorPause
    | ConnectorResume
    | ItemOpen
    | ItemClose
    | ItemMode
    | ItemAdd
    | ItemUpdate
    | ItemMove
    | ItemFeature
    | CountdownSet
    | AnnounceShow
    | AnnounceClear
    | OverlaySet
    | RuleSet
    | RuleFire
    | ButtonPress
    | EmergencyRun
    | TaskDone
    | AlertAcknowledge
    | AlertSnooze
    | NoteSet
    | ObsDo
    | OverlayRefresh
    | SessionOpen
    | SessionFreeze
    | SessionThaw
    | SessionClose
    | ClockAccept
)

Asked = AnyCommand | PlanReload
"""Everything that may be sent to a session: what the engine decides, and what the web edge makes commands of."""

COMMANDS: dict[str, type[Command]] = {command.__struct_config__.tag: command for command in get_args(AnyCommand)}
"""What the engine decides: command type by its name on the wire."""

__all__ = [
    "COMMANDS",
    "AlertAcknowledge",
    "AlertSnooze",
    "AllotmentSet",
    "AnnounceClear",
    "AnnounceShow",
    "AnyCommand",
    "Asked",
    "Basis",
    "Bucket",
    "ButtonPress",
    "ClockAccept",
    "Command",
    "ConnectorPause",
    "ConnectorResume",
    "CountdownSet",
    "DropClose",
    "DropRelease",
    "EmergencyRun",
    "ItemAdd",
    "ItemClose",
    "ItemFeature",
    "ItemMode",
    "ItemMove",
    "ItemOpen",
    "ItemUpdate",
    "Level",
    "Mode",
    "NoteSet",
    "ObsDo",
    "OrderCommit",
    "OrderRecord",
    "OrderRefund",
    "OrderRelease",
    "OrderReserve",
    "OrderShip",
    "OverlayRefresh",
    "OverlaySet",
    "PlanReload",
    "QuarantineDrop",
    "QuarantineMap",
    "RuleFire",
    "RuleSet",
    "SessionClose",
    "SessionFreeze",
    "SessionOpen",
    "SessionThaw",
    "StockAdjust",
    "StockConfirm",
    "StockCount",
    "StockTransfer",
    "Submission",
    "TaskDone",
    "type_of",
]
