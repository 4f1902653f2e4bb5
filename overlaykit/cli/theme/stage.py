"""A picture in a real page without a server: the page's own runtime and the theme's files are answered from disk, and its
socket by us."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit

from overlaykit.board.types import Board, BoardItem
from overlaykit.errors import NotFound
from overlaykit.theming import Picture
from overlaykit.theming.states import NOW
from overlaykit.web.overlays.document import write_document
from overlaykit.web.overlays.shelf import STATIC

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route, WebSocketRoute

Link = Literal["live", "stale", "lost"]

ORIGIN = "http://overlay.invalid"
"""No such host: nothing that we do not answer is found."""
THEME_FILES = f"{ORIGIN}/theme"
"""Where the files of a stage's theme are: the `asset_url` of its picture."""
SIZES = ("1080x1920", "1920x1080")
"""For layouts that do not say for which sizes they are made."""
BUILD = "stage"
LINE = "stage"
WAIT_MS = 60_000
BACKGROUNDS: Mapping[str, str] = {
    "checker": "repeating-conic-gradient(#6b7078 0 25%, #868c96 0 50%) 0 0 / 48px 48px",
    "white": "#f6f5f2",
    "dark": "#15171c",
    "video": "radial-gradient(60vmax 50vmax at 22% 18%, #f3d9b8 0, transparent 70%), "
    "radial-gradient(50vmax 60vmax at 82% 35%, #7fa7c9 0, transparent 65%), "
    "radial-gradient(70vmax 40vmax at 45% 92%, #4b3a2c 0, transparent 70%), linear-gradient(160deg, #cbb59b, #5d6f7a)",
}
"""Names that --background knows, as CSS."""
STILL = "performance.now = () => 0;"
"""The page's clock stands at NOW, so that countdowns show the same each time."""
_SETTLED = """() => document.documentElement.dataset.link === wanted.link
  && document.documentElement.dataset.seq === wanted.seq
  && [...document.images].every((image) => image.complete)
  && document.fonts.status === "loaded"
"""


class Stage:
    """One page of a picture at one size. `moving`: its clock runs, for what is measured over time."""

    def __init__(self, browser: Browser, picture: Picture, size: tuple[int, int], *, moving: bool = False) -> None:
        self._picture = picture
        self._context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, service_workers="block", offline=False
        )
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        if not moving:
            self.page.add_init_script(STILL)
        self.page.route("**/*", self._answer)
        self.page.route_web_socket("**/ws/overlay*", self._connected)
        self._html, self._policy = "", ""
        self._socket: WebSocketRoute | None = None
        self._link: Link = "live"
        self._seq = 0

    def close(self) -> None:
        self._context.close()

    def open(self, board: Board, item: BoardItem | None, *, link: Link = "live", background: str | None = None) -> None:
        """Loads the page with this board, and waits until pictures and fonts are there. Raises ThemeError."""
        self._seq, self._link = 1, link
        picture = self._picture
        self._html, self._policy = write_document(
            picture,
            layout=picture.layout.name,
            lang=picture.locale,
            runtime=f"{ORIGIN}/runtime",
            theme_files=THEME_FILES,
            title=picture.layout.title,
            markup=picture.render(board, item),
            server_time=NOW,
            link="live" if link == "lost" else "lost",  # the runtime turns it round, and then it has run
            line=LINE,
            seq=self._seq,
            build=BUILD,
        )
        self.page.goto(f"{ORIGIN}/overlay")
        if background is not None:
            self.page.evaluate(
                "(value) => { document.documentElement.style.background = value }",
                BACKGROUNDS.get(background, background),
            )
        self._settle()

    def show(self, board: Board, item: BoardItem | None) -> None:
        """Changes the open page to this board, as the evening would. Raises ThemeError."""
        self._seq += 1
        self._send(
            {"type": "frame", "line": LINE, "seq": self._seq, "at": NOW, "html": self._picture.render(board, item)}
        )
        self.page.wait_for_function(
            "(seq) => document.documentElement.dataset.seq === seq", arg=str(self._seq), timeout=WAIT_MS
        )

    def shot(self, path: Path, *, transparent: bool) -> None:
        """A PNG, with every entrance at its end."""
        self.page.screenshot(path=path, omit_background=transparent, animations="disabled")

    def _settle(self) -> None:
        wanted = json.dumps({"link": self._link, "seq": str(self._seq)})
        self.page.wait_for_function(_SETTLED.replace("wanted.", f"({wanted})."), timeout=WAIT_MS)

    def _connected(self, socket: WebSocketRoute) -> None:
        if self._link == "lost":
            socket.close()
            return
        self._socket = socket
        socket.on_message(lambda _: None)
        self._send({"type": "hello", "build": BUILD, "server_time": NOW})
        # The page holds this picture already; the frame tells it that it is current.
        self._send({"type": "parts", "line": LINE, "seq": self._seq, "at": NOW, "parts": {}})
        if self._link == "stale":
            self._send({"type": "tick", "server_time": NOW, "stale": True})

    def _send(self, message: Mapping[str, object]) -> None:
        assert self._socket is not None, "the page is open"
        self._socket.send(json.dumps(message, ensure_ascii=False))

    def _answer(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        path = unquote(url.path)
        if f"{url.scheme}://{url.netloc}" != ORIGIN:
            route.abort()
        elif path == "/overlay":
            route.fulfill(
                body=self._html,
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": self._policy},
            )
        elif path.startswith("/runtime/"):
            _give(route, STATIC / path.removeprefix("/runtime/"))
        elif path.startswith("/theme/"):
            try:
                _give(route, self._picture.theme.file(path.removeprefix("/theme/")))
            except NotFound:
                route.fulfill(status=404)
        else:
            route.fulfill(status=404)


def _give(route: Route, file: Path) -> None:
    kind = "text/javascript" if file.suffix == ".js" else mimetypes.guess_type(file.name)[0]
    if not file.is_file():
        route.fulfill(status=404)
        return
    route.fulfill(body=file.read_bytes(), content_type=kind or "application/octet-stream")
