"""What a connector extends, and what it works with. Pure contract, no I/O.

Plugin authors find these names in `overlaykit.api`.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from msgspec import Struct

from overlaykit.model.events import (
    Arrival,
    ChatMessage,
    OrderFact,
    OrderRef,
    StockLevel,
    StockLevelObserved,
    StockPushResult,
)
from overlaykit.model.messages import Body, ChatText, CouponGift, Notification
from overlaykit.model.settings import Settings, settings_in_brackets
from overlaykit.model.wire import Reply, Request


class Capability(StrEnum):
    """What a connector can do with its platform. What no channel can do becomes a task for a person."""

    ORDERS = "orders"
    """Tells of orders in messages to /hooks/APP."""
    ORDERS_POLL = "orders_poll"
    """Tells of orders when it is asked."""
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


class Grant(Struct, frozen=True, kw_only=True):
    """What a platform gave when somebody authorised the app: kept by the room, never shown.

    expires_at, refresh_until  seconds since 1970; None: it does not end
    shop                       the platform's id of the shop that it is for, where it says
    """

    token: str
    refresh_token: str | None = None
    expires_at: float | None = None
    refresh_until: float | None = None
    shop: str = ""


class Http(Protocol):
    """HTTP for connectors: no more calls a second than the connector's `rate`, no redirects, answers as plain data.

    What may be asked twice (GET, or `again=True`) is asked again when there is no answer. `token` goes as `Authorization: Bearer`.
    Raises PlatformAway (no answer, 429, 5xx) and PlatformRefused (any other status but 2xx); BadMessage when the answer is no JSON.
    """

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> Any:
        """The answer's JSON."""

    async def post(
        self,
        url: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        again: bool = False,
    ) -> Any:
        """The answer's JSON, None for 204. One of `json`, `form` and `content` is the body."""

    async def put(
        self,
        url: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        again: bool = False,
    ) -> Any:
        """As `post`: the answer's JSON, None for 204."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        again: bool = False,
    ) -> HttpAnswer:
        """The whole answer, 2xx or 304, to any method: PATCH, DELETE, or what does not answer in JSON."""


class HttpAnswer(Struct, frozen=True):
    """An answer of a platform; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Context(Protocol):
    """What a connector's asynchronous methods work with. It belongs to one section of the plan, and outlives a restart.

    section  the section of the plan: `channel.douyin`
    shop     the channel's own shop, as the plan names it; "" where it names none
    shops    the shops of all channels of the app
    log      the gateway's log
    """

    section: str
    shop: str
    shops: Sequence[str]
    log: logging.Logger
    http: Http

    @property
    def now_ms(self) -> int:
        """ms since 1970, on the store's clock."""

    async def token(self, shop: str = "", *, ended: str = "") -> str:
        """The access token of a shop, or the only one of the app: renewed when it is due. `ended`: one that the platform takes no
        more, before its time; another takes its place. Raises UserError when there is none."""

    async def remembered(self, name: str = "cursor") -> str | None:
        """What `remember` kept under this name."""

    async def remember(self, value: str, name: str = "cursor") -> None:
        """Keeps a text, such as a cursor: it is there after a restart. Of a poll, what it said before is safe by then."""

    def trouble(self, what: str = "", remedy: str = "") -> None:
        """Something is wrong, and the work goes on, such as a row that nobody can read: the operator sees it until it is said
        with nothing."""


S = TypeVar("S", bound=Settings)


