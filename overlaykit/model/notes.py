"""Notes: what our own processes write to a ledger beside what was asked of it, one type each, tagged by `type`.

The director says what rules did, what OBS did and how it fares, and how fast items sell; the gateway says what it performed, what
sources are silent, what rules listen for in the chat, what it wrote to platforms, and what of their orders it could not map.
Nobody sends notes over HTTP. A replay takes them as a recording has them. Times are RFC 3339 UTC with milliseconds.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, Any, Literal, NamedTuple, get_args

from msgspec import Meta, Struct, field

from overlaykit.model.fields import MAX_LINES, Id, Name, PlatformSku, Quantity, Reading, Seq
from overlaykit.model.messages import Level

ITEMS_AT_MOST = 200
"""Items of one forecast.updated; a larger forecast is several notes."""
TEXT_AT_MOST = 2000
"""Characters of a text that is read by people; what is longer is cut when it is written."""
BRIEF_AT_MOST = 200
"""Characters of a reason why a number was not written; what is longer is cut."""
UNMAPPED_AT_MOST = 200
"""Platforms' skus that are shown as unmapped; orders of further ones wait all the same, and show once they come up again."""
TASKS_AT_MOST = 200
"""Open tasks of a session; with one more the oldest leaves (`task.dropped`)."""

Time = Annotated[str, Meta(max_length=40)]
Detail = Annotated[str, Meta(max_length=TEXT_AT_MOST)]
Brief = Annotated[str, Meta(max_length=BRIEF_AT_MOST)]
Key = Annotated[str, Meta(min_length=1, max_length=300)]
RuleName = Annotated[str, Meta(min_length=1, max_length=80)]
"""A rule of the plan, or `emergency.` and a name of the plan."""

Pace = tuple[Annotated[float, Meta(ge=0)] | None, Time | None]
"""Units sold a minute and when the item will be sold out; None: not known."""


class Note(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="type"):
    """Base of all notes."""


class ForecastUpdated(Note, frozen=True, kw_only=True, tag="forecast.updated"):
    """How fast items sell, by sku: those for which it changed noticeably."""

    items: Annotated[dict[Name, Pace], Meta(min_length=1, max_length=ITEMS_AT_MOST)]


class RuleFired(Note, frozen=True, kw_only=True, tag="rule.fired"):
    """A rule fired. Its cause is the entry that made the edge; `key` is what makes the firing one of its kind (`firing_id`).

    why      in words, in both languages as plan.Words.both has them
    values   what the rule looked at: name → value
    """

    rule: RuleName
    sku: Name | None = None
    key: Key
    why: Detail = ""
    values: dict[str, Any] = field(default_factory=dict)


class RuleSkipped(Note, frozen=True, kw_only=True, tag="rule.skipped"):
    """A rule would have fired and did not, because it was too late. The same id as the firing would have had."""

    rule: RuleName
    sku: Name | None = None
    key: Key
    why: Detail = ""


ActionStatus = Literal["done", "failed", "skipped", "uncertain", "task"]


class _Acted(Note, frozen=True, kw_only=True):
    """What came of an action of a firing. Its cause is the firing.

    firing   seq of rule.fired, whose cause is the command when somebody ran it, or of obs.do; None for what the director does
             by itself, such as loading a silent overlay anew
    index    its place among the actions, 0 being the first
    action   its name, such as announce
    target   who performed it: an OBS, a channel, a notifier; "" for the session itself
    status   done, failed, skipped (too late, or a dry run), uncertain (begun by a process that ended), or task (a person's now)
    detail   what happened, in words; what we say ourselves in both languages
    ms       how long it took
    """

    firing: Seq | None = None
    index: Annotated[int, Meta(ge=0, le=1000)]
    action: Name
    target: Annotated[str, Meta(max_length=64)] = ""
    status: ActionStatus
    detail: Detail = ""
    ms: Annotated[float, Meta(ge=0)] = 0.0


ON_SESSION, ON_GATEWAY = "session", "gateway"
"""Targets of actions that are done on the room itself."""


class ActionDone(_Acted, frozen=True, kw_only=True, tag="action.done"):
    """What came of an action."""


class ObsActed(_Acted, frozen=True, kw_only=True, tag="obs.acted"):
    """What came of an action on an OBS, whose name is the target."""


TaskKind = Literal["returned", "returns", "excess", "contradicts", "reading", "storm", "instead", "usual"]
"""What a task of our own is about: units of a refunded order, or of several, that may have come back; an order of which more came
back or was sent than it has, or that contradicts what is known; a reading that waits; a rule that fires again and again; an action
that a person does instead; what one of the usual emergency plans asks for, which `text` says in both languages."""


class TaskOpened(Note, frozen=True, kw_only=True, tag="task.opened"):
    """Something for a person to do, until `task.done`. One with an id that is open takes that one's place.

    kind      what it is about, for whoever words it; None: `text` says what to do, as the plan or a plugin has it
    params    what its words are made of: names as the plan has them, numbers
    text      what to do, or to copy; of a kind with words of its own ""
    copy      whether the text is there to be copied, into a chat for example
    confirm   whether the director waits for it: what it confirms is done then
    trouble   it is about an action that failed, or of which nobody knows whether it was done: somebody should know
    """

    task: Id
    kind: TaskKind | None = None
    params: Annotated[dict[Name, Annotated[str, Meta(max_length=TEXT_AT_MOST)] | int], Meta(max_length=10)] = field(
        default_factory=dict
    )
    text: Detail = ""
    why: Detail = ""
    level: Level = "info"
    copy: bool = False
    confirm: bool = False
    trouble: Literal["failed", "uncertain"] | None = None
    sku: Name | None = None


