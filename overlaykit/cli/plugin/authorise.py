"""`overlaykit plugin authorise`: somebody says yes at a platform, and the room has an access token."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import click
import redis
from rich.console import Console
from rich.markup import escape

from overlaykit.cli.banner import print_code
from overlaykit.cli.finding import find_session
from overlaykit.cli.loading import tried_plugins
from overlaykit.cli.options import config_of, redis_option, search_options, state_option
from overlaykit.config import DEFAULT_PORT, Config
from overlaykit.errors import NotFound, UserError
from overlaykit.model.connectors import Connector, Grant
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import nearest_name
from overlaykit.pluginhost.targets import Target, connector_class, settings_of, targets_of
from overlaykit.runtime.listening import known_address
from overlaykit.runtime.room import reached_store
from overlaykit.runtime.secrets import KeptSecrets
from overlaykit.runtime.sessions import plan_folder
from overlaykit.stock import SessionDirectory, StockEngine, outbox_key
from overlaykit.store import digest, read_outbox
from overlaykit.store.grants import ASKED_FOR, Asked, GrantResult, Grants, KeptGrant

LOOK_EVERY = 0.5


class Wanted(NamedTuple):
    """The app that is to be authorised, and the session whose gateway does it."""

    session: str
    ledger: str
    app: str
    target: Target
    connector: type[Connector[Any]]


@click.command(
    epilog="""\b
Example:
  overlaykit plugin authorise douyin
  overlaykit plugin authorise flash_sale shopify --public-url https://room.example.com
  overlaykit plugin authorise shopify --token shpat_0123
