"""An OBS of either make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from overlaykit.director.obs import ObsSettings
from overlaykit.director.obs.wanted import Wanted
from overlaykit.model.notes import ObsState
from tests.obs.controlled import Controlled
from tests.obs.fake import FakeObs
from tests.obs.real import RealObs


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.obs)])
def any_obs(request: pytest.FixtureRequest) -> FakeObs | RealObs:
    """The fake, then a real one: what holds on both is what the fake may be trusted with."""
    found: Any = request.getfixturevalue(f"{request.param}_obs")
    assert isinstance(found, (FakeObs, RealObs))
    return found


@pytest.fixture
def controlled() -> Iterator[Callable[..., Controlled]]:
    """Takes control of an OBS: `controlled(obs)`, `controlled(obs, manual_override=0.5)`. Connected when it comes back, unless
    `wait` is False."""
    made: list[Controlled] = []

    def take(
        obs: FakeObs | RealObs,
        *,
        wait: bool = True,
        name: str = "main",
        known: ObsState | None = None,
        wanted: Wanted | None = None,
        missed: bool = True,
        **settings: Any,
    ) -> Controlled:
        made.append(Controlled(obs, ObsSettings(**settings), name, known, wanted, missed))
        return made[-1].connected() if wait else made[-1]

    yield take
    for each in made:
        each.stop()
