"""The evening changes: session.toml is edited while the room runs, and what is safe is taken from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.conftest import Web

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Room

pytestmark = pytest.mark.store

StartRoom = Callable[..., "Room"]
CHANGED = """
id = "room"
title = "测试场"
item = [
  { link = 2, sku = "B", title = "羊毛围巾", price = "89.00", opening = 60 },
  { link = 3, sku = "N", title = "新品", price = "9.00", opening = 30, buffer = 5 },
  { link = 1, sku = "A", title = "羊绒大衣", price = "899.00", list_price = "1599.00", opening = 100 },
]
[channel.extra]
"""


def reload(room: Room, id: str, *, dry_run: bool = False, status: int = 200) -> dict[str, Any]:
    command = {"type": "plan.reload", "id": id, "dry_run": dry_run}
    code, body = room.post("/api/v1/sessions/current/commands", command)
    assert code == status, body
    answer: dict[str, Any] = json.loads(body)
    return answer


def said(outcome: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["part"], each["command"]) for each in outcome.get("applied", ())]


def test_an_evening_is_changed_as_far_as_it_is_safe(room: StartRoom, plan_folder: Path) -> None:
    running = room()
    assert reload(running, "same") == {"id": "same", "status": "accepted"}

    (plan_folder / "session.toml").write_text(CHANGED, encoding="utf-8")
    before = running.board()
    would = reload(running, "look", dry_run=True)
    expected = [("item.N", "item.add"), ("item.B", "item.update"), ("item.A", "item.move")]
    assert said(would) == expected
    assert would["dry_run"] is True
    assert [(each["fields"], each["detail"], each["detail_zh"]) for each in would["applied"]] == [
        (
            ["title", "link", "price", "opening", "buffer"],
            "new: title 新品; link 3; price ¥9; opened 30; buffer 5",
            "新商品：标题 新品；链接号 3；价格 ¥9；累计上架 30；弹性库存 5",
        ),
        (["price"], "price ¥99 → ¥89", "价格 ¥99 → ¥89"),
        (["position"], "place 1 → 3", "位置 1 → 3"),
    ]
    assert all("seq" not in each for each in would["applied"])
    after = running.board()
    assert (after["seq"], after["order"]) == (before["seq"], before["order"])

    done = reload(running, "now")
    assert said(done) == expected
    assert [each["seq"] for each in done["applied"]] == [before["seq"] + n for n in (1, 2, 3)]  # type: ignore[operator]
    refused = {each["part"]: each["reason"] for each in done["refused"]}
    assert refused == {
        "item.B.opening": "use_stock_commands",
        "channel.default": "new_session",
        "channel.extra": "new_session",
    }
    assert all(each["detail"] and each["detail_zh"] for each in done["refused"])
    board = running.board()
    items: Any = board["items"]
    assert board["order"] == ["B", "N", "A"]
    assert items["B"]["price"] == "89.00"
    assert (items["N"]["available"], items["N"]["state"]) == (25, "on_sale")

    again = reload(running, "now")
    assert "applied" not in again
    assert running.board()["seq"] == board["seq"]


def test_link_numbers_are_swapped_in_one_go(room: StartRoom, plan_folder: Path) -> None:
    running = room()
    swapped = (
        CHANGED.replace("link = 2,", "link = 9,").replace("link = 1,", "link = 2,").replace("link = 9,", "link = 1,")
    )
    (plan_folder / "session.toml").write_text(swapped, encoding="utf-8")
    done = reload(running, "swap")
    assert "link_taken" not in {each["reason"] for each in done["refused"]}
    items: Any = running.board()["items"]
    assert {sku: item["link"] for sku, item in items.items()} == {"A": 2, "B": 1, "N": 3}


def test_a_file_with_problems_changes_nothing_and_is_told(room: StartRoom, plan_folder: Path) -> None:
    running = room()
    seq = running.board()["seq"]
    (plan_folder / "session.toml").write_text(CHANGED.replace('price = "9.00"', "price = 9.0"), encoding="utf-8")
    outcome = reload(running, "bad")
    assert (outcome["status"], outcome["reason"]) == ("refused", "plan_error")
    assert "quotes" in outcome["errors"][0]["message"]
    assert "引号" in outcome["errors"][0]["message_zh"]

    for wrong, about in (
        ('[script]\nlow = "{{ item.stock }}"\n', "an item has no field stock"),
        (
            '[[rule]]\nname = "r"\nwhen = "available < 5"\nif = "1 +"\ndo = [{ action = "freeze" }]\n',
            "it ends too early",
        ),
        ("[[x]]", "x"),
    ):
        (plan_folder / "session.toml").write_text(CHANGED.replace("[channel", f"{wrong}[channel"), encoding="utf-8")
        outcome = reload(running, f"wrong {about}")
        assert (outcome["status"], outcome["reason"]) == ("refused", "plan_error")
        assert about in outcome["errors"][0]["message"]

    (plan_folder / "session.toml").write_text('theme = "of_tomorrow"\n' + CHANGED, encoding="utf-8")
    kept = {each["part"]: each for each in reload(running, "theme", dry_run=True)["refused"]}
    assert "next session" in kept["theme"]["detail"], "it may be written until then"

    (plan_folder / "session.toml").write_text(CHANGED.replace('id = "room"', 'id = "next"'), encoding="utf-8")
    assert reload(running, "other")["reason"] == "another_session"

    (plan_folder / "session.toml").unlink()
    assert reload(running, "none")["reason"] == "plan_error"
    assert running.board()["seq"] == seq


def test_it_is_sent_alone_and_not_by_connectors(web: Web) -> None:
    command = {"type": "plan.reload", "id": "r-1"}
    (outcome,) = web.send([command]).json
    assert (outcome["status"], outcome["errors"][0]["path"]) == ("invalid", "type")
    assert json.loads(web.send(json.dumps(command).encode(), type="application/x-ndjson").body)["status"] == "invalid"
    assert web.send(command, scope="connector").status == 403


def test_a_machine_without_the_folder_says_where_it_is(web: Web) -> None:
    answer = web.send({"type": "plan.reload", "id": "r-2"})
    assert (answer.status, answer.json["status"], answer.json["reason"]) == (200, "refused", "no_plan_file")
    assert "overlaykit run" in answer.json["errors"][0]["message"]
