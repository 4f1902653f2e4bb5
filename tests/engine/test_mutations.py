"""Would this suite notice a bug? Each of the known ones is seeded into the script, and something here has to fail."""

from __future__ import annotations

import importlib
import inspect
import secrets
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ResponseError

from overlaykit.errors import StoreBehind, StoreError
from overlaykit.store import Script
from tests.conftest import StoreServer
from tests.engine.conftest import scenes
from tests.engine.machine import run_machine
from tests.engine.mutations import MUTATIONS, Mutation, mutated

Story = Callable[..., Any]
TOPICS = sorted(path.stem.removeprefix("test_scenarios_") for path in Path(__file__).parent.glob("test_scenarios_*.py"))


def stories(first: str) -> Iterator[tuple[str, Story]]:
    """The tests that take nothing but a scene and what they are parametrized with, those of one topic before all others."""
    assert first in TOPICS
    for topic in [first, *(topic for topic in TOPICS if topic != first)]:
        module = importlib.import_module(f"tests.engine.test_scenarios_{topic}")
        for name, story in vars(module).items():
            if not name.startswith("test_"):
                continue
            for arguments in parameters(story):
                if inspect.signature(story).parameters.keys() - arguments == {"scene"}:
                    yield f"{topic}: {name.removeprefix('test_').replace('_', ' ')}", partial(story, **arguments)


def parametrized(mark: pytest.Mark) -> list[dict[str, Any]]:
    """Each case of one `parametrize`, as keyword arguments."""
    names, cases = mark.args
    if isinstance(names, str):
        names = [name.strip() for name in names.split(",")]
    return [dict(zip(names, case if len(names) > 1 else [case], strict=True)) for case in cases]


def parameters(story: Story) -> Iterator[dict[str, Any]]:
    """Each case of a test; one without arguments where it is not parametrized."""
    marks = [mark for mark in getattr(story, "pytestmark", []) if mark.name == "parametrize"]
    for cases in product(*map(parametrized, marks)):
        yield {name: value for case in cases for name, value in case.items()}


def fails(check: Callable[[], object], script: Script | None = None) -> bool:
    """Whether the check fails, with this script or the healthy one. A script that cannot even be loaded is a bad mutation."""
    try:
        with pytest.MonkeyPatch.context() as patch:
            # Nobody reads how they differ, and of two evenings that can take minutes to say.
            patch.setattr("_pytest.assertion.util._reprcompare", None)
            if script is not None:
                patch.setattr("overlaykit.stock.engine.command_script", lambda: script)
            check()
    except ResponseError as error:
        if "compiling" in str(error):
            raise
        return True
    except (AssertionError, StoreBehind, StoreError):
        return True
    return False


def catch(store: StoreServer, topic: str, script: Script) -> str | None:
    """The first check of this suite that the script fails, and that the healthy one passes; None when there is none."""
    for name, story in stories(topic):
        check: Callable[[], object] = partial(tell, store, story)
        if fails(check, script) and not fails(check):
            return name
    for split in (False, True):
        run = partial(run_machine, store.url, split=split, rates=split, examples=40, steps=40, shrink=False)
        check = partial(run, derandomize=True)
        if fails(check, script) and not fails(check):
            return "the machine"
    return None


def tell(store: StoreServer, story: Story) -> None:
    with scenes(store.url, "mutant-" + secrets.token_hex(5)) as scene:
        story(scene)


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[list[tuple[str, str]]]:
    """Bug and what caught it, printed at the end."""
    caught: list[tuple[str, str]] = []
    yield caught
    capture = request.config.pluginmanager.get_plugin("capturemanager")
    if capture is not None and caught:
        width = max(len(name) for name, _ in caught)
        with capture.global_and_fixture_disabled():
            print(f"\n{len(caught)} of {len(MUTATIONS)} seeded bugs were caught:")
            for name, by in caught:
                print(f"  {name:<{width}}  {by}")


@pytest.mark.store
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name.replace(" ", "-"))
def test_a_seeded_bug_is_caught(store: StoreServer, mutation: Mutation, table: list[tuple[str, str]]) -> None:
    by = catch(store, mutation.topic, mutated(mutation))
    assert by is not None, f"nothing noticed that {mutation.name}"
    table.append((mutation.name, by))


def test_names_of_bugs_are_their_own() -> None:
    names = [mutation.name for mutation in MUTATIONS]
    assert len(names) == len(set(names)) >= 15
