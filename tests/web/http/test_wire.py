"""Parsing of a request's headers, without a server."""

from __future__ import annotations

import io

import pytest

from overlaykit.web.http.sockets import encode_frame
from overlaykit.web.http.wire import MAX_HEADERS, read_headers


def test_headers_are_found_in_any_case_and_the_first_counts() -> None:
    headers = read_headers(io.BytesIO(b"Host: a\r\nX-One:  1 \r\nx-one: 2\r\n\r\nbody"))
    assert headers.get("host") == "a"
    assert headers.get("X-ONE") == "1"
    assert headers.get("absent", "default") == "default"
    assert headers.pairs == [("host", "a"), ("x-one", "1"), ("x-one", "2")]


@pytest.mark.parametrize(
    "text",
    [
        b"Host a\r\n\r\n",
        b"Host : a\r\n\r\n",
        b" folded\r\n\r\n",
        b": nothing\r\n\r\n",
        b"Ho\x00st: a\r\n\r\n",
        b"Host: a\rb\r\n\r\n",
        b"Host: a",
        b"X: " + b"y" * 20_000 + b"\r\n\r\n",
        b"X: y\r\n" * (MAX_HEADERS + 1) + b"\r\n",
        b"",
    ],
)
def test_what_is_no_header_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="header"):
        read_headers(io.BytesIO(text))


@pytest.mark.parametrize(("size", "head"), [(5, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)])
def test_a_frame_says_how_long_it_is(size: int, head: int) -> None:
    frame = encode_frame("x" * size)
    assert len(frame) == head + size
    assert frame[0] == 0x81
    assert frame == encode_frame(b"x" * size)
