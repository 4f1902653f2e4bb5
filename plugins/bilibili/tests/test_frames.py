"""Frames of the live socket: packed, compressed, several at once, and everything that is none."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overlaykit.api import BadMessage, UserError
from plugins.bilibili.frames import BROTLI, HEAD, MESSAGE, UNPACKED_AT_MOST, ZLIB, Frame, packed, unpacked

ONE, TWO = packed(MESSAGE, "弹幕".encode()), packed(3, b"\0\0\0\1")


def test_a_frame_is_what_the_documents_say() -> None:
    assert packed(7, b"{}") == bytes.fromhex("00000012 0010 0000 00000007 00000001") + b"{}"
    assert list(unpacked(ONE + TWO)) == [Frame(MESSAGE, "弹幕".encode()), Frame(3, b"\0\0\0\1")]


def test_a_longer_head_is_passed_over() -> None:
    data = HEAD.pack(HEAD.size + 4 + 2, HEAD.size + 4, 0, MESSAGE, 1) + b"\0\0\0\0" + b"{}"
    assert list(unpacked(data)) == [Frame(MESSAGE, b"{}")]


def test_frames_come_compressed() -> None:
    data = packed(MESSAGE, zlib.compress(ONE + TWO), version=ZLIB)
    assert list(unpacked(data)) == list(unpacked(ONE + TWO))


def test_frames_come_in_brotli() -> None:
    if importlib.util.find_spec("brotli") is None:
        message = "no brotli: pip install 'overlaykit[bilibili]'"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    import brotli

    data = packed(MESSAGE, brotli.compress(ONE + TWO), version=BROTLI)
    assert list(unpacked(data)) == list(unpacked(ONE + TWO))
    for bad in (b"", b"x", brotli.compress(ONE)[:-2], brotli.compress(b"\0" * (UNPACKED_AT_MOST + 1))):
        with pytest.raises(BadMessage):
            list(unpacked(packed(MESSAGE, bad, version=BROTLI)))


def test_without_brotli_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "brotli", None)
    with pytest.raises(UserError, match="Brotli") as missing:
        list(unpacked(packed(MESSAGE, b"x", version=BROTLI)))
    assert "overlaykit[bilibili]" in str(missing.value)


@pytest.mark.parametrize(
    "data",
    [
        b"\0",
        ONE[:-1],
        ONE + b"\0",
        HEAD.pack(0, HEAD.size, 0, MESSAGE, 1),
        HEAD.pack(HEAD.size, 0, 0, MESSAGE, 1),
        HEAD.pack(2**32 - 1, HEAD.size, 0, MESSAGE, 1),
        packed(MESSAGE, b"not zlib", version=ZLIB),
        packed(MESSAGE, zlib.compress(ONE)[:-4], version=ZLIB),
        packed(MESSAGE, zlib.compress(b"\0" * (UNPACKED_AT_MOST + 1)), version=ZLIB),
    ],
)
def test_what_is_no_frame_is_a_bad_message(data: bytes) -> None:
    with pytest.raises(BadMessage):
        list(unpacked(data))


def test_frames_within_frames_end_somewhere() -> None:
    data = ONE
    for _ in range(4):
        data = packed(MESSAGE, zlib.compress(data), version=ZLIB)
    with pytest.raises(BadMessage, match="nested"):
        list(unpacked(data))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(BadMessage, UserError):  # the latter of version 3 by chance, without Brotli
        list(unpacked(data))
