"""What a director does to a ledger besides sweeping: retention, a suspect clock, and the way back after a loss."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from overlaykit.model.notes import NoteAnswer, Noted, ObsState
from overlaykit.stock import strokes
from overlaykit.stock.encoding import FIRST_EPOCH_BYTES, Encoded, arguments, decode
from overlaykit.stock.engine import AsyncStockEngine
from overlaykit.stock.keys import buyer_key, heard_key, ledger_stream_key, recorders_key
from overlaykit.stock.notes import encode_note, read_answer
from overlaykit.stock.orders import Order, is_finished, unpack_order
from overlaykit.stock.recorded import recorded_beginning
from overlaykit.stock.script import command_script
from overlaykit.store import answers, tail_read_async

_HEAD, _ORDERS, _IDS_A, _IDS_B, _SHOWN = 0, 3, 8, 9, 10
_FIELDS = (
    *("seq", "epoch", "status", "planned_at", "opened_at", "generation", "rotated_at"),
    *("suspended", "gate", "gate_at", "epochs", "claimed", "missed"),
)
_ACCEPTED = b"0"


class Facts(NamedTuple):
    """Where a ledger stands, as its director needs to know. Times in ms since 1970.

    rotated_at  when its ids were rotated last, or the session opened or was planned
    newest_ids  ids in the newest generation
    gate        whether calls are refused until the store is made whole
    gate_at     where the ledger stood when the gate was shut last
    intact      earlier epoch → up to which seq its history is this one
    claimed     the highest seq of this epoch that a caller knew when the store had less; 0 without
    stood       where the store stood when that was said first
    missed      entries, first and last, that a caller of an earlier epoch was told of and that are not what is held now
    now_ms      the store's time
    """

    seq: int
    first_seq: int
    epoch: str
    status: str
    planned_at: int
    rotated_at: int
    newest_ids: int
    suspended: bool
    gate: bool
    gate_at: int
    intact: dict[str, int]
    claimed: int
    stood: int
    missed: tuple[int, int] | None
    now_ms: int


class Recorded(NamedTuple):
    """A recorder: the last seq that it has on disk, and when it was heard of (ms; 0 never)."""

    name: str
    seq: int
    heard_ms: int


class Keeper(AsyncStockEngine):
    """An engine with the director's strokes. Each gives True when it was done, with an entry of the clock's; False when the
    script saw no reason for it, or another director leads since. `token` is the lease's fencing token.

    `now_ms` replaces the server's clock, for tests. Raises as AsyncStockEngine does.
    """

    async def facts(self) -> Facts | None:
        """None when there is no ledger."""
        with answers():
            head = dict(zip(_FIELDS, await self._client.hmget(self._keys[_HEAD], _FIELDS), strict=True))
            if head["seq"] is None or head["epoch"] is None or head["planned_at"] is None:
                return None
            newest = self._keys[_IDS_B if head["generation"] == b"b" else _IDS_A]
            ids = await self._client.hlen(newest)
            first = await self._client.xrange(ledger_stream_key(self.ledger), count=1)
            return _facts(head, ids, first, await self._now_ms())

    async def wanted_obs(self) -> list[str]:
        """The names of the OBS that the ledger says its session needs."""
        with answers():
            shown = await self._client.hgetall(self._keys[_SHOWN])
        return [
            field.decode().removeprefix("obs ")
            for field, text in shown.items()
            if field.startswith(b"obs ") and msgspec.json.decode(text, type=ObsState).wanted
        ]

    async def recorders(self) -> list[Recorded]:
        """Every recorder that has registered, in the order of their names."""
        with answers():
            seqs = await self._client.hgetall(recorders_key(self.ledger))
            heard = await self._client.hgetall(heard_key(self.ledger))
        return [Recorded(name.decode(), int(seqs[name]), int(heard.get(name, 0))) for name in sorted(seqs)]

    async def register(self, recorder: str, seq: int) -> None:
        """A recorder says how far the disk has the ledger."""
        with answers():
            await self._client.hset(recorders_key(self.ledger), recorder, str(seq))
            await self._client.hset(heard_key(self.ledger), recorder, str(await self._now_ms()))

    async def _now_ms(self) -> int:
        """The time of the server that holds the ledger: another one's says nothing of its holds."""
        seconds, microseconds = await (await self._client.node_for(self._keys[_HEAD])).time()
        return int(seconds) * 1000 + int(microseconds) // 1000

    # ------------------------------------------------------------------------------------------------------- retention

    async def rotate_ids(self, token: int, *, now_ms: int | None = None) -> bool:
        """The older generation of ids goes, if it is time."""
        return await self._stroke(strokes.encode_rotation(token), now_ms=now_ms)

    async def retire(self, token: int, orders: Sequence[str], before_ms: int, *, now_ms: int | None = None) -> bool:
        """Those of `orders` leave that are finished, unchanged for 24 hours, and changed last before `before_ms`."""
        return await self._stroke(strokes.encode_retirement(token, orders, before_ms), now_ms=now_ms)

    async def scan_orders(self, cursor: int, count: int) -> tuple[int, dict[str, Order]]:
        """A slice of about `count` orders, and the cursor of the next; 0 at the end."""
        with answers():
            following, found = await self._client.hscan(self._keys[_ORDERS], cursor, count=count)
        return int(following), {name.decode(): unpack_order(packed) for name, packed in found.items()}

    async def finished_orders(self, cursor: int, count: int, before_ms: int) -> tuple[int, list[str]]:
        """Of such a slice the orders that are finished and changed last before `before_ms`."""
        following, found = await self.scan_orders(cursor, count)
        names = [name for name, order in found.items() if is_finished(order) and order.at * 1000 + 999 < before_ms]
        return following, names

    async def trim(self, keep_from: int) -> None:
        """Entries before `keep_from` may go from the ledger; some of them may stay for a while."""
        with answers():
            await self._client.execute_command(
                "XTRIM", ledger_stream_key(self.ledger), "MINID", "~", f"{keep_from}-0", "LIMIT", 100_000
            )

    async def line(self, seq: int) -> bytes | None:
        """One ledger line; None when the store does not hold it."""
        found = await tail_read_async(self._client, ledger_stream_key(self.ledger), seq - 1, count=1)
        return found[0][1] if found and found[0][0] == seq else None

    # ----------------------------------------------------------------------------------------------------------- notes

    async def note(self, notes: Sequence[Noted], token: int | None, *, now_ms: int | None = None) -> list[NoteAnswer]:
        """Writes notes, in order; each once. CALL_AT_MOST at the most.

        token   the fencing token of the lease under which they are said; None for who needs none. Of a lease that another
                process has by now nothing is written.

        A duplicate's entry lies after the one at which the lease was taken if this process wrote it, and was not told.
        """
        encoded = [encode_note(each, token) for each in notes]
        return [read_answer(answer) for answer in await self._run(encoded, now_ms)] if encoded else []

    # ----------------------------------------------------------------------------------------------------------- clock

    async def suspend(self, token: int, step_ms: int) -> bool:
        """Nothing ends or opens by time from now on."""
        return await self._stroke(strokes.encode_suspension(token, step_ms))

    async def resume_time(self, token: int) -> bool:
        """Time counts again."""
        return await self._stroke(strokes.encode_resumption(token))

    # ------------------------------------------------------------------------------------------------------------ loss

    async def shut_gate(self) -> None:
        """Every call is answered `behind` until `resume`."""
        await self._stroke(strokes.encode_gate(), flags="g")

    async def keep_in_mind(self) -> None:
        """Remembers what no recording holds: the key with which buyers are hashed."""
        if self._secret is None:
            with answers():
                self._secret = await self._client.get(buyer_key(self.ledger))

    async def begin_again(self, line: bytes) -> bool:
        """Gives entry 1 to a store that knows nothing of this ledger, in the epoch that it had and with its gate shut: whoever
        knows more is refused, and a recovery goes on as after any loss. False when there is a ledger already."""
        with answers():
            await self._client.set(buyer_key(self.ledger), self._secret or secrets.token_bytes(32), nx=True)
        at_ms, plan = recorded_beginning(line, self.seen.epoch or secrets.token_hex(FIRST_EPOCH_BYTES))
        args = arguments([plan, strokes.encode_gate()], epoch="", seen=0, now_ms=at_ms, flags="sg")
        raw = await self._call(command_script(), args)
        return bytes(raw[0]) == b"ok"

    async def resume(self, seq: int, epoch: str, intact: int, data: Mapping[str, Any]) -> bool:
        """Opens the gate of a ledger that stands at `seq`, under a new epoch. Raises StoreBehind when it stands elsewhere."""
        encoded = strokes.encode_session_resumed(epoch, intact, dict(data))
        return await self._stroke(encoded, flags="g", seen=seq)

    async def _stroke(
        self, encoded: Encoded, *, now_ms: int | None = None, flags: str = "", seen: int | None = None
    ) -> bool:
        through_gate = "g" in flags
        args = arguments(
            [encoded],
            epoch="" if through_gate else self.seen.epoch,
            seen=self.seen.seq if not through_gate else -1 if seen is None else seen,
            now_ms=now_ms,
            flags=flags,
        )
        raw = await self._call(command_script(), args)
        if through_gate:
            reply = decode(raw)  # what is seen here is no promise of this process's
            return reply is not None and reply.answers[0] == _ACCEPTED
        return self.understand(raw)[0] == _ACCEPTED


def _facts(head: Mapping[str, bytes | None], ids: int, first: Sequence[Any], now_ms: int) -> Facts:
    def number(name: str, otherwise: int = 0) -> int:
        return int(head[name] or otherwise)

    def text(name: str) -> str:
        return (head[name] or b"").decode()

    seq = number("seq")
    words = text("epochs").split()
    whose, claimed, stood = (text("claimed") or "nobody 0 0").split()
    if whose != text("epoch"):
        claimed = stood = "0"
    return Facts(
        seq=seq,
        first_seq=int(first[0][0].split(b"-")[0]) if first else seq + 1,
        epoch=text("epoch"),
        status=text("status"),
        planned_at=number("planned_at"),
        rotated_at=number("rotated_at", number("opened_at", number("planned_at"))),
        newest_ids=ids,
        suspended=head["suspended"] == b"1",
        gate=head["gate"] == b"1",
        gate_at=number("gate_at"),
        intact=dict(zip(words[::2], map(int, words[1::2]), strict=True)),
        claimed=int(claimed),
        stood=int(stood),
        missed=(int(missed[0]), int(missed[1])) if (missed := text("missed").split()) else None,
        now_ms=now_ms,
    )
