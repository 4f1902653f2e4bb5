"""One message of a platform: probe, verify, parse, persist in every room concerned, acknowledge.

Nothing of a message is kept before it is verified, and it is acknowledged only when all that it says is safe: whatever goes wrong
in between is answered so that the platform delivers it again, which then counts once.
"""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple, TypeVar, get_args

import msgspec

from overlaykit.errors import BadMessage, PluginError, StoreAway, WrongTime
from overlaykit.inbox.addresses import Recipient
from overlaykit.inbox.keeping import Keeping
from overlaykit.inbox.sorting import sort_arrivals
from overlaykit.model.connectors import Connector
from overlaykit.model.events import Arrival
from overlaykit.model.wire import UNREADABLE, Reply, Request
from overlaykit.pluginhost.status import NOT_ASYNC, explain
from overlaykit.pluginhost.targets import folder_of
from overlaykit.store import AppTrouble, OddMessage
from overlaykit.words import Words

log = logging.getLogger(__name__)

ARRIVALS_AT_MOST = 5_000
"""Of one message."""
LINES_AT_MOST = 10_000
"""Of one order."""
TOLD_AT_MOST = 8 * 1024 * 1024
"""Bytes of all that one message tells, as it is kept."""
REPLY_AT_MOST, HEADERS_AT_MOST = 1024 * 1024, 50
"""Bytes of an answer, and how many headers of its own it may have."""
EXCERPT = 1_000
"""Characters of a message that is kept because nobody understands it."""
FULL_AGAIN, TROUBLED_AGAIN = 5, 30
"""Seconds after which a platform may deliver again: what did not fit into a full queue; what somebody has to mend first."""
FULL = "收件箱已满，平台的消息被退回 / its inbox is full: messages of the platform are turned away, and come again"
FULL_REMEDY = (
    "渠道是不是暂停了，或平台的接口没有答复？等待的条数和时间见「外部连接」。 / "
    "Is the channel paused, or does its platform's API not answer? Connections says how many wait, and since when."
)

