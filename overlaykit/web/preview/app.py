"""The preview's routes. It listens on this machine alone, and answers only to this machine's own names: a page from
elsewhere that had its name point here (DNS rebinding) is refused."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from flask import Blueprint, Flask, Response, abort, request, send_file
from msgspec import Struct

from overlaykit.errors import NotFound, UserError
from overlaykit.model.plugins import Theme
from overlaykit.theming.options import PICTURES
from overlaykit.web.http.headers import FILE_POLICY, content_security_policy, protect
from overlaykit.web.http.sockets import SERVER_OPTIONS, Socket, Sockets
from overlaykit.web.http.times import server_time
from overlaykit.web.overlays.document import write_document
from overlaykit.web.overlays.messages import Ping, Sync, pong
from overlaykit.web.overlays.shelf import SERVED
from overlaykit.web.overlays.shelf import STATIC as RUNTIME
from overlaykit.web.preview.scene import Scene
from overlaykit.web.preview.studio import LINE, Studio

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
OPTIONS = Path(__file__).parents[1] / "static" / "options"
"""The inputs of options, which the desk has, too."""
STUDIO = "overlaykit.studio"
SOCKETS = "overlaykit.sockets"


class SetScene(Struct, tag="scene", forbid_unknown_fields=True):
    """From the controls: show this."""

    scene: Scene


class Seek(Struct, tag="seek", forbid_unknown_fields=True):
    """From the controls: go to this place in the sample, 0 to 1."""

    share: float


_from_controls = msgspec.json.Decoder(SetScene | Seek)
_from_page = msgspec.json.Decoder(Ping | Sync)


def create_preview(
    themes: Mapping[str, Theme], name: str, samples: Mapping[str, Path], *, port: int, sample: str = ""
) -> Flask:
    """The preview of the theme `name`. Raises NotFound for a sample, and ThemeError when the theme cannot be shown at all.

    samples   name → folder with a recording
    port      where it will listen: part of the names it answers to
    """
    app = Flask("overlaykit.web.preview", static_folder=None)
    app.config["SOCK_SERVER_OPTIONS"] = SERVER_OPTIONS
    studio = Studio(themes, name, samples, sample)
    app.extensions[STUDIO] = studio
    sockets = app.extensions[SOCKETS] = Sockets(open_files=None)
    hosts = {f"{host}:{port}" for host in ("127.0.0.1", "localhost", "[::1]")}

    @app.before_request
    def only_from_here() -> Response | None:
        origin = request.headers.get("Origin")
        foreign = origin is not None and origin.removeprefix("http://") not in hosts
        if request.host not in hosts or foreign or (request.path.startswith("/ws/") and origin is None):
            return Response("This preview answers to pages of its own only.\n", 403, content_type="text/plain")
        request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return None

    app.after_request(protect)
    routes = _Routes(studio)
    blueprint = Blueprint("preview", __name__)
    blueprint.get("/")(routes.home)
    blueprint.get("/preview-files/<path:path>")(routes.own_file)
    blueprint.get("/static/options/<path:path>")(routes.option_file)
    blueprint.get("/overlay/<layout>")(routes.page)
    blueprint.get("/runtime/<path:path>")(routes.runtime_file)
    blueprint.get("/theme/<version>/<path:path>")(routes.theme_file)
    blueprint.get("/media/<session>/<path:name>")(routes.media)
    sockets.route(blueprint, "/ws/overlay")(routes.overlay_socket)
    sockets.route(blueprint, "/ws/preview")(routes.control_socket)
    app.register_blueprint(blueprint)
    return app


class _Routes:
    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def home(self) -> Response:
        response = send_file(STATIC / "preview.html", max_age=0)
        response.headers["Content-Security-Policy"] = content_security_policy(
            style_src_attr="'unsafe-inline'", frame_src="'self'"
        )
        return response

    def own_file(self, path: str) -> Response:
        return _file(STATIC, path)

    def option_file(self, path: str) -> Response:
        return _file(OPTIONS, path)

    def runtime_file(self, path: str) -> Response:
        return _file(RUNTIME, path)

    def theme_file(self, version: str, path: str) -> Response:
        if not path.lower().endswith(SERVED):  # what a room does not give out is not seen here either
            abort(404)
        try:
            response = send_file(self._studio.theme.file(path))
        except NotFound:
            abort(404)
        response.headers["Content-Security-Policy"] = FILE_POLICY
        response.headers["Cache-Control"] = "no-store"  # the version in the address may be older than the file by now
        return response

    def media(self, session: str, name: str) -> Response:
        path = self._studio.media(session, name) if name.lower().endswith(PICTURES) else None
        if path is None or not path.is_file():
            abort(404)
        response = send_file(path, max_age=60)
        response.headers["Content-Security-Policy"] = FILE_POLICY
        return response

    def page(self, layout: str) -> Response:
        studio = self._studio
        if layout not in studio.theme.layouts:
            abort(404)
        shown, scene = studio.shown(layout), studio.scene
        picture = studio.picture(layout)
        document = write_document(
            picture,
            layout=layout,
            lang=scene.locale,
            runtime="/runtime",
            theme_files=studio.files_url(),
            title=layout,
            markup=shown.markup,
            server_time=server_time(),
            line=LINE,
            seq=shown.seq,
            build=studio.build,
        )
        return Response(
            document.html,
            content_type="text/html; charset=utf-8",
            headers={"Cache-Control": "no-store", "Content-Security-Policy": document.policy},
        )

    def overlay_socket(self, socket: Socket) -> None:
        layout = request.args.get("layout", "")
        if layout not in self._studio.theme.layouts:
            socket.close(reason="there is no such layout now")
            return
        self._studio.greet(layout, socket)
        try:
            while True:
                self._answer(layout, socket, socket.receive())
        finally:
            self._studio.leave(layout, socket)

    def _answer(self, layout: str, socket: Socket, message: str | bytes | None) -> None:
        try:
            known = _from_page.decode(message or b"")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        if isinstance(known, Ping):
            socket.send(pong(known), key="pong")
        else:
            self._studio.greet(layout, socket)

    def control_socket(self, socket: Socket) -> None:
        studio = self._studio
        studio.welcome(socket)
        try:
            while True:
                message = socket.receive()
                refused: dict[str, Any] = {"type": "refused", "message": None}
                try:
                    known = _from_controls.decode(message or b"")
                    if isinstance(known, Seek):
                        studio.seek(known.share)
                    else:
                        studio.set_scene(known.scene)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, UserError) as error:
                    refused["message"] = str(error)
                socket.send(msgspec.json.encode(refused), key="refused")
        finally:
            studio.controls.discard(socket)


def _file(folder: Path, path: str) -> Response:
    found = (folder / path).resolve()
    if not found.is_relative_to(folder.resolve()) or not found.is_file():
        abort(404)
    response = send_file(found, max_age=0, conditional=True)
    if found.suffix == ".js":
        response.mimetype = "text/javascript"
    return response
