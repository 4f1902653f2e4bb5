"""Live parts: rendered again only when what they name has changed, and right whatever they name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from overlaykit.board.types import Announcement, Board, BoardItem
from overlaykit.errors import ThemeError
from overlaykit.model.plugins import Theme
from overlaykit.theming import Formats, LiveParts, Picture, Rendered, load_theme, open_picture

LIST = "<ul>{% for each in items %}{% live each.sku, each %}<li>BODY</li>{% endlive %}{% endfor %}</ul>"


class Wall:
    """A picture of a list, painted again and again by one view."""

    def __init__(self, picture: Picture, make_board: Callable[..., Board]) -> None:
        self.picture = picture
        self.make_board = make_board
        self.parts = LiveParts()
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
        theme = load_theme(Theme(name="acme", folder=theme_folder(template)))
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
    board = {name: value for name, value in change.items() if name not in ("first", "second")}

    said = found.paint(goods("a", available=first), goods("b", available=second, on_air=False), **board)

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
