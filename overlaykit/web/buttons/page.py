"""/desk/buttons: what can be made into a button, those that there are, and their addresses. For operators.

The address of a button holds its token: it is shown once, when it is made, and cannot be had again.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, partial
from itertools import chain, count
from typing import Any
from urllib.parse import quote

import gevent
import msgspec
from flask import Blueprint, Response
from msgspec import Struct

from overlaykit.board.types import BoardItem
from overlaykit.errors import InvalidCommand, NotFound, UserError
from overlaykit.model.commands import ButtonPress
from overlaykit.model.outcomes import FieldProblem
from overlaykit.plan import Words
from overlaykit.store import LONGEST_NAME, Presses, TokenRecord, Tokens, is_token_name
from overlaykit.web.buttons.actions import plain, read_action
from overlaykit.web.buttons.described import Description, Descriptions
from overlaykit.web.buttons.finding import Search
from overlaykit.web.buttons.offers import KEYS, Group, groups_of, name_of, offers_of
from overlaykit.web.buttons.situation import Situation, situation_of
from overlaykit.web.buttons.titles import DANGEROUS, items_by_link, title_of
from overlaykit.web.desk.addresses import picture, ways
from overlaykit.web.desk.finding import SearchWords, terms_of
from overlaykit.web.desk.pages import page, visitor
from overlaykit.web.edge import allow, allow_change, edge
from overlaykit.web.http.auth import OPERATE
from overlaykit.web.http.bodies import answer_json, read_json
from overlaykit.web.http.problems import ProblemError, problem
from overlaykit.web.http.query import choice, choices, number, session_name, text
from overlaykit.web.words import LANGUAGES, language, words

log = logging.getLogger(__name__)

MAX_BODY = 16 * 1024
PAGE = 20
"""Offers of a group that are shown at first."""
MORE = 100
"""Offers of one group in an answer that is about it alone."""
PAGE_WORDS = ("ask_failed", "buttons_", "copied", "copy", "send_", "colours_")
"""How the keys of the words begin that the page's script writes."""


class OfferAnswer(Struct, frozen=True, kw_only=True):
    """An action that can be made into a button."""

    action: dict[str, Any]
    title: str
    dangerous: bool


class GroupAnswer(Struct, frozen=True, kw_only=True):
    """Actions that belong together. `count`: how many there are; `offers`: those asked for."""

    key: str
    title: str
    count: int
    offers: list[OfferAnswer]


class ButtonAnswer(Struct, frozen=True, kw_only=True):
    """A button that there is. `action`: None for the plan's button of its name; `unknown`: why it would press nothing in this
    session; times RFC 3339 UTC."""

    name: str
    action: dict[str, Any] | None
    title: str
    dangerous: bool
    unknown: str | None
    created_at: str
    used_at: str | None


class ButtonsAnswer(Struct, frozen=True, kw_only=True):
    """What can be made into a button, and the buttons that there are, the newest first."""

    groups: list[GroupAnswer]
    buttons: list[ButtonAnswer]


class ButtonAddress(Struct, frozen=True):
    """Where a new button is pressed: the address, and its QR code as an SVG in a data: URI."""

    url: str
    qr: str


class MadeButton(Struct, frozen=True, kw_only=True):
    """A new button. `token` and `addresses` are told this once."""

    name: str
    title: str
    dangerous: bool
    token: str
    addresses: list[ButtonAddress]


