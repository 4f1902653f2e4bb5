"""What a process notes of its pages: bounded, without those that say nothing, and in spite of those that ask in vain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import gevent
import pytest

from overlaykit.errors import NotFound
from overlaykit.stock import overlays_key
from overlaykit.store import OverlayPage, connect, list_overlays
from overlaykit.web.overlays.query import OverlayQuery
from overlaykit.web.overlays.reports import NOTED_AT_MOST, Alive, Reports, Vitals

if TYPE_CHECKING:
    import redis

    from tests.conftest import StoreServer

pytestmark = pytest.mark.store


class FakePage:
    """An open page that is shown a session, or asks for one in vain."""

    theme = "classic"
    error = None

    def __init__(self, number: int, *, ledger: str | None, session: str = "s", says: bool = True) -> None:
        self.query = OverlayQuery(layout="bar", session=session)
        self.vitals = Vitals()
        self.ledger = ledger
        self.session = "s" if ledger else None
        if says:
            self.vitals.hear(report(f"{number:016x}"), "line", 1)


def report(page: str, seq: int = 1, line: str = "line") -> Alive:
    return Alive(
        page=page,
        seq=seq,
        line=line,
        width=1080,
        height=1920,
        visible=True,
        fps=60,
        dropped=0,
        long_tasks=0,
        shift=0.0,
        lag_ms=None,
    )


@pytest.fixture
def client(store: StoreServer) -> Iterator[redis.Redis]:
    with connect(store.url) as client:
        yield client


def noted(client: redis.Redis, ledger: str, condition: Callable[[list[OverlayPage]], bool]) -> list[OverlayPage]:
    with gevent.Timeout(10):
        while not condition(found := list_overlays(client, overlays_key(ledger))):
            gevent.sleep(0.02)
    return found


def test_the_pages_open_longest_are_noted_and_the_log_says_that_there_are_more(
    client: redis.Redis, ledger: str, caplog: pytest.LogCaptureFixture
) -> None:
    pages = [FakePage(number, ledger=ledger) for number in range(NOTED_AT_MOST + 5)]
    Reports(client, lambda: pages, lambda session: ledger).wake()
    found = noted(client, ledger, bool)
    assert {page.id for page in found} == {f"{number:016x}" for number in range(NOTED_AT_MOST)}
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    pages.clear()
    noted(client, ledger, lambda found: not any(page.open for page in found))


def test_pages_that_ask_in_vain_are_noted_where_their_session_is_known(client: redis.Redis, ledger: str) -> None:
    asked: list[str] = []

    def ledger_of(session: str) -> str:
        asked.append(session)
        if session == "nowhere":
            raise NotFound("there is no session nowhere")
        return ledger

    pages = [
        FakePage(1, ledger=None, session="current"),
        FakePage(2, ledger=None, session="current"),
        FakePage(3, ledger=None, session="nowhere"),
        FakePage(4, ledger=ledger, says=False),
        FakePage(5, ledger=ledger),
    ]
    Reports(client, lambda: pages, ledger_of).wake()
    found = noted(client, ledger, bool)
    assert sorted(page.id[-1] for page in found) == ["1", "2", "5"]
    pages.clear()
    noted(client, ledger, lambda found: not any(page.open for page in found))
    assert sorted(asked[:2]) == ["current", "nowhere"], "each is asked for once a round"


def test_a_page_on_another_line_has_shown_nothing_of_what_it_was_sent() -> None:
    vitals = Vitals()
    vitals.hear(report("a" * 16, seq=90, line="old"), "new", 40)
    assert vitals.behind == 0, "the new line may have begun this moment"
    vitals.hear(report("a" * 16, seq=90, line="old"), "new", 45)
    assert vitals.behind == 40
    vitals.hear(report("a" * 16, seq=45, line="new"), "new", 45)
    assert vitals.behind == 0
