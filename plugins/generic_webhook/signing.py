"""Signatures of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, in base64 after `v1,`.

The specification: https://github.com/standard-webhooks/standard-webhooks
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from overlaykit.api import Request, Secret, UserError, WrongTime, hmac_base64, unbase64

PREFIX = "whsec_"
TOLERANCE = 300
"""Seconds by which the sender's clock may differ from ours, before and after."""
SIGNATURES_AT_MOST = 20
"""Of one header."""


def keys_of(secrets: Sequence[Secret]) -> tuple[bytes, ...]:
    """The keys that the secrets are made of: `whsec_` and base64 of 24 to 64 bytes each. Raises UserError."""
    keys = []
    for secret in secrets:
        text = secret.reveal()
        key = unbase64(text.removeprefix(PREFIX))
        if not text.startswith(PREFIX) or key is None or not 24 <= len(key) <= 64:
            raise UserError(
                "签名密钥的格式不对 / the secret is none: whsec_ and base64 of 24 to 64 bytes were expected",
                remedy="生成一个：echo whsec_$(head -c 32 /dev/urandom | base64 -w0)。可以写几个，用空格隔开，都有效。 / "
                "Make one: echo whsec_$(head -c 32 /dev/urandom | base64 -w0). Several, with spaces between, all count.",
            )
        keys.append(key)
    return tuple(keys)


def sign(keys: Sequence[bytes], id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a message, signed with each key."""
    signed = f"{id}.{timestamp}.".encode() + body
    digests = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests),
    }


def signed_by(request: Request, keys: Sequence[bytes]) -> bool:
    """Whether one of the message's signatures was made with one of `keys`. Raises WrongTime where it was, more than TOLERANCE
    before or after now."""
    id, timestamp = request.headers.get("webhook-id"), request.headers.get("webhook-timestamp")
    if not id or not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return False
    signed = f"{id}.{timestamp}.".encode("utf-8", "surrogatepass") + request.body
    given = [
        each.removeprefix("v1,") for each in request.headers.get("webhook-signature").split(" ") if each[:3] == "v1,"
    ]
    # A list, so that each is compared: the time does not say which one was right.
    genuine = any(
        [hmac_base64("sha256", key, signed, expected=each) for key in keys for each in given[:SIGNATURES_AT_MOST]]
    )
    late = int(timestamp) - request.received_ms / 1000
    if genuine and abs(late) > TOLERANCE:
        raise WrongTime(late)
    return genuine
