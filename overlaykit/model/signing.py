"""Signatures of messages. Each compares in constant time and never raises for what somebody else sent.

Plugin authors find these names in `overlaykit.api`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable

from overlaykit.model.settings import Secret

Key = Secret | str | bytes


def same(found: str | bytes, expected: str | bytes) -> bool:
    """Whether two texts are the same, in a time that says nothing of where they differ."""
    return hmac.compare_digest(_bytes(found), _bytes(expected))


def hmac_hex(algorithm: str, key: Key, message: bytes, *, expected: str) -> bool:
    """Whether `expected` is the HMAC of `message` in hexadecimal. Platforms differ in case: both count."""
    return same(hmac.new(_key(key), message, algorithm).hexdigest(), expected.lower())


def hmac_base64(algorithm: str, key: Key, message: bytes, *, expected: str) -> bool:
    """Whether `expected` is the HMAC of `message` in base64."""
    return same(base64.b64encode(hmac.new(_key(key), message, algorithm).digest()), expected)


def hash_hex(algorithm: str, parts: Iterable[Key], *, expected: str) -> bool:
    """Whether `expected` is the hash of `parts`, one after the other, in hexadecimal."""
    return same(hashlib.new(algorithm, b"".join(map(_key, parts))).hexdigest(), expected.lower())


def unbase64(text: str) -> bytes | None:
    """What base64 says; None when it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _key(key: Key) -> bytes:
    return _bytes(key.reveal() if isinstance(key, Secret) else key)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
