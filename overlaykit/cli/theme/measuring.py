"""The part of `theme check` that needs a browser: contrast of text as it is drawn, figures that are cut, and flashes while an
evening goes by."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from overlaykit.board.types import Board, BoardItem
from overlaykit.cli.theme.stage import SIZES, THEME_FILES, Stage
from overlaykit.errors import OverlaykitError
from overlaykit.theming import LoadedTheme, Picture, Selector, open_picture, subject_of
from overlaykit.theming.checking.colours import BLACK, WHITE, Colour, contrast
from overlaykit.theming.checking.contrast import LARGE, TEXT
from overlaykit.theming.checking.findings import Finding
from overlaykit.theming.checking.flashes import MOST, Frame, most_flashes
from overlaykit.theming.options import OptionValue
from overlaykit.theming.states import STATE_LOCALES, state_formats, states, stocked, usual_state

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Progress = Callable[[int, int], None]

LOCALE = "zh-CN"
CURRENT = (
    "plenty",
    "low",
    "critical",
    "sold_out",
    "upcoming",
    "presale",
    "drop",
    "countdown",
    "ended",
    "many_items",
    "regions",
    "announcement",
)
"""States whose text has to be readable. What is old may step back, so stale and frozen are not among them."""
FULL = ("long_titles", "huge", "announcement", "drop")
"""States in which a picture has the least room."""
PHONE = 2.8
"""How many pixels of a picture 1080 wide are one of a phone's CSS pixels."""
LARGE_PX, LARGE_BOLD_PX = 24.0, 18.66
"""From which sizes WCAG calls text large, in CSS pixels."""
STEP_SECONDS = 0.085
"""Between two changes of a number: as fast as anybody sees a room change."""
SCENE_SECONDS = 0.5
"""Between two changes of what is on air."""
GREY = "#5a5a5a"
GRID = (27, 48)
"""Cells over which luminance is compared, portrait; landscape has them the other way round."""


def measure_theme(browser: Browser, theme: LoadedTheme, progress: Progress | None = None) -> Iterator[Finding]:
    """What is too near in colour, what is cut, and what flashes too often, layout by layout. A layout that fails is told elsewhere.

    progress   called with layouts done and layouts in all
    """
    for done, layout in enumerate(theme.layouts):
        if progress is not None:
            progress(done, len(theme.layouts))
        size = _size(theme, layout)
        try:
            yield from _contrast(browser, theme, layout, size)
            yield from _cut(browser, theme, layout)
            yield from _flashes(browser, theme, layout, size)
        except OverlaykitError:
            continue


def evening() -> Iterator[tuple[Board, BoardItem | None, float]]:
    """Boards one after the other with the seconds that each stays: a number that runs out, other items, drops, banners."""
    boards = states(LOCALE)
    plenty = boards["plenty"]
    item = subject_of(plenty, Selector())
    assert item is not None
    for units in (240, 180, 120, 70, 58, 40, 22, 14, 9, 4, 2, 1, 0):
        now = stocked(item, units, usual_state(units, item.opening))
        yield replace(plenty, items={**plenty.items, item.sku: now}), now, STEP_SECONDS
    for sku in (*plenty.order[1:4], item.sku):
        on_air = {each: replace(other, on_air=each == sku) for each, other in plenty.items.items()}
        yield replace(plenty, items=on_air, on_air=sku), on_air[sku], SCENE_SECONDS
    for name in ("drop", "announcement", "plenty", "frozen", "plenty", "sold_out", "nothing_on_air", "plenty"):
        yield boards[name], subject_of(boards[name], Selector()), SCENE_SECONDS


def _contrast(browser: Browser, theme: LoadedTheme, layout: str, size: tuple[int, int]) -> Iterator[Finding]:
    boards = states(LOCALE)
    worst: dict[str, tuple[float, Mapping[str, Any], str]] = {}
    texts = _script("measure_texts.js")
    stage = Stage(browser, _picture(theme, layout, {}), size)
    try:
        for state in CURRENT:
            stage.open(boards[state], subject_of(boards[state], Selector()))
            for text in stage.page.evaluate(texts):
                ink, ground = Colour(*text["ink"]), Colour(*text["ground"])
                ratio = min(contrast(ink.over(below), ground.over(below)) for below in (WHITE, BLACK))
                if text["where"] not in worst or ratio < worst[text["where"]][0]:
                    worst[text["where"]] = (ratio, text, state)
    finally:
        stage.close()
    scale = min(size) / 1080 * PHONE
    for where, (ratio, text, state) in worst.items():
        large = text["size"] >= (LARGE_BOLD_PX if text["bold"] else LARGE_PX) * scale
        if ratio < (LARGE if large else TEXT):
            yield Finding(
                level="error" if ratio < LARGE else "warning",
                rule="contrast",
                file=theme.manifest.layouts[layout].template,
                line=None,
                reason=f"{where} in layout {layout}, state {state}: {text['text']!r} has a contrast of {ratio:.1f} : 1 on the "
                f"video that is worst for it; {LARGE if large else TEXT:g} is wanted",
                remedy="Put it on a more opaque ground, or outline it with text-shadow.",
            )


