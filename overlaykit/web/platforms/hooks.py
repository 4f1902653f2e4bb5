"""/hooks/APP: what platforms send. It needs no token: the connector knows a genuine message by its signature.

A platform that has much to tell sends hundreds of messages a second, so this stands before Flask as plain WSGI, as commands do.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from overlaykit.errors import OverlaykitError
from overlaykit.inbox import Answer, Keeping, Recipient, Refusal, receive
from overlaykit.model.wire import FIELDS_AT_MOST, Headers, Request
from overlaykit.web.http.bodies import read_plain
from overlaykit.web.http.problems import CONTENT_TYPE as PROBLEM_TYPE
from overlaykit.web.http.problems import FAILED, RETRY_AFTER, Problem, problem, problem_of

log = logging.getLogger(__name__)

PREFIX = "/hooks/"
METHODS = ("GET", "HEAD", "POST")
MAX_BODY = 1024 * 1024
"""Bytes of a message."""
NOSNIFF = ("X-Content-Type-Options", "nosniff")


class HooksRoute:
    """WSGI: answers these addresses and hands everything else to `app`.

    find     app → who gets its messages; raises NotFound, StoreAway
    keeping  where they are kept
    observe  told of each message: app, status of the answer, seconds
    """

    def __init__(
        self,
        app: Any,
        find: Callable[[str], Sequence[Recipient]],
        keeping: Keeping,
        observe: Callable[[str, int, float], None] = lambda app, status, seconds: None,
    ) -> None:
        self._app, self._find, self._keeping, self._observe = app, find, keeping, observe

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        app = path.removeprefix(PREFIX)
        if app == path or not app or "/" in app:
            answer: Iterable[bytes] = self._app(environ, start_response)
            return answer
        try:
            return _send(start_response, self._answer(environ, app), environ["REQUEST_METHOD"])
        except Refusal as refusal:
            return refuse(
                start_response, problem(refusal.status, refusal.detail, kind=refusal.kind), refusal.retry_after
            )
        except OverlaykitError as error:
            return refuse(start_response, problem_of(error))
        except OSError as error:  # the body ended early, or its chunks are none
            environ.get("overlaykit.hang_up", lambda: None)()
            return refuse(start_response, problem(400, f"The body could not be read: {error}", kind="malformed"))
        except Exception:
            log.exception("a message to %s failed", path)
            return refuse(start_response, problem(500, FAILED))

    def _answer(self, environ: dict[str, Any], name: str) -> Answer:
        """One message: acknowledged in the platform's own form when it is safe. Raises Refusal, OverlaykitError, OSError."""
        if environ["REQUEST_METHOD"] not in METHODS:
            raise Refusal(405, "Messages are sent by POST.", kind="method_not_allowed")
        try:
            app = name.encode("latin-1").decode()
        except UnicodeError:
            raise Refusal(404, "The name of the app is not UTF-8.", kind="not_found") from None
        recipients = self._find(app)
        request = _message(environ)
        began = time.perf_counter()
        try:
            answer = receive(self._keeping, recipients, request)
        except Refusal as refusal:
            self._observe(app, refusal.status, time.perf_counter() - began)
            raise
        self._observe(app, answer.status, time.perf_counter() - began)
        return answer


def _message(environ: dict[str, Any]) -> Request:
    method: str = environ["REQUEST_METHOD"]
    body = read_plain(environ, MAX_BODY)
    if body is None:
        raise Refusal(413, f"A message may have {MAX_BODY} bytes.", kind="too_large")
    return Request(
        method="GET" if method == "HEAD" else method,
        query=_query(environ.get("QUERY_STRING", "")),
        headers=_headers(environ),
        body=body,
        received_ms=time.time_ns() // 1_000_000,
    )


def _query(text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_AT_MOST))
    except ValueError:
        raise Refusal(400, f"The query has more than {FIELDS_AT_MOST} fields.", kind="malformed") from None


def _headers(environ: dict[str, Any]) -> Headers:
    found = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if name in environ:
            found[name.replace("_", "-")] = environ[name]
    return Headers(found)


def _send(start_response: Any, answer: Answer, method: str) -> Iterable[bytes]:
    headers = [*answer.headers.items(), ("Content-Length", str(len(answer.body))), NOSNIFF]
    start_response(f"{answer.status} {_phrase(answer.status)}", headers)
    return () if method == "HEAD" else (answer.body,)


def refuse(start_response: Any, found: Problem, retry_after: int | None = None) -> Iterable[bytes]:
    """A problem as WSGI sends it."""
    body = found.encode()
    headers = [("Content-Type", PROBLEM_TYPE), ("Content-Length", str(len(body))), NOSNIFF]
    match found.status:
        case 401:
            headers.append(("WWW-Authenticate", "Signature"))
        case 405:
            headers.append(("Allow", "POST"))
        case 503:
            headers.append(("Retry-After", str(retry_after or RETRY_AFTER)))
    start_response(f"{found.status} {found.title}", headers)
    return (body,)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "-"
