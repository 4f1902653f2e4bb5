"""The outbox of a ledger: messages that wait to leave the room, a queue for each target, and how the targets do.

The director puts, the gateway that leads takes. A message that was put stays until its end was said (`finish`), whatever dies in
between; `start` is written before it goes out, so that one which was begun and has no end is seen as such. Times are the store's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, cast

import msgspec
import redis
import redis.asyncio
from msgspec import Struct

from overlaykit.errors import UserError
from overlaykit.model.messages import Message, read_message
from overlaykit.store.client import answers
from overlaykit.store.lists import take_first
from overlaykit.store.scripts import own_script, run_script_async

QUEUE_AT_MOST = 1_000
"""Messages that wait for one target."""
DEAD_AT_MOST = 1_000
ENDED_AT_MOST = 20_000
"""Ids of ended messages that are remembered, so that putting one again changes nothing."""
REMEMBERED = 2 * 86_400_000
DEAD_SHOWN = 50
"""Dead letters that are read for those who look: each may have BYTES_AT_MOST."""
KEPT = 7 * 86_400_000
"""Milliseconds without a word after which an outbox is forgotten."""
BYTES_AT_MOST = 65_536
"""Of one message, as JSON."""
GONE_AFTER = 15_000
"""Milliseconds without a word of a gateway about any target, after which none works: it says something every five seconds."""

Put = Literal["queued", "duplicate", "full"]


class Taken(NamedTuple):
    """What a queue holds now.

    now_ms   the store's time
    waiting  messages in the queue
    due_ms   when the first is due, None without one
    message  the one that is due, None while none is
    begun    whether it was started and nothing is known of its end
    attempts how often it was started
    first_ms when it was started first; now when it was not yet
    """

    now_ms: int
    waiting: int
    due_ms: int | None
    message: Message | None
    begun: bool
    attempts: int
    first_ms: int


class Start(NamedTuple):
    """Whether a message may go out: `status` begin, fenced (another gateway leads), gone, begun (before, and it must not
    go out twice), expired. `attempt` counts from 1."""

    status: Literal["begin", "fenced", "gone", "begun", "expired"]
    attempt: int = 0


class DeadLetter(Struct, frozen=True):
    """A message that could not be delivered. `at_ms` is when it was given up."""

    message: Message
    attempts: int
    why: str
    at_ms: int = 0


TargetState = Literal["ready", "failing", "set_aside", "no_answer"]


class TargetStatus(Struct, frozen=True, kw_only=True):
    """How a channel, source, notifier or webhook of the plan does, for the desk.

    name      with its section: `channel.douyin`
    plugin    the connector behind it; None for webhooks
    can       what it can do, in the words of Capability
    state     ready; failing: the last attempt failed, it is tried again; set_aside: nothing goes there until somebody mends it;
              no_answer: its plugin blocks
    reason, remedy   why it is not ready, and what to do
    waiting   messages in its queue
    dropped   chat messages with a keyword that were passed over, because too many came at once
    heard_ms  when it last answered (a source) or told something (a channel); 0 never
    unread    messages of the platform that are not counted yet
    behind_ms how long the oldest of them has waited
    at_ms     when this was said; a status much older than the gateway's beat is of a gateway that is gone
    """

    name: str
    plugin: str | None = None
    can: tuple[str, ...] = ()
    state: TargetState = "ready"
    reason: str = ""
    remedy: str = ""
    waiting: int = 0
    dropped: int = 0
    heard_ms: int = 0
    unread: int = 0
    behind_ms: int = 0
    at_ms: int = 0


class Outbox:
    """The outbox under `key`, which has the ledger's hash tag. Every call raises StoreAway.

    fence_key   the fencing counter of the lease that the gateway holds (`Lease.fence_key`); only `start` and `finish` ask it
    """

    def __init__(self, client: redis.asyncio.Redis, key: str, fence_key: str = "") -> None:
        self._client, self._key, self._fence = client, key, fence_key
        self._messages, self._states, self._ended = f"{key}:messages", f"{key}:states", f"{key}:ended"
        self._bell, self._dead, self._targets = f"{key}:bell", f"{key}:dead", f"{key}:targets"

    async def put(self, message: Message) -> Put:
        """Queues it. `duplicate`: an id that was put before, nothing is changed; `full`: its target has QUEUE_AT_MOST waiting.

        Raises UserError for a message that is too long.
        """
        text = msgspec.json.encode(message)
        if len(text) > BYTES_AT_MOST:
            raise UserError(
                f"发往 {message.target} 的消息有 {len(text)} 字节，最多 {BYTES_AT_MOST} / "
                f"the message to {message.target} has {len(text):,} bytes, and {BYTES_AT_MOST:,} is the most",
                remedy=f"把动作 {message.action} 的文字改短。 / Make the text of the action {message.action} shorter.",
            )
        queue = self._queue(message.queue)
        keys = [self._messages, self._states, queue, self._ended, self._bell, f"{self._key}:count"]
        arguments: list[str | bytes | int] = [message.id, text, QUEUE_AT_MOST, REMEMBERED, ENDED_AT_MOST, KEPT]
        with answers():
            said = await run_script_async(self._client, own_script("outbox_put"), keys, arguments)
        return cast(Put, said.decode())

    async def wait(self, seconds: float) -> bool:
        """Waits until something was put since the last wait, for `seconds` or half of the client's timeout at most."""
        return await take_first(self._client, self._bell, seconds) is not None

    async def take(self, queue: str) -> Taken:
        """The first message that is due in `queue`, such as `channel.douyin`; it stays there."""
        keys = [self._messages, self._states, self._queue(queue)]
        with answers():
            now, waiting, due, text, state = await run_script_async(self._client, own_script("outbox_take"), keys, [])
        word, attempts, first = (state or b"queued 0 0").decode().split()
        message = read_message(text) if text else None
        return Taken(
            now, waiting, None if due < 0 else due, message, word == "started", int(attempts), int(first) or now
        )

    async def start(self, message: Message, token: int) -> Start:
        """To be written right before it goes out. `token` is the lease's fencing token."""
        expires = "" if message.expires_at is None else message.expires_at
        arguments: list[str | bytes | int] = [token, message.id, int(message.once), expires]
        with answers():
            said = await run_script_async(
                self._client, own_script("outbox_start"), [self._fence, self._states], arguments
            )
        if said > 0:
            return Start("begin", said)
        refusals: Mapping[int, Start] = {
            0: Start("fenced"),
            -1: Start("gone"),
            -2: Start("begun"),
            -3: Start("expired"),
        }
        return refusals[said]

    async def defer(self, message: Message, token: int, seconds: float) -> bool:
        """It waits for another attempt. False when another gateway leads since."""
        return await self._settle(message, token, round(seconds * 1000), b"")

    async def finish(self, message: Message, token: int, *, dead: DeadLetter | None = None) -> bool:
        """Its end was noted; with `dead` it is kept among the dead letters. False when another gateway leads since."""
        return await self._settle(message, token, -1, msgspec.json.encode(dead) if dead else b"")

    async def _settle(self, message: Message, token: int, wait_ms: int, dead: bytes) -> bool:
        keys = [
            *(self._fence, self._messages, self._states, self._queue(message.queue)),
            *(self._ended, self._dead, f"{self._dead}:at"),
        ]
        arguments: list[str | bytes | int] = [token, message.id, wait_ms, dead, DEAD_AT_MOST, KEPT]
        with answers():
            return bool(await run_script_async(self._client, own_script("outbox_settle"), keys, arguments) != 0)

    async def waits(self) -> bool:
        """Whether any message waits, in whichever queue."""
        with answers():
            return bool(await self._client.hlen(self._messages))

    async def targets(self) -> dict[str, TargetStatus]:
        """How the targets did when that was said last, by name."""
        with answers():
            found = cast(dict[bytes, bytes], await self._client.hgetall(self._targets))
        return {name.decode(): msgspec.json.decode(text, type=TargetStatus) for name, text in found.items()}

    async def say_targets(self, statuses: Mapping[str, TargetStatus], gone: tuple[str, ...] = ()) -> None:
        """Notes how targets do, by name, and forgets those of `gone`."""
        with answers():
            if gone:
                await self._client.hdel(self._targets, *gone)
            if statuses:
                said = [each for name, status in statuses.items() for each in (name, msgspec.json.encode(status))]
                await self._client.hset(self._targets, items=said)
                await self._client.pexpire(self._targets, KEPT)

    def _queue(self, name: str) -> str:
        return f"{self._key}:queue:{name}"


