"""Fixtures for the tests of plugin authors: `pytest_plugins = ["overlaykit.testing.fixtures"]` in the test's module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest

from overlaykit.testing.platforms import FakePlatform
from overlaykit.testing.rooms import RunningRoom

P = TypeVar("P", bound=FakePlatform)


@pytest.fixture
def fake_platform() -> Iterator[Callable[[type[P]], P]]:
    """Starts made-up platforms: `acme = fake_platform(FakeAcme)`. They end with the test, which fails when one of them failed."""
    started: list[FakePlatform] = []

    def start(kind: type[P]) -> P:
        platform = kind()
        started.append(platform)
        return platform

    yield start
    for platform in started:
        platform.close()
    for platform in started:
        assert not platform.failures, f"the made-up platform failed:\n{platform.failures[0]}"


@pytest.fixture
def running_room(tmp_path: Path) -> Iterator[Callable[..., RunningRoom]]:
    """Starts rooms, with what RunningRoom takes after its folder: `room = running_room(PLAN, plugins=[…], secrets={…})`."""
    with ExitStack() as stack:
        count = 0

        def start(
            plan: str | Path, *, plugins: Sequence[Path] = (), secrets: Mapping[str, str] | None = None
        ) -> RunningRoom:
            nonlocal count
            folder = tmp_path / f"room-{count}"
            folder.mkdir()
            count += 1
            return stack.enter_context(RunningRoom(folder, plan, plugins=plugins, secrets=secrets))

        yield start
