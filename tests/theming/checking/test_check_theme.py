"""What `theme check` finds in a theme that has exactly one thing wrong: rule, file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from overlaykit.model.plugins import Theme
from overlaykit.theming.checking import Finding, check_theme
from overlaykit.theming.checking.colours import BLACK, WHITE, contrast, read_colour
from overlaykit.theming.checking.css import read_sheet
from overlaykit.theming.starter import LAYOUTS, starter_files

MANIFEST = """id = "acme"
name = "Acme"
version = "1"
requires = { chromium = 103 }
styles = ["style.css"]
[layouts.page]
template = "page.html"
title = "Page"
size = "1080x1920"
needs = ["item"]
[options.tone]
type = "select"
choices = ["plain", "rich"]
default = "plain"
[strings.zh-CN]
left = "剩余"
[strings.en]
left = "Left"
"""
PAGE = '<p data-key="{{ item.sku }}">{{ _("left") }} {{ ui.number(item.available) }}</p>\n'
STYLE = ".left { color: #fff; background: #000; }\n"
Check = Callable[..., list[Finding]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Writes a sound theme, with these files in the place of its own or beside them, and checks it."""

    def do(**files: str | bytes) -> list[Finding]:
        folder = tmp_path / "acme"
        folder.mkdir()
        for name, text in {"theme.toml": MANIFEST, "page.html": PAGE, "style.css": STYLE, **files}.items():
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return check_theme({"acme": Theme(name="acme", folder=folder)}, "acme")

    return do


def test_a_sound_theme_has_no_findings(check: Check) -> None:
    assert check() == []


def test_what_theme_new_writes_passes(tmp_path: Path) -> None:
    for layouts in (["number"], ["coming"], ["number", "card"], list(LAYOUTS)):
        folder = tmp_path / "-".join(layouts)
        folder.mkdir()
        for path, text in starter_files(folder.name, layouts=layouts).items():
            (folder / path).write_text(text, encoding="utf-8")
        assert check_theme({folder.name: Theme(name=folder.name, folder=folder)}, folder.name) == []


WRONG_TEMPLATES = {
    "a field": ('<p>\n{{ item.availabel }}</p>{{ _("left") }}', "names", 2, "availabel"),
    "a field in a branch that no state reaches": (
        '{{ _("left") }}\n{% if options.tone == "none" %}{{ item.sku.x }}{{ item.stok }}{% endif %}',
        "names",
        2,
        "stok",
    ),
    "a macro": ('{{ _("left") }}{{ ui.numbr(1) }}', "names", 1, "numbr"),
    "an option": ('{{ _("left") }}{{ options.ton }}', "names", 1, "ton"),
    "a name": ('{{ _("left") }}\n{{ itm }}', "names", 2, "itm"),
    "a function of Jinja's that is not there": (
        '{{ _("left") }}{% if options.tone == "none" %}{{ dict(a=1) }}{% endif %}',
        "names",
        1,
        "dict",
    ),
    "a string": ('{{ _("left") }}{{ _("lef") if options.tone == "none" }}', "strings", 1, "lef"),
    "an open block": ("\n{% if item %}", "syntax", None, "end"),
    "a key twice": (
        '{{ _("left") }}<b>{{ ui.number(item.available) }}</b>{{ ui.number(item.available) }}',
        "keys",
        1,
        "coat.available",
    ),
    "a script": ('{{ _("left") }}\n<script>alert(1)</script>', "script", 2, "script"),
    "a handler": ('{{ _("left") }}<b onclick="x()">', "script", 1, "script"),
    "a remote picture": ('{{ _("left") }}<img src="https://cdn.example/a.png">', "remote", 1, "cdn.example"),
    "a file that is not there": ('{{ _("left") }}{{ ui.asset("img/star.svg") }}', "assets", 1, "img/star.svg"),
    "Chinese outside of strings": ('{{ _("left") }}\n<b>库存</b>', "strings", 2, "Chinese"),
}


