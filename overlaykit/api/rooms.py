"""A room over HTTP: commands in, outcomes out, the board, the ledger.

Every plugin imports this package, in every process of a room, and few ask a room: httpx is loaded with the first client.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import uuid4

import msgspec
from msgspec import Struct

from overlaykit.board.types import Board
from overlaykit.errors import NotFound, OverlaykitError, StoreAway, UserError
from overlaykit.model.commands import Command
from overlaykit.model.outcomes import Outcome
from overlaykit.model.sessions import SessionPlan

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

BULK = 500
"""Commands in one request of `send_all`."""
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
"""Seconds between two tries, doubling; a Retry-After of the room counts instead, up to the longest."""
ALSO_OUTCOMES = (409, 422, 429)
"""Statuses of a single command that come with its outcome: the answer, not a reason to try again."""


class RoomClient:
    """One session of a running room.

        with RoomClient("http://127.0.0.1:8080", token) as room:
            outcome = room.send({"type": "order.reserve", "order": "o-1", "lines": [{"sku": "A", "quantity": 1}]})

    base_url   where the room listens
    token      an access token; its scope decides what may be asked
    session    id of the session, or `current`
    patience   seconds for which a room that does not answer is asked again: 503, no connection, a cut answer

    A command without an id gets one before it is sent, so every repeat carries the same id and counts once. When a
    repeat is answered `duplicate`, the first try had arrived: its outcome is given.

    Methods raise StoreAway when patience is over, NotFound for an unknown session, UserError for a wrong token or scope
    and for whatever else the room did not accept; the message is the room's own.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        session: str = "current",
        patience: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        import httpx

        try:
            self._http = httpx.Client(
                base_url=base_url,
                headers={"Authorization": f"Bearer {token}"},
                timeout=httpx.Timeout(10.0),
                trust_env=False,
                transport=transport,
            )
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise UserError(f"{base_url!r} with this token cannot be asked: {error}.") from None
        address = self._http.base_url
        if address.scheme not in ("http", "https") or not address.host or "%" in address.host:
            raise UserError(f"{base_url!r} is no address of a room.", remedy="Give one like http://127.0.0.1:8080.")
        self._path = f"/api/v1/sessions/{session}"
        self._patience = patience

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def send(self, command: Mapping[str, Any] | Command) -> Outcome:
        """One command → its outcome, whatever its status: refused, conflict and invalid are answers too."""
        body = msgspec.json.encode(_with_id(command))

        def read(answer: httpx.Response) -> Outcome:
            if answer.status_code in ALSO_OUTCOMES:
                return msgspec.convert(_problem(answer)["outcome"], Outcome)
            return msgspec.json.decode(answer.content, type=Outcome)

        outcome, repeated = self._ask(
            "POST", f"{self._path}/commands", read, body, "application/json", also=ALSO_OUTCOMES
        )
        return _first(outcome) if repeated else outcome

    def send_all(self, commands: Iterable[Mapping[str, Any] | Command]) -> Iterator[Outcome]:
        """Many commands, in order → their outcomes, in order. Sent as NDJSON, at most 500 a request."""
        batch: list[Mapping[str, Any]] = []
        for command in commands:
            batch.append(_with_id(command))
            if len(batch) == BULK:
                yield from self._send_batch(batch)
                batch = []
        if batch:
            yield from self._send_batch(batch)

    def board(self, *, channel: str | None = None, region: str | None = None) -> Board:
        """The public board now; with `channel` or `region`, what a buyer there can get."""
        query = {name: value for name, value in (("channel", channel), ("region", region)) if value is not None}
        board, _ = self._ask(
            "GET", f"{self._path}/board", lambda answer: msgspec.json.decode(answer.content, type=Board), query=query
        )
        return board

    def ledger(self, since: int = 0, *, limit: int = 1000) -> Iterator[dict[str, Any]]:
        """The entries after seq `since`, in order, up to the last one there is now; `limit` of them a request."""
        next_seq: int | None = since
        while next_seq is not None:
            page, _ = self._ask(
                "GET",
                f"{self._path}/ledger",
                lambda answer: msgspec.json.decode(answer.content, type=_Page),
                query={"since": str(next_seq), "limit": str(limit)},
            )
            yield from page.entries
            next_seq = page.next if page.entries else None

    def plan(self) -> SessionPlan:
        """The resolved plan of the session: what entry 1 of its ledger says. Needs a scope that may read the ledger."""
        first = next(self.ledger(limit=1), None)
        if first is None or first["type"] != "session.planned":
            raise NotFound("The ledger of this session does not begin with its plan: it has been trimmed.")
        return msgspec.convert(first["data"], SessionPlan)

    def is_ready(self) -> bool:
        """Whether the room answers and has all it needs. Does not wait."""
        import httpx

        try:
            return self._http.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def _send_batch(self, batch: Sequence[Mapping[str, Any]]) -> list[Outcome]:
        body = b"\n".join(msgspec.json.encode(command) for command in batch)

        def read(answer: httpx.Response) -> list[Outcome]:
            lines = answer.content.splitlines()
            if (
                lines and b'"type":"urn:' in lines[-1]
            ):  # where the room could not go on, a problem stands in place of the rest
                raise _CutShort(str(msgspec.json.decode(lines[-1]).get("detail")))
            if len(lines) != len(batch):
                raise _CutShort(f"{len(lines)} outcomes for {len(batch)} commands")
            return [msgspec.json.decode(line, type=Outcome) for line in lines]

        outcomes, repeated = self._ask("POST", f"{self._path}/commands", read, body, "application/x-ndjson")
        return [_first(outcome) for outcome in outcomes] if repeated else outcomes

    def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[httpx.Response], T],
        body: bytes | None = None,
        content_type: str | None = None,
        *,
        query: Mapping[str, str] | None = None,
        also: Sequence[int] = (),
    ) -> tuple[T, bool]:
        """What `read` makes of the answer, and whether it took more than one try. `also`: further statuses it reads."""
        import httpx

        headers = {"Content-Type": content_type} if content_type else None
        give_up = time.monotonic() + self._patience
        pause = FIRST_PAUSE
        tries = 0
        while True:
            tries += 1
            try:
                answer = self._http.request(method, path, content=body, headers=headers, params=query)
                if answer.status_code == 200 or (answer.status_code in also and "outcome" in _problem(answer)):
                    return read(answer), tries > 1
                if answer.status_code not in (429, 502, 503, 504):
                    raise _error(answer)
                why, wait = _detail(answer), _retry_after(answer, pause)
            except (httpx.TransportError, _CutShort) as error:
                why, wait = f"{type(error).__name__.strip('_')}: {error}", pause
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                raise UserError(
                    f"What {self._http.base_url} answered to {method} {path} is no answer of a room: {error}.",
                    remedy="Check the address: is it overlaykit that listens there, and of this version?",
                ) from None
            if time.monotonic() + wait > give_up:
                raise StoreAway(
                    f"The room at {self._http.base_url} gave no answer in {self._patience:g} s ({tries} tries): {why}",
                    remedy="Check that it runs. What was sent may have arrived: repeat it with the same ids.",
                )
            time.sleep(wait)
            pause = min(pause * 2, LONGEST_PAUSE)


