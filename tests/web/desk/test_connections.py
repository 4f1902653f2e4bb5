"""What connects the room with platforms, as the desk has it: pauses, skus that nobody knows, numbers, letters, secrets, plugins."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from overlaykit.model import notes as n
from overlaykit.model.events import Line, OrderPaid
from overlaykit.model.notes import AnyNote, Noted
from overlaykit.model.sessions import Channel
from overlaykit.stock import inbox_key
from overlaykit.stock.notes import encode_note, read_answer
from overlaykit.store import Inbox, Letter, Received, TargetStatus, connect_async, put_received
from tests.conftest import StoreServer, until
from tests.inbox.shop import SECRET
from tests.web.conftest import Answer, Visitor, Web, in_a_thread, say_outside, serving, watch

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

CHANNELS = (
    Channel(name="mall", title="测试商城", connector="shop", sells="by_itself", share=0.6, unmapped="quarantine"),
    Channel(name="south", title="南区店", connector="shop", app="mall", shop="2"),
)
LATER: dict[str, Any] = {
    "notifier": {"group": {"plugin": "shop"}},
    "webhook": {"crm": {"url": "https://crm.example.com/hooks/live"}},
}


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A room with two shops of one app, a notifier and a webhook."""
    folder = tmp_path_factory.mktemp("connections")
    with serving(
        store, folder, f"ways-{os.getpid()}-{os.urandom(2).hex()}", units=100, later=LATER, channels=CHANNELS
    ) as web:
        yield web


class Operator(Visitor):
    """Somebody who is logged in on the desk, without a screen."""

    def __init__(self, web: Web, scope: str) -> None:
        super().__init__(web)
        self.log_in(scope)

    def ask(self, method: str, path: str, body: object, **headers: str) -> Answer:
        headers = {"Origin": self.web.url, "Content-Type": "application/json", "Cookie": self.cookie_header, **headers}
        return self.web.ask(method, path, json.dumps(body).encode(), scope=None, headers=headers)

    def press(self, command: dict[str, Any], *, lang: str = "en") -> Answer:
        return self.ask("POST", f"/desk/commands?session={self.web.session}&lang={lang}", command)


def note(web: Web, *notes: AnyNote) -> None:
    """What a gateway would say."""
    said = [Noted(f"{type(each).__name__}-{os.urandom(4).hex()}", each, "connector:mall") for each in notes]
    answers = [read_answer(answer) for answer in web.engine.decide([encode_note(each, None) for each in said])]
    assert {answer.status for answer in answers} == {"accepted"}, answers


def direction(web: Web) -> dict[str, Any]:
    found: dict[str, Any] = web.board(scope="viewer")["direction"]
    return found


def secret(web: Web, path: str = "channel/mall/secret") -> str:
    return f"/api/v1/secrets/{path}?session={web.session}"


def put(web: Web, text: object, path: str = "channel/mall/secret", *, scope: str = "admin") -> Answer:
    body = json.dumps({"secret": text}).encode()
    return web.ask("PUT", secret(web, path), body, scope=scope, headers={"Content-Type": "application/json"})


def test_an_operator_pauses_what_the_plan_has(room: Web) -> None:
    desk = Operator(room, "operator")
    answer = desk.press({"type": "connector.pause", "name": "channel.mall", "reason": "平台维护"})
    assert answer.json["status"] == "accepted"
    connectors = direction(room)["connectors"]
    assert list(connectors) == ["channel.mall", "channel.south", "notifier.group"]
    assert (connectors["channel.mall"]["paused"], connectors["channel.mall"]["reason"]) == (True, "平台维护")
    assert desk.press({"type": "connector.resume", "name": "channel.mall"}).status == 200
    wrong = desk.press({"type": "connector.pause", "name": "channel.mal"}, lang="zh-CN")
    assert (wrong.status, wrong.json["errors"][0]["path"]) == (422, "name")
    assert "是不是想写 channel.mall" in wrong.json["detail"]
    by_api = room.send({"type": "connector.pause", "name": "channel.mini"})
    assert by_api.status == 422, "it has no connector"
    assert room.send({"type": "connector.pause", "name": "channel.mall"}, scope="connector").status == 403


