"""A hold's token names its order, goes into a link, and cannot be made or bent by who has not the key."""

from __future__ import annotations

import re

import pytest

from overlaykit.stock.encoding import hash_buyer
from overlaykit.stock.holds import hold_token, is_genuine, read_hold_token

SECRET = b"s" * 32


@pytest.mark.parametrize("order", ["o-1", "订单/42?&#", "x" * 128, "a\0b", "🧣" * 128])
def test_a_token_leads_back_to_its_order(order: str) -> None:
    token = hold_token(SECRET, "room-1", order)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", token)
    found = read_hold_token(token)
    assert found is not None
    assert (found.ledger, found.order) == ("room-1", order)
    assert is_genuine(found, SECRET)
    assert not is_genuine(found, b"t" * 32)


def test_it_is_no_longer_than_needed() -> None:
    assert len(hold_token(SECRET, "room-1", "o-12345")) == 35


def test_the_same_order_has_the_same_token_and_every_other_another() -> None:
    token = hold_token(SECRET, "room", "o-1")
    assert token == hold_token(SECRET, "room", "o-1")
    others = [
        hold_token(SECRET, "room", "o-2"),
        hold_token(SECRET, "roo", "mo-1"),
        hold_token(b"t" * 32, "room", "o-1"),
    ]
    assert token not in others
    assert len(set(others)) == 3


def test_no_bent_token_is_genuine() -> None:
    token = hold_token(SECRET, "room", "o-1")
    for place in range(len(token)):
        for letter in "AQgw_-9":
            bent = token[:place] + letter + token[place + 1 :]
            found = read_hold_token(bent)
            if bent != token and found is not None:
                assert not is_genuine(found, SECRET), bent
    assert read_hold_token(token + "!") is read_hold_token(f" {token}") is None
    cut = read_hold_token(token[:-2])
    assert cut is None or not is_genuine(cut, SECRET)


@pytest.mark.parametrize(
    "text", ["", "A", "=", "====", "nobody", "%2e%2e", "é" * 20, "A" * 5000, "AAAA" * 10, "_" * 40, "a b c d" * 9]
)
def test_what_is_no_token(text: str) -> None:
    assert read_hold_token(text) is None


def test_a_buyers_hash_is_no_beginning_of_a_token() -> None:
    found = read_hold_token(hold_token(SECRET, "room", "o-1"))
    assert found is not None
    assert hash_buyer("room\0o-1", SECRET)[2:] != found.mac.hex()[:16]
