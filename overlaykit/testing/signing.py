"""Signatures as platforms make them: the other side of what `hmac_hex`, `hmac_base64` and `hash_hex` of `overlaykit.api` check."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Iterable


def sign_hmac_hex(algorithm: str, key: str | bytes, message: str | bytes) -> str:
    """HMAC in hexadecimal, lower case."""
    return hmac.new(_bytes(key), _bytes(message), algorithm).hexdigest()


def sign_hmac_base64(algorithm: str, key: str | bytes, message: str | bytes) -> str:
    """HMAC in base64."""
    return base64.b64encode(hmac.new(_bytes(key), _bytes(message), algorithm).digest()).decode()


def sign_hash_hex(algorithm: str, parts: Iterable[str | bytes]) -> str:
    """The hash of `parts`, one after the other, in hexadecimal, lower case."""
    return hashlib.new(algorithm, b"".join(map(_bytes, parts))).hexdigest()


def sign_standard_webhook(secrets: Iterable[str], id: str, body: bytes, *, at: float | None = None) -> dict[str, str]:
    """The headers of a message as Standard Webhooks sends it, signed with each of `secrets` (`whsec_` + base64).

    `at`: when it was sent, seconds since 1970; None: now."""
    stamp = str(int(time.time() if at is None else at))
    signed = b".".join([id.encode(), stamp.encode(), body])
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    return {
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{sign_hmac_base64('sha256', key, signed)}" for key in keys),
        "content-type": "application/json",
    }


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
