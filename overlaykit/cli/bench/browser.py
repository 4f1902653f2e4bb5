"""The Chromium that benchmarks look at pages with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from overlaykit.errors import NotFound

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium, driven by Playwright. Raises NotFound when one of them is missing."""
    program = Path(os.environ.get("OVERLAYKIT_TEST_CHROMIUM", "/usr/bin/chromium"))
    if find_spec("playwright") is None or not program.exists():
        raise NotFound(
            "this benchmark drives Chromium by Playwright, and one of them is missing",
            remedy="pip install playwright; apt-get install chromium",
        )
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(program), args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
