"""Recorded entries given to a ledger again: each at its own recorded time, and nothing ends by itself meanwhile.

Calls are sent ahead of their answers, and many run in one transaction, so that a store that waits for its disk after each
write waits once for many: a hundred thousand entries take seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from overlaykit.stock import encoding
from overlaykit.stock.holds import hold_token
from overlaykit.stock.keys import buyer_key, head_key, ledger_stream_key, script_keys
from overlaykit.stock.recorded import RecordedCall, recorded_calls
from overlaykit.stock.script import command_script
from overlaykit.store import Lane, answers, by_hash, tail_read
from overlaykit.store.routing import StoreClient

TOGETHER = 500
"""Inputs in one transaction at the most, unless one call alone has more."""
AHEAD = 4
"""Transactions under way at one time."""
PAGE = 5000
_NOW = 2
"""Where the arguments of a call have its time."""


def reapply(client: StoreClient, ledger: str, lines: Iterable[bytes], *, into_gap: bool = False) -> list[bytes]:
    """Gives recorded lines to a ledger and returns the lines that came of them, outputs included. Output lines among
    `lines` are passed over.

    into_gap   the ledger lacks exactly these entries: its gate lets them through, each only at its own seq.

    Raises StoreBehind when the ledger does not stand where the lines go on, StoreAway when the store does not answer;
    some may have been applied then.
    """
    with answers():
        secret: Any = client.get(buyer_key(ledger))
    token_of = None if secret is None else partial(hold_token, secret, ledger)  # for who repeats a command of before
    script = command_script()
    keys = script_keys(ledger)
    flags = "sg" if into_gap else "s"
    lane = Lane(client, head_key(ledger))
    first: int | None = None
    sizes: deque[int] = deque()  # of the transactions under way, in calls
    try:
        lane.send("SCRIPT", "LOAD", script.text)
        lane.receive()
        for calls in _together(recorded_calls(lines, token_of)):
            first = calls[0].before if first is None else first
            lane.send("MULTI")
            for call in calls:
                seen = call.before if into_gap else 0
                args = encoding.arguments(call.encoded, epoch="", seen=seen, now_ms=None, flags=flags)
                args[_NOW] = " ".join(map(str, call.times))
                lane.send(*by_hash(script, keys, args))
            lane.send("EXEC")
            sizes.append(len(calls))
            if len(sizes) > AHEAD:
                _receive(lane, sizes.popleft())
        while sizes:
            _receive(lane, sizes.popleft())
    finally:
        lane.close()
    return [] if first is None else read_after(client, ledger, first)


def read_after(client: StoreClient, ledger: str, after: int) -> list[bytes]:
    """Every line of the ledger after a seq."""
    found: list[bytes] = []
    while page := tail_read(client, ledger_stream_key(ledger), after, count=PAGE):
        found += [line for _, line in page]
        after = page[-1][0]
    return found


def _together(calls: Iterable[RecordedCall]) -> Iterator[list[RecordedCall]]:
    """Calls for one transaction each."""
    some: list[RecordedCall] = []
    inputs = 0
    for call in calls:
        if some and inputs + len(call.encoded) > TOGETHER:
            yield some
            some, inputs = [], 0
        some.append(call)
        inputs += len(call.encoded)
    if some:
        yield some


def _receive(lane: Lane, calls: int) -> None:
    """The answers of one transaction. Raises StoreBehind."""
    for _ in range(1 + calls):
        lane.receive()
    for raw in lane.receive():
        if isinstance(raw, Exception):
            raise raw
        encoding.decode(raw)
