"""The OBS instances of a session: of which of them it is told that they are away."""

from __future__ import annotations

import asyncio
import logging

import pytest

from overlaykit.director.equipment import Equipment
from overlaykit.director.instances import Instances
from overlaykit.director.obs import Address, Reach
from overlaykit.model.notes import AnyNote, ObsChanged, ObsState
from overlaykit.model.sessions import SessionPlan
from tests.conftest import free_tcp_port


@pytest.mark.parametrize(
    ("session", "known", "told"),
    [
        ("evening", {}, ["main"]),
        ("evening-play-1", {}, []),
        ("evening-play-1", {"main": ObsState(connected=True)}, ["main"]),
    ],
    ids=["in a session", "never in a play", "in a play that had it"],
)
def test_who_is_missed_when_nobody_answers(session: str, known: dict[str, ObsState], told: list[str]) -> None:
    nobody = Equipment(obs_reach=lambda name, settings: Reach(Address(port=free_tcp_port()), None))
    plan = SessionPlan(
        id=session, ledger=session, title="", items=(), locations=(), channels=(), later={"obs": {"main": {}}}
    )
    notes: list[AnyNote] = []

    async def story() -> None:
        instances = Instances(
            plan, nobody, str, lambda id, note, source: notes.append(note), logging.getLogger("tests")
        )
        instances.start(known)
        while not instances.controllers["main"].status.problems:
            await asyncio.sleep(0.01)
        await instances.let_go(known)

    asyncio.run(asyncio.wait_for(story(), 20))
    changes = [note for note in notes if isinstance(note, ObsChanged)]
    assert sorted({note.obs for note in changes}) == told
    assert [note.obs for note in changes if not note.state.wanted] == told, (
        "what was told is let go once, and missed by nobody"
    )
