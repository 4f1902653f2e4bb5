"""A theme that extends another says only what differs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from overlaykit.board.types import Board
from overlaykit.errors import NotFound, ThemeError
from overlaykit.model.plugins import Theme
from overlaykit.theming import Formats, LoadedTheme, find_theme, open_picture

BASE = """id = "base"
name = "Base"
version = "1"
requires = { chromium = 110 }
styles = ["style.css"]

[layouts.bar]
template = "bar.html"
title = { zh-CN = "条", en = "Bar" }
size = "1080x1920"
needs = ["item"]
styles = ["bar.css"]

[options.accent]
type = "color-rrggbb"
default = "#e4002b"
label = "Accent"

[options.face]
type = "font"
default = "Base Sans"
files = ["base.woff2"]

[strings.zh-CN]
left = "剩"
gone = "售罄"
[strings.en]
left = "left"
gone = "gone"
"""
CHILD = """id = "child"
name = "Child"
version = "1"
extends = "base"
"""


class House:
    """A folder of themes."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def write(self, id: str, manifest: str, **files: str) -> Path:
        """Writes a theme; `bar_html="…"` is its file bar.html."""
        folder = self.home / id
        folder.mkdir(exist_ok=True)
        (folder / "theme.toml").write_text(manifest, encoding="utf-8")
        for name, text in files.items():
            (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
        return folder

    def load(self, id: str) -> LoadedTheme:
        return find_theme({path.name: Theme(path.name, path) for path in self.home.iterdir()}, id)


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.write(
        "base",
        BASE,
        bar_html="<p>{% block what %}{{ _('left') }} {% include 'part.html' %}{% endblock %}</p>",
        part_html="base part",
        style_css="/* base */",
        bar_css="/* base bar */",
        base_woff2="font",
    )
    return house


@pytest.fixture
def show(house: House, make_board: Callable[..., Board], formats: Formats) -> Callable[[str], str]:
    """The layout `bar` of a theme over the coat."""

    def do(id: str) -> str:
        board = make_board()
        return open_picture(house.load(id), "bar", formats=formats, options={}).render(board, board.items["coat"])

    return do


def test_a_child_that_says_nothing_is_as_its_parent(house: House, show: Callable[[str], str]) -> None:
    house.write("child", CHILD)
    child = house.load("child")

    assert show("child") == "<p>剩 base part</p>"
    assert child.id == "child"
    assert child.manifest.chain == ("child", "base")
    assert child.titled("zh-CN")["bar"].title == "条"
    assert child.options()["accent"] == "#e4002b"
    assert child.manifest.requires.chromium == 110


def test_a_child_says_only_what_differs(house: House, show: Callable[[str], str]) -> None:
    house.write(
        "child",
        CHILD
        + '[layouts.bar]\ntitle = "Mine"\n[layouts.new]\ntemplate = "new.html"\n'
        + '[options.accent]\ndefault = "#00ff00"\n[options.wide]\ntype = "boolean"\ndefault = false\n'
        + '[options.motion]\ndefault = "calm"\n[strings.zh-CN]\nleft = "仅剩"\n',
        new_html="new",
    )
    child = house.load("child")

    assert show("child") == "<p>仅剩 base part</p>"
    assert child.layouts["bar"].title == "Mine"
    assert child.layouts["bar"].needs == ("item",)
    assert child.layouts["bar"].size == ("1080x1920",)
    assert list(child.layouts) == ["bar", "new"]
    assert child.options()["accent"] == "#00ff00"
    assert child.manifest.options["accent"].label == "Accent"
    assert list(child.options()) == ["accent", "face", "wide", "motion", "safe"]
    assert child.options()["motion"] == "calm"
    assert house.load("base").options()["motion"] == "normal"


def test_a_file_of_the_child_takes_the_place_of_the_parents_wherever_it_is_used(
    house: House, show: Callable[[str], str]
) -> None:
    house.write("child", CHILD, part_html="my part")
    assert show("child") == "<p>剩 my part</p>"

    house.write("child", CHILD, bar_html="{% extends 'base:bar.html' %}{% block what %}{{ super() }}!{% endblock %}")
    assert show("child") == "<p>剩 my part!</p>"


def test_an_ancestor_named_in_a_template_begins_the_search_there(house: House, show: Callable[[str], str]) -> None:
    house.write("child", CHILD, part_html="child part")
    house.write("grandchild", CHILD.replace("child", "grandchild").replace('"base"', '"child"'))
    folder = house.home / "grandchild"

    for named, shown in (("child:part.html", "child part"), ("base:part.html", "base part"), ("child:bar.html", "<p>")):
        (folder / "bar.html").write_text(f"{{% include '{named}' %}}", encoding="utf-8")
        assert shown in show("grandchild")


def test_style_sheets_add_up_with_the_parents_first_also_when_they_have_one_name(house: House) -> None:
    folder = house.write(
        "child",
        CHILD + 'styles = ["style.css"]\n[layouts.bar]\nstyles = ["bar.css"]\n',
        style_css="/* child */",
        bar_css="/* child bar */",
    )
    picture = open_picture(house.load("child"), "bar", formats=Formats("en", "UTC", "USD"), options={})

    assert picture.styles == ("base:style.css", "style.css", "base:bar.css", "bar.css")
    assert house.load("child").file("base:style.css") == (house.home / "base" / "style.css").resolve()
    assert house.load("child").file("style.css") == (folder / "style.css").resolve()


def test_a_font_of_the_parents_is_not_loaded_under_the_name_of_the_childs(house: House) -> None:
    house.write("child", CHILD + '[options.face]\ndefault = "Child Sans"\n')

    def faces(id: str) -> str:
        return open_picture(house.load(id), "bar", formats=Formats("en", "UTC", "USD"), options={}).font_faces

    assert 'font-family:"Base Sans";src:url("/base.woff2")' in faces("base")
    assert faces("child") == ""


def test_the_version_and_the_stamp_change_with_any_file_of_the_chain(house: House) -> None:
    house.write("child", CHILD)
    before = house.load("child")

    (house.home / "base" / "new.css").write_text("b {}", encoding="utf-8")

    assert before.files.stamp() != before.stamp
    assert house.load("child").version != before.version


@pytest.mark.parametrize(
    "name", ["other:secret.html", "../other/secret.html", "base:../other/secret.html", ".hidden.html"]
)
def test_nothing_is_found_outside_the_chain_nor_what_is_hidden(
    house: House, show: Callable[[str], str], name: str
) -> None:
    house.write("other", BASE.replace("base", "other"), secret_html="secret", bar_html="", style_css="", bar_css="")
    (house.write("child", CHILD) / ".hidden.html").write_text("hidden", encoding="utf-8")
    (house.home / "child" / "bar.html").write_text(f"{{% include '{name}' %}}", encoding="utf-8")

    with pytest.raises(NotFound, match="has no file"):
        house.load("child").file(name)
    with pytest.raises(ThemeError, match="there is no template"):
        show("child")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (
            'extends = "bsae"',
            r"theme.toml:4: extends: there is no theme 'bsae' \(child → bsae\)(.|\n)*Did you mean 'base'",
        ),
        ('extends = "child"', "in a circle: child → child"),
        (
            'extends = "base"\n[layouts.baar]\ntitle = "x"',
            r"child/theme\.toml:5: .*it has no template(.|\n)*Did you mean",
        ),
        ('extends = "base"\n[layouts.bar]\ntemplat = "x"', "unknown key 'templat'"),
        ('extends = "base"\n[options.acent]\ndefault = "#000000"', "options.acent.type: it has no type"),
        ('extends = "base"\n[options.accent]\ntype = "number"\ndefault = 1', "options.accent.type: it is color-rrggbb"),
        ('extends = "base"\n[options.accent]\ndefault = "red"', "child/theme.toml:6: .*the default does not fit"),
        (
            'extends = "base"\n[options.motion]\nchoices = ["wild"]',
            "motion is an option that every theme has; its choices",
        ),
        ('extends = "base"\n[options.safe]\ndefault = "bilibili"', "expected one of none, douyin, kuaishou"),
        ('extends = "base"\n[strings.ja]\nleft = "x"', "gone: in only one of"),
        ('extends = "base"\nlayouts = { bar = 3 }', "layouts.bar: expected a table, not 3"),
        ("requires = { chromium = 80 }", "chromium"),
    ],
)
def test_what_cannot_be_put_together_is_named_in_the_childs_own_file(house: House, more: str, says: str) -> None:
    house.write("child", CHILD.replace('extends = "base"', more))

    with pytest.raises(ThemeError, match=says):
        house.load("child")


