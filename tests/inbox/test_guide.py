"""plugins/README.md says how a message is answered with the numbers that count; the README here names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

from overlaykit.inbox import receiving
from overlaykit.model.wire import UNREADABLE
from overlaykit.store import inbox
from overlaykit.web.http.problems import RETRY_AFTER
from overlaykit.web.platforms.hooks import MAX_BODY

REPOSITORY = Path(__file__).resolve().parents[2]
GUIDE = REPOSITORY / "plugins" / "README.md"
SURVIVED = Path(__file__).with_name("README.md")


def test_the_guide_has_the_numbers_that_count() -> None:
    section = GUIDE.read_text(encoding="utf-8").partition("### How a message is answered")[2].partition("\n## ")[0]
    assert f"more than {MAX_BODY // 2**20} MiB" in section
    most = f"{inbox.QUEUE_AT_MOST:,} deliveries of the app wait, or {inbox.QUEUE_BYTES_AT_MOST // 2**20} MiB of them"
    assert f"{most} | 503 `Retry-After: {receiving.FULL_AGAIN}`" in section
    assert f"remembered for {inbox.REMEMBERED // 3_600_000} hours" in section
    assert f"the store does not answer | 503 `Retry-After: {RETRY_AFTER}`" in section
    assert section.count(f"503 `Retry-After: {receiving.TROUBLED_AGAIN}`") == 2
    assert all(f"`{error.__name__}`" in section for error in UNREADABLE)


def test_each_line_of_what_must_be_survived_has_tests() -> None:
    table = [line for line in SURVIVED.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][2:]
    assert len(table) >= 19
    for line in table:
        named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", line)
        assert named, f"no test for: {line}"
        for file, test in named:
            text = (REPOSITORY / file).read_text(encoding="utf-8")
            assert re.search(rf"def {test}\(", text), f"{file} has no {test}"
