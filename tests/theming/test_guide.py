"""themes/README.md says everything a theme may use, in the words of the code."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest

from overlaykit.board import types as board
from overlaykit.config import bundled_folder
from overlaykit.model.plugins import Theme
from overlaykit.theming import BUILTIN_OPTIONS, NEEDS, TEMPLATE_NAMES, Formats, load_theme, open_picture
from overlaykit.theming.builtin_options import FREE_KEYS
from overlaykit.theming.environment import GLOBALS, MAX_SOURCE
from overlaykit.theming.manifest import LONGEST_CHAIN, LayoutSpec, ManifestHead, Requires
from overlaykit.theming.options import OPTION_TYPES, Option, Select
from overlaykit.theming.sandbox.access import LOOP_NAMES, TABLE_METHODS, TEXT_METHODS
from overlaykit.theming.sandbox.budget import MAX_CHARACTERS, MAX_SECONDS, MAX_STEPS
from overlaykit.theming.sandbox.checks import TESTS
from overlaykit.theming.sandbox.compiler import MAX_BLOCKS, MAX_DEPTH
from overlaykit.theming.sandbox.filters import FILTERS
from overlaykit.theming.sandbox.operators import MAX_RANGE
from overlaykit.theming.states import STATE_NAMES
from overlaykit.theming.templates import MAX_FILE
from overlaykit.theming.ui import Ui
from overlaykit.theming.words import OWN_WORDS
from overlaykit.web.overlays.query import NAMES
from overlaykit.web.overlays.shelf import SERVED

GUIDE = bundled_folder() / "themes" / "README.md"
STRUCTS = [
    board.SessionHead,
    board.BoardItem,
    board.DropNow,
    board.Deadline,
    board.Product,
    board.Countdown,
    board.Announcement,
    ManifestHead,
    LayoutSpec,
    Requires,
    Option,
]


@pytest.fixture(scope="module")
def guide() -> str:
    return GUIDE.read_text(encoding="utf-8")


def described(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Field → the one line that says what it is."""
    hints = get_type_hints(struct, include_extras=True)
    found: dict[str, str] = {}
    for field in msgspec.structs.fields(struct):
        meta: tuple[Any, ...] = getattr(hints[field.name], "__metadata__", ())
        found[field.encode_name] = next(each.description for each in meta if getattr(each, "description", None))
    return found


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_every_field_has_its_row(guide: str, struct: type[msgspec.Struct]) -> None:
    rows = "\n".join(f"| `{name}` | {text} |" for name, text in described(struct).items())

    assert rows in guide


def test_every_name_filter_macro_option_type_and_parameter_is_there(guide: str) -> None:
    formats = Formats("en", "UTC", "USD")
    wanted = [f"| `{name}` |" for name in (*TEMPLATE_NAMES, *formats.filters(), *OPTION_TYPES)]
    wanted += [f"`{name}`" for name in (*NAMES[1:], *OWN_WORDS["en"])]
    wanted += [f"`{name}`" for name in NEEDS]

    assert [each for each in wanted if each not in guide] == []


def test_every_option_type_has_its_row_with_its_further_keys_and_each_of_those_is_explained(guide: str) -> None:
    common = described(Option)
    explained: dict[str, str] = {}
    for name, kind in OPTION_TYPES.items():
        assert kind.__struct_config__.tag == name
        further = {key: text for key, text in described(kind).items() if key not in common}
        explained |= further
        row = next(line for line in guide.splitlines() if line.startswith(f"| `{name}` | "))
        assert row.endswith(f" | {', '.join(f'`{key}`' for key in further)} |" if further else " | |")

    assert "\n".join(f"| `{key}` | {text} |" for key, text in explained.items()) in guide


def test_the_built_in_options_have_their_rows_with_their_values(guide: str) -> None:
    for name, option in BUILTIN_OPTIONS.items():
        assert isinstance(option, Select)
        row = next(line for line in guide.splitlines() if line.startswith(f"| `{name}` | `"))
        assert f" | {', '.join(f'`{choice}`' for choice in option.choices)} | " in row
        assert f"`html[data-{name}]`" in row
    assert ", ".join(f"`{key}`" for key in FREE_KEYS[:-1]) + f" and `{FREE_KEYS[-1]}`" in guide


