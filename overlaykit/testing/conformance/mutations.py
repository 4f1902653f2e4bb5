"""Bodies made wrong in every way that is worth trying. The same body gives the same ones."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any

JUNK: tuple[bytes, ...] = (
    b"",
    b" ",
    b"null",
    b"true",
    b"1",
    b'""',
    b"[]",
    b"{}",
    b"[null]",
    b"[[]]",
    b"[{}]",
    b"[1]",
    b'{"data": null}',
    b"\xff\xfe\x00",
    b"{" * 100_000,
    b"[" * 100_000,
    b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
    b"9" * 10_000,
    b'"' + b"x" * 1_000_000 + b'"',
    b"<xml><Encrypt>x</Encrypt></xml>",
    b"a=1&a=2&=",
    b"&".join(b"a=1" for _ in range(2_000)),
)
WRONG: tuple[Any, ...] = (None, "", "x", -1, 0, 10**30, 1.5, True, [], {}, [[]], "9" * 5_000, "\ud800", "\x00")
PLACES_AT_MOST = 60


def truncated(body: bytes) -> Iterator[bytes]:
    """Cut off at some twenty places, the last byte among them."""
    step = max(1, len(body) // 20)
    for end in sorted({*range(0, len(body), step), len(body) - 1}):
        yield body[:end]


def flipped(body: bytes) -> Iterator[bytes]:
    """One bit the other way, at some forty places."""
    step = max(1, len(body) // 40)
    for place in range(0, len(body), step):
        yield body[:place] + bytes([body[place] ^ (1 << place % 8)]) + body[place + 1 :]


def wrong_types(body: bytes) -> Iterator[bytes]:
    """Each value of a JSON body in turn replaced by something else, or left out. Nothing for bodies that are no JSON."""
    data = read(body)
    if data is None:
        return
    for place in list(_places(data))[:PLACES_AT_MOST]:
        for wrong in WRONG:
            yield write(_put(data, place, wrong))
        if place:
            yield write(_put(data, place, _GONE))


def loosened(body: bytes) -> bytes | None:
    """The same with a byte order mark, its numbers as texts, its texts of digits as numbers. None: it is no JSON."""
    data = read(body)
    return None if data is None else codecs.BOM_UTF8 + write(_loose(data))


def read(body: bytes) -> Any:
    """Its JSON; None when it is none, or not a list or an object."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, list | dict) else None


def write(data: Any) -> bytes:
    """Compact JSON. A lone surrogate stays an escape."""
    return json.dumps(data, separators=(",", ":")).encode()


_GONE = object()
_Place = tuple[str | int, ...]


def _places(data: Any, above: _Place = ()) -> Iterator[_Place]:
    yield above
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _places(value, (*above, name))
    elif isinstance(data, list) and data:
        yield from _places(data[0], (*above, 0))


def _put(data: Any, place: _Place, value: Any) -> Any:
    if not place:
        return value
    copy = data.copy()
    if len(place) == 1 and value is _GONE:
        del copy[place[0]]
    else:
        copy[place[0]] = _put(copy[place[0]], place[1:], value)
    return copy


def _loose(data: Any) -> Any:
    match data:
        case dict():
            return {name: _loose(value) for name, value in data.items()}
        case list():
            return [_loose(value) for value in data]
        case bool():
            return data
        case int():
            return str(data)
        case str() if data.isascii() and data.isdecimal() and str(int(data)) == data:
            return int(data)
        case str():
            inner = read(data.encode("utf-8", "surrogatepass"))  # JSON in a text
            return data if inner is None else write(_loose(inner)).decode()
    return data
