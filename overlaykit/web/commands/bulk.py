"""NDJSON in, NDJSON out, both at once.

Three greenlets share the work, so that none waits for another without need: one reads and splits lines, one has them run
in batches, one (the request's own) sends outcomes. Many clients send their whole body before they read a byte of the
answer, so running must not wait for sending; outcomes wait in memory instead, up to a bound.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import gevent
import msgspec
from gevent.event import Event

from overlaykit.errors import OverlaykitError, StoreBehind
from overlaykit.model.outcomes import Outcome
from overlaykit.model.parsing import MAX_COMMAND_BYTES
from overlaykit.stock import CALL_AT_MOST, CallPipeline, Encoded
from overlaykit.web.http.problems import CONTENT_TYPE as PROBLEM_TYPE
from overlaykit.web.http.problems import RETRY_AFTER, Problem, problem, problem_of
from overlaykit.words import Words

log = logging.getLogger(__name__)


class Ready(NamedTuple):
    """A command that only has to be decided."""

    id: str
    encoded: Encoded


DEPTH = 2
"""Calls under way at once: while the store decides one, the next lies before it."""
READ_AHEAD = 4 * CALL_AT_MOST
"""Lines read but not yet run."""
UNSENT = 64 * 1024 * 1024
"""Bytes of outcomes a client may leave unread; after them its body is not read further."""
STALLED = 60.0
"""Seconds after which a client that reads nothing is given up."""
BOM = b"\xef\xbb\xbf"


def refused(id: str, reason: str) -> bytes:
    """The outcome of a command that was refused before it reached the engine, or by the engine's gate."""
    return msgspec.json.encode(Outcome(id=id, status="refused", reason=reason))


