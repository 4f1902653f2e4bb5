"""Templates that nobody wrote: whatever they say, they give markup or a ThemeError, soon."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overlaykit.board.types import Board, SessionHead
from overlaykit.errors import ThemeError
from overlaykit.model.plugins import Theme
from overlaykit.theming import Formats, load_theme, open_picture
from overlaykit.theming.sandbox.checks import TESTS
from overlaykit.theming.sandbox.filters import FILTERS
from overlaykit.theming.ui import Ui
from tests.theming.conftest import COAT

SOON = 3.0
"""Seconds of the processor for one template; the budget of its rendering is half a second."""
BOARD = Board(
    session=SessionHead(id="s", title="测试场", status="live", locale="zh-CN", currency="CNY"),
    seq=17,
    on_air="coat",
    on_air_product=None,
    items={"coat": COAT},
    products={},
    order=["coat"],
    countdowns={},
    announcements=[],
)
NAMES = ("item", "items", "session", "products", "next", "countdowns", "announcements", "options", "ui", "_", "x", "ns")
FIELDS = ("title", "available", "regions", "drop", "a", "length", "index", "__class__", "_x", "format", "items", "mro")

atoms = st.one_of(
    st.sampled_from(NAMES),
    st.integers(-5, 10**6).map(str),
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda number: f"{number:f}"),
    st.sampled_from(
        ("'x'", "'%s%9d'", "'<b>'", "none", "true", "''", "'1e99'", "range(9999)", "namespace(a=1)", "'{n}'")
    ),
)


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions out of smaller ones, in every way that a template knows."""
    signs = ("+", "-", "*", "**", "/", "//", "%", "~", "==", "<", "in", "not in", "and", "or")
    filters = st.sampled_from([*FILTERS, "count", "money", "day", "clock"])
    return st.one_of(
        st.tuples(inner, st.sampled_from(signs), inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(inner, filters).map(lambda parts: f"({parts[0]} | {parts[1]})"),
        st.tuples(inner, filters, inner).map(lambda parts: f"({parts[0]} | {parts[1]}({parts[2]}))"),
        st.tuples(inner, filters, inner, inner).map(lambda parts: f"({parts[0]} | {parts[1]}({parts[2]}, {parts[3]}))"),
        st.tuples(inner, st.sampled_from(("map", "sort", "sum", "groupby")), st.sampled_from(FIELDS)).map(
            lambda parts: f"({parts[0]} | {parts[1]}(attribute='{parts[2]}'))"
        ),
        st.tuples(inner, st.sampled_from([name for name in TESTS if name.isalpha()])).map(
            lambda parts: f"({parts[0]} is {parts[1]})"
        ),
        st.tuples(inner, st.sampled_from(FIELDS)).map(lambda parts: f"{parts[0]}.{parts[1]}"),
        st.tuples(inner, inner).map(lambda parts: f"{parts[0]}[{parts[1]}]"),
        st.tuples(inner, inner, inner).map(lambda parts: f"{parts[0]}[{parts[1]}:{parts[2]}]"),
        st.tuples(inner, inner).map(lambda parts: f"[{parts[0]}, {parts[1]}]"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]}, {parts[1]})"),
        st.tuples(inner, inner).map(lambda parts: f"{{{parts[0]}: {parts[1]}}}"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} if {parts[1]} else {parts[2]})"),
        st.tuples(inner, inner).map(lambda parts: f"{parts[0]}({parts[1]})"),
        st.tuples(st.sampled_from(Ui.MACROS), inner).map(lambda parts: f"ui.{parts[0]}({parts[1]})"),
        inner.map(lambda part: f"-{part}"),
        inner.map(lambda part: f"not {part}"),
    )


expressions = st.recursive(atoms, grown, max_leaves=12)
statements = st.one_of(
    expressions.map(lambda each: "{{ " + each + " }}"),
    expressions.map(lambda each: "{% set x = " + each + " %}"),
    expressions.map(lambda each: "{% set ns = namespace(a=" + each + ") %}"),
    st.tuples(expressions, expressions).map(
        lambda parts: "{% for x in " + parts[0] + " %}{{ " + parts[1] + " }}{% set ns.a = x %}{% endfor %}"
    ),
    st.tuples(expressions, expressions).map(lambda parts: "{% if " + parts[0] + " %}{{ " + parts[1] + " }}{% endif %}"),
    st.tuples(expressions, expressions).map(
        lambda parts: "{% live " + parts[0] + ", item %}<p>{{ " + parts[1] + " }}</p>{% endlive %}"
    ),
    expressions.map(lambda each: "{% macro x(n) %}{{ " + each + " }}{{ x(n) if n }}{% endmacro %}{{ x(1) }}"),
    expressions.map(lambda each: "{% set x %}{{ " + each + " }}{% endset %}"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("random") / "acme"
    made.mkdir()
    manifest = 'id = "acme"\nname = "Acme"\nversion = "1"\n[layouts.page]\ntemplate = "page.html"\n'
    (made / "theme.toml").write_text(manifest, encoding="utf-8")
    return made


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(statements, min_size=1, max_size=4))
def test_a_template_gives_markup_or_a_theme_error_soon(folder: Path, parts: list[str]) -> None:
    (folder / "page.html").write_text("".join(parts), encoding="utf-8")
    theme, formats = load_theme(Theme(name="acme", folder=folder)), Formats("zh-CN", "Asia/Shanghai", "CNY")
    began = time.thread_time()
    try:
        markup = open_picture(theme, "page", formats=formats, options={}).render(BOARD, COAT)
    except ThemeError as error:
        markup = str(error)
        assert "page.html" in markup
    assert time.thread_time() - began < SOON
    assert " object at 0x" not in markup
    assert "<class" not in markup
    markup.encode()
