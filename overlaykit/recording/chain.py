"""The hash chain of a recording.

A recorded line is a ledger line with one more, last member: `,"chain":"sha256:…"`. The chain text of a line is
"sha256:" + hex(SHA-256(chain text of the line before + L)), where L is the ledger line itself, closing brace kept, as
UTF-8 without newline. Before line 1 stands GENESIS. Nothing is parsed or encoded again: the raw bytes are what counts.
"""

from __future__ import annotations

import re
from hashlib import sha256

GENESIS = b"sha256:" + b"0" * 64
"""The chain text before line 1."""

_OPENING = b',"chain":"'
_CHAIN_BYTES = len(GENESIS)
_MEMBER_BYTES = len(_OPENING) + _CHAIN_BYTES + len(b'"}')
_MEMBER = re.compile(rb',"chain":"(sha256:[0-9a-f]{64})"\}')


def advance(previous: bytes, line: bytes) -> bytes:
    """The chain text of `line`, a ledger line without newline and without chain, after the text `previous`."""
    return b"sha256:" + sha256(previous + line).hexdigest().encode()


def seal(line: bytes, chain: bytes) -> bytes:
    """The ledger line with its chain text as last member."""
    return line[:-1] + _OPENING + chain + b'"}'


def unseal(recorded: bytes) -> tuple[bytes, bytes]:
    """A recorded line without newline → the ledger line, and the chain text it claims. ValueError without one."""
    member = recorded[-_MEMBER_BYTES:]
    match = _MEMBER.fullmatch(member)
    if match is None:
        raise ValueError('the line does not end with ,"chain":"sha256:…"}')
    return recorded[:-_MEMBER_BYTES] + b"}", match[1]


def strip(recorded: bytes) -> bytes:
    """The ledger line of a recorded line; a line that carries no chain is one already."""
    match = _MEMBER.fullmatch(recorded[-_MEMBER_BYTES:])
    return recorded[:-_MEMBER_BYTES] + b"}" if match else recorded