def test_the_button_that_pauses_a_shop_is_called_after_it(room: Web) -> None:
    def titles(lang: str) -> list[str]:
        groups = room.get(f"/desk/buttons.json?session={room.session}&lang={lang}").json["groups"]
        return [offer["title"] for group in groups for offer in group["offers"]]

    assert {"Pause 测试商城", "Resume 南区店", "Pause notifier.group"} <= set(titles("en"))
    assert {"暂停 测试商城", "恢复 南区店"} <= set(titles("zh-CN"))


def test_what_waits_for_an_item_is_mapped_or_dropped(room: Web) -> None:
    desk = Operator(room, "operator")
    note(room, n.OrderUnmapped(channel="mall", order="mall:1", platform_skus={"3501": 2, "3502": 1}))
    counted = f'overlaykit_orders_unmapped{{channel="mall",session="{room.session}"}} 2.0'
    assert [each["platform_sku"] for each in direction(room)["unmapped"]] == ["3501", "3502"]
    assert counted in room.get("/metrics", scope="viewer").body.decode()
    mapped = {"type": "quarantine.map", "channel": "mall", "platform_sku": "3501", "sku": "A", "quantity": 2}
    assert desk.press(mapped).json["status"] == "accepted"
    assert direction(room)["mappings"] == {"mall": {"3501": {"sku": "A", "quantity": 2}}}
    gone = {"type": "quarantine.drop", "channel": "mall", "platform_sku": "3501"}
    assert desk.press(gone, lang="zh-CN").json["detail"] == "没有执行：已经没有等它的订单了。"
    assert desk.press({**gone, "platform_sku": "3502"}).status == 200
    assert direction(room)["unmapped"] == []


def test_the_desk_is_told_the_numbers_that_platforms_have(room: Web) -> None:
    with watch(room, "&desk=1", scope="viewer") as desk, watch(room) as public:
        desk.take_kind("board")
        public.take_kind("board")
        note(room, n.StockPushed(channel="mall", levels={"A": 60, "B": 7}))
        seq = room.board()["seq"]
        desk.take_until(seq)
        public.take_until(seq)
        assert {sku: each["quantity"] for sku, each in desk.last["pushed"]["mall"].items()} == {"A": 60, "B": 7}
        assert "pushed" not in public.last
        note(room, n.StockPushed(channel="mall", failed={"B": "商品已下架"}))
        desk.take_until(seq + 1)
        assert desk.last["pushed"] == {
            "mall": {"B": {"quantity": 7, "at": desk.last["pushed"]["mall"]["B"]["at"], "failed": "商品已下架"}}
        }
        assert "direction" not in desk.last
    assert room.board(scope="viewer")["pushed"]["mall"]["A"]["quantity"] == 60
    assert "pushed" not in room.board()


