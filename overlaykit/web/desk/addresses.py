"""GET /desk/addresses.json and /desk/devices: where phones and other computers find the room's pages, each with its QR code.

An address that others shall open holds a token. Only texts that stand on this machine can be handed out, and only to whoever may do
what they allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal
from urllib.parse import quote, urlsplit

import segno
from flask import Blueprint, Response, request
from msgspec import Struct

from overlaykit.errors import UserError
from overlaykit.web.desk.pages import page, visitor
from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import DESK, OPERATE, Caller
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.http.query import session_name
from overlaykit.web.turns import in_turns
from overlaykit.web.words import language, words

PageName = Literal["desk", "presenter", "overlay"]
HANDED_OUT: Mapping[str, tuple[str, ...]] = {
    "viewer": ("overlay", "viewer"),
    "operator": ("overlay", "viewer", "operator"),
    "admin": ("overlay", "viewer", "operator"),
}
"""Scope of whoever is logged in → scopes of the tokens that it may hand out: none that may more than itself, and never admin's."""


class PageAddress(Struct, frozen=True, kw_only=True):
    """One page at one address. `layout`: of an overlay; `scope`: what the address lets its owner do; `qr`: the same as a
    picture, SVG in a data: URI."""

    page: PageName
    title: str
    layout: str | None
    scope: str
    url: str
    qr: str


class AddressAnswer(Struct, frozen=True, kw_only=True):
    """One way to reach the room, such as http://192.168.1.20:8080. `here`: the browser that asked came this way; `elsewhere`:
    whether other devices can come this way."""

    address: str
    here: bool
    elsewhere: bool
    pages: list[PageAddress]


class AddressesAnswer(Struct, frozen=True, kw_only=True):
    """All ways, the best for others first. `elsewhere`: whether other devices can reach any of them."""

    addresses: list[AddressAnswer]
    elsewhere: bool


def blueprint() -> Blueprint:
    routes = Blueprint("addresses", __name__)
    routes.add_url_rule("/desk/addresses.json", view_func=addresses)
    routes.add_url_rule("/desk/devices", view_func=devices)
    return routes


def addresses() -> Response:
    return answer_json(_answer(allow(DESK)), kept=False)


def devices() -> Response:
    """The same for a person."""
    found = visitor("/desk/devices")
    if isinstance(found, Response):
        return found
    return page("devices.html", 200, session=session_name(), answer=_answer(found), may=found.scope in OPERATE)


def ways() -> list[str]:
    """http://HOST:PORT for each way to reach this process, the best for others first; the one by which this request came is among
    them, since only it is known to work where a proxy stands before us."""
    known = list(edge().services.addresses())
    own = request.host_url.rstrip("/")
    return known if own in known else [*known, own] if is_local(own) and known else [own, *known]


def picture(url: str) -> str:
    """The QR code of an address, as an SVG in a data: URI."""
    return str(segno.make(url, error="m", micro=False).svg_data_uri(scale=4, border=3, dark="#000", light="#fff"))


def _answer(found: Caller) -> AddressesAnswer:
    tokens = edge().services.token_texts()
    handed = {scope: tokens[scope] for scope in HANDED_OUT[found.scope] if scope in tokens}
    here = request.host_url.rstrip("/")
    known = ways()
    layouts = list(_layouts())
    return AddressesAnswer(
        addresses=[
            AddressAnswer(
                address=each,
                here=each == here,
                elsewhere=not is_local(each),
                pages=list(in_turns(_pages(each, handed, layouts))),  # a code takes some milliseconds
            )
            for each in known
        ],
        elsewhere=any(not is_local(each) for each in known),
    )


def _pages(address: str, tokens: Mapping[str, str], layouts: list[tuple[str, str]]) -> Iterator[PageAddress]:
    say = words(language())
    for scope in ("operator", "viewer"):  # who only looks on gets a desk on which nothing can be pressed
        if scope in tokens:
            yield _page("desk", say["desk"], address, "/desk", scope, tokens[scope])
    if "viewer" in tokens:
        yield _page("presenter", say["devices_presenter"], address, "/presenter", "viewer", tokens["viewer"])
    if "overlay" in tokens:
        for name, title in layouts:
            path = f"/overlay/{quote(name)}"
            yield _page("overlay", title, address, path, "overlay", tokens["overlay"], layout=name)


def _page(
    page: PageName, title: str, address: str, path: str, scope: str, token: str, *, layout: str | None = None
) -> PageAddress:
    url = f"{address}{path}?token={quote(token)}"
    return PageAddress(page=page, title=title, layout=layout, scope=scope, url=url, qr=picture(url))


def _layouts() -> Iterator[tuple[str, str]]:
    """(name, title) of each layout of the theme that the session's overlays have now; none where there is no session, or the theme
    cannot be loaded, which the view of themes explains."""
    try:
        theme = edge().themes.get(edge().rooms.get(session_name()).fold.look.theme)
    except UserError:
        return
    for name, layout in theme.titled(language()).items():
        yield name, layout.title


def is_local(address: str) -> bool:
    """Whether only this machine itself gets there."""
    host = urlsplit(address).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
