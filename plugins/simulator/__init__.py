"""Makes recordings of rooms that never were: `overlaykit simulate PLAN -o DIR --seed N`. All of it is synthetic.

And connectors to platforms that do not exist, to try a plan with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from overlaykit.api import Connector, hookimpl
from plugins.simulator.connectors import CONNECTORS

if TYPE_CHECKING:
    from plugins.simulator.playing import Play


@click.command(epilog="Example: overlaykit simulate sample_sessions/flash_sale -o made --seed 7")
@click.argument("plan", metavar="PLAN")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the recording and its plan.",
)
@click.option("--seed", type=int, required=True, help="The same seed makes the same crowd.")
@click.option(
    "--seconds",
    type=click.FloatRange(30, 86_400),
    default=300,
    show_default=True,
    help="How long it lasts, in real time.",
)
@click.option(
    "--requests",
    type=click.IntRange(1, 1_000_000),
    help="How many requests the crowd makes. Without it 1.6 for each unit on hand.",
)
def simulate(plan: str, output: Path, seed: int, seconds: float, requests: int | None) -> None:
    """Plays a made-up crowd to a room of its own and keeps the recording, and the plan it was made of.

    A plan with `starts` is played as if it began now: its dates are moved, and the moved plan is what is kept.

    PLAN is what `overlaykit run` takes: a folder, a session.toml, or a bundled sample's name. The room is real, with its
    own store, processes and port, and ends when the evening is over; the buyers are not: what is recorded is synthetic,
    and says so.
    """
    from plugins.simulator.drive import record  # a room's worth of imports, for those who ask for it

    def report(play: Play) -> None:
        click.echo(
            f"\r{play.seconds:5.0f} s of about {seconds:.0f}   act {play.act + 1}   "
            f"{play.accepted:,} accepted, {play.refused:,} refused ",
            nl=False,
            err=True,
        )

    files = record(plan, output, seed=seed, seconds=seconds, requests=requests, report=report)
    click.echo(err=True)
    for file in files:
        click.echo(f"{file}  {file.stat().st_size / 1e6:.1f} MB")


@hookimpl
def register_connectors(register: Callable[[type[Connector[Any]]], None]) -> None:
    for connector in CONNECTORS:
        register(connector)


@hookimpl
def register_commands(register: Callable[[click.Command], None]) -> None:
    register(simulate)
