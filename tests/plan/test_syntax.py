"""Texts that are not TOML: what editors, input methods and habits leave in them is named, with how to write it."""

from __future__ import annotations

import time

import pytest

from overlaykit.plan import Problem
from tests.plan.conftest import EVENING, SMALL, Refused


def first(problems: list[Problem]) -> tuple[int | None, str, str]:
    problem = problems[0]
    expected = problem.expected.en if problem.expected else ""
    return problem.line, problem.what.en, expected


@pytest.mark.parametrize(
    ("broken", "says", "expected"),
    [
        ("title = “春茶”", "full-width quotes “”", '"春茶"'),
        ('title = "春茶”', "closed by a full-width ”", '"'),
        ("title = ‘春茶’", "full-width quotes", '"春茶"'),
        ("title = 「春茶」", "full-width quotes", '"春茶"'),
        ('options = { a = "1"，b = "2" }', "full-width comma `，`", "`,`"),
        ('options = { a = "1"、b = "2" }', "comma `、`", "`,`"),
        ("hold ＝ 3", "equals sign `＝`", "`=`"),
        ('title： "x"', "colon `：`", "`=`"),
        ('title: "x"', "colon after the key", "title = …"),
        ('标题 = "x"', "the key 标题 is not in quotes", "`title`"),
        ('options = { 颜色 = "x" }', "the key 颜色 is not in quotes", '"颜色" = …'),
        ('theme = "C:\\img\\a"', "backslash", '"C:/img/a"'),
        ('theme = "D:\\users\\a"', "backslash", "single quotes"),
        ('theme = "D:\\"', "backslash", '"D:/"'),
        ('title = "x"；', "`；` at the end", "nothing"),
        ('title = "x";', "`;` at the end", "nothing"),
        ("title　= 3", "full-width or invisible space (U+3000)", "ordinary space"),
        ("title\u00a0= 3", "U+00A0", "ordinary space"),
        ("hold = 15m", "text without quotes: 15m", '"15m"'),
        ("buffer = 20%", "text without quotes: 20%", '"20%"'),
        ("title = 春茶 专场 # x", "text without quotes: 春茶 专场", '"春茶 专场"'),
        ("split = True", "True is not a value", "true"),
        ("split = 是", "是 is not a value", "true"),
        ("hold = ３", "full-width digits", "3"),
        ("price = ￥899.00", "currency sign", '"899.00"'),
        ("// note", "begins with //", "#"),
        ("options = { a = 1, }", "comma before }", "no comma"),
        ("options = {\n a = 1\n}", "goes on over a line break", "one line"),
        ('title = "x', "not closed on this line", '"x"'),
        ("[仓库]", "name without quotes", "`仓库` is written location"),
        ("[location.杭州]", "name without quotes", "in quotes"),
        ("[[item]", "brackets do not match", "[[item]]"),
        ("【location.a】", "full-width character `【`", "`[`"),
        ("hold =", "value after = is missing", ""),
        ("hold = 1\nhold = 2", "second time", ""),
        ("[location.a]\n[location.a]", "second time", ""),
        ("= 3", "neither", ""),
        ("starts = 2026-13-45", "no such date", ""),
        ('title = "x" "y"', "left over", ""),
        ("options = [1, 2\nhold = 3", "not closed", "]"),
    ],
)
def test_a_broken_line_is_named(refused: Refused, broken: str, says: str, expected: str) -> None:
    problems = refused("# a note\n\n" + broken + "\n" + SMALL)
    line, what, wanted = first(problems)
    assert says in what
    assert expected in wanted
    assert line is not None
    assert 3 <= line <= 3 + broken.count("\n")
    assert problems[0].what.zh != what
    assert problems[0].text("zh").startswith(f"session.toml，第 {line} 行")


def test_every_broken_line_is_named(refused: Refused) -> None:
    text = EVENING.replace('"55%"', "“55%”").replace('"3s"', "3s").replace('{ "产地" =', "{ 产地 =").replace('"群"', "")
    problems = refused(text)
    lines = [text[: text.index(part)].count("\n") + 1 for part in ("产地", "every = 3s", "“55%”")]
    assert [problem.line for problem in problems] == lines
    assert [problem.section for problem in problems] == [None, "[source.erp]", "[channel.tiktok]"]
    assert [problem.key for problem in problems] == ["产地", "every", "share"]


def test_full_width_characters_inside_text_are_text(refused: Refused) -> None:
    text = SMALL.replace('"Tiny"', '"“春茶”，专场：好；"') + "hold = 3m\n"
    assert [problem.line for problem in refused(text)] == [7]


def test_a_byte_order_mark_is_named_and_the_rest_is_still_checked(refused: Refused) -> None:
    problems = refused(b"\xef\xbb\xbf" + SMALL.replace("opening = 10", "opning = 10").encode())
    assert "BOM" in problems[0].what.en
    assert problems[0].line == 1
    assert any(problem.key == "opning" for problem in problems)


def test_gbk_is_recognised_with_its_first_line_and_the_rest_still_checked(refused: Refused) -> None:
    problems = refused(("hold = 15m\n" + SMALL.replace('"A"', '"春茶"')).encode("gbk"))
    assert "GBK" in problems[0].what.en
    assert problems[0].line == 6
    assert problems[0].expected is not None
    assert "UTF-8" in problems[0].expected.zh
    assert "15m" in problems[1].what.en


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (SMALL.encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"\xff\xfe\x00", "UTF-16"),
        (b"title = \xff\xff\xff", "not UTF-8"),
        (b"title = \x00", ""),
        (b"", "`id` is missing"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = " + b"{a=" * 100_000, "nested too deeply"),
        (b"a = " + b"9" * 10_000, "thousands of digits"),
        (b"a" * 1_000_000, ""),
        (b'"' * 100_000, ""),
    ],
)
def test_no_text_at_all(refused: Refused, content: bytes, says: str) -> None:
    assert any(says in problem.what.en for problem in refused(content))


def test_windows_line_ends_are_fine(refused: Refused) -> None:
    problem = refused(SMALL.replace("opening = 10", "opening = -1").replace("\n", "\r\n"))[0]
    assert (problem.line, problem.key) == (6, "opening")


def test_a_file_of_many_megabytes_is_refused_unread(refused: Refused) -> None:
    assert "16 MB" in refused(b"#" * (16 * 1024 * 1024 + 1))[0].what.en


def test_a_fault_behind_ten_thousand_rows_is_found_without_waiting(refused: Refused) -> None:
    rows = "".join(
        f'  {{ link = {n}, sku = "s-{n}", title = "T", opening = {n}, on_sale = true }},\n' for n in range(10_000)
    )
    began = time.monotonic()
    problems = refused(f'id = "a"\ntitle = "b"\nitem = [\n{rows}]\nhold = 15m\n')
    assert [(problem.line, problem.key) for problem in problems] == [(10_005, "hold")]
    assert time.monotonic() - began < 20