def test_secrets_are_set_and_never_told(room: Web) -> None:
    path = f"/api/v1/sessions/{room.session}/secrets"
    found = room.get(path, scope="viewer").json
    assert found["kept_here"] is True
    assert [(each["section"], each["name"], each["field"], each["set_by"]) for each in found["secrets"]] == [
        ("channel", "mall", "secret", None),
        ("notifier", "group", "secret", "environment"),
        ("webhook", "crm", "secret", None),
    ]
    answer = put(room, f"  {SECRET}\n")
    assert (answer.status, answer.json["set_by"]) == (200, "kept")
    assert (room.log.parent / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((room.log.parent / "secrets.json").read_text())["channel.mall.secret"] == SECRET
    assert SECRET.encode() not in answer.body + room.get(path).body + room.log.read_bytes()
    gone = room.ask("DELETE", secret(room), scope="admin")
    assert (gone.status, gone.json["set_by"]) == (200, None)


def test_two_who_set_the_same_secret_do_not_overwrite_each_other_unseen(room: Web) -> None:
    def as_unset(text: str) -> Answer:
        body = json.dumps({"secret": text, "only_if_unset": True}).encode()
        return room.ask("PUT", secret(room), body, scope="admin", headers={"Content-Type": "application/json"})

    room.ask("DELETE", secret(room), scope="admin")
    assert as_unset("first").status == 200
    second = as_unset("second")
    assert (second.status, second.json["type"]) == (409, "urn:overlaykit:set_meanwhile")
    assert json.loads((room.log.parent / "secrets.json").read_text())["channel.mall.secret"] == "first"
    assert put(room, "second").status == 200
    assert room.ask("DELETE", secret(room), scope="admin").status == 200


def test_what_is_copied_along_with_a_secret_is_no_part_of_it(room: Web) -> None:
    assert put(room, f"\ufeff{SECRET}\u200b\u3000\n").status == 200
    assert json.loads((room.log.parent / "secrets.json").read_text())["channel.mall.secret"] == SECRET
    for text in (f"{SECRET[:3]}\u200b{SECRET[3:]}", f"{SECRET}\x00x"):
        assert "invisible characters" in put(room, text).json["detail"]
    room.ask("DELETE", secret(room), scope="admin")


def test_a_secret_is_set_by_an_administrator_and_where_it_is_wanted(room: Web) -> None:
    assert put(room, "text", scope="operator").status == 403
    near = put(room, "text", "channel/mall/sekret")
    assert (near.status, near.json["type"]) == (404, "urn:overlaykit:unknown_secret")
    assert "channel.mall.secret" in near.json["detail"]
    assert put(room, "text", "channel/south/secret").status == 404, "its app has them"
    kept = put(room, "text", "notifier/group/secret")
    assert (kept.status, "OVERLAYKIT_SECRET_NOTIFIER_GROUP_SECRET" in kept.json["detail"]) == (409, True)
    assert [put(room, text).status for text in (" ", "", 5, None, "x" * 20_000)] == [422] * 5
    body = b'{"secret": "x"'
    assert (
        room.ask("PUT", secret(room), body, scope="admin", headers={"Content-Type": "application/json"}).status == 400
    )
    assert room.ask("PUT", secret(room), b"x", scope="admin").status == 415
    desk = Operator(room, "admin")
    assert desk.ask("PUT", secret(room), {"secret": "x"}, Origin="http://evil.example").status == 403
    assert desk.ask("PUT", secret(room), {"secret": "x"}).status == 200


def test_a_shop_is_authorised_by_a_link_that_the_desk_gives(room: Web) -> None:
    desk, path = Operator(room, "operator"), f"/desk/authorise/mall?session={room.session}"
    room.ask("DELETE", secret(room), scope="admin")
    lacking = desk.ask("POST", path, {})
    assert (lacking.status, lacking.json["type"]) == (409, "urn:overlaykit:no_connector")
    assert "secret" in lacking.json["detail"]
    put(room, SECRET)
    given = desk.ask("POST", path, {}).json
    assert given["callback"] == f"{room.url}/oauth/mall/callback"
    assert given["url"].startswith("https://shop.example.com/yes?state=")
    state = given["url"].partition("state=")[2].partition("&")[0]
    back = f"/oauth/mall/callback?state={state}&code=1"
    assert Visitor(room).go(back).status == 200
    assert Visitor(room).go(back).status == 400, "it is good once"
    assert desk.ask("POST", path, {}, Origin="http://evil.example").status == 403
    assert Operator(room, "viewer").ask("POST", path, {}).status == 403
    near = desk.ask("POST", path.replace("mall", "mal"), {})
    assert (near.status, "it has: mall" in near.json["detail"]) == (404, True)
    [app] = room.get(f"/api/v1/sessions/{room.session}/inbox").json["apps"]
    assert app["authorises"] is True


def test_plugins_say_what_became_of_them(room: Web) -> None:
    found = {each["name"]: each for each in room.get("/api/v1/plugins", scope="viewer").json["plugins"]}
    assert (found["shop"]["state"], found["shop"]["provides"]) == ("active", ["connector shop"])
    assert (found["broken"]["state"], found["broken"]["remedy"][:4]) == ("failed", "Mend")
    assert "never closed" in found["broken"]["reason"]
    assert room.get("/api/v1/plugins", scope="overlay").status == 403


# ------------------------------------------------------------------------------------------------------------ in Chromium


def last_of(web: Web, type: str) -> dict[str, Any]:
    """What the last entry of this type says, once there is one."""

    def found() -> dict[str, Any] | None:
        entries = web.get(f"/api/v1/sessions/{web.session}/ledger?limit=5000").json["entries"]
        return next((entry["data"] for entry in reversed(entries) if entry["type"] == type), None)

    return until(found, f"an entry {type}", 10)


def paid(order: str, sku: str, channel: str = "mall") -> Received:
    line = Line(platform_sku=sku, quantity=2)
    event = OrderPaid(delivery=f"d-{order}", order=order, lines=(line,))
    return Received(id=f"{channel}:d-{order}", app="mall", channel=channel, at_ms=1_900_000_000_000, arrivals=(event,))


def give_up(web: Web, received: Received, why: str) -> None:
    """A delivery came, and could not be counted."""
    assert put_received(web.client, inbox_key(web.session), "mall", [received]).fresh == (True,)

    async def lay() -> None:
        async with connect_async(web.store_url) as client:
            assert await Inbox(client, inbox_key(web.session)).lay("dead", Letter(received=received, why=why))

    in_a_thread(lay)


@pytest.mark.browser
def test_a_channel_is_paused_on_the_desk_and_goes_on(room: Web, open_desk: Callable[..., Page]) -> None:
    page = open_desk(view="outside", lang="zh-CN")
    card = page.locator("#targets li.target", has_text="渠道 测试商城")
    pause = card.get_by_role("button", name="暂停")
    pause.click()
    page.wait_for_timeout(600)  # a double click is one press
    card.get_by_role("button", name="再按一次确认").click()
    card.locator(".told", has_text="已暂停").wait_for()
    assert last_of(room, "connector.pause") == {"name": "channel.mall"}
    card.get_by_role("button", name="恢复").click()
    pause.wait_for()
    assert not direction(room)["connectors"]["channel.mall"]["paused"]


@pytest.mark.browser
def test_an_item_is_chosen_for_what_a_platform_calls_it(room: Web, open_desk: Callable[..., Page]) -> None:
    page = open_desk(view="outside", lang="zh-CN")
    assert page.locator("#unmapped").is_hidden()
    note(room, n.OrderUnmapped(channel="mall", order="mall:7", platform_skus={"礼盒 <b>": 3}))
    card = page.locator("#unmapped li", has_text="测试商城 的商品编码 礼盒 <b> 是哪个商品？")
    card.get_by_role("button", name="就是它").click()
    card.locator(".alarm", has_text="选择商品").wait_for()
    card.get_by_role("combobox", name="本场商品").fill("shangpin")
    card.get_by_role("option", name="2号链接 商品 B <b>").click()
    card.get_by_label("每份件数").fill("2")
    card.get_by_role("button", name="就是它").click()
    page.locator("#unmapped").wait_for(state="hidden")
    assert last_of(room, "quarantine.map") == {
        "channel": "mall",
        "platform_sku": "礼盒 <b>",
        "sku": "B",
        "quantity": 2,
    }


@pytest.mark.browser
def test_what_a_platform_has_and_what_came_from_it_is_seen(room: Web, open_desk: Callable[..., Page]) -> None:
    note(room, n.StockPushed(channel="mall", levels={"A": 41}, failed={"B": "商品已下架"}))
    put_received(room.client, inbox_key(room.session), "mall", [paid("seen", "A"), paid("seen", "A")])
    say_outside(room.store_url, room.session, [TargetStatus(name="channel.mall", plugin="shop", can=("orders",))])
    page = open_desk(view="outside")
    card = page.locator("#targets li.target", has_text="Channel 测试商城")
    card.locator(".counts", has_text="1 repeated").wait_for()
    card.locator(".levels summary").click()
    assert card.locator(".levels summary").inner_text() == "What its platform may sell (items: 2) · 1 not written"
    levels = card.locator(".levels li").all_inner_texts()
    assert levels[0].startswith("41")
    assert "商品 A <b>" in levels[0]
    assert "商品已下架" in levels[1]
    note(room, n.StockPushed(channel="mall", levels={"A": 40}))
    card.locator(".levels .number", has_text="40").wait_for()


@pytest.mark.browser
def test_what_could_not_be_counted_is_tried_again_or_dropped(room: Web, open_desk: Callable[..., Page]) -> None:
    give_up(room, paid("again", "A"), "平台一小时没有回答")
    give_up(room, paid("never", "A"), "商品编码不对")
    page = open_desk(view="outside", lang="zh-CN")
    page.locator("#targets .dead > summary", has_text="2 条没能计入库存").click()
    line = page.locator("#targets .dead li", has_text="平台一小时没有回答")
    assert "订单 again" in line.inner_text()
    line.get_by_role("button", name="再试").click()
    line.wait_for(state="detached")
    other = page.locator("#targets .dead li", has_text="商品编码不对")
    other.get_by_role("button", name="丢弃").click()
    page.wait_for_timeout(600)
    other.get_by_role("button", name="再按一次确认").click()
    page.locator("#targets .dead").wait_for(state="hidden")


@pytest.mark.browser
def test_a_secret_is_written_on_the_desk_by_who_may(room: Web, open_desk: Callable[..., Page]) -> None:
    room.ask("DELETE", secret(room), scope="admin")
    operator = open_desk(view="outside", lang="zh-CN")
    card = operator.locator("#targets li.target", has_text="渠道 测试商城")
    card.locator(".secrets summary", has_text="缺少 1 个密钥").click()
    card.get_by_text("用 admin 令牌登录后可以在这里填写。").wait_for()
    assert card.locator("input").count() == 0
    page = open_desk("admin", view="outside", lang="zh-CN")
    card = page.locator("#targets li.target", has_text="渠道 测试商城")
    card.locator(".secrets summary").click()
    card.get_by_label("新密钥: secret").fill(SECRET)
    card.get_by_role("button", name="保存").click()
    card.locator(".secrets .told", has_text="已设置").wait_for()
    assert card.get_by_label("新密钥: secret").input_value() == ""
    assert json.loads((room.log.parent / "secrets.json").read_text())["channel.mall.secret"] == SECRET
    page.locator(".toast", has_text="已保存 channel.mall 的 secret").wait_for()
    card.get_by_role("button", name="清除密钥").click()
    question = page.get_by_role("alertdialog", name="清除密钥")
    assert "channel.mall 的 secret 从本机删除" in question.inner_text()
    question.get_by_role("button", name="取消").click()
    assert "channel.mall.secret" in (room.log.parent / "secrets.json").read_text()
    card.get_by_role("button", name="清除密钥").click()
    question.get_by_role("button", name="清除密钥").click()
    card.locator(".secrets .told", has_text="还没有设置").wait_for()
    assert "channel.mall.secret" not in (room.log.parent / "secrets.json").read_text()

    def somebody_is_quicker(route: Route) -> None:
        put(room, "of another desk")
        route.continue_()

    page.route("**/api/v1/secrets/**", somebody_is_quicker, times=1)
    card.get_by_label("新密钥: secret").fill(SECRET)
    card.get_by_role("button", name="保存").click()
    card.get_by_text("刚刚有人设置过这个密钥，没有覆盖；要换成您的，再保存一次", exact=True).wait_for()
    card.get_by_role("button", name="保存").click()
    card.locator(".secrets .alarm", has_text="刚刚").wait_for(state="detached")
    assert json.loads((room.log.parent / "secrets.json").read_text())["channel.mall.secret"] == SECRET
    group = page.locator("#targets li.target", has_text="通知 group")
    group.locator(".secrets summary").click()
    group.get_by_text("由环境变量 OVERLAYKIT_SECRET_NOTIFIER_GROUP_SECRET 设置").wait_for()
    assert group.locator("form:visible").count() == 0


@pytest.mark.browser
def test_the_link_to_authorise_a_shop_is_on_its_card(room: Web, open_desk: Callable[..., Page]) -> None:
    put(room, SECRET)
    page = open_desk(lang="en", view="outside")
    card = page.locator("#targets li.target", has_text="Channel 测试商城")
    card.locator("summary", has_text="Authorise the shop").click()
    card.get_by_role("button", name="Make a link").click()
    link = card.get_by_role("link", name="Open the page of the platform")
    link.wait_for()
    assert (link.get_attribute("href") or "").startswith("https://shop.example.com/yes?state=")
    card.get_by_text(f"{room.url}/oauth/mall/callback").wait_for()


@pytest.mark.browser
def test_a_plugin_that_is_set_aside_is_seen(open_desk: Callable[..., Page]) -> None:
    page = open_desk("viewer", view="outside", lang="zh-CN")
    page.locator("#plugins summary", has_text="1 个需要查看").click()
    first = page.locator("#plugins li").first
    assert first.locator(".name").inner_text() == "broken"
    assert first.locator(".told").inner_text() == "已停用"
    assert "never closed" in first.locator(".reason").inner_text()