class OutboxNow(NamedTuple):
    """An outbox as the desk sees it: the store's time, how the targets do, by name, and the messages that were given up last,
    DEAD_SHOWN at most, the last one first."""

    now_ms: int
    targets: list[TargetStatus]
    dead: list[DeadLetter]

    @property
    def works(self) -> bool:
        """Whether a gateway works for this ledger now."""
        return any(self.now_ms - target.at_ms < GONE_AFTER for target in self.targets)


def read_outbox(client: redis.Redis, key: str) -> OutboxNow:
    """The outbox under `key`. Raises StoreAway."""
    asked: Any = client  # redis-py types each answer as the union of all protocols' answers
    with answers():
        seconds, microseconds = asked.node_for(key).time()
        targets = asked.hgetall(f"{key}:targets")
        died = asked.zrevrange(f"{key}:dead:at", 0, DEAD_SHOWN - 1, withscores=True)
        letters = asked.hmget(f"{key}:dead", [id for id, _ in died]) if died else []
    dead = [
        (msgspec.json.decode(letter, type=DeadLetter), int(at))
        for (_, at), letter in zip(died, letters, strict=True)
        if letter is not None
    ]
    return OutboxNow(
        seconds * 1000 + microseconds // 1000,
        [msgspec.json.decode(targets[name], type=TargetStatus) for name in sorted(targets)],
        [msgspec.structs.replace(letter, at_ms=at) for letter, at in dead],
    )