"""
)
@click.argument("words", metavar="[SESSION] APP", nargs=-1, required=True)
@click.option(
    "--public-url",
    metavar="URL",
    help="Where browsers reach the room, such as its address behind a reverse proxy.  [default: this machine's own]",
)
@click.option(
    "--token", metavar="TEXT", help="An access token that the platform showed, instead of a link; - reads it."
)
@click.option("--shop", default="", metavar="ID", help="With --token: the platform's id of the shop that it is for.")
@redis_option
@state_option
@search_options
def authorise(
    words: tuple[str, ...],
    public_url: str | None,
    token: str | None,
    shop: str,
    redis: str | None,
    state: Path,
    themes: tuple[Path, ...],
    plugins: tuple[Path, ...],
) -> None:
    """Let a platform's app act for a shop: prints a link, waits until the shop's owner has said yes.

    APP is the `app` of a channel of the plan (without one, the channel's name), or `source.NAME` or `notifier.NAME`. SESSION is
    one that runs; without it, the current one. What is granted is kept in the room's store, renewed by its gateway, never shown.
    """
    if len(words) > 2:
        raise click.UsageError("SESSION and APP are one word each.")
    config = config_of(state, redis=redis, themes=themes, plugins=plugins)
    console = Console(highlight=False)
    with reached_store(config) as client:
        wanted = find_app(client, config, words[0] if len(words) == 2 else "current", words[-1])
        if token is not None:
            text: str = sys.stdin.readline() if token == "-" else token
            keep_token(Grants(client), wanted, text.strip(), shop)
            console.print(f"[green]✓[/] {escape(wanted.app)}: 已保存 / the token is kept.")
            return
        ask(console, client, config, wanted, public_url)


def find_app(client: redis.Redis, config: Config, session: str, app: str) -> Wanted:
    """Raises NotFound for a session or an app that does not exist, PluginError for one without its connector."""
    record = find_session(SessionDirectory(client), session, config)
    plan = StockEngine(client, record.ledger).state().plan
    apps = apps_with_targets(plan)
    if app not in apps:
        near = nearest_name(app, apps)
        raise NotFound(
            f"the session {record.id} has no app {app!r}" + (f"; is it {near!r}?" if near else ""),
            remedy=f"Apps: {', '.join(apps) or 'none: no channel of its plan has a connector'}.",
        )
    found = tried_plugins(config, plan_folder(config.state, record.id)).plugins
    return Wanted(record.id, record.ledger, app, apps[app], connector_class(apps[app], found.connectors))


def apps_with_targets(plan: SessionPlan) -> Mapping[str, Target]:
    """All apps of a plan that a platform can authorise, with the section that has their settings."""
    targets = {target.queue: target for target in targets_of(plan) if target.plugin is not None}
    channels = {app: targets[f"channel.{channels[0].name}"] for app, channels in plan.apps.items()}
    return {**channels, **{name: target for name, target in targets.items() if target.section != "channel"}}


def keep_token(grants: Grants, wanted: Wanted, text: str, shop: str) -> None:
    """Keeps a token that somebody pasted. Raises UserError for one that is none."""
    if not text or not text.isprintable() or " " in text:
        raise UserError(
            "the token is empty, or has spaces or signs that no token has",
            remedy="Copy it from the platform again; `--token -` reads it from the standard input.",
        )
    grant = Grant(token=text, shop=shop)
    grants.put(KeptGrant(app=wanted.app, shop=shop, connector=wanted.connector.name, since=time.time(), grant=grant))


def ask(console: Console, client: redis.Redis, config: Config, wanted: Wanted, public_url: str | None) -> None:
    """Prints the link, and waits until something came of it. Raises UserError."""
    settings = settings_of(wanted.target, wanted.connector.settings_type, KeptSecrets(config.state, config.secrets))
    callback = f"{room_url(config, public_url)}/oauth/{quote(wanted.app)}/callback"
    grants = Grants(client)
    state = grants.ask(Asked(app=wanted.app, session=wanted.session, callback=callback))
    url = wanted.connector(settings).authorise_url(callback, state)
    if url is None:
        raise UserError(
            f"{wanted.connector.name} 不需要在浏览器里授权 / the connector {wanted.connector.name} has no page to authorise at",
            remedy="Its README says what it needs. A token that the platform shows is kept by --token TEXT.",
        )
    print_code(console, "在浏览器里打开，用店主账号同意 / open this, and say yes as the shop's owner:\n ", url)
    console.print(
        f"回调地址（要在平台后台登记）/ the platform has to know this address:\n  {escape(callback)}", soft_wrap=True
    )
    if not works(client, wanted):
        console.print(
            f"[yellow]![/] {escape(wanted.session)} 的 gateway 没有运行，授权会等它 / no gateway works for it now: "
            "run the room, else the authorisation waits and ends in ten minutes.",
            soft_wrap=True,
        )
    report(console, wanted, wait(console, grants, digest(state)))


def works(client: redis.Redis, wanted: Wanted) -> bool:
    """Whether a gateway works for the session now."""
    return read_outbox(client, outbox_key(wanted.ledger)).works


def room_url(config: Config, public_url: str | None) -> str:
    """Where a browser reaches the room, without a slash at its end. Raises UserError for what is no address."""
    if public_url is None:
        address = known_address(config.state)
        return f"http://127.0.0.1:{address.port if address else DEFAULT_PORT}"
    parts = urlsplit(public_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UserError(f"{public_url!r} is no address of a room", remedy="It looks like https://room.example.com")
    return public_url.rstrip("/")


def wait(console: Console, grants: Grants, id: str) -> GrantResult:
    """What came of it. Raises UserError when nothing did in time."""
    until, said = time.monotonic() + 2 * ASKED_FOR / 1000, False
    with console.status("等待同意… / waiting for a yes… (Ctrl-C ends this)"):
        while time.monotonic() < until:
            found = grants.progress(id)
            if isinstance(found, GrantResult):
                return found
            if found is None:
                break
            if found == "brought" and not said:
                console.print("平台已同意，正在换取授权 / the platform says yes; the gateway fetches the token")
                said = True
            time.sleep(LOOK_EVERY)
    raise UserError(
        "链接十分钟内没有用上 / nobody used the link within ten minutes, or no gateway took what it brought",
        remedy="Run this again, while the room runs.",
    )


def report(console: Console, wanted: Wanted, found: GrantResult) -> None:
    """Says what came of it. Raises UserError for a failure."""
    if found.status == "failed":
        raise UserError(f"{wanted.app}: {found.reason}", remedy=found.remedy)
    shop = f"，店铺 / for the shop {found.shop}" if found.shop else ""
    ends = ""
    if found.expires_at is not None:
        ends = f"，有效期至 / good until {dt.datetime.fromtimestamp(found.expires_at, dt.UTC):%Y-%m-%d %H:%M} UTC"
    console.print(f"[green]✓[/] {escape(wanted.app)}: 已授权 / authorised{escape(shop)}{ends}", soft_wrap=True)
    if found.reason:
        console.print(f"[yellow]![/] {escape(found.reason)}", soft_wrap=True)
