"""What people see: errors, status lines, progress."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from overlaykit.errors import ObsError, OverlaykitError


class _RoomConsole(Console):
    """A console whose reader may go away: the room runs on, and the rest goes nowhere."""

    def on_broken_pipe(self) -> None:
        self.file = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open as long as the process lives


def room_console() -> Console:
    """The screen of a room that runs for hours. Text that the terminal cannot show is spelled out, not an end of the room."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    return _RoomConsole(highlight=False)


def show_error(console: Console, error: OverlaykitError) -> None:
    """What is wrong, and what to do about it."""
    console.print(f"[bold red]✗[/] {escape(error.message)}", soft_wrap=True)
    if isinstance(error, ObsError):
        console.print(f"  {escape(error.chinese)}", soft_wrap=True)
    if error.remedy:
        console.print(f"[bold]→[/] {escape(error.remedy)}", soft_wrap=True)


def status_line(console: Console, text: str) -> None:
    """One line about what happens now, with the time of day."""
    console.print(f"[dim]{time.strftime('%H:%M:%S')}[/] {escape(text)}", soft_wrap=True)


@contextmanager
def progress_bar(console: Console, title: str) -> Iterator[Callable[[int, int], None]]:
    """A function (done, in all) that draws a bar, on a terminal, from the first call on."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=max(total, 1))
