"""plugins/README.md says how a message is answered with the numbers that count."""

from __future__ import annotations

from pathlib import Path

from overlaykit.inbox import receiving
from overlaykit.model.wire import UNREADABLE
from overlaykit.store import inbox
from overlaykit.web.hooks import MAX_BODY
from overlaykit.web.problems import RETRY_AFTER

GUIDE = Path(__file__).resolve().parents[2] / "plugins" / "README.md"


def test_the_guide_has_the_numbers_that_count() -> None:
    section = GUIDE.read_text(encoding="utf-8").partition("### How a message is answered")[2].partition("\n## ")[0]
    assert f"more than {MAX_BODY // 2**20} MiB" in section
    assert f"{inbox.QUEUE_AT_MOST:,} deliveries of the app wait | 503 `Retry-After: {receiving.FULL_AGAIN}`" in section
    assert f"remembered for {inbox.REMEMBERED // 3_600_000} hours" in section
    assert f"the store does not answer | 503 `Retry-After: {RETRY_AFTER}`" in section
    assert section.count(f"503 `Retry-After: {receiving.TROUBLED_AGAIN}`") == 2
    assert all(f"`{error.__name__}`" in section for error in UNREADABLE)
