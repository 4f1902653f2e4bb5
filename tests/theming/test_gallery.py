"""Every theme that comes along: an operator may switch between them, and each shows every state in both languages."""

from __future__ import annotations

import re

import pytest

from overlaykit.config import bundled_folder
from overlaykit.model.plugins import Theme
from overlaykit.theming import Formats, Selector, find_theme, open_picture, subject_of
from overlaykit.theming.checking import check_theme
from overlaykit.theming.states import STATE_LOCALES, STATE_TIMEZONE, states

FOLDERS = [path.parent for path in sorted(bundled_folder().glob("themes/*/theme.toml"))]
THEMES = {folder.name: Theme(name=folder.name, folder=folder) for folder in FOLDERS}
SHARED_LAYOUTS = {"number", "bar", "countdown", "product_card", "lower_third"}
BOTH_SIZES = ("1080x1920", "1920x1080")


@pytest.mark.parametrize("name", THEMES)
def test_it_has_the_layouts_that_all_have_so_that_addresses_stay_when_the_theme_changes(name: str) -> None:
    theme = find_theme(THEMES, name)

    assert set(theme.layouts) >= SHARED_LAYOUTS
    assert {layout.size for layout in theme.layouts.values()} == {BOTH_SIZES}
    assert (theme.folder / "preview.png").is_file()


@pytest.mark.parametrize("name", THEMES)
def test_nothing_is_wrong_with_it(name: str) -> None:
    assert [str(each) for each in check_theme(THEMES, name)] == []


@pytest.mark.parametrize("locale", STATE_LOCALES)
@pytest.mark.parametrize(
    ("name", "layout"), [(name, layout) for name in THEMES for layout in find_theme(THEMES, name).layouts]
)
def test_every_layout_shows_every_state(name: str, layout: str, locale: str) -> None:
    theme = find_theme(THEMES, name)
    formats = Formats(locale, STATE_TIMEZONE, "CNY")
    picture = open_picture(theme, layout, formats=formats, options=theme.options())

    shown = {state: picture.render(board, subject_of(board, Selector())) for state, board in states(locale).items()}

    assert [state for state, markup in shown.items() if re.search(r"\bNone\b", markup)] == []
    assert any(shown.values())
    if "item" in theme.layouts[layout].needs:
        assert shown["nothing_on_air"] == ""


@pytest.mark.parametrize("name", THEMES)
def test_its_words_are_said_in_both_languages(name: str) -> None:
    theme = find_theme(THEMES, name)

    assert set(theme.manifest.strings) >= set(STATE_LOCALES)
    said = {key: option.label for key, option in theme.manifest.options.items()}
    assert [key for key, label in said.items() if isinstance(label, str) or not set(label) >= set(STATE_LOCALES)] == []
