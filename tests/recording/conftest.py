"""Recordings to try things on: written by the recorder itself, from ledger lines made here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from overlaykit.recording import Recorder, SigningKey

MakeLines = Callable[..., list[bytes]]


def ledger_line(
    seq: int,
    type: str = "order.reserve",
    *,
    at: str | None = None,
    source: str = "api:shop",
    id: str | None = None,
    data: dict[str, object] | None = None,
    cause: int | None = None,
) -> bytes:
    entry: dict[str, object] = {
        "seq": seq,
        "at": at or f"2026-11-11T12:{seq // 60:02d}:{seq % 60:02d}.000Z",
        "type": type,
        "id": id or f"c-{seq}",
        "source": source,
        "data": data if data is not None else {"order": f"订单-{seq}", "lines": [{"sku": "A", "quantity": 1}]},
        "outcome": {"status": "accepted"},
    }
    if cause is not None:
        entry["cause"] = cause
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.fixture
def entry() -> Callable[..., bytes]:
    """One ledger line: `entry(seq, type, at=, source=, id=, data=, cause=)`."""
    return ledger_line


@pytest.fixture
def lines() -> MakeLines:
    """Ledger lines `first` … `last`."""

    def make(first: int, last: int) -> list[bytes]:
        return [ledger_line(seq) for seq in range(first, last + 1)]

    return make


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return SigningKey.of_state_folder(tmp_path)


@pytest.fixture
def recorded(tmp_path: Path, key: SigningKey) -> Callable[[list[bytes]], Path]:
    """Records lines and closes; gives the file."""

    def record(lines: list[bytes], folder: str = "recorder") -> Path:
        recorder = Recorder(tmp_path / folder, key)
        recorder.write(lines)
        recorder.close()
        return recorder.path

    return record