class NewButton(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is sent to make one: the action as a command without id; `name`: how it is called in the ledger."""

    action: dict[str, Any]
    name: str | None = None


def blueprint(search: SearchWords) -> Blueprint:
    routes, descriptions = Blueprint("buttons", __name__), Descriptions()

    @routes.get("/desk/buttons")
    def buttons() -> Response:
        found = visitor("/desk/buttons")
        if isinstance(found, Response):
            return found
        allow(OPERATE)
        lang = language()
        situation = situation_of(edge().rooms.resolve(session_name()))
        links = items_by_link(situation.board)
        groups = groups_of(situation.plan, situation.directing, situation.board)
        data = {
            "lang": lang,
            "session": session_name(),
            "timezone": situation.plan.timezone,
            "answer": ButtonsAnswer(
                groups=[_group(each, situation, links, 0, PAGE) for each in groups],
                buttons=_buttons(situation, descriptions),
            ),
            "words": {key: text for key, text in words(lang).items() if key.startswith(PAGE_WORDS)},
        }
        return page(
            "buttons.html",
            200,
            title=situation.board.session.title,
            session=session_name(),
            data=msgspec.json.encode(data).decode(),
        )

    @routes.get("/desk/buttons.json")
    def listed() -> Response:
        """What can be made into one, the first of each group, or of `group` those after `from`; with `q` what that finds. And those
        that there are; `only` says which of both is wanted."""
        allow(OPERATE)
        only = choice("only", ("both", "offers", "buttons"), "both")
        keys, first, typed = choices("group", KEYS), number("from", default=0) or 0, text("q") or ""
        situation = situation_of(edge().rooms.resolve(session_name()))
        groups = list[GroupAnswer]()
        if only != "buttons":
            links = items_by_link(situation.board)
            found = _groups(situation, links, search, typed)
            most = MORE if len(keys) == 1 else PAGE
            groups = [_group(each, situation, links, first, most) for each in found if not keys or each.key in keys]
        buttons = [] if only == "offers" else _buttons(situation, descriptions)
        return answer_json(ButtonsAnswer(groups=groups, buttons=buttons), kept=False)

    routes.add_url_rule("/desk/buttons", view_func=make, methods=["POST"])
    routes.add_url_rule("/desk/buttons", view_func=revoke, methods=["DELETE"])
    return routes


def make() -> Response:
    """Makes a button, and tells where it is pressed."""
    operator = allow_change(OPERATE)
    wanted = read_json(NewButton, Words("A button", "按钮"), MAX_BODY)
    situation = situation_of(edge().rooms.resolve(session_name()))
    try:
        action = read_action(wanted.action)
    except InvalidCommand as error:
        found = [FieldProblem.of(f"action.{path}".rstrip("."), said) for path, said in error.errors]
        raise ProblemError(problem(422, error.words, kind="invalid", errors=found)) from None
    unknown = situation.unknown_name(action)
    if unknown is not None:
        found = [FieldProblem.of(f"action.{unknown.path}", unknown.words)]
        raise ProblemError(problem(422, unknown.words, kind="invalid", errors=found))
    if wanted.name is not None and not is_token_name(wanted.name):
        zh, en = (words(lang)["buttons_unfit_name"].format(most=LONGEST_NAME) for lang in LANGUAGES)
        raise ProblemError(problem(422, Words(en, zh), kind="invalid", errors=[FieldProblem.of("name", Words(en, zh))]))
    said = plain(action)
    tokens = edge().services.tokens
    name, token = _created(tokens, wanted.name, said)
    session = "" if session_name() == "current" else f"&session={quote(session_name())}"
    urls = [f"{way}/press?token={quote(token)}{session}" for way in ways()]
    log.info("%s has made the button %s: %s", operator.name, name, said["type"])
    return answer_json(
        MadeButton(
            name=name,
            title=title_of(action, situation.directing, situation.board).within(language()),
            dangerous=said["type"] in DANGEROUS,
            token=token,
            addresses=[ButtonAddress(url, picture(url)) for url in urls],
        ),
        kept=False,
    )


def revoke() -> Response:
    """Takes the button `name` away, for good; presses with its address are refused from now on."""
    operator = allow_change(OPERATE)
    name = text("name") or ""
    tokens = edge().services.tokens
    if not any(record.name == name and record.scope == "button" for record in tokens.list()):
        raise ProblemError(problem(404, words(language())["buttons_gone"], kind="unknown_button"))
    with suppress(NotFound):  # somebody else was faster
        tokens.revoke(name)
    log.info("%s has revoked the button %s", operator.name, name)
    return answer_json({"revoked": name}, kept=False)


def _groups(situation: Situation, links: Mapping[int, BoardItem], search: SearchWords, typed: str) -> list[Group]:
    """All of them, or what is found by what was typed."""
    groups = groups_of(situation.plan, situation.directing, situation.board)
    terms = terms_of(typed)
    if not terms:
        return groups
    known = search.of(situation.plan)
    searching = Search(terms, situation.directing, situation.board, links, known, search.spell)
    found: list[Group] = gevent.get_hub().threadpool.apply(searching.through, (groups,))
    return found


def _buttons(situation: Situation, descriptions: Descriptions) -> list[ButtonAnswer]:
    used = Presses(edge().services.client).last_used()
    records = [record for record in edge().services.tokens.list() if record.scope == "button"]
    describe = partial(_described, situation, cache(lambda: items_by_link(situation.board)))
    found = descriptions.of(reversed(records), situation.plan, situation.board.countdowns, describe)
    return [_button(record, description, used.get(record.name)) for record, description in found]


def _group(group: Group, situation: Situation, links: Mapping[int, BoardItem], first: int, most: int) -> GroupAnswer:
    lang, board = language(), situation.board
    offers = [
        OfferAnswer(action=each.action, title=each.title.within(lang), dangerous=each.dangerous)
        for each in offers_of(group.actions(board, first, most), situation.directing, board, links)
    ]
    return GroupAnswer(key=group.key, title=words(lang)[f"buttons_group_{group.key}"], count=group.count, offers=offers)


def _described(situation: Situation, links: Callable[[], Mapping[int, BoardItem]], record: TokenRecord) -> Description:
    title = Words(record.name, record.name)
    try:
        action = read_action(record.action) if record.action is not None else ButtonPress(name=record.name)
        title = title_of(action, situation.directing, situation.board, links())
        found = situation.unknown_name(action)
    except InvalidCommand as error:  # made by another version
        return Description(title, error.words)
    return Description(title, found.words if found is not None else None)


def _button(record: TokenRecord, description: Description, used_ms: int | None) -> ButtonAnswer:
    title, unknown = description
    used = None if used_ms is None else dt.datetime.fromtimestamp(used_ms // 1000, dt.UTC)
    return ButtonAnswer(
        name=record.name,
        action=record.action,
        title=title.within(language()),
        dangerous=record.action is not None and record.action.get("type") in DANGEROUS,
        unknown=None if unknown is None else unknown.within(language()),
        created_at=record.created_at,
        used_at=None if used is None else used.isoformat().replace("+00:00", "Z"),
    )


def _created(tokens: Tokens, name: str | None, said: dict[str, Any]) -> tuple[str, str]:
    """Name and text of a new token. Without a name it gets one that is free, also when somebody else makes the same just now."""
    tried: set[str] = set()
    while True:
        chosen = name if name is not None else _free(tokens, name_of(said), tried)
        try:
            return chosen, tokens.create("button", chosen, action=said)
        except UserError:
            tried.add(chosen)
            if name is None and chosen in {record.name for record in tokens.list()}:
                continue
            detail = words(language())["buttons_taken_name"].format(name=chosen)
            raise ProblemError(problem(409, detail, kind="name_taken")) from None


def _free(tokens: Tokens, name: str, tried: set[str]) -> str:
    taken = {record.name for record in tokens.list()} | tried
    return next(each for each in chain([name], (f"{name}-{number}" for number in count(2))) if each not in taken)
