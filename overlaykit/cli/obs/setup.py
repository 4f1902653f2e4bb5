"""`overlaykit obs setup`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.markup import escape

from overlaykit.cli.obs.reaching import Given, reach, visit
from overlaykit.cli.obs.subject import KINDS, Subject, session_argument, subject_of
from overlaykit.cli.options import config_of, redis_option, search_options, state_option
from overlaykit.config import DEFAULT_PORT, Config
from overlaykit.director.obs.link import ObsLink
from overlaykit.director.obs.setup import (
    BROWSER,
    CannotMake,
    Differs,
    Found,
    MakeInput,
    MakeScene,
    MakeYourself,
    Nest,
    Remark,
    SetInput,
    Setup,
    Step,
    WrongKind,
    set_up,
)
from overlaykit.director.obs.survey import look, take
from overlaykit.director.obs.wanted import HOME_SCENE, Overlay, Wanted, wanted_of
from overlaykit.errors import ObsRefused, UserError
from overlaykit.model.settings import Secret
from overlaykit.runtime.listening import known_address, own_address
from overlaykit.runtime.obs import ObsConnection, ObsConnections
from overlaykit.runtime.obs.connections import CONNECTIONS_FILE
from overlaykit.runtime.room import reached_store
from overlaykit.runtime.state import prepare_state
from overlaykit.runtime.tokens import room_tokens
from overlaykit.store import Tokens

ON_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")


class Done(NamedTuple):
    """What came of a setup: the steps that were taken, and those that OBS refused."""

    wanted: Wanted
    found: Found
    setup: Setup
    taken: list[Step]
    refused: list[tuple[Step, ObsRefused]]


@click.command(
    epilog="""\b
Example:
  overlaykit obs setup sample_sessions/flash_sale
  overlaykit obs setup --host 192.168.1.20 --room http://192.168.1.10:8080
  overlaykit obs setup brand-1111 --name main --password-stdin < password.txt
