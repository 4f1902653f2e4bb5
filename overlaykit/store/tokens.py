"""Tokens: who may do what. The store holds only their SHA-256, so whoever reads the store cannot use them.

They stand in the store rather than in a file so that every web process agrees, and a revocation counts at once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any, NamedTuple, cast

import msgspec
import redis
from msgspec import Struct

from overlaykit.errors import NotFound, UserError
from overlaykit.store.client import answers
from overlaykit.store.scripts import own_script, run_script

SCOPES = ("overlay", "viewer", "connector", "button", "operator", "admin")
KEYS = ["{overlaykit}:tokens", "{overlaykit}:token-digests", "{overlaykit}:token-revoked"]
LONGEST_NAME = 64
LAST_USED = "{overlaykit}:token-used"
"""Hash: name of a button's token → when it pressed last, in ms since 1970."""


class TokenRecord(Struct, frozen=True):
    """What is known of a token. `created_at` is RFC 3339 UTC. `action`: what a token of the scope button does, as JSON; None: it
    presses the plan's button that is called like it."""

    name: str
    scope: str
    created_at: str
    action: dict[str, Any] | None = None


class TokenCopy(NamedTuple):
    """All that a store knows of tokens: (name, digest, record as JSON), and the digests that were revoked."""

    records: tuple[tuple[str, str, str], ...]
    revoked: frozenset[str]


def digest(text: str) -> str:
    """SHA-256 of a token's text, hex. Tokens are 256 random bits, so a slow hash would only slow the requests."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_token_name(name: str) -> bool:
    """Whether a token may be called so: 1 … 64 visible characters, no spaces around them."""
    return 1 <= len(name) <= LONGEST_NAME and name.isprintable() and name == name.strip()


class Tokens:
    """The tokens that the store behind `client` knows. Every method raises StoreAway."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def create(self, scope: str, name: str, *, text: str | None = None, action: dict[str, Any] | None = None) -> str:
        """Makes a token and returns its text, which cannot be had again. `name` is unique; ledger entries show it.

        `action`: what a button does; whoever makes one has checked it. `text` sets the text instead of a random one:
        16 … 200 visible ASCII characters. Raises UserError when the scope is unknown, the name is taken or not 1 … 64
        characters, or the text is unfit or was revoked: that is for good.
        """
        if scope not in SCOPES:
            raise UserError(f"there is no scope {scope!r}", remedy=f"Scopes: {', '.join(SCOPES)}.")
        if action is not None and scope != "button":
            raise UserError(
                f"a token of the scope {scope} has no action of its own", remedy="An action goes with the scope button."
            )
        if not is_token_name(name):
            raise UserError(
                f"{name!r} is no name for a token",
                remedy=f"1 … {LONGEST_NAME} visible characters, such as shop or obs-2.",
            )
        text = text if text is not None else secrets.token_urlsafe(32)
        if not 16 <= len(text) <= 200 or not text.isascii() or not text.isprintable() or " " in text:
            raise UserError(
                f"the text given for the token {name!r} cannot be used",
                remedy="16 … 200 letters, digits and signs, without spaces.",
            )
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        record = msgspec.json.encode(TokenRecord(name, scope, now, action))
        with answers():
            done = int(run_script(self._client, own_script("token_create"), KEYS, [name, digest(text), record]))
        if done == 0:
            raise UserError(
                f"there is a token named {name!r} already",
                remedy=f"Choose another name, or revoke it first: overlaykit token revoke {name}",
            )
        if done == -2:
            raise UserError(f"the text given for {name!r} was revoked", remedy="Give another text.")
        if done < 0:
            raise UserError(f"the text given for {name!r} belongs to another token", remedy="Give each its own text.")
        return text

    def find(self, text: str) -> TokenRecord | None:
        """The token with this text, or None."""
        with answers():
            found = cast(Any, self._client.hget(KEYS[1], digest(text)))
        return None if found is None else msgspec.json.decode(found, type=TokenRecord)

    def list(self) -> list[TokenRecord]:
        """All tokens, oldest first."""
        with answers():
            found = cast(Any, self._client.hvals(KEYS[1]))
        records = [msgspec.json.decode(record, type=TokenRecord) for record in found]
        return sorted(records, key=lambda record: (record.created_at, record.name))

    def copy(self) -> TokenCopy:
        """What `give_back` gives to a store that has lost them. It holds digests, no texts."""
        client: Any = self._client
        with answers():
            names, records, revoked = client.hgetall(KEYS[0]), client.hgetall(KEYS[1]), client.smembers(KEYS[2])
        whole = [(name, known, records[known]) for name, known in names.items() if known in records]
        return TokenCopy(
            tuple((name.decode(), known.decode(), record.decode()) for name, known, record in whole),
            frozenset(each.decode() for each in revoked),
        )

    def give_back(self, copy: TokenCopy) -> bool:
        """Gives a store that knows no token, and of none that was revoked, those of `copy`. False when it knows some."""
        lists: list[str | bytes | int] = [msgspec.json.encode(copy.records), msgspec.json.encode(sorted(copy.revoked))]
        with answers():
            return bool(run_script(self._client, own_script("token_give_back"), KEYS, lists))

    def revoke(self, name: str) -> None:
        """Forgets it; requests with it are refused from now on. Raises NotFound, listing what exists."""
        with answers():
            done = int(run_script(self._client, own_script("token_revoke"), [*KEYS, LAST_USED], [name]))
        if not done:
            names = ", ".join(record.name for record in self.list()) or "none"
            raise NotFound(f"there is no token named {name!r}", remedy=f"Tokens: {names}.")
