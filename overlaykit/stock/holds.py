"""Hold tokens: the key with which a buyer may see the seconds left of one hold, and nothing else. Pure.

A token is url-safe text: base64url of a keyed hash, the ledger's name, a zero byte and the order's id. The key is the
ledger's buyer key, so only those who can read the store make tokens; that a token is genuine says nothing about whether
the order still holds anything.
"""

from __future__ import annotations

import hmac
from base64 import b64encode, urlsafe_b64decode
from binascii import Error as NotBase64
from hashlib import blake2b
from typing import NamedTuple

MAC_BYTES = 12
"""96 bits: nobody guesses that over a network, and a token stays short enough for a link in a message."""
LONGEST = 2048
"""Characters of a token at the most, before anything is decoded."""


class HoldToken(NamedTuple):
    """What a token says. Not to be believed before `is_genuine`."""

    ledger: str
    order: str
    mac: bytes


class OrderHead(NamedTuple):
    """How an order stands: its state (held, committed, expired, released, early), when its hold ends (ms since 1970, None
    when nothing of it is held) and the store's time (ms)."""

    state: str
    expires_at: int | None
    now: int


def hold_token(secret: bytes, ledger: str, order: str) -> str:
    """The token of an order's hold. `secret` is the ledger's buyer key."""
    return _written(_mac(secret, ledger, order) + f"{ledger}\0{order}".encode())


def read_hold_token(token: str) -> HoldToken | None:
    """What the token says; None when it is no token at all. Of the ways to write the same bytes only one is a token."""
    if len(token) > LONGEST or not token.isascii():
        return None
    try:
        found = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        ledger, zero, order = found[MAC_BYTES:].decode().partition("\0")
    except (NotBase64, ValueError):
        return None
    if not (ledger and zero and order) or _written(found) != token:
        return None
    return HoldToken(ledger, order, found[:MAC_BYTES])


def is_genuine(found: HoldToken, secret: bytes) -> bool:
    """Whether it was made with this secret. Takes the same time whatever is wrong with it."""
    return hmac.compare_digest(found.mac, _mac(secret, found.ledger, found.order))


def _written(token: bytes) -> str:
    return b64encode(token, b"-_").rstrip(b"=").decode()


def _mac(secret: bytes, ledger: str, order: str) -> bytes:
    """Its own `person`: a buyer's hash, made with the same key, is never the beginning of a token."""
    return blake2b(f"{ledger}\0{order}".encode(), digest_size=MAC_BYTES, key=secret, person=b"hold").digest()