def test_themes_in_a_circle_and_too_long_a_chain_are_told_with_the_whole_chain(house: House) -> None:
    house.write("base", BASE.replace('version = "1"', 'version = "1"\nextends = "child"'))
    house.write("child", CHILD)
    with pytest.raises(ThemeError, match=r"base/theme\.toml:4: extends: .*in a circle: child → base → child"):
        house.load("child")

    house.write("base", BASE)
    for number, parent in enumerate(["base", "t0", "t1", "t2", "t3"]):
        house.write(f"t{number}", CHILD.replace('"child"', f'"t{number}"').replace('"base"', f'"{parent}"'))
    assert house.load("t3").manifest.chain == ("t3", "t2", "t1", "t0", "base")
    with pytest.raises(ThemeError, match="too long a chain: t4 → t3 → t2 → t1 → t0 → base"):
        house.load("t4")


def test_a_mistake_in_an_inherited_template_is_named_with_the_file_it_is_in(
    house: House, show: Callable[[str], str]
) -> None:
    house.write("child", CHILD)
    (house.home / "base" / "part.html").write_text("\n{{ item.avialable }}", encoding="utf-8")

    with pytest.raises(ThemeError, match=r"base/part\.html:2: .*avialable"):
        show("child")


def test_a_template_that_means_the_inherited_one_but_names_itself_is_told_how(
    house: House, show: Callable[[str], str]
) -> None:
    house.write("child", CHILD, bar_html="\n{% extends 'bar.html' %}")
    with pytest.raises(ThemeError, match=r"child/bar\.html:2: bar\.html calls itself; .*'classic:bar\.html'"):
        show("child")

    house.write("child", CHILD, bar_html="{% extends 'bsae:bar.html' %}")
    with pytest.raises(
        ThemeError, match=r"'bsae:bar\.html'\nDid you mean 'base'\? Known themes before a colon: child, base"
    ):
        show("child")


def test_a_theme_that_is_taken_away_or_cannot_be_read_is_an_error_that_says_so(house: House) -> None:
    folder = house.write("child", CHILD)
    loaded = house.load("child")
    (folder / "loop.css").symlink_to("loop.css")
    (folder / "gone.css").symlink_to("nowhere.css")
    (folder / "outside.css").symlink_to("/etc/hostname")
    assert house.load("child").files.names(".css") == ["bar.css", "style.css"]
    assert house.load("child").version == loaded.version

    shutil.rmtree(folder)

    assert loaded.files.stamp() != loaded.stamp
    with pytest.raises(ThemeError, match=r"is not a theme: it has no theme\.toml"):
        find_theme({"child": Theme("child", folder)}, "child")
