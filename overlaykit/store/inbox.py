"""The inbox of a ledger: what platforms delivered and nobody has counted yet, a queue for each app.

Web processes put, after a message was verified; the gateway that leads takes. A delivery stays until its end was said (`done`),
whatever dies in between. One that cannot be counted yet waits on a pile for a person: `aside` for what belongs to no item of the
plan, `dead` for what the platform or the engine would not take. Times are the store's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import redis
import redis.asyncio
from msgspec import Struct

from overlaykit.model.events import Unknown
from overlaykit.store.client import answers
from overlaykit.store.deliveries import (
    AppCounts,
    AppTrouble,
    ChannelCounts,
    InboxNow,
    Letter,
    OddMessage,
    Pile,
    PileName,
    Queue,
    Received,
    read_received,
)
from overlaykit.store.lists import take_first
from overlaykit.store.scripts import Script, own_script, run_script, run_script_async

QUEUE_AT_MOST = 100_000
"""Deliveries that wait for one app."""
QUEUE_BYTES_AT_MOST = 64 * 1024 * 1024
"""Of them all, as JSON: the store has the room's stock in the same memory."""
REMEMBERED = 72 * 3_600_000
"""Milliseconds for which the id of a delivery is remembered: longer than any platform delivers again."""
REMEMBERED_AT_MOST = 500_000
PILE_AT_MOST = 10_000
"""Letters of one pile."""
ODD_AT_MOST = 200
KEPT = 30 * 86_400_000
"""Milliseconds without a word after which an inbox is forgotten."""
LETTERS_SHOWN = 200
ODD_SHOWN = 50


class _Why(Struct, frozen=True, array_like=True):
    """What a pile keeps beside a delivery; see Letter."""

    why: str
    platform_skus: tuple[str, ...] = ()
    seq: int = 0


class Put(NamedTuple):
    """What became of deliveries that were put: `full`: of none; else for each whether it is new."""

    full: bool
    fresh: tuple[bool, ...] = ()


class Batch(NamedTuple):
    """What waits of one app. `waiting`: deliveries in the queue; `taken`: those asked for, each with its position."""

    now_ms: int
    waiting: int
    taken: list[tuple[int, Received]]


class Inbox:
    """The inbox under `key`, which has the ledger's hash tag, for the gateway. Every call raises StoreAway."""

    def __init__(self, client: redis.asyncio.Redis, key: str) -> None:
        self._client, self._key = client, key
        self._keys = _Keys(key)

    async def put(self, app: str, deliveries: Sequence[Received]) -> Put:
        """Keeps what a poll brought, as `put_received` does."""
        if not deliveries:
            return Put(full=False)
        return _put_answer(await self._run("put", *_put_call(self._keys, app, deliveries)))

    async def wait(self, app: str, seconds: float) -> bool:
        """Waits until something was put for the app since the last wait, for `seconds` or half of the client's timeout at most."""
        return await take_first(self._client, self._keys.bell(app), seconds) is not None

    async def take(self, app: str, *, after: int = 0, limit: int = 200) -> Batch:
        """What waits of the app after position `after`, in the order in which it came, `limit` at most; it stays there.

        A delivery that is replayed gets a new position, at the end."""
        keys = self._keys
        now, waiting, *found = await self._run("take", [keys.deliveries, keys.queue(app)], [after, limit])
        return Batch(
            now, waiting, [(at, read_received(text)) for at, text in zip(found[::2], found[1::2], strict=True)]
        )

    async def waits(self, apps: Sequence[str]) -> bool:
        """Whether anything waits to be counted; what lies on a pile does not."""
        with answers():
            asked: Any = self._client
            if not apps or not await asked.exists(self._keys.deliveries):
                return False
            return any([await asked.zcard(self._keys.queue(app)) for app in apps])

    async def done(self, app: str, ids: Sequence[str]) -> int:
        """They are counted, or need not be. How many of them were in the queue."""
        if not ids:
            return 0
        keys = self._keys
        return int(
            await self._run("end", [keys.deliveries, keys.queue(app), keys.why("dead"), keys.sizes], [app, *ids])
        )

    async def lay(self, pile: PileName, letter: Letter) -> bool:
        """Lays a delivery, with those of its arrivals that are not counted, from its queue onto a pile. False: the pile has
        PILE_AT_MOST, and it waits on in its queue."""
        received, keys = letter.received, self._keys
        why = msgspec.json.encode(_Why(letter.why, letter.platform_skus, letter.seq))
        said = await self._run(
            "lay",
            [keys.deliveries, keys.queue(received.app), keys.pile(pile), keys.why(pile), keys.sizes],
            [received.id, msgspec.json.encode(received), why, PILE_AT_MOST, KEPT, received.app],
        )
        return int(said) != 0

    async def letters(self, pile: PileName) -> list[Letter]:
        """All of a pile, the last one first."""
        found = await self._run("look", *_look_call(self._keys, (), PILE_AT_MOST))
        return _pile(found[3 if pile == "aside" else 4]).letters

    async def replay(self, pile: PileName, letters: Iterable[Letter]) -> int:
        """Gives letters of a pile back to their queues, at the end. How many were there."""
        return sum(
            [
                int(await self._run("replay", *_replay_call(self._keys, pile, app, ids)))
                for app, ids in _by_app(letters).items()
            ]
        )

    async def drop(self, pile: PileName, ids: Sequence[str]) -> int:
        """Takes letters away for good. How many were there."""
        if not ids:
            return 0
        keys = self._keys
        return int(await self._run("end", *_drop_call(keys, pile, ids)))

    async def count(self, channel: str, **more: int) -> None:
        """Counts of a channel, such as ignored=3."""
        await self._run("note", *_note_call(self._keys, _of("channel", channel, more)))

    async def look(self, apps: Sequence[str]) -> InboxNow:
        """All of it, with the queues of `apps`."""
        return _looked(await self._run("look", *_look_call(self._keys, apps, LETTERS_SHOWN)), apps)

    async def _run(self, name: str, keys: Sequence[str], arguments: Sequence[str | bytes | int]) -> Any:
        with answers():
            return await run_script_async(self._client, _script(name), keys, arguments)


