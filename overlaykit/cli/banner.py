"""What a room prints once it runs: every address, a command to try, the tokens, and how to stop; in the session's language."""

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
from overlaykit.plan import Words, words_in
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

    def say(self, en: str, zh: str) -> str:
        """In the session's language."""
        return Words(en, zh).within(self.opened.plan.locale)

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
        print_code(console, banner.say("Desk", "控制台"), banner.desk(address))
        print_code(console, banner.say("Presenter", "主播提词"), banner.presenter(address))
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
    opened, plan, say = banner.opened, banner.opened.plan, banner.say
    begun = say("new", "新场次") if opened.new else say("goes on", "接着上次")
    yield ""
    yield f"[bold]{escape(plan.title)}[/]  ({escape(plan.id)}, {begun})"
    if opened.play is not None:
        speed = f", {opened.play.speed:g}×" if opened.play.speed != 1 else ""
        yield f"  {say('plays', '录像回放中')} {escape(opened.play.recording)}{speed}"
    yield ""
    how = say("OBS: add a browser source of this size, with this URL", "在 OBS 里按这个尺寸和网址添加“浏览器”来源")
    yield f"[bold]{say('Overlays', '画面')}[/]  ({how})"
    layouts = banner.layouts()
    width = max((len(layout.name) for layout in layouts), default=0)
    for layout in layouts:
        sizes = " / ".join(layout.size)
        yield f"  {layout.name:<{width}}  {sizes:<21}  {escape(banner.overlay(banner.addresses[0], layout.name))}"
    if not layouts:
        theme = escape(repr(plan.theme))
        yield "  " + say(
            f"the theme {theme} cannot be shown: see `overlaykit theme list`",
            f"主题 {theme} 显示不了：`overlaykit theme list` 说明原因",
        )
    yield ""
    yield f"[bold]{say('Desk', '控制台')}[/]  {escape(banner.desk(banner.addresses[0]))}"
    yield f"[bold]{say('Presenter', '主播提词')}[/]  {escape(banner.presenter(banner.addresses[0]))}"
    every = say("all of it", "全部接口")
    yield f"[bold]{say('API', '接口')}[/]  {banner.addresses[0]}/api/v1/sessions/current/board   ({every}: /openapi.json)"
    for address in banner.addresses[1:]:
        yield f"  {say('also reachable', '也可以用')}  {address}"
    coded = say("codes below, and", "二维码见下方；也在")
    where = coded if banner.config.host in ANYWHERE else say("for phones: --lan;", "手机要用：加 --lan；")
    yield f"[bold]{say('Devices', '其他设备')}[/]  {where} {banner.addresses[0]}/desk/devices"
    yield ""
    tried = f"{TRIED_QUANTITY} × {escape(_tried_sku(plan))}"
    yield say(
        f"[bold]Try it[/]: this reserves {tried}; the number in the overlay falls at once.",
        f"[bold]试一试[/]：这条命令占用 {tried}，画面上的数字马上变少。",
    )
    yield f"  {escape(trial_command(banner))}"
    yield ""
    kept = escape(str(banner.config.state / "tokens.json"))
    yield say(
        f"[bold]Tokens[/]  (kept in {kept}; do not show them on air)",
        f"[bold]令牌[/]  （存在 {kept}；直播画面里不要露出来）",
    )
    for scope, text in banner.tokens.items():
        yield f"  {scope:<10} {escape(text)}"
    for notice in banner.notices:
        yield f"[yellow]![/] {escape(words_in(notice).within(plan.locale))}"
    yield ""
    if opened.play is not None:
        again = say("plays it again, as a new session", "会作为新场次再放一遍")
    else:
        again = say("goes on with the same numbers", "会接着这些数字")
    yield say(
        f"[bold]Ctrl-C[/] stops the room; the same command {again}.", f"[bold]Ctrl-C[/] 停止；同一条命令{again}。"
    )
    yield ""


def print_code(console: Console, title: str, url: str) -> None:
    """An address, and a QR code of it."""
    drawn = io.StringIO()
    segno.make(url, error="l").terminal(out=drawn, border=2, compact=True)
    console.print(f"{escape(title)}  {escape(url)}", soft_wrap=True)
    console.out(drawn.getvalue(), highlight=False)
