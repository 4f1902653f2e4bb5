"""Which node of a cluster serves which key, as one client knows it. No I/O.

A cluster cuts all keys into 16384 slots, and each master serves some. Of a key with a tag, `overlaykit:{brand-1111}:head`,
only the tag counts: a ledger lies on one node whole, and several ledgers spread over the nodes.
"""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Sequence
from typing import Any, NamedTuple

import redis

SLOTS = 16384

_QUESTIONS = frozenset({"PING", "TIME", "INFO", "ROLE"})
"""Without a key, and without any effect: any master may answer."""
_EVERY_NODE = frozenset(
    {
        "SCAN",
        "KEYS",
        "DBSIZE",
        "SCRIPT",
        "CONFIG",
        "CLIENT",
        "CLUSTER",
        "FLUSHALL",
        "FLUSHDB",
        "SHUTDOWN",
        "MULTI",
        "EXEC",
    }
)
_SCRIPTS = frozenset({"EVAL", "EVALSHA"})


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def slot_of(key: str | bytes) -> int:
    """The slot of a key."""
    raw = key.encode() if isinstance(key, str) else key
    opening = raw.find(b"{")
    closing = raw.find(b"}", opening + 1) if opening >= 0 else -1
    if closing > opening + 1:
        raw = raw[opening + 1 : closing]
    return crc_hqx(raw, 0) % SLOTS


def slot_of_command(args: Sequence[Any]) -> int | None:
    """The slot that a command of ours concerns; None when any master may answer it.

    Raises ValueError for one that would have to be asked of every node: `nodes()` of the client gives one for each.
    """
    words = [*str(args[0]).split(), *args[1:]]
    name = words[0].upper()
    if name in _QUESTIONS:
        return None
    if name in _EVERY_NODE or len(words) == 1:
        raise ValueError(f"{name} concerns every node of a cluster: ask each of `client.nodes()`")
    if name in _SCRIPTS:
        return slot_of(words[3])
    if name == "XREAD":
        return slot_of(words[words.index(b"STREAMS") + 1])
    return slot_of(words[1])


def may_follow(args: Sequence[Any]) -> bool:
    """Whether a command may go on to where its slot is now, without a word.

    Scripts check by themselves what the store holds. Whoever reads has to be told: the node that answers from now on may
    hold less than was read from the other.
    """
    return str(args[0]).upper() in _SCRIPTS


class Topology:
    """What a client knows of the servers behind its URL.

    seeds     where it may ask; the first is the one it uses until a server says that there is a cluster
    cluster   whether there is one
    """

    def __init__(self, seeds: Sequence[Address]) -> None:
        self.seeds = tuple(seeds)
        self.cluster = len(seeds) > 1
        self._owners: list[Address | None] = [None] * SLOTS
        self._masters: tuple[Address, ...] = ()
        self._others: tuple[Address, ...] = ()
        self._last_asked: Address | None = None
        self._failed: Address | None = None
        self._doubtful = True

    @property
    def doubtful(self) -> bool:
        """Whether some node has to be asked who serves what."""
        return self.cluster and self._doubtful

    @property
    def masters(self) -> tuple[Address, ...]:
        """Every master, in the order of their slots."""
        return self._masters

    @property
    def known(self) -> tuple[Address, ...]:
        """Masters, replicas and seeds, each once."""
        return tuple(dict.fromkeys((*self._masters, *self._others, *self.seeds)))

    @property
    def in_turn(self) -> list[Address]:
        """Every master in the order in which to ask what any of them may answer: who failed last is asked last."""
        return sorted(self._masters, key=lambda address: address == self._failed)

    def owner(self, slot: int) -> Address:
        """Who serves a slot. Raises redis.ConnectionError when nobody does."""
        found = self._owners[slot]
        if found is None:
            self._doubtful = True
            raise redis.ConnectionError(f"no node of the cluster serves slot {slot} now; nothing has run")
        return found

    def candidates(self) -> list[Address]:
        """Whom to ask who serves what: everybody known, whoever was asked last at the end."""
        known = list(self.known)
        if self._last_asked in known:
            at = known.index(self._last_asked) + 1
            known = known[at:] + known[:at]
        return known

    def learn(self, slots: Sequence[Any], asked: Address) -> None:
        """Takes the answer of `asked` to CLUSTER SLOTS."""
        owners: list[Address | None] = [None] * SLOTS
        masters: dict[Address, None] = {}
        others: dict[Address, None] = {}
        for first, last, master, *replicas in sorted(slots, key=lambda each: int(each[0])):
            owner = _address(master, asked)
            owners[int(first) : int(last) + 1] = [owner] * (int(last) - int(first) + 1)
            masters[owner] = None
            others.update(dict.fromkeys(_address(each, asked) for each in replicas))
        self._owners, self._masters, self._others = owners, tuple(masters), tuple(others)
        self._last_asked = asked
        self.cluster, self._doubtful = True, False

    def doubt(self, failed: Address | None = None) -> None:
        """Something went wrong: ask before the next command, and `failed` last."""
        self._doubtful = True
        if failed is not None:
            self._last_asked = self._failed = failed

    def redirected(self, error: redis.exceptions.AskError, asked: Address) -> Address:
        """Where a MOVED or ASK answer of `asked` points. It says for sure that the command has not run."""
        target = Address(error.host or asked.host, int(error.port))
        self.cluster = True
        if isinstance(error, redis.exceptions.MovedError):
            self._owners[int(error.slot_id)] = target
            self._doubtful = True
        return target


def _address(node: Sequence[Any], asked: Address) -> Address:
    """A node of CLUSTER SLOTS; one that does not know its own name is where we found it."""
    host = node[0].decode() if isinstance(node[0], bytes) else node[0]
    return Address(host if host and host != "?" else asked.host, int(node[1]))
