"""`overlaykit session`: audit, and what stands in files of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, cast

import click
import msgspec
from rich.console import Console
from rich.markup import escape

from overlaykit.board import Fold
from overlaykit.board.fold import OutOfOrder
from overlaykit.cli.explaining import explain_command
from overlaykit.cli.finding import find_session
from overlaykit.cli.options import config_of, redis_option, state_option
from overlaykit.cli.screen import progress_bar
from overlaykit.cli.session_new import new_command
from overlaykit.errors import NotFound
from overlaykit.model.state import State
from overlaykit.recording import disagreements, ledger_lines, recordings_in
from overlaykit.runtime.room import reached_store
from overlaykit.stock import Auditor, Figures, SessionDirectory, SessionRecord, check_items, check_orders, last_touch
from overlaykit.stock.auditing import Progress
from overlaykit.store.routing import StoreClient

FOLDED_AT_MOST = 1_000_000
"""Entries that are folded from the first one on; of a longer ledger, only those that come in during the audit are."""


class Wrong(NamedTuple):
    """One thing wrong, and the entry that changed it last, both in words."""

    text: str
    changed_by: str


class Found(NamedTuple):
    """What an audit found. `moving`: items that changed in every moment of it, so that their orders could not be summed."""

    seq: int
    wrong: list[Wrong]
    moving: list[str]
    folded: int
    figures: Figures


@click.group()
def session() -> None:
    """Begin sessions, and look after them: what the store holds of them, and what their rules did."""


session.add_command(new_command)
session.add_command(explain_command)


@session.command(
    epilog="""\b
Example:
  overlaykit session audit brand-1111
  overlaykit session audit current --json
"""
)
@click.argument("session", metavar="SESSION")
@click.option("--json", "as_json", is_flag=True, help="For a program: one JSON object.")
@redis_option
@state_option
def audit(session: str, as_json: bool, redis: str | None, state: Path) -> int:
    """Check that the numbers of SESSION agree with its orders, its ledger, and each other.

    Reads only, a little at a time: a session may go on selling meanwhile. Says as well what an order takes in the store's
    memory, and for how long the memory lasts. Exit status 1 when something is wrong.
    """
    config = config_of(state, redis=redis)
    if config.redis_url is None and not config.state.expanduser().exists():
        raise NotFound(
            f"there is no state folder {config.state}", remedy="Name the one that the room runs on with --state."
        )
    with reached_store(config) as client:
        record = find_session(SessionDirectory(client), session, config)
        with progress_bar(Console(stderr=True, quiet=as_json), "reading orders") as progress:
            found = _audit(cast(StoreClient, client), record, config.state, progress)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(_as_json(record, found)), indent=2).decode())
    else:
        _show(Console(highlight=False), record, found)
    return 1 if found.wrong else 0


def _audit(client: StoreClient, record: SessionRecord, state: Path, progress: Progress) -> Found:
    auditor = Auditor(client, record.ledger)
    first = auditor.state()
    summed = auditor.sum_orders(progress)
    now = summed.state
    units = {sku: item.units for sku, item in now.items.items()}
    violations = check_items(units)
    violations += check_orders(units, summed.sums, retired=summed.retired, moving=summed.moving)
    wrong = [Wrong(text, "") for text in auditor.problems_of_ledger()]

    def changed_by(sku: str, place: str) -> str:
        lines = chain(auditor.lines_back(now.seq), _recorded_back(state, record.id))
        return str(last_touch(lines, sku, place) or "no entry that is still there") if sku else ""

    wrong += [Wrong(str(each), changed_by(each.sku, each.place)) for each in violations]
    fold, folded = _fold(auditor, first, now)
    wrong += [Wrong(f"{sku or 'the session'}: {what}", changed_by(sku, "")) for sku, what in disagreements(fold, now)]
    return Found(now.seq, wrong, sorted(summed.moving), folded, auditor.figures())


def _fold(auditor: Auditor, first: State, now: State) -> tuple[Fold, int]:
    """What the entries say at `now`, and how many were folded: all of them, or where some are trimmed, those since `first`."""
    begin = next(auditor.lines(0, 1), None) if now.seq <= FOLDED_AT_MOST else None
    for fold in ([Fold.from_first_entry(begin)] if begin else []) + [Fold.from_state(first)]:
        before = fold.seq
        with suppress(OutOfOrder):
            for line in auditor.lines(before, now.seq):
                fold.apply(line)
            return fold, now.seq - before
    return Fold.from_state(now), 0


def _recorded_back(state: Path, session: str) -> Iterator[bytes]:
    """Recorded lines of the session on this machine, the last ones first."""
    for folder in sorted((state / "recordings" / session).glob("*")):
        for path in reversed(recordings_in(folder)):
            yield from reversed([line for _, line in ledger_lines(path)])


def _as_json(record: SessionRecord, found: Found) -> dict[str, Any]:
    figures = found.figures._asdict()
    return {
        "session": record.id,
        "ledger": record.ledger,
        "seq": found.seq,
        "ok": not found.wrong,
        "violations": [wrong._asdict() for wrong in found.wrong],
        "not_checked": found.moving,
        "entries_folded": found.folded,
        **{name: round(value, 2) if isinstance(value, float) else value for name, value in figures.items()},
    }


def _show(console: Console, record: SessionRecord, found: Found) -> None:
    figures = found.figures
    console.print(f"{escape(record.id)}, entry {found.seq:,}: {escape(record.title)}", soft_wrap=True)
    for wrong in found.wrong:
        console.print(f"[bold red]✗[/] {escape(wrong.text)}", soft_wrap=True)
        if wrong.changed_by:
            console.print(f"  changed last by {escape(wrong.changed_by)}", soft_wrap=True)
    if not found.wrong:
        console.print("[bold green]✓[/] orders, numbers and entries agree")
    if found.moving:
        console.print(f"  not compared with their orders, they changed all the time: {escape(', '.join(found.moving))}")
    console.print(f"  {figures.orders:,} orders and {figures.entries:,} entries in the store, {_size(figures.bytes)}")
    if figures.bytes_per_order is not None:
        console.print(f"  {figures.bytes_per_order:,.0f} bytes an order, all in all")
    pace = f"{figures.entries_per_second:,.1f} entries a second in the last minute"
    lasts = "" if figures.hours_left is None else f", which lasts {figures.hours_left:,.1f} hours at this pace"
    console.print(f"  {pace}; {_size(figures.memory_left)} of memory left{lasts}")


def _size(number: int) -> str:
    size = float(number)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"
        size /= 1024
    return f"{size:,.1f} TB"
