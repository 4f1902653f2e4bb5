"""Presses of buttons from outside: which count, which come twice, and when each button was pressed last.

A key that bounces, and a program that sends a request twice, press once: it stands in the store, so that every web process agrees.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, cast

import redis

from overlaykit.store.client import answers
from overlaykit.store.scripts import own_script, run_script
from overlaykit.store.tokens import LAST_USED, TokenRecord, digest

TOGETHER_MS = 300
"""Within so long after a press another one of the same button counts with it."""
A_SECOND = 10
"""Requests to press that a token may make in a second."""
KEY_KEPT = 24 * 3600
"""Seconds for which is remembered what was pressed with an Idempotency-Key."""


class Taken(NamedTuple):
    """What a request to press counts as, and the id of the press that it is, or counts with."""

    counts: Literal["first", "repeated", "too_many"]
    id: str


class Presses:
    """The presses that the store behind `client` knows. Every method raises StoreAway."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def take(self, token: TokenRecord, session: str, id: str, *, together_ms: int = TOGETHER_MS) -> Taken:
        """Counts a request to press the token's button, which would be the press `id`."""
        keys = [_key("press", token), LAST_USED]
        with answers():
            said = run_script(
                self._client, own_script("press_take"), keys, [token.name, session, id, together_ms, A_SECOND]
            )
        counts, press = (each.decode() for each in said)
        return Taken(cast(Any, counts), press)

    def take_back(self, token: TokenRecord, id: str) -> None:
        """The press `id` came to nothing: what is pressed next does not count with it."""
        with answers():
            run_script(self._client, own_script("press_take_back"), [_key("press", token)], [id])

    def recall(self, token: TokenRecord, session: str, key: str) -> bytes | None:
        """What was pressed with this Idempotency-Key, as `remember` was given it; None: nothing yet."""
        with answers():
            return cast("bytes | None", self._client.get(_key(f"pressed:{digest(key)}:{digest(session)}", token)))

    def remember(self, token: TokenRecord, session: str, key: str, pressed: bytes) -> bytes:
        """Remembers what is pressed with this key, and gives what counts: that which was remembered first."""
        name = _key(f"pressed:{digest(key)}:{digest(session)}", token)
        with answers():
            if self._client.set(name, pressed, nx=True, ex=KEY_KEPT):
                return pressed
            return cast("bytes | None", self._client.get(name)) or pressed

    def last_used(self) -> dict[str, int]:
        """Name of a token → when it pressed last, in ms since 1970."""
        with answers():
            found = cast("dict[bytes, bytes]", self._client.hgetall(LAST_USED))
        return {name.decode(): int(at) for name, at in found.items()}


def _key(kind: str, token: TokenRecord) -> str:
    """Of this token alone: another of the same name, made after it was revoked, is another button."""
    return f"{{overlaykit}}:{kind}:{digest(f'{token.name} {token.created_at}')}"
