"""Every bundled theme looks as it did, in every layout and key state, upright and lying.

The baselines are `gallery/THEME/LAYOUT.webp`, made with Debian's Chromium, Noto Sans CJK and DejaVu Sans. The message of
a failure says where the new sheets are, where what differs is marked in red, and the command that accepts the new ones.

How many blocks differ in classic's lower third, in the middle and in the worst of its cells: the same again 0 and 0, a pixel
aside 0 and 0, fonts hinted in another way 0 and 6; four pixels aside 48 and 74, no number 11 and 28, no bar 13 and 39,
another accent 39 and 45, titles that run over 0 and 71.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from overlaykit.config import bundled_folder
from overlaykit.model.plugins import Theme
from overlaykit.theming import find_theme
from tests.browser.contact_sheet import ContactSheets
from tests.conftest import REPOSITORY, absent

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

BASELINES = Path(__file__).parent / "gallery"
NEW = REPOSITORY / "build" / "gallery"
FONTS = ["Noto Sans CJK SC", "DejaVu Sans"]
THEMES = {
    file.parent.name: Theme(file.parent.name, file.parent)
    for file in sorted((bundled_folder() / "themes").glob("*/theme.toml"))
}
PREVIEW_WIDTH, PREVIEW_BYTES = 1200, 150_000
GUIDE = bundled_folder() / "themes" / "README.md"


@pytest.fixture(scope="module")
def sheets(chromium: Browser) -> Iterator[ContactSheets]:
    found = ContactSheets(chromium)
    try:
        if missing := found.missing_fonts(FONTS):
            absent(" and ".join(missing), "apt-get install fonts-noto-cjk fonts-dejavu-core")
        yield found
    finally:
        found.close()


@pytest.fixture(scope="module")
def new() -> Path:
    """Where sheets that are not as their baselines go, for all themes of a run."""
    shutil.rmtree(NEW, ignore_errors=True)
    return NEW


@pytest.mark.parametrize("name", THEMES)
def test_a_theme_looks_as_it_did(name: str, sheets: ContactSheets, new: Path) -> None:
    theme = find_theme(THEMES, name)
    problems = []
    for layout in theme.layouts:
        sheet = sheets.take(theme, layout)
        file = f"{name}/{layout}.webp"
        if not (BASELINES / file).is_file():
            problems.append(f"{file}: there is no such baseline")
        elif differ := (found := sheets.compare((BASELINES / file).read_bytes(), sheet)).differ:
            problems.append(f"{file}: {', '.join(f'{cell} in {count} blocks' for cell, count in differ.items())}")
            _write(new / "differences" / file, found.difference)
        else:
            continue
        _write(new / "sheets" / file, sheets.packed(sheet))

    assert not problems, (
        "\n".join([f"{name} does not look as it did:", *problems])
        + f"\nThe new sheets are in {new}/sheets; in {new}/differences what differs is red. Look at them."
        + f"\nIf this is how it is meant: cp -r {new}/sheets/. {BASELINES}/"
    )


def test_every_baseline_is_of_a_layout_that_exists() -> None:
    kept = {f"{file.parent.name}/{file.stem}" for file in BASELINES.glob("*/*.webp")}
    assert kept, "there are baselines"
    existing = {f"{name}/{layout}" for name in THEMES for layout in find_theme(THEMES, name).layouts}
    assert kept <= existing, "remove the files of layouts that are gone"


@pytest.mark.parametrize(
    ("css", "differs"),
    [
        ("", False),
        ("#overlay { transform: translate(1px, 1px); }", False),
        ("#overlay { transform: translateX(4px); }", True),
        ("ok-number { visibility: hidden; }", True),
        ("ok-bar { visibility: hidden; }", True),
        (":root { --option-accent: #0044e4 !important; }", True),
        (".title { overflow: visible !important; }", True),
    ],
    ids=["the same again", "a pixel aside", "four pixels aside", "no number", "no bar", "another accent", "overflow"],
)
def test_a_comparison_sees_what_people_see(css: str, differs: bool, sheets: ContactSheets) -> None:
    classic = find_theme(THEMES, "classic")
    baseline = (BASELINES / "classic" / "lower_third.webp").read_bytes()
    assert bool(sheets.compare(baseline, sheets.take(classic, "lower_third", css=css)).differ) is differs


@pytest.mark.parametrize("name", THEMES)
def test_the_guide_shows_a_small_picture_of_each_theme(name: str) -> None:
    preview = THEMES[name].folder / "preview.png"
    assert preview.is_file(), "compose it of pictures that `overlaykit theme shot` takes"
    picture = preview.read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    assert width >= PREVIEW_WIDTH
    assert width * 9 == height * 16
    assert len(picture) <= PREVIEW_BYTES
    assert f"({name}/preview.png)" in GUIDE.read_text(encoding="utf-8")


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
