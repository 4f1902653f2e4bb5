"""What plugin authors rely on. A name that goes, or comes, is a decision: change this list with it."""

from overlaykit import api

PUBLIC = [
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


def test_the_public_names_are_these() -> None:
    assert sorted(api.__all__) == PUBLIC
    assert all(hasattr(api, name) for name in PUBLIC)


def test_nothing_else_is_taken_for_public() -> None:
    modules = {"rooms"}
    assert {name for name in vars(api) if name[0] != "_"} - modules == set(PUBLIC)
