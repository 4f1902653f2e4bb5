"""Grants: what platforms gave when somebody authorised an app, and how an authorisation that is under way fares.

They belong to the store, not to a session: who authorised an app today need not do it tomorrow. The text of a token is read by the
gateway alone; nothing shows it.

    asked    somebody was given a link, with a state that only they know; the store keeps its digest for ten minutes
    brought  the platform sent the browser back, with that state: once. The leading gateway makes a grant of it
    result   what came of it, for the page and the command line that wait
"""

from __future__ import annotations

import secrets
from typing import Any, Literal

import msgspec
import redis
from msgspec import Struct

from overlaykit.model.connectors import Grant
from overlaykit.store.client import answers
from overlaykit.store.scripts import own_script, run_script
from overlaykit.store.tokens import digest

ASKED_FOR = 600_000
"""Milliseconds for which a link is good."""
BROUGHT_FOR = 600_000
RESULT_FOR = 3_600_000
QUERY_AT_MOST = 16_384
"""Bytes of what a browser brings, as JSON."""
_PREFIX = "{overlaykit}:"
_GRANTS = f"{_PREFIX}grants"
_BROUGHT = f"{_PREFIX}grants:brought"


class KeptGrant(Struct, frozen=True, kw_only=True):
    """A grant of an app, for the shop `shop` or, when that is "", for whichever the app has.

    connector  of which connector's making it is: a plan in which the app has another connector cannot use it
    since      when it was given, seconds since 1970
    """

    app: str
    shop: str
    connector: str
    since: float
    grant: Grant


class Asked(Struct, frozen=True, kw_only=True):
    """Somebody was given a link. `session`: whose gateway makes the grant; `callback`: where the platform sends the browser."""

    app: str
    session: str
    callback: str


class Brought(Struct, frozen=True, kw_only=True):
    """What the platform sent the browser back with."""

    id: str
    asked: Asked
    query: dict[str, str]


class GrantResult(Struct, frozen=True, kw_only=True):
    """What came of it. `shop`, `expires_at` (seconds since 1970, None: never) of the grant; `reason` and `remedy` of a failure."""

    status: Literal["done", "failed"]
    shop: str = ""
    expires_at: float | None = None
    reason: str = ""
    remedy: str = ""


class Grants:
    """The grants that the store behind `client` keeps. Every method raises StoreAway."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def of(self, app: str) -> list[KeptGrant]:
        """All grants of an app, by shop."""
        asked: Any = self._client
        with answers():
            found = asked.hvals(_GRANTS)
        kept = [msgspec.json.decode(text, type=KeptGrant) for text in found]
        return sorted((each for each in kept if each.app == app), key=lambda each: each.shop)

    def put(self, kept: KeptGrant, instead_of: KeptGrant | None = None) -> bool:
        """Keeps it. With `instead_of`, only as long as that one is there; False when it is not."""
        before = msgspec.json.encode(instead_of) if instead_of else b""
        with answers():
            done = run_script(
                self._client, own_script("grant_put"), [_GRANTS], [_field(kept), msgspec.json.encode(kept), before]
            )
        return int(done) == 1

    def ask(self, asked: Asked) -> str:
        """A new state for a link, which cannot be guessed and is good once, for ten minutes."""
        state = secrets.token_urlsafe(32)
        with answers():
            self._client.set(_asked(digest(state)), msgspec.json.encode(asked), px=ASKED_FOR)
        return state

    def bring(self, app: str, state: str, query: dict[str, str]) -> str | None:
        """What the browser brought, kept for the gateway. Gives its id; None for a state that was not given out for this app, was
        used before, or is too old."""
        id = digest(state)
        with answers():
            done = run_script(
                self._client,
                own_script("grant_bring"),
                [_asked(id), _BROUGHT],
                [id, app, msgspec.json.encode(query), BROUGHT_FOR],
            )
        return id if int(done) == 1 else None

    def brought(self, session: str) -> list[Brought]:
        """What waits for the gateway of a session."""
        asked: Any = self._client
        with answers():
            found = asked.hvals(_BROUGHT)
        waiting = [msgspec.json.decode(text, type=Brought) for text in found]
        return [each for each in waiting if each.asked.session == session]

    def settle(self, id: str, result: GrantResult) -> None:
        """What came of it."""
        with answers():
            self._client.set(_result(id), msgspec.json.encode(result), px=RESULT_FOR)
            self._client.hdel(_BROUGHT, id)

    def progress(self, id: str) -> GrantResult | Literal["asked", "brought"] | None:
        """How an authorisation fares; None when its time is over, or there is none."""
        with answers(), self._client.pipeline(transaction=True) as at_once:  # it moves from one to the next meanwhile
            at_once.get(_result(id))
            at_once.hexists(_BROUGHT, id)
            at_once.exists(_asked(id))
            found, brought, asked = at_once.execute()
        if found is not None:
            return msgspec.json.decode(found, type=GrantResult)
        return "brought" if brought else "asked" if asked else None


def _field(kept: KeptGrant) -> bytes:
    return msgspec.json.encode((kept.app, kept.shop))


def _asked(id: str) -> str:
    return f"{_PREFIX}grants:asked:{id}"


def _result(id: str) -> str:
    return f"{_PREFIX}grants:result:{id}"
