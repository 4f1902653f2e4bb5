"""What the desk may send: every command but orders, for the session that its page shows, with names that exist. What is refused
is said in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from overlaykit.model.commands import COMMANDS
from overlaykit.model.sessions import Drop
from overlaykit.web.desk.commands import PRESSED
from overlaykit.wording.reasons import REASONS
from tests.conftest import REPOSITORY, StoreServer, until
from tests.web.conftest import Answer, Visitor, Web, open_session, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

    from tests.conftest import Room

pytestmark = pytest.mark.store
OPS = REPOSITORY / "overlaykit" / "stock" / "lua" / "ops"


@pytest.fixture(scope="module")
def web(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    plan = plan_of("desk-commands", units=100)
    plan = msgspec.structs.replace(plan, drops=(Drop(name="eight", sku="A", quantity=20),))
    with serving(store, tmp_path_factory.mktemp("desk-commands"), plan.id, plan=plan) as web:
        yield web


class Desk(Visitor):
    """An operator's page, without its screen. `follow`: by which name it came to the session."""

    def __init__(self, web: Web, scope: str = "operator") -> None:
        super().__init__(web)
        self.log_in(scope)

    def press(self, command: dict[str, Any], *, lang: str = "en", follow: str = "") -> Answer:
        path = f"/desk/commands?session={self.web.session}&lang={lang}&follow={follow}"
        headers = {"Origin": self.web.url, "Content-Type": "application/json", "Cookie": self.cookie_header}
        return self.web.ask("POST", path, json.dumps(command).encode(), scope=None, headers=headers)


def test_the_desk_sends_everything_but_orders(web: Web) -> None:
    assert set(COMMANDS) - PRESSED == {
        *("order.reserve", "order.commit", "order.release", "order.record", "order.ship", "order.refund")
    }
    desk = Desk(web)
    assert desk.press({"type": "order.ship", "order": "o"}).json["type"] == "urn:overlaykit:not_allowed"
    answer = desk.press({"type": "item.update", "sku": "A", "price": "89.00"})
    assert (answer.status, answer.json["status"]) == (200, "accepted")
    assert Desk(web, "viewer").press({"type": "session.freeze"}).json["type"] == "urn:overlaykit:wrong_scope"


@pytest.mark.parametrize(
    ("command", "path", "said"),
    [
        ({"type": "item.close", "sku": "a"}, "sku", "没有名为 a 的商品；有：A、B；是不是想写 A？"),
        ({"type": "item.feature", "link": 7}, "link", "没有名为 7 的链接；有：1、2"),
        ({"type": "item.feature", "sku": "A", "channel": "mni"}, "channel", "是不是想写 mini？"),
        ({"type": "allotment.set", "sku": "A", "channel": "lve", "quantity": 1}, "channel", "是不是想写 live？"),
        ({"type": "stock.adjust", "sku": "A", "location": "hzz", "delta": 1, "reason": "r"}, "location", "想写 hz？"),
        (
            {"type": "stock.transfer", "sku": "A", "quantity": 1, "from": "location:hz", "to": "location:laa"},
            "to",
            "是不是想写 la？",
        ),
        ({"type": "drop.release", "drop": "eigth"}, "drop", "是不是想写 eight？"),
        (
            {"type": "item.add", "sku": "N", "title": "n", "opening": {"hs": 1}},
            "opening.hs",
            "没有名为 hs 的仓库；有：hz、la",
        ),
    ],
)
def test_a_name_that_is_not_there_takes_no_entry_and_says_which_was_meant(
    web: Web, command: dict[str, Any], path: str, said: str
) -> None:
    before = web.board()["seq"]
    answer = Desk(web).press(command, lang="zh-CN")
    assert (answer.status, answer.json["errors"][0]["path"]) == (422, path)
    assert said in answer.json["detail"]
    assert web.board()["seq"] == before


def test_an_item_that_came_a_moment_ago_is_known(web: Web) -> None:
    desk = Desk(web)
    assert desk.press({"type": "item.add", "sku": "just-now", "title": "新"}).status == 200
    assert desk.press({"type": "item.feature", "sku": "just-now"}).status == 200


def test_a_field_that_is_amiss_is_said_in_the_pages_language(web: Web) -> None:
    answer = Desk(web).press({"type": "stock.adjust", "sku": "A", "delta": 0, "reason": "r"}, lang="zh-CN")
    assert answer.status == 422
    assert answer.json["detail"].startswith("没有执行，填写有误：")
    assert "delta" in answer.json["detail"]


