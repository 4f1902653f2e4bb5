"""Who may do what: tokens from the header, the address or the login cookie, and the origins a socket may come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, NoReturn
from urllib.parse import unquote_plus

from overlaykit.errors import StoreAway
from overlaykit.store import TokenRecord, Tokens, digest
from overlaykit.web.http.problems import ProblemError, problem
from overlaykit.web.sharing import SharedAnswers
from overlaykit.words import Words

BOARD = frozenset({"overlay", "viewer", "connector", "operator", "admin"})
"""Scopes that may see the public board, overlays, sessions."""
DESK = frozenset({"viewer", "operator", "admin"})
"""Scopes that may see the desk, the ledger, metrics."""
OPERATE = frozenset({"operator", "admin"})
"""Scopes that may do what the desk has buttons for."""
ADMIN = frozenset({"admin"})
"""Who may set secrets."""
COMMANDS = frozenset({"connector", "button", "operator", "admin"})
"""Scopes that may send commands; `connector` those of order.* and stock.* alone, `button` presses the button that is called
like its token, unless the token has an action of its own: that one is pressed at /press."""
PRESS = frozenset({"button"})
"""Who may press at /press."""
CONNECTOR_COMMANDS = ("order.", "stock.")

_NEEDED = Words(
    "A token is needed: Authorization: Bearer TOKEN, or ?token=TOKEN.",
    "需要令牌：Authorization: Bearer 令牌，或网址里的 ?token=令牌。",
)
KEPT = 0.5
"""Seconds for which an answer about a token is kept: a revocation counts within them."""
KEPT_WHILE_AWAY = 60.0
"""Seconds for which it is kept while the store, the only place where it could be revoked, does not answer."""
MAX_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sent a request. `by_cookie`: the browser added the credentials by itself, so the origin must be our own.
    `action`: what a button does, as its token says."""

    name: str
    scope: str
    created_at: str
    by_cookie: bool = False
    action: Mapping[str, Any] | None = None

    @property
    def source(self) -> str:
        """As ledger entries name it."""
        return f"api:{self.name}"


class Gate:
    """Finds out who calls. Keeps what the store said about a token for half a second.

    A token's text is hashed before it is looked up, here as in the store: how long a comparison takes says nothing.
    """

    def __init__(self, tokens: Tokens, *, allowed_origins: tuple[str, ...] = ()) -> None:
        self._tokens = tokens
        self._allowed_origins = frozenset(allowed_origins)
        self._kept: dict[str, tuple[float, Caller | None]] = {}
        self._finding: SharedAnswers[TokenRecord | None] = SharedAnswers()
        self._listing: SharedAnswers[list[TokenRecord]] = SharedAnswers()
        self._names: tuple[float, frozenset[tuple[str, str, str]]] = (float("-inf"), frozenset())

    def find(self, text: str) -> Caller | None:
        """Whose token this is, or None. Raises StoreAway."""
        if not 1 <= len(text) <= 512:
            return None
        key = digest(text)
        now = monotonic()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < KEPT:
            return kept[1]
        try:
            record = self._finding.ask(key, lambda: self._tokens.find(text))
        except StoreAway:
            if kept is not None and kept[1] is not None and now - kept[0] < KEPT_WHILE_AWAY:
                return kept[1]
            raise
        caller = None if record is None else _caller(record)
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[key] = (now, caller)
        return caller

    def from_environ(self, environ: Mapping[str, Any]) -> Caller | None:
        """Who sent this WSGI request by header or address; None when no token came. Raises ProblemError 401 for a bad one."""
        header = environ.get("HTTP_AUTHORIZATION")
        if header is not None:
            kind, _, text = header.partition(" ")
            if kind.lower() != "bearer":
                unauthorised(Words("Authorization must be: Bearer TOKEN.", "Authorization 要写成：Bearer 令牌。"))
        else:
            text = token_in_query(environ.get("QUERY_STRING", ""))
            if text is None:
                return None
        caller = self.find(text.strip())
        if caller is None:
            unauthorised(
                Words(
                    "This token is not known here, or was revoked. `overlaykit token list` shows those that exist.",
                    "这里没有这个令牌，或者它已被撤销。`overlaykit token list` 列出现有的令牌。",
                )
            )
        return caller

    def still_valid(self, caller: Caller) -> bool:
        """Whether the caller's token exists. For the login cookie, which holds no token, and for open sockets. Raises StoreAway."""
        who = (caller.name, caller.scope, caller.created_at)
        now = monotonic()
        at, names = self._names
        if now - at < KEPT and who in names:
            return True
        try:
            records = self._listing.ask("all", self._tokens.list)
            names = frozenset((record.name, record.scope, record.created_at) for record in records)
            self._names = (now, names)
        except StoreAway:
            if now - at >= KEPT_WHILE_AWAY:
                raise
        return who in names

    def origin_allowed(self, environ: Mapping[str, Any], caller: Caller | None) -> bool:
        """Whether a socket or form may come from where it says it does.

        Our own pages may; so may programs, which send no origin, and files opened in OBS, whose origin is `null` or
        file://, but only when the address itself holds the token. The Host header is what the browser was told, no
        more: it is compared, never trusted for anything else.
        """
        origin = environ.get("HTTP_ORIGIN")
        explicit = caller is not None and not caller.by_cookie
        if origin is None:
            return explicit or caller is None
        host = environ.get("HTTP_HOST", "")
        if host and origin in (f"http://{host}", f"https://{host}"):
            return True
        return explicit and (origin in self._allowed_origins or origin in ("null", "file://"))


def _caller(record: TokenRecord) -> Caller:
    return Caller(record.name, record.scope, record.created_at, action=record.action)


def token_in_query(query: str) -> str | None:
    """The first `token` of a query string, however many fields stand before it."""
    for field in query.split("&") if "token=" in query else ():
        name, equals, value = field.partition("=")
        if name == "token" and equals:
            return unquote_plus(value)
    return None


def unauthorised(detail: Words) -> NoReturn:
    raise ProblemError(problem(401, detail, kind="unauthorised"))


def require(caller: Caller | None, scopes: frozenset[str]) -> Caller:
    """The caller, when its scope is among `scopes`. Raises ProblemError 401 or 403."""
    if caller is None:
        unauthorised(_NEEDED)
    if caller.scope not in scopes:
        raise ProblemError(
            problem(
                403,
                Words(
                    f"The token {caller.name!r} has the scope {caller.scope}; this needs one of: {', '.join(sorted(scopes))}.",
                    f"令牌 {caller.name} 的权限是 {caller.scope}，这里需要：{'、'.join(sorted(scopes))} 之一。",
                ),
                kind="wrong_scope",
            )
        )
    return caller
