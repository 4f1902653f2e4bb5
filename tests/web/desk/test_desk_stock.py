"""The stock view: what it asks the server for, and how items are found, sorted, narrowed and opened in it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from overlaykit.model.sessions import Channel, Drop, Item, Location, SessionPlan, Threshold
from tests.conftest import StoreServer, until
from tests.web.conftest import Web, serving
from tests.web.desks import BREAKABLE

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.desks import Desks

MANY = 400
TITLES = [
    ("coat-m", "羊毛大衣", "黑 M", "coat"),
    ("coat-l", "羊毛大衣", "黑 L", "coat"),
    ("jeans", "加绒牛仔裤", None, None),
    ("skirt", "长裙", None, None),
    ("set", "暖冬礼盒", None, None),
]


def plan(session: str) -> SessionPlan:
    """Five items with Chinese titles, the first two of one product and the last a bundle, and very many others."""
    rows = [(sku, title, variant, product) for sku, title, variant, product in TITLES]
    rows += [(f"x-{number:03}", f"Socks {number:03}", None, None) for number in range(MANY)]
    rows[9] = ("x-004", "羊绒围巾", "灰", "scarf")
    return SessionPlan(
        id=session,
        ledger=session,
        title="货盘",
        items=tuple(
            Item(
                sku=sku,
                link=max(1, place),
                title=title,
                variant=variant,
                product=product,
                aliases=("皇家",) if sku == "jeans" else (),
                cost="41.50" if sku == "coat-m" else None,
                price="99.00",
                opening={} if sku == "set" else {"hz": 100 + place} if place % 2 else {"hz": 60 + place, "gz": 40},
                bundle={"coat-m": 1, "jeans": 2} if sku == "set" else {},
                low=Threshold(share=0.2),
                critical=Threshold(share=0.05),
            )
            for place, (sku, title, variant, product) in enumerate(rows)
        ),
        locations=(Location(name="hz", title="杭州仓"), Location(name="gz", title="广州仓")),
        channels=(Channel(name="mini", title="小程序"), Channel(name="web", title="官网")),
        drops=(Drop(name="eight", sku="jeans", quantity=10),),
    )


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    session = f"stock-{os.getpid()}-{os.urandom(2).hex()}"
    with serving(store, tmp_path_factory.mktemp("stock"), session, plan=plan(session)) as web:
        sold = [
            {"type": "order.record", "order": "o-1", "channel": "mini", "paid": True, "lines": [{"sku": "skirt", "quantity": 110}]},
            {"type": "order.reserve", "order": "o-2", "lines": [{"sku": "coat-l", "quantity": 90}]},
            {"type": "allotment.set", "sku": "coat-m", "channel": "mini", "quantity": 30},
        ]  # fmt: skip
        assert {outcome["status"] for outcome in web.send(sold).json} == {"accepted"}
        yield web


# ---------------------------------------------------------------------------------------------------- what it asks for


def test_items_are_found_by_aliases_and_pinyin(room: Web) -> None:
    answer = room.get(f"/desk/search.json?session={room.session}", scope="viewer")
    items = answer.json["items"]
    assert items["jeans"]["aliases"] == ["皇家"]
    assert items["jeans"]["pinyin"][0].split()[0] == "jia"
    assert len(items["jeans"]["pinyin"]) == 2
    assert items["x-000"] == {"aliases": [], "pinyin": []}
    etag = answer.headers["ETag"]
    again = room.get(f"/desk/search.json?session={room.session}", scope="viewer", headers={"If-None-Match": etag})
    assert (again.status, again.body) == (304, b"")


def test_the_words_are_new_once_an_item_is(room: Web) -> None:
    path = f"/desk/search.json?session={room.session}"
    etag = room.get(path).headers["ETag"]
    assert room.send({"type": "item.update", "sku": "x-399", "title": "丝袜"}).json["status"] == "accepted"

    def told() -> bool:
        answer = room.get(path, headers={"If-None-Match": etag})
        return answer.status == 200 and answer.json["items"]["x-399"]["pinyin"] != []

    until(told, "the new title can be found")


def test_the_trail_of_an_item_is_there_for_a_page_that_was_not(room: Web) -> None:
    def known() -> bool:
        answer = room.get(f"/desk/trails.json?session={room.session}&sku=coat-m&sku=nobody", scope="viewer").json
        return (
            answer["every"] == 5 and list(answer["trails"]) == ["coat-m"] and answer["trails"]["coat-m"][-1:] == [100]
        )

    until(known, "the first sample is taken")


@pytest.mark.parametrize("path", ["/desk/search.json?", "/desk/trails.json?sku=coat-m&"])
@pytest.mark.parametrize(("scope", "status"), [(None, 401), ("overlay", 403), ("connector", 403), ("viewer", 200)])
def test_only_who_sees_the_desk_is_told(room: Web, path: str, scope: str | None, status: int) -> None:
    assert room.get(f"{path}session={room.session}", scope=scope).status == status


@pytest.mark.parametrize("skus", ["", "&".join(f"sku=x-{number}" for number in range(101))])
def test_too_many_or_no_trails_are_a_clear_error(room: Web, skus: str) -> None:
    answer = room.get(f"/desk/trails.json?session={room.session}&{skus}")
    assert (answer.status, answer.json["errors"][0]["path"]) == (400, "sku")
    assert "1 … 100" in answer.json["detail"]


# ------------------------------------------------------------------------------------------------------------ the page


WINDOW = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def page(desks: Desks) -> Page:
    return desks.open(lang="zh-CN", viewport=WINDOW)


@pytest.fixture
def stock(page: Page) -> Page:
    """The view as it is at first."""
    page.evaluate("localStorage.removeItem('overlaykit.stock')")
    page.reload()
    page.wait_for_selector("#view-stock .box.table .item")
    return page


def skus(page: Page) -> list[str]:
    """The items in the table, from the top."""
    found: list[str] = page.eval_on_selector_all(
        "#view-stock .box.table .rows > .item",
        "rows => rows.sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map((row) => row.dataset.sku ?? row.dataset.product)",
    )
    return found


def shows(page: Page, wanted: Callable[[list[str]], bool]) -> None:
    until(lambda: wanted(skus(page)), f"the table has other rows than {skus(page)[:6]}", 10)


@pytest.mark.browser
def test_of_many_items_only_those_in_sight_are_in_the_page(stock: Page) -> None:
    grid = stock.locator("#view-stock .box.table")
    assert grid.get_attribute("aria-rowcount") == str(len(TITLES) + MANY + 1)
    assert len(skus(stock)) < 60
    stock.locator('.item[data-sku="coat-m"]').focus()
    grid.evaluate("box => box.scrollTo(0, box.scrollHeight)")
    stock.locator('.item[data-sku="x-399"]').wait_for()
    assert stock.locator('.item[data-sku="x-399"]').get_attribute("aria-rowindex") == str(len(TITLES) + MANY + 1)
    assert len(skus(stock)) < 60
    assert skus(stock)[0] == "coat-m", "the row that has the focus stays"


@pytest.mark.browser
def test_of_the_running_order_too_only_what_is_in_sight_is_in_the_page(stock: Page) -> None:
    stock.locator("#running summary").click()
    rows = stock.locator("#running li")
    rows.first.focus()
    stock.keyboard.press("End")
    stock.locator('#running li[data-sku="x-399"]:focus').wait_for()
    assert rows.count() < 40
    assert (
        rows.last.get_attribute("aria-posinset") == rows.last.get_attribute("aria-setsize") == str(len(TITLES) + MANY)
    )


@pytest.mark.browser
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ymdy", ["coat-m", "coat-l"]),
        ("yangmao", ["coat-m", "coat-l"]),
        ("yangmdy", ["coat-m", "coat-l"]),
        ("大衣 l", ["coat-l"]),
        ("zhangq", ["skirt"]),
        ("changqun", ["skirt"]),
        ("皇家", ["jeans"]),
        ("huangj", ["jeans"]),
        ("COAT-M", ["coat-m"]),
        ("３９９", ["x-394", "x-399"]),
        ("no such thing", []),
    ],
)  # fmt: skip
def test_an_item_is_found_by_whatever_people_call_it(stock: Page, typed: str, found: list[str]) -> None:
    stock.locator("#stock-search").fill(typed)
    shows(stock, lambda rows: rows == found)
    assert stock.locator("#view-stock .nothing").is_visible() == (not found)


@pytest.mark.browser
def test_an_alias_that_is_given_in_the_evening_finds_the_item_too(stock: Page, room: Web) -> None:
    assert room.send({"type": "item.update", "sku": "x-007", "aliases": ["小可爱"]}).json["status"] == "accepted"
    stock.locator("#stock-search").fill("小可爱")
    shows(stock, lambda rows: rows == ["x-007"])


@pytest.mark.browser
def test_enter_opens_the_first_hit_and_escape_closes_it(stock: Page) -> None:
    stock.locator("#stock-search").fill("jrnzk")
    shows(stock, lambda rows: rows == ["jeans"])
    stock.keyboard.press("Enter")
    panel = stock.locator(".item-panel")
    panel.wait_for()
    assert panel.locator(".panel-head .title").text_content() == "加绒牛仔裤"
    assert panel.locator('[data-name="eight"]').is_visible()
    stock.locator(".item-panel .close").focus()
    stock.keyboard.press("Escape")
    panel.wait_for(state="hidden")
    assert stock.evaluate("document.activeElement.dataset.sku") == "jeans"


@pytest.mark.browser
def test_keys_that_choose_signs_of_an_input_method_do_nothing_else(stock: Page) -> None:
    search = stock.locator("#stock-search")
    search.focus()
    stock.context.new_cdp_session(stock).send(
        "Input.imeSetComposition", {"text": "jrnzk", "selectionStart": 5, "selectionEnd": 5}
    )
    shows(stock, lambda rows: rows == ["jeans"])
    for key in ("ArrowDown", "Enter"):
        stock.keyboard.press(key)
    assert stock.evaluate("document.activeElement.id") == "stock-search"
    assert not stock.locator(".item-panel").is_visible()


@pytest.mark.browser
def test_columns_sort_up_down_and_back_to_the_running_order(stock: Page) -> None:
    available = stock.locator('#view-stock [data-column="available"]')
    available.locator("button").click()
    shows(stock, lambda rows: rows[:2] == ["skirt", "coat-l"])
    assert available.get_attribute("aria-sort") == "ascending"
    available.locator("button").click()
    shows(stock, lambda rows: rows[0] == "x-399")
    assert available.get_attribute("aria-sort") == "descending"
    available.locator("button").click()
    shows(stock, lambda rows: rows[:3] == ["coat-m", "coat-l", "jeans"])
    assert available.get_attribute("aria-sort") is None


@pytest.mark.browser
def test_chips_and_lists_narrow_and_are_cleared(stock: Page) -> None:
    stock.locator('.chip[data-kind="heat"][data-name="red"]').click()
    shows(stock, lambda rows: rows == ["skirt"])
    stock.locator('.chip[data-name="low"]').click()
    shows(stock, lambda rows: rows == [])
    stock.locator('.chip[data-kind="heat"][data-name="red"]').click()
    shows(stock, lambda rows: rows == ["coat-l"])
    stock.locator("#view-stock .clear").click()
    shows(stock, lambda rows: len(rows) > 10)
    stock.locator('.chip[data-kind="oversold"]').click()
    shows(stock, lambda rows: rows == ["skirt"])
    stock.locator("#view-stock .clear").click()
    stock.select_option("#view-stock select.channel", "mini")
    shows(stock, lambda rows: rows == ["coat-m"])
    stock.select_option("#view-stock select.channel", "")
    stock.select_option("#view-stock select.location", "gz")
    shows(stock, lambda rows: "coat-m" in rows and "coat-l" not in rows)
    stock.select_option("#view-stock select.location", "")
    assert stock.locator("#view-stock select.product option").all_inner_texts()[1:] == ["羊毛大衣", "羊绒围巾"]
    stock.select_option("#view-stock select.product", label="羊绒围巾")
    shows(stock, lambda rows: rows == ["x-004"])


@pytest.mark.browser
def test_the_keyboard_reaches_every_row_and_opens_it(stock: Page) -> None:
    rows = stock.locator("#view-stock .rows > [tabindex='0']")
    assert rows.count() == 1
    rows.focus()
    on = "document.activeElement.dataset.sku"
    stock.keyboard.press("ArrowDown")
    assert stock.evaluate(on) == "coat-l"
    stock.keyboard.press("End")
    assert stock.evaluate(on) == "x-399"
    assert stock.evaluate("document.activeElement.getBoundingClientRect().bottom <= innerHeight")
    stock.keyboard.press("PageUp")
    assert stock.evaluate(on) not in ("x-399", None)
    stock.keyboard.press("Home")
    stock.keyboard.press("Enter")
    panel = stock.locator(".item-panel")
    panel.wait_for()
    assert panel.locator(".places tbody tr").count() == 2
    assert panel.locator('.places [data-name="hz"] th').text_content() == "杭州仓"
    assert panel.locator('.channels [data-name="mini"] td').first.text_content() == "30"
    stock.keyboard.press("Escape")
    panel.wait_for(state="hidden")
    assert stock.evaluate(on) == "coat-m"


@pytest.mark.browser
def test_products_stand_over_their_variants_and_fold(stock: Page) -> None:
    stock.locator("#view-stock .grouped").click()
    shows(stock, lambda rows: rows[:4] == ["coat", "coat-m", "coat-l", "jeans"])
    product = stock.locator('.item[data-product="coat"]')
    assert product.locator(".of-available").text_content() == "111"
    assert product.get_attribute("aria-expanded") == "true"
    product.focus()
    stock.keyboard.press("ArrowLeft")
    shows(stock, lambda rows: rows[:2] == ["coat", "jeans"])
    assert product.get_attribute("aria-expanded") == "false"
    stock.reload()
    shows(stock, lambda rows: rows[:3] == ["coat", "coat-m", "coat-l"])


@pytest.mark.browser
def test_cards_and_the_heatmap_show_the_same_items_and_open_them(stock: Page) -> None:
    stock.locator('[data-mode="cards"]').click()
    card = stock.locator('.card-of-item[data-sku="skirt"]')
    assert card.locator(".available").text_content() == "0"
    assert card.locator(".state").text_content() == "已售罄"
    assert card.locator(".over").text_content() == "超卖 7"
    stock.locator('[data-mode="heat"]').click()
    cell = stock.locator('.cell-of-item[data-sku="skirt"]')
    assert cell.get_attribute("data-heat") == "red"
    assert "已售罄" in (cell.get_attribute("aria-label") or "")
    stock.locator("#view-stock .box.heat [tabindex='0']").focus()
    for _ in range(3):
        stock.keyboard.press("ArrowRight")
    stock.keyboard.press("Enter")
    stock.locator('.item-panel[data-sku="skirt"]').wait_for()
    assert "超卖 7 件" in (stock.locator(".item-panel .troubles").text_content() or "")


@pytest.mark.browser
def test_on_a_phone_all_of_the_stock_is_above_the_emergency_plans(open_desk: Callable[..., Page]) -> None:
    page = open_desk(lang="zh-CN", viewport={"width": 390, "height": 844})
    page.locator('.views a[href="#rules"]').click()
    page.locator('.views a[href="#stock"]').click()
    page.wait_for_function(
        "() => document.querySelector('#view-stock .box.table').getBoundingClientRect().bottom"
        " <= document.getElementById('emergencies').getBoundingClientRect().top"
    )


@pytest.mark.browser
def test_the_columns_are_chosen_and_remembered(stock: Page) -> None:
    head = '#view-stock [data-column="price"]'
    assert stock.locator(head).count() == 0
    stock.locator("#view-stock .columns summary").click()
    stock.locator('#view-stock .columns input[name="price"]').check()
    stock.locator(head).wait_for()
    stock.reload()
    stock.locator(head).wait_for()
    assert stock.locator('.item[data-sku="jeans"] .of-price').text_content() == "¥99"


@pytest.mark.browser
def test_what_a_bundle_is_made_of_leads_to_its_parts(stock: Page) -> None:
    stock.locator('.item[data-sku="set"]').click()
    parts = stock.locator(".item-panel .parts li")
    assert [text.split(" · ")[0] for text in parts.all_text_contents()] == ["1 × 羊毛大衣 黑 M", "2 × 加绒牛仔裤"]
    parts.nth(1).locator("button").click()
    stock.locator('.item-panel[data-sku="jeans"]').wait_for()


@pytest.mark.browser
def test_what_a_unit_costs_is_for_the_operator_alone(stock: Page, open_desk: Callable[..., Page]) -> None:
    stock.locator('.item[data-sku="coat-m"]').click()
    assert stock.locator('.item-panel [data-figure="cost"] dd').text_content() == "¥41.50"
    viewer = open_desk("viewer", lang="zh-CN", viewport=WINDOW)
    viewer.locator('.item[data-sku="coat-m"]').click()
    viewer.locator('.item-panel [data-figure="price"]').wait_for()
    assert viewer.locator('.item-panel [data-figure="cost"]').count() == 0


@pytest.mark.browser
def test_numbers_change_in_place_and_rows_do_not_jump_under_a_hand(stock: Page, room: Web) -> None:
    stock.locator('#view-stock [data-column="held"] button').click()
    shows(stock, lambda rows: rows[0] == "coat-l")
    row = stock.locator('.item[data-sku="x-002"]')
    row.hover()
    lines = [{"sku": "x-002", "quantity": 95}]
    assert room.send({"type": "order.reserve", "order": "o-9", "lines": lines}).json["status"] == "accepted"
    row.locator(".of-held", has_text="95").wait_for()
    assert skus(stock)[0] == "coat-l"
    shows(stock, lambda rows: rows[0] == "x-002")  # once the hand has rested
    room.send({"type": "order.release", "order": "o-9"})


@pytest.mark.browser
def test_every_line_in_sight_is_asked_for_also_after_a_break(open_desk: Callable[..., Page]) -> None:
    asked = """() => {
      const asked = performance.getEntriesByType("resource").map(({ name }) => new URL(name));
      const trails = asked.filter(({ pathname }) => pathname === "/desk/trails.json");
      const skus = trails.flatMap((each) => each.searchParams.getAll("sku"));
      return ["coat-m", "jeans", "skirt"].every((sku) => skus.includes(sku));
    }"""
    page = open_desk(view="stock/jeans", viewport=WINDOW, script=BREAKABLE)
    page.locator('.item-panel[data-sku="jeans"]').wait_for()
    page.wait_for_function(asked)
    page.evaluate("() => { performance.clearResourceTimings(); window.socket.close(); }")
    page.wait_for_function(asked)


@pytest.mark.browser
def test_a_line_of_which_the_server_knows_nothing_yet_begins_on_the_page(stock: Page) -> None:
    nothing = json.dumps({"every": 1, "trails": {}})
    stock.route("**/desk/trails.json*", lambda route: route.fulfill(body=nothing, content_type="application/json"))
    stock.reload()
    stock.locator(".item[data-sku=jeans] canvas").wait_for()
    stock.wait_for_function("""() => {
      const line = document.querySelector(".item[data-sku=jeans] canvas");
      return line.getContext("2d").getImageData(0, 0, line.width, line.height).data.some(Boolean);
    }""")
    stock.unroute("**/desk/trails.json*")


CUT = """(node) => node.scrollWidth > node.clientWidth
  || node.getBoundingClientRect().right > node.closest(".item, .inner").getBoundingClientRect().right"""


@pytest.mark.browser
def test_neither_which_variant_it_is_nor_a_number_of_millions_is_cut(room: Web, open_desk: Callable[..., Page]) -> None:
    more = {"type": "stock.adjust", "sku": "x-000", "location": "hz", "delta": 10_000_000, "reason": "补货"}
    oversold = {"type": "item.update", "sku": "skirt", "variant": "雾灰 XL"}
    assert {outcome["status"] for outcome in room.send([more, oversold]).json} == {"accepted"}
    page = open_desk(lang="en", viewport={"width": 390, "height": 844})
    row = page.locator('.box.table .item[data-sku="skirt"]')
    row.locator(".over", has_text="oversold").wait_for()
    assert not row.locator(".which").evaluate(CUT)
    row.click()
    head = page.locator(".panel-head")
    head.locator(".which", has_text="雾灰 XL").wait_for()
    assert head.locator(".name").inner_text() == "长裙"
    head.locator(".close").click()
    page.locator('[data-mode="cards"]').click()
    number = page.locator('.card-of-item[data-sku="x-000"] .available')
    number.get_by_text("10,000,105").wait_for()
    assert not number.evaluate(CUT)
