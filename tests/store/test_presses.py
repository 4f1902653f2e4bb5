"""Presses of buttons: which count, which come twice, which are too many, and what a key has pressed before."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
import redis

from overlaykit.store import Presses, TokenRecord, Tokens
from overlaykit.store.presses import A_SECOND
from tests.conftest import until

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.store


@pytest.fixture
def token(client: redis.Redis) -> TokenRecord:
    """A button's token."""
    text = Tokens(client).create("button", f"next-{secrets.token_hex(4)}", action={"type": "item.next"})
    found = Tokens(client).find(text)
    assert found is not None
    return found


def test_a_token_keeps_the_action_of_its_button(client: redis.Redis, token: TokenRecord) -> None:
    assert token.action == {"type": "item.next"}
    assert token in Tokens(client).list()


def test_a_second_press_right_after_the_first_counts_with_it(client: redis.Redis, token: TokenRecord) -> None:
    presses = Presses(client)
    assert presses.take(token, "room", "p-1", together_ms=60_000) == ("first", "p-1")
    assert presses.take(token, "room", "p-2", together_ms=60_000) == ("repeated", "p-1")
    assert presses.take(token, "other-room", "p-3", together_ms=60_000) == ("first", "p-3")
    assert presses.take(token, "other-room", "p-4", together_ms=0) == ("first", "p-4"), (
        "a key of its own says it is another"
    )
    until(lambda: presses.take(token, "other-room", "p-5", together_ms=50).counts == "first", "it is long ago", 3.0)


def test_a_press_that_came_to_nothing_is_not_what_the_next_one_repeats(client: redis.Redis, token: TokenRecord) -> None:
    presses = Presses(client)
    presses.take(token, "room", "p-1", together_ms=60_000)
    presses.take_back(token, "p-0")
    assert presses.take(token, "room", "p-2", together_ms=60_000) == ("repeated", "p-1"), "another one was taken back"
    presses.take_back(token, "p-1")
    assert presses.take(token, "room", "p-3", together_ms=60_000) == ("first", "p-3")


def test_requests_beyond_the_rate_are_too_many_and_those_of_the_next_second_are_not(
    client: redis.Redis, token: TokenRecord
) -> None:
    presses = Presses(client)
    counts = [presses.take(token, "room", f"p-{number}", together_ms=0).counts for number in range(3 * A_SECOND)]
    assert "too_many" in counts
    until(lambda: presses.take(token, "room", "later", together_ms=0).counts == "first", "the next second", 3.0)


def test_what_a_key_pressed_first_stays(client: redis.Redis, token: TokenRecord) -> None:
    presses = Presses(client)
    assert presses.recall(token, "room", "k") is None
    assert presses.remember(token, "room", "k", b"first") == b"first"
    assert presses.remember(token, "room", "k", b"second") == b"first"
    assert presses.recall(token, "room", "k") == b"first"
    assert presses.recall(token, "other", "k") is None
    namesake = TokenRecord(token.name, token.scope, "2031-01-01T00:00:00Z")
    assert presses.recall(namesake, "room", "k") is None, "a later token of the same name is another button"


def test_when_a_button_was_pressed_last_goes_with_it(client: redis.Redis, token: TokenRecord) -> None:
    presses = Presses(client)
    assert token.name not in presses.last_used()
    presses.take(token, "room", "p-1")
    assert presses.last_used()[token.name] > 1_700_000_000_000
    Tokens(client).revoke(token.name)
    assert token.name not in presses.last_used()
