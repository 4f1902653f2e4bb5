"""Lines of sections and keys: for each path that tomllib sees, the line where it stands."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from overlaykit.plan.form import Path
from overlaykit.plan.positions import Positions
from tests.plan.conftest import EVENING, SMALL

ODD = '''
"quoted key" = 1
'single' = 2
a.b.c = { d = [1, [2, { e = "]}#," }], 3] } # = comment
text = """
[not.a.section]
x = 1
"""
other = \'\'\'
[[nor.this]]
\'\'\'
list = [
  # comment with ] and "
  "a", # }
  'b\\',
  { x = 2026-01-01 10:00:00, y = [ ] },
]
[ table . "odd \\u4e2d" ]
k = "\\"]"
[[many]]
n = 1
[[many.inner]]
n = 2
[[many.inner]]
n = 3
[many.other]
n = 4
[[many]]
n = 5
[[many.inner]]
n = 6
'''


def paths(data: Any, at: Path = ()) -> list[Path]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    found = [at] if at else []
    for step, value in inner:
        found += paths(value, (*at, step))
    return found


@pytest.mark.parametrize("text", [EVENING, SMALL, ODD], ids=["evening", "small", "odd"])
def test_each_path_has_the_line_where_it_stands(text: str) -> None:
    positions = Positions(text)
    lines = text.split("\n")
    for path in paths(tomllib.loads(text)):
        assert path in positions.lines, path
        line = lines[positions.lines[path] - 1]
        key = next((step for step in reversed(path) if isinstance(step, str)), "")
        assert key in line or "\\u4e2d" in line or line.startswith("  "), (path, line)
    assert set(positions.lines) == set(paths(tomllib.loads(text)))


def test_the_nth_row_and_what_is_missing_in_it() -> None:
    positions = Positions(ODD)
    lines = ODD.split("\n")
    assert lines[positions.line(("many", 1, "inner", 0, "n")) or 0 - 1] == ""
    assert positions.line(("many", 0, "inner", 1)) == lines.index("n = 3")
    assert positions.line(("many", 1, "absent", "too")) == lines.index("n = 5")
    assert positions.line(("absent",)) is None
    assert positions.line(()) is None


def test_what_cannot_be_followed_has_no_line() -> None:
    assert Positions('a = 1\nb = "unclosed\nc = 3\n').line(("c",)) is None
