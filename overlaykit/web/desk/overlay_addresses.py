"""GET /desk/overlay.json: the address of an overlay that somebody wants to add, on each way to this machine, with its QR code.

It holds the token of overlays, so it is for whoever may operate.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, request
from msgspec import Struct

from overlaykit.board import Fold
from overlaykit.errors import ThemeError
from overlaykit.model.outcomes import FieldProblem
from overlaykit.plan import Words
from overlaykit.theming import Formats, LoadedTheme
from overlaykit.web.desk.addresses import is_local, picture, ways
from overlaykit.web.edge import allow, edge
from overlaykit.web.http.auth import OPERATE
from overlaykit.web.http.bodies import answer_json
from overlaykit.web.http.problems import ProblemError, problem
from overlaykit.web.names.naming import CHANNEL, ITEM, LINK, PRODUCT, UnknownName, no_such
from overlaykit.web.overlays.query import OverlayQuery, read_query
from overlaykit.web.words import language

ASKED = ("session", "sku", "link", "product", "channel", "region", "theme", "locale")
"""What may be asked for beside `layout`; the same goes into the address. `session` is left out for the current one."""
SHOWN = 40
"""Characters of a language tag that an answer repeats."""


class WayAnswer(Struct, frozen=True):
    """On one way. `here`: the browser that asked came this way; `elsewhere`: whether other devices can come this way;
    `qr`: the same as a picture, SVG in a data: URI."""

    address: str
    here: bool
    elsewhere: bool
    url: str
    qr: str


class OverlayAddressAnswer(Struct, frozen=True):
    """`sizes`: those of the layout's pictures, such as 1080x1920, to be typed into OBS. No `ways`: this machine keeps no token."""

    title: str
    sizes: tuple[str, ...]
    ways: list[WayAnswer]


def blueprint() -> Blueprint:
    routes = Blueprint("overlay_addresses", __name__)
    routes.add_url_rule("/desk/overlay.json", view_func=overlay_address)
    return routes


def overlay_address() -> Response:
    """Raises ProblemError 422 for names that there are not."""
    allow(OPERATE)
    given = {name: request.args[name] for name in ASKED if request.args.get(name)}
    query = read_query(request.args.get("layout", ""), given)
    fold = edge().rooms.get(query.session).fold
    theme = edge().themes.get(query.theme or fold.look.theme)
    for unknown in _unknown(query, fold, theme):
        raise ProblemError(problem(422, unknown.words, kind="invalid", errors=[FieldProblem.of(*unknown)]))
    layout = theme.titled(language())[query.layout]
    return answer_json(OverlayAddressAnswer(layout.title, layout.size, list(_ways(query, given))), kept=False)


def _ways(query: OverlayQuery, given: dict[str, str]) -> Iterator[WayAnswer]:
    token = edge().services.token_texts().get("overlay")
    if token is None:
        return
    asked = {name: text for name, text in given.items() if (name, text) != ("session", "current")}
    here = request.host_url.rstrip("/")
    for address in ways():
        url = f"{address}/overlay/{quote(query.layout)}?{urlencode({'token': token, **asked})}"
        yield WayAnswer(address, address == here, not is_local(address), url, picture(url))


def _unknown(query: OverlayQuery, fold: Fold, theme: LoadedTheme) -> Iterator[UnknownName]:
    chosen = query.selector
    links = sorted({item.planned.link for item in fold.items.values() if item.planned.link is not None})
    regions = sorted({region for each in fold.plan.locations for region in each.serves})
    asked: list[tuple[str, Words, str | None, list[str]]] = [
        ("layout", Words("layout", "画面"), query.layout, list(theme.layouts)),
        ("sku", ITEM, chosen.sku, list(fold.items)),
        ("link", LINK, None if chosen.link is None else str(chosen.link), [str(link) for link in links]),
        ("product", PRODUCT, chosen.product, list(fold.variants)),
        ("channel", CHANNEL, query.channel, [each.name for each in fold.plan.channels]),
        ("region", Words("region", "地区"), query.region, regions),
    ]
    for path, kind, name, known in asked:
        if name is not None and name not in known:
            yield UnknownName(path, no_such(kind, name, known))
    if query.locale is not None:
        try:
            Formats(query.locale, fold.plan.timezone, fold.plan.currency)
        except ThemeError:
            shown = query.locale if len(query.locale) <= SHOWN else f"{query.locale[:SHOWN]}…"
            words = Words(f"{shown} is no language tag, such as zh-CN or en", f"{shown} 不是语言代码，例如 zh-CN、en")
            yield UnknownName("locale", words)
