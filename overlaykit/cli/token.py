"""`overlaykit token new|list|revoke`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec
import redis as redis_py
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overlaykit.cli.options import config_of, redis_option, state_option
from overlaykit.config import DEFAULT_HOST, DEFAULT_PORT
from overlaykit.errors import InvalidCommand, NotFound, UserError
from overlaykit.runtime.listening import Listening, known_address, reachable_addresses
from overlaykit.runtime.room import reached_store
from overlaykit.stock import SessionDirectory, StockEngine
from overlaykit.store import SCOPES, Tokens


@click.group()
def token() -> None:
    """Make, list and revoke tokens: who may do what."""


@token.command(
    epilog="""\b
Example:
  overlaykit token new connector shop
  overlaykit token new button next --action item.next
  overlaykit token new button link-3 --action '{"type":"item.feature","link":3}'
"""
)
@click.argument("scope", type=click.Choice(SCOPES), metavar="SCOPE")
@click.argument("name")
@click.option(
    "--action",
    metavar="JSON",
    help='Of a button: what it does, a command without id such as \'{"type":"item.feature","link":3}\', or one of item.next, '
    "item.previous, freeze.toggle, rule.toggle, announcement.show. It is pressed at /press?token=TEXT.",
)
@redis_option
@state_option
def new(scope: str, name: str, action: str | None, redis: str | None, state: Path) -> None:
    """Make a token called NAME and print its text, once: it cannot be had again.

    \b
    SCOPE is one of
      overlay    the public board, overlay pages, the feed
      viewer     desk, ledger and metrics, read-only
      connector  commands about orders and stock
      button     presses the plan's button that is called NAME, or does its --action, and nothing else
      operator   every command, the desk
      admin      tokens and plugins, too
    """
    with reached_store(config_of(state, redis=redis)) as client:
        does = None if action is None else _checked(client, action)
        text = Tokens(client).create(scope, name, action=does)
    click.echo(text)
    if scope == "button":
        listening = known_address(state) or Listening(DEFAULT_HOST, DEFAULT_PORT)
        for address in reachable_addresses(listening.host, listening.port):
            click.echo(f"按它 press it: {address}/press?token={text}", err=True)


def _checked(client: redis_py.Redis, written: str) -> dict[str, Any]:
    """The action that the option says. Raises UserError: it is none, or the current session does not have what it names."""
    from overlaykit.board import Fold
    from overlaykit.web.buttons import plain, read_action, unknown_name
    from overlaykit.web.directing import Directing

    try:
        given = msgspec.json.decode(written) if written.lstrip().startswith("{") else {"type": written.strip()}
        action = read_action(given)
    except msgspec.DecodeError as error:
        raise UserError(
            f"--action is not JSON: {error}", remedy='Such as --action \'{"type":"item.feature","link":3}\'.'
        ) from None
    except InvalidCommand as error:
        raise UserError(
            f"--action: {error}", remedy="The desk's page /desk/buttons has all actions ready-made."
        ) from None
    try:
        state = StockEngine(client, SessionDirectory(client).get("current").ledger).state()
    except NotFound:
        return plain(action)  # no session yet: names are checked when it is pressed
    unknown = unknown_name(action, Directing.of(state.plan), Fold.from_state(state))
    if unknown is not None:
        raise UserError(f"--action: {unknown.words.en}", remedy=unknown.words.zh)
    return plain(action)


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
    table = Table("name", "scope", "made", "does", box=None, pad_edge=False)
    for record in records:
        does = "" if record.action is None else msgspec.json.encode(record.action).decode()
        table.add_row(record.name, record.scope, record.created_at, escape(does))
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
