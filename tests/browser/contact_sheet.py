"""All states of a layout at both sizes in one picture, taken as `theme shot` takes them, and two such pictures compared.

Every cell is a frame of its own with a real overlay page in it, so one screenshot takes them all.
"""

from __future__ import annotations

import base64
import json
import mimetypes
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from overlaykit.cli.theme.stage import STILL
from overlaykit.errors import NotFound
from overlaykit.theming import Formats, LoadedTheme, Selector, open_picture, subject_of
from overlaykit.theming.states import NOW, STATE_TIMEZONE, states
from overlaykit.web.overlays.document import write_document
from overlaykit.web.overlays.shelf import STATIC

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHOWN = (
    ("plenty", "zh-CN"),
    ("critical", "zh-CN"),
    ("sold_out", "zh-CN"),
    ("huge", "zh-CN"),
    ("long_titles", "zh-CN"),
    ("long_titles", "en"),
    ("drop", "zh-CN"),
    ("stale", "zh-CN"),
    ("frozen", "zh-CN"),
    ("ended", "zh-CN"),
    ("many_items", "zh-CN"),
    ("announcement", "zh-CN"),
)
PORTRAIT, LANDSCAPE = (270, 480), (480, 270)
ROWS = ((PORTRAIT, SHOWN), (LANDSCAPE, SHOWN[:6]), (LANDSCAPE, SHOWN[6:]))
HEADING = 16
"""Pixels over each row with what is in its cells. They are not compared."""
WIDTH = len(SHOWN) * PORTRAIT[0]
HEIGHT = PORTRAIT[1] + 2 * LANDSCAPE[1] + len(ROWS) * HEADING
LEVEL = 24
"""By how many of 256 steps a block must differ to count."""
BLOCKS = 12
"""So many blocks of a cell may differ: twice as many as do when fonts are hinted in another way. The least that people
see, a number that is missing, makes 28 of them differ in the worst cell."""
WAIT_MS = 60_000
SCRIPT = Path(__file__).with_suffix(".js")

_LINE = "sheet"
_MESSAGES = [
    {"type": "hello", "build": _LINE, "server_time": NOW},
    {"type": "parts", "line": _LINE, "seq": 1, "at": NOW, "parts": {}},
]
# The server as the page sees it: it is there, and says that the picture is current.
_SOCKET = f"""window.WebSocket = class {{
  static CONNECTING = 0;
  static OPEN = 1;
  readyState = 1;
  constructor() {{
    setTimeout(() => {json.dumps(_MESSAGES)}.forEach((each) => this.onmessage({{ data: JSON.stringify(each) }})));
  }}
  send() {{}}
  close() {{}}
}};
"""


class Cell(NamedTuple):
    """One picture of a sheet, and where its left upper corner is."""

    state: str
    locale: str
    size: tuple[int, int]
    left: int
    top: int

    def __str__(self) -> str:
        return f"{self.state} ({self.locale}, {self.size[0]}x{self.size[1]})"


class Found(NamedTuple):
    """`differ`: cell → how many of its blocks differ. `difference`: the sheet with those in red; empty if none is."""

    differ: Mapping[str, int]
    difference: bytes


def cells() -> list[Cell]:
    """Every place of a sheet."""
    found, top = [], 0
    for size, shown in ROWS:
        top += HEADING
        found += [Cell(state, locale, size, index * size[0], top) for index, (state, locale) in enumerate(shown)]
        top += size[1]
    return found


