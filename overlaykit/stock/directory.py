"""Which sessions the store knows, and which one is `current`."""

from __future__ import annotations

from typing import Any, NamedTuple

import redis

from overlaykit.errors import NotFound
from overlaykit.stock.keys import SESSIONS_KEY, head_key
from overlaykit.store import answers

CURRENT = "current"


class SessionRecord(NamedTuple):
    """One session: times in ms since 1970, `opened_at` None while it is only planned."""

    id: str
    ledger: str
    title: str
    status: str
    planned_at: int
    opened_at: int | None


class SessionDirectory:
    """The sessions of one store. Every call asks the store; StoreAway when it does not answer."""

    def __init__(self, client: redis.Redis) -> None:
        self._client: Any = client  # redis-py types each answer as the union of all protocols' answers

    def add(self, session: str, ledger: str) -> None:
        """Makes the session known. Adding it again changes nothing."""
        with answers():
            self._client.hset(SESSIONS_KEY, session, ledger)

    def list(self) -> list[SessionRecord]:
        """All sessions, the one opened or planned last first."""
        with answers():
            known = self._client.hgetall(SESSIONS_KEY)
            found = [self._read(name.decode(), ledger.decode()) for name, ledger in known.items()]
        return sorted(
            (each for each in found if each), key=lambda each: each.opened_at or each.planned_at, reverse=True
        )

    def is_shut(self, ledger: str) -> bool:
        """Whether a director gives lost entries back to this ledger now, so that no command is decided."""
        with answers():
            return bool(self._client.hget(head_key(ledger), "gate") == b"1")

    def get(self, session: str) -> SessionRecord:
        """One session by id; `current` is the one opened last that is not closed, else the one planned last.
        Raises NotFound."""
        if session != CURRENT:
            with answers():
                ledger = self._client.hget(SESSIONS_KEY, session)
                found = self._read(session, ledger.decode()) if ledger else None
            if found:
                return found
        known = self.list()
        if session == CURRENT and known:
            going = [each for each in known if each.opened_at is not None and each.status != "closed"]
            return going[0] if going else max(known, key=lambda each: each.planned_at)
        names = ", ".join(each.id for each in known)
        raise NotFound(
            f"没有场次 {session!r}；现有：{names or '无'} / "
            f"there is no session {session!r}; known sessions: {names or 'none yet'}",
            remedy="先开一场：overlaykit run 场次 / Start one with: overlaykit run SESSION",
        )

    def _read(self, session: str, ledger: str) -> SessionRecord | None:
        fields = ["status", "title", "planned_at", "opened_at"]
        status, title, planned, opened = self._client.hmget(head_key(ledger), fields)
        if not status:
            return None
        opened_at = int(opened) if opened else None
        return SessionRecord(session, ledger, title.decode(), status.decode(), int(planned), opened_at)
