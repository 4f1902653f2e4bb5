"""A room that is loaded anew: whoever looks meanwhile sees one thing or the other, never half of each."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from overlaykit.stock import SessionRecord
from overlaykit.web.rooms import Room, room
from overlaykit.web.services import Services


def test_until_all_is_there_a_room_shows_what_it_had(monkeypatch: pytest.MonkeyPatch) -> None:
    states = [SimpleNamespace(seq=seq, epoch=epoch) for seq, epoch in ((7, "one"), (9, "two"))]
    engine = SimpleNamespace(state=lambda: states.pop(0))
    services = SimpleNamespace(engine=lambda ledger: engine, client=None)
    evening = Room(
        cast(SessionRecord, SimpleNamespace(id="evening", ledger="evening")), cast(Services, cast(Any, services))
    )
    shown: list[tuple[int, int, int, str]] = []

    def look() -> None:
        view = cast(Any, evening.view())
        shown.append((evening.seq, view.seq, evening.generation, evening.line))

    def ask_the_store(*asked: Any) -> list[Any]:
        if evening.generation:
            look()
        return []

    monkeypatch.setattr(room, "Fold", SimpleNamespace(from_state=lambda state: state))
    monkeypatch.setattr(room, "BoardView", lambda fold, **asked: fold)
    monkeypatch.setattr(room, "tail_read", ask_the_store)
    for _ in range(2):
        evening.start()
        evening.stop()
        look()
    before, after = (7, 7, 1, "evening/one"), (9, 9, 2, "evening/two")
    assert shown == [before, before, after]
