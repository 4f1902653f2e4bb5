"""The command line of the benchmarks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from overlaykit.cli.bench.figures import Summary
from overlaykit.cli.bench.kinds import KINDS, PEER_KINDS, run_kind
from overlaykit.cli.bench.obs import PASSWORD
from overlaykit.director.obs import Address


@click.command(epilog="Example: overlaykit bench overlay --rounds 5 --peer ~/nodecg")
@click.argument("kinds", nargs=-1, type=click.Choice(list(KINDS)))
@click.option(
    "--rounds",
    type=click.IntRange(1, 50),
    help="Measure so often; medians count. Without it as often as the kind needs.",
)
@click.option(
    "--scale",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, 10, min_open=True),
    help="This much of the usual orders, items and entries: 0.01 for a quick look. Not for "
    + ", ".join(PEER_KINDS)
    + ".",
)
@click.option(
    "--peer",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A NodeCG folder with its packages installed and a bundle `stock`, measured in turn with us.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Keep our state under this folder, to measure another disk.",
)
@click.option(
    "--obs",
    metavar="HOST:PORT",
    help=f"The OBS that the kind obs measures; its password stands in the environment, as {PASSWORD}.",
)
@click.option("--json", "as_json", is_flag=True, help="Figures as JSON.")
def bench(
    kinds: Sequence[str],
    rounds: int | None,
    scale: float,
    peer: Path | None,
    state: Path | None,
    obs: str | None,
    as_json: bool,
) -> None:
    """Measures this machine; the engine when no kind is named.

    \b
    engine    η, orders a second, the store's CPU time per order
    cost      an order among 10,000 items, and after 1,000,000 entries
    recorder  entries a second to disk
    readers   orders while three processes read
    edge      HTTP bulk beside the engine
    memory    the store's bytes per order
    storm     1,000,000 tries for what is sold out
    live      six views under load: how late, how smooth
    watchers  what open desks, overlays and presenters cost orders
    idle      what a room of 10,000 items takes while nothing happens
    ingest    orders over HTTP, singly and in bulk
    fanout    an order to 800 overlay sockets
    overlay   an order to the picture
    obs       an order to a text and a scene in a real OBS
    hooks     500 messages of a platform a second: until each is acknowledged
    shares    what three platforms that sell by themselves oversell, simulated

    Compare ratios, never figures of two sittings. With --peer another server does the same job in the same sitting, round by
    round in turn. ingest needs wrk, overlay and live Chromium and Playwright, obs an OBS.
    """
    if peer is not None and not set(kinds) & set(PEER_KINDS):
        raise click.UsageError(f"a peer can be measured by {', '.join(PEER_KINDS)} only: name one of them with --peer")
    obs_at = None if obs is None else _address(obs)
    found: dict[str, list[Summary]] = {}
    console = Console(stderr=True)
    for kind in kinds or ("engine",):
        console.print(f"measuring {kind} …", style="dim")
        found[kind] = run_kind(kind, rounds=rounds, scale=scale, peer=peer, state=state, obs_at=obs_at)
    if as_json:
        click.echo(json.dumps({kind: [row._asdict() for row in rows] for kind, rows in found.items()}, indent=2))
    else:
        _show(found, peer is not None)


def _address(text: str) -> Address:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port) < 65536:
        raise click.BadParameter(f"{text!r} is no HOST:PORT, such as 127.0.0.1:4455", param_hint="--obs")
    return Address(host.strip("[]"), int(port))


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