def _cut(browser: Browser, theme: LoadedTheme, layout: str) -> Iterator[Finding]:
    """Figures that are not seen whole, at every size and in both languages."""
    script = _script("measure_cut.js")
    told: set[tuple[str, str]] = set()
    for size, locale in product(theme.layouts[layout].size or SIZES, STATE_LOCALES):
        boards = states(locale)
        stage = Stage(browser, _picture(theme, layout, {}, locale), _pixels(size))
        try:
            for state in FULL:
                stage.open(boards[state], subject_of(boards[state], Selector()))
                for figure in stage.page.evaluate(script):
                    key = (figure["where"], size)
                    if key in told:
                        continue
                    told.add(key)
                    yield Finding(
                        level="error",
                        rule="cut",
                        file=theme.manifest.layouts[layout].template,
                        line=None,
                        reason=f"{figure['where']} ({figure['text']}) is not seen whole in layout {layout} at {size}, "
                        f"state {state}, {locale}: a part of a figure is another figure",
                        remedy="Let words give way first: min-width: 0 and ellipsis on titles, flex: none on figures.",
                    )
        finally:
            stage.close()


def _flashes(browser: Browser, theme: LoadedTheme, layout: str, size: tuple[int, int]) -> Iterator[Finding]:
    frames = record(browser, _picture(theme, layout, {"motion": "bold"}), size)
    flashes = most_flashes(frames)
    if flashes > MOST:
        yield Finding(
            level="error",
            rule="flashes",
            file=theme.manifest.layouts[layout].template,
            line=None,
            reason=f"layout {layout} flashes {flashes} times within a second while a number runs out and items change "
            f"(motion = bold); more than {MOST} can harm viewers",
            remedy="Let each change move or fade once; take out what blinks, and large areas that turn light and dark.",
        )


def record(browser: Browser, picture: Picture, size: tuple[int, int]) -> list[Frame]:
    """The frames of an evening on one page, as Chromium drew them."""
    stage = Stage(browser, picture, size, moving=True)
    taken: list[tuple[float, str]] = []
    try:
        shown = iter(evening())
        board, item, _ = next(shown)
        stage.open(board, item, background=GREY)
        session = stage.page.context.new_cdp_session(stage.page)

        def keep(event: Mapping[str, Any]) -> None:
            taken.append((event["metadata"]["timestamp"], event["data"]))
            session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

        session.on("Page.screencastFrame", keep)
        session.send(
            "Page.startScreencast",
            {"format": "jpeg", "quality": 70, "maxWidth": size[0] // 6, "maxHeight": size[1] // 6},
        )
        due = time.monotonic()
        for board, item, seconds in shown:
            stage.show(board, item)
            due += seconds
            # What is measured is time: each board stays as long as it would in a room.
            stage.page.wait_for_timeout(max(0.0, due - time.monotonic()) * 1000)
        session.send("Page.stopScreencast")
        columns, rows = GRID if size[1] > size[0] else (GRID[1], GRID[0])
        frames = tuple(taken)  # the last ones may still arrive while these are looked at
        cells = stage.page.evaluate(_script("measure_luminance.js"), [[data for _, data in frames], columns, rows])
    finally:
        stage.close()
    return [Frame(at, luminance) for (at, _), luminance in zip(frames, cells, strict=True)]


def _picture(theme: LoadedTheme, layout: str, options: Mapping[str, OptionValue], locale: str = LOCALE) -> Picture:
    formats = state_formats(locale)
    return open_picture(theme, layout, formats=formats, options=theme.options(strict=options), asset_url=THEME_FILES)


def _script(name: str) -> str:
    """A function that is evaluated in the page."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _size(theme: LoadedTheme, layout: str) -> tuple[int, int]:
    return _pixels((theme.layouts[layout].size or SIZES)[0])


def _pixels(size: str) -> tuple[int, int]:
    width, _, height = size.partition("x")
    return int(width), int(height)
