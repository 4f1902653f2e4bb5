"""The theme under work, the scene it is shown in, and the pages that look at it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic, perf_counter

import gevent
import msgspec
from gevent.event import Event

from overlaykit.board.types import Board, BoardItem
from overlaykit.errors import OverlaykitError, UserError
from overlaykit.model.plugins import Theme
from overlaykit.theming import Picture, Selector, find_theme, open_picture, subject_of
from overlaykit.theming.states import state_formats
from overlaykit.web.http.sockets import Socket
from overlaykit.web.http.times import server_time
from overlaykit.web.overlays import messages
from overlaykit.web.preview import controls
from overlaykit.web.preview.files import Stamps, changes_between, half_saved, stamps_of
from overlaykit.web.preview.samples import Sample, find_sample
from overlaykit.web.preview.scene import Scene, board_of
from overlaykit.web.turns import in_turns

log = logging.getLogger(__name__)

LINE = "preview"
WATCH_SECONDS = 0.06
SAVE_SECONDS = 1.0
"""A file that is empty for longer than this is meant to be."""
"""Between two looks at the files."""
PLAY_SECONDS = 0.1
"""Between two boards of a sample that plays."""
TICK_SECONDS = 1.0


class Shown:
    """A layout as its pages have it now."""

    def __init__(self) -> None:
        self.markup = ""
        self.seq = 0
        self.error: OverlaykitError | None = None
        self.sockets: set[Socket] = set()


class Studio:
    """One preview. `start` begins to watch and to play; all else happens when a page or the author does something."""

    def __init__(self, themes: Mapping[str, Theme], name: str, samples: Mapping[str, Path], sample: str = "") -> None:
        """Raises NotFound for a sample, and ThemeError when the theme cannot be shown at all."""
        self._themes = themes
        self._name = name
        self._samples = samples
        self.theme = find_theme(themes, name)
        self.scene = Scene(sample=sample)
        self.broken: OverlaykitError | None = None
        self.controls: set[Socket] = set()
        self._pictures: dict[str, Picture] = {}
        self._unopened: dict[str, OverlaykitError] = {}
        self._shown: dict[str, Shown] = {}
        self._seq = 0
        self._since = dt.datetime.now(dt.UTC)
        self._sample: Sample | None = find_sample(samples, sample) if sample else None
        self._last_told = b""
        self._edition = 1
        self._opening = 0
        self._unfinished = False
        self._files = self._stamp()
        self._wake = Event()
        self._greenlets: list[gevent.Greenlet] = []
        self._open_pictures()

    # What pages ask for.

    def shown(self, layout: str) -> Shown:
        """The layout as it is now."""
        return self._shown.setdefault(layout, Shown())

    def picture(self, layout: str) -> Picture | None:
        """The last picture of the layout that could be opened."""
        return self._pictures.get(layout)

    def files_url(self) -> str:
        """Under which URL the theme's files are now; another one whenever one that pages load changed."""
        return f"/theme/{self._edition}"

    def media(self, session: str, name: str) -> Path | None:
        """A picture that the sample's board names."""
        if self._sample is None or self._sample.id != session or name not in self._sample.pictures():
            return None
        return self._sample.folder / name

    def greet(self, layout: str, socket: Socket) -> None:
        """Brings a layout's page up to date, and keeps it so."""
        if self.scene.link == "lost":
            socket.close(reason="the preview plays that the server is gone")
            return
        shown = self.shown(layout)
        shown.sockets.add(socket)
        socket.send(messages.hello(self.build), key="hello")
        socket.send(self._frame(shown), key="frame")
        self._tell_error(layout, socket)
        if self.scene.link == "stale":
            socket.send(messages.tick(stale=True), key="tick")

    def leave(self, layout: str, socket: Socket) -> None:
        """The page has gone."""
        self.shown(layout).sockets.discard(socket)

    build = "preview"
    """Pages stay as they are: what changes in a theme is put into them."""

    # What the controls say.

    def welcome(self, socket: Socket) -> None:
        """Sends everything that the controls need."""
        self.controls.add(socket)
        for message in (self._about(), self._look(), self._told(), self._progress()):
            socket.send(message)

    def set_scene(self, scene: Scene) -> None:
        """Another scene. Raises UserError, and then the old one stays."""
        self.theme.options(strict=scene.options)  # raises ThemeError for a value that does not fit
        sample = self._sample
        if scene.sample != self.scene.sample:
            sample = find_sample(self._samples, scene.sample) if scene.sample else None
        begins = (scene.state, scene.countdown, scene.drop) != (self.scene.state, self.scene.countdown, self.scene.drop)
        since = dt.datetime.now(dt.UTC) if begins else self._since
        if sample is None:
            board_of(scene, since)
        before, self.scene, self._sample, self._since = self.scene, scene, sample, since
        if (before.locale, before.options) != (scene.locale, scene.options):
            self._open_pictures()
            self._tell(self._look())
        if before.link != scene.link:
            self._relink()
        self._wake.set()

    def seek(self, share: float) -> None:
        """Another place in the sample."""
        if self._sample is not None:
            self._sample.seek(share)
            self._wake.set()

    # What goes on by itself.

    def start(self) -> None:
        for work in (self._follow, self._watch, self._play, self._tick_on):
            self._greenlets.append(gevent.spawn(self._forever, work))

    def stop(self) -> None:
        gevent.killall(self._greenlets)

    def _forever(self, work: Callable[[], None]) -> None:
        while True:
            try:
                work()
            except Exception:  # the next round comes all the same
                log.exception("the preview stumbled")
                gevent.sleep(TICK_SECONDS)

    def _follow(self) -> None:
        self._wake.wait()
        self._wake.clear()
        self._render()

    def _watch(self) -> None:
        patient_until = 0.0
        while True:
            began = perf_counter()
            before, stamp = self._files, self._stamp()
            looked = perf_counter() - began
            saving = half_saved(before, stamp)
            patient_until = patient_until or began + SAVE_SECONDS if saving else 0.0
            if stamp != before and (not saving or began > patient_until):
                self._files = stamp
                changes = changes_between(before, stamp)
                if changes.loaded:
                    self._edition += 1
                if changes.styles_alone and self.broken is None and not self._unfinished:
                    self._tell(self._look())
                else:
                    self._reload(changes.files)
            gevent.sleep(max(WATCH_SECONDS, 4 * looked))

    def _play(self) -> None:
        before = monotonic()
        while True:
            gevent.sleep(PLAY_SECONDS)
            now, sample, scene = monotonic(), self._sample, self.scene
            passed, before = now - before, now
            if sample is None:
                continue
            if scene.playing and sample.share < 1:
                sample.play_to(sample.at + dt.timedelta(seconds=passed * scene.speed))
                self._wake.set()
                self._tell(self._progress())

    def _tick_on(self) -> None:
        while True:
            gevent.sleep(TICK_SECONDS)
            self._tell_pages(messages.tick(stale=self.scene.link == "stale"), "tick")

    # Theme → pictures → pages.

    def _stamp(self) -> Stamps:
        """The files of the theme and of those it extends, as they are now."""
        chain = [self._themes[id].folder for id in self.theme.manifest.chain if id in self._themes]
        return stamps_of([self._themes[self._name].folder, *chain])

    def _reload(self, changed: Collection[Path]) -> None:
        """Files changed. A manifest that cannot be read leaves the last theme that could."""
        before = self.theme
        try:
            self.theme = find_theme(self._themes, self._name)
        except OverlaykitError as error:
            self.broken = error
            self._tell_errors()
            return
        self.broken = None
        if controls.describe(self.theme) != controls.describe(before):
            known = self.theme.manifest.options
            options = {name: value for name, value in self.scene.options.items() if name in known}
            self.scene = msgspec.structs.replace(self.scene, options=options)
            self._tell(self._about())
        else:
            self._tell(self._look())  # style sheets need not wait for templates
        self._open_pictures(changed)
        self._tell(self._look())

    def _open_pictures(self, changed: Collection[Path] = ()) -> None:
        """Opens every layout and shows it at once: while one is compiled, those before it are on their pages already.
        Layouts whose own template is among the files that changed come first: they are looked at."""
        formats = state_formats(self.scene.locale)
        options = self._options()
        board = self._board()
        item = subject_of(board, Selector())
        self._pictures = {name: picture for name, picture in self._pictures.items() if name in self.theme.layouts}
        self._shown = {name: shown for name, shown in self._shown.items() if name in self.theme.layouts}
        self._unopened = {}
        self._unfinished = False
        self._opening += 1
        mine = self._opening
        specs = self.theme.manifest.layouts
        for layout in sorted(specs, key=lambda name: self.theme.files.find(specs[name].template) not in changed):
            try:
                self._pictures[layout] = open_picture(
                    self.theme, layout, formats=formats, options=options, asset_url=self.files_url()
                )
            except OverlaykitError as error:
                self._unopened[layout] = error
            self._render_layout(layout, board, item)
            gevent.sleep(0)
            if mine != self._opening:  # begun anew meanwhile, with other options
                return
            if changed and self._stamp() != self._files:  # saved again: what is newer comes first
                self._unfinished = True
                return
        self._tell_errors()

    def _options(self) -> dict[str, str | int | float | bool]:
        try:
            return self.theme.options(strict=self.scene.options)
        except UserError:
            return self.theme.options()

    def _board(self) -> Board:
        if self._sample is not None:
            return self._sample.board(dt.datetime.now(dt.UTC))
        return board_of(self.scene, self._since)

    def _render(self) -> None:
        """Renders every layout; others have their turn in between."""
        board = self._board()
        item = subject_of(board, Selector())
        opening = self._opening
        for layout in in_turns(list(self.theme.layouts)):
            if opening != self._opening:  # all are opened anew meanwhile, and shown as they are then
                return
            self._render_layout(layout, board, item)
        self._tell_errors()

    def _render_layout(self, layout: str, board: Board, item: BoardItem | None) -> None:
        """Sends what changed. A layout that fails keeps its last good picture."""
        shown = self._shown.setdefault(layout, Shown())
        shown.error = self._unopened.get(layout)
        if shown.error is not None:
            return
        picture = self._pictures.get(layout)
        if picture is None:  # its turn to be opened comes
            return
        try:
            markup = picture.render(board, item)
        except OverlaykitError as error:
            shown.error = error
            return
        if markup != shown.markup or not shown.seq:
            self._seq += 1
            shown.markup, shown.seq = markup, self._seq
            self._send(shown.sockets, self._frame(shown), "frame")
            if self.scene.link == "stale":  # a frame says that all is well again
                self._send(shown.sockets, messages.tick(stale=True), "tick")

    # Messages.

    def _about(self) -> bytes:
        return controls.about(self.theme, self.scene, sorted(self._samples))

    def _look(self) -> bytes:
        return controls.look(self._pictures, self.scene.locale, self.files_url())

    def _told(self) -> bytes:
        found = [(None, self.broken), *((layout, shown.error) for layout, shown in self._shown.items())]
        return controls.errors([(layout, error) for layout, error in found if error is not None])

    def _progress(self) -> bytes:
        return controls.progress(self._sample.share if self._sample else 0.0)

    def _frame(self, shown: Shown) -> bytes:
        return _json({"type": "frame", "line": LINE, "seq": shown.seq, "at": server_time(), "html": shown.markup})

    def _tell_error(self, layout: str, socket: Socket) -> None:
        error = self.shown(layout).error or self.broken
        self._send([socket], messages.error(str(error) if error else None), "error")

    def _tell_errors(self) -> None:
        told = self._told()
        if told == self._last_told:
            return
        self._last_told = told
        self._tell(told)
        for layout, shown in self._shown.items():
            for socket in list(shown.sockets):
                self._tell_error(layout, socket)

    def _relink(self) -> None:
        if self.scene.link == "lost":
            for shown in self._shown.values():
                for socket in list(shown.sockets):
                    shown.sockets.discard(socket)
                    socket.close(reason="the preview plays that the server is gone")
        else:
            self._tell_pages(messages.tick(stale=self.scene.link == "stale"), "tick")

    def _tell(self, message: bytes) -> None:
        self._send(self.controls, message, None)

    def _tell_pages(self, message: bytes, key: str) -> None:
        for shown in self._shown.values():
            self._send(shown.sockets, message, key)

    def _send(self, sockets: Iterable[Socket], message: bytes, key: str | None) -> None:
        for socket in list(sockets):
            with suppress(OSError):  # cut this moment; its own handler takes it away
                socket.send(message, key=key or object())


_json = msgspec.json.encode