@pytest.mark.parametrize("case", WRONG_TEMPLATES)
def test_a_wrong_template_is_told_with_its_line(check: Check, case: str) -> None:
    template, rule, line, says = WRONG_TEMPLATES[case]
    found = check(**{"page.html": template})

    first = next(each for each in found if each.rule == rule)
    assert first.file == "page.html"
    assert line is None or first.line == line
    assert says in first.reason
    assert first.remedy
    assert all(each.rule in (rule, "rendering") for each in found), found


def test_a_layout_that_does_not_need_an_item_has_to_guard_it(check: Check) -> None:
    found = check(**{"theme.toml": MANIFEST.replace('needs = ["item"]', "")})

    assert {(each.rule, each.file, each.line) for each in found} == {("rendering", "page.html", 1)}
    assert "state nothing_on_air" in found[0].reason
    assert "{% if" in found[0].remedy


def test_what_fails_everywhere_is_told_once_and_not_for_each_choice_of_an_option(check: Check) -> None:
    found = check(**{"page.html": PAGE + "{{ ui.moment('party') }}"})

    assert [(each.rule, each.line) for each in found] == [("rendering", 2)]
    assert "state plenty" in found[0].reason


def test_a_failure_under_one_choice_of_an_option_is_found(check: Check) -> None:
    found = check(**{"page.html": PAGE + '{% if options.tone == "rich" %}{{ 1 / 0 }}{% endif %}'})

    assert [(each.rule, each.line) for each in found] == [("rendering", 2)]
    assert "option.tone=rich" in found[0].reason


WRONG_STYLES = {
    "nesting": (".a {\n  .b { left: 0; }\n}", "chromium", 2),
    "nested media": (".a {\n  @media (min-width: 9px) { left: 0; }\n}", "chromium", 2),
    "what a browser is asked not to have": (
        "@supports not (color: oklch(0 0 0)) { .a { outline-color: oklch(0.5 0.1 40); } }",
        "chromium",
        1,
    ),
    "has": ("\n.a:has(.b) { left: 0; }", "chromium", 2),
    "container": ("@container (width > 3px) { .a { left: 0; } }", "chromium", 1),
    "transform as a property": (".a { translate: 3px; }", "chromium", 1),
    "a mixed colour": (".a { outline-color: color-mix(in srgb, red, blue); }", "chromium", 1),
    "a gradient through a colour space": (
        ".a { background: linear-gradient(90deg in oklch, red, blue); }",
        "chromium",
        1,
    ),
    "a mask": (".a { mask-image: linear-gradient(#000, #fff); }", "chromium", 1),
    "a range": ("@media (width >= 600px) { .a { left: 0; } }", "chromium", 1),
    "a remote font": ("@import 'https://fonts.example/a.css';", "remote", 1),
    "a remote picture": (".a {\n\n  background: url(//cdn.example/a.png); }", "remote", 3),
    "endless motion": (".a { animation: spin 2s infinite; }", "motion", 1),
    "an open brace": ("\n.a { left: 0;", "css", 2),
    "grey on grey": (".a {\n  color: #777; background: #888;\n}", "contrast", 2),
    "white on thin black": (
        ":root { --slab: rgb(0 0 0 / 20%); }\n.a { color: #fff; background: var(--slab); }",
        "contrast",
        2,
    ),
    "no fallback": (".a { font-family: Arial; }", "fonts", 1),
    "a font nobody has": (".a { font: 700 3vmin/1.2 'Acme Display', sans-serif; }", "fonts", 1),
    "an option that is not there": (".a {\n  color: var(--option-colour); }", "names", 2),
    "an option as TOML writes it": (".a { height: calc(1vmin * var( --option-to_ne )); }", "names", 1),
    "a missing file": (".a { background: url('img/a.png'); }", "assets", 1),
}


@pytest.mark.parametrize("case", WRONG_STYLES)
def test_a_wrong_style_is_told_with_its_line(check: Check, case: str) -> None:
    style, rule, line = WRONG_STYLES[case]
    found = check(**{"style.css": style})

    assert {(each.rule, each.file, each.line) for each in found} == {(rule, "style.css", line)}, found
    assert all(each.remedy for each in found)


