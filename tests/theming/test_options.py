"""Options: the theme's default, then the plan, then the address; typed, and harmless in a style sheet."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overlaykit.errors import ThemeError
from overlaykit.model.plugins import Theme
from overlaykit.theming import Formats, LoadedTheme, load_theme, open_picture
from overlaykit.theming.options import OPTION_TYPES

OPTIONS = """
[options.accent]
type = "color-rrggbb"
default = "#e4002b"
[options.glow]
type = "color-rrggbbaa"
default = "#ffffff80"
[options.slogan]
type = "single-line"
default = ""
[options.terms]
type = "multi-line"
default = ""
[options.place]
type = "select"
choices = ["left", "right"]
labels = { left = { zh-CN = "左", en = "Left" } }
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
[options.pause]
type = "duration-ms"
max = 5000
default = 300
[options.logo]
type = "image-path"
default = ""
[options.face]
type = "font"
default = "Noto Sans SC"
"""


@pytest.fixture
def theme(theme_folder: Callable[..., Path]) -> LoadedTheme:
    return load_theme(Theme(name="acme", folder=theme_folder("", OPTIONS)))


def test_the_address_wins_over_the_plan_and_the_plan_over_the_theme(theme: LoadedTheme) -> None:
    values = theme.options({"accent": "#00FF00", "scale": 2}, strict={"accent": "0000ff"})

    assert values == {
        "accent": "#0000ff",
        "glow": "#ffffff80",
        "slogan": "",
        "terms": "",
        "place": "left",
        "scale": 2,
        "low_at": 20,
        "shadow": True,
        "pause": 300,
        "logo": "",
        "face": "Noto Sans SC",
        "motion": "normal",
        "safe": "none",
    }


def test_texts_of_an_address_become_values(theme: LoadedTheme) -> None:
    values = theme.options(strict={"scale": "1.5", "low_at": "35%", "shadow": "0", "place": "right"})

    assert (values["scale"], values["low_at"], values["shadow"], values["place"]) == (1.5, 35, False, "right")
    values = theme.options(strict={"pause": "1200ms", "glow": "E4002B", "terms": "one\r\ntwo", "motion": "bold"})
    assert (values["pause"], values["glow"], values["terms"], values["motion"]) == (
        1200,
        "#e4002bff",
        "one\ntwo",
        "bold",
    )


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
        ("glow", "#ffffff8", "a colour like"),
        ("slogan", "bell \a", "one line"),
        ("terms", "half \ud800", "text"),
        ("pause", "1.5", "whole milliseconds"),
        ("pause", "-1", "from 0 to 5000"),
        ("pause", "2s", "milliseconds"),
        ("logo", "../secret.png", "a picture"),
        ("logo", "notes.txt", "a picture"),
        ("logo", "http://example.com/a.png", "https://"),
        ("logo", "javascript:alert(1).png", "a picture"),
        ("logo", "https://", "a picture"),
        ("face", "'Noto'; color: red", "a font family"),
        ("safe", "bilibili", "none, douyin"),
    ],
)
def test_a_value_that_does_not_fit_says_what_would(theme: LoadedTheme, name: str, value: str, says: str) -> None:
    with pytest.raises(ThemeError, match=f"option {name}: expected .*{says}"):
        theme.options(strict={name: value})


def test_every_option_is_a_custom_property(theme: LoadedTheme, formats: Formats) -> None:
    options = theme.options(strict={"low_at": "35", "face": "serif"})

    css = open_picture(theme, "page", formats=formats, options=options).css_variables

    assert css == (
        '--option-accent:#e4002b;--option-glow:#ffffff80;--option-slogan:"";--option-terms:"";--option-place:left;'
        "--option-scale:1;--option-low-at:35%;--option-shadow:1;--option-pause:300ms;--option-logo:none;"
        "--option-face:serif;--option-motion:normal;--option-safe:none;"
    )


def test_a_picture_is_an_address_in_templates_and_an_image_in_css(
    theme_folder: Callable[..., Path], formats: Formats
) -> None:
    folder = theme_folder("{{ options.logo }}", '[options.logo]\ntype = "image-path"\ndefault = "星 1.svg"\n')
    (folder / "星 1.svg").write_text("<svg/>", encoding="utf-8")
    theme = load_theme(Theme(name="acme", folder=folder))

    def shown(logo: str) -> tuple[object, str]:
        picture = open_picture(
            theme,
            "page",
            formats=formats,
            options={"logo": logo},
            asset_url="/files",
            media_url=lambda path: f"/media/{path}" if path == "own.png" else None,
        )
        return picture.options["logo"], picture.css_variables.partition("--option-motion")[0]

    assert shown("星 1.svg")[0] == "/files/%E6%98%9F%201.svg"
    assert shown("own.png") == ("/media/own.png", '--option-logo:url("/media/own.png");')
    assert shown("https://cdn.example/a.png")[0] == "https://cdn.example/a.png"
    assert shown("") == ("", "--option-logo:none;")
    with pytest.raises(
        ThemeError, match=r"option logo: there is no picture 'absent.png'(.|\n)*Known pictures: 星 1.svg"
    ):
        shown("absent.png")


def test_the_files_of_a_font_are_loaded_under_the_name_of_its_default(
    theme_folder: Callable[..., Path], formats: Formats
) -> None:
    folder = theme_folder(
        "", '[options.face]\ntype = "font"\ndefault = "Acme Sans"\nfiles = ["a b.woff2", "acme.ttf"]\n'
    )
    for name in ("a b.woff2", "acme.ttf"):
        (folder / name).write_bytes(b"font")
    theme = load_theme(Theme(name="acme", folder=folder))

    picture = open_picture(theme, "page", formats=formats, options={"face": "Other"}, asset_url="/files")

    assert picture.font_faces == (
        '@font-face{font-family:"Acme Sans";src:url("/files/a%20b.woff2"),url("/files/acme.ttf");'
        "font-weight:1 1000;font-display:swap}"
    )
    assert '--option-face:"Other";' in picture.css_variables


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ('type = "select"\nchoices = []\ndefault = ""', "choices"),
        (
            'type = "select"\nchoices = ["a"]\nlabels = { b = "B" }\ndefault = "a"',
            "labels has b, but the choices are a",
        ),
        ('type = "number"\nmin = 3\nmax = 2\ndefault = 3', "min = 3 and max = 2 leave no number"),
        ('type = "number"\nmin = nan\ndefault = 3', "leave no number"),
        ('type = "image-path"\ndefault = "absent.png"', "there is no file 'absent.png'"),
        ('type = "font"\ndefault = "Acme"\nfiles = ["acme.woff2"]', "there is no file 'acme.woff2'"),
        ('type = "font"\ndefault = "Acme"\nfiles = ["page.html"]', "fonts end in .otf"),
        ('type = "font"\ndefault = "serif"\nfiles = ["acme.woff2"]', "name their family"),
        ('type = "duration-ms"\ndefault = 0.5', "whole milliseconds"),
    ],
)
def test_an_option_that_cannot_be_is_told_at_its_line(
    theme_folder: Callable[..., Path], option: str, says: str
) -> None:
    folder = theme_folder("", f"[options.it]\n{option}\n")

    with pytest.raises(ThemeError, match=rf"theme.toml:\d+: options.it.*{says}"):
        load_theme(Theme(name="acme", folder=folder))


SAFE_CSS = re.compile(r"""[\w#.%+-]+|none|(url\()?"([\w \-.,:/%]|\\[0-9a-f]{1,6} )*"\)?""")
TRICKY = st.text(
    alphabet=st.sampled_from(list("\"'\\;{}<>()/*#%\n\r\f\0a0é库 \u2028-.")) | st.characters(), max_size=30
)
VALUES = st.one_of(
    TRICKY,
    TRICKY.map(lambda text: f"https://example.com/{text}"),
    TRICKY.map(lambda text: f"{text}.png"),
    TRICKY.map(lambda text: f"12{text}"),
    st.sampled_from(["left", "#00ff00", "00ff00aa", "12ms", "7%", "true", "Noto Sans SC", "serif"]),
    st.integers(),
    st.floats(),
    st.booleans(),
)


@pytest.mark.parametrize("kind", OPTION_TYPES)
@settings(deadline=None)
@given(value=VALUES)
def test_whatever_is_taken_for_a_value_stays_within_its_declaration(kind: str, value: object) -> None:
    choices: dict[str, Any] = {"choices": ("left", "right")} if kind == "select" else {}
    option = OPTION_TYPES[kind](default="", **choices)
    try:
        taken = option.read(value)
    except ValueError:
        return

    assert SAFE_CSS.fullmatch(option.css(taken)), option.css(taken)
    assert option.read(taken) == taken
    option.css(taken).encode()