OURS = frozenset({"content-length", "transfer-encoding", "connection", "date", "x-content-type-options"})
"""Headers of an answer that the server sets."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A header's name, as RFC 9110 has it."""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the platform is sent."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """The message is not acknowledged: an HTTP status, what is wrong, and when to come again (seconds)."""

    def __init__(self, status: int, detail: str, *, kind: str, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.kind, self.retry_after = status, detail, kind, retry_after


def receive(keeping: Keeping, recipients: Sequence[Recipient], request: Request) -> Answer:
    """The answer to a message to /hooks/APP. `recipients`: the rooms that have the app, at least one. Raises Refusal, StoreAway."""
    return _Reception(keeping, recipients, request).answer()


def takes_messages(connector: type[Connector[Any]]) -> bool:
    """Whether its platform sends messages at all."""
    return connector.verify is not Connector.verify and connector.parse is not Connector.parse


class _Seat(NamedTuple):
    """A connector, and the rooms that it speaks for."""

    connector: Connector[Any]
    rooms: list[Recipient]


class _Reception:
    """One message and who it may be for. What goes wrong for one room keeps it from no other; then the platform comes again."""

    def __init__(self, keeping: Keeping, recipients: Sequence[Recipient], request: Request) -> None:
        self._keeping, self._request = keeping, request
        self._seats = _seats(recipients)
        self._lacking = any(each.connector is None for each in recipients)
        self._failures: list[Refusal | StoreAway] = []
        self._wrong_time: WrongTime | None = None

    def answer(self) -> Answer:
        if not self._seats and not self._lacking:
            raise Refusal(404, "The connector of this app takes no messages: it asks.", kind="not_found")
        sound: list[_Seat] = []
        probed: list[Answer] = []
        for seat in self._seats:
            try:
                found = self._probed(seat)
            except Refusal as failure:
                self._failures.append(failure)
                continue
            sound.append(seat)
            if found is not None:
                probed.append(found)
        if probed:
            return next((each for each in probed if each.status < 400), probed[0])
        if sound and self._request.method != "POST":
            raise Refusal(405, "Messages are sent by POST.", kind="method_not_allowed")
        genuine = [seat for seat in sound if self._tried(self._verified, seat)]
        if not genuine:
            self._refuse()
        for seat in genuine:
            self._tried(self._persist, seat)
        if self._lacking:
            self._failures.append(_not_ready())
        if self._failures:
            raise min(self._failures, key=lambda each: isinstance(each, Refusal) and each.status < 500)
        return self._asked(genuine[0], "acknowledge", lambda it: _encoded("acknowledge", it.acknowledge(self._request)))

    def _tried(self, ask: Callable[[_Seat], T], seat: _Seat) -> T | None:
        try:
            return ask(seat)
        except (Refusal, StoreAway) as failure:
            self._failures.append(failure)
            return None

    def _probed(self, seat: _Seat) -> Answer | None:
        def probe(connector: Connector[Any]) -> Answer | None:
            reply = connector.probe(self._request)
            return None if reply is None else _encoded("probe", reply)

        try:
            return self._asked(seat, "probe", probe)
        except BadMessage as error:
            raise Refusal(400, error.message, kind="unreadable") from error

    def _verified(self, seat: _Seat) -> bool:
        def verify(connector: Connector[Any]) -> bool:
            try:
                found = connector.verify(self._request)
            except WrongTime as error:
                self._wrong_time = error
                for room in seat.rooms:
                    self._note(room, error.message, error.remedy or "")
                return False
            except (BadMessage, KeyError):  # KeyError: of a header that a genuine message has
                return False
            if not isinstance(found, bool):
                raise _wrong("verify", found, Words("True or False", "True 或 False"))
            return found

        return self._asked(seat, "verify", verify)

    def _refuse(self) -> None:
        """No room believes it. Raises Refusal where it is not only for want of something that is ours to mend."""
        if self._lacking or self._failures:
            return
        for seat in self._seats:
            self._count(seat, refused=1)
        if self._wrong_time is not None:
            raise Refusal(401, self._wrong_time.message, kind="wrong_time") from self._wrong_time
        raise Refusal(401, "The signature is not right, or there is none.", kind="bad_signature")

    def _persist(self, seat: _Seat) -> None:
        """Keeps what the message says in each room of the seat. Raises Refusal, StoreAway."""
        body = self._request.body
        excerpt = body[: EXCERPT * 4].decode(errors="replace")[:EXCERPT]
        try:
            arrivals = self._asked(seat, "parse", lambda it: _parsed(it, self._request))
            found = [(room, sort_arrivals(room.app, arrivals, self._request)) for room in seat.rooms]
        except BadMessage as error:
            at = self._request.received_ms
            odd = OddMessage(app=seat.rooms[0].app.name, at_ms=at, why=error.message, body=excerpt)
            self._count(seat, odd=odd, unreadable=1)
            raise Refusal(400, error.message, kind="unreadable") from error
        for room, told in found:
            try:
                if not self._keeping.keep(room, told, self._request, excerpt):
                    self._note(room, FULL, FULL_REMEDY)
                    full = Refusal(503, "Too much waits to be counted.", kind="too_much_waits", retry_after=FULL_AGAIN)
                    self._failures.append(full)
            except StoreAway as failure:
                self._failures.append(failure)

    def _asked(self, seat: _Seat, method: str, ask: Callable[[Connector[Any]], T]) -> T:
        """What the connector says. What it raises, but BadMessage, is its failure: a Refusal, and the platform comes again."""
        try:
            return ask(seat.connector)
        except BadMessage:
            raise
        except (Exception, SystemExit) as error:  # a plugin
            found = explain(error, method, folder_of(type(seat.connector)))
            log.error("[%s] %s\n%s", seat.rooms[0].app.target.queue, found.reason, found.trace)
            for room in seat.rooms:
                self._note(room, found.reason, found.remedy)
            detail = f"The connector {seat.connector.name} failed; the log of the web process says more."
            raise Refusal(503, detail, kind="connector_failed", retry_after=TROUBLED_AGAIN) from error

    def _note(self, room: Recipient, reason: str, remedy: str) -> None:
        trouble = AppTrouble(reason=reason, remedy=remedy, at_ms=self._request.received_ms)
        self._keeping.note(room, trouble)

    def _count(self, seat: _Seat, *, odd: OddMessage | None = None, **more: int) -> None:
        for room in seat.rooms:
            self._keeping.count(room, odd=odd, **more)


def _seats(recipients: Sequence[Recipient]) -> list[_Seat]:
    found: dict[int, _Seat] = {}
    for each in recipients:
        if each.connector is not None and takes_messages(type(each.connector)):
            found.setdefault(id(each.connector), _Seat(each.connector, [])).rooms.append(each)
    return list(found.values())


def _not_ready() -> Refusal:
    return Refusal(
        503, "This app is not ready here: the desk says why.", kind="app_not_ready", retry_after=TROUBLED_AGAIN
    )


def _parsed(connector: Connector[Any], request: Request) -> list[Arrival]:
    try:
        found = connector.parse(request)
        if not isinstance(found, Iterable):
            raise _wrong("parse", found, Words("a list of arrivals", "消息列表"))
        arrivals, size = [], 0
        for each in islice(found, ARRIVALS_AT_MOST + 1):
            size += _size(each)
            if size > TOLD_AT_MOST:
                raise BadMessage(
                    f"一条消息超过 {TOLD_AT_MOST:,} 字节 / the message tells more than {TOLD_AT_MOST:,} bytes at once"
                )
            arrivals.append(each)
    except KeyError as error:
        raise BadMessage(f"消息里没有 {error} / the message has no {error}") from error
    except UNREADABLE as error:
        raise BadMessage(f"{type(error).__name__}: {error}") from error
    if len(arrivals) > ARRIVALS_AT_MOST:
        raise BadMessage(
            f"一条消息里超过 {ARRIVALS_AT_MOST} 件事 / the message tells more than {ARRIVALS_AT_MOST} things at once"
        )
    return arrivals


def _size(arrival: object) -> int:
    """Bytes of one arrival, which is looked at before the next one is asked for: nobody knows how many there are."""
    if not isinstance(arrival, get_args(Arrival)):
        raise _wrong("parse", arrival, Words("an event of overlaykit.api", "overlaykit.api 的事件"), verb="gave")
    moment = getattr(arrival, "at", None)
    if moment is not None and moment.tzinfo is None:
        raise PluginError(
            f"parse 给的 {type(arrival).__name__} 时间没有时区 / parse gave {type(arrival).__name__} with a time that has no offset"
        )
    if len(getattr(arrival, "lines", ())) > LINES_AT_MOST:
        raise BadMessage(
            f"消息里的订单超过 {LINES_AT_MOST:,} 行 / the message tells an order with more than {LINES_AT_MOST:,} lines"
        )
    return len(msgspec.json.encode(arrival))


def _encoded(method: str, reply: object) -> Answer:
    """A connector's Reply as it is sent."""
    if not isinstance(reply, Reply):
        raise _wrong(method, reply, Words("a Reply", "Reply"))
    headers, body = {}, b""
    if reply.text is not None:
        headers["Content-Type"], body = "text/plain; charset=utf-8", reply.text.encode()
    elif reply.json is not None:
        headers["Content-Type"], body = "application/json", msgspec.json.encode(reply.json)
    if len(body) > REPLY_AT_MOST:
        raise PluginError(
            f"{method} 返回了 {len(body):,} 字节，最多 {REPLY_AT_MOST:,} / "
            f"{method} returned {len(body):,} bytes; {REPLY_AT_MOST:,} is the most"
        )
    for name, value in reply.headers.items():
        said = f"{value}"
        if not _TOKEN.fullmatch(name) or not (said.isascii() and said.isprintable()) or name.lower() in OURS:
            raise PluginError(
                f"{method} 返回的头 {name!r} HTTP 发不了，或不归它管 / "
                f"{method} returned the header {name!r}, which HTTP cannot send, or which is not its own"
            )
        headers[name] = said
    size = sum(len(name) + len(value) for name, value in headers.items())
    if len(headers) > HEADERS_AT_MOST or size > REPLY_AT_MOST:
        raise PluginError(
            f"{method} 返回的头太多，最多 {HEADERS_AT_MOST} 个 / {method} returned too many headers: {HEADERS_AT_MOST} are the most"
        )
    if type(reply.status) is not int or not 200 <= reply.status <= 599:
        raise PluginError(f"{method} 返回的状态是 {reply.status!r} / {method} returned the status {reply.status!r}")
    return Answer(status=reply.status, body=body, headers=headers)


def _wrong(method: str, found: object, expected: Words, *, verb: str = "returned") -> PluginError:
    if inspect.iscoroutine(found):
        found.close()
        return PluginError(
            f"{method} 是异步的，要用普通函数。 / {method} is async; it is a plain function.", remedy=NOT_ASYNC
        )
    kind = type(found).__name__
    return PluginError(f"{method} 给的是 {kind}，不是 {expected.zh}。 / {method} {verb} {kind}, and not {expected.en}.")
