"""Signed heads: who wrote a recording, and how far it went at which time.

A head is one JSON line in `recording.heads.jsonl`, beside `recording.jsonl`:

    {"seq":1200,"chain":"sha256:…","at":"2026-11-11T12:01:00.000Z","key":"…","signature":"…"}

`signature` is Ed25519 over the text `seq chain at` (one space between), `key` the public key; both in lower-case hex.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from overlaykit.errors import StateError
from overlaykit.recording.lock import FileLock

KEY_FILE = "signing.key"
LOCK_WAIT = 5.0
"""Seconds to wait while another process makes the key."""


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One signed head; `at` is the time of signing, RFC 3339 UTC with milliseconds."""

    seq: int
    chain: str
    at: str
    key: str
    signature: str

    def problem(self) -> str | None:
        """What is wrong with the signature, or None."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            key.verify(bytes.fromhex(self.signature), _signed_text(self.seq, self.chain, self.at))
        except InvalidSignature:
            return "the signature does not belong to this seq, chain, time and key"
        except ValueError:
            return "key or signature is not what Ed25519 uses (64 and 128 hexadecimal digits)"
        return None


def read_head(line: bytes) -> Head:
    """One line of the heads file, without newline. ValueError unless it is, byte for byte, what a recorder writes."""
    try:
        head = msgspec.json.decode(line, type=Head)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not a signed head: {error}") from None
    # Hex digits in upper case, spaces or escapes would read the same: a change that changes nothing must show as well.
    hexadecimal = (head.key + head.signature).lower() == head.key + head.signature
    if not hexadecimal or msgspec.json.encode(head) != line:
        raise ValueError("not written as a recorder writes it")
    return head


class SigningKey:
    """The state folder's Ed25519 key, 32 bytes of secret seed."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._private.public_key().public_bytes_raw().hex()

    @classmethod
    def of_state_folder(cls, folder: Path) -> SigningKey:
        """Reads STATE/signing.key (owner-only, 64 hex digits); makes it on first use. StateError when it is damaged."""
        path = folder / KEY_FILE
        if not path.exists():
            with _patient_lock(folder / f"{KEY_FILE}.lock"):
                if not path.exists():
                    _write_new_key(path)
        try:
            return cls(bytes.fromhex(path.read_text("ascii").strip()))
        except OSError as error:
            raise StateError(f"{path} cannot be read: {error.strerror}", remedy="Look at its rights.") from None
        except ValueError:
            raise StateError(
                f"{path} does not hold a signing key (64 hexadecimal digits)",
                remedy="Put the file back from a copy, or move it away: a new key is then made, and recordings from "
                "now on are signed by that one.",
            ) from None

    def sign(self, seq: int, chain: bytes, at: str) -> bytes:
        """A line for the heads file, without newline."""
        text = chain.decode("ascii")
        signature = self._private.sign(_signed_text(seq, text, at)).hex()
        return msgspec.json.encode(Head(seq, text, at, self.public, signature))


def _signed_text(seq: int, chain: str, at: str) -> bytes:
    return f"{seq} {chain} {at}".encode()


def _write_new_key(path: Path) -> None:
    seed = Ed25519PrivateKey.generate().private_bytes_raw().hex()
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(seed + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _patient_lock(path: Path) -> FileLock:
    until = time.monotonic() + LOCK_WAIT
    while time.monotonic() < until:
        with contextlib.suppress(StateError):
            return FileLock(path, of="the signing key")
        time.sleep(0.02)
    return FileLock(path, of="the signing key")
