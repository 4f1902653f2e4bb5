"""/oauth/APP/callback: where a platform sends the browser when the owner of a shop has said yes or no.

The page does nothing but keep what the browser brings, for the gateway to make a grant of, and say how that fares. Whoever comes
here needs no token: the state of the link does that, which is good once.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from urllib.parse import quote

import msgspec
from flask import Blueprint, Response, make_response, redirect, render_template, request

from overlaykit.store.grants import QUERY_AT_MOST, GrantResult, Grants
from overlaykit.web.edge import edge
from overlaykit.web.words import language, words

AGAIN = 2
"""Seconds after which a page that waits asks again."""
STATE_AT_MOST = 200


def blueprint() -> Blueprint:
    routes = Blueprint("oauth", __name__, url_prefix="/oauth")
    routes.add_url_rule("/<app>/callback", view_func=callback)
    routes.add_url_rule("/<app>/result", view_func=result)
    return routes


def callback(app: str) -> Any:
    """What the browser brings is kept, and the page goes to where it stands no longer in its address."""
    query = request.args.to_dict()
    state = query.pop("state", "")
    if not 0 < len(state) <= STATE_AT_MOST or len(msgspec.json.encode(query)) > QUERY_AT_MOST:
        return _page(400, app, "unknown")
    grants = Grants(edge().services.client)
    id = grants.bring(app, state, query)
    if id is None:
        return _page(400, app, "unknown")
    refusal = query.get("error")
    if refusal:
        said = ": ".join(filter(None, (refusal, query.get("error_description", ""))))[:500]
        grants.settle(id, GrantResult(status="failed", reason=said, remedy=f"overlaykit plugin authorise {app}"))
    return redirect(f"/oauth/{quote(app)}/result?of={id}&lang={language()}", code=303)


def result(app: str) -> Response:
    """How it fares; the page asks again while that is not known."""
    found = Grants(edge().services.client).progress(request.args.get("of", "")[:64])
    if isinstance(found, GrantResult):
        return _page(200, app, found.status, found)
    return _page(200, app, "waits", again=AGAIN) if found == "brought" else _page(404, app, "unknown")


def _page(
    status: int,
    app: str,
    word: Literal["unknown", "waits", "done", "failed"],
    found: GrantResult | None = None,
    again: int | None = None,
) -> Response:
    lang = language()
    other = "en" if lang == "zh-CN" else "zh-CN"
    # Never with the query that came: it may be a secret, and the other language is the same page.
    switch = f"?lang={other}" if found is None and again is None else f"?of={quote(request.args['of'])}&lang={other}"
    until = None
    if found is not None and found.expires_at is not None:
        until = f"{dt.datetime.fromtimestamp(found.expires_at, dt.UTC):%Y-%m-%d %H:%M} UTC"
    page = render_template(
        "oauth.html",
        say=words(lang),
        lang=lang,
        switch=switch,
        app=app,
        word=word,
        found=found,
        until=until,
        again=again,
    )
    return make_response(page, status)