class Connector(Generic[S]):
    """A platform, warehouse, ERP, chat or notifier. Subclass `Connector[YourSettings]`, with `name` and `capabilities`.

    name           what a plan calls it: `connector = "acme"`
    title          what people call it: 抖店 Douyin
    capabilities   what it can do; it overrides the methods that these promise (`PROMISES`)
    rate           calls of `ctx.http` a second that the platform bears
    levels_per_call  numbers that one call of the platform takes: so many more are given to `push_stock` at once
    acknowledged_within  seconds in which the platform wants its messages answered
    needs          the permission that the platform demands of who uses it; "" for none
    tested         against what it was tested: a made-up server, a sandbox, a shop; and when
    settings_type  taken from the brackets; Settings (no fields) without them

    The first half is plain functions without I/O, which the web process calls for messages to /hooks/APP, in this order: `probe`,
    `verify`, `parse`, `acknowledge`. The second is asynchronous: the gateway makes one instance for each section of the plan that
    names the connector, on an event loop that only this one has. What its methods raise is shown to the operator: a UserError with
    its remedy, anything else with the line it came from.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    capabilities: ClassVar[AbstractSet[Capability]] = frozenset()
    rate: ClassVar[float] = 10.0
    levels_per_call: ClassVar[int] = 1
    acknowledged_within: ClassVar[float] = 3.0
    needs: ClassVar[str] = ""
    tested: ClassVar[str] = ""
    settings_type: ClassVar[type[Settings]] = Settings

    def __init__(self, settings: S) -> None:
        self.settings = settings

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.settings_type = settings_in_brackets(cls, cls.settings_type)

    # Messages of the platform: plain functions, no I/O.

    def probe(self, request: Request) -> Reply | None:
        """The answer to a question that is no message, such as WeChat's echostr; None when it is one. It is asked before `verify`,
        so it checks what the platform signs of it. Messages that begin with GET are probes or nothing."""
        return None

    def verify(self, request: Request) -> bool:
        """Whether the message is the platform's own: its signature over the raw bytes, compared in constant time. BadMessage
        counts as False, and so does a KeyError, of a header that is not there. Raises WrongTime where the signature is right and
        the time is not: the desk then says so."""
        raise _not_overridden(self, "verify")

    def parse(self, request: Request) -> Iterable[Arrival]:
        """What the message says; nothing for a test. Raises BadMessage, as `request.read` does; so counts a LookupError,
        ValueError, TypeError, AttributeError, ArithmeticError, OSError, RecursionError or msgspec.ValidationError."""
        raise _not_overridden(self, "parse")

    def acknowledge(self, request: Request) -> Reply:
        """The answer that says "we have it", given when what `parse` gave is safe."""
        return Reply(200)

    # In the gateway.

    async def enrich(self, ref: OrderRef, ctx: Context) -> OrderFact | Sequence[OrderFact] | None:
        """What happened to the order, asked from the platform; None when it is nothing to the room. Called again when it raises
        PlatformAway, for an hour and more. `delivery`, `shop` and `transition` that are left out are those of `ref`."""
        raise _not_overridden(self, "enrich")

    def poll_orders(self, ctx: Context) -> AsyncIterator[OrderFact | OrderRef]:
        """What happened to orders since `ctx.remembered()`, oldest first, with some overlap: what is told twice counts once.
        Called every `every` of the channel; it remembers a new cursor when all before it was told."""
        raise _not_overridden(self, "poll_orders")

    def push_stock(self, levels: Sequence[StockLevel], ctx: Context) -> AsyncIterator[StockPushResult]:
        """Writes numbers; yields what came of each. A level without a result is pushed again, with the same key."""
        raise _not_overridden(self, "push_stock")

    def chat(self, ctx: Context) -> AsyncIterator[ChatMessage]:
        """The room's chat from now on, as an async generator that goes on until it is closed. When it ends or raises it is
        asked for again, after a pause. A message that comes twice, by its id, counts once."""
        raise _not_overridden(self, "chat")

    async def send_chat(self, text: str, ctx: Context) -> str | None:
        """Writes `text` into the room's chat, once; returns a detail to show, such as the platform's id, or None.

        It is never repeated. Raise TimeoutError when nobody knows whether the platform has it."""
        raise _not_overridden(self, "send_chat")

    async def give_coupon(self, gift: CouponGift, ctx: Context, *, id: str) -> str | None:
        """Hands `gift` to the viewers, as `send_chat` does. `id` is this gift's own, for platforms that take such a key."""
        raise _not_overridden(self, "give_coupon")

    async def notify(self, notification: Notification, ctx: Context) -> str | None:
        """Brings a text to the team. Called again, some times, when it raises: an alert twice is better than none."""
        raise _not_overridden(self, "notify")

    async def poll(self, ctx: Context, full: bool) -> Sequence[StockLevelObserved]:
        """What is in stock now, called every `every` of the plan's source.

        full  every level is wanted: asked first, after whatever went wrong, and every `full_count`. Otherwise those that have
              changed since the cursor that `ctx.remember` keeps are enough, and none says that nothing has changed

        To return is to say that the source is there: raise when it does not answer."""
        raise _not_overridden(self, "poll")

    # Authorisation, for platforms whose access tokens somebody grants in a browser.

    def authorise_url(self, callback: str, state: str) -> str | None:
        """Where the shop's owner says yes; the platform then sends the browser to `callback` with `state`. None: no such thing."""
        return None

    async def grant(self, query: Mapping[str, str], callback: str, ctx: Context) -> Grant:
        """What came to `callback`, made into a grant. `callback` is as `authorise_url` was given it: many platforms want it again
        (`redirect_uri`). What the platform says in the query, such as a refusal, is a UserError."""
        raise _not_overridden(self, "grant")

    async def own_grant(self, shop: str, ctx: Context) -> Grant:
        """A grant that the app's own secret is enough for, where nobody has to say yes (client credentials, apps for one's own
        shop). Asked when there is none for `shop`, and when one ends that has no refresh token."""
        raise _not_overridden(self, "own_grant")

    async def renew(self, grant: Grant, ctx: Context) -> Grant:
        """A new grant for one that ends soon and has a refresh token. A platform that refuses it is a UserError or
        PlatformRefused: somebody is then asked to authorise again."""
        raise _not_overridden(self, "renew")

    async def close(self) -> None:
        """The gateway needs it no more: end connections."""


PROMISES = {
    Capability.ORDERS: ("verify", "parse"),
    Capability.ORDERS_POLL: ("poll_orders",),
    Capability.PUSH_STOCK: ("push_stock",),
    Capability.CHAT_READ: ("chat",),
    Capability.CHAT_SEND: ("send_chat",),
    Capability.COUPON: ("give_coupon",),
    Capability.NOTIFY: ("notify",),
    Capability.STOCK_LEVELS: ("poll",),
}
"""Capability → the methods of Connector that do it."""

NEEDS: Mapping[type[Body], Capability] = {
    ChatText: Capability.CHAT_SEND,
    CouponGift: Capability.COUPON,
    Notification: Capability.NOTIFY,
}
"""What a connector has to be able to do to deliver a message with such a body."""


def _not_overridden(connector: Connector[Any], method: str) -> NotImplementedError:
    return NotImplementedError(f"the connector {connector.name} has no {method}")
