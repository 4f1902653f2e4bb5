"""A personal hold: the buyer's own key to the seconds left, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from overlaykit.stock import hold_token
from tests.conftest import StoreServer, until
from tests.web.conftest import Answer, Web


def personal(web: Web, order: str, **more: object) -> dict[str, Any]:
    sent = {"type": "order.reserve", "id": order, "order": order, "lines": [{"sku": "A", "quantity": 1}], **more}
    outcome: dict[str, Any] = web.send(sent | {"personal": True}).json
    assert outcome["status"] == "accepted"
    return outcome


def hold(web: Web, token: str) -> Answer:
    """As a buyer asks: with no token of the room."""
    return web.get(f"/api/v1/holds/{token}", scope=None)


def test_the_buyer_sees_the_seconds_left(web: Web) -> None:
    outcome = personal(web, "mine-1", hold_seconds=600)
    answer = hold(web, outcome["hold_token"])
    assert (answer.status, answer.type) == (200, "application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    found = answer.json
    assert set(found) == {"state", "expires_at", "seconds_left", "server_time"}
    assert found["state"] == "held"
    assert found["expires_at"] == outcome["expires_at"]
    assert 590 < found["seconds_left"] <= 600
    ends = dt.datetime.fromisoformat(found["expires_at"]) - dt.datetime.fromisoformat(found["server_time"])
    assert ends.total_seconds() == pytest.approx(found["seconds_left"], abs=0.002)
    later = hold(web, outcome["hold_token"]).json
    assert later["seconds_left"] < found["seconds_left"]


def test_what_became_of_it(web: Web) -> None:
    paid, given_back = personal(web, "paid-1"), personal(web, "back-1")
    web.send({"type": "order.commit", "order": "paid-1"})
    web.send({"type": "order.release", "order": "back-1"})
    for outcome, state in ((paid, "paid"), (given_back, "released")):
        found = hold(web, outcome["hold_token"]).json
        assert (found["state"], found["expires_at"], found["seconds_left"]) == (state, None, None)


def test_a_hold_that_ran_out_stands_at_zero_and_then_says_so(web: Web) -> None:
    outcome = personal(web, "short-1", hold_seconds=0.05)
    answer = until(
        lambda: found if (found := hold(web, outcome["hold_token"]).json)["seconds_left"] == 0 else None, "it is due"
    )
    assert answer["state"] == "held"
    web.engine.sweep()
    assert hold(web, outcome["hold_token"]).json["state"] == "expired"


def test_an_order_that_is_not_personal_gets_no_token(web: Web) -> None:
    assert "hold_token" not in web.reserve("public-1").json


def test_a_repeat_is_told_the_same_token(web: Web) -> None:
    first = personal(web, "twice-1")
    again = web.send(
        {"type": "order.reserve", "id": "twice-1", "order": "twice-1", "personal": True}
        | {"lines": [{"sku": "A", "quantity": 1}]}
    ).json
    assert again["first"]["hold_token"] == first["hold_token"]


def test_guesses_and_forgeries_learn_nothing(web: Web) -> None:
    token = personal(web, "secret-1")["hold_token"]
    bent = ("A" if token[0] != "A" else "B") + token[1:]
    gone = hold_token(web.client.get(f"overlaykit:{{{web.session}}}:buyer-key") or b"", web.session, "never-was")  # type: ignore[arg-type]
    answers = [
        hold(web, each) for each in (bent, hold_token(b"x" * 32, web.session, "secret-1"), gone, "x", "%00", "%C3%A9")
    ]
    answers.append(hold(web, hold_token(b"x" * 32, "no-such-ledger", "secret-1")))
    assert {(answer.status, answer.type) for answer in answers} == {(404, "application/problem+json")}
    assert len({answer.json["detail"] for answer in answers}) == 1


def test_a_store_that_is_away_is_no_answer(
    start_web: Callable[..., Web], new_store: Callable[..., StoreServer], ledger: str
) -> None:
    store = new_store()
    web = start_web(store, ledger)
    token = personal(web, "away-1")["hold_token"]
    store.kill()
    answer = hold(web, token)
    assert (answer.status, answer.json["type"]) == (503, "urn:overlaykit:store_away")
    assert answer.headers["Retry-After"]
    store.start()
    until(lambda: hold(web, token).status != 503, "the store answers again")
