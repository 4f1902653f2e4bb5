"""The second step: settings tables and do entries, checked against the types of plugins and actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import pytest
from msgspec import Meta, Struct, field

from overlaykit.model.settings import Secret, Settings
from overlaykit.plan import LoadedPlan, Problem, check_extensions
from tests.plan.conftest import EVENING

Load = Callable[..., LoadedPlan]


class ShopSettings(Settings):
    secret: Secret
    old: tuple[Secret, ...]
    shop: str
    region: Literal["cn", "sea"] = "cn"


class PollSettings(Settings, kw_only=True):
    path: str
    keys: list[Secret]
    old_keys: tuple[Secret, ...] | None = None
    columns: dict[str, str] = field(default_factory=dict)
    limit: Annotated[int, Meta(ge=1)] = 10


class SceneFields(Struct, forbid_unknown_fields=True, rename={"for_": "for"}):
    scene: str
    obs: str | None = None
    for_: str | None = None


class ChatFields(Struct, forbid_unknown_fields=True):
    text: str

    def __post_init__(self) -> None:
        if "坏" in self.text:
            raise ValueError("text must not be bad")


SETTINGS: dict[tuple[str, str], type[Struct]] = {
    ("channel", "some_shop"): ShopSettings,
    ("source", "file_poll"): PollSettings,
}
ACTIONS: dict[str, type[Struct]] = {"obs.scene": SceneFields, "chat": ChatFields}
KNOWN = {
    "channel": ["some_shop", "generic_webhook"],
    "source": ["some_erp", "file_poll"],
    "notifier": ["robot"],
    "action": ["obs.scene", "chat", "next_item", "stock"],
    "theme": ["classic"],
}


@pytest.fixture
def check(load: Load) -> Callable[[str, str], list[Problem]]:
    """Problems of the evening's plan after one replacement in it."""

    def check_changed(before: str = "", after: str = "") -> list[Problem]:
        assert before in EVENING
        return check_extensions(
            load(EVENING.replace(before, after, 1)),
            settings_type=lambda kind, plugin: SETTINGS.get((kind, plugin)),
            action_type=ACTIONS.get,
            known=KNOWN,
        )

    return check_changed


def test_a_plan_that_fits_its_plugins(check: Callable[..., list[Problem]]) -> None:
    assert check() == []


def test_several_secrets_of_one_field_stand_in_no_plan_either(check: Callable[..., list[Problem]]) -> None:
    [problem] = check('path = "count.csv"', 'path = "count.csv", keys = ["x"]')
    assert (problem.section, problem.key) == ("[source.sheet]", "settings.keys")
    assert "secrets never stand in a plan" in problem.text("en")


@pytest.mark.parametrize(
    ("before", "after", "section", "key", "nearest", "says"),
    [
        ('{ shop = "778899" }', '{ shpo = "7" }', "[channel.tiktok]", "settings.shpo", "shop", "unknown key"),
        ('{ shop = "778899" }', "{ shop = 778899 }", "[channel.tiktok]", "settings.shop", None, "does not fit"),
        ('shop = "778899"', 'shop = "1", region = "se"', "[channel.tiktok]", "settings.region", "sea", "does not fit"),
        ('shop = "778899"', 'shop = "1", secret = "x"', "[channel.tiktok]", "settings.secret", None, "secrets never"),
        ('settings = { path = "count.csv"', "settings = { path = 1", "[source.sheet]", "settings.path", None, "1 does"),
        ('{ sku = "编码" }', "{ sku = 3 }", "[source.sheet]", "settings.columns.sku", None, "3 does not fit"),
        ('path = "count.csv"', 'path = "c", limit = 0', "[source.sheet]", "settings.limit", None, ">= 1"),
        ('scene = "特写"', 'scen = "特写"', "[[rule]] 1 (nearly-gone)", "do[1].scen", "scene", "unknown key"),
        (
            'action = "obs.scene"',
            'action = "obs.scnee"',
            "[[rule]] 1 (nearly-gone)",
            "do[1].action",
            "obs.scene",
            "no action",
        ),
        ("快没了", "坏", "[[rule]] 1 (nearly-gone)", "do[2]", None, "must not be bad"),
        (
            'connector = "some_shop"',
            'connector = "some_shpo"',
            "[channel.tiktok]",
            "connector",
            "some_shop",
            "no plugin",
        ),
        ('plugin = "robot"', 'plugin = "robbot"', "[notifier.group]", "plugin", "robot", "no plugin"),
        ('theme = "classic"', 'theme = "clasic"', None, "theme", "classic", "no theme"),
        ('action = "stock"', 'action = "stocks"', "[emergency.oversold]", "do[1].action", "stock", "no action"),
    ],
)
def test_what_does_not_fit_has_its_place(
    check: Callable[..., list[Problem]],
    before: str,
    after: str,
    section: str | None,
    key: str,
    nearest: str | None,
    says: str,
) -> None:
    problems = check(before, after)
    found = [problem for problem in problems if problem.key == key]
    assert found, [problem.text() for problem in problems]
    text = EVENING.replace(before, after, 1)
    place = text.split("\n")[(found[0].line or 0) - 1]
    assert key.rpartition(".")[2].partition("[")[0] in place or "action" in place
    assert (found[0].section, found[0].nearest) == (section, nearest)
    assert says in found[0].what.en


def test_a_required_setting_is_missed_but_a_secret_is_not(check: Callable[..., list[Problem]]) -> None:
    problems = check('settings = { shop = "778899" }', "")
    assert [(problem.section, problem.key) for problem in problems] == [("[channel.tiktok]", "settings.shop")]
    assert problems[0].line == EVENING[: EVENING.index("[channel.tiktok]")].count("\n") + 1


def test_kinds_without_known_names_are_not_checked_for_names(load: Load) -> None:
    assert check_extensions(load(EVENING), settings_type=lambda kind, plugin: None, action_type=lambda name: None) == []


def test_raw_tables_are_kept_with_their_place(load: Load) -> None:
    loaded = load(EVENING)
    assert [(table.kind, table.plugin, table.path) for table in loaded.settings] == [
        ("channel", "some_shop", ("channel", "tiktok", "settings")),
        ("source", "some_erp", ("source", "erp", "settings")),
        ("source", "file_poll", ("source", "sheet", "settings")),
        ("notifier", "robot", ("notifier", "group", "settings")),
    ]
    assert [(entry.action, entry.path) for entry in loaded.do] == [
        ("obs.scene", ("rule", 0, "do", 0)),
        ("chat", ("rule", 0, "do", 1)),
        ("next_item", ("rule", 1, "do", 0)),
        ("stock", ("emergency", "oversold", "do", 0)),
    ]