def put_received(client: redis.Redis, key: str, app: str, deliveries: Sequence[Received], *, excerpt: str = "") -> Put:
    """Keeps what one message to the app brought, all of it or, when the queue is full, nothing. Raises StoreAway.

    Arrivals that are Unknown go to the odd messages, with `excerpt` of the message. `key` has the ledger's hash tag.
    """
    return _put_answer(_run(client, "put", *_put_call(_Keys(key), app, deliveries, excerpt, by_message=True)))


def note_trouble(client: redis.Redis, key: str, app: str, trouble: AppTrouble) -> None:
    """Notes how an app's connector failed, until a message is received. Raises StoreAway."""
    troubles = _Keys(key).troubles
    with answers():
        client.hset(troubles, app, msgspec.json.encode(trouble).decode())
        client.pexpire(troubles, KEPT)


def count_message(
    client: redis.Redis, key: str, app: str, more: Mapping[str, int], *, odd: OddMessage | None = None
) -> None:
    """Counts of an app, such as {"refused": 1}, and a message that could not be read. Raises StoreAway."""
    _run(client, "note", *_note_call(_Keys(key), _of("app", app, more), odd))


def read_inbox(client: redis.Redis, key: str, apps: Sequence[str]) -> InboxNow:
    """All of the inbox under `key`, with the queues of `apps`. Raises StoreAway."""
    return _looked(_run(client, "look", *_look_call(_Keys(key), apps, LETTERS_SHOWN)), apps)


def read_letters(client: redis.Redis, key: str, pile: PileName) -> list[Letter]:
    """All letters of a pile, the last one first. Raises StoreAway."""
    return _pile(_run(client, "look", *_look_call(_Keys(key), (), PILE_AT_MOST))[3 if pile == "aside" else 4]).letters


def replay_letters(client: redis.Redis, key: str, pile: PileName, letters: Iterable[Letter]) -> int:
    """Gives letters of a pile back to their queues, at the end. How many were there. Raises StoreAway."""
    found = _by_app(letters)
    return sum(int(_run(client, "replay", *_replay_call(_Keys(key), pile, app, ids))) for app, ids in found.items())


def drop_letters(client: redis.Redis, key: str, pile: PileName, ids: Sequence[str]) -> int:
    """Takes letters away for good. How many were there. Raises StoreAway."""
    keys = _Keys(key)
    return int(_run(client, "end", *_drop_call(keys, pile, ids))) if ids else 0


