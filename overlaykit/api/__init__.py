"""What plugins, and programs that talk to a room, import. Everything here is public and stays; nothing else is.

Writing a plugin: `hookimpl`, the classes to extend, `Secret` for what must not be shown, `UserError` for what
somebody can mend. Talking to a room: `RoomClient`. plugins/README.md shows both.
"""

from overlaykit.api.rooms import RoomClient
from overlaykit.board.types import Board, BoardItem
from overlaykit.errors import NotFound, OverlaykitError, PluginError, StoreAway, UserError
from overlaykit.model.events import ChatMessage, StockLevelObserved
from overlaykit.model.messages import ChatText, CouponGift, Notification, WebhookEvent
from overlaykit.model.outcomes import Outcome
from overlaykit.model.performing import Effect, ObsHandle, Occasion, Performing
from overlaykit.model.plugins import Action, Capability, Connector, Identity, Secret, Settings, Theme
from overlaykit.model.sessions import SessionPlan
from overlaykit.pluginhost.hookspecs import hookimpl

__all__ = [
    "Action",
    "Board",
    "BoardItem",
    "Capability",
    "ChatMessage",
    "ChatText",
    "Connector",
    "CouponGift",
    "Effect",
    "Identity",
    "NotFound",
    "Notification",
    "ObsHandle",
    "Occasion",
    "Outcome",
    "OverlaykitError",
    "Performing",
    "PluginError",
    "RoomClient",
    "Secret",
    "SessionPlan",
    "Settings",
    "StockLevelObserved",
    "StoreAway",
    "Theme",
    "UserError",
    "WebhookEvent",
    "hookimpl",
]
