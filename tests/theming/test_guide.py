"""themes/README.md says everything a theme may use, in the words of the code."""

from __future__ import annotations

import inspect
from typing import Any, get_type_hints

import msgspec
import pytest

from overlaykit.board import types as board
from overlaykit.config import bundled_folder
from overlaykit.model.plugins import Theme
from overlaykit.theming import TEMPLATE_NAMES, Formats, load_theme, open_picture
from overlaykit.theming.manifest import LayoutSpec, ManifestHead, Requires
from overlaykit.theming.options import OPTION_TYPES, Option
from overlaykit.theming.ui import Ui
from overlaykit.theming.words import STATUS_WORDS
from overlaykit.web.overlays.query import NAMES

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
    wanted += [f"`{name}`" for name in (*NAMES[1:], *STATUS_WORDS["en"])]
    for kind in OPTION_TYPES.values():
        wanted += [f"`{name}`" for name in described(kind)]

    assert [each for each in wanted if each not in guide] == []


def test_every_macro_has_its_signature(guide: str) -> None:
    public = {name for name, _ in inspect.getmembers(Ui, inspect.isfunction) if not name.startswith("_")}
    assert public == set(Ui.MACROS)
    for name in Ui.MACROS:
        arguments = []
        for argument in list(inspect.signature(getattr(Ui, name)).parameters.values())[1:]:
            default = "" if argument.default is inspect.Parameter.empty else f"={argument.default!r}"
            arguments.append(argument.name + default)
        assert f"| `ui.{name}({', '.join(arguments)})` |" in guide


def test_the_theme_in_the_guide_works(guide: str, tmp_path: Any, make_board: Any, formats: Formats) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    for name in ("theme.toml", "left.html", "plain.css"):
        (folder / name).write_text(
            guide.split(f"`themes/plain/{name}`")[1].split("```")[1].split("\n", 1)[1], encoding="utf-8"
        )
    theme = load_theme(Theme(name="plain", folder=folder))
    made = make_board()
    markup = open_picture(theme, "left", formats=formats, options=theme.options()).render(made, made.items["coat"])

    assert "羊绒大衣: 剩余" in markup
    assert 'data-key="coat.available"' in markup
