"""The two callers of the script, one synchronous and one asynchronous. What they send and understand is in `encoding`.

An engine remembers the epoch and the highest seq it has seen; a store that holds less refuses the next call (StoreBehind).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import redis
import redis.asyncio
from redis.exceptions import NoScriptError

from overlaykit.errors import NotFound, StoreAway
from overlaykit.model.commands import Submission
from overlaykit.model.sessions import SessionPlan
from overlaykit.model.state import State
from overlaykit.stock import encoding
from overlaykit.stock.encoding import Encoded, Reply
from overlaykit.stock.holds import HoldToken, OrderHead, is_genuine
from overlaykit.stock.keys import buyer_key, head_key, ledger_stream_key, orders_key, script_keys
from overlaykit.stock.reapplying import reapply
from overlaykit.stock.script import command_script, state_script
from overlaykit.stock.seen import Seen
from overlaykit.stock.state import Head, decode_state
from overlaykit.store import Lane, Script, answers, by_hash, run_script, run_script_async, tail_read

CALL_AT_MOST = 500
"""Commands that one call should carry; more make others wait."""

REPEAT = "Send it again with the same ids."

_HEAD_FIELDS = ["seq", "epoch", "status", "planned_at", "opened_at"]


class _Caller:
    """What both callers share: the ledger's keys and what has been seen of it."""

    def __init__(self, ledger: str, seen: Seen | None = None) -> None:
        self.ledger = ledger
        self.seen = seen or Seen()
        self._keys = script_keys(ledger)
        self._secret: bytes | None = None

    def _arguments(self, encoded: Sequence[Encoded], now_ms: int | None, flags: str) -> list[bytes | str]:
        return encoding.arguments(encoded, epoch=self.seen.epoch, seen=self.seen.seq, now_ms=now_ms, flags=flags)

    def understand(self, raw: Sequence[Any]) -> list[bytes]:
        """The answers of a whole call. Raises StoreBehind, NotFound."""
        self.seen.adopt(raw)
        reply: Reply | None = encoding.decode(raw)
        if reply is None:
            raise self._unknown()
        self.seen.note(reply.epoch, reply.seq, answered=True)
        return reply.answers

    def _unknown(self) -> NotFound:
        return NotFound(
            f"数据库里没有账本 {self.ledger!r} / there is no ledger {self.ledger!r} in this store",
            remedy="请开始这一场：overlaykit run 场次 / Start the session with: overlaykit run SESSION",
        )

    def _encode_plan(self, plan: SessionPlan, source: str) -> Encoded:
        return encoding.encode_plan(plan, f"plan-{plan.id}", source, secrets.token_hex(encoding.FIRST_EPOCH_BYTES))

    def packed_call(self, encoded: Sequence[Encoded]) -> list[Any]:
        """A whole call as the store takes it."""
        return by_hash(command_script(), self._keys, self._arguments(encoded, None, ""))

    def note_read(self, epoch: str, seq: int) -> None:
        """A reader of the ledger says how far it has come, and in which epoch: what it reads of a new one, which this process has
        yet to be told of, says nothing of the one before."""
        self.seen.note(epoch, seq, answered=False)


