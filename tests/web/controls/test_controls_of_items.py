"""What is done with an item from its panel: each change is an entry of the operator's, told as it was answered, and led back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import until
from tests.web.conftest import Web
from tests.web.controls.conftest import caught_up, put_on_air, run_action, toast
from tests.web.desks import Desks

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.store]
Told = Callable[[str], dict[str, Any]]


def panel(page: Page, sku: str) -> Locator:
    """What can be done with an item, in the stock view."""
    page.evaluate("(sku) => { location.hash = 'stock'; location.hash = `stock/${sku}`; }", sku)
    page.wait_for_function(
        "(sku) => document.querySelector('.item-controls')?.dataset.sku === sku && document.querySelector('.item-controls button')",
        arg=sku,
    )
    return page.locator(".item-controls")


def units(room: Web, sku: str, location: str = "hz") -> dict[str, int]:
    found: dict[str, int] = room.board(scope="viewer")["desk"][sku]["locations"][location]
    return found


def test_an_item_is_taken_off_sale_with_its_numbers_and_put_back(room: Web, desk: Page, told: Told) -> None:
    panel(desk, "C").get_by_role("button", name="Take off sale").click()
    question = desk.get_by_role("alertdialog", name="Take off sale")
    assert "100 units can no longer be ordered" in question.inner_text()
    question.get_by_role("button", name="Take off sale").click()
    assert told("item.close")["source"] == f"desk:operator-{room.session}"
    desk.locator(".item-controls").get_by_role("button", name="Put on sale").wait_for()
    toast(desk, "Take off sale").get_by_role("button", name="Undo").click()
    until(lambda: room.board()["items"]["C"]["state"] == "on_sale", "it is on sale again", 10)


def test_a_price_is_edited_on_the_overlay_too_and_refused_in_words(
    room: Web, desks: Desks, desk: Page, told: Told
) -> None:
    put_on_air(desk, room, "D")
    overlay = desks.overlay("product_card")
    overlay.get_by_text("99").first.wait_for()
    panel(desk, "D").get_by_role("button", name="Edit item").click()
    dialog = desk.get_by_role("dialog")
    assert dialog.locator('[name="low"]').input_value() == "20%"
    dialog.get_by_role("button", name="Save").click()
    dialog.get_by_text("Nothing was changed.").wait_for()
    dialog.locator('[name="critical"]').fill("30%")
    dialog.get_by_role("button", name="Save").click()
    dialog.get_by_text("critical would not be below low").wait_for()
    dialog.locator('[name="critical"]').fill("5%")
    price = dialog.locator('[name="price"]')
    for typed, said in (("eighty", "A number, such as 39.9"), ("8,8", "A number, such as 39.9")):
        price.fill(typed)
        dialog.get_by_role("button", name="Save").click()
        assert price.evaluate("input => input.validationMessage") == said
    price.fill("￥８８.50元")
    dialog.locator('[name="title"]').fill('<img src=x onerror="window.hurt=1">帽子')
    desk.keyboard.press("Enter")
    until(lambda: room.board()["items"]["D"]["price"] == "88.50", "it costs less", 10)
    overlay.get_by_text("88.5").first.wait_for()
    for page in (desk, overlay):
        page.get_by_text("<img src=x onerror=").first.wait_for()
        assert page.evaluate("window.hurt") is None
    toast(desk, "Edit item").last.get_by_role("button", name="Undo").click()
    until(lambda: room.board()["items"]["D"]["title"] == "商品 D <b>", "it is called as before", 10)
    assert room.board()["items"]["D"]["price"] == "99.00"


def test_stock_is_corrected_with_a_reason_and_led_back(room: Web, desk: Page, told: Told) -> None:
    before = units(room, "D")["available"]
    panel(desk, "D").get_by_role("button", name="Adjust stock").click()
    dialog = desk.get_by_role("dialog")
    dialog.locator('[name="delta"]').fill("-5")
    assert f"{before} → {before - 5}" in dialog.locator(".hint").inner_text()
    dialog.get_by_role("button", name="Adjust stock").click()
    assert dialog.is_visible(), "a correction wants its reason"
    dialog.locator('[name="reason"]').fill("样品")
    desk.keyboard.press("Enter")
    entry = told("stock.adjust")
    assert entry["data"] == {"sku": "D", "location": "hz", "delta": -5, "reason": "样品"}
    done = toast(desk, "Adjust stock").last
    assert "available" in done.inner_text(), "the engine's number is told"
    done.get_by_role("button", name="Undo").click()
    until(lambda: units(room, "D")["available"] == before, "the units are back", 10)
    panel(desk, "D").get_by_role("button", name="Adjust stock").click()
    dialog.locator('[name="delta"]').fill("-1000")
    dialog.locator('[name="reason"]').fill("too many")
    desk.keyboard.press("Enter")
    desk.get_by_role("alertdialog").get_by_role("button", name="Adjust stock").click()
    dialog.get_by_text("fewer units stand there").wait_for()
    desk.keyboard.press("Escape")


def test_a_count_does_not_overwrite_what_changed_meanwhile(room: Web, desks: Desks, told: Told) -> None:
    desk = desks.open(lang="zh-CN")
    caught_up(desk, room)
    before = units(room, "C")["available"]
    panel(desk, "C").get_by_role("button", name="盘点").click()
    dialog = desk.get_by_role("dialog")
    dialog.locator('[name="quantity"]').fill(str(before - 8))
    dialog.locator('[name="reason"]').fill("货架上点的")
    room.reserve("meanwhile", 3, "C")
    caught_up(desk, room)
    desk.keyboard.press("Enter")
    dialog.get_by_text("数字已经变了。没有覆盖；请看新的数字，再按一次。").wait_for()
    assert f"{before - 3} → {before - 8}" in dialog.locator(".hint").inner_text()
    desk.keyboard.press("Enter")
    dialog.wait_for(state="detached")
    counted = told("stock.count")
    assert (counted["outcome"]["reason"], counted["data"]["reason"]) == ("changed", "货架上点的")
    assert units(room, "C")["available"] == before - 8


def test_units_move_between_locations_and_out_of_the_buffer(room: Web, desk: Page, told: Told) -> None:
    before = units(room, "D"), units(room, "D", "la")
    panel(desk, "D").get_by_role("button", name="Transfer").click()
    dialog = desk.get_by_role("dialog")
    assert not dialog.locator('[name="to"]').is_visible(), "a buffer is of one location"
    dialog.locator('[name="move"]').select_option("between")
    dialog.locator('[name="to"]').select_option("la")
    dialog.locator('[name="quantity"]').fill("7")
    desk.keyboard.press("Enter")
    assert told("stock.transfer")["data"] == {"sku": "D", "quantity": 7, "from": "location:hz", "to": "location:la"}
    dialog.wait_for(state="detached")
    after = units(room, "D"), units(room, "D", "la")
    assert [each["available"] for each in after] == [before[0]["available"] - 7, before[1]["available"] + 7]
    toast(desk, "Transfer").last.get_by_role("button", name="Undo").click()
    until(lambda: units(room, "D") == before[0], "they are back", 10)
    panel(desk, "D").get_by_role("button", name="Transfer").click()
    dialog.locator('[name="quantity"]').fill("1")
    desk.keyboard.press("Enter")
    dialog.get_by_text("fewer units stand there").wait_for()
    desk.keyboard.press("Escape")


def test_allotments_are_set_together_and_too_much_is_seen_before(room: Web, desk: Page, told: Told) -> None:
    controls = panel(desk, "C")
    mini, live = (controls.locator(f'.allotment[data-channel="{name}"]') for name in ("mini", "live"))
    for row, quantity in ((mini, 30), (live, 20)):
        row.get_by_role("checkbox").check()
        row.get_by_role("spinbutton").fill(str(quantity))
    pool = room.board(scope="viewer")["desk"]["C"]["pool"]
    assert controls.locator(".sum").inner_text() == f"50 allotted and left · pool {pool - 50}"
    mini.get_by_role("spinbutton").fill("500")
    assert f"{520 - pool} more than there are" in controls.locator(".sum").inner_text()
    mini.get_by_role("spinbutton").fill("30")
    controls.get_by_role("button", name="Set allotments").click()
    assert told("allotment.set")["data"] == {"sku": "C", "channel": "mini", "quantity": 30}
    until(lambda: len(room.board(scope="viewer")["desk"]["C"]["allotments"]) == 2, "both are set", 10)
    controls.get_by_role("button", name="Set allotments").wait_for(state="hidden")
    mini.get_by_role("slider").focus()
    desk.keyboard.press("ArrowRight")
    controls.get_by_role("button", name="Set allotments").click()
    until(lambda: room.board(scope="viewer")["desk"]["C"]["allotments"]["mini"]["allotted"] == 31, "one more", 10)
    toast(desk, "小程序 31").get_by_role("button", name="Undo").click()
    until(lambda: room.board(scope="viewer")["desk"]["C"]["allotments"]["mini"]["allotted"] == 30, "one less", 10)


def test_a_drop_is_released_and_closed_with_what_it_means(room: Web, desk: Page, told: Told) -> None:
    controls = panel(desk, "A")
    controls.locator(".drops").get_by_role("button", name="Release").click()
    question = desk.get_by_role("alertdialog")
    assert "20 units of “商品 A <b>” for 79.00" in question.inner_text()
    question.get_by_role("button", name="Release a drop").click()
    assert told("drop.release")["data"] == {"drop": "eight"}
    controls.locator(".drops", has_text="open").get_by_role("button", name="Close").click()
    assert "20 units go back to the pool" in question.inner_text()
    question.get_by_role("button", name="Close a drop").click()
    controls.get_by_text("Drop eight (closed)").wait_for()


def test_an_item_sells_what_is_on_its_way(room: Web, desk: Page, told: Told) -> None:
    panel(desk, "D").get_by_role("button", name="Spot / presale").click()
    dialog = desk.get_by_role("dialog")
    assert not dialog.locator('[name="ship_by"]').is_visible()
    dialog.locator('[name="mode"]').select_option("presale")
    dialog.locator('[name="ship_by"]').fill("2030-01-31")
    dialog.get_by_role("button", name="Spot / presale").click()
    assert told("item.mode")["data"] == {"sku": "D", "mode": "presale", "ship_by": "2030-01-31"}
    toast(desk, "presale").last.get_by_role("button", name="Undo").click()
    until(lambda: room.board(scope="viewer")["desk"]["D"]["mode"] == "spot", "it sells stock again", 10)


def test_an_item_is_added_to_the_end_and_shown_to_all(room: Web, desks: Desks, desk: Page, told: Told) -> None:
    other = desks.open()
    run_action(desk, "Add an item")
    dialog = desk.get_by_role("dialog", name="Add an item")
    dialog.locator('[name="sku"]').fill("A")
    dialog.locator('[name="title"]').fill("羊毛袜")
    dialog.locator('[name="link"]').fill("8")
    dialog.locator('[name="price"]').fill("19.90")
    dialog.locator('[name="opening:hz"]').fill("40")
    dialog.get_by_role("button", name="Add an item").click()
    dialog.get_by_text("there is an item of this sku already").wait_for()
    dialog.locator('[name="sku"]').fill("sock")
    dialog.get_by_role("button", name="Add an item").click()
    entry = told("item.add")
    dialog.wait_for(state="detached")
    item = room.board()["items"]["sock"]
    assert (item["title"], item["price"], item["available"], item["link"]) == ("羊毛袜", "19.90", 40, 8)
    assert entry["source"] == f"desk:operator-{room.session}"
    other.get_by_text("羊毛袜").first.wait_for()


def test_a_count_that_waits_is_accepted_on_the_desk(room: Web, desk: Page, told: Told) -> None:
    answer = room.send({"type": "stock.count", "sku": "B", "location": "la", "quantity": 0, "basis": "available"}).json
    assert answer["unconfirmed"]
    line = panel(desk, "B").locator(".readings li", has_text="0 counted")
    line.get_by_role("button", name="Forget it").click()
    assert told("stock.confirm")["data"] == {"reading": answer["seq"], "accept": False}
    line.wait_for(state="detached")