def test_a_repeat_of_what_was_refused_is_refused_again(web: Web) -> None:
    desk = Desk(web)
    count = {"type": "stock.count", "id": "again", "sku": "A", "location": "hz", "quantity": 40}
    count |= {"basis": "available", "expected": 3}
    for _ in range(2):  # the second is a duplicate of the first: its outcome is what the first got
        answer = desk.press(count)
        assert answer.status == 409
        assert answer.json["detail"].startswith("Not done: another number stands there by now. Nothing was overwritten")
    other = desk.press({"type": "item.open", "id": "again", "sku": "A"})
    assert other.json["detail"] == "Not done: this id stands for another command; press again."


def test_a_page_of_the_last_session_cannot_press_for_this_one(web: Web) -> None:
    desk = Desk(web)
    open_session(web.client, f"next-{web.session}")
    current = "/api/v1/sessions/current/board"
    until(lambda: web.get(current).json["session"]["id"] != web.session, "another session is current", 10)
    answer = desk.press({"type": "item.close", "sku": "A"}, follow="current", lang="zh-CN")
    assert (answer.status, answer.json["type"]) == (409, "urn:overlaykit:other_session")
    assert answer.json["detail"].startswith("没有执行：现在进行的是另一场")
    assert desk.press({"type": "item.open", "sku": "A"}, follow=web.session).status == 200, "who chose it may go on"


def test_the_desk_knows_all_that_is_said_of_an_item(web: Web) -> None:
    visitor = Visitor(web)
    visitor.log_in("viewer")
    item = visitor.go(f"/desk/item?session={web.session}&sku=B").json
    assert (item["title"], item["low"]["share"], item["opening"]) == ("商品 B <b>", 0.2, {"hz": 50, "la": 50})
    assert visitor.go(f"/desk/item?session={web.session}&sku=none").status == 404
    assert web.get(f"/desk/item?session={web.session}&sku=B", scope="overlay").status == 403


def test_every_reason_that_a_command_of_the_desk_may_get_has_words() -> None:
    refusing: dict[str, set[str]] = {}
    for path in OPS.glob("*.lua"):
        kinds: list[str] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := re.match(r"-- ([a-z]+\.[a-z]+(?:, [a-z]+\.[a-z]+)*):", line.strip()):
                kinds = found[1].split(", ")
            elif found := re.match(r"-- REFUSES (.*)", line.strip()):
                for kind in kinds:
                    refusing.setdefault(kind, set()).update(re.findall(r"[a-z]+(?:_[a-z]+)+|stale|changed", found[1]))
    named = set().union(*(refusing.get(kind, set()) for kind in PRESSED))
    assert {"unknown_sku", "changed", "link_taken", "no_such_position"} <= named
    assert named <= REASONS.keys(), named - REASONS.keys()


@pytest.mark.browser
def test_the_plan_is_read_again_after_a_look_at_the_difference(
    room: Callable[..., Room], plan_folder: Path, chromium: Browser
) -> None:
    running = room()
    text = (plan_folder / "session.toml").read_text(encoding="utf-8")
    changed = text.replace('"99.00"', '"89.00"').replace('title = "测试场"', 'title = "测试场"\nhold = "5m"')
    (plan_folder / "session.toml").write_text(changed, encoding="utf-8")
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{running.url}/desk?lang=zh-CN&token={running.tokens['operator']}")
        page.wait_for_selector('#connection[data-ok="true"]')
        page.locator("#whole").get_by_role("button", name="重新读取方案").click()
        dialog = page.get_by_role("dialog", name="重新读取方案")
        dialog.get_by_text("会改 1 处").wait_for()
        assert dialog.locator(".applied li").inner_text().split("\n") == ["羊毛围巾", "价格 ¥99 → ¥89"]
        kept = dialog.locator(".kept").inner_text()
        assert "1 处不能在播出中改" in kept
        assert "hold" in kept
        assert running.board()["items"]["B"]["price"] == "99.00"  # type: ignore[index]
        dialog.get_by_role("button", name="应用改动").click()
        dialog.get_by_text("已改 1 处").wait_for()
        assert running.board()["items"]["B"]["price"] == "89.00"  # type: ignore[index]
        page.keyboard.press("Escape")
        (plan_folder / "session.toml").write_text('id = "a / b"', encoding="utf-8")
        page.locator("#whole").get_by_role("button", name="重新读取方案").click()
        toast = page.locator(".toast.refused", has_text="session.toml 有问题")
        toast.get_by_text('"a / b" 不合要求').wait_for()
        assert "does not fit" not in toast.inner_text(), "in one language"