class ContactSheets:
    """Takes and compares sheets in one page of `browser`. Close it."""

    def __init__(self, browser: Browser) -> None:
        self._answers: dict[str, tuple[bytes, str, str]] = {}
        self._theme: LoadedTheme | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        Thread(target=self._server.serve_forever, daemon=True).start()
        self._context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, service_workers="block")
        self._context.add_init_script(STILL + _SOCKET)
        self._page = self._context.new_page()
        self._put("/sheet", f"<!doctype html><meta charset=utf-8><script>{SCRIPT.read_text(encoding='utf-8')}</script>")
        self._page.goto(f"http://127.0.0.1:{self._server.server_port}/sheet")

    def close(self) -> None:
        self._context.close()
        self._server.shutdown()
        self._server.server_close()

    def missing_fonts(self, families: Sequence[str]) -> list[str]:
        """Those of `families` that this machine does not have."""
        found: list[str] = self._page.evaluate("missingFonts", list(families))
        return found

    def take(self, theme: LoadedTheme, layout: str, *, css: str = "") -> bytes:
        """The sheet of a layout, as PNG. A cell is empty where the layout shows in it what an earlier cell shows.

        css   said after the theme's own, to see what a change does. Raises ThemeError.
        """
        self._theme = theme
        pictures = {
            locale: open_picture(
                theme,
                layout,
                formats=Formats(locale, STATE_TIMEZONE, "CNY"),
                options=theme.options(),
                asset_url=f"/theme/{theme.manifest.id}",
            )
            for locale in sorted({locale for _, locale in SHOWN})
        }
        boards = {locale: states(locale) for locale in pictures}
        frames, seen = [], set()
        for cell in cells():
            board, picture = boards[cell.locale][cell.state], pictures[cell.locale]
            markup = picture.render(board, subject_of(board, Selector()))
            heading = {"text": f"{cell.state} {cell.locale}", **_place(cell)}
            if (cell.size, markup) in seen:
                frames.append({**heading, "path": None})
                continue
            seen.add((cell.size, markup))
            document = write_document(
                picture,
                layout=layout,
                lang=picture.locale,
                runtime="/runtime",
                theme_files=f"/theme/{theme.manifest.id}",
                title=picture.layout.title,
                markup=markup,
                server_time=NOW,
                link="lost",  # the runtime turns it round, and then it has run
                line=_LINE,
                seq=1,
                build=_LINE,
            )
            path = f"/cell/{cell.size[0]}/{cell.state}/{cell.locale}"
            nonce = document.policy.partition("'nonce-")[2].partition("'")[0]
            extra = f'<style nonce="{nonce}">{css}</style></head>'
            self._put(path, str(document.html).replace("</head>", extra, 1), document.policy)
            frames.append({**heading, "path": path})
        self._page.evaluate("lay", frames)
        self._page.wait_for_function("settled()", timeout=WAIT_MS)
        sheet = self._page.screenshot(animations="disabled")
        self._page.evaluate("lay", [])  # else all frames go on moving while sheets are compared
        return sheet

    def packed(self, sheet: bytes) -> bytes:
        """The sheet as it is kept: WebP, a tenth of the PNG."""
        return base64.b64decode(self._page.evaluate("packed", _url(sheet, "png")))

    def compare(self, baseline: bytes, sheet: bytes) -> Found:
        """Where `sheet` (PNG) looks other than `baseline` (WebP).

        Both are averaged over blocks of 6 × 6 pixels, and a block may lie two pixels beside where it was: so another
        version of Chromium, and other hinting of fonts, pass.
        """
        places = [{"name": str(cell), **_place(cell)} for cell in cells()]
        found: Any = self._page.evaluate(
            "compared", [_url(baseline, "webp"), _url(sheet, "png"), places, {"level": LEVEL, "size": [WIDTH, HEIGHT]}]
        )
        differ = {name: count for name, count in found["differ"].items() if count > BLOCKS}
        return Found(differ, base64.b64decode(found["difference"]))

    def _put(self, path: str, html: str, policy: str = "") -> None:
        self._answers[path] = (html.encode(), "text/html; charset=utf-8", policy)

    def _answer(self, path: str) -> tuple[bytes, str, str] | None:
        if path in self._answers:
            return self._answers[path]
        if path.startswith("/runtime/"):
            file = STATIC / path.removeprefix("/runtime/")
        elif path.startswith("/theme/") and self._theme is not None:
            try:
                file = self._theme.file(path.removeprefix("/theme/").partition("/")[2])
            except NotFound:
                return None
        else:
            return None
        kind = "text/javascript" if file.suffix == ".js" else mimetypes.guess_type(file.name)[0]
        return (file.read_bytes(), kind or "application/octet-stream", "") if file.is_file() else None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sheets = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                path = unquote(self.path.partition("?")[0])
                body, kind, policy = sheets._answer(path) or (b"", "text/plain", "")
                self.send_response(200 if kind != "text/plain" else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                # The runtime is loaded once, not once a cell.
                fixed = path.startswith(("/runtime/", "/theme/"))
                self.send_header("Cache-Control", "max-age=3600" if fixed else "no-store")
                if policy:
                    self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        return Handler


def _place(cell: Cell) -> dict[str, int]:
    return {"left": cell.left, "top": cell.top, "width": cell.size[0], "height": cell.size[1]}


def _url(picture: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"
