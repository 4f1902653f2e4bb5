"""Live parts: rendered again only when what they name has changed, and right whatever they name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from overlaykit.board.types import Announcement, Board, BoardItem, Product
from overlaykit.errors import ThemeError
from overlaykit.model.plugins import Theme
from overlaykit.theming import Formats, Picture, Rendered, load_theme, open_picture

LIST = "<ul>{% for each in items %}{% live each.sku, each %}<li>BODY</li>{% endlive %}{% endfor %}</ul>"


class Wall:
    """A picture of a list, painted again and again by one view."""

    def __init__(self, picture: Picture, make_board: Callable[..., Board]) -> None:
        self.picture = picture
        self.make_board = make_board
        self.parts = picture.live_parts()
        self.last = Rendered("", {})

    def paint(self, *items: BoardItem, **fields: Any) -> list[str]:
        """Paints a board; the parts that say something else than before."""
        board = self.make_board(*items, **fields)
        before, self.last = self.last, self.picture.paint(board, board.items[board.on_air or ""], self.parts)
        assert self.last.html == self.picture.render(board, board.items[board.on_air or ""]), "as if painted at once"
        return [key for key, markup in self.last.parts.items() if before.parts.get(key) != markup]


@pytest.fixture
def wall(
    theme_folder: Callable[..., Path], make_board: Callable[..., Board], formats: Formats
) -> Callable[[str], Wall]:
    def make(template: str) -> Wall:
        folder = theme_folder(template)
        (folder / "say.html").write_text(SAY, encoding="utf-8")
        theme = load_theme(Theme(name="acme", folder=folder))
        return Wall(open_picture(theme, "page", formats=formats, options=theme.options({})), make_board)

    return make


@pytest.fixture
def goods(make_item: Callable[..., BoardItem]) -> Callable[..., BoardItem]:
    return lambda sku, **fields: make_item(sku=sku, title=sku.upper(), **fields)


def test_a_part_has_its_key_and_the_rest_stands_around_it(wall: Any, goods: Any) -> None:
    found = wall(LIST.replace("BODY", "{{ each.title }}"))

    found.paint(goods("a"), goods("b"))

    assert found.last.html == ('<ul><li data-live="a" data-key="a">A</li><li data-live="b" data-key="b">B</li></ul>')


def test_only_what_changed_is_said_again_and_the_skeleton_stays(wall: Any, goods: Any) -> None:
    found = wall(LIST.replace("BODY", "{{ ui.number(each.available) }}"))
    a, b = goods("a"), goods("b")
    assert found.paint(a, b) == ["a", "b"]
    skeleton = found.last.skeleton

    assert found.paint(a, goods("b", available=7)) == ["b"]
    assert found.paint(a, goods("b", available=7)) == []
    assert found.last.skeleton == skeleton

    assert found.paint(a) == []
    assert found.last.skeleton != skeleton


def test_a_change_that_only_parts_show_renders_nothing_else(wall: Any, goods: Any) -> None:
    found = wall("{% set once = namespace(n=0) %}" + LIST.replace("BODY", "{{ each.available }}"))
    found.paint(goods("a"), goods("b"))
    kept = found.last.skeleton

    found.paint(goods("a"), goods("b", available=7))

    assert found.last.skeleton is kept, "the text around the parts was not even made again"


def test_a_wall_of_the_theme_s_own_macro_is_made_of_parts(wall: Any, goods: Any) -> None:
    found = wall("{{ ui.heatmap(items) }}")
    found.paint(goods("a"), goods("b"))
    kept = found.last.skeleton

    assert found.paint(goods("a"), goods("b", available=7)) == ["b.cell"]
    assert found.last.skeleton is kept


def test_a_part_that_calls_an_imported_macro_is_kept_while_all_around_it_is_made_again(wall: Any, goods: Any) -> None:
    found = wall("{% import 'say.html' as say %}{{ items[0].held }}" + LIST.replace("BODY", "{{ say.left(each) }}"))
    found.paint(goods("a"), goods("b"))
    kept, skeleton = found.last.parts["b"], found.last.skeleton

    assert found.paint(goods("a", held=5), goods("b")) == []
    assert found.last.skeleton != skeleton
    assert found.last.parts["b"] is kept


def test_what_only_parts_call_and_how_many_items_there_are_makes_nothing_else_again(wall: Any, goods: Any) -> None:
    found = wall(
        "{% import 'say.html' as say %}{% set count = items | length %}{% set side = count ** 0.5 | round | int %}"
        "<b>{{ count }} {{ side }}</b>" + LIST.replace("BODY", "{{ say.left(each) }}")
    )
    found.paint(goods("a"), goods("b"))
    kept = found.last.skeleton

    assert found.paint(goods("a"), goods("b", available=7)) == ["b"]
    assert found.last.skeleton is kept


def test_an_unchanged_part_is_not_rendered_at_all(wall: Any, goods: Any) -> None:
    found = wall(LIST.replace("BODY", "{{ 1 // (each.available - 13) }}"))
    a, b = goods("a"), goods("b")
    found.paint(a, b)

    with pytest.raises(ThemeError, match="division"):
        found.paint(a, goods("b", available=13))
    assert found.paint(a, b) == []


NAMED: dict[str, tuple[str, dict[str, Any]]] = {
    "the session": ("{{ session.status }}", {"status": "frozen"}),
    "the item of the picture": ("{{ item.available }}", {"first": 55}),
    "an item through a name set outside": ("{{ goods.available }}", {"first": 55}),
    "what comes next": ("{{ next.available if next }}", {"second": 4}),
    "how many there are": ("{{ items | length }} {{ items[1].available }}", {"second": 4}),
    "a banner": (
        "{{ announcements | length }}",
        {"announcements": [Announcement(id="n", text="t", level="info", sku=None, ends_at=None)]},
    ),
    "a macro of the same file": ("{{ say() }}", {"first": 55}),
    "the status through ui": ("{{ ui.status() }}", {"status": "frozen"}),
}


@pytest.mark.parametrize("what", NAMED)
def test_whatever_a_part_names_is_true_at_every_moment(wall: Any, goods: Any, what: str) -> None:
    body, change = NAMED[what]
    found = wall(
        "{% macro say() %}{{ item.available }}{% endmacro %}{% set goods = item %}" + LIST.replace("BODY", body)
    )
    found.paint(goods("a"), goods("b", on_air=False))
    first, second = change.get("first", 98), change.get("second", 98)
    rest = {name: value for name, value in change.items() if name not in ("first", "second")}

    said = found.paint(goods("a", available=first), goods("b", available=second, on_air=False), **rest)

    assert said, "paint() compares with a rendering from nothing as well"


def test_the_place_in_a_loop_is_part_of_what_is_named(wall: Any, goods: Any) -> None:
    found = wall(LIST.replace("BODY", "{{ loop.index }} {{ each.title }}"))
    found.paint(goods("a"), goods("b"), goods("c"))

    assert found.paint(goods("a"), goods("c")) == ["c"]
    assert '<li data-live="c" data-key="c">2 C</li>' in found.last.html


def test_a_theme_may_say_the_key_itself(wall: Any, goods: Any) -> None:
    found = wall('{% live "own", item %}<b class="x" data-key="{{ item.sku }}.big">{{ item.title }}</b>{% endlive %}')

    found.paint(goods("a"))

    assert found.last.html == '<b data-live="own" class="x" data-key="a.big">A</b>'


def test_titles_stay_text_in_parts_and_in_keys(wall: Any, goods: Any) -> None:
    found = wall("{% live item.title, item %}<b>{{ item.title }}</b>{% endlive %}")

    found.paint(structs.replace(goods("a"), title='"><script>x</script>'))

    assert "<script>" not in found.last.html
    assert 'data-live="&#34;&gt;&lt;script&gt;' in found.last.html


WRONG = {
    "two live parts have the key 'x'": "{% live 'x', item %}<b></b>{% endlive %}{% live 'x', item %}<b></b>{% endlive %}",
    "a live part is not one element": "{% live 'x', item %}<b></b><i></i>{% endlive %}",
    "is not one element": "{% live 'x', item %}{{ item.title }}{% endlive %}",
    "live needs a key and the object": "{% live item %}<b></b>{% endlive %}",
    "inside another": "{% live 1, item %}<b>{% live 2, item %}<i></i>{% endlive %}</b>{% endlive %}",
    "has no field 'nothing'": "{% live item.sku, item %}<b>{{ item.nothing }}</b>{% endlive %}",
}


@pytest.mark.parametrize("says", WRONG)
def test_mistakes_are_told_with_file_and_line(wall: Any, goods: Any, says: str) -> None:
    with pytest.raises(ThemeError, match=rf"page\.html:2: .*{says}"):
        wall("\n" + WRONG[says]).paint(goods("a"))


EVENING = (
    "<h1>{{ session.title }}</h1>{% if next %}<p>{{ next.title }}</p>{% endif %}"
    + LIST.replace("BODY", "{{ ui.number(each.available) }}"),
    "{% set goods = item.drop or item %}{{ goods.available }}"
    + LIST.replace("BODY", "{{ goods.available }} {{ each.title }}"),
    "{% for each in items if each.state != 'sold_out' %}{% live each.sku, each %}<i>{{ each.state }}</i>{% endlive %}{% endfor %}",
    "{{ items | selectattr('state', 'equalto', 'low') | list | length }}"
    + LIST.replace("BODY", "{{ each.available }}"),
    "{% set by = 'available' %}{% for each in items | sort(attribute=by) %}"
    "{% live each.sku, each %}<i>{{ each.sold }}</i>{% endlive %}{% endfor %}",
    "{% for each in items | sort(attribute='available') %}{% live each.sku, each %}<i>{{ each.sold }}</i>{% endlive %}{% endfor %}",
    "{% macro card(one) %}{{ one.title }}{% endmacro %}{{ card(item) }}" + LIST.replace("BODY", "{{ each.available }}"),
    "{{ ui.bar(item.remaining) }}"
    + LIST.replace("BODY", "{{ item.available }} {{ each.available }} {{ items[0].sold }}"),
    "{% set n = namespace(left=0) %}{% for each in items %}{% set n.left = n.left + each.available %}{% endfor %}{{ n.left }}"
    + LIST.replace("BODY", "{{ each.sold }}"),
    "{% import 'say.html' as say %}" + LIST.replace("BODY", "{{ say.left(each) }}"),
    "{% import 'say.html' as say %}{{ say.left(item) }}" + LIST.replace("BODY", "{{ say.left(each) }}"),
    "{% from 'say.html' import left as units %}{% macro on_air() %}{{ units(item) }}{% endmacro %}{{ on_air() }}"
    + LIST.replace("BODY", "{{ units(each) }}"),
    "{% import 'say.html' as say with context %}" + LIST.replace("BODY", "{{ say.own() }} {{ say.left(each) }}"),
    "{% for each in items %}{% set far = each.available - item.available %}{% live each.sku, each %}<i>{{ far }}</i>"
    "{% endlive %}{% endfor %}",
    "{% for each in items %}{% if each == item %}!{% endif %}{% live each.sku, each %}<i>{{ each.held }}</i>"
    "{% endlive %}{% endfor %}",
    "{{ products.p.available }}" + LIST.replace("BODY", "{{ products.p.available }}"),
    LIST.replace("BODY", "{{ ui.bar(each.available / 100) }}"),
    "{{ ui.next_items() }}" + LIST.replace("BODY", "{{ each.available }}"),
    "{{ ui.heatmap(items) }}{{ ui.heatmap(items | selectattr('state', 'ne', 'sold_out'), label='title') }}",
    "{{ ui.ticker(items) }}" + LIST.replace("BODY", "{{ ui.product_card(each) }}"),
    "{% for c in countdowns %}{{ c.ends_at }}{% endfor %}"
    + LIST.replace("BODY", "{{ ui.status() }} {{ each.available }}"),
)
SAY = "{% macro left(one) %}{{ one.available }}{% endmacro %}{% macro own() %}{{ item.sold if item }}{% endmacro %}"
CHANGES = st.tuples(
    st.sampled_from("abcd"),
    st.dictionaries(st.sampled_from(("available", "sold", "held")), st.integers(0, 3), max_size=2),
    st.sampled_from((None, None, "low", "sold_out", "on_sale")),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    evening=st.lists(CHANGES, min_size=3, max_size=12),
    on_air=st.lists(st.sampled_from("abcd"), min_size=12, max_size=12),
    dice=st.randoms(),
)
@pytest.mark.parametrize("template", EVENING)
def test_by_parts_is_as_from_nothing_whatever_happens(
    wall: Any, goods: Any, template: str, evening: Any, on_air: list[str], dice: Any
) -> None:
    found = wall(template)
    items = {sku: goods(sku, on_air=False) for sku in "abcd"}
    featured = "a"
    for (sku, fields, state), wanted in zip(evening, on_air, strict=False):
        items[sku] = structs.replace(items[sku], **fields, **({"state": state} if state else {}))
        featured = wanted if dice.random() < 0.2 else featured
        items["a"] = structs.replace(items["a"], heat=dice.choice(("red", "green")))
        status = "frozen" if dice.random() < 0.1 else "live"
        products = {"p": Product(available=sum(item.available for item in items.values()), variants=[], gone=[])}
        found.paint(*items.values(), on_air=featured, status=status, products=products)
