"""An OBS of either make."""

from __future__ import annotations

from typing import Any

import pytest

from tests.obs.fake import FakeObs
from tests.obs.real import RealObs


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.obs)])
def any_obs(request: pytest.FixtureRequest) -> FakeObs | RealObs:
    """The fake, then a real one: what holds on both is what the fake may be trusted with."""
    found: Any = request.getfixturevalue(f"{request.param}_obs")
    assert isinstance(found, (FakeObs, RealObs))
    return found
