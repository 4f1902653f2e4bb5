"""A theme that extends another, its options and their files, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.store]

Open = Callable[..., "Page"]

EVENING = """id = "evening"
name = "Evening"
version = "1"
extends = "classic"
styles = ["style.css"]

[layouts.number]
title = { zh-CN = "今晚", en = "Tonight" }

[options.accent]
default = "#00ff7f"

[options.logo]
type = "image-path"
default = "star.svg"

[options.slogan]
type = "single-line"
default = ""

[options.face]
type = "font"
default = "Evening Sans"
files = ["evening.woff2"]
"""
PAGE = """{% extends 'classic:number.html' %}
"""
STYLE = "main { background: var(--option-logo); } body::after { content: var(--option-slogan); }"
STAR = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="red"/></svg>'


@pytest.fixture
def evening(plan_folder: Path) -> Path:
    """A session whose own theme `evening` extends the bundled classic, and whose plan names a logo beside it."""
    folder = plan_folder / "themes" / "evening"
    folder.mkdir(parents=True)
    for name, text in {"theme.toml": EVENING, "number.html": PAGE, "style.css": STYLE, "star.svg": STAR}.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "evening.woff2").write_bytes(b"loaded when a text uses it")
    night = plan_folder / "themes" / "night"
    night.mkdir()
    (night / "theme.toml").write_text(
        'id = "night"\nname = "Night"\nversion = "1"\nextends = "evening"\n', encoding="utf-8"
    )
    (plan_folder / "shop.svg").write_text(STAR.replace("red", "blue"), encoding="utf-8")
    (plan_folder / "unnamed.svg").write_text(STAR, encoding="utf-8")
    plan = plan_folder / "session.toml"
    plan.write_text(
        'theme = "evening"\noptions = { logo = "shop.svg", motion = "calm" }\n' + plan.read_text(encoding="utf-8"),
        encoding="utf-8",
    )
    return folder


def test_styles_files_words_and_options_come_from_the_whole_chain(evening: Path, alone: Any, open_page: Open) -> None:
    page = open_page(alone.overlay("number"))

    sheets = page.evaluate("[...document.styleSheets].map((sheet) => sheet.href).filter(Boolean)")
    ours = [sheet.rpartition("/")[2] for sheet in sheets if "/themes/evening/" in sheet]
    assert ours == ["classic:style.css", "style.css"]
    assert page.evaluate("[...document.styleSheets].every((sheet) => sheet.cssRules.length > 0)")
    assert page.title().startswith("今晚")
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--option-accent')") == "#00ff7f"
    assert page.evaluate("document.documentElement.dataset.motion") == "calm"
    assert page.evaluate("document.documentElement.dataset.safe") == "none"
    assert page.evaluate("[...document.fonts].map((face) => face.family)") == ["Evening Sans"]
    assert page.said == []  # type: ignore[attr-defined]


def test_a_picture_beside_the_plan_is_shown_when_the_session_names_it_and_otherwise_told(
    evening: Path, alone: Any, open_page: Open
) -> None:
    def background(**options: object) -> str:
        page = open_page(alone.overlay("number", **options))
        assert page.said == []  # type: ignore[attr-defined]
        found: str = page.evaluate("getComputedStyle(document.querySelector('main')).backgroundImage")
        return found

    assert "/media/room/shop.svg" in background()
    assert alone.room.get("/media/room/shop.svg", scope=None)[0] == 200
    assert "/star.svg" in background(**{"option.logo": "star.svg"})

    status, body = alone.room.get(
        alone.overlay("number", **{"option.logo": "unnamed.svg"}).removeprefix(alone.room.url), scope=None
    )
    assert status == 400
    assert "there is no picture &#39;unnamed.svg&#39;" in body.decode()
    assert "Known pictures: preview.png, star.svg" in body.decode()
    assert alone.room.get("/media/room/unnamed.svg", scope=None)[0] == 404


def test_the_address_chooses_motion_and_safe_area_and_a_hostile_text_stays_a_text(
    evening: Path, alone: Any, open_page: Open
) -> None:
    slogan = "\"; } </style><script>document.title = 'taken'</script> body { display: none } \\ 限时"
    page = open_page(
        alone.overlay("number", **{"option.motion": "bold", "option.safe": "douyin", "option.slogan": slogan})
    )

    assert page.evaluate("({ ...document.documentElement.dataset }).motion") == "bold"
    assert page.evaluate("document.documentElement.dataset.safe") == "douyin"
    assert page.title().startswith("今晚")
    shown = page.evaluate("JSON.parse(getComputedStyle(document.body, '::after').content)")
    assert shown == slogan
    assert page.evaluate("getComputedStyle(document.body).display") != "none"
    assert (
        page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--option-safe').trim()") == "douyin"
    )


def test_a_change_in_a_file_that_a_theme_inherits_makes_another_page(evening: Path, alone: Any) -> None:
    def build() -> str:
        address = alone.overlay("number", theme="night").removeprefix(alone.room.url)
        status, body = alone.room.get(address, scope=None)
        assert status == 200
        return str(body.decode().partition('data-build="')[2].partition('"')[0])

    before = build()
    assert before == build()

    (evening / "style.css").write_text(STYLE + "p { color: red }", encoding="utf-8")

    assert build() != before
