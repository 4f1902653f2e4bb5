"""Reading an overlay's address."""

from __future__ import annotations

import pytest

from overlaykit.errors import UserError
from overlaykit.theming import Selector
from overlaykit.web.overlays.query import OverlayQuery, read_query


def test_a_bare_address_is_the_item_on_air_of_the_current_session() -> None:
    assert read_query("number", {"token": "t"}) == OverlayQuery(layout="number")


def test_everything_at_once() -> None:
    query = read_query(
        "bar",
        {"session": "s", "link": "3", "channel": "c", "region": "EU", "theme": "t", "locale": "en", "option.b": "2"}
        | {"option.a": "1"},
    )

    assert query == OverlayQuery(
        layout="bar",
        session="s",
        selector=Selector(link=3),
        channel="c",
        region="EU",
        theme="t",
        locale="en",
        options=(("a", "1"), ("b", "2")),
    )
    assert hash(query) == hash(query)


def test_addresses_that_show_the_same_have_the_same_text() -> None:
    one = read_query("bar", {"option.b": "#1", "link": "03", "session": "current", "token": "one", "theme": "大"})
    other = read_query("bar", {"theme": "大", "link": "3", "token": "two", "option.b": "#1"})
    assert one.text == other.text == "bar?link=3&option.b=%231&theme=%E5%A4%A7"
    assert read_query("bar", {}).text == "bar?"
    assert read_query("bar", {"session": "s", "sku": "A"}).text == "bar?session=s&sku=A"


def test_an_empty_parameter_is_none() -> None:
    assert read_query("number", {"sku": "", "session": ""}) == OverlayQuery(layout="number")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"itme": "A"}, "no parameter 'itme'"),
        ({"sku": "A", "product": "p"}, "one item, not sku and product"),
        ({"link": "-1"}, "link='-1'"),
        ({"link": "٣"}, "is not a link number"),
        ({"link": "12345"}, "is not a link number"),
    ],
)
def test_a_wrong_address_is_named(given: dict[str, str], says: str) -> None:
    with pytest.raises(UserError, match=says):
        read_query("number", given)
