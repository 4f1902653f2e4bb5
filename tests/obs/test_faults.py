"""Whatever happens to an OBS, in whatever order: in the end it shows what is held, and nobody was switched behind their back."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.conftest import until
from tests.obs.controlled import Controlled
from tests.obs.fake import FakeObs

Take = Callable[..., Controlled]

SOURCES = ("库存", "价格", "倒计时")


@pytest.mark.parametrize("seed", range(6))
def test_the_last_values_land_after_any_faults(fake_obs: FakeObs, controlled: Take, seed: int) -> None:
    chance = random.Random(seed)
    with fake_obs.hand() as hand:
        for name in SOURCES:
            hand.text_source("Scene", name)
    room = controlled(fake_obs)
    held: dict[str, str] = {}
    studio = fake_obs.studio

    def hold() -> None:
        name = chance.choice(SOURCES)
        held[name] = str(chance.randrange(10**6))
        room.hold_text(name, held[name], settle=False)

    def overwrite() -> None:
        found = studio.now.inputs.get(chance.choice(SOURCES))
        if found is not None:
            found.settings["text"] = "oops"

    def rename_there_and_back() -> None:
        studio.loading = False
        with fake_obs.hand() as hand:
            name = chance.choice(SOURCES)
            hand.ask("SetInputName", inputName=name, newInputName=f"{name} 2")
            hold()
            hand.ask("SetInputName", inputName=f"{name} 2", newInputName=name)

    def change_collection_there_and_back() -> None:
        studio.loading = False
        with fake_obs.hand() as hand:
            name = f"other {len(studio.collections)}"
            hand.ask("CreateSceneCollection", sceneCollectionName=name)
            hold()
            hand.ask("SetCurrentSceneCollection", sceneCollectionName="Untitled")

    def restart() -> None:
        fake_obs.stop()
        hold()
        overwrite()
        fake_obs.start()

    def load() -> None:
        studio.loading = True

    faults: list[Callable[[], None]] = [
        *(hold,) * 4,
        fake_obs.cut,
        lambda: fake_obs.close_all(1001),
        fake_obs.say_nonsense,
        rename_there_and_back,
        change_collection_there_and_back,
        restart,
        load,
    ]
    for _ in range(25):
        chance.choice(faults)()
        if chance.random() < 0.3:
            studio.loading = False
            room.connected()
    studio.loading = False
    with fake_obs.hand() as hand:
        hand.scenes("somewhere new")  # makes it look at once
        until(lambda: all(hand.text(name) == text for name, text in held.items()), f"all of {held} is shown", 10)
        assert hand.program == "Scene"
    assert fake_obs.count("SetCurrentProgramScene") == 0
    until(lambda: room.status.connected and not room.status.problems, "nothing is wrong", 10)
    assert room.status.override_until is None
