"""A process that has pages open and takes whatever they are sent, as bytes: no browser, so that it costs the machine little.

Reads one line of JSON, an address for each page: [[host, port, path], …], and says `open` once all have what they begin with.
Answers each further line with the bytes that came since; ends when its standard input does.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from overlaykit.cli.bench.fanout import upgrade
from overlaykit.cli.bench.rooms import Target
from overlaykit.errors import StateError

SETTLED_SECONDS = 0.3
"""Without a byte, after which a page has what it begins with: ticks come each second."""
PONG_EVERY = 5.0
_PONG = b"\x8a\x80\0\0\0\0"
"""Said unasked, it counts as an answer to the server's next ping: frames need not be read for that."""
_PROGRAM = "from overlaykit.cli.bench.pages import main; main()"


@contextmanager
def open_pages(room: Target, paths: Sequence[str]) -> Iterator[Callable[[], int]]:
    """Sockets of the room at these paths; on entry all have been sent what they begin with. The function gives the bytes that they
    were sent since. It and the end raise StateError when the room has closed one: then nothing is known of what it costs."""
    place = urlsplit(room.url)
    process = subprocess.Popen([sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    said, told = process.stdin, process.stdout

    def ask(line: str) -> bytes:
        with suppress(BrokenPipeError):  # it has ended, and answers nothing
            said.write(line.encode() + b"\n")
            said.flush()
        return told.readline().strip()

    def taken() -> int:
        answer = ask("taken")
        if not answer:
            raise StateError(f"{place.netloc} has closed a page of the benchmark: its figures would mean nothing")
        return int(answer)

    try:
        if ask(json.dumps([[place.hostname, place.port, path] for path in paths])) != b"open":
            raise StateError(f"the pages of the benchmark could not be opened: {len(paths)} of {place.netloc}")
        yield taken
        taken()
    finally:
        process.kill()
        with suppress(BrokenPipeError):
            process.communicate()


def main() -> None:
    """The process."""
    addresses: list[tuple[str, int, str]] = json.loads(sys.stdin.buffer.readline())
    sockets = [upgrade(*address) for address in addresses]
    with selectors.DefaultSelector() as selector:
        for each in sockets:
            each.setblocking(False)
            selector.register(each, selectors.EVENT_READ)
        while _take(selector.select(SETTLED_SECONDS)):
            pass
        _say("open")
        selector.register(sys.stdin.buffer, selectors.EVENT_READ)
        _serve(selector, sockets)


def _serve(selector: selectors.BaseSelector, sockets: Sequence[socket.socket]) -> None:
    count, pong_at = 0, time.monotonic() + PONG_EVERY
    while True:
        ready = selector.select(PONG_EVERY)
        count += _take(ready)
        if any(key.fileobj is sys.stdin.buffer for key, _ in ready):
            if not sys.stdin.buffer.readline():
                return
            _say(str(count))
        if time.monotonic() >= pong_at:
            pong_at = time.monotonic() + PONG_EVERY
            for each in sockets:
                each.send(_PONG)


def _take(ready: Sequence[tuple[selectors.SelectorKey, int]]) -> int:
    sizes = [len(key.fileobj.recv(1 << 20)) for key, _ in ready if isinstance(key.fileobj, socket.socket)]
    if 0 in sizes:
        sys.exit("the room has closed a page")
    return sum(sizes)


def _say(text: str) -> None:
    print(text, flush=True)
