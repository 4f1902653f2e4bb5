"""What sets a rule off: one type for each kind of trigger. Pure data; `plan.triggers` reads it from text, `rules` looks for it.

An **edge** is the moment in which what a trigger says becomes true. What is true from the beginning has no edge, and what
stays true has no second one. Triggers about an item have an edge for each item by itself, and look at the numbers that are
shown: while a session is frozen these do not move, and what was crossed meanwhile is crossed by the thaw.

Each type says of itself:

    per_item   whether it is about each item, or about the room
    lasts      whether it may last, so that `sustained` means something
    rests      whether it sleeps while the session is not open: not live and not frozen
"""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import Struct

Sign = Literal["<", "<=", ">", ">="]
"""`<` and `<=` are crossed downwards, `>` and `>=` upwards."""


class Trigger(Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """Base of all triggers."""

    per_item: ClassVar[bool] = False
    lasts: ClassVar[bool] = False
    rests: ClassVar[bool] = True


class Level(Trigger, frozen=True, kw_only=True, tag="level"):
    """`available < 50`, `remaining < 20%`, `pace_per_minute > 30`: a number of the item crosses a level.

    The edge is the entry after which the number is beyond the level, while before it was not. `share`: `value` is a share
    (0.2 for 20%) of the item's opening units as they are at that moment. An item that enters the session beyond the level
    has not crossed it. A number that is not known (a pace) is not beyond any level.
    """

    per_item: ClassVar[bool] = True
    lasts: ClassVar[bool] = True

    field: str
    sign: Sign
    value: float
    share: bool = False

    @property
    def is_share(self) -> bool:
        """Whether the field itself is a share."""
        return self.field in SHARE_FIELDS


class SellsOutIn(Trigger, frozen=True, kw_only=True, tag="sells_out_in"):
    """`sells_out_in < 20m`: at this pace the item will be sold out in less.

    The edge is the entry whose forecast is that near, or the time `sells_out_at` less `seconds` when the forecast stands until
    then. Without a forecast nothing is near.
    """

    per_item: ClassVar[bool] = True
    lasts: ClassVar[bool] = True

    seconds: float


class SoldOut(Trigger, frozen=True, kw_only=True, tag="sold_out"):
    """`sold_out`: an item that had units has none. One that goes on sale without any has no edge.

    It stays sold out, and has no second edge, until more than its threshold `critical` are there again, or as many as `rearm`
    says: after a rush, holds that expire give back a unit here and there, which are gone in a moment.
    """

    per_item: ClassVar[bool] = True
    lasts: ClassVar[bool] = True


class Restocked(Trigger, frozen=True, kw_only=True, tag="restocked"):
    """`restocked`: of an item that was sold out more than its threshold `critical` can be bought again."""

    per_item: ClassVar[bool] = True
    lasts: ClassVar[bool] = True


class SoldEvery(Trigger, frozen=True, kw_only=True, tag="sold_every"):
    """`sold every 500`: the units sold reach the next multiple.

    One edge for an entry that passes several of them: the highest. Each is reached once, also when units come back in between.
    """

    per_item: ClassVar[bool] = True

    units: int


class OnAir(Trigger, frozen=True, kw_only=True, tag="on_air"):
    """`on_air`: an item is presented that was not. Of several variants at once: the one the room is about, the first that can
    be bought."""

    per_item: ClassVar[bool] = True
    lasts: ClassVar[bool] = True


class OffAir(Trigger, frozen=True, kw_only=True, tag="off_air"):
    """`off_air`: an item is no longer presented. Of several variants at once: the one that had been the room's."""

    per_item: ClassVar[bool] = True
    lasts: ClassVar[bool] = True


class CountdownBelow(Trigger, frozen=True, kw_only=True, tag="countdown"):
    """`countdown NAME < 1m`: so much is left of it.

    The edge is the time `ends_at` less `seconds`, or the entry that shortens the countdown beyond that. One that begins with
    less does not cross it. Set anew with another end it may be crossed again. 0 seconds: it ends.
    """

    name: str
    seconds: float


class DropTurned(Trigger, frozen=True, kw_only=True, tag="drop"):
    """`drop NAME opened`, `drop NAME closed`: by its time or by hand."""

    name: str
    to: Literal["opened", "closed"]


class SourceTurned(Trigger, frozen=True, kw_only=True, tag="source"):
    """`source NAME stale`, `source NAME fresh`: a source goes silent, or speaks again. A source counts as fresh at first."""

    lasts: ClassVar[bool] = True
    rests: ClassVar[bool] = False

    name: str
    to: Literal["stale", "fresh"]


class ObsTurned(Trigger, frozen=True, kw_only=True, tag="obs"):
    """`obs NAME connected`, `disconnected`, `streaming`, `stopped`, `reconnecting`.

    At first an OBS counts as not connected. Of the stream, the first that is heard is no edge; while OBS is not connected its
    stream counts as what it was, so that `stopped` is seen after a crash as soon as OBS is back.
    """

    lasts: ClassVar[bool] = True
    rests: ClassVar[bool] = False

    obs: str
    to: Literal["connected", "disconnected", "streaming", "stopped", "reconnecting"]


class ObsScene(Trigger, frozen=True, kw_only=True, tag="obs_scene"):
    """`obs NAME scene "X"`: the scene is on program and was not. The first scene that is heard is no edge."""

    lasts: ClassVar[bool] = True
    rests: ClassVar[bool] = False

    obs: str
    scene: str


class ObsHealth(Trigger, frozen=True, kw_only=True, tag="obs_health"):
    """`obs NAME dropped_frames > 5%`, `cpu > 80%`, `disk_gb < 10`, `fps < 25`: a number of OBS crosses a level.

    `value` is a share for a percentage. A number that is beyond the level when it is heard first is an edge: OBS was well
    before it could be asked.
    """

    lasts: ClassVar[bool] = True
    rests: ClassVar[bool] = False

    obs: str
    field: str
    sign: Sign
    value: float

    @property
    def is_share(self) -> bool:
        """Whether the field is compared with a percentage."""
        return self.field in HEALTH_SHARES


class ChatSaid(Trigger, frozen=True, kw_only=True, tag="chat"):
    """`chat "怎么买"`: somebody writes a message that holds the keyword. Each message is an edge."""

    keyword: str


class ButtonPressed(Trigger, frozen=True, kw_only=True, tag="button"):
    """`button NAME`: somebody presses it. Each press is an edge."""

    rests: ClassVar[bool] = False

    name: str


class TimeOfDay(Trigger, frozen=True, kw_only=True, tag="at"):
    """`at 20:30`: that time comes in the session's time zone, each day that the session is open."""

    hour: int
    minute: int
    second: int = 0


class SessionTurned(Trigger, frozen=True, kw_only=True, tag="session"):
    """`session opened`, `frozen`, `thawed`, `closed`."""

    rests: ClassVar[bool] = False

    to: Literal["opened", "frozen", "thawed", "closed"]


AnyTrigger = (
    Level
    | SellsOutIn
    | SoldOut
    | Restocked
    | SoldEvery
    | OnAir
    | OffAir
    | CountdownBelow
    | DropTurned
    | SourceTurned
    | ObsTurned
    | ObsScene
    | ObsHealth
    | ChatSaid
    | ButtonPressed
    | TimeOfDay
    | SessionTurned
)

UNIT_FIELDS = ("available", "held", "sold", "oversold")
"""Fields of a Level that are pieces, and may be compared with a share of the opening units too."""
SHARE_FIELDS = ("remaining",)
"""Fields of a Level that are shares, and are compared with a percentage."""
NUMBER_FIELDS = ("pace_per_minute",)
"""Fields of a Level that are numbers of their own."""

HEALTH_SHARES = ("dropped_frames", "dropped_frames_1m", "lagged_frames", "lagged_frames_1m", "congestion", "cpu")
"""Fields of an ObsHealth that are shares, and are compared with a percentage."""
HEALTH_NUMBERS = ("disk_gb", "fps")
"""Fields of an ObsHealth that are numbers of their own."""