class _CutShort(Exception):
    """A bulk answer that does not have all outcomes."""


class _Page(Struct):
    entries: list[dict[str, Any]]
    next: int | None = None


def _with_id(command: Mapping[str, Any] | Command) -> dict[str, Any]:
    fields = dict(msgspec.to_builtins(command) if isinstance(command, Command) else command)
    if fields.get("id") is None:
        fields["id"] = uuid4().hex
    return fields


def _first(outcome: Outcome) -> Outcome:
    """Of a command that was sent again: what the first arrival was answered."""
    return outcome.first if outcome.status == "duplicate" and outcome.first is not None else outcome


def _problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem+json of an answer; empty when it is something else."""
    try:
        found = msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _detail(answer: httpx.Response) -> str:
    text = _problem(answer).get("detail") or answer.reason_phrase
    return f"{answer.status_code} {text}"


def _retry_after(answer: httpx.Response, otherwise: float) -> float:
    text = answer.headers.get("Retry-After", "")
    return min(float(text), LONGEST_PAUSE) if text.isdigit() else otherwise


def _error(answer: httpx.Response) -> OverlaykitError:
    text = _detail(answer)
    if answer.status_code == 401:
        return UserError(text, remedy="Give a token of this room: `overlaykit token new SCOPE NAME` makes one.")
    if answer.status_code == 403:
        return UserError(text, remedy="The token's scope is too narrow for this: use one with a wider scope.")
    if answer.status_code == 404:
        return NotFound(text)
    return UserError(f"{answer.request.method} {answer.request.url.path}: {text}")
