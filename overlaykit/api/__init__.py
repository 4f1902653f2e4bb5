"""What plugins, and programs that talk to a room, import. Everything here is public and stays; nothing else is.

Writing a plugin: `hookimpl`, the classes to extend, `Secret` for what must not be shown, `UserError` for what
somebody can mend. Talking to a room: `RoomClient`. plugins/README.md shows both.
"""

from overlaykit.api.rooms import RoomClient
from overlaykit.board.types import Board, BoardItem
from overlaykit.errors import (
    BadMessage,
    NotFound,
    OverlaykitError,
    PlatformAway,
    PlatformError,
    PlatformRefused,
    PluginError,
    StoreAway,
    UserError,
    WrongTime,
)
from overlaykit.model.connectors import Capability, Connector, Context, Grant, Http, HttpAnswer
from overlaykit.model.events import (
    Arrival,
    ChatDeleted,
    ChatMessage,
    Line,
    ListingObserved,
    OrderCancelled,
    OrderEvent,
    OrderFact,
    OrderPaid,
    OrderPlaced,
    OrderRef,
    OrderShipped,
    Refunded,
    StockLevel,
    StockLevelObserved,
    StockPushResult,
    Unknown,
)
from overlaykit.model.messages import ChatText, CouponGift, Notification, WebhookEvent
from overlaykit.model.outcomes import Outcome
from overlaykit.model.performing import Effect, ObsHandle, Occasion, Performing
from overlaykit.model.plugins import Action, Identity, StandIn, Theme
from overlaykit.model.sessions import SessionPlan
from overlaykit.model.settings import Secret, Settings
from overlaykit.model.signing import hash_hex, hmac_base64, hmac_hex, same, unbase64
from overlaykit.model.windows import time_windows
from overlaykit.model.wire import Headers, Reply, Request
from overlaykit.pluginhost.hookspecs import hookimpl

__all__ = [
    "Action",
    "Arrival",
    "BadMessage",
    "Board",
    "BoardItem",
    "Capability",
    "ChatDeleted",
    "ChatMessage",
    "ChatText",
    "Connector",
    "Context",
    "CouponGift",
    "Effect",
    "Grant",
    "Headers",
    "Http",
    "HttpAnswer",
    "Identity",
    "Line",
    "ListingObserved",
    "NotFound",
    "Notification",
    "ObsHandle",
    "Occasion",
    "OrderCancelled",
    "OrderEvent",
    "OrderFact",
    "OrderPaid",
    "OrderPlaced",
    "OrderRef",
    "OrderShipped",
    "Outcome",
    "OverlaykitError",
    "Performing",
    "PlatformAway",
    "PlatformError",
    "PlatformRefused",
    "PluginError",
    "Refunded",
    "Reply",
    "Request",
    "RoomClient",
    "Secret",
    "SessionPlan",
    "Settings",
    "StandIn",
    "StockLevel",
    "StockLevelObserved",
    "StockPushResult",
    "StoreAway",
    "Theme",
    "Unknown",
    "UserError",
    "WebhookEvent",
    "WrongTime",
    "hash_hex",
    "hmac_base64",
    "hmac_hex",
    "hookimpl",
    "same",
    "time_windows",
    "unbase64",
]
