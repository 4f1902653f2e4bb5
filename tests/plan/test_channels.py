"""Channels: the apps that they share, and what their platforms' skus are in this plan."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.model.sessions import Channel, Mapped
from overlaykit.plan import LoadedPlan
from tests.plan.conftest import SMALL, Refused

Load = Callable[..., LoadedPlan]

TWO_SHOPS = f"""{SMALL}
[channel.north]
connector = "some_shop"
app = "tea"
shop = "1"
[channel.tea]
connector = "some_shop"
shop = "2"
skus = {{ "900" = "a", "901" = {{ sku = "a", quantity = 6 }} }}
settings = {{ region = "cn" }}
"""


def test_channels_of_one_app_share_what_stands_at_the_one_called_so(load: Load) -> None:
    loaded = load(TWO_SHOPS)
    plan = loaded.session
    assert {app: [channel.name for channel in channels] for app, channels in plan.apps.items()} == {
        "tea": ["tea", "north"]
    }
    assert plan.channels[1].skus == {"900": Mapped("a"), "901": Mapped("a", 6)}
    assert [settings.path for settings in loaded.settings] == [("channel", "tea", "settings")]


def test_where_none_is_called_as_the_app_the_first_has_its_settings(load: Load) -> None:
    loaded = load(TWO_SHOPS.replace("[channel.tea]", '[channel.south]\napp = "tea"').replace("settings =", "# "))
    assert [channel.name for channel in loaded.session.apps["tea"]] == ["north", "south"]
    assert [settings.path for settings in loaded.settings] == [("channel", "north", "settings")]


def test_a_channel_is_its_own_app_unless_it_says_so(load: Load) -> None:
    plan = load(f'{SMALL}[channel.shop]\nconnector = "some_shop"\n[channel.api]\n').session
    assert plan.channels == (
        Channel(name="shop", title="shop", connector="some_shop", app="shop", every=10.0, lag=5.0, push=True),
        Channel(name="api", title="api"),
    )
    assert list(plan.apps) == ["shop"]


@pytest.mark.parametrize(
    ("before", "after", "section", "key", "nearest", "says"),
    [
        ('"900" = "a"', '"900" = "A"', "[channel.tea]", "skus.900", "a", "no item with the sku A"),
        ('{ sku = "a", q', '{ sku = "b", q', "[channel.tea]", "skus.901.sku", None, "no item with the sku b"),
        ("quantity = 6", "quantity = 0", "[channel.tea]", "skus.901.quantity", None, "0 is not possible"),
        ("quantity = 6", "quanity = 6", "[channel.tea]", "skus.901.quanity", "quantity", "unknown key"),
        ('"900" = "a"', '" 900" = "a"', "[channel.tea]", "skus. 900", None, "spaces at its start"),
        ('shop = "1"', "", "[channel.north]", "shop", None, "each needs its `shop`"),
        ('shop = "1"', 'shop = "2"', "[channel.tea]", "shop", None, "is [channel.north] already"),
        ('app = "tea"\nshop = "1"', 'app = "te"\nshop = "1"\npush = "no"', "[channel.north]", "push", None, '"no"'),
        ('"some_shop"\napp', '"other"\napp', "[channel.north]", "connector", None, "whose connector is some_shop"),
        ('shop = "1"', 'shop = "1"\nsettings = {}', "[channel.north]", "settings", None, "those of [channel.tea]"),
        ('connector = "some_shop"\nshop', "shop", "[channel.tea]", "skus", None, "without a `connector`"),
    ],
)
def test_what_is_wrong_is_named(
    refused: Refused, before: str, after: str, section: str, key: str, nearest: str | None, says: str
) -> None:
    assert before in TWO_SHOPS
    found = {problem.key: problem for problem in refused(TWO_SHOPS.replace(before, after, 1))}
    assert key in found, found
    assert (found[key].section, found[key].nearest) == (section, nearest)
    assert says in found[key].text("en")
    assert found[key].text("zh") != found[key].text("en")


def test_a_share_that_is_wrong_is_told_once(refused: Refused) -> None:
    said = refused(f'{SMALL}[channel.shop]\nsells = "by_itself"\nshare = "60"\n')
    assert [problem.key for problem in said] == ["share"]


def test_a_channel_sells_all_items_or_those_that_it_says(load: Load) -> None:
    loaded = load(f'{SMALL}[channel.shop]\nconnector = "some_shop"\nsells_only = ["a*"]\n[channel.api]\n')
    shop, api = loaded.session.channels
    assert [shop.offers(sku) for sku in ("a", "a-2", "b")] == [True, True, False]
    assert api.offers("b")


def test_what_is_named_and_not_sold_is_a_mistake(refused: Refused) -> None:
    text = f'{SMALL}[channel.shop]\nconnector = "some_shop"\nsells_only = ["coat-*"]\nskus = {{ "900" = "a" }}\n'
    unknown, clash = refused(text)
    assert (unknown.section, unknown.key) == ("[channel.shop]", "sells_only[1]")
    assert "no item has a sku like coat-*" in unknown.what.en
    assert "900 is a here" in clash.what.en
