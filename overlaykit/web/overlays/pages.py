"""`/overlay/{layout}`: the page, its markup already in it, and the files it loads."""

from __future__ import annotations

from pathlib import Path

from flask import Response, request, send_file
from markupsafe import escape

from overlaykit.errors import NotFound, StoreAway, StoreBehind, UserError
from overlaykit.web.edge import allow
from overlaykit.web.http.auth import BOARD
from overlaykit.web.http.headers import FILE_POLICY
from overlaykit.web.http.problems import ProblemError
from overlaykit.web.http.times import server_time
from overlaykit.web.overlays.document import Document, write_document
from overlaykit.web.overlays.query import OverlayQuery, read_query, stream_delay_of
from overlaykit.web.overlays.shelf import STATIC, Shelf, asset_url
from overlaykit.web.overlays.view import View
from overlaykit.web.overlays.views import Views
from overlaykit.web.rooms import Room

RETRY_SECONDS = 5
"""A page that says what is wrong with its address looks again after so long: OBS has nobody who presses F5."""
FOREVER = 365 * 24 * 3600

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
                error.problem.words.en,
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
        response = _file(self._shelf.asset(theme, path), keep=version == self._shelf.theme(theme).version)
        response.headers["Content-Security-Policy"] = FILE_POLICY
        return response

    def _shown(self, query: OverlayQuery, view: View, room: Room) -> Response:
        picture = view.picture
        return _sent(
            write_document(
                picture,
                layout=query.layout,
                lang=picture.locale,
                runtime=self._runtime,
                theme_files=asset_url(picture.theme),
                title=f"{picture.layout.title} · {room.fold.plan.title}",
                markup=view.markup,
                server_time=server_time(),
                link="stale" if room.stale else "live",
                line=view.frames.line or room.line,
                seq=view.seq,
                build=view.build,
                stream_delay=stream_delay_of(room.fold.plan, query.channel),
                error=view.error,
            )
        )

    def _waiting(self, query: OverlayQuery) -> Response:
        return _sent(
            write_document(
                None,
                layout=query.layout,
                lang=query.locale or "zh-CN",
                runtime=self._runtime,
                theme_files="",
                title=query.layout,
                markup="",
                server_time=server_time(),
                link="lost",
            )
        )

    def _problem(self, error: UserError) -> Response:
        return self._box(error.message, error.remedy or "", 404 if isinstance(error, NotFound) else 400)

    def _box(self, message: str, remedy: str, status: int) -> Response:
        """What is wrong with the address, readable over any picture; the page asks again by itself."""
        body = PROBLEM.format(
            seconds=RETRY_SECONDS, runtime=self._runtime, message=escape(message), remedy=escape(remedy)
        )
        return Response(body, status, content_type="text/html; charset=utf-8")


def _sent(document: Document) -> Response:
    return Response(
        document.html,
        content_type="text/html; charset=utf-8",
        headers={"Cache-Control": "no-store", "Content-Security-Policy": document.policy},
    )


def _file(path: Path, *, keep: bool) -> Response:
    response = send_file(path, max_age=FOREVER if keep else 0, conditional=True)
    if keep:
        response.headers["Cache-Control"] = f"public, max-age={FOREVER}, immutable"
    return response
