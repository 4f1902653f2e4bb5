"""Whatever stands in the file, load_plan gives a plan or a PlanError with problems, never anything else."""

from __future__ import annotations

import copy
import json
import math
import tomllib
from pathlib import Path as FilePath
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overlaykit.errors import PlanError
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import Problem, load_plan
from overlaykit.plan.form import Path, PlanForm
from tests.plan.conftest import EVENING

QUICK = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

ODD_TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(
        [
            "",
            " ",
            "\x00",
            "current",
            "20:00",
            "25:99",
            "5m",
            "-5m",
            "101%",
            "50%",
            "9" * 400,
            "../x",
            "\n",
            "cup",
            "默认",
        ]
    ),
)
ODD = st.recursive(
    st.one_of(
        ODD_TEXT,
        st.booleans(),
        st.integers(),
        st.sampled_from([0, -1, 2**31, 2**63, 2**64, -(2**70), 10**40]),
        st.floats(),
        st.datetimes(),
        st.dates(),
        st.times(),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(ODD_TEXT, inner, max_size=3)),
    max_leaves=6,
)


def toml(value: Any) -> str:
    """A value as TOML, tables inline."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value).replace("\x7f", "\\u007f") if value.isascii() else _text(value)
    if isinstance(value, float):
        return "nan" if math.isnan(value) else repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{toml(key)} = {toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[ " + ", ".join(toml(inner) for inner in value) + " ]"
    return str(value.isoformat())


def _text(value: str) -> str:
    return '"' + "".join(char if char.isalnum() else f"\\U{ord(char):08X}" for char in value) + '"'


def document(data: dict[str, Any]) -> str:
    return "".join(f"{toml(key)} = {toml(value)}\n" for key, value in data.items())


def places(data: Any, at: Path = ()) -> list[Path]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    found = [at] if at else []
    for step, value in inner:
        found += places(value, (*at, step))
    return found


def put(data: Any, at: Path, value: Any, *, rename: str | None = None, remove: bool = False) -> None:
    for step in at[:-1]:
        data = data[step]
    if remove:
        del data[at[-1]]
    elif rename is not None and isinstance(data, dict):
        data[rename] = data.pop(at[-1])
    else:
        data[at[-1]] = value


WHOLE = tomllib.loads(EVENING)
PLACES = places(WHOLE)


def outcome(folder: FilePath, content: str) -> SessionPlan | list[Problem]:
    (folder / "session.toml").write_text(content, encoding="utf-8")
    try:
        return load_plan(folder).session
    except PlanError as error:
        problems = [problem for problem in error.problems if isinstance(problem, Problem)]
        assert problems
        assert all(problem.text("zh") and problem.text("en") for problem in problems)
        return problems


def test_the_whole_plan_written_inline_is_the_same_plan(tmp_path: FilePath) -> None:
    inline = outcome(tmp_path, document(WHOLE))
    assert isinstance(inline, SessionPlan)
    assert inline == outcome(tmp_path, EVENING)


@QUICK
@given(
    changes=st.lists(
        st.tuples(st.sampled_from(PLACES), ODD, st.sampled_from(["set", "rename", "remove"])), min_size=1, max_size=4
    )
)
def test_any_value_anywhere(tmp_path: FilePath, changes: list[tuple[Path, Any, str]]) -> None:
    data = copy.deepcopy(WHOLE)
    for at, value, how in changes:
        try:
            put(data, at, value, rename=str(value)[:20] if how == "rename" else None, remove=how == "remove")
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
    found = outcome(tmp_path, document(data))
    if isinstance(found, SessionPlan):
        assert msgspec.json.decode(msgspec.json.encode(found), type=SessionPlan) == found


@QUICK
@given(edits=st.lists(st.tuples(st.integers(0, len(EVENING)), st.integers(0, 20), ODD_TEXT), min_size=1, max_size=4))
def test_any_text_cut_out_or_put_in(tmp_path: FilePath, edits: list[tuple[int, int, str]]) -> None:
    text = EVENING
    for begin, length, inserted in edits:
        text = text[:begin] + inserted + text[begin + length :]
    outcome(tmp_path, text)


@QUICK
@given(content=st.binary(max_size=300))
def test_any_bytes(tmp_path: FilePath, content: bytes) -> None:
    (tmp_path / "session.toml").write_bytes(content)
    with pytest.raises(PlanError):
        load_plan(tmp_path)


@QUICK
@given(
    content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
)
def test_any_item_table(tmp_path: FilePath, content: bytes) -> None:
    (tmp_path / "items.csv").write_bytes("sku,标题,库存,库存.default,价格\n".encode() + content)
    outcome(tmp_path, 'id = "a"\ntitle = "b"\nitems = "items.csv"\n')


OURS = [at for at in PLACES if not ("settings" in at[:-1] or ("do" in at and at[-1] not in ("do", "action")))]
"""Without what a plugin's settings and an action's fields say, where any type may stand."""


@pytest.mark.parametrize("at", OURS, ids=lambda at: ".".join(map(str, at)))
def test_a_wrong_type_is_refused_at_its_place(tmp_path: FilePath, at: Path) -> None:
    data = copy.deepcopy(WHOLE)
    put(data, at, [[]])
    problems = outcome(tmp_path, document(data))
    assert isinstance(problems, list)
    assert any(problem.line for problem in problems)


def test_what_the_reader_accepts_msgspec_accepts(tmp_path: FilePath) -> None:
    (tmp_path / "session.toml").write_text(EVENING)
    data = load_plan(tmp_path).source.data
    assert msgspec.convert(data, PlanForm).id == "tea-night-01"
