"""In a play made-up platforms take the place of the real ones, and a made-up crowd buys there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from overlaykit.config import bundled_folder
from overlaykit.inbox.apps import apps_of
from overlaykit.model.connectors import Connector
from overlaykit.model.plugins import StandIn
from overlaykit.model.sessions import SessionPlan
from overlaykit.model.settings import Secret, Settings
from overlaykit.plan import load_plan
from overlaykit.pluginhost.targets import settings_of, targets_of, wanted_secrets
from overlaykit.runtime.crowd import Crowd
from overlaykit.runtime.standing_in import with_stand_ins

PLAN = """
id = "night"
title = "大促之夜"
item = [
  { link = 1, sku = "coat", title = "大衣", price = "899.00", opening = 100 },
  { link = 2, sku = "hat", title = "帽子", price = "59.00", opening = 50 },
]
[channel.acme]
connector = "acme"
sells = "by_itself"
share = "50%"
settings = { shop = "s-1", base_url = "https://acme.example" }
skus = { "A-1" = "coat" }
[channel.other]
connector = "other"
"""


class AcmeSettings(Settings):
    secret: Secret
    shop: str
    base_url: str


class Acme(Connector[AcmeSettings]):
    name = "acme"


class MadeUpAcme(StandIn):
    connector = "acme"

    @classmethod
    def settings(cls, url: str) -> Mapping[str, str]:
        return {"secret": "made up", "base_url": url}


class NoSecrets:
    def find(self, section: str, name: str, field: str) -> Secret | None:
        raise AssertionError("a play needs no real secrets")


@pytest.fixture
def plan(tmp_path: Path) -> SessionPlan:
    (tmp_path / "session.toml").write_text(PLAN, encoding="utf-8")
    return replace(load_plan(tmp_path).session, id="night-play-1", ledger="night-play-1")


def test_a_channel_of_a_play_reaches_the_made_up_platform_with_settings_and_an_address_of_its_own(
    plan: SessionPlan,
) -> None:
    played, order = with_stand_ins(plan, {"acme": MadeUpAcme}, room="http://127.0.0.1:8080", speed=3)
    assert order is not None
    (stood_in,) = order.channels
    assert (stood_in.channel, stood_in.connector, order.speed) == ("acme", "acme", 3)
    assert stood_in.hook == "http://127.0.0.1:8080/hooks/night-play-1-acme"
    assert stood_in.skus == {"A-1": "coat", "hat": "hat"}

    assert set(apps_of(played)) == {"night-play-1-acme"}, "what has no stand-in hears nothing in a play"
    target = next(each for each in targets_of(played) if each.name == "acme")
    assert wanted_secrets(played, {"acme": Acme}) == []
    assert [each.field for each in wanted_secrets(plan, {"acme": Acme})] == ["secret"]
    settings = settings_of(target, AcmeSettings, NoSecrets())
    assert isinstance(settings, AcmeSettings)
    assert settings.secret.reveal() == "made up"
    assert (settings.shop, settings.base_url) == ("s-1", f"http://127.0.0.1:{stood_in.port}")


def test_a_play_without_stand_ins_is_as_it_was_and_reaches_nobody(plan: SessionPlan) -> None:
    assert with_stand_ins(plan, {}, room="http://127.0.0.1:8080", speed=1) == (plan, None)
    assert apps_of(plan) == {}


def test_the_samples_platforms_have_stand_ins() -> None:
    plan = load_plan(bundled_folder() / "sample_sessions" / "three_platforms").session
    assert [each.connector for each in plan.channels] == ["douyin", "wechat_channels", "shopify", None]


def test_a_crowd_is_the_same_for_the_same_seed_and_wants_what_is_on_air() -> None:
    def evening(seed: str) -> list[tuple[str, int, str]]:
        crowd = Crowd(seed, {"coat": 400, "hat": 100})
        crowd.watch(["coat"], 0.0)
        return [wish for tenth in range(600) for wish in crowd.wishes(tenth / 10)]

    once = evening("a")
    assert once == evening("a") != evening("b")
    coats = sum(sku == "coat" for sku, _, _ in once)
    assert coats > 0.8 * len(once)
    assert 100 < sum(quantity for _, quantity, _ in once) < 1_200
    assert len({buyer for _, _, buyer in once}) == len(once)


def test_most_orders_are_paid_soon_and_the_others_are_given_up() -> None:
    crowd = Crowd("a", {"coat": 400})
    for number in range(200):
        crowd.ordered(f"o{number}", 0.0)
    soon, later = crowd.due(7.0), crowd.due(60.0)
    assert {what for what, _ in soon} == {"pay"}
    assert {what for what, _ in later} == {"cancel"}
    assert len(soon) + len(later) == 200
    assert len(soon) > 150
