"""GET …/inbox: what platforms told and nobody has counted yet; POST …/inbox/replay and …/inbox/drop for what was given up."""

from __future__ import annotations

import logging
from collections.abc import Set as AbstractSet
from typing import Annotated, Literal

from flask import Blueprint, Response
from msgspec import Meta, Struct

from overlaykit.inbox import App
from overlaykit.model.connectors import Capability, Connector
from overlaykit.stock import SessionRecord, inbox_key
from overlaykit.store import (
    AppCounts,
    ChannelCounts,
    InboxNow,
    Letter,
    OddMessage,
    Pile,
    Queue,
    drop_letters,
    read_inbox,
    read_letters,
    replay_letters,
)
from overlaykit.web.edge import allow, allow_change, edge
from overlaykit.web.http.auth import DESK, OPERATE
from overlaykit.web.http.bodies import answer_json, read_json
from overlaykit.web.http.times import format_epoch_ms, format_ms
from overlaykit.words import Words

log = logging.getLogger(__name__)

Named = Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=1000)]
MAX_BODY = 1024 * 1024
_LETTERS = Words("A list of letters", "消息列表")
TELLING = frozenset({Capability.ORDERS, Capability.ORDERS_POLL})
"""What a connector can do to fill an inbox."""


class AppAnswer(Struct, frozen=True, kw_only=True):
    """One app of the plan, and what came to its address since the ledger began.

    address     where its platform sends messages: behind the room's public name; null where the connector only asks
    connector   the connector behind it
    channels    its channels
    waiting     deliveries that are not counted yet; `oldest_at`: when the first of them came
    refused     messages whose signature was not right
    unreadable  genuine messages that could not be read
    unknown     things told that the connector does not know
    strangers   things told of a shop that no channel has
    full        messages turned away because too many wait
    authorises  whether the owner of a shop lets it act at a page of its platform
    reason, remedy   what keeps its messages from being received now, and what to do; empty when nothing does
    """

    name: str
    address: str | None
    connector: str
    channels: list[str]
    waiting: int
    oldest_at: str | None
    refused: int
    unreadable: int
    unknown: int
    strangers: int
    full: int
    authorises: bool
    reason: str
    remedy: str


class ChannelAnswer(Struct, frozen=True, kw_only=True):
    """One channel whose connector tells of orders, since the ledger began.

    received    deliveries of its platform, those among them that came again: `duplicates`
    ignored     lines of orders that belong to no item of the plan
    unlisted    numbers that the platform told of things that are no listing of the channel: drift of them is not noticed
    heard_at    when the last one came
    """

    name: str
    app: str
    shop: str
    received: int
    duplicates: int
    ignored: int
    unlisted: int
    heard_at: str | None


class LetterAnswer(Struct, frozen=True, kw_only=True):
    """A delivery that waits for a person.

    kinds          what it tells, such as order.paid
    orders         the orders that it is about, as the platform names them
    why            what is in its way
    platform_skus  the platform's skus that the plan has no item for
    at             when it was laid here; received_at: when it came
    """

    id: str
    app: str
    channel: str
    kinds: list[str]
    orders: list[str]
    why: str
    platform_skus: tuple[str, ...]
    at: str
    received_at: str


class PileAnswer(Struct, frozen=True, kw_only=True):
    """`count`: letters in all; `letters`: the last 200 of them, the last one first."""

    count: int
    letters: list[LetterAnswer]


class OddAnswer(Struct, frozen=True, kw_only=True):
    """A genuine message that nobody here understands. `what`: its kind, as the platform calls it; `why`: what was wrong with it;
    `body`: how it begins."""

    app: str
    at: str
    what: str
    why: str
    body: str


class InboxAnswer(Struct, frozen=True, kw_only=True):
    """`aside`: what belongs to no item of the plan; `dead`: what could not be counted; `odd`: the last 50, the last one first."""

    apps: list[AppAnswer]
    channels: list[ChannelAnswer]
    aside: PileAnswer
    dead: PileAnswer
    odd: list[OddAnswer]
    server_time: str


class Chosen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Letters by their ids, or, without `ids`, all of the pile."""

    pile: Literal["aside", "dead"] = "dead"
    ids: Named | None = None


class Dropped(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Dead letters by their ids. What lies aside is dropped by the command quarantine.drop."""

    ids: Named


class Done(Struct, frozen=True):
    """How many letters there were."""

    count: int


def blueprint() -> Blueprint:
    routes = Blueprint("inbox", __name__, url_prefix="/api/v1/sessions/<session>/inbox")
    routes.add_url_rule("", view_func=inbox)
    routes.add_url_rule("/replay", view_func=replay, methods=["POST"])
    routes.add_url_rule("/drop", view_func=drop, methods=["POST"])
    return routes


