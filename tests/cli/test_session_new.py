"""`overlaykit session new`: a first plan by questions or flags, from what people type, paste and keep in spreadsheets."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
import openpyxl
import pytest
from click.testing import CliRunner, Result

from overlaykit.cli.session import session
from overlaykit.cli.session_new.answers import read_channels, read_id
from overlaykit.cli.session_new.asking import Questions
from overlaykit.cli.session_new.command import machine_locale
from overlaykit.cli.session_new.goods import Goods
from overlaykit.cli.session_new.pasting import decoded, mended
from overlaykit.cli.session_new.times import read_starts
from overlaykit.errors import OverlaykitError, PlanError, UserError
from overlaykit.plan import Problem, load_plan, words_in
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
    assert "no-such.xlsx: cannot be read" in done.output
    assert "打不开" not in done.output, "it speaks one language"
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
    assert "2 个商品、150 件库存" in checked.stdout.decode()
    again = overlaykit("session", "new", folder, "--items", "-", "--yes", typed=PASTED.encode())
    assert (again.returncode, "nothing is overwritten" in again.stderr.decode()) == (2, True)
    assert load_plan(folder).session.title == '引号 " 与 \\'


def test_what_cannot_be_written_whole_is_not_written_at_all(
    new: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "goods.csv"
    table.write_text("title,opening\n" + "".join(f"item {n},5\n" for n in range(80)), encoding="utf-8")
    folder = tmp_path / "evening"
    folder.mkdir()
    (folder / "session.toml").symlink_to(tmp_path / "a disk that is not there" / "session.toml")
    failed = new(str(folder), "--items", str(table), "--yes").exception
    assert isinstance(failed, UserError)
    assert "nothing is overwritten" in failed.message
    assert [each.name for each in folder.iterdir()] == ["session.toml"]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "full"))
    failed = new(str(tmp_path / "other"), "--items", str(table), "--yes").exception
    assert isinstance(failed, UserError)
    assert "temporary files cannot be written" in failed.message
    assert not (tmp_path / "other").exists()


def test_a_folder_that_takes_no_files_is_said_before_anything_is_asked(
    new: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "note.txt").touch()
    refused = new("note.txt/mine", "--locale", "zh-CN", typed="标题\n")
    assert isinstance(refused.exception, UserError)
    assert "cannot be written" in refused.exception.message
    assert "标题" not in refused.output
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "session.toml").touch()
    monkeypatch.chdir("/proc")
    typed = [
        "/proc/mine",
        "",
        str(tmp_path / "taken"),
        str(tmp_path / "mine"),
        "Shop",
        "",
        "",
        "coat, 5",
        "",
        "",
        "n",
        "",
    ]
    done = new("--locale", "en-US", typed="\n".join([*typed, "y", ""]))
    assert done.exit_code == 0, done.output
    assert done.output.count("cannot be written") == 2
    assert "no folder was named" in done.output
    assert "is there already, and nothing is overwritten" in done.output
    assert done.output.index("cannot be written") < done.output.index("Title")
    assert load_plan(tmp_path / "mine").session.id == "mine"


def test_answers_are_kept_when_the_folder_is_taken_meanwhile(
    new: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def agreed(_: Questions, place: Path) -> bool:
        if place.parent.name == "mine":
            place.parent.mkdir()
            place.write_text("# somebody else's", encoding="utf-8")
        return True

    monkeypatch.setattr(Questions, "agreed", agreed)
    done = new("mine", "--locale", "en-US", typed="\n".join(["Shop", "", "", "coat, 5", "", "", "n", "", "other", ""]))
    assert done.exit_code == 0, done.output
    assert "nothing is overwritten" in done.output
    assert (done.output.count("Title"), done.output.count("Folder")) == (1, 1)
    kept = load_plan(tmp_path / "other").session
    assert (kept.id, kept.title, [item.title for item in kept.items]) == ("other", "Shop", ["coat"])
    assert (tmp_path / "mine" / "session.toml").read_text(encoding="utf-8") == "# somebody else's"


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

    wrong = trouble("标题,价格,库存\n\n大衣,很贵,3\n", "--locale", "zh-CN")
    assert isinstance(wrong, PlanError)
    assert "商品，第 3 行，" in str(wrong)
    assert "「价格」列" in str(wrong)
    assert "nobody can tell what these 6 columns are" in str(trouble("a,b,c,d,e,f\n"))
    assert "there are no items" in str(trouble("\n \n"))
    assert "aurora" in str(trouble(PASTED, "--theme", "aurora"))
    assert isinstance(new("mine", "--yes").exception, UserError), "there is nothing to sell"


def test_a_wrong_row_of_a_table_is_named_as_its_author_knows_it(new: Callable[..., Result], tmp_path: Path) -> None:
    def trouble(content: bytes, *more: str) -> str:
        (tmp_path / "bad.csv").write_bytes(content)
        done = new("mine", "--items", "bad.csv", "--yes", *more)
        assert isinstance(done.exception, PlanError), done.output
        assert not (tmp_path / "mine").exists()
        return str(done.exception)

    twice = "链接号,商品名称,直播价,库存\n1,大衣,899,5\n,,,\n1,围巾,99,8\n".encode("gb18030")
    assert "bad.csv，第 4 行，「链接号」列：" in trouble(twice, "--locale", "zh-CN")
    assert "bad.csv, row 2, column 售价: " in trouble("名称\t售价\t数量\n大衣\t很贵\t5\n".encode(), "--locale", "en-US")
    assert "bad.csv，第 2 行，「价格」列：" in trouble("大衣,99,5\n围巾,很贵,8\n".encode(), "--locale", "zh-CN")
    assert "有 5 格，表只有 4 列" in trouble(
        "1,大衣,1,299.00,5\n2,围巾,99,8\n3,袜子,9,8\n".encode(), "--locale", "zh-CN"
    )
    assert "看不懂的列名 产地" in trouble("标题,产地,库存\n大衣,杭州,5\n".encode(), "--locale", "zh-CN")


def test_only_the_row_that_is_wrong_is_asked_for_again_and_the_other_answers_are_kept(
    new: Callable[..., Result], tmp_path: Path
) -> None:
    said = ["Shop", "", "", "coat, dear, 5", "scarf, 19, 3", "socks, 5, many", "", "live", "n", "neon"]
    done = new("mine", "--locale", "en-US", typed="\n".join([*said, "coat, 9.90, 5", "-", "y", ""]))
    assert done.exit_code == 0, done.output
    assert done.output.index("Line 3 again") < done.output.index("Write mine"), "it is agreed to when it is right"
    assert "items, row 1, column price: " in done.output
    assert "Line 3 again (-: leave it out)" in done.output
    plan = load_plan(tmp_path / "mine").session
    assert (plan.title, plan.theme) == ("Shop", "neon")
    assert [(item.title, item.price) for item in plan.items] == [("coat", "9.90"), ("scarf", "19")]


def test_columns_that_nobody_needs_are_left_out_and_a_file_that_was_mended_is_read_again(
    new: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "货盘.csv"
    table.write_bytes("标题,价格,库存,产地\n大衣,￥899,5,杭州\n围巾,很贵,8,桐乡\n".encode("gb18030"))
    begun = ["Shop", "", "货盘.csv", "live", "n", "neon"]
    asked = Questions._line

    def mended_meanwhile(self: Questions, goods: Goods, line: int) -> str:
        table.write_text(table.read_bytes().decode("gb18030").replace("很贵", "99"), encoding="utf-8")
        return asked(self, goods, line)

    monkeypatch.setattr(Questions, "_line", mended_meanwhile)
    done = new("mine", "--locale", "zh-CN", typed="\n".join([*begun, "y", "", "y", "y", ""]))
    assert done.exit_code == 0, done.output
    assert "不要「产地」这一列？" in done.output
    assert "第 3 行重新写一遍" in done.output
    assert [(item.title, item.price) for item in load_plan(tmp_path / "mine").session.items] == [
        ("大衣", "899"),
        ("围巾", "99"),
    ]


def test_a_table_may_be_pasted_where_its_path_is_asked_for(new: Callable[..., Result], tmp_path: Path) -> None:
    pasted = ["名称\t直播价\t库存", "大衣\t¥1,299.00\t5", "\t\t", "围巾\t99\t8件", ""]
    done = new("mine", "--locale", "zh-CN", typed="\n".join(["Shop", "", *pasted, "live", "n", "neon", "y", ""]))
    assert done.exit_code == 0, done.output
    assert [(item.title, item.price, item.opening) for item in load_plan(tmp_path / "mine").session.items] == [
        ("大衣", "1299.00", {"default": 5}),
        ("围巾", "99", {"default": 8}),
    ]


def test_a_spreadsheet_as_people_keep_it_is_mended_too(new: Callable[..., Result], tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["名称", "售价", "数量"], ["大衣", "¥1,299.00", "100件"], [None, None, None], ["围巾", "很贵", 50]):
        book.active.append(row)
    book.save(tmp_path / "货盘.xlsx")
    wrong = new("mine", "--items", "货盘.xlsx", "--yes", "--locale", "zh-CN").exception
    assert "货盘.xlsx，第 4 行，「售价」列：" in str(wrong)
    book.active["B4"] = "99元"
    book.save(tmp_path / "货盘.xlsx")
    assert new("mine", "--items", "货盘.xlsx", "--yes").exit_code == 0
    assert [(item.price, item.opening["default"]) for item in load_plan(tmp_path / "mine").session.items] == [
        ("1299.00", 100),
        ("99", 50),
    ]


def test_a_title_above_the_header_and_merged_cells_are_read_as_people_mean_them(
    new: Callable[..., Result], tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["双11 商品表（内部）", None, None, "制表：小王"],
        ["链接", "编码", "标题", "规格", "价格", "库存"],
        [1, "coat-m", "羊绒大衣", "黑 M", 899, 300],
        [None, "coat-l", None, "黑 L", None, 120],
        [3, "scarf", "羊毛围巾", None, 99, 500],
        [4, "hat-s", "渔夫帽", "S", 59, 20],
        [4, "hat-l", "渔夫帽", "L", 69, 30],
    ):
        book.active.append(row)
    for merged in ("A1:C1", "A3:A4", "C3:C4", "E3:E4"):
        book.active.merge_cells(merged)
    book.save(tmp_path / "货盘.xlsx")
    assert new("mine", "--items", "货盘.xlsx", "--yes").exit_code == 0
    found = [(item.link, item.sku, item.title, item.price) for item in load_plan(tmp_path / "mine").session.items]
    assert found == [
        (1, "coat-m", "羊绒大衣", "899"),
        (1, "coat-l", "羊绒大衣", "899"),
        (3, "scarf", "羊毛围巾", "99"),
        (4, "hat-s", "渔夫帽", "59"),
        (4, "hat-l", "渔夫帽", "69"),
    ]
    products = [item.product for item in load_plan(tmp_path / "mine").session.items]
    assert products == ["link-1", "link-1", None, "link-4", "link-4"]
    # What cannot be joined is asked for, as it stood there and no wider.
    book.active["C7"] = "鸭舌帽"
    book.save(tmp_path / "货盘.xlsx")
    asked = new(
        "other", "--locale", "zh-CN", typed="\n".join(["Shop", "", "货盘.xlsx", "live", "n", "neon", "-", "y", ""])
    )
    assert asked.exit_code == 0, asked.output
    assert "第 7 行" in asked.output
    assert "    4\that-l\t鸭舌帽\tL\t69\t30\n" in asked.output
    assert [item.link for item in load_plan(tmp_path / "other").session.items] == [1, 1, 3, 4]


@pytest.mark.parametrize(
    ("table", "line", "label"),
    [
        ("链接,标题,价格,库存\n1,羊绒大衣,899,100\n2,羊毛围巾,99,50\n合计,,,150\n", 4, "合计"),
        ("链接,标题,价格,库存\n1,羊绒大衣,899,100\n2,羊毛围巾,99,50\n,总 计：,998,150\n", 4, "总 计："),
        ("标题,价格,库存\n羊绒大衣,899,100\n羊毛围巾,99,50\n合计（件）,998,150\n", 4, "合计（件）"),
        ("羊绒大衣,899,100\n羊毛围巾,99,50\nTotal,,150\n", 3, "Total"),
        ("标题,价格,库存\n羊绒大衣,899,100\n小计,,100\n羊毛围巾,99,50\n", 3, "小计"),
        ("标题,价格,库存\n合计,,150\n羊绒大衣,899,100\n羊毛围巾,99,50\n", 2, "合计"),
        ("标题,价格,库存\n羊绒大衣,899,100\n羊毛围巾,99,50\n合计：2 款 150 件,,\n", 4, "合计：2 款 150 件"),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_row_that_adds_up_the_others_is_no_item_and_that_is_said(
    new: Callable[..., Result], tmp_path: Path, table: str, line: int, label: str, kind: str
) -> None:
    if kind == "csv":
        (tmp_path / "goods.csv").write_text(table, encoding="utf-8")
    else:
        book = openpyxl.Workbook()
        for row in table.splitlines():
            book.active.append([int(cell) if cell.isdecimal() else cell or None for cell in row.split(",")])
        book.save(tmp_path / "goods.xlsx")
    done = new("mine", "--locale", "zh-CN", "--items", f"goods.{kind}", "--yes")
    assert done.exit_code == 0, done.exception
    assert f"第 {line} 行「{label}」" in done.output
    assert "2 款商品，150 件" in done.output
    assert [item.title for item in load_plan(tmp_path / "mine").session.items] == ["羊绒大衣", "羊毛围巾"]
    done = new("english", "--locale", "en-US", "--items", f"goods.{kind}", "--yes")
    assert f"Row {line}, {label}, adds up others" in done.output


def test_an_item_that_is_called_total_is_an_item() -> None:
    table = mended("标题,价格,库存\n牙膏,9.90,50\nTotal,99,5\n")
    assert not table.totals
    assert "Total,99,5" in table.text


def test_what_is_wrong_beside_a_total_is_named_by_its_own_row(new: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text("标题,价格,库存\n大衣,899,100\n小计,,100\n围巾,多少,50\n合计,,150\n", "utf-8")
    done = new("mine", "--locale", "zh-CN", "--items", "goods.csv", "--yes")
    assert isinstance(done.exception, PlanError)
    found = [each.line for each in done.exception.problems if isinstance(each, Problem)]
    assert found == [4]


def test_a_start_is_the_next_in_the_time_zone_of_the_plan_whatever_the_machines(
    new: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    there = dt.datetime.now(ZoneInfo("Asia/Shanghai"))
    passed = there - dt.timedelta(hours=1)
    (tmp_path / "goods.csv").write_text("title,price,opening\ncoat,9,5\n", encoding="utf-8")
    given = ("--starts", f"{passed:%H:%M}", "--items", "goods.csv", "--locale", "zh-CN", "--yes")
    done = new("mine", *given)
    assert done.exit_code == 0, done.output
    starts = load_plan(tmp_path / "mine").session.starts
    assert starts is not None
    assert there < dt.datetime.fromisoformat(starts) < there + dt.timedelta(hours=24), "it is not over already"


def test_what_is_wrong_elsewhere_than_in_the_items_does_not_ask_for_them_again(
    new: Callable[..., Result],
) -> None:
    typed = "\n".join(["Shop", "", "", "coat, 9.90, 5", "", "live", "n", ""])
    done = new("mine", "--locale", "en-US", "--theme", "aurora", typed=typed)
    assert isinstance(done.exception, PlanError), done.output
    assert "aurora" in str(done.exception)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("\ufeff链接,标题,价格,库存\n1,大衣,99,5\n", [["1", "item-1", "大衣", "99", "5"]]),
        ("1，大衣，99，5\n", [["1", "item-1", "大衣", "99", "5"]]),
        ("1，\u202a👩\u200d🌾 蜂蜜\u202c，99，5\n", [["1", "item-1", "👩\u200d🌾 蜂蜜", "99", "5"]]),
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
        (
            "链接,标题,规格,款号,库存\n1,大衣,M,coat,5\n1,大衣,L,coat,6\n",
            [["1", "item-1", "大衣", "M", "coat", "5"], ["1", "item-1-2", "大衣", "L", "coat", "6"]],
        ),
        ("sku;title;opening\nA;coat;5\n", [["1", "A", "coat", "5"]]),
        ("名称\t售价\t数量\t产地\n大衣\t99\t5\t杭州\n", [["1", "item-1", "大衣", "99", "5", "杭州"]]),
        (
            "序号\t商家编码\t品名\t单价\t库存数量\t限购数量\n1\tC-1\t大衣\t99\t5\t2\n",
            [["1", "C-1", "大衣", "99", "5", "2"]],
        ),
        ("No.\tSKU\tProduct\tPrice\tQty\tLimit\n1\tC-1\tCoat\t99\t5\t2\n", [["1", "C-1", "Coat", "99", "5", "2"]]),
        (
            "Link\tItem code\tProduct Name\tUnit price\tIn stock\n1\tC-1\tCoat\t99\t5\n",
            [["1", "C-1", "Coat", "99", "5"]],
        ),
        ("Link\tSKU\tItem\tOption\tQuantity\n1\tC-1\tCoat\tM\t5\n", [["1", "C-1", "Coat", "M", "5"]]),
        ("Link\tSKU\tProduct\tName\tUnits\n1\tC-1\tcoat\tCoat\t5\n", [["1", "C-1", "coat", "Coat", "5"]]),
    ],
)
def test_what_people_paste_is_mended(text: str, rows: list[list[str]]) -> None:
    import csv

    found = list(csv.reader(mended(text).text.splitlines()))
    assert found[0][:2] == ["link", "sku"]
    assert found[1:] == rows


def test_a_header_of_which_too_little_is_known_is_told_which_names_it_may_have() -> None:
    with pytest.raises(UserError) as found:
        mended("链接\t宝贝\t材质\t产地\t备注\t主播\n1\t大衣\t羊毛\t杭州\t主推\t小王\n")
    said, then = words_in(str(found.value.message)), words_in(found.value.remedy or "")
    assert "宝贝、材质、产地、备注、主播" in said.zh
    assert "宝贝, 材质, 产地, 备注, 主播" in said.en
    assert "链接, 编码, 标题, 价格, 库存" in then.zh
    assert "link, sku, title, price, stock" in then.en


def test_columns_without_a_header_are_told_in_each_language_what_one_looks_like() -> None:
    with pytest.raises(UserError) as found:
        mended("1,大衣,羊毛,杭州,主推,小王,99\n")
    then = words_in(found.value.remedy or "")
    assert "链接, 编码, 标题, 价格, 库存" in then.zh
    assert "link, sku, title, price, stock" in then.en


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("zh-CN", ["大衣 黑 最后 1 件，还没拍的抓紧", "大衣 黑 已抢光", "围巾 最后 1 件，还没拍的抓紧", "围巾 已抢光"]),
        ("en-US", ["Only 1 left: 大衣 黑", "大衣 黑 is sold out", "Only 1 left: 围巾", "围巾 is sold out"]),
    ],
)
def test_what_the_rules_announce_names_the_variant_for_others_may_be_left(
    new: Callable[..., Result], tmp_path: Path, locale: str, said: list[str]
) -> None:
    (tmp_path / "goods.csv").write_text("链接,标题,规格,库存\n1,大衣,黑,5\n1,大衣,驼,5\n2,围巾,,5\n", encoding="utf-8")
    assert new("mine", "--items", "goods.csv", "--yes", "--locale", locale).exit_code == 0
    texts = [
        rule["do"][0]["text"] for rule in tomllib.loads((tmp_path / "mine" / "session.toml").read_text("utf-8"))["rule"]
    ]
    items = ({"title": "大衣", "variant": "黑", "available": 1}, {"title": "围巾", "variant": None, "available": 1})
    assert [jinja2.Template(text).render(item=item) for item in items for text in texts] == said


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
        ("2026/11/20 20:00:00", dt.datetime(2026, 11, 20, 20, 0)),
        ("明天20:00", dt.datetime(2026, 11, 12, 20, 0)),
        ("今晚8点", dt.datetime(2026, 11, 11, 20, 0)),
        ("今天 9:00", dt.datetime(2026, 11, 11, 9, 0)),
        ("明早 8点一刻", dt.datetime(2026, 11, 12, 8, 15)),
        ("后天晚上八点半", dt.datetime(2026, 11, 13, 20, 30)),
        ("大后天 下午 2点05分", dt.datetime(2026, 11, 14, 14, 5)),
        ("20点", dt.datetime(2026, 11, 11, 20, 0)),
        ("11点", dt.datetime(2026, 11, 12, 11, 0)),
        ("晚上十二点", dt.datetime(2026, 11, 12, 0, 0)),
        ("中午12点半", dt.datetime(2026, 11, 11, 12, 30)),
        ("周六20:00", dt.datetime(2026, 11, 14, 20, 0)),
        ("星期三 20:00", dt.datetime(2026, 11, 11, 20, 0)),
        ("周三 9:00", dt.datetime(2026, 11, 18, 9, 0)),
        ("下周一晚7点", dt.datetime(2026, 11, 16, 19, 0)),
        ("15号 20:00", dt.datetime(2026, 11, 15, 20, 0)),
        ("三号二十点", dt.datetime(2026, 12, 3, 20, 0)),
        ("十一月二十日 二十点零五分", dt.datetime(2026, 11, 20, 20, 5)),
        ("tomorrow 8pm", dt.datetime(2026, 11, 12, 20, 0)),
        ("Saturday, 8:30 PM", dt.datetime(2026, 11, 14, 20, 30)),
        ("tonight 8:00", dt.datetime(2026, 11, 11, 20, 0)),
        ("24:00", dt.datetime(2026, 11, 12, 0, 0)),
    ],
)
def test_a_time_to_start_is_the_next_one(text: str, expected: dt.datetime | None) -> None:
    assert read_starts(text, dt.datetime(2026, 11, 11, 12, 0, 30)) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("soon", "25:00", "13-40 20:00", "20:00:00:00", "20", "明天", "明天8", "8点75", "24:30"),
        *("晚上1点", "早上20点", "本周一 20:00", "31号 20:00", "13am", "十十点"),
    ],
)
def test_what_is_no_time_is_refused_with_what_would_be_one(text: str) -> None:
    with pytest.raises(UserError, match="no time to start") as caught:
        read_starts(text, dt.datetime(2026, 11, 11, 12, 0))
    for each in str(caught.value.remedy).split(", "):
        assert read_starts(each, dt.datetime(2026, 11, 11, 12, 0)) is not None


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
