"""A Chromium for `theme shot` and the measured part of `theme check`: found on this machine, driven by Playwright."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from overlaykit.errors import NotFound, UserError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

F = TypeVar("F", bound=Callable[..., Any])

INSTALL = 'pip install "overlaykit[browser]"'
PROGRAMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
    "chromium-headless-shell",
)
ELSEWHERE = {
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    "win32": (
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    ),
}
"""Where these systems keep browsers that are not on PATH."""
ARGUMENTS = ("--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update")


def browser_path_option(function: F) -> F:
    """--browser-path"""
    return click.option(
        "--browser-path",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="A Chromium, Chrome or Edge to use.  [default: the first on PATH]",
    )(function)


def missing_browser(given: Path | None) -> UserError | None:
    """What keeps us from opening a browser, with what to do about it; None when nothing does."""
    if find_spec("playwright") is None:
        return NotFound("Playwright, which drives the browser, is not installed", remedy=INSTALL)
    if given is not None and not given.is_file():
        return NotFound(f"--browser-path {given}: there is no such file", remedy="Name the program itself.")
    if given is None and find_program() is None:
        return NotFound(
            "there is no Chromium, Chrome or Edge on PATH",
            remedy="Install one, or name it with --browser-path FILE.",
        )
    return None


def find_program() -> str | None:
    """The first browser of this machine that will do."""
    on_path = (shutil.which(program) for program in PROGRAMS)
    elsewhere = (path for path in ELSEWHERE.get(sys.platform, ()) if Path(path).is_file())
    return next((found for found in on_path if found), None) or next(elsewhere, None)


@contextmanager
def open_browser(given: Path | None) -> Iterator[Browser]:
    """A browser without a window, closed at the end. Raises NotFound with the line that installs what is missing."""
    if (missing := missing_browser(given)) is not None:
        raise missing
    from playwright.sync_api import Error, sync_playwright

    # Chromium's own sandbox needs a user who is not root.
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=str(given or find_program()), args=[*ARGUMENTS, *(["--no-sandbox"] if root else [])]
            )
        except Error as error:
            raise UserError(
                f"{given or find_program()} does not start: {error.message.splitlines()[0]}",
                remedy="Name another browser with --browser-path FILE.",
            ) from None
        try:
            yield browser
        except Error as error:
            raise UserError(
                f"the browser did not come to an end with a page: {error.message.splitlines()[0]}",
                remedy="Try again when this machine has less to do, or with another browser: --browser-path FILE.",
            ) from None
        finally:
            browser.close()
