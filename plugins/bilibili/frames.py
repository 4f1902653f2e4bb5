"""Frames of the live socket: a head of 16 bytes (length, length of the head, version, operation, number), then the body.

A body of version 2 or 3 is frames again, compressed with zlib or Brotli. Source: open-live.bilibili.com/document, 长连协议.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from overlaykit.api import BadMessage, UserError

HEAD = struct.Struct(">I2H2I")
PLAIN, ZLIB, BROTLI = 0, 2, 3
HEARTBEAT, HEARTBEAT_REPLY, MESSAGE, AUTH, AUTH_REPLY = 2, 3, 5, 7, 8
UNPACKED_AT_MOST = 4 * 1024 * 1024
"""Bytes of a frame's body, unpacked."""
NESTED_AT_MOST = 2


class Frame(NamedTuple):
    operation: int
    body: bytes


def packed(operation: int, body: bytes = b"", *, version: int = PLAIN) -> bytes:
    """One frame."""
    return HEAD.pack(HEAD.size + len(body), HEAD.size, version, operation, 1) + body


def unpacked(data: bytes, depth: int = 0) -> Iterator[Frame]:
    """All frames in what came, those inside compressed ones included. Raises BadMessage; UserError when Brotli is not installed."""
    place = 0
    while place < len(data):
        if len(data) - place < HEAD.size:
            raise BadMessage("数据帧的头不完整 / a frame ends within its head")
        length, head, version, operation, _ = HEAD.unpack_from(data, place)
        if head < HEAD.size or length < head or place + length > len(data):
            raise BadMessage("数据帧的长度不对 / a frame's length does not fit")
        body = data[place + head : place + length]
        place += length
        if version in (ZLIB, BROTLI):
            if depth == NESTED_AT_MOST:
                raise BadMessage("数据帧嵌套太深 / frames are nested too deeply")
            yield from unpacked(_inflated(body) if version == ZLIB else _unbrotlied(body), depth + 1)
        else:
            yield Frame(operation, body)


def _inflated(body: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        found = unpacker.decompress(body, UNPACKED_AT_MOST)
    except zlib.error as error:
        raise BadMessage(f"数据帧解不开：{error} / a frame cannot be unpacked: {error}") from None
    if unpacker.unconsumed_tail:
        raise BadMessage(
            f"数据帧解压后超过 {UNPACKED_AT_MOST} 字节 / a frame unpacks to more than {UNPACKED_AT_MOST:,} bytes"
        )
    if not unpacker.eof:
        raise BadMessage("压缩的数据帧不完整 / a compressed frame is cut off")
    return found


def _unbrotlied(body: bytes) -> bytes:
    try:
        import brotli
    except ImportError:
        raise UserError(
            "弹幕用 Brotli 压缩,但没有安装 / the chat comes in Brotli, which is not installed",
            remedy="请安装：pip install 'overlaykit[bilibili]' / pip install 'overlaykit[bilibili]'",
        ) from None
    unpacker, found = brotli.Decompressor(), b""
    try:
        found = unpacker.process(body, output_buffer_limit=UNPACKED_AT_MOST)
    except brotli.error as error:
        raise BadMessage(f"数据帧解不开：{error} / a frame cannot be unpacked: {error}") from None
    if not unpacker.is_finished():
        raise BadMessage(
            f"压缩的数据帧不完整，或解压后超过 {UNPACKED_AT_MOST} 字节 / "
            f"a compressed frame is cut off, or unpacks to more than {UNPACKED_AT_MOST:,} bytes"
        )
    return bytes(found)
