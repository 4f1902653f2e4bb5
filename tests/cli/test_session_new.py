"""`overlaykit session new`: a first plan by questions or flags, from what people type, paste and keep in spreadsheets."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from overlaykit.cli.session import session
from overlaykit.cli.session_new.answers import read_channels, read_id, read_starts
from overlaykit.cli.session_new.command import machine_locale
from overlaykit.cli.session_new.pasting import decoded, mended
from overlaykit.errors import OverlaykitError, PlanError, UserError
from overlaykit.plan import load_plan
from tests.conftest import REPOSITORY

PASTED = "1\t羊绒大衣\t￥８９９.00\t１００件\n2号\t羊毛围巾\t99元\t50\n"


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs `overlaykit session new ARGUMENTS` in an empty folder, with what is typed."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, typed: str | bytes = "") -> Result:
        return CliRunner().invoke(session, ["new", *arguments, "--state", str(tmp_path / "state")], input=typed)

    return run


def test_questions_in_chinese_make_a_plan_that_can_be_run(new: Callable[..., Result], tmp_path: Path) -> None:
    typed = "\n".join(
        ["双11 专场", "20:00", "", PASTED.rstrip(), "", "抖音，小程序、杭州店", "y", "aurora-no", "neon", "y", ""]
    )
    done = new("--locale", "zh-CN", typed=typed)
    assert done.exit_code == 0, done.output
    for asked in (
        "标题",
        "开播时间",
        "商品：表格路径",
        "空行结束",
        "渠道",
        "有 OBS 吗",
        "主题",
        "写入 11/session.toml",
    ):
        assert asked in done.output
    assert "2 款商品，150 件" in done.output
    assert "overlaykit run 11\n" in done.output
    assert "overlaykit obs setup 11" in done.output
    plan = load_plan(tmp_path / "11").session
    assert (plan.title, plan.theme, plan.locale, plan.currency) == ("双11 专场", "neon", "zh-CN", "CNY")
    assert [(item.link, item.sku, item.title, item.price, item.opening) for item in plan.items] == [
        (1, "item-1", "羊绒大衣", "899.00", {"default": 100}),
        (2, "item-2", "羊毛围巾", "99", {"default": 50}),
    ]
    assert {channel.name: channel.title for channel in plan.channels} == {
        "douyin": "抖音",
        "mini": "小程序",
        "杭州店": "杭州店",
    }
    assert plan.starts is not None
    assert plan.later["obs"]["main"]["safe_scene"] == "应急画面"
    text = (tmp_path / "11" / "session.toml").read_text(encoding="utf-8")
    assert "#   overlaykit run 11" in text
    assert "# 商品：一行一款，顺序就是讲解顺序。" in text


def test_what_cannot_be_understood_is_asked_again(new: Callable[..., Result], tmp_path: Path) -> None:
    typed = "\n".join(
        ["Shop", "at eight", "8:00", "no-such.xlsx", "", "just one thing", "", "", "coat, 5", "", "", "n", "", "y", ""]
    )
    done = new("mine", "--locale", "en-US", typed=typed)
    assert done.exit_code == 0, done.output
    assert "is no time to start" in done.output
    assert "no-such.xlsx: 打不开 / cannot be read" in done.output
    assert "nobody can tell what these 1 columns are" in done.output
    plan = load_plan(tmp_path / "mine").session
    assert [(item.title, item.opening) for item in plan.items] == [("coat", {"default": 5})]
    assert "obs" not in plan.later


def test_flags_ask_nothing_and_the_room_says_that_the_plan_is_right(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "LANG": "zh_CN.UTF-8", "LC_ALL": ""}
    folder = tmp_path / "a room"

    def overlaykit(*arguments: object, typed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "overlaykit", *map(str, arguments), "--state", str(tmp_path / "state")]
        return subprocess.run(command, input=typed, capture_output=True, timeout=60, env=environment, check=False)

    made = overlaykit(
        "session", "new", folder, "--title", '引号 " 与 \\', "--items", "-", "--yes", typed=PASTED.encode("gb18030")
    )
    assert made.returncode == 0, made.stderr.decode()
    assert f'overlaykit run "{folder}"' in made.stdout.decode()
    checked = overlaykit("run", folder, "--dry-run")
    assert checked.returncode == 0, checked.stderr.decode()
    assert "2 items, 150 units" in checked.stdout.decode()
    again = overlaykit("session", "new", folder, "--items", "-", "--yes", typed=PASTED.encode())
    assert (again.returncode, "nothing is overwritten" in again.stderr.decode()) == (2, True)
    assert load_plan(folder).session.title == '引号 " 与 \\'


def test_a_spreadsheet_stands_beside_the_plan_as_it_is(new: Callable[..., Result], tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["链接", "编码", "标题", "价格", "库存"],
        [1, "coat", "大衣", 899, 100],
        [2, "scarf", "围巾", 99.5, 50],
    ):
        book.active.append(row)
    book.save(tmp_path / "货盘.xlsx")
    done = new("mine", "--items", "货盘.xlsx", "--yes")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "mine" / "items.xlsx").read_bytes() == (tmp_path / "货盘.xlsx").read_bytes()
    assert [(item.sku, item.price) for item in load_plan(tmp_path / "mine").session.items] == [
        ("coat", "899"),
        ("scarf", "99.5"),
    ]


def test_many_items_stand_in_a_table_that_a_spreadsheet_program_reads(
    new: Callable[..., Result], tmp_path: Path
) -> None:
    rows = "".join(f"商品{number},9.90,{number}\n" for number in range(1, 201))
    (tmp_path / "goods.csv").write_bytes(("标题，价格，库存\n" + rows).encode("utf-8-sig"))
    assert new("mine", "--items", "goods.csv", "--yes").exit_code == 0
    assert (
        (tmp_path / "mine" / "items.csv")
        .read_bytes()
        .startswith("\ufefflink,sku,title,price,opening\n1,item-1,".encode())
    )
    assert len(load_plan(tmp_path / "mine").session.items) == 200


def test_what_is_wrong_with_the_items_is_said_and_nothing_is_written(
    new: Callable[..., Result], tmp_path: Path
) -> None:
    def trouble(typed: str, *more: str) -> OverlaykitError:
        done = new("mine", "--items", "-", "--yes", *more, typed=typed)
        assert isinstance(done.exception, OverlaykitError), done.output
        assert not (tmp_path / "mine").exists()
        return done.exception

    wrong = trouble("标题,价格,库存\n大衣,很贵,3\n")
    assert isinstance(wrong, PlanError)
    assert "price" in str(wrong)
    assert "nobody can tell what these 6 columns are" in str(trouble("a,b,c,d,e,f\n"))
    assert "there are no items" in str(trouble("\n \n"))
    assert "aurora" in str(trouble(PASTED, "--theme", "aurora"))
    assert isinstance(new("mine", "--yes").exception, UserError), "there is nothing to sell"


def test_items_that_no_plan_takes_are_asked_for_again_and_the_other_answers_are_kept(
    new: Callable[..., Result], tmp_path: Path
) -> None:
    said = ["Shop", "", "", "coat, dear, 5", "", "live", "n", "neon", "y", "", "coat, 9.90, 5", ""]
    done = new("mine", "--locale", "en-US", typed="\n".join([*said, ""]))
    assert done.exit_code == 0, done.output
    assert "dear" in done.output
    plan = load_plan(tmp_path / "mine").session
    assert (plan.title, plan.theme, plan.items[0].price) == ("Shop", "neon", "9.90")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("\ufeff链接,标题,价格,库存\n1,大衣,99,5\n", [["1", "item-1", "大衣", "99", "5"]]),
        ("1，大衣，99，5\n", [["1", "item-1", "大衣", "99", "5"]]),
        ("1\t大衣，加厚\t99\t5\n", [["1", "item-1", "大衣，加厚", "99", "5"]]),
        ("“大衣，加厚”，99，5\n", [["1", "item-1", "大衣，加厚", "99", "5"]]),
        ("羊绒“加厚”大衣,99,5\n", [["1", "item-1", "羊绒“加厚”大衣", "99", "5"]]),
        ('"大衣, 加厚",99,"1,200"\n', [["1", "item-1", "大衣, 加厚", "99", "1200"]]),
        ("３号链接,大衣,￥９９．５０,１００ 件\n", [["3", "item-3", "大衣", "99.50", "100"]]),
        ("大衣,99,5\r\n围巾，9，6\r\n", [["1", "item-1", "大衣", "99", "5"], ["2", "item-2", "围巾", "9", "6"]]),
        ("1，大衣，99，5\n2\t围巾\t9\t6\n", [["1", "item-1", "大衣", "99", "5"], ["2", "item-2", "围巾", "9", "6"]]),
        (
            "1 大衣 加厚 ￥99 5件\n2，围巾，9，6\n",
            [["1", "item-1", "大衣 加厚", "99", "5"], ["2", "item-2", "围巾", "9", "6"]],
        ),
        ("1，大衣，99，1.2万件\n", [["1", "item-1", "大衣", "99", "12000"]]),
        ("sku;title;opening\nA;coat;5\n", [["1", "A", "coat", "5"]]),
        ("名称\t售价\t数量\t产地\n大衣\t99\t5\t杭州\n", [["1", "item-1", "大衣", "99", "5", "杭州"]]),
    ],
)
def test_what_people_paste_is_mended(text: str, rows: list[list[str]]) -> None:
    import csv

    found = list(csv.reader(mended(text).splitlines()))
    assert found[0][:2] == ["link", "sku"]
    assert found[1:] == rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_table_may_be_saved_in_any_way_that_spreadsheets_save(encoding: str) -> None:
    assert decoded("标题，价格".encode(encoding)) == "标题，价格"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("20:00", dt.datetime(2026, 11, 11, 20, 0)),
        ("８：３０", dt.datetime(2026, 11, 12, 8, 30)),
        ("11-11 20:00", dt.datetime(2026, 11, 11, 20, 0)),
        ("1/2 20:00", dt.datetime(2027, 1, 2, 20, 0)),
        ("2026年11月20日 20点00分", dt.datetime(2026, 11, 20, 20, 0)),
        ("2026-11-20T20:00", dt.datetime(2026, 11, 20, 20, 0)),
    ],
)
def test_a_time_to_start_is_the_next_one(text: str, expected: dt.datetime | None) -> None:
    assert read_starts(text, dt.datetime(2026, 11, 11, 12, 0, 30)) == expected


@pytest.mark.parametrize("text", ["soon", "25:00", "13-40 20:00", "20:00:00:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="no time to start"):
        read_starts(text, dt.datetime(2026, 11, 11, 12, 0))


def test_channels_have_the_names_by_which_connectors_know_them() -> None:
    assert read_channels("抖音,抖店， 视频号;My Shop!") == [
        ("douyin", "抖音"),
        ("wechat_channels", "视频号"),
        ("My-Shop", "My Shop!"),
    ]
    assert read_channels(" ,，") == []


def test_an_id_is_made_of_what_can_stand_in_an_address() -> None:
    assert [read_id(each) for each in ("Double 11!", "双11 专场", "current", "直播")] == ["double-11", "11", "", ""]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en-US"),
        ({"LANG": "C.UTF-8"}, "zh-CN"),
    ],
)
def test_the_questions_speak_the_machines_language(environment: dict[str, Any], expected: str) -> None:
    assert machine_locale(environment) == expected
