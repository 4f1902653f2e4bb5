"""What a plugin extends: settings, secrets, connectors, actions, themes and identities. Pure contract, no I/O.

Plugin authors find these names in `overlaykit.api`.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar, get_args

import msgspec
from msgspec import NODEFAULT, Struct

from overlaykit.model.events import ChatMessage, StockLevelObserved
from overlaykit.model.messages import Body, ChatText, CouponGift, Notification
from overlaykit.model.performing import Effect, Performing

MASK = "•••"
"""What is shown instead of a secret."""


class Secret:
    """A text that nobody may read by accident: `str`, `repr` and format show a mask, and it cannot be encoded as JSON.

    `reveal()` gives the text. Two secrets compare in constant time.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; keep it out of messages and logs."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK


class Settings(Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of a plugin's settings: what stands in a `settings = { … }` table of session.toml, typed.

    A field of type `Secret` never stands in a plan, which is often shared; it is given apart. A field that is not in
    the class is an error in the plan, named with its place.
    """

    @classmethod
    def secret_names(cls) -> tuple[str, ...]:
        """The fields whose values are secrets, as they are called in the plan."""
        return tuple(field.encode_name for field in msgspec.structs.fields(cls) if _holds_secret(field.type))

    @classmethod
    def in_plan(cls) -> type[Struct]:
        """The type that the plan's table must have: these settings without their secrets."""
        secrets = set(cls.secret_names())
        if not secrets:
            return cls
        fields: list[Any] = []
        rename: dict[str, str] = {}
        for field in msgspec.structs.fields(cls):
            if field.encode_name in secrets:
                continue
            rename[field.name] = field.encode_name
            if field.default_factory is not NODEFAULT:
                fields.append((field.name, field.type, msgspec.field(default_factory=field.default_factory)))
            elif field.default is not NODEFAULT:
                fields.append((field.name, field.type, field.default))
            else:
                fields.append((field.name, field.type))
        return msgspec.defstruct(cls.__name__, fields, rename=rename, kw_only=True, forbid_unknown_fields=True)


def _holds_secret(kind: Any) -> bool:
    return kind is Secret or any(_holds_secret(part) for part in get_args(kind))


class Capability(StrEnum):
    """What a connector can do with its platform. What no channel can do becomes a task for a person."""

    ORDERS = "orders"
    """Tells of orders placed, paid, cancelled."""
    STOCK_LEVELS = "stock_levels"
    """Reads the stock of a warehouse or shop."""
    PUSH_STOCK = "push_stock"
    """Writes the number that may still be sold there."""
    CHAT_READ = "chat_read"
    """Reads the room's chat."""
    CHAT_SEND = "chat_send"
    """Writes into the room's chat."""
    COUPON = "coupon"
    """Hands out a coupon or red packet."""
    NOTIFY = "notify"
    """Brings alerts to the team."""


S = TypeVar("S", bound=Settings)


class Connector(Generic[S]):
    """A platform, warehouse, ERP or chat. Subclass `Connector[YourSettings]`, with `name` and `capabilities`.

    name           what a plan calls it: `connector = "acme"`
    capabilities   what it can do
    settings_type  taken from the brackets; Settings (no fields) without them

    The gateway makes one for each channel, source and notifier of the plan that names it, and calls its asynchronous methods
    on an event loop that only this one has. It overrides those that its capabilities promise (`PROMISES`). What they raise is
    shown to the operator: a UserError with its remedy, anything else with the line it came from.
    """

    name: ClassVar[str] = ""
    capabilities: ClassVar[AbstractSet[Capability]] = frozenset()
    settings_type: ClassVar[type[Settings]] = Settings

    def __init__(self, settings: S) -> None:
        self.settings = settings

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.settings_type = _in_brackets(cls, cls.settings_type)

    def chat(self) -> AsyncIterator[ChatMessage]:
        """The room's chat from now on, as an async generator that goes on until it is closed. When it ends or raises it is
        asked for again, after a pause. A message that comes twice, by its id, counts once."""
        raise _not_overridden(self, "chat")

    async def send_chat(self, text: str) -> str | None:
        """Writes `text` into the room's chat, once; returns a detail to show, such as the platform's id, or None.

        It is never repeated. Raise TimeoutError when nobody knows whether the platform has it."""
        raise _not_overridden(self, "send_chat")

    async def give_coupon(self, gift: CouponGift, *, id: str) -> str | None:
        """Hands `gift` to the viewers, as `send_chat` does. `id` is this gift's own, for platforms that take such a key."""
        raise _not_overridden(self, "give_coupon")

    async def notify(self, notification: Notification) -> str | None:
        """Brings a text to the team. Called again, some times, when it raises: an alert twice is better than none."""
        raise _not_overridden(self, "notify")

    async def poll(self) -> Sequence[StockLevelObserved]:
        """What is in stock now, called every `every` of the plan's source. Empty: nothing has changed since.

        To return is to say that the source is there: raise when it does not answer."""
        raise _not_overridden(self, "poll")

    async def close(self) -> None:
        """The gateway needs it no more: end connections."""


PROMISES = {
    Capability.CHAT_READ: "chat",
    Capability.CHAT_SEND: "send_chat",
    Capability.COUPON: "give_coupon",
    Capability.NOTIFY: "notify",
    Capability.STOCK_LEVELS: "poll",
}
"""Capability → the method of Connector that does it."""

NEEDS: Mapping[type[Body], Capability] = {
    ChatText: Capability.CHAT_SEND,
    CouponGift: Capability.COUPON,
    Notification: Capability.NOTIFY,
}
"""What a connector has to be able to do to deliver a message with such a body."""


def _not_overridden(connector: Connector[Any], method: str) -> NotImplementedError:
    return NotImplementedError(f"the connector {connector.name} has no {method}")


class Action(Generic[S]):
    """Something a rule, a button or an emergency plan can do. Subclass `Action[YourArguments]`, with `name` and `do`.

    name            what `do = [{ action = "…" }]` of a plan calls it
    effect          whether it may be done again when nobody knows how far it came: only where that changes nothing
    arguments_type  taken from the brackets: the other keys of that table, typed
    arguments       of one entry. Every text of it that holds `{{ … }}` or `{% … %}` is filled in just before `do`
    """

    name: ClassVar[str] = ""
    effect: ClassVar[Effect] = Effect.MOMENT
    arguments_type: ClassVar[type[Settings]] = Settings

    def __init__(self, arguments: S) -> None:
        self.arguments = arguments

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.arguments_type = _in_brackets(cls, cls.arguments_type)

    def target(self, stage: Performing) -> str:
        """What it acts on, such as `obs main`: actions on one target are done one after the other, in their order; those on
        different ones do not wait for each other. Raises UserError when the target does not exist."""
        return self.name

    async def do(self, stage: Performing) -> str | None:
        """Does it, on the director's loop: what takes long or blocks belongs into a thread. Returns what to show of it.

        Raises UserError when it cannot be done. It is cancelled when its time is over.
        """
        raise NotImplementedError(f"the action {self.name} has no do()")


def _in_brackets(cls: type, otherwise: type[Settings]) -> type[Settings]:
    """The Settings class in `class X(Base[Here])`; `otherwise` when there are no brackets."""
    for base in cls.__dict__.get("__orig_bases__", ()):
        for argument in get_args(base):
            if isinstance(argument, type) and issubclass(argument, Settings):
                return argument
    return otherwise


@dataclass(frozen=True)
class Theme:
    """A theme: its name, as a plan and a URL call it, and the folder with its theme.toml."""

    name: str
    folder: Path


@dataclass(frozen=True)
class Identity:
    """Who the buyers of some channels are, so that one person on several of them counts once in limits.

    channels   the channels, as the plan names them
    find       (channel, buyer's id there) → a text that is the same for the same person, 1 to 128 characters
    """

    channels: Sequence[str]
    find: Callable[[str, str], str]
