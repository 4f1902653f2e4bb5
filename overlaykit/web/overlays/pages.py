"""`/overlay/{layout}`: the page, its markup already in it, and the files it loads."""

from __future__ import annotations

import secrets
from pathlib import Path

from flask import Response, request, send_file
from markupsafe import Markup, escape

from overlaykit.errors import NotFound, StoreAway, StoreBehind, UserError
from overlaykit.theming import Picture
from overlaykit.web.auth import BOARD
from overlaykit.web.edge import allow
from overlaykit.web.headers import content_security_policy
from overlaykit.web.overlays.query import OverlayQuery, read_query
from overlaykit.web.overlays.shelf import STATIC, Shelf, asset_url
from overlaykit.web.overlays.views import View, Views, server_time
from overlaykit.web.problems import ProblemError
from overlaykit.web.rooms import Room

MODULES = ("page.js", "clock.js", "elements.js", "morph.js", "idiomorph/idiomorph.esm.js")
RETRY_SECONDS = 5
"""A page that says what is wrong with its address looks again after so long: OBS has nobody who presses F5."""
FOREVER = 365 * 24 * 3600

PAGE = """<!doctype html>
<html lang="{lang}" data-layout="{layout}" data-link="{link}" data-line="{line}" data-seq="{seq}" data-build="{build}" \
data-server-time="{time}"{error}>
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
{links}
<style nonce="{nonce}">:root{{{variables}}}</style>
<script type="module" src="{runtime}/page.js"></script>
</head>
<body class="layout-{layout}">
<main id="overlay">{markup}</main>
<p id="ok-note" role="status" hidden>{note}</p>
</body>
</html>
"""
PROBLEM = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta http-equiv="refresh" content="{seconds}"><title>overlay: {message}</title>
<link rel="stylesheet" href="{runtime}/problem.css">
</head>
<body><main><h1>{message}</h1><p>{remedy}</p></main></body>
</html>
"""


class Pages:
    """The views behind the routes."""

    def __init__(self, views: Views, shelf: Shelf) -> None:
        self._views = views
        self._shelf = shelf
        self._runtime = f"/overlay-files/runtime/{shelf.build}"

    def page(self, layout: str) -> Response:
        """An overlay. Without a board yet (no session, store away) it is empty, waits, and comes by itself."""
        try:
            allow(BOARD)
        except ProblemError as error:
            return self._box(
                error.problem.detail,
                "Copy the overlay's address again from where the room was started.",
                error.problem.status,
            )
        try:
            query = read_query(layout, request.args.to_dict())
            try:
                view, room = self._views.paint(query)
            except (StoreAway, StoreBehind):
                return self._waiting(query)
            except NotFound:
                if query.session == "current" and self._views.current_session() is None:
                    return self._waiting(query)
                raise
        except UserError as error:
            return self._problem(error)
        return self._shown(query, view, room)

    def runtime_file(self, build: str, path: str) -> Response:
        """A file of the page's runtime. The build is in the address, so that it can be kept for good."""
        try:
            found = (STATIC / path).resolve()
            there = found.is_relative_to(STATIC.resolve()) and found.is_file()
        except (OSError, ValueError):  # a name that no file can have
            there = False
        if not there:
            raise NotFound(f"the page's runtime has no file {path!r}")
        return _file(found, keep=build == self._shelf.build)

    def theme_file(self, theme: str, version: str, path: str) -> Response:
        """A style sheet, picture or font of a theme."""
        return _file(self._shelf.asset(theme, path), keep=version == self._shelf.theme(theme).version)

    def _shown(self, query: OverlayQuery, view: View, room: Room) -> Response:
        picture = view.picture
        return self._respond(
            query,
            picture,
            link="stale" if room.stale else "live",
            line=room.line,
            seq=view.seq,
            build=view.build,
            error=Markup(' data-error="{}"').format(view.error) if view.error else "",
            title=f"{picture.layout.title} · {room.fold.plan.title}",
            markup=Markup(view.markup or ""),  # rendered in the sandbox, with autoescape
            note=picture.status_word("updating"),
        )

    def _waiting(self, query: OverlayQuery) -> Response:
        return self._respond(
            query, None, link="lost", line="", seq=0, build="", error="", title=query.layout, markup="", note="…"
        )

    def _respond(self, query: OverlayQuery, picture: Picture | None, **fields: object) -> Response:
        nonce = secrets.token_urlsafe(12)
        sheets = [f"{self._runtime}/page.css"]
        if picture is not None:
            sheets += [f"{asset_url(picture.theme)}/{style}" for style in picture.styles]
        links = [Markup('<link rel="stylesheet" href="{}">').format(sheet) for sheet in sheets]
        links += [Markup('<link rel="modulepreload" href="{}/{}">').format(self._runtime, name) for name in MODULES]
        body = Markup(PAGE).format(
            lang=picture.locale if picture else query.locale or "zh-CN",
            layout=query.layout,
            nonce=nonce,
            links=Markup("\n").join(links),
            variables=Markup(picture.css_variables if picture else ""),  # typed and escaped by the options
            runtime=self._runtime,
            time=server_time(),
            **fields,
        )
        return Response(
            body,
            content_type="text/html; charset=utf-8",
            headers={
                "Cache-Control": "no-store",
                "Content-Security-Policy": content_security_policy(
                    # Browsers driven from outside (monitors, measurements) evaluate expressions in the page. No
                    # script of ours evaluates text, and with neither inline nor foreign scripts nobody else can.
                    script_src="'self' 'unsafe-eval'",
                    style_src=f"'self' 'nonce-{nonce}'",
                    style_src_attr="'unsafe-inline'",  # a theme's style="…" and custom properties; no script comes of it
                    img_src="'self' data: https: http:",
                    font_src="'self' data:",
                    frame_ancestors="'self'",
                ),
            },
        )

    def _problem(self, error: UserError) -> Response:
        return self._box(error.message, error.remedy or "", 404 if isinstance(error, NotFound) else 400)

    def _box(self, message: str, remedy: str, status: int) -> Response:
        """What is wrong with the address, readable over any picture; the page asks again by itself."""
        body = PROBLEM.format(
            seconds=RETRY_SECONDS, runtime=self._runtime, message=escape(message), remedy=escape(remedy)
        )
        return Response(body, status, content_type="text/html; charset=utf-8")


def _file(path: Path, *, keep: bool) -> Response:
    response = send_file(path, max_age=FOREVER if keep else 0, conditional=True)
    if keep:
        response.headers["Cache-Control"] = f"public, max-age={FOREVER}, immutable"
    return response
