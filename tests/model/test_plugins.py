"""What plugins extend: secrets that do not leak, settings that know what belongs in a plan."""

import copy

import msgspec
import pytest

from overlaykit.model.connectors import Capability, Connector
from overlaykit.model.plugins import Action
from overlaykit.model.settings import Secret, Settings


class LampSettings(Settings, kw_only=True):
    secret: Secret
    spare: Secret | None = None
    port: int = 80
    rooms: list[str] = msgspec.field(default_factory=list)
    every: str = msgspec.field(default="3s", name="poll-every")


class Lamp(Connector[LampSettings]):
    name = "lamp"
    capabilities = frozenset({Capability.NOTIFY})


class BrightLamp(Lamp):
    name = "bright"


class Plain(Connector[Settings]):
    name = "plain"


class Flash(Action[LampSettings]):
    name = "flash"


def test_a_secret_shows_a_mask_wherever_it_is_printed() -> None:
    settings = LampSettings(secret=Secret("hunter2"))
    shown = [str(settings.secret), repr(settings.secret), f"{settings.secret}", repr(settings), repr([settings])]
    assert all("hunter2" not in text and "•••" in text for text in shown)
    assert settings.secret.reveal() == "hunter2"


def test_a_secret_cannot_be_encoded_by_accident() -> None:
    with pytest.raises(TypeError):
        msgspec.json.encode(LampSettings(secret=Secret("hunter2")))


def test_secrets_are_equal_by_text() -> None:
    assert Secret("a") == copy.deepcopy(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert {Secret("a"), Secret("a")} == {Secret("a")}
    assert not Secret("")


def test_settings_are_taken_from_the_brackets_and_inherited() -> None:
    assert Lamp.settings_type is LampSettings
    assert BrightLamp.settings_type is LampSettings
    assert Plain.settings_type is Settings
    assert Flash.arguments_type is LampSettings
    assert Lamp(LampSettings(secret=Secret("x"))).settings.port == 80


def test_a_plan_holds_everything_but_secrets() -> None:
    assert LampSettings.secret_names() == ("secret", "spare")
    in_plan = LampSettings.in_plan()
    found = msgspec.convert({"port": 81, "poll-every": "5s"}, in_plan)
    assert msgspec.structs.asdict(found) == {"port": 81, "rooms": [], "every": "5s"}
    with pytest.raises(msgspec.ValidationError, match="secret"):
        msgspec.convert({"secret": "hunter2"}, in_plan)
    with pytest.raises(msgspec.ValidationError, match="prot"):
        msgspec.convert({"prot": 81}, in_plan)


def test_settings_without_secrets_are_the_plan_type_themselves() -> None:
    class Quiet(Settings):
        level: int = 1

    assert Quiet.in_plan() is Quiet
