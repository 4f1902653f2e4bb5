"""What a theme author writes, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.board.types import Announcement, Board, BoardItem, Countdown, Deadline, DropNow, Product
from overlaykit.errors import ThemeError

STRINGS = """
[strings.zh-CN]
left = "剩余"
link_no = "{n}号链接"
[strings.en]
left = "left"
link_no = "link {n}"
"""
Render = Callable[..., str]
Item = Callable[..., BoardItem]
MakeBoard = Callable[..., Board]


def test_a_number_is_keyed_by_sku_and_field(render: Render) -> None:
    assert render("{{ ui.number(item.available) }}") == (
        '<ok-number data-key="coat.available" value="98">98</ok-number>'
    )


def test_the_numbers_of_a_drop_have_keys_of_their_own(render: Render, make_item: Item, make_board: MakeBoard) -> None:
    ends = Deadline(ends_at="2026-11-11T12:05:00.000Z")
    drop = DropNow(name="eight", opening=50, available=5000, remaining=0.5, sold=20, price="799.00", countdown=ends)
    markup = render(
        "{% set goods = item.drop or item %}{{ ui.number(goods.available) }}"
        "{{ ui.countdown(goods.countdown.ends_at, format='mm:ss.d') }}",
        make_board(make_item(drop=drop)),
    )

    assert '<ok-number data-key="coat.drop.eight.available" value="5000">5,000</ok-number>' in markup
    assert 'data-key="coat.drop.eight.ends_at" ends-at="2026-11-11T12:05:00.000Z" format="mm:ss.d"' in markup


def test_a_computed_number_has_no_key_unless_the_author_gives_one(render: Render) -> None:
    assert "data-key" not in render("{{ ui.number(item.opening - item.available) }}")
    assert 'data-key="gone"' in render("{{ ui.number(item.opening - item.available, key='gone') }}")


def test_a_bar_knows_the_heat_of_its_own_item(render: Render, make_item: Item, make_board: MakeBoard) -> None:
    board = make_board(make_item(), make_item(sku="hat", heat="red", remaining=0.04, on_air=False))
    markup = render("{% for each in items %}{{ ui.bar(each.remaining, low='#ff9900') }}{% endfor %}", board)

    assert 'data-key="coat.remaining" value="0.98" heat="green" style="--bar-low:#ff9900"' in markup
    assert 'data-key="hat.remaining" value="0.04" heat="red"' in markup


def test_prices_show_the_higher_price_only_when_it_is_higher(render: Render) -> None:
    markup = render("{{ ui.price(item.price, was=item.list_price) }}")
    assert "899" in markup
    assert '<s class="ok-price-was">¥1,599</s>' in markup
    assert "ok-price-was" not in render("{{ ui.price(item.price, was='10.00') }}")
    assert render("{{ ui.price(none) }}") == ""


def test_announcements_moments_and_countdowns_by_name(render: Render, make_board: MakeBoard) -> None:
    board = make_board(
        announcements=[Announcement(id="a-1", text="<b>", level="urgent", sku=None, ends_at=None)],
        countdowns={"eight-close": Countdown(name="eight-close", sku=None, ends_at="2026-11-11T12:00:00.000Z")},
    )
    markup = render(
        "{% for each in announcements %}{{ ui.announcement(each) }}{% endfor %}"
        "{{ ui.moment('sold_out', text='售罄') }}{{ ui.countdown(countdowns['eight-close'].ends_at) }}",
        board,
    )

    assert (
        'class="ok-announcement ok-announcement-urgent" data-key="announcement.a-1" role="status">&lt;b&gt;<' in markup
    )
    assert 'data-key="coat.moment.sold_out" name="sold_out" seconds="4">售罄<' in markup
    assert 'data-key="countdown.eight-close.ends_at"' in markup


def test_the_status_says_stale_frozen_or_nothing(render: Render, make_item: Item, make_board: MakeBoard) -> None:
    assert 'says=""' in render("{{ ui.status() }}")
    assert 'says="数据获取中"' in render("{{ ui.status() }}", make_board(make_item(stale=True)))
    assert 'says="库存数字暂停更新"' in render("{{ ui.status() }}", make_board(status="frozen"))


def test_what_a_template_leaves_unsaid_the_picture_says_once(
    render: Render, make_item: Item, make_board: MakeBoard
) -> None:
    stale = make_board(make_item(stale=True))
    said = '<ok-status class="ok-note" says="数据获取中" updating="数据获取中" role="status"></ok-status>'

    assert render("<b>{{ item.available }}</b>", stale) == f"<b>98</b>{said}"
    assert render("<b>{{ item.available }}</b>") == "<b>98</b>"
    assert render("{{ ui.status() }}", stale).count("<ok-status") == 1
    assert render("{% live 'a', item %}<p>{{ ui.status() }}</p>{% endlive %}", stale).count("<ok-status") == 1
    assert 'says="本场已结束"' in render("x", make_board(status="closed"))
    assert 'says="即将开播"' in render("x", make_board(status="planned"))
    assert render("", stale) == ""


def test_the_words_are_the_themes_and_of_the_pages_locale(render: Render) -> None:
    assert render("{{ _('link_no', n=item.link) }} {{ _('left') }}", more=STRINGS) == "1号链接 剩余"
    with pytest.raises(ThemeError, match="Did you mean 'left'"):
        render("{{ _('lef') }}", more=STRINGS)
    with pytest.raises(ThemeError, match="needs 'n'"):
        render("{{ _('link_no') }}", more=STRINGS)


def test_a_live_element_in_a_string_stays_one_and_texts_beside_it_stay_texts(render: Render) -> None:
    strings = '[strings.zh-CN]\nonly = "<b>只剩 {n} 件 {of}"\n[strings.en]\nonly = "<b>{n} of {of} left"\n'

    assert render("{{ _('only', n=ui.number(item.available), of='<i>') }}", more=strings) == (
        '&lt;b&gt;只剩 <ok-number data-key="coat.available" value="98">98</ok-number> 件 &lt;i&gt;'
    )


def test_nothing_is_rendered_while_what_a_layout_needs_is_missing(render: Render, make_board: MakeBoard) -> None:
    nobody = make_board(on_air=None)

    assert render("{{ item.title }}", nobody, needs='needs = ["item"]') == ""
    assert render("x", make_board(), needs='needs = ["item"]') == "x"
    with pytest.raises(ThemeError, match="'title' was asked of None"):
        render("{{ item.title }}", nobody)


def test_none_is_written_as_nothing(render: Render) -> None:
    assert render("[{{ item.subtitle }}]") == "[]"


def test_the_next_item_skips_what_is_gone(render: Render, make_item: Item, make_board: MakeBoard) -> None:
    board = make_board(
        make_item(),
        make_item(sku="scarf", state="sold_out", on_air=False),
        make_item(sku="hat", link=4, on_air=False),
    )

    assert render("{{ next.sku }} {{ items | length }}", board) == "hat 3"


def test_products_are_named(render: Render, make_board: MakeBoard) -> None:
    board = make_board(products={"coat": Product(available=98, variants=["coat"], gone=[])})
    template = "{{ products.coat.available }} {{ products['coat'].variants[0] }}"

    assert render(template, board) == "98 coat"


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("\n{{ item.availble }}", "page.html:2: BoardItem has no field 'availble'. Did you mean 'available'?"),
        ("{{ itme.title }}", "Did you mean 'item'?"),
        ("{{ options.acent }}", "the theme has no option 'acent'"),
        ("{{ ui.nmber(1) }}", "Did you mean 'number'?"),
        ("{{ countdowns.foo.ends_at }}", "there is no 'foo' here"),
        ("\n\n{% if %}", "page.html:3: Expected an expression"),
        ("{{ item.title | shout }}", "No filter named 'shout'"),
        ("{% include 'other.html' %}", "there is no template 'other.html'"),
        ("{{ ui.number(item.title) }}", "ui.number needs a number"),
        ("{{ ui.bar(0.5, low='red;x:url(y)') }}", "is not a colour"),
        ("{{ ui.countdown('2026-11-11T12:00:00Z', format='HH') }}", "does not know the format 'HH'"),
        ("{{ ui.asset('nothing.png') }}", "has no file 'nothing.png'"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ ui.number(1, fmt='x') }}", "ui.number() got an unexpected keyword argument 'fmt'"),
        ("{{ ui.number() }}", "Write ui.number(value, format='full', flash=False, key=None)."),
        ("{{ item.price | money(2) }}", "money() takes 1 positional argument but 2 were given"),
        ("{{ ui.countdown(item.countdown.ends_at) }}", "such as {% if item.countdown %}"),
    ],
)
def test_mistakes_are_named_with_their_line_and_what_exists(render: Render, template: str, says: str) -> None:
    with pytest.raises(ThemeError) as error:
        render(template)

    assert says in str(error.value)


@pytest.mark.parametrize(
    "template",
    [
        "{{ item.__class__ }}",
        "{{ ().__class__.__bases__ }}",
        "{{ ui._formats }}",
        "{{ _.__call__.__globals__ }}",
        "{{ item.__struct_fields__ }}",
        "{{ ui.number.__func__.__globals__ }}",
        "{{ '{0.__class__}'.format(item) }}",
        "{{ items.__add__ }}",
        "{{ self.__init__.__globals__ }}",
    ],
)
def test_the_sandbox_keeps_what_is_inside_inside(render: Render, template: str) -> None:
    with pytest.raises(ThemeError):
        render(template)


def test_titles_are_text_wherever_they_stand(render: Render, make_item: Item, make_board: MakeBoard) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    board = make_board(make_item(title=evil, sku=evil, image=evil))
    markup = render(
        '<p title="{{ item.title }}" data-key="{{ item.sku }}">{{ item.title }}</p>{{ ui.number(item.available) }}'
        "{{ ui.moment('sold_out', text=item.title) }}{{ ui.price(item.price) }}{{ ui.bar(item.remaining) }}",
        board,
    )

    assert "<script" not in markup
    assert "<img" not in markup