def inbox(session: str) -> Response:
    """All of it."""
    allow(DESK)
    record = edge().rooms.resolve(session)
    apps = {name: app for name, app in edge().addressed.apps(record).items() if _abilities(app) & TELLING}
    edge().keeping.flush()
    found = read_inbox(edge().services.client, inbox_key(record.ledger), list(apps))
    return answer_json(
        InboxAnswer(
            apps=[_app(record, app, found) for app in apps.values()],
            channels=[_channel(app, found, at) for app in apps.values() for at in range(len(app.channels))],
            aside=_pile(found.aside),
            dead=_pile(found.dead),
            odd=[_odd(each) for each in found.odd],
            server_time=format_epoch_ms(found.now_ms),
        )
    )


def replay(session: str) -> Response:
    """Gives letters back to the gateway, which tries again to count them."""
    operator = allow_change(OPERATE)
    chosen = read_json(Chosen, _LETTERS, MAX_BODY)
    key = inbox_key(edge().rooms.resolve(session).ledger)
    letters = read_letters(edge().services.client, key, chosen.pile)
    ids = None if chosen.ids is None else frozenset(chosen.ids)
    wanted = [each for each in letters if ids is None or each.received.id in ids]
    count = replay_letters(edge().services.client, key, chosen.pile, wanted)
    log.info("%s: %s has %d letters of the pile %s tried again", session, operator.name, count, chosen.pile)
    return answer_json(Done(count))


def drop(session: str) -> Response:
    """Takes dead letters away for good."""
    operator = allow_change(OPERATE)
    ids = read_json(Dropped, _LETTERS, MAX_BODY).ids
    key = inbox_key(edge().rooms.resolve(session).ledger)
    count = drop_letters(edge().services.client, key, "dead", ids)
    log.warning("%s: %s has dropped %d dead letters: %s", session, operator.name, count, ", ".join(ids))
    return answer_json(Done(count))


def _abilities(app: App) -> AbstractSet[Capability]:
    """What the app's connector can do; of one that no plugin has, all that concerns the inbox: its trouble is told there."""
    connector = edge().services.connectors.get(app.target.plugin or "")
    return TELLING if connector is None else connector.capabilities


def _app(record: SessionRecord, app: App, found: InboxNow) -> AppAnswer:
    counts = found.apps.get(app.name, AppCounts())
    queue = found.queues.get(app.name, Queue(0, None))
    noted, here = found.troubles.get(app.name), edge().addressed.recipient(record, app)
    reason, remedy = (noted.reason, noted.remedy) if noted else ("", "")
    if here.trouble is not None:
        reason, remedy = here.trouble.message, here.trouble.remedy or ""
    return AppAnswer(
        name=app.name,
        address=f"/hooks/{app.name}" if Capability.ORDERS in _abilities(app) else None,
        connector=app.target.plugin or "",
        channels=[each.name for each in app.channels],
        waiting=queue.waiting,
        oldest_at=format_ms(queue.oldest_ms),
        refused=counts.refused,
        unreadable=counts.unreadable,
        unknown=counts.unknown,
        strangers=counts.strangers,
        full=counts.full,
        authorises=here.connector is not None and type(here.connector).authorise_url is not Connector.authorise_url,
        reason=reason,
        remedy=remedy,
    )


def _channel(app: App, found: InboxNow, at: int) -> ChannelAnswer:
    channel = app.channels[at]
    counts = found.channels.get(channel.name, ChannelCounts())
    return ChannelAnswer(
        name=channel.name,
        app=app.name,
        shop=channel.shop,
        received=counts.received,
        duplicates=counts.duplicates,
        ignored=counts.ignored,
        unlisted=counts.unlisted,
        heard_at=format_ms(counts.heard_ms or None),
    )


def _pile(pile: Pile) -> PileAnswer:
    return PileAnswer(count=pile.in_all, letters=[_letter(each) for each in pile.letters])


def _letter(letter: Letter) -> LetterAnswer:
    received = letter.received
    return LetterAnswer(
        id=received.id,
        app=received.app,
        channel=received.channel,
        kinds=[str(each.__struct_config__.tag) for each in received.arrivals],
        orders=list(dict.fromkeys(each.order for each in received.arrivals if hasattr(each, "order"))),
        why=letter.why,
        platform_skus=letter.platform_skus,
        at=format_epoch_ms(letter.at_ms),
        received_at=format_epoch_ms(received.at_ms),
    )


def _odd(message: OddMessage) -> OddAnswer:
    return OddAnswer(
        app=message.app,
        at=format_epoch_ms(message.at_ms),
        what=message.what,
        why=message.why,
        body=message.body,
    )
