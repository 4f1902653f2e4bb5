"""What one message tells, sorted into deliveries: whose each is, and by which id it is known when it comes again. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from overlaykit.errors import BadMessage
from overlaykit.inbox.apps import App
from overlaykit.model.events import Arrival, ChatDeleted, ChatMessage, Unknown
from overlaykit.model.wire import Request
from overlaykit.store.deliveries import Received, delivery_id, read_received


class Sorted(NamedTuple):
    """Deliveries of the app's channels, and how many arrivals are of a shop that no channel has."""

    deliveries: list[Received]
    strangers: int


def sort_arrivals(app: App, arrivals: Sequence[Arrival], request: Request) -> Sorted:
    """What has the same channel and the same id of the platform's is one delivery; what has no id has that of the whole message.

    Raises BadMessage for an arrival that could not be read again, since it does not keep to its own type.
    """
    parts: dict[tuple[str, str], list[Arrival]] = {}
    strangers, unnamed = 0, _digest(app.name, request)
    for arrival in arrivals:
        _fits(arrival)
        channel = app.channel_of(getattr(arrival, "shop", ""))
        if channel is None and isinstance(arrival, ChatMessage | ChatDeleted | Unknown):
            channel = app.channels[0]
        if channel is None:
            strangers += 1
            continue
        parts.setdefault((channel.name, _name_of(arrival) or unnamed), []).append(arrival)
    found = [_delivery(app, channel, name, part, request) for (channel, name), part in parts.items()]
    return Sorted(found, strangers)


def _fits(arrival: Arrival) -> None:
    """Whether what it is sorted by are texts. Raises BadMessage."""
    for field in ("shop", "delivery", "id"):
        found = getattr(arrival, field, "")
        if not isinstance(found, str):
            raise BadMessage(
                f"内容不对：{field} 是 {type(found).__name__}，不是文本 / "
                f"what it says does not fit: {field} is {type(found).__name__}, and no text"
            )


def _delivery(app: App, channel: str, name: str, arrivals: list[Arrival], request: Request) -> Received:
    try:
        found = Received(
            id=delivery_id(channel, name),
            app=app.name,
            channel=channel,
            at_ms=request.received_ms,
            arrivals=tuple(arrivals),
        )
        return read_received(msgspec.json.encode(found))
    except (ValueError, TypeError, OverflowError) as error:
        raise BadMessage(f"内容不对：{error} / what it says does not fit: {error}") from error


def _name_of(arrival: Arrival) -> str:
    """What the platform calls the message that told it; "" without a name."""
    match arrival:
        case ChatMessage(id=id):
            return f"chat {id}"
        case ChatDeleted(id=id):
            return f"chat-deleted {id}"
    return arrival.delivery


def _digest(app: str, request: Request) -> str:
    said = request.body or repr(sorted(request.query.items())).encode(errors="surrogatepass")
    return "sha256:" + hashlib.sha256(app.encode() + b"\0" + said).hexdigest()[:40]
