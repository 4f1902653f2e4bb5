"""The tokens that every room has: made on the first start, or set by the environment. They belong to the state folder."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping
from itertools import chain, count
from pathlib import Path

from overlaykit.errors import StateError, UserError
from overlaykit.runtime.state import read_json, write_json, write_private
from overlaykit.store import Tokens

ROOM_SCOPES = ("overlay", "viewer", "connector", "operator", "admin")
"""One token each, named like its scope."""
TOKENS_FILE = "tokens.json"
COOKIE_KEY_FILE = "cookie.key"


def room_tokens(tokens: Tokens, state: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Scope → text of the room's tokens, each known to the store afterwards.

    `environment` gives texts by scope; those of the others stand in STATE/tokens.json, where they are made when they are
    missing or were revoked. Raises UserError for a text of the environment that cannot be used, and StoreAway.
    """
    path = state / TOKENS_FILE
    kept = read_json(path, dict[str, str]) or {}
    before = dict(kept)
    texts = environment_tokens(tokens, environment)
    for scope in ROOM_SCOPES:
        if scope not in texts:
            texts[scope] = kept[scope] = _kept(tokens, scope, kept.get(scope))
    if kept != before:
        write_json(path, kept)
    return {scope: texts[scope] for scope in ROOM_SCOPES}


def known_texts(tokens: Tokens, state: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Scope → text of the room's tokens, as far as this machine knows them and they are still good. Raises StoreAway."""
    kept = (read_json(state / TOKENS_FILE, dict[str, str]) or {}) | dict(environment)
    found = {scope: tokens.find(text) for scope, text in kept.items()}
    return {scope: kept[scope] for scope, record in found.items() if record is not None and record.scope == scope}


def environment_tokens(tokens: Tokens, environment: Mapping[str, str]) -> dict[str, str]:
    """Makes the store know the tokens that the environment sets. Raises UserError for one that cannot be used."""
    return {scope: _from_environment(tokens, scope, text) for scope, text in environment.items()}


def cookie_key(state: Path) -> bytes:
    """The secret that signs the login cookies of the pages, 32 bytes; made on first use."""
    path = state / COOKIE_KEY_FILE
    if not path.exists():
        write_private(path, secrets.token_bytes(32))
    key = path.read_bytes()
    if len(key) != 32:
        raise StateError(f"{path} is damaged", remedy="Remove it: a new one is made, and people log in to pages again.")
    return key


def _from_environment(tokens: Tokens, scope: str, text: str) -> str:
    found = tokens.find(text)
    if found is not None and found.scope != scope:
        raise UserError(
            f"OVERLAYKIT_TOKEN_{scope.upper()} is the text of the token {found.name!r}, whose scope is {found.scope}",
            remedy="Give each scope a text of its own.",
        )
    return text if found else tokens.create(scope, _free_name(tokens, f"{scope}-environment"), text=text)


def _kept(tokens: Tokens, scope: str, text: str | None) -> str:
    if text is not None:
        found = tokens.find(text)
        if found is not None and found.scope == scope:
            return text
        # Another store than before knows nothing of it, and takes it; one in which it was revoked does not.
        with contextlib.suppress(UserError):
            return tokens.create(scope, _free_name(tokens, scope), text=text)
    return tokens.create(scope, _free_name(tokens, scope))


def _free_name(tokens: Tokens, name: str) -> str:
    """`name`, or with a number when another machine's token on the same store has it."""
    taken = {record.name for record in tokens.list()}
    return next(each for each in chain([name], (f"{name}-{number}" for number in count(2))) if each not in taken)