class StockEngine(_Caller):
    """Synchronous. Raises StoreAway when the store does not answer: the call may have run, and repeating it is safe.

    Engines of one ledger in one process share `seen`.
    """

    def __init__(self, client: redis.Redis, ledger: str, seen: Seen | None = None) -> None:
        super().__init__(ledger, seen)
        self._client: Any = client  # redis-py types each answer as the union of all protocols' answers
        self._loaded = False

    def _run(self, encoded: Sequence[Encoded], now_ms: int | None) -> list[bytes]:
        raw = self._call(command_script(), self._arguments(encoded, now_ms, ""))
        if self.seen.adopt(raw):  # nothing has run
            raw = self._call(command_script(), self._arguments(encoded, now_ms, ""))
        return self.understand(raw)

    def _call(self, script: Script, args: Sequence[bytes | str]) -> Any:
        with answers():
            return run_script(self._client, script, self._keys, args)

    def plan(self, plan: SessionPlan, *, source: str = "api:run") -> bytes:
        """Writes entry 1 and gives its outcome as JSON: accepted; later duplicate with the same plan, conflict with another."""
        self.make_secret()
        encoded = self._encode_plan(plan, source)
        return self._run([encoded], None)[0]

    def make_secret(self) -> None:
        """The key with which buyers of this ledger are hashed, unless there is one."""
        with answers():
            self._client.set(buyer_key(self.ledger), secrets.token_bytes(32), nx=True)

    def encode(self, submission: Submission) -> Encoded:
        """A command ready for `decide`: work that can be done while another call is under way."""
        return encoding.encode(submission, self._secret or self._read_secret(), self.ledger)

    def decide(self, encoded: Sequence[Encoded], *, now_ms: int | None = None) -> list[bytes]:
        """Decides the commands in order, atomically, and gives their outcomes as JSON. At most CALL_AT_MOST at a time.

        `now_ms` replaces the server's clock, for tests.
        """
        return self._run(encoded, now_ms)

    def submit(self, submissions: Sequence[Submission], *, now_ms: int | None = None) -> list[bytes]:
        """`encode` and `decide` in one."""
        return self.decide([self.encode(each) for each in submissions], now_ms=now_ms)

    def pipeline(self) -> CallPipeline:
        """Calls one after the other without waiting between them. To be closed."""
        self._load()
        return CallPipeline(self, Lane(self._client, self._keys[0]))

    def _load(self) -> None:
        if self._loaded:
            return
        with answers():
            server = self._client.node_for(self._keys[0])
            if not server.execute_command("SCRIPT", "EXISTS", command_script().sha)[0]:
                server.execute_command("SCRIPT", "LOAD", command_script().text)
        self._loaded = True

    def forget_script(self) -> None:
        """The store said that it does not know the script."""
        self._loaded = False

    def sweep(self, *, now_ms: int | None = None) -> int:
        """Works off due holds, countdowns and announcements, a few hundred at most, and says how many there were."""
        return int(self._run([encoding.encode_sweep()], now_ms)[0])

    def reapply(self, lines: Iterable[bytes]) -> list[bytes]:
        """Gives recorded lines to this ledger, which is a replay's own; see `reapplying.reapply`."""
        return reapply(self._client, self.ledger, lines)

    def read(self, after: int, *, count: int = 1000) -> list[tuple[int, bytes]]:
        """Up to `count` entries after a seq, as (seq, line)."""
        return tail_read(self._client, ledger_stream_key(self.ledger), after, count=count)

    def state(self) -> State:
        """Everything a board is made of. Raises NotFound when there is no such ledger."""
        state = decode_state(self._call(state_script(), []))
        if state is None:
            raise self._unknown()
        self.seen.note(state.epoch, state.seq, answered=False)
        return state

    def resolve_head(self) -> Head | None:
        """Where the ledger stands; None when there is none."""
        with answers():
            values = self._client.hmget(head_key(self.ledger), _HEAD_FIELDS)
            first = self._client.xrange(ledger_stream_key(self.ledger), count=1) if values[0] else []
        return _head(values, first)

    def order_head(self, order: str) -> OrderHead | None:
        """How an order stands now; None when there is no such order (any more)."""
        with answers():
            packed = self._client.hget(orders_key(self.ledger), order)
            seconds, micros = self._client.node_for(self._keys[0]).time()
        if packed is None:
            return None
        state, _, _, expires = msgspec.msgpack.decode(packed)[:4]
        state = state.decode() if isinstance(state, bytes) else state
        now = seconds * 1000 + micros // 1000
        return OrderHead(state, int(expires) or None if state == "held" else None, now)

    def made(self, token: HoldToken) -> bool:
        """Whether a hold token is this ledger's own. Raises NotFound when there is no such ledger."""
        return is_genuine(token, self._secret or self._read_secret())

    def _read_secret(self) -> bytes:
        with answers():
            found: bytes | None = self._client.get(buyer_key(self.ledger))
        if found is None:
            raise self._unknown()
        self._secret = found
        return found


