"""Which of several variants a picture is about."""

from __future__ import annotations

import msgspec
import pytest

from overlaykit.board import first_choice
from tests.board.conftest import Story


@pytest.mark.parametrize(
    ("states", "chosen"),
    [
        (["sold_out", "upcoming", "low"], 2),
        (["upcoming", "presale", "on_sale"], 1),
        (["closed", "upcoming", "sold_out"], 1),
        (["sold_out", "closed"], 0),
    ],
)
def test_what_can_be_bought_comes_first(story: Story, states: list[str], chosen: int) -> None:
    coat, variants = story.item("coat"), []
    for place, state in enumerate(states):
        variants.append(msgspec.structs.replace(coat, sku=str(place), state=state))
    assert first_choice(variants).sku == str(chosen)
