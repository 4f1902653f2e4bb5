"""GET …/gateway: how channels, notifiers, webhooks and sources do, and what could not be delivered."""

from __future__ import annotations

from flask import Blueprint, Response
from msgspec import Struct

from overlaykit.stock import outbox_key
from overlaykit.store import DeadLetter, OutboxNow, TargetState, TargetStatus, read_outbox
from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import DESK
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.http.times import format_epoch_ms


class TargetAnswer(Struct, frozen=True, kw_only=True):
    """One of them.

    name      with its section of the plan: `channel.douyin`
    plugin    the connector behind it; null for webhooks, and for channels without one
    can       what it can do: chat_read, chat_send, coupon, notify, stock_levels, webhook
    state     ready; failing: the last attempt failed, it is tried again; set_aside: nothing goes there until somebody mends it;
              no_answer: its connector blocks
    reason, remedy   why it is not ready, and what to do; empty when it is
    waiting   messages that wait to go there
    dropped   chat messages with a keyword that were passed over, because too many came at once
    heard_at  of a source: when it last answered
    """

    name: str
    plugin: str | None
    can: tuple[str, ...]
    state: TargetState
    reason: str
    remedy: str
    waiting: int
    dropped: int
    heard_at: str | None


class DeadLetterAnswer(Struct, frozen=True, kw_only=True):
    """A message that was given up. `firing`: seq of the entry that it followed from."""

    id: str
    target: str
    kind: str
    firing: int | None
    attempts: int
    why: str
    at: str


class GatewayAnswer(Struct, frozen=True, kw_only=True):
    """`running`: whether a gateway works for this session now. Targets by name; dead letters, the last one first, 50 at most."""

    running: bool
    targets: list[TargetAnswer]
    dead_letters: list[DeadLetterAnswer]
    server_time: str


def blueprint() -> Blueprint:
    routes = Blueprint("outside", __name__, url_prefix="/api/v1")
    routes.add_url_rule("/sessions/<session>/gateway", view_func=gateway)
    return routes


def gateway(session: str) -> Response:
    """How everybody outside the room does."""
    allow(DESK)
    found = read_outbox(edge().services.client, outbox_key(edge().rooms.resolve(session).ledger))
    return answer_json(answer(found))


def answer(found: OutboxNow) -> GatewayAnswer:
    """What is sent of it."""
    return GatewayAnswer(
        running=found.works,
        targets=[_target(each) for each in found.targets],
        dead_letters=[_dead(each) for each in found.dead],
        server_time=format_epoch_ms(found.now_ms),
    )


def _target(status: TargetStatus) -> TargetAnswer:
    return TargetAnswer(
        name=status.name,
        plugin=status.plugin,
        can=status.can,
        state=status.state,
        reason=status.reason,
        remedy=status.remedy,
        waiting=status.waiting,
        dropped=status.dropped,
        heard_at=format_epoch_ms(status.heard_ms) if status.heard_ms else None,
    )


def _dead(letter: DeadLetter) -> DeadLetterAnswer:
    message = letter.message
    return DeadLetterAnswer(
        id=message.id,
        target=message.queue,
        kind=str(message.body.__struct_config__.tag),
        firing=message.firing,
        attempts=letter.attempts,
        why=letter.why,
        at=format_epoch_ms(letter.at_ms),
    )
