"""Files that take long come first, and no test is lost by it."""

from __future__ import annotations

from tests.conftest import REPOSITORY
from tests.longest_first import LONGEST, longest_first


def test_long_files_come_first_and_all_else_stays_in_its_order() -> None:
    files = ["a.py"] * 3 + [LONGEST[1]] * 2 + ["b.py"] + [LONGEST[0]] + ["c.py"] * 2
    tests = [f"{file}::{number}" for number, file in enumerate(files)]

    found = longest_first(tests, files)

    assert [test.partition("::")[0] for test in found] == [
        LONGEST[0],
        *[LONGEST[1]] * 2,
        *["a.py"] * 3,
        "b.py",
        *["c.py"] * 2,
    ]
    for file in files:
        assert [test for test in found if test.startswith(file)] == [test for test in tests if test.startswith(file)]


def test_the_long_files_exist() -> None:
    assert [file for file in LONGEST if not (REPOSITORY / file).is_file()] == []
