"""GET routes of the API: board, ledger, sessions, open overlays. Commands stand in `commands`."""

from __future__ import annotations

from hashlib import blake2b

import msgspec
from flask import Blueprint, Response, request

from overlaykit.board import Board, BoardView, DeskItem, DirectionNow, PushedNow
from overlaykit.stock import SessionRecord, ledger_stream_key, overlays_key
from overlaykit.store import OverlayHealth, OverlayPage, PageState, list_overlays, tail_read
from overlaykit.web.edge import allow, caller, edge
from overlaykit.web.http.auth import BOARD, DESK
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.http.problems import Problem, ProblemError, no_ledger, problem, respond
from overlaykit.web.http.query import number, text
from overlaykit.web.http.times import format_epoch_ms, format_ms, server_time
from overlaykit.web.rooms import Room
from overlaykit.words import Words

ENTRIES, MOST_ENTRIES = 500, 5000
"""Entries in one answer of the ledger route: without `limit`, and at the most."""


class BoardAnswer(Board, frozen=True, kw_only=True, omit_defaults=True):
    """The board as it is sent. `stale`: the store does not answer just now. `desk`, `direction`, `pushed` (channel →
    sku → the number that its platform has) and `on_air_by_channel` (channel → sku, where a channel has its own on air): only
    with an operator's or viewer's token."""

    server_time: str
    stale: bool
    desk: dict[str, DeskItem] | None = None
    direction: DirectionNow | None = None
    pushed: dict[str, dict[str, PushedNow]] | None = None
    on_air_by_channel: dict[str, str | None] | None = None


class LedgerAnswer(msgspec.Struct, frozen=True):
    """Entries after `since`; `next` is the `since` of the next request, null at the end."""

    entries: list[msgspec.Raw]
    next: int | None


class SessionAnswer(msgspec.Struct, frozen=True):
    """One session; times RFC 3339 UTC."""

    id: str
    ledger: str
    title: str
    status: str
    planned_at: str | None
    opened_at: str | None


class SessionsAnswer(msgspec.Struct, frozen=True):
    """All sessions, the one opened or planned last first, and which one `current` means."""

    sessions: list[SessionAnswer]
    current: str | None


class OverlayAnswer(OverlayHealth, frozen=True, kw_only=True):
    """One overlay page, as it said of itself last; counts are of its last second. Times RFC 3339 UTC on the store's clock.

    page        its own name, another one each time it is loaded
    state       closed (remembered for five minutes), error, late (it does not answer), hidden, behind (it has not shown yet
                what it was sent a second before, or shows changes later than a second), or live: the first that is true
    since       when it connected
    heard_at    when it last said something; when it was closed
    """

    page: str
    state: PageState
    since: str
    heard_at: str


class OverlaysAnswer(msgspec.Struct, frozen=True):
    """The overlay pages of a session in all processes; closed ones whose place another has taken are left out."""

    overlays: list[OverlayAnswer]
    server_time: str


def blueprint() -> Blueprint:
    routes = Blueprint("api", __name__, url_prefix="/api/v1")
    routes.add_url_rule("/sessions", view_func=sessions)
    routes.add_url_rule("/sessions/<session>/board", view_func=board)
    routes.add_url_rule("/sessions/<session>/ledger", view_func=ledger)
    routes.add_url_rule("/sessions/<session>/overlays", view_func=overlays)
    return routes


def sessions() -> Response:
    allow(BOARD)
    known = edge().services.directory.list()
    current = edge().rooms.resolve("current").id if known else None
    return answer_json(SessionsAnswer([_session(record) for record in known], current))


def board(session: str) -> Response:
    """The board now: at least as new as every command answered before."""
    allow(BOARD)
    with_desk = (found := caller()) is not None and found.scope in DESK
    room = edge().rooms.get(session)
    room.catch_up()
    channel, region = text("channel"), text("region")
    room.view(channel, region)  # raises NotFound, whatever tag came
    told = f"{room.line} {room.seq} {room.stale} {with_desk}"
    tag = blake2b(told.encode(), digest_size=12).hexdigest()
    if request.if_none_match.contains_weak(tag):
        unchanged = Response(status=304)
        unchanged.set_etag(tag, weak=True)
        return unchanged
    response = answer_json(board_answer(room, channel, region, with_desk=with_desk))
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def board_answer(room: Room, channel: str | None, region: str | None, *, with_desk: bool = False) -> BoardAnswer:
    """The room's board as it is sent. Raises NotFound for an unknown channel or region."""
    view = room.view(channel, region)
    now = view.board()
    fields = {name: getattr(now, name) for name in Board.__struct_fields__}
    answer = BoardAnswer(**fields, server_time=server_time(), stale=room.stale)
    if not with_desk:
        return answer
    return with_desk_parts(answer, view)


def with_desk_parts(answer: BoardAnswer, view: BoardView) -> BoardAnswer:
    """The answer with what only the desk sees."""
    return msgspec.structs.replace(
        answer,
        desk=view.desk(),
        direction=view.direction(),
        pushed=view.pushed(),
        on_air_by_channel=view.on_air_by_channel(),
    )


def ledger(session: str) -> Response:
    allow(DESK)
    since = number("since", default=0) or 0
    limit = number("limit", least=1, most=MOST_ENTRIES, default=ENTRIES) or ENTRIES
    services = edge().services
    name = edge().rooms.resolve(session).ledger
    head = services.engine(name).resolve_head()
    if head is None:
        raise ProblemError(problem(404, no_ledger(name)))
    if since + 1 < head.first_seq <= head.seq:
        return respond(_trimmed(since, head.first_seq))
    lines = tail_read(services.client, ledger_stream_key(name), since, 0, limit + 1)
    if lines and lines[0][0] != since + 1:
        return respond(_trimmed(since, lines[0][0]))
    sent = lines[:limit]
    after = sent[-1][0] if len(lines) > limit else None
    return answer_json(LedgerAnswer([msgspec.Raw(line) for _, line in sent], after))


def overlays(session: str) -> Response:
    """The overlay pages that are open, and those that were until just now."""
    allow(DESK)
    found = list_overlays(edge().services.client, overlays_key(edge().rooms.resolve(session).ledger))
    now = format_epoch_ms(found[0].now) if found else server_time()
    return answer_json(OverlaysAnswer([_overlay(page) for page in found], now))


def _overlay(page: OverlayPage) -> OverlayAnswer:
    return OverlayAnswer(
        **{name: getattr(page.report, name) for name in OverlayHealth.__struct_fields__},
        page=page.id,
        state=page.state,
        since=format_epoch_ms(page.since),
        heard_at=format_epoch_ms(page.heard),
    )


def _trimmed(since: int, first: int) -> Problem:
    detail = Words(
        f"The ledger no longer holds entries before {first}; ask with since={first - 1}, or read the recording.",
        f"账本里已经没有第 {first} 条之前的记录；请用 since={first - 1}，或看录像文件。",
    )
    return problem(410, detail, kind="trimmed", first=first)


def _session(record: SessionRecord) -> SessionAnswer:
    return SessionAnswer(
        record.id, record.ledger, record.title, record.status, format_ms(record.planned_at), format_ms(record.opened_at)
    )