def test_everything_that_the_sandbox_allows_is_there(guide: str) -> None:
    allowed = (*FILTERS, *TESTS, *TEXT_METHODS, *TABLE_METHODS, *LOOP_NAMES)
    limits = (MAX_STEPS, MAX_CHARACTERS, MAX_FILE, MAX_SOURCE, MAX_RANGE)
    missing = [name for name in allowed if f"`{name}`" not in guide]

    assert missing + [f"{limit:,}" for limit in limits if f"{limit:,}" not in guide] == []
    assert f"| {MAX_SECONDS:g} s |" in guide
    assert f"| {MAX_BLOCKS} blocks, {MAX_DEPTH} parts |" in guide
    assert all(f"`{name}(…)`" in guide for name in GLOBALS)
    assert ", ".join(f"`{suffix}`" for suffix in SERVED[:-1]) + f" or `{SERVED[-1]}`" in guide


def test_every_macro_has_its_signature(guide: str) -> None:
    public = {name for name, _ in inspect.getmembers(Ui, inspect.isfunction) if not name.startswith("_")}
    assert public == set(Ui.MACROS)
    for name in Ui.MACROS:
        arguments = []
        for argument in list(inspect.signature(getattr(Ui, name)).parameters.values())[1:]:
            default = "" if argument.default is inspect.Parameter.empty else f"={argument.default!r}"
            arguments.append(argument.name + default)
        assert f"| `ui.{name}({', '.join(arguments)})` |" in guide


def write_from(guide: str, folder: Path, *names: str) -> Theme:
    """The theme that the guide shows, as files."""
    folder.mkdir()
    for name in names:
        shown = guide.split(f"`themes/{folder.name}/{name}`")[1].split("```")[1].split("\n", 1)[1]
        (folder / name).write_text(shown, encoding="utf-8")
    return Theme(name=folder.name, folder=folder)


def test_the_theme_in_the_guide_works(guide: str, tmp_path: Any, make_board: Any, formats: Formats) -> None:
    theme = load_theme(write_from(guide, tmp_path / "plain", "theme.toml", "left.html", "plain.css"))
    made = make_board()
    markup = open_picture(theme, "left", formats=formats, options=theme.options()).render(made, made.items["coat"])

    assert "羊绒大衣: 剩余" in markup
    assert 'data-key="coat.available"' in markup


def test_the_theme_in_the_guide_that_changes_another_works(
    guide: str, tmp_path: Path, make_board: Any, make_item: Any, formats: Formats
) -> None:
    classic = Theme(name="classic", folder=bundled_folder() / "themes" / "classic")
    night = load_theme(write_from(guide, tmp_path / "night", "theme.toml", "night.css"), {"classic": classic})
    picture = open_picture(night, "bar", formats=formats, options={})
    sold_out = make_item(state="sold_out", heat="red", available=0)

    assert picture.layout.title == "夜间进度条"
    assert picture.styles == ("classic:style.css", "night.css")
    assert "--option-accent:#7c5cff;" in picture.css_variables
    assert "抢完了" in picture.render(make_board(sold_out), sold_out)
    assert f"at most {LONGEST_CHAIN} themes" in guide


def test_the_examples_of_parts_and_keys_are_true(guide: str, render: Any, make_board: Any, make_item: Any) -> None:
    example = guide.split("### Live parts", 1)[1].split("```jinja\n", 1)[1].split("```", 1)[0]

    markup = render(example, make_board(make_item(sku="a"), make_item(sku="b")))

    assert markup.count("<li data-live=") == 2
    assert '<li data-live="b" data-key="b" class="on_sale">' in markup


def test_every_state_has_its_row(guide: str) -> None:
    rows = re.findall(
        r"^\| `(\w+)` \|", guide.partition("The states, all synthetic")[2].partition("## ")[0], re.MULTILINE
    )
    assert tuple(rows) == STATE_NAMES
