"""The client of a room: what it sends, what it makes of answers, and that a repeat counts once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from overlaykit.api import NotFound, RoomClient, StoreAway, UserError
from overlaykit.model.commands import OrderReserve
from overlaykit.model.fields import Line

RESERVE = {"type": "order.reserve", "id": "c-1", "order": "o-1", "lines": [{"sku": "A", "quantity": 1}]}
ACCEPTED = {"id": "c-1", "status": "accepted", "seq": 2, "items": {"A": {"available": 9, "held": 1, "committed": 0}}}
DUPLICATE = {"id": "c-1", "status": "duplicate", "first": ACCEPTED}
PROBLEM = {"type": "urn:overlaykit:x", "title": "x", "status": 503, "detail": "the store is away"}


class Script:
    """Answers requests one after the other, and keeps them. An exception is raised instead."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def bodies(self) -> list[Any]:
        return [[json.loads(line) for line in request.content.splitlines()] for request in self.requests]


Ask = Callable[..., tuple[RoomClient, Script]]


@pytest.fixture
def ask() -> Iterator[Ask]:
    made: list[RoomClient] = []

    def make(*answers: httpx.Response | Exception, **options: Any) -> tuple[RoomClient, Script]:
        script = Script(*answers)
        options = {"patience": 5.0} | options
        room = RoomClient("http://room.test:8080", "token", transport=httpx.MockTransport(script), **options)
        made.append(room)
        return room, script

    yield make
    for room in made:
        room.close()


def away() -> httpx.Response:
    return httpx.Response(503, json=PROBLEM, headers={"Retry-After": "0"})


def ndjson(*outcomes: Any) -> httpx.Response:
    return httpx.Response(
        200, content="".join(f"{json.dumps(outcome, separators=(',', ':'))}\n" for outcome in outcomes)
    )


def test_a_command_goes_to_the_session_with_the_token(ask: Ask) -> None:
    room, script = ask(httpx.Response(200, json=ACCEPTED), session="evening")
    outcome = room.send(RESERVE)
    assert (outcome.status, outcome.seq, outcome.items["A"].available) == ("accepted", 2, 9)
    [request] = script.requests
    assert str(request.url) == "http://room.test:8080/api/v1/sessions/evening/commands"
    assert request.headers["Authorization"] == "Bearer token"
    assert json.loads(request.content) == RESERVE


def test_a_typed_command_is_sent_like_a_written_one(ask: Ask) -> None:
    room, script = ask(httpx.Response(200, json=ACCEPTED))
    room.send(OrderReserve(id="c-1", order="o-1", lines=(Line(sku="A", quantity=1),)))
    assert script.bodies() == [[RESERVE]]


def test_a_repeat_carries_the_same_id_and_gives_the_first_outcome(ask: Ask) -> None:
    room, script = ask(away(), httpx.ReadTimeout("slow"), httpx.Response(200, json=DUPLICATE))
    outcome = room.send({name: value for name, value in RESERVE.items() if name != "id"})
    assert (outcome.status, outcome.seq) == ("accepted", 2)
    ids = {body[0]["id"] for body in script.bodies()}
    assert len(script.requests) == 3
    assert len(ids) == 1


def test_a_duplicate_that_is_no_repeat_of_ours_is_told(ask: Ask) -> None:
    room, _ = ask(httpx.Response(200, json=DUPLICATE))
    assert room.send(RESERVE).status == "duplicate"


@pytest.mark.parametrize(("status", "outcome"), [(409, "conflict"), (422, "invalid"), (429, "refused")])
def test_what_comes_with_an_outcome_is_an_answer(ask: Ask, status: int, outcome: str) -> None:
    room, script = ask(httpx.Response(status, json=PROBLEM | {"outcome": {"id": "c-1", "status": outcome}}))
    assert room.send(RESERVE).status == outcome
    assert len(script.requests) == 1


def test_many_commands_keep_their_order_over_several_requests(ask: Ask) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        ids = [json.loads(line)["id"] for line in request.content.splitlines()]
        assert request.headers["Content-Type"] == "application/x-ndjson"
        assert len(ids) <= 500
        return ndjson(*({"id": id, "status": "accepted"} for id in ids))

    with RoomClient("http://room.test", "token", transport=httpx.MockTransport(answer)) as room:
        outcomes = list(room.send_all(RESERVE | {"id": f"c-{number}"} for number in range(1201)))
    assert [outcome.id for outcome in outcomes] == [f"c-{number}" for number in range(1201)]


@pytest.mark.parametrize(
    "cut", [ndjson({"id": "a", "status": "accepted"}), ndjson({"id": "a", "status": "accepted"}, PROBLEM)]
)
def test_a_bulk_answer_cut_short_is_asked_for_again(ask: Ask, cut: httpx.Response) -> None:
    first = {"id": "a", "status": "refused", "reason": "sold_out"}
    room, script = ask(
        cut, ndjson({"id": "a", "status": "duplicate", "first": first}, {"id": "b", "status": "accepted"})
    )
    outcomes = list(room.send_all([RESERVE | {"id": "a"}, RESERVE | {"id": "b"}]))
    assert [(outcome.id, outcome.status, outcome.reason) for outcome in outcomes] == [
        ("a", "refused", "sold_out"),
        ("b", "accepted", None),
    ]
    assert script.bodies()[0] == script.bodies()[1]


def test_patience_ends(ask: Ask) -> None:
    room, _ = ask(httpx.ConnectError("refused"), patience=0.2)
    with pytest.raises(StoreAway, match=r"no answer in 0\.2 s .*refused"):
        room.board()


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (401, UserError, "overlaykit token new"),
        (403, UserError, "scope"),
        (404, NotFound, "no such"),
        (410, UserError, "/board"),
    ],
)
def test_refusals_are_user_errors_in_the_rooms_words(ask: Ask, status: int, error: type[UserError], says: str) -> None:
    room, script = ask(httpx.Response(status, json={"detail": "no such thing"}))
    with pytest.raises(error, match=says) as caught:
        room.board()
    assert "no such thing" in str(caught.value)
    assert len(script.requests) == 1


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(200, json=[1])])
def test_something_else_at_that_address_is_named(ask: Ask, answer: httpx.Response) -> None:
    room, _ = ask(answer)
    with pytest.raises(UserError, match="no answer of a room"):
        room.board()


@pytest.mark.parametrize("address", ["room.test:8080", "ftp://room.test", "http://[", ""])
def test_a_wrong_address_is_a_user_error(address: str) -> None:
    with pytest.raises(UserError):
        RoomClient(address, "token")


def test_the_ledger_is_read_page_by_page(ask: Ask) -> None:
    pages = [{"entries": [{"seq": 3}, {"seq": 4}], "next": 4}, {"entries": [{"seq": 5}], "next": None}]
    room, script = ask(*(httpx.Response(200, json=page) for page in pages))
    assert [entry["seq"] for entry in room.ledger(2, limit=2)] == [3, 4, 5]
    assert [request.url.params["since"] for request in script.requests] == ["2", "4"]


def test_a_trimmed_ledger_has_no_plan_to_give(ask: Ask) -> None:
    room, _ = ask(httpx.Response(200, json={"entries": [{"seq": 9, "type": "order.commit"}], "next": None}))
    with pytest.raises(NotFound, match="trimmed"):
        room.plan()
