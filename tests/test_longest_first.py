"""Long tests come first with each worker, and none is lost by it."""

from __future__ import annotations

from tests.conftest import REPOSITORY
from tests.longest_first import LONGEST, dealt


def test_each_worker_begins_with_its_part_of_the_long_tests() -> None:
    files = ["a.py"] * 8 + [LONGEST[1]] * 2 + ["b.py"] * 7 + [LONGEST[0], LONGEST[2], LONGEST[3]] + ["c.py"] * 10
    tests = [f"{file}::{number}" for number, file in enumerate(files)]

    found = dealt(tests, 3, files)

    assert sorted(found) == sorted(tests)
    assert [found[piece * 10].partition("::")[0] for piece in range(3)] == [*LONGEST[:3]]
    assert found[1].startswith(LONGEST[3])
    short = [test for test in found if not test.startswith(LONGEST)]
    assert short == [test for test in tests if not test.startswith(LONGEST)], "the others stay in their order"


def test_the_long_files_exist() -> None:
    assert [file for file in LONGEST if not (REPOSITORY / file).is_file()] == []
