"""Tokens: shown once, kept as a hash, found by their text, gone when revoked."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import redis

from overlaykit.errors import NotFound, StoreAway, UserError
from overlaykit.store import SCOPES, Tokens, connect

if TYPE_CHECKING:
    from tests.conftest import StoreServer

pytestmark = pytest.mark.store


@pytest.fixture
def name() -> str:
    return f"shop-{secrets.token_hex(4)}"


def test_a_token_is_found_by_its_text_and_by_nothing_else(client: redis.Redis, name: str) -> None:
    tokens = Tokens(client)
    text = tokens.create("connector", name)
    found = tokens.find(text)
    assert found is not None
    assert (found.name, found.scope) == (name, "connector")
    assert found in tokens.list()
    for other in (text[:-1], text + "x", "", name, "\udcff", "羊" * 2000):
        assert tokens.find(other) is None


def test_the_store_never_holds_the_text(client: redis.Redis, name: str) -> None:
    text = Tokens(client).create("admin", name).encode()
    for key in client.scan_iter(count=1000):
        if client.type(key) == b"hash":
            held = client.hgetall(key)
            assert not any(text in part for pair in held.items() for part in pair)


def test_a_revoked_token_is_gone_at_once_and_its_name_is_free(client: redis.Redis, name: str) -> None:
    tokens = Tokens(client)
    text = tokens.create("overlay", name)
    tokens.revoke(name)
    assert tokens.find(text) is None
    assert tokens.create("overlay", name) != text
    with pytest.raises(UserError, match="was revoked"):
        tokens.create("overlay", f"{name}-2", text=text)


def test_names_are_unique_and_texts_are(client: redis.Redis, name: str) -> None:
    tokens = Tokens(client)
    text = tokens.create("viewer", name)
    with pytest.raises(UserError, match=f"named '{name}' already") as caught:
        tokens.create("viewer", name)
    assert f"overlaykit token revoke {name}" in str(caught.value)
    with pytest.raises(UserError, match="belongs to another"):
        tokens.create("viewer", f"{name}-2", text=text)
    found = tokens.find(text)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    ("scope", "bad_name", "text", "says"),
    [
        ("owner", "a", None, "no scope 'owner'"),
        ("viewer", "", None, "no name"),
        ("viewer", " a", None, "no name"),
        ("viewer", "a\nb", None, "no name"),
        ("viewer", "x" * 65, None, "no name"),
        ("viewer", "a", "short", "cannot be used"),
        ("viewer", "a", "with a space in it", "cannot be used"),
    ],
)
def test_what_cannot_be_a_token_is_refused(
    client: redis.Redis, scope: str, bad_name: str, text: str | None, says: str
) -> None:
    with pytest.raises(UserError, match=says) as caught:
        Tokens(client).create(scope, bad_name, text=text)
    assert caught.value.remedy


def test_every_scope_can_be_given(client: redis.Redis, name: str) -> None:
    tokens = Tokens(client)
    for scope in SCOPES:
        found = tokens.find(tokens.create(scope, f"{name}-{scope}"))
        assert found is not None
        assert found.scope == scope


def test_revoking_what_is_not_there_lists_what_is(client: redis.Redis, name: str) -> None:
    tokens = Tokens(client)
    tokens.create("viewer", name)
    with pytest.raises(NotFound, match=name):
        tokens.revoke("nobody")


def test_a_new_store_knows_no_token(new_store: Callable[..., StoreServer]) -> None:
    with connect(new_store().url) as client:
        assert Tokens(client).list() == []
        with pytest.raises(NotFound, match="Tokens: none"):
            Tokens(client).revoke("x")


def test_a_store_that_is_away_is_named_so(free_port: int) -> None:
    with connect(f"redis://127.0.0.1:{free_port}/0", timeout=0.5) as client, pytest.raises(StoreAway):
        Tokens(client).find("x" * 32)


def test_a_store_that_lost_them_gets_all_back_and_no_revoked_one(new_store: Callable[..., StoreServer]) -> None:
    with connect(new_store().url) as client, connect(new_store().url) as other:
        tokens, again = Tokens(client), Tokens(other)
        text, gone = tokens.create("operator", "desk"), tokens.create("overlay", "obs")
        tokens.revoke("obs")
        copy = tokens.copy()
        assert text not in str(copy)
        assert again.give_back(copy)
        assert (again.list(), again.find(text)) == (tokens.list(), tokens.list()[0])
        with pytest.raises(UserError, match="revoked"):
            again.create("overlay", "obs", text=gone)
        assert not again.give_back(copy), "it knows some"
