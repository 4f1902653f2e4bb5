"""The open overlay pages of a room: who is there, who left, and whose web process died."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
import pytest

from overlaykit.errors import StoreAway
from overlaykit.store import (
    OverlayPage,
    OverlayReport,
    connect,
    connect_async,
    list_overlays,
    list_overlays_async,
    overlay_query,
)
from overlaykit.store.overlays import NOTE_HOLDS, PAGES_AT_MOST, REMEMBERED, note_overlays, read_overlays

if TYPE_CHECKING:
    import redis

    from tests.conftest import StoreServer

NOW = 1_900_000_000_000
SECOND = 1000


def report(layout: str = "bar", *, sku: str | None = None, open_ms: int = 0, **said: object) -> OverlayReport:
    query = overlay_query(layout, [("sku", sku or "")])
    given = {"layout": layout, "query": query, "sku": sku, "open_ms": open_ms, "silent_ms": 0, **said}
    return msgspec.convert(given, OverlayReport)


def answer(*pages: tuple[str, int, OverlayReport]) -> list[OverlayPage]:
    """What a reader makes of pages: (name, until, report)."""
    fields: list[object] = [NOW]
    for name, until, said in pages:
        fields += [name.encode(), str(until).encode(), msgspec.json.encode(said)]
    return read_overlays(fields)


def state(until: int = NOW + NOTE_HOLDS, **said: object) -> str:
    [page] = answer(("a", until, report(**said)))  # type: ignore[arg-type]
    return page.state


def test_the_worst_that_is_true_of_a_page_is_its_state() -> None:
    assert state() == "live"
    assert state(lag_ms=40) == "live"
    assert state(lag_ms=1400) == "behind"
    assert state(behind=3) == "behind"
    assert state(visible=False, behind=3) == "hidden"
    assert state(silent_ms=5 * SECOND) == "late"
    assert state(silent_ms=5 * SECOND, error="no sku Z") == "error"
    assert state(NOW - 1, error="no sku Z") == "closed"


def test_a_hidden_page_may_be_silent_for_a_minute() -> None:
    assert state(visible=False, silent_ms=60 * SECOND) == "hidden"
    assert state(visible=False, silent_ms=90 * SECOND) == "late"


def test_ages_become_times_of_the_store() -> None:
    [page] = answer(("a", NOW + NOTE_HOLDS - 300, report(open_ms=60 * SECOND, silent_ms=700)))
    assert page.since == NOW - 300 - 60 * SECOND
    assert page.heard == NOW - 300 - 700
    [closed] = answer(("a", NOW - 7 * SECOND, report()))
    assert closed.heard == NOW - 7 * SECOND


def test_a_reloaded_page_takes_the_place_of_the_one_before() -> None:
    first = ("first", NOW - 60 * SECOND, report(open_ms=600 * SECOND))
    second = ("second", NOW - 30 * SECOND, report(open_ms=29 * SECOND))
    third = ("third", NOW + NOTE_HOLDS, report(open_ms=29 * SECOND))
    assert [page.id for page in answer(third, first, second)] == ["third"]


def test_a_page_that_was_open_beside_another_takes_nobodys_place() -> None:
    gone = ("gone", NOW - 60 * SECOND, report(open_ms=600 * SECOND))
    beside = ("beside", NOW + NOTE_HOLDS, report(open_ms=600 * SECOND))
    other = ("other", NOW + NOTE_HOLDS, report(sku="B", open_ms=10 * SECOND))
    assert [(page.id, page.state) for page in answer(gone, beside, other)] == [
        ("gone", "closed"),
        ("beside", "live"),
        ("other", "live"),
    ]


def test_one_page_takes_one_place_alone() -> None:
    gone = [(f"gone-{n}", NOW - (60 + n) * SECOND, report(open_ms=600 * SECOND)) for n in range(3)]
    back = ("back", NOW + NOTE_HOLDS, report(open_ms=10 * SECOND))
    assert sorted(page.id for page in answer(*gone, back)) == ["back", "gone-1", "gone-2"]


def test_the_upright_picture_takes_no_place_of_the_other() -> None:
    upright = ("upright", NOW - 60 * SECOND, report(open_ms=600 * SECOND, width=1080, height=1920))
    other = ("other", NOW + NOTE_HOLDS, report(open_ms=10 * SECOND, width=1920, height=1080))
    assert {page.id: page.state for page in answer(upright, other)} == {"upright": "closed", "other": "live"}


@pytest.fixture
def key(ledger: str) -> str:
    return f"test:{{{ledger}}}:overlays"


@pytest.mark.store
def test_pages_of_two_processes_are_read_as_one_room(client: redis.Redis, key: str) -> None:
    note_overlays(client, key, {"a": report("bar", sku="裙"), "b": report("number", open_ms=5)}, [])
    note_overlays(client, key, {"c": report("bar")}, [])
    pages = list_overlays(client, key)
    assert [(page.id, page.report.layout, page.state) for page in pages] == [
        ("c", "bar", "live"),
        ("a", "bar", "live"),
        ("b", "number", "live"),
    ]
    assert pages[1].report == report("bar", sku="裙")


@pytest.mark.store
def test_a_page_that_left_is_closed_and_one_that_comes_back_is_open(client: redis.Redis, key: str) -> None:
    note_overlays(client, key, {"a": report()}, [])
    note_overlays(client, key, {}, ["a", "never-noted"])
    [page] = list_overlays(client, key)
    assert page.state == "closed"
    assert page.now - page.heard < 10 * SECOND
    note_overlays(client, key, {"a": report()}, [])
    assert [page.state for page in list_overlays(client, key)] == ["live"]


@pytest.mark.store
def test_pages_of_a_process_that_died_close_by_themselves_and_are_forgotten(client: redis.Redis, key: str) -> None:
    note_overlays(client, key, {"dead": report(), "long-dead": report()}, [])
    [now] = {page.now for page in list_overlays(client, key)}
    client.zadd(f"{key}:until", {"dead": now - 1, "long-dead": now - REMEMBERED - SECOND})  # as time would have it
    note_overlays(client, key, {"b": report("number")}, [])
    assert [(page.id, page.state) for page in list_overlays(client, key)] == [("dead", "closed"), ("b", "live")]
    assert client.hlen(key) == 2
    for each in (key, f"{key}:until"):
        assert 0 < client.pttl(each) <= NOTE_HOLDS + REMEMBERED, "a room nobody looks at any more leaves nothing behind"


@pytest.mark.store
def test_a_flood_of_pages_is_bounded_and_those_that_are_open_stay(client: redis.Redis, key: str) -> None:
    note_overlays(client, key, {f"old-{n}": report(sku=str(n)) for n in range(PAGES_AT_MOST)}, [])
    note_overlays(client, key, {}, [f"old-{n}" for n in range(PAGES_AT_MOST)])
    note_overlays(client, key, {"new": report("number")}, [])
    pages = list_overlays(client, key)
    assert len(pages) == PAGES_AT_MOST
    assert [page.state for page in pages if page.id == "new"] == ["live"]


@pytest.mark.store
def test_an_asynchronous_process_reads_the_same(any_store: StoreServer, client: redis.Redis, key: str) -> None:
    note_overlays(client, key, {"a": report(error="no sku Z")}, [])

    async def read() -> list[OverlayPage]:
        async with connect_async(any_store.url) as reader:
            assert await list_overlays_async(reader, f"{key}-of-nobody") == []
            return await list_overlays_async(reader, key)

    [page] = asyncio.run(read())
    assert (page.id, page.state, page.report.error) == ("a", "error", "no sku Z")


def test_a_store_that_is_away_is_said_to_be(free_port: int, key: str) -> None:
    with connect(f"redis://127.0.0.1:{free_port}/0") as client:
        with pytest.raises(StoreAway):
            note_overlays(client, key, {"a": report()}, [])
        with pytest.raises(StoreAway):
            list_overlays(client, key)