class Bulk:
    """One NDJSON request.

    prepare   a line → a command for the engine, or the outcome it has already; done while the engine is busy
    pipeline  opens where commands are sent, at most CALL_AT_MOST at a time, DEPTH calls ahead of their answers; a body that
              trickles in holds it only while calls are under way
    note      is told each batch of outcomes
    """

    def __init__(
        self,
        environ: Mapping[str, Any],
        *,
        prepare: Callable[[bytes], Ready | bytes],
        pipeline: Callable[[], CallPipeline],
        note: Callable[[Sequence[bytes]], None],
    ) -> None:
        self._body = environ["wsgi.input"]
        self._hang_up: Callable[[], None] = environ.get("overlaykit.hang_up", lambda: None)
        self._prepare = prepare
        self._open_pipeline = pipeline
        self._pipeline: CallPipeline | None = None
        self._note = note
        self._sent: deque[list[Ready | bytes]] = deque()
        self._prepared: deque[Ready | bytes] = deque()
        self._read_all = False
        self._ran_all = False
        self._out: list[bytes] = []
        self._unsent = 0
        self._ran = 0
        self._failed: Problem | None = None
        self._changed = {"lines": Event(), "room": Event(), "out": Event(), "sent": Event()}

    def answer(self, start_response: Any, headers: list[tuple[str, str]]) -> Iterable[bytes]:
        """The WSGI answer. Its status waits for the first outcomes: a body none of which ran gets a proper problem."""
        reader, runner = gevent.spawn(self._read), gevent.spawn(self._run_lines)
        self._wait("out", lambda: bool(self._out) or self._ran_all)
        if self._failed is not None and not self._out:
            gevent.killall([reader, runner], block=False)
            body = self._failed.encode()
            more = [("Retry-After", RETRY_AFTER)] if self._failed.status == 503 else []
            self._hang_up()
            start_response(
                f"{self._failed.status} {self._failed.title}",
                [("Content-Type", PROBLEM_TYPE), ("Content-Length", str(len(body))), *more],
            )
            return [body]
        start_response("200 OK", headers)
        return self._outcomes(reader, runner)

    def _outcomes(self, reader: gevent.Greenlet, runner: gevent.Greenlet) -> Iterator[bytes]:
        try:
            while True:
                self._wait("out", lambda: bool(self._out) or self._ran_all)
                if not self._out:
                    break
                out, self._out = self._out, []
                data = b"".join(out)
                yield data
                self._unsent -= len(data)
                self._changed["sent"].set()
            if self._failed is not None:
                # A line that is no outcome: it has no id, and its status is a number.
                self._hang_up()
                yield self._failed.encode() + b"\n"
        finally:
            gevent.killall([reader, runner], block=False)

    def _read(self) -> None:
        first = True
        try:
            while True:
                line = self._body.readline(MAX_COMMAND_BYTES + 2)
                if not line:
                    break
                if len(line) > MAX_COMMAND_BYTES + 1 and not line.endswith(b"\n"):
                    self._skip_line()
                if first:
                    line, first = line.removeprefix(BOM), False
                line = line.strip()
                if line:
                    self._prepared.append(self._prepare(line))
                    self._changed["lines"].set()
                    self._wait("room", lambda: len(self._prepared) < READ_AHEAD)
        except OverlaykitError as error:
            self._failed = self._problem(error)
        except OSError as error:
            self._failed = problem(400, f"The body could not be read to its end: {error}. What was read has run.")
        except Exception:
            log.exception("a bulk request failed")
            self._failed = problem(
                500,
                Words("Something went wrong here; what was read before has run.", "这里出了问题；之前读到的已执行。"),
            )
        finally:
            self._read_all = True
            self._changed["lines"].set()

    def _skip_line(self) -> None:
        """The rest of a line that is too long already: read, not kept."""
        while True:
            piece = self._body.readline(MAX_COMMAND_BYTES)
            if not piece or piece.endswith(b"\n"):
                return

    def _run_lines(self) -> None:
        try:
            while True:
                if not self._sent:
                    if not self._prepared:
                        self._close_pipeline()
                    self._wait("lines", lambda: bool(self._prepared) or self._read_all)
                    if not self._prepared:
                        return
                if self._prepared and len(self._sent) < DEPTH:
                    self._send()
                    continue
                outcomes = self._receive()
                self._note(outcomes)
                self._ran += len(outcomes)
                data = b"\n".join(outcomes) + b"\n"
                self._out.append(data)
                self._unsent += len(data)
                self._changed["out"].set()
                if self._unsent > UNSENT:
                    with gevent.Timeout(STALLED):
                        self._wait("sent", lambda: self._unsent <= UNSENT)
        except OverlaykitError as error:
            self._failed = self._problem(error)
        except gevent.Timeout:
            self._failed = problem(408, f"Outcomes were not read for {STALLED:.0f} s. {self._ran} commands have run.")
        except Exception:
            log.exception("a bulk request failed")
            self._failed = problem(
                500,
                Words(
                    f"Something went wrong here. {self._ran} commands have run.",
                    f"这里出了问题。已执行 {self._ran} 条命令。",
                ),
            )
        finally:
            self._close_pipeline()
            self._ran_all = True
            self._changed["out"].set()

    def _send(self) -> None:
        batch = [self._prepared.popleft() for _ in range(min(CALL_AT_MOST, len(self._prepared)))]
        self._changed["room"].set()
        ready = [each.encoded for each in batch if isinstance(each, Ready)]
        if ready:
            self._pipeline = self._pipeline or self._open_pipeline()
            self._pipeline.send(ready)
        self._sent.append(batch)

    def _close_pipeline(self) -> None:
        if self._pipeline is not None:
            self._pipeline.close()
            self._pipeline = None

    def _receive(self) -> list[bytes]:
        """The outcomes of the oldest batch that was sent."""
        batch = self._sent.popleft()
        ready = [each for each in batch if isinstance(each, Ready)]
        try:
            answers = iter(self._pipeline.receive() if ready and self._pipeline else ())
        except StoreBehind:
            answers = iter([refused(each.id, "store_behind") for each in ready])
        return [each if isinstance(each, bytes) else next(answers) for each in batch]

    def _problem(self, error: OverlaykitError) -> Problem:
        found = problem_of(error)
        said = Words(
            f"{found.words.en} {self._ran} commands have run; those after them may have: repeat them with the same ids.",
            f"{found.words.zh} 已执行 {self._ran} 条命令；后面的可能也已执行：用相同的 id 再发一次。",
        )
        return problem(found.status, said, kind=found.type.rpartition(":")[2])

    def _wait(self, name: str, until: Callable[[], bool]) -> None:
        event = self._changed[name]
        while not until():
            event.clear()
            event.wait()
