"""POST /desk/rules/NAME/try: what a rule would do now, in the page's language. Nothing is done, and nothing is written."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Literal

import gevent
import msgspec
from flask import Blueprint, Response
from msgspec import Struct

from overlaykit.model.commands import RuleFire
from overlaykit.model.connectors import NEEDS, Capability
from overlaykit.model.messages import ChatText, CouponGift, Notification
from overlaykit.model.outcomes import FieldProblem
from overlaykit.plan import Words
from overlaykit.rules import Rule, RuleBook, Slot, TriedAction, about, try_rule
from overlaykit.stock import DIRECTOR, SessionRecord, lease_key, recall_key
from overlaykit.store import is_leased
from overlaykit.store.recall import ask_recall, read_recall
from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import OPERATE
from overlaykit.web.http.bodies import answer_json, read_json
from overlaykit.web.http.problems import ProblemError, problem
from overlaykit.web.http.query import session_name
from overlaykit.web.names.naming import UnknownName, unknown_in_plan, unknown_in_room
from overlaykit.web.rooms import Room
from overlaykit.web.words import language

MAX_BODY = 4 * 1024
PATIENCE = 2.0
"""Seconds that the director has to say what it remembers."""
LOOK = 0.05
"""Seconds between two looks whether it has."""
Becomes = Literal["done", "asked", "task", "failed"]
_OUTWARD: Mapping[str, tuple[str, Capability]] = {
    "chat": ("channel", NEEDS[ChatText]),
    "coupon": ("channel", NEEDS[CouponGift]),
    "notify": ("notifier", NEEDS[Notification]),
}
"""Action → which sections of the plan can do it, and what their connector has to be able to do."""


class _Asked(Struct, forbid_unknown_fields=True):
    """About which item; None for the one on air."""

    sku: str | None = None


class CheckAnswer(Struct, frozen=True):
    """One thing that has to be right for the rule to fire by itself."""

    check: str
    right: bool
    why: str


class ActionAnswer(Struct, frozen=True, kw_only=True):
    """One action. `becomes`: done; asked (a person has to agree first); task (a person's, as it cannot be done or is one);
    failed. `why`: in words, for the last two."""

    action: str
    arguments: dict[str, Any]
    seconds: float
    becomes: Becomes
    why: str | None


class TrialAnswer(Struct, frozen=True, kw_only=True):
    """`fires`: whether it would fire by itself, as far as `checks` say. `waits`: seconds until what goes on already has lasted;
    null where nothing is being waited for. `seq`: the last entry taken into account."""

    rule: str
    sku: str | None
    fires: bool
    waits: float | None
    checks: list[CheckAnswer]
    actions: list[ActionAnswer]
    seq: int


def blueprint() -> Blueprint:
    routes = Blueprint("rule_trials", __name__)
    routes.add_url_rule("/desk/rules/<path:name>/try", view_func=try_now, methods=["POST"])
    return routes


def try_now(name: str) -> Response:
    """The body: {"sku": …}, or {}."""
    allow(OPERATE)
    asked, lang = read_json(_Asked, Words("A trial", "试运行"), MAX_BODY), language()
    record = edge().rooms.resolve(session_name())
    room = edge().rooms.get(record.id)
    command = RuleFire(id="trial", name=name, **({} if asked.sku is None else {"sku": asked.sku}))
    unknown = unknown_in_plan(edge().directed.of(record), command) or unknown_in_room(room.fold, command)
    if unknown is not None:
        raise _unknown(unknown)
    book = RuleBook(room.fold.plan)
    rule = book.rules[name]
    sku = about(rule, room.fold, room.view(), asked.sku)
    slot = _remembered(record, rule, sku)
    now_ms = round(time.time() * 1000)
    trial = try_rule(book, rule, room.fold, room.view(), sku=sku, now_ms=now_ms, slot=slot)
    answer = TrialAnswer(
        rule=name,
        sku=trial.sku,
        fires=all(each.right for each in trial.checks),
        waits=trial.waits,
        checks=[CheckAnswer(each.check, each.right, each.why.within(lang)) for each in trial.checks],
        actions=[_told(each, room, lang) for each in trial.actions],
        seq=room.seq,
    )
    return answer_json(answer, kept=False)


def _remembered(record: SessionRecord, rule: Rule, sku: str | None) -> Slot | None:
    """What the director that leads remembers of the rule; None when none does, or it does not answer soon."""
    client, key = edge().services.client, recall_key(record.ledger)
    if not is_leased(client, lease_key(record.ledger, DIRECTOR)):
        return None
    id = ask_recall(client, key, rule.name, sku)
    deadline = time.monotonic() + PATIENCE
    while (answer := read_recall(client, key, id)) is None:
        if time.monotonic() > deadline:
            return None
        gevent.sleep(LOOK)
    return msgspec.json.decode(answer, type=Slot)


def _told(tried: TriedAction, room: Room, lang: str) -> ActionAnswer:
    why = tried.error or _unable(tried, room)
    becomes: Becomes = "done"
    if tried.action == "task":
        becomes, why = "task", tried.error
    elif tried.asks:
        becomes = "asked"
    elif why is not None:
        becomes = "task" if tried.otherwise else "failed"
    return ActionAnswer(
        action=tried.action,
        arguments=dict(tried.arguments),
        seconds=tried.seconds,
        becomes=becomes,
        why=None if why is None else why.within(lang),
    )


def _unable(tried: TriedAction, room: Room) -> Words | None:
    """Why it could not be done now: nobody outside can, or OBS is not there."""
    plan = room.fold.plan
    if tried.action in _OUTWARD:
        section, capability = _OUTWARD[tried.action]
        plugins = (
            [each.connector for each in plan.channels]
            if section == "channel"
            else [row.get("plugin") for row in plan.later.get(section, {}).values()]
        )
        kinds = [edge().services.connectors.get(plugin or "") for plugin in plugins]
        if any(kind is not None and capability in kind.capabilities for kind in kinds):
            return None
        return Words(f"no {section} of the plan can do it", "方案里没有哪个渠道或通知方式能做这件事")
    if tried.action.startswith("obs."):
        obs = tried.arguments.get("obs") or next(iter(plan.later.get("obs", {})), "")
        state = room.fold.direction.obs.get(obs)
        if state is None or not state.connected:
            return Words(f"OBS {obs} is not connected".replace("  ", " "), f"OBS {obs} 没有连接")
    return None


def _unknown(unknown: UnknownName) -> ProblemError:
    return ProblemError(problem(422, unknown.words, kind="invalid", errors=[FieldProblem.of(*unknown)]))
