"""The command line of the benchmarks."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from overlaykit.cli.bench import engine, fanout, http_load, overlay
from overlaykit.cli.bench.figures import Figure, Summary, summarise
from overlaykit.cli.bench.rooms import Target, our_room, peer_server

SOCKETS = 800


def _ingest(target: Target) -> list[Figure]:
    return [http_load.single_posts(target), http_load.bulk(target)]


def _peer_ingest(target: Target) -> list[Figure]:
    """A peer has no bulk form: its single posts are what it has, so bulk is compared with them."""
    single = http_load.single_posts(target)
    return [single, Figure("bulk", single.value, single.unit)]


_KINDS: dict[str, tuple[Callable[[Target], list[Figure]], Callable[[Target], list[Figure]]]] = {
    "ingest": (_ingest, _peer_ingest),
    "fanout": (
        lambda target: fanout.to_sockets(target, SOCKETS),
        lambda target: fanout.peer_to_sockets(target, SOCKETS),
    ),
    "overlay": (overlay.order_to_dom_on_disk, overlay.order_to_dom),
}


@click.command(epilog="Example: overlaykit bench overlay --rounds 5 --peer ~/nodecg")
@click.argument("kinds", nargs=-1, type=click.Choice(["engine", *_KINDS]))
@click.option(
    "--rounds", default=3, show_default=True, type=click.IntRange(1, 50), help="Measure so often; medians count."
)
@click.option(
    "--peer",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A NodeCG folder with its packages installed and a bundle `stock`, measured in turn with us.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Keep our room's state under this folder, to measure another disk.",
)
@click.option("--json", "as_json", is_flag=True, help="Figures as JSON.")
def bench(kinds: Sequence[str], rounds: int, peer: Path | None, state: Path | None, as_json: bool) -> None:
    """Measures this machine: engine, ingest, fanout, overlay (all without arguments).

    With --peer another server does the same job in the same sitting, round by round in turn; compare the ratios, never
    figures of two sittings. Needs wrk for ingest, Chromium and Playwright for overlay.
    """
    found: dict[str, list[Summary]] = {}
    console = Console(stderr=True)
    for kind in kinds or ("engine", *_KINDS):
        console.print(f"measuring {kind} …", style="dim")
        found[kind] = _engine(rounds) if kind == "engine" else _servers(kind, rounds, peer, state)
    if as_json:
        click.echo(json.dumps({kind: [row._asdict() for row in rows] for kind, rows in found.items()}, indent=2))
    else:
        _show(found, peer is not None)


def _engine(rounds: int) -> list[Summary]:
    with engine.store() as client:
        return summarise([engine.rates(client) for _ in range(rounds)], [])


def _servers(kind: str, rounds: int, peer: Path | None, state: Path | None) -> list[Summary]:
    """Both servers run all the while; only one is under load at a time."""
    measure, measure_peer = _KINDS[kind]
    ours: list[list[Figure]] = []
    theirs: list[list[Figure]] = []
    with our_room(state) as room:
        if peer is None:
            return summarise([measure(room) for _ in range(rounds)], [])
        with peer_server(peer) as other:
            for _ in range(rounds):
                ours.append(measure(room))
                theirs.append(measure_peer(other))
    return summarise(ours, theirs)


def _show(found: dict[str, list[Summary]], with_peer: bool) -> None:
    for kind, rows in found.items():
        table = Table(
            "figure", "overlaykit", *(["peer", "ours ÷ peer"] if with_peer else []), title=kind, title_justify="left"
        )
        for row in rows:
            cells = [row.name, f"{row.ours:,.2f} {row.unit}"]
            if with_peer:
                cells += ["" if row.peer is None else f"{row.peer:,.2f} {row.unit}"]
                cells += [
                    ""
                    if row.ratio is None
                    else f"{row.ratio:.2f} ({'more' if row.more_is_better else 'less'} is better)"
                ]
            table.add_row(*cells)
        Console().print(table)
