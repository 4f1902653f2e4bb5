"""Options: the theme's default, then the plan, then the address; typed, and harmless in a style sheet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from overlaykit.errors import ThemeError
from overlaykit.model.plugins import Theme
from overlaykit.theming import Formats, LoadedTheme, load_theme, open_picture

OPTIONS = """
[options.accent]
type = "color-rrggbb"
default = "#e4002b"
[options.slogan]
type = "single-line"
default = ""
[options.place]
type = "select"
choices = ["left", "right"]
default = "left"
[options.scale]
type = "number"
min = 0.5
max = 2
default = 1
[options.low_at]
type = "percentage"
default = 20
[options.shadow]
type = "boolean"
default = true
"""


@pytest.fixture
def theme(theme_folder: Callable[..., Path]) -> LoadedTheme:
    return load_theme(Theme(name="acme", folder=theme_folder("", OPTIONS)))


def test_the_address_wins_over_the_plan_and_the_plan_over_the_theme(theme: LoadedTheme) -> None:
    values = theme.options({"accent": "#00FF00", "scale": 2}, strict={"accent": "0000ff"})

    assert values == {
        "accent": "#0000ff",
        "slogan": "",
        "place": "left",
        "scale": 2,
        "low_at": 20,
        "shadow": True,
        "motion": "normal",
        "safe": "none",
    }


def test_texts_of_an_address_become_values(theme: LoadedTheme) -> None:
    values = theme.options(strict={"scale": "1.5", "low_at": "35%", "shadow": "0", "place": "right"})

    assert (values["scale"], values["low_at"], values["shadow"], values["place"]) == (1.5, 35, False, "right")


def test_an_option_of_another_theme_in_the_plan_is_left_alone_but_not_in_the_address(theme: LoadedTheme) -> None:
    assert "colour" not in theme.options({"colour": "#000000"})
    with pytest.raises(ThemeError, match="Did you mean 'accent'"):
        theme.options(strict={"acent": "#000000"})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("accent", "red;}", "a colour like"),
        ("slogan", "two\nlines", "one line"),
        ("place", "middle", "left, right"),
        ("scale", "3", "from 0.5 to 2"),
        ("scale", "nan", "a number"),
        ("low_at", "many", "a number"),
        ("shadow", "perhaps", "true or false"),
    ],
)
def test_a_value_that_does_not_fit_says_what_would(theme: LoadedTheme, name: str, value: str, says: str) -> None:
    with pytest.raises(ThemeError, match=f"option {name}: expected .*{says}"):
        theme.options(strict={name: value})


def test_every_option_is_a_custom_property_and_no_text_breaks_out(theme: LoadedTheme, formats: Formats) -> None:
    options = theme.options(strict={"slogan": '</style><script>"\\}x', "low_at": "35"})

    css = open_picture(theme, "page", formats=formats, options=options).css_variables

    assert "--option-accent:#e4002b;" in css
    assert "--option-low-at:35%;" in css
    assert "--option-shadow:1;" in css
    assert "<" not in css
    assert css.count("}") == 0
