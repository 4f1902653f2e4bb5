"""`overlaykit token new|list|revoke`."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from overlaykit.cli.options import config_of, redis_option, state_option
from overlaykit.runtime.room import reached_store
from overlaykit.store import SCOPES, Tokens


@click.group()
def token() -> None:
    """Make, list and revoke tokens: who may do what."""


@token.command(
    epilog="""\b
Example:
  overlaykit token new connector shop
"""
)
@click.argument("scope", type=click.Choice(SCOPES), metavar="SCOPE")
@click.argument("name")
@redis_option
@state_option
def new(scope: str, name: str, redis: str | None, state: Path) -> None:
    """Make a token called NAME and print its text, once: it cannot be had again.

    \b
    SCOPE is one of
      overlay    the public board, overlay pages, the feed
      viewer     desk, ledger and metrics, read-only
      connector  commands about orders and stock
      button     presses the button of the plan that is called NAME, too
      operator   every command, the desk
      admin      tokens and plugins, too
    """
    with reached_store(config_of(state, redis=redis)) as client:
        text = Tokens(client).create(scope, name)
    click.echo(text)


@token.command(
    "list",
    epilog="""\b
Example:
  overlaykit token list
""",
)
@redis_option
@state_option
def list_tokens(redis: str | None, state: Path) -> None:
    """List tokens by name, scope and age. Their texts are not stored."""
    with reached_store(config_of(state, redis=redis)) as client:
        records = Tokens(client).list()
    table = Table("name", "scope", "made", box=None, pad_edge=False)
    for record in records:
        table.add_row(record.name, record.scope, record.created_at)
    Console(highlight=False).print(
        table if records else "There are no tokens yet: the first `overlaykit run` makes some."
    )


@token.command(
    epilog="""\b
Example:
  overlaykit token revoke shop
"""
)
@click.argument("name")
@redis_option
@state_option
def revoke(name: str, redis: str | None, state: Path) -> None:
    """Revoke the token NAME, for good. Requests with it are refused within a second."""
    with reached_store(config_of(state, redis=redis)) as client:
        Tokens(client).revoke(name)
    click.echo(f"{name} is revoked.")