class AlertRaised(Note, frozen=True, kw_only=True, tag="alert.raised"):
    """A rule says that somebody at the desk has to see something: about the item `sku`, or about the room."""

    rule: RuleName
    sku: Name | None = None
    text: Detail
    level: Level = "warning"


class ObsState(Struct, frozen=True, forbid_unknown_fields=True):
    """An OBS as it stands: None where nothing is known.

    wanted           whether the session needs it: one that is let go when a session ends is missed by nobody
    preview          the scene in preview; None without studio mode
    back_to, back_at the scene on program is there for a while: what comes back, and when
    override_until   until when automation leaves it to the person who switched its scene
    problems         what is wrong with it, in words: bindings without a source, a password that is not right
    """

    connected: bool
    scene: str | None = None
    preview: str | None = None
    studio_mode: bool = False
    streaming: bool = False
    recording: bool = False
    back_to: str | None = None
    back_at: Time | None = None
    override_until: Time | None = None
    problems: Annotated[tuple[Detail, ...], Meta(max_length=50)] = ()
    wanted: bool = True


class ObsChanged(Note, frozen=True, kw_only=True, tag="obs.changed"):
    """An OBS is another way now: the whole of it."""

    obs: Name
    state: ObsState


class ObsValues(Struct, frozen=True, forbid_unknown_fields=True):
    """How an OBS fares: None where nothing is known.

    dropped_frames   share of the stream's frames that the network lost in the last ten seconds; _1m: in the last minute
    lagged_frames    share of frames that rendering or encoding missed in the last ten seconds; _1m: in the last minute
    congestion       how full the way to the platform is, 0 … 1
    cpu              share of the machine that OBS takes
    disk_gb          free on the disk to which it records
    fps              pictures a second that it renders
    reconnecting     whether its stream broke off and is being taken up again
    """

    dropped_frames: float | None = None
    dropped_frames_1m: float | None = None
    lagged_frames: float | None = None
    lagged_frames_1m: float | None = None
    congestion: float | None = None
    cpu: float | None = None
    disk_gb: float | None = None
    fps: float | None = None
    reconnecting: bool | None = None


class ObsHealth(Note, frozen=True, kw_only=True, tag="obs.health"):
    """How an OBS fares. At most one a second, and only when something moved noticeably; else one in ten seconds."""

    obs: Name
    values: ObsValues


class SourceStale(Note, frozen=True, kw_only=True, tag="source.stale"):
    """A source has been silent for longer than it may: what it says of stock may be wrong."""

    source: Name
    since: Time


class SourceFresh(Note, frozen=True, kw_only=True, tag="source.fresh"):
    """A source speaks again."""

    source: Name


class ChatHeard(Note, frozen=True, kw_only=True, tag="chat.heard"):
    """A message in a channel's chat, with a keyword that a rule listens for."""

    channel: Name
    keyword: Name
    text: Detail
    author: Annotated[str, Meta(max_length=200)] = ""


class StockPushed(Note, frozen=True, kw_only=True, tag="stock.pushed"):
    """What came of numbers that were written to a channel's platform. At most one a second for each channel, unless it is
    about more than ITEMS_AT_MOST items.

    levels  sku → units that the channel may sell now, as its platform has it
    failed  sku → why its number could not be written, in words: the platform still has the one before
    """

    channel: Name
    levels: Annotated[dict[Name, Reading], Meta(max_length=ITEMS_AT_MOST)] = field(default_factory=dict)
    failed: Annotated[dict[Name, Brief], Meta(max_length=ITEMS_AT_MOST)] = field(default_factory=dict)


class OrderUnmapped(Note, frozen=True, kw_only=True, tag="order.unmapped"):
    """An order was put aside, or lines of it, because the plan has no item for what a platform calls them.

    order          as the ledger names it
    platform_skus  platform's sku → its units in the order
    """

    channel: Name
    order: Id
    platform_skus: Annotated[dict[PlatformSku, Quantity], Meta(min_length=1, max_length=MAX_LINES)]


AnyNote = (
    ForecastUpdated
    | RuleFired
    | RuleSkipped
    | ActionDone
    | ObsActed
    | TaskOpened
    | AlertRaised
    | ObsChanged
    | ObsHealth
    | SourceStale
    | SourceFresh
    | ChatHeard
    | StockPushed
    | OrderUnmapped
)

NOTES: dict[str, type[AnyNote]] = {note.__struct_config__.tag: note for note in get_args(AnyNote)}
"""Note type by its name in the ledger."""


class Noted(NamedTuple):
    """A note on its way to the ledger.

    id       makes it happen once: with an id that was used before nothing is written, whatever the note says
    source   who says it: rule:NAME, clock, connector:NAME …
    cause    seq of the entry that it follows from
    """

    id: str
    note: AnyNote
    source: str
    cause: int | None = None


class NoteAnswer(NamedTuple):
    """What came of a note.

    status   accepted; duplicate: its id was used by a note before, whose entry is `seq`; conflict: its id is a command's; fenced:
             another process has the lease by now, and nothing was written
    seq      its entry
    """

    status: Literal["accepted", "duplicate", "conflict", "fenced"]
    seq: int | None


def firing_id(rule: str, key: str) -> str:
    """The id of rule.fired or rule.skipped: the same for the same rule and key, so that it is one of them, and once. Short
    whatever the names are."""
    return "fire-" + blake2b(f"{rule}\0{key}".encode(), digest_size=16).hexdigest()
