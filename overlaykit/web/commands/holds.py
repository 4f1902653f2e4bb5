"""GET /api/v1/holds/{hold_token}: the seconds left of one hold, for its buyer. The token is the key; no other is needed."""

from __future__ import annotations

from typing import NoReturn

import msgspec
from flask import Blueprint, Response

from overlaykit.errors import NotFound
from overlaykit.stock import OrderHead, StockEngine, read_hold_token
from overlaykit.web.edge import edge
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.http.problems import ProblemError, problem
from overlaykit.web.http.times import format_ms

SHOWN = {"committed": "paid"}
"""States as buyers call them, where that differs."""


class HoldAnswer(msgspec.Struct, frozen=True):
    """How a hold stands. Times RFC 3339 UTC by the store's clock, which also ends holds.

    state        held (not paid yet), paid, expired, released; early: nothing but later news of the order came so far
    expires_at   when it ends, and `seconds_left` until then; null unless held. A hold at 0 s ends with the next sweep
    """

    state: str
    expires_at: str | None
    seconds_left: float | None
    server_time: str


def blueprint() -> Blueprint:
    routes = Blueprint("holds", __name__, url_prefix="/api/v1")
    routes.add_url_rule("/holds/<token>", view_func=hold)
    return routes


def hold(token: str) -> Response:
    found = read_hold_token(token)
    if found is None:
        _unknown()
    # An engine for this answer alone: what a token says is not believed yet, and must not fill the memory.
    engine = StockEngine(edge().services.client, found.ledger)
    try:
        head = engine.order_head(found.order) if engine.made(found) else None
    except NotFound:
        head = None
    if head is None:
        _unknown()
    response = answer_json(_answer(head), kept=False)
    response.headers["Access-Control-Allow-Origin"] = "*"  # a shop's own page asks, from wherever it is
    return response


def _answer(head: OrderHead) -> HoldAnswer:
    left = None if head.expires_at is None else max(0, head.expires_at - head.now) / 1000
    server_time = format_ms(head.now) or ""
    return HoldAnswer(SHOWN.get(head.state, head.state), format_ms(head.expires_at), left, server_time)


def _unknown() -> NoReturn:
    """The same for a forged token and for an order that is gone: a guess learns nothing."""
    raise ProblemError(problem(404, "No hold has this token, or it ended long ago.", kind="unknown_hold"))
