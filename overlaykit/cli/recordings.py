"""`overlaykit verify` and `overlaykit replay`."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overlaykit.cli.screen import progress_bar
from overlaykit.config import bundled_folder
from overlaykit.recording import Apply, Replayed
from overlaykit.recording import replay as replay_recording
from overlaykit.recording import verify as verify_recording


def _bundled(context: click.Context, parameter: click.Parameter, recording: Path) -> Path:
    """A bundled sample's name stands for its folder, as it does for `run`."""
    sample = bundled_folder() / "sample_sessions" / recording
    return sample if not recording.exists() and len(recording.parts) == 1 and sample.is_dir() else recording


RECORDING = click.argument("recording", type=click.Path(path_type=Path), callback=_bundled)


@click.command(
    epilog="""\b
Example:
  overlaykit verify flash_sale
  overlaykit verify ~/.local/share/overlaykit/recordings/brand-1111
"""
)
@RECORDING
def verify(recording: Path) -> int:
    """Check that RECORDING is what was written: its hash chain, line by line, and its signed heads.

    Exit status 1 and the first broken line when it is not.
    """
    console = Console(highlight=False)
    with progress_bar(Console(stderr=True), "verifying") as progress:
        verdict = verify_recording(recording, progress)
    if verdict.broken is not None:
        console.print(f"[bold red]✗[/] {escape(str(verdict.broken))}", soft_wrap=True)
        console.print(f"  The {verdict.lines:,} lines before it are as they were written.")
        return 1
    console.print(
        f"[bold green]✓[/] {escape(str(verdict.path))}: {verdict.lines:,} lines, the chain is whole", soft_wrap=True
    )
    if verdict.heads is None:
        console.print("  not signed: there is no heads file beside it")
    else:
        tail = f"; {verdict.unsigned:,} entries after it are not signed" if verdict.unsigned else ""
        console.print(f"  signed up to entry {verdict.signed_seq:,}{tail}")
        for key in verdict.keys:
            console.print(f"  by the key {key}", soft_wrap=True)
    return 0


@click.command(
    epilog="""\b
Example:
  overlaykit replay flash_sale
  overlaykit replay sample_sessions/flash_sale --verify
  overlaykit replay recording.jsonl --until 500
"""
)
@RECORDING
@click.option("--verify", is_flag=True, help="Decide everything again in a fresh engine and compare every line.")
@click.option("--until", type=click.IntRange(min=1), metavar="SEQ", help="Stop after this entry.")
def replay(recording: Path, verify: bool, until: int | None) -> int:
    """Run RECORDING again, offline, and show the board it ends with.

    With --verify: exit status 1 and the first difference when a fresh engine decides otherwise.
    """
    console = Console(highlight=False)
    with progress_bar(Console(stderr=True), "replaying") as progress:
        if verify:
            with fresh_engine() as apply:
                found = replay_recording(recording, until=until, apply=apply, progress=progress)
        else:
            found = replay_recording(recording, until=until, progress=progress)
    _show(console, found)
    if found.difference is not None:
        console.print(f"[bold red]✗[/] {escape(str(found.difference))}", soft_wrap=True)
        return 1
    if verify:
        console.print("[bold green]✓[/] a fresh engine decides every line the same")
    return 0


@contextmanager
def fresh_engine() -> Iterator[Apply]:
    """An engine on an empty ledger in a store of its own, which is gone afterwards."""
    from overlaykit.runtime.embedded import EmbeddedStore
    from overlaykit.runtime.state import prepare_state
    from overlaykit.stock import StockEngine
    from overlaykit.store import connect

    with tempfile.TemporaryDirectory(prefix="overlaykit-replay-") as folder:
        store = EmbeddedStore(prepare_state(Path(folder)), durable=False)
        store.start()
        try:
            with connect(store.url, timeout=30.0) as client:
                yield StockEngine(client, f"replay-{secrets.token_hex(4)}").reapply
        finally:
            store.stop()


def _show(console: Console, found: Replayed) -> None:
    console.print(f"{escape(str(found.path))}", soft_wrap=True)
    console.print(f"  {found.lines:,} entries up to {found.last_seq:,}, {found.began} … {found.ended}", soft_wrap=True)
    for name, number in found.types.items():
        console.print(f"  {number:>9,}  {escape(name)}")
    for reason, number in found.refused.items():
        console.print(f"  {number:>9,}  refused: {escape(reason)}")
    if found.board is None:
        return
    table = Table("link", "sku", "title", "state", box=None, pad_edge=False)
    for name in ("available", "held", "sold", "oversold"):
        table.add_column(name, justify="right")
    for sku in found.board.order:
        item = found.board.items[sku]
        numbers = (item.available, item.held, item.sold, item.oversold)
        link = "" if item.link is None else str(item.link)
        table.add_row(link, escape(sku), escape(item.title), item.state, *(f"{number:,}" for number in numbers))
    console.print(table)