"""
)
@session_argument
@click.option("--name", metavar="NAME", help="Which [obs.NAME] of the plan.  [default: its first, or main]")
@click.option("--host", metavar="H", help="Where OBS runs.  [default: the plan's, the kept one, or this machine]")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port of its WebSocket server.  [default: likewise, or 4455]"
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, its first line.")
@click.option("--room", metavar="URL", help="Where OBS reaches the overlays.  [default: where the room listens]")
@click.option("--update", is_flag=True, help="Give browser sources that exist the right address and size, too.")
@redis_option
@state_option
@search_options
def setup(
    session: str | None,
    name: str | None,
    host: str | None,
    port: int | None,
    password_stdin: bool,
    room: str | None,
    update: bool,
    redis: str | None,
    state: Path,
    themes: tuple[Path, ...],
    plugins: tuple[Path, ...],
) -> int:
    """Connect to OBS, and make the scenes and sources that SESSION needs and OBS does not have.

    SESSION is a folder with a session.toml, a bundled sample's name, or an id; without it, the session that runs. Address and
    password are read from OBS's own configuration on this machine, or asked for, once; they are kept in the state folder, for
    you alone. What exists in OBS is not touched. 已有的场景和来源不会被改动；可以反复运行。
    """
    given = Given(host=host, port=port, password=_typed() if password_stdin else None)
    config = config_of(state, redis=redis, themes=themes, plugins=plugins)
    room = None if room is None else _checked(room)
    subject = subject_of(session, config)
    name = subject.chosen(name)
    prepare_state(config.state)
    connections = ObsConnections(config.state, config.obs_passwords)
    connection = reach(name, subject.settings(name), given, connections)
    kept = connections.keep(name, connection)
    room = room or _room_for(connection, config.state)
    done = _set_up(subject, name, connection, room=room, token=_overlay_token(config), update=update)
    console = Console(highlight=False)
    for line in _lines(name, connection, done):
        console.print(line, soft_wrap=True)
    if kept:
        file = config.state / CONNECTIONS_FILE
        console.print(
            f"[green]+[/] 连接已保存 connection kept: {escape(str(file))} (only you can read it)", soft_wrap=True
        )
    if not done.setup.steps and not kept:
        console.print("没有要改的 nothing to do")
    for other in subject.names:
        if other != name and not connections.knows(other):
            console.print(
                f"  还有 there is also {escape(f'[obs.{other}]')}: overlaykit obs setup --name {escape(other)}"
            )
    if connection.host not in ON_THIS_MACHINE and done.wanted.overlays:
        console.print(
            f"  OBS 在另一台电脑上 OBS is on another machine: run the room with --lan, so that it reaches {escape(room)}"
        )
    return 1 if done.refused else 0


def _typed() -> Secret:
    text = sys.stdin.readline().rstrip("\r\n")
    if not text:
        raise UserError(
            "--password-stdin, but standard input is empty", remedy="Write the password to it, on one line."
        )
    return Secret(text)


def _overlay_token(config: Config) -> str:
    with reached_store(config) as client:
        return room_tokens(Tokens(client), config.state, config.tokens)["overlay"]


def _checked(room: str) -> str:
    """The address of --room without a slash at its end. Raises UserError."""
    parts = urlsplit(room)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query:
        raise UserError(f"--room {room} is no address of a room", remedy="Write it as http://192.168.1.10:8080.")
    return room.rstrip("/")


def _room_for(connection: ObsConnection, state: Path) -> str:
    """Where this OBS reaches the room of the state folder: where it listens, or did last, else on its usual port."""
    known = known_address(state)
    own = "127.0.0.1" if connection.host in ON_THIS_MACHINE else own_address(connection.host) or "127.0.0.1"
    host = known.host if known is not None and known.host not in (*ON_THIS_MACHINE, *EVERYWHERE) else own
    return f"http://{f'[{host}]' if ':' in host else host}:{known.port if known else DEFAULT_PORT}"


def _set_up(subject: Subject, name: str, connection: ObsConnection, *, room: str, token: str, update: bool) -> Done:
    async def work(link: ObsLink, version: Mapping[str, Any]) -> Done:
        found = await look(link, version, wanted_of(subject.plan.later, name))
        wanted = wanted_of(subject.plan.later, name, subject.overlays(found, room, token))
        setup = set_up(wanted, found, update=update)
        taken: list[Step] = []
        refused: list[tuple[Step, ObsRefused]] = []
        for step in setup.steps:
            try:
                await take(link, step)
            except ObsRefused as error:
                refused.append((step, error))
            else:
                taken.append(step)
        return Done(wanted, found, setup, taken, refused)

    return visit(connection, work)


# ------------------------------------------------------------------------------------------------------------ words


def _lines(name: str, connection: ObsConnection, done: Done) -> Iterator[str]:
    found = done.found
    yield (
        f"[bold]OBS {escape(name)}[/]  {escape(connection.address)}  OBS {escape(found.version)}, "
        f"obs-websocket {escape(found.websocket)}, {found.width}×{found.height}"
    )
    for step in done.taken:
        yield f"[green]+[/] {_made(step)}"
    for step, error in done.refused:
        yield f"[bold red]✗[/] {_made(step)}: {escape(error.message)} {escape(error.chinese)}"
    for remark in done.setup.remarks:
        yield from _remarked(remark, done.wanted.overlays)
    if MakeScene(HOME_SCENE) in done.taken:
        yield (
            f"  要播出：在你的场景里添加“场景”来源 {HOME_SCENE}。 To show it on air, add the scene {HOME_SCENE} to your scenes "
            "as a source (+ → Scene)."
        )
    if any(isinstance(step, MakeInput) and not step.shown for step in done.taken):
        yield f"  先隐藏的，在场景 {HOME_SCENE} 里点眼睛显示。 What is hidden is shown by its eye, in the scene {HOME_SCENE}."


def _made(step: Step) -> str:
    match step:
        case MakeScene(scene):
            return f"场景 scene  {escape(scene)}  新建 made"
        case Nest(scene, inner):
            return f"场景 scene  {escape(scene)}  里面放了 shows {escape(inner)}"
        case SetInput(source, settings):
            return f"来源 source  {escape(source)}  已更新 updated: {_settings(settings)}"
        case MakeInput():
            kind = "浏览器 browser" if step.kind == BROWSER else "文字 text"
            hidden = "" if step.shown else ", 先隐藏 hidden"
            return f"{kind}  {escape(step.source)}  新建 made in {escape(step.scene)}{hidden}"


def _remarked(remark: Remark, overlays: Sequence[Overlay]) -> Iterator[str]:
    match remark:
        case Differs(source, settings):
            yield (
                f"[yellow]![/] 浏览器 browser  {escape(source)}  与现在的不同 is not as it should be: {_settings(settings)}; "
                "--update 会改 changes it"
            )
        case WrongKind(source, kind, wanted):
            yield (
                f"[yellow]![/] {escape(source)}  名字被占用 this name belongs to a {escape(kind)}, and should be a {wanted}: "
                "请在 OBS 里改名，或改 session.toml rename one of them"
            )
        case MakeYourself(kind, name, by):
            yield (
                f"[yellow]![/] {KINDS[kind]}  {escape(name)}  请在 OBS 里添加 only you can add it: {escape(by)} uses it"
            )
        case CannotMake(kind, sources) if kind == BROWSER:
            yield (
                "[yellow]![/] 浏览器 browser  这个 OBS 没有浏览器来源 this OBS has none, as Debian's has not; that of "
                "obsproject.com and the Flatpak have. 网址 addresses:"
            )
            for overlay in overlays:
                if overlay.source in sources:
                    size = f"{overlay.width}×{overlay.height}"
                    yield f"    {escape(overlay.source)}  {size}  {escape(overlay.url)}"
        case CannotMake(kind, sources):
            yield (
                f"[yellow]![/] 这个 OBS 没有文字来源 this OBS has no text sources: {escape(', '.join(sources))}; "
                "install its plugin obs-text or text-freetype2"
            )


def _settings(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {escape(str(value))}" for key, value in settings.items())