RIGHT_STYLES = [
    ".a { background: linear-gradient(to left, red, blue), radial-gradient(circle at center, red, blue); }",
    ".a { -webkit-mask-image: url(#m); mask-image: url(#m); }",
    ".a { transform: translate(1px) rotate(3deg); transition: transform 1s linear; }",
    ".a::after { content: 'color-mix( {'; /* .b:has(x) { */ }",
    "@keyframes k { from { opacity: 0; } 50% { opacity: 1; } }",
    "@media (min-width: 600px) { .a:is(.b, .c) { inset: 0; aspect-ratio: 1; } }",
    ".a { color: #fff; background: transparent; }",
    "@supports (outline-color: color-mix(in srgb, red, blue)) { .a { outline-color: color-mix(in srgb, red, blue); } }",
    "@supports selector(:has(a)) { .a:has(.b) { left: 0; } }",
    ".a { font: 600 calc(3 * var(--u))/1.1 Arial, sans-serif; }",
    ".a { font-family: inherit; background: url(data:image/png;base64,AA==); }",
]


@pytest.mark.parametrize("style", RIGHT_STYLES)
def test_what_chromium_103_has_is_not_told(check: Check, style: str) -> None:
    assert check(**{"style.css": style}) == []


def test_a_newer_chromium_allows_what_it_has_and_is_a_warning_itself(check: Check) -> None:
    found = check(
        **{"theme.toml": MANIFEST.replace("chromium = 103", "chromium = 110"), "style.css": ".a:has(b) { mask: none; }"}
    )
    assert [(each.level, each.rule) for each in found] == [("error", "chromium"), ("warning", "manifest")]


def test_files_that_nothing_uses_and_large_ones_are_told(check: Check) -> None:
    found = check(**{"old.css": "", "move.js": "", "big.png": bytes(2_000_000), "README.md": "", "LICENSE": ""})
    assert {(each.level, each.file) for each in found if each.rule == "assets"} == {
        ("error", "move.js"),
        ("warning", "old.css"),
        ("warning", "big.png"),
    }
    assert any("2.0 MB" in each.reason for each in found)


def test_words_nobody_uses_and_languages_nobody_speaks_are_told(check: Check) -> None:
    manifest = MANIFEST.partition("[strings.en]")[0] + 'right = "右"\n'
    found = check(**{"theme.toml": manifest})
    assert [(each.rule, each.line) for each in found] == [("strings", 15), ("strings", 17)]


def test_a_manifest_that_cannot_be_read_is_the_only_finding(check: Check) -> None:
    found = check(**{"theme.toml": MANIFEST.replace("title", "tilte")})
    assert [(each.rule, each.file, each.line) for each in found] == [("manifest", "theme.toml", 8)]
    assert "'title'" in found[0].remedy


def test_the_contrast_of_known_colours_is_that_of_wcag() -> None:
    grey = read_colour("#767676")
    assert grey is not None
    assert contrast(grey, WHITE) == pytest.approx(4.54, abs=0.01)
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert read_colour("rgb(13 15 20 / 84%)") == (13, 15, 20, 0.84)
    assert read_colour("rgba(0,0,0,.5)") == (0, 0, 0, 0.5)
    assert read_colour("#f00c") == (255, 0, 0, 0.8)
    assert read_colour("linear-gradient(#000, #fff)") is None


def test_a_style_sheet_is_read_with_its_lines() -> None:
    sheet = read_sheet("a.css", "/* one\n{ */\n@media print {\n\n.a,\n.b { left: 0;\n  content: ';}' }\n}")
    assert [(each.line, each.text) for each in sheet.preludes] == [(3, "@media print"), (5, ".a, .b")]
    assert [(each.line, each.property, each.value) for each in sheet.declarations] == [
        (6, "left", "0"),
        (7, "content", "';}'"),
    ]
    assert sheet.unclosed is None
