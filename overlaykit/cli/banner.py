"""What a room prints once it runs: every address, a command to try, the tokens, and how to stop."""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import segno
from rich.console import Console
from rich.markup import escape

from overlaykit.config import Config
from overlaykit.errors import OverlaykitError
from overlaykit.model.plugins import Theme
from overlaykit.model.sessions import SessionPlan
from overlaykit.runtime.listening import reachable_addresses
from overlaykit.runtime.sessions import Opened
from overlaykit.theming import Layout, load_theme

TRIED_QUANTITY = 2
NOW = "SECONDS"
ANYWHERE = ("0.0.0.0", "::")
"""What a room is bound to that others may reach on every address of this machine."""


@dataclass(frozen=True, kw_only=True)
class Banner:
    """A room's facts. `tokens` by scope; `notices` are for the end, where they are seen."""

    config: Config
    opened: Opened
    themes: Mapping[str, Theme]
    tokens: Mapping[str, str]
    notices: Sequence[str]

    @property
    def addresses(self) -> list[str]:
        """http://HOST:PORT for each address under which the room is reached, the nearest first."""
        return reachable_addresses(self.config.host, self.config.port)

    def overlay(self, address: str, layout: str) -> str:
        """An overlay's address, as OBS and browsers take it."""
        return overlay_address(address, layout, self.tokens["overlay"])

    def desk(self, address: str) -> str:
        """The desk's address, logged in."""
        return f"{address}/desk?token={self.tokens['operator']}"

    def presenter(self, address: str) -> str:
        """The presenter's page, which only shows."""
        return f"{address}/presenter?token={self.tokens['viewer']}"

    def layouts(self) -> list[Layout]:
        """The layouts of the session's theme; [] when it cannot be loaded, which web's log explains."""
        theme = self.themes.get(self.opened.plan.theme)
        try:
            return list(load_theme(theme, self.themes).titled(self.opened.plan.locale).values()) if theme else []
        except OverlaykitError:
            return []


def overlay_address(room: str, layout: str, token: str) -> str:
    """A layout's address in the room `room`, such as http://127.0.0.1:8080; it follows the current session."""
    return f"{room}/overlay/{quote(layout)}?token={quote(token)}"


def print_banner(console: Console, banner: Banner) -> None:
    """Prints it whole. Lines are not wrapped, so that addresses can be copied."""
    for line in _lines(banner):
        console.print(line, soft_wrap=True)
    if banner.config.host in ANYWHERE:
        address = banner.addresses[0]
        print_code(console, "控制台 desk", banner.desk(address))
        print_code(console, "主播提词 presenter", banner.presenter(address))
        for layout in banner.layouts()[:1]:
            print_code(console, layout.title, banner.overlay(address, layout.name))


def trial_command(banner: Banner) -> str:
    """A curl line that reserves units of the first item, in any shell; each run is another order."""
    plan = banner.opened.plan
    line = {"sku": _tried_sku(plan), "quantity": TRIED_QUANTITY}
    channel = next((one.name for one in plan.channels if one.sells == "asks_first"), None)
    named = {"channel": channel} if channel is not None and len(plan.channels) > 1 else {}
    body = {"type": "order.reserve", "order": f"try-{NOW}", **named, "lines": [line]}
    before, _, after = json.dumps(body, ensure_ascii=False, separators=(",", ":")).partition(NOW)
    url = f"{banner.addresses[0]}/api/v1/sessions/current/commands"
    return (
        f"curl -s {shlex.quote(url)} -H 'Authorization: Bearer {banner.tokens['connector']}' "
        f"-H 'Content-Type: application/json' -d {shlex.quote(before)}$(date +%s){shlex.quote(after)}"
    )


def _tried_sku(plan: SessionPlan) -> str:
    return next((item.sku for item in plan.items if item.on_sale), plan.items[0].sku)


def _lines(banner: Banner) -> Iterator[str]:
    opened, plan = banner.opened, banner.opened.plan
    begun = "新场次 new" if opened.new else "接着上次 goes on"
    yield ""
    yield f"[bold]{escape(plan.title)}[/]  ({escape(plan.id)}, {begun})"
    if opened.play is not None:
        speed = f", {opened.play.speed:g}×" if opened.play.speed != 1 else ""
        yield f"  录像回放中 plays {escape(opened.play.recording)}{speed}"
    yield ""
    yield "[bold]画面 Overlays[/]  (OBS: add a browser source of this size, with this URL)"
    layouts = banner.layouts()
    width = max((len(layout.name) for layout in layouts), default=0)
    for layout in layouts:
        sizes = " / ".join(layout.size)
        yield f"  {layout.name:<{width}}  {sizes:<21}  {escape(banner.overlay(banner.addresses[0], layout.name))}"
    if not layouts:
        yield f"  the theme {escape(repr(plan.theme))} cannot be shown: see `overlaykit theme list`"
    yield ""
    yield f"[bold]控制台 Desk[/]      {escape(banner.desk(banner.addresses[0]))}"
    yield f"[bold]提词 Presenter[/]   {escape(banner.presenter(banner.addresses[0]))}"
    yield f"[bold]接口 API[/]         {banner.addresses[0]}/api/v1/sessions/current/board   (all of it: /openapi.json)"
    for address in banner.addresses[1:]:
        yield f"  also reachable   {address}"
    where = "二维码见下方 codes below, and" if banner.config.host in ANYWHERE else "手机用 for phones: --lan;"
    yield f"[bold]其他设备 Devices[/] {where} {banner.addresses[0]}/desk/devices"
    yield ""
    tried = f"{TRIED_QUANTITY} × {escape(_tried_sku(plan))}"
    yield f"[bold]试一试 Try it[/]: this reserves {tried}; the number in the overlay falls at once."
    yield f"  {escape(trial_command(banner))}"
    yield ""
    yield f"[bold]令牌 Tokens[/]  (kept in {escape(str(banner.config.state / 'tokens.json'))}; do not show them on air)"
    for scope, text in banner.tokens.items():
        yield f"  {scope:<10} {escape(text)}"
    for notice in banner.notices:
        yield f"[yellow]![/] {escape(notice)}"
    yield ""
    again = "plays it again, as a new session" if opened.play is not None else "goes on with the same numbers"
    yield f"[bold]Ctrl-C[/] 停止 stops the room; the same command {again}."
    yield ""


def print_code(console: Console, title: str, url: str) -> None:
    """An address, and a QR code of it."""
    drawn = io.StringIO()
    segno.make(url, error="l").terminal(out=drawn, border=2, compact=True)
    console.print(f"{escape(title)}  {escape(url)}", soft_wrap=True)
    console.out(drawn.getvalue(), highlight=False)