class _Keys:
    """The keys of an inbox."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.deliveries, self.seen, self.positions = f"{key}:deliveries", f"{key}:seen", f"{key}:positions"
        self.odd, self.counts, self.troubles = f"{key}:odd", f"{key}:counts", f"{key}:troubles"
        self.sizes = f"{key}:sizes"

    def queue(self, app: str) -> str:
        return f"{self._key}:queue:{app}"

    def bell(self, app: str) -> str:
        return f"{self._key}:bell:{app}"

    def pile(self, name: PileName) -> str:
        return f"{self._key}:{name}"

    def why(self, name: PileName) -> str:
        return f"{self._key}:{name}:why"


_Call = tuple[list[str], list[str | bytes | int]]


def _put_call(
    keys: _Keys, app: str, deliveries: Sequence[Received], excerpt: str = "", *, by_message: bool = False
) -> _Call:
    arguments: list[str | bytes | int] = [
        *(QUEUE_AT_MOST, REMEMBERED, REMEMBERED_AT_MOST, ODD_AT_MOST, KEPT, app, int(by_message), QUEUE_BYTES_AT_MOST)
    ]
    for each in deliveries:
        known = tuple(arrival for arrival in each.arrivals if not isinstance(arrival, Unknown))
        odd = ", ".join(arrival.what for arrival in each.arrivals if isinstance(arrival, Unknown))
        text = msgspec.json.encode(msgspec.structs.replace(each, arrivals=known)) if known else b""
        beside = b""
        if len(known) < len(each.arrivals):
            beside = msgspec.json.encode(OddMessage(app=app, at_ms=each.at_ms, what=odd, body=excerpt))
        arguments += [each.id, each.channel, text, beside]
    asked = [keys.deliveries, keys.queue(app), keys.seen, keys.positions, keys.bell(app), keys.odd, keys.counts]
    return [*asked, keys.troubles, keys.sizes], arguments


def _put_answer(said: Sequence[int]) -> Put:
    return Put(full=not said[0], fresh=tuple(each == 1 for each in said[1:]))


def _note_call(keys: _Keys, more: Mapping[str, int], odd: OddMessage | None = None) -> _Call:
    counted: list[str | bytes | int] = [each for pair in more.items() for each in pair]
    return [keys.odd, keys.counts], [KEPT, ODD_AT_MOST, msgspec.json.encode(odd) if odd else b"", *counted]


def _of(kind: str, name: str, more: Mapping[str, int]) -> dict[str, int]:
    return {f"{kind}.{name} {counter}": by for counter, by in more.items()}


def _replay_call(keys: _Keys, pile: PileName, app: str, ids: Sequence[str]) -> _Call:
    asked = [
        keys.queue(app),
        keys.pile(pile),
        keys.why(pile),
        keys.positions,
        keys.bell(app),
        keys.deliveries,
        keys.sizes,
    ]
    return asked, [KEPT, app, *ids]


def _drop_call(keys: _Keys, pile: PileName, ids: Sequence[str]) -> _Call:
    return [keys.deliveries, keys.pile(pile), keys.why(pile), keys.sizes], ["", *ids]


def _look_call(keys: _Keys, apps: Sequence[str], letters: int) -> _Call:
    piles: tuple[PileName, ...] = ("aside", "dead")
    asked = [each for pile in piles for each in (keys.pile(pile), keys.why(pile))]
    return [keys.deliveries, *asked, keys.odd, keys.counts, keys.troubles, *map(keys.queue, apps)], [letters, ODD_SHOWN]


def _looked(found: Sequence[Any], apps: Sequence[str]) -> InboxNow:
    now, counted, odd, aside, dead, troubles, *queues = found
    counts: dict[str, dict[str, int]] = {}
    for name, number in zip(counted[::2], counted[1::2], strict=True):
        whose, _, counter = name.decode().rpartition(" ")
        counts.setdefault(whose, {})[counter] = int(number)
    return InboxNow(
        now_ms=now,
        queues={
            app: Queue(waiting, read_received(oldest).at_ms if oldest else None)
            for app, (waiting, oldest) in zip(apps, queues, strict=True)
        },
        channels=_counts(counts, "channel.", ChannelCounts),
        apps=_counts(counts, "app.", AppCounts),
        aside=_pile(aside),
        dead=_pile(dead),
        odd=[msgspec.json.decode(text, type=OddMessage) for text in odd],
        troubles={
            app.decode(): msgspec.json.decode(text, type=AppTrouble)
            for app, text in zip(troubles[::2], troubles[1::2], strict=True)
        },
    )


def _counts(counts: Mapping[str, Any], prefix: str, kind: Any) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): msgspec.convert(found, kind)
        for name, found in sorted(counts.items())
        if name.startswith(prefix)
    }


def _pile(found: Sequence[Any]) -> Pile:
    in_all, *rest = found
    letters = []
    for at, why, text in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        said = msgspec.json.decode(why, type=_Why)
        received = read_received(text)
        letters.append(
            Letter(received=received, why=said.why, platform_skus=said.platform_skus, seq=said.seq, at_ms=at)
        )
    return Pile(in_all, letters)


def _by_app(letters: Iterable[Letter]) -> dict[str, list[str]]:
    """App → ids, what came first before the others."""
    found: dict[str, list[str]] = {}
    for letter in sorted(letters, key=lambda letter: (letter.received.at_ms, letter.at_ms, letter.received.id)):
        found.setdefault(letter.received.app, []).append(letter.received.id)
    return found


def _script(name: str) -> Script:
    return own_script(f"inbox_{name}")


def _run(client: redis.Redis, name: str, keys: Sequence[str], arguments: Sequence[str | bytes | int]) -> Any:
    with answers():
        return run_script(client, _script(name), keys, arguments)