class CallPipeline:
    """Calls of one engine on one connection: the store begins with the next while the last answer is still being read.

    The store decides them in the order in which they were sent, and answers in that order. After an error nothing more
    can be sent, and what was sent and not answered may have run.
    """

    def __init__(self, engine: StockEngine, lane: Lane) -> None:
        self._engine = engine
        self._lane = lane

    @property
    def waiting(self) -> int:
        """Calls that were sent and not answered yet."""
        return self._lane.waiting

    def send(self, encoded: Sequence[Encoded]) -> None:
        """Sends one call of at most CALL_AT_MOST commands."""
        self._lane.send(*self._engine.packed_call(encoded))

    def receive(self) -> list[bytes]:
        """The outcomes of the oldest call that was not answered yet, as `StockEngine.decide` gives them."""
        try:
            raw = self._lane.receive()
        except NoScriptError:
            self._engine.forget_script()
            raise StoreAway(
                "数据库忘了脚本，这次没有执行 / the store has forgotten its scripts; this call has not run",
                remedy=REPEAT,
            ) from None
        return self._engine.understand(raw)

    def close(self) -> None:
        """Gives the connection back; one with answers still on their way is ended."""
        self._lane.close()


class AsyncStockEngine(_Caller):
    """The same for asyncio."""

    def __init__(self, client: redis.asyncio.Redis, ledger: str, seen: Seen | None = None) -> None:
        super().__init__(ledger, seen)
        self._client: Any = client  # redis-py types each answer as the union of all protocols' answers

    async def _run(self, encoded: Sequence[Encoded], now_ms: int | None) -> list[bytes]:
        raw = await self._call(command_script(), self._arguments(encoded, now_ms, ""))
        if self.seen.adopt(raw):  # nothing has run
            raw = await self._call(command_script(), self._arguments(encoded, now_ms, ""))
        return self.understand(raw)

    async def _call(self, script: Script, args: Sequence[bytes | str]) -> Any:
        with answers():
            return await run_script_async(self._client, script, self._keys, args)

    async def submit(self, submissions: Sequence[Submission], *, now_ms: int | None = None) -> list[bytes]:
        """As StockEngine.submit."""
        if self._secret is None:
            with answers():
                self._secret = await self._client.get(buyer_key(self.ledger))
            if self._secret is None:
                raise self._unknown()
        encoded = [encoding.encode(each, self._secret, self.ledger) for each in submissions]
        return await self._run(encoded, now_ms)

    async def sweep(self, *, now_ms: int | None = None) -> int:
        """As StockEngine.sweep."""
        return int((await self._run([encoding.encode_sweep()], now_ms))[0])

    async def state(self) -> State:
        """As StockEngine.state."""
        state = decode_state(await self._call(state_script(), []))
        if state is None:
            raise self._unknown()
        self.seen.note(state.epoch, state.seq, answered=False)
        return state

    async def resolve_head(self) -> Head | None:
        """As StockEngine.resolve_head."""
        with answers():
            values = await self._client.hmget(head_key(self.ledger), _HEAD_FIELDS)
            first = await self._client.xrange(ledger_stream_key(self.ledger), count=1) if values[0] else []
        return _head(values, first)


def _head(values: list[bytes | None], first: Sequence[Any]) -> Head | None:
    seq, epoch, status, planned, opened = values
    if seq is None or epoch is None or status is None or planned is None:
        return None
    return Head(
        seq=int(seq),
        epoch=epoch.decode(),
        status=status.decode(),
        planned_at=int(planned),
        opened_at=int(opened) if opened else None,
        first_seq=int(first[0][0].split(b"-")[0]) if first else int(seq) + 1,
    )
