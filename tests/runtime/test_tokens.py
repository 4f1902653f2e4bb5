"""The tokens every room has: kept over restarts, set by the environment, never taken from another machine."""

from __future__ import annotations

import json
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from overlaykit.errors import StateError, UserError
from overlaykit.runtime.state import prepare_state
from overlaykit.runtime.tokens import ROOM_SCOPES, cookie_key, environment_tokens, room_tokens
from overlaykit.store import Tokens, connect

if TYPE_CHECKING:
    from tests.conftest import StoreServer

pytestmark = pytest.mark.store


@pytest.fixture
def tokens(new_store: Callable[..., StoreServer]) -> Iterator[Tokens]:
    with connect(new_store().url) as client:
        yield Tokens(client)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return prepare_state(tmp_path / "state")


def test_they_are_made_once_and_kept(tokens: Tokens, state: Path) -> None:
    made = room_tokens(tokens, state, {})
    assert tuple(made) == ROOM_SCOPES
    assert room_tokens(tokens, state, {}) == made
    assert [(record.name, record.scope) for record in tokens.list()] == sorted((name, name) for name in ROOM_SCOPES)
    assert stat.S_IMODE((state / "tokens.json").stat().st_mode) == 0o600


def test_a_new_store_learns_the_old_texts(tokens: Tokens, state: Path, new_store: Callable[..., StoreServer]) -> None:
    made = room_tokens(tokens, state, {})
    with connect(new_store().url) as client:
        assert room_tokens(Tokens(client), state, {}) == made
        found = Tokens(client).find(made["overlay"])
        assert found is not None
        assert found.scope == "overlay"


def test_a_revoked_text_never_comes_back(tokens: Tokens, state: Path) -> None:
    made = room_tokens(tokens, state, {})
    tokens.revoke("operator")
    again = room_tokens(tokens, state, {})
    assert again["operator"] != made["operator"]
    assert tokens.find(made["operator"]) is None
    assert {**again, "operator": ""} == {**made, "operator": ""}


def test_a_second_machine_on_the_same_store_takes_nothing_from_the_first(
    tokens: Tokens, state: Path, tmp_path: Path
) -> None:
    first = room_tokens(tokens, state, {})
    second = room_tokens(tokens, prepare_state(tmp_path / "other"), {})
    assert not set(first.values()) & set(second.values())
    for scope in ROOM_SCOPES:
        names = [record.name if (record := tokens.find(each[scope])) else None for each in (first, second)]
        assert names == [scope, f"{scope}-2"]


def test_the_environment_decides_and_may_change_its_mind(tokens: Tokens, state: Path) -> None:
    one, other = secrets.token_hex(16), secrets.token_hex(16)
    assert room_tokens(tokens, state, {"admin": one})["admin"] == one
    assert "admin" not in json.loads((state / "tokens.json").read_text())
    assert room_tokens(tokens, state, {"admin": one})["admin"] == one
    assert room_tokens(tokens, state, {"admin": other})["admin"] == other
    assert environment_tokens(tokens, {"admin": other}) == {"admin": other}


def test_a_text_of_the_environment_that_cannot_be_used_is_refused(tokens: Tokens, state: Path) -> None:
    text = secrets.token_hex(16)
    with pytest.raises(UserError, match="OVERLAYKIT_TOKEN_ADMIN"):
        room_tokens(tokens, state, {"overlay": text, "admin": text})
    with pytest.raises(UserError, match="cannot be used"):
        room_tokens(tokens, state, {"overlay": "short"})


def test_the_cookie_key_is_kept_and_a_damaged_one_named(state: Path) -> None:
    key = cookie_key(state)
    assert cookie_key(state) == key
    assert len(key) == 32
    assert stat.S_IMODE((state / "cookie.key").stat().st_mode) == 0o600
    (state / "cookie.key").write_bytes(b"")
    with pytest.raises(StateError, match="is damaged"):
        cookie_key(state)
