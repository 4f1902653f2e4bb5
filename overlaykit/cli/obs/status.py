"""`overlaykit obs status`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec import Struct
from rich.console import Console
from rich.markup import escape

from overlaykit.cli.obs.reaching import visit
from overlaykit.cli.obs.subject import KINDS, Subject, session_argument, subject_of
from overlaykit.cli.options import config_of, redis_option, search_options, state_option
from overlaykit.director.obs.link import ObsLink
from overlaykit.director.obs.setup import Found, Part, parts_of
from overlaykit.director.obs.survey import Running, look, look_at_outputs
from overlaykit.director.obs.wanted import wanted_of
from overlaykit.errors import ObsError
from overlaykit.runtime.obs import ObsConnection, ObsConnections


class ObsStatus(Struct, frozen=True, kw_only=True):
    """One OBS of a plan. `version` and `running` are None, and each part's `exists`, when it was not reached; `problem`
    then says why."""

    name: str
    host: str
    port: int
    reachable: bool
    version: str | None = None
    websocket: str | None = None
    size: tuple[int, int] | None = None
    running: Running | None = None
    wanted: tuple[Part, ...] = ()
    problem: dict[str, str | None] | None = None

    @property
    def whole(self) -> bool:
        """Whether it is reached and has what the plan names; which overlays are shown is for people to choose."""
        return self.reachable and all(part.exists for part in self.wanted if part.kind != "overlay")


@click.command(
    epilog="""\b
Example:
  overlaykit obs status
  overlaykit obs status sample_sessions/flash_sale --json
"""
)
@session_argument
@click.option("--name", metavar="NAME", help="Only this [obs.NAME] of the plan.  [default: all of them]")
@click.option("--json", "as_json", is_flag=True, help="For a program: one JSON object.")
@redis_option
@state_option
@search_options
def status(
    session: str | None,
    name: str | None,
    as_json: bool,
    redis: str | None,
    state: Path,
    themes: tuple[Path, ...],
    plugins: tuple[Path, ...],
) -> int:
    """Say whether OBS is reached, what it does, and whether it has what SESSION names. Changes nothing.

    Exit status 1 when an OBS is not reached, or something that the plan names is missing in it.
    """
    config = config_of(state, redis=redis, themes=themes, plugins=plugins)
    subject = subject_of(session, config)
    names = subject.names if name is None else [subject.chosen(name)]
    connections = ObsConnections(config.state, config.obs_passwords)
    found = [_status(subject, each, connections.find(each, subject.settings(each))) for each in names]
    if as_json:
        report = {
            "session": subject.plan.id,
            "ok": all(one.whole for one in found),
            "obs": [_as_json(one) for one in found],
        }
        click.echo(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())
    else:
        for one in found:
            _show(Console(highlight=False), one)
    return 0 if all(one.whole for one in found) else 1


def _status(subject: Subject, name: str, connection: ObsConnection) -> ObsStatus:
    named = wanted_of(subject.plan.later, name)

    async def work(link: ObsLink, version: Mapping[str, Any]) -> tuple[Found, Running]:
        return await look(link, version, named), await look_at_outputs(link)

    at = ObsStatus(name=name, host=connection.host, port=connection.port, reachable=False)
    try:
        found, running = visit(connection, work)
    except ObsError as error:
        said = {"message": error.message, "chinese": error.chinese, "remedy": error.remedy}
        return msgspec.structs.replace(at, problem=said, wanted=tuple(parts_of(named, None)))
    overlays = subject.overlays(found, "http://127.0.0.1", "")
    return msgspec.structs.replace(
        at,
        reachable=True,
        version=found.version,
        websocket=found.websocket,
        size=(found.width, found.height),
        running=running,
        wanted=tuple(parts_of(wanted_of(subject.plan.later, name, overlays), found)),
    )


def _as_json(one: ObsStatus) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(one)
    return plain | {"ok": one.whole, "wanted": [part._asdict() for part in one.wanted]}


def _show(console: Console, one: ObsStatus) -> None:
    def say(line: str) -> None:
        console.print(line, soft_wrap=True)

    at = escape(ObsConnection(one.host, one.port, None).address)
    if one.problem is not None:
        say(f"[bold red]✗[/] [bold]OBS {escape(one.name)}[/]  {escape(str(one.problem['message']))}")
        say(f"  {escape(str(one.problem['chinese']))}")
        if one.problem["remedy"]:
            say(f"[bold]→[/] {escape(str(one.problem['remedy']))}")
        return
    assert one.running is not None
    assert one.size is not None
    say(
        f"[bold green]✓[/] [bold]OBS {escape(one.name)}[/]  {at}  OBS {one.version}, obs-websocket {one.websocket}, "
        f"{one.size[0]}×{one.size[1]}"
    )
    say(f"  正在播出 on air  {escape(one.running.scene)}{'  导播模式 studio mode' if one.running.studio_mode else ''}")
    say(f"  {_outputs(one.running)}")
    for part in one.wanted:
        if part.exists:
            mark, missing = "[green]✓[/]", ""
        elif part.kind == "overlay":
            mark, missing = "·", "  未添加 not in this OBS"
        else:
            mark, missing = "[bold red]✗[/]", f"  缺少 missing ({escape(part.by)})"
        say(f"  {mark} {KINDS[part.kind]}  {escape(part.name)}{missing}")
    if not one.whole:
        say("[bold]→[/] 补齐 Make what is missing: overlaykit obs setup")


def _outputs(running: Running) -> str:
    if running.reconnecting:
        stream = f"推流重连中 stream reconnecting ({running.timecode})"
    elif running.streaming:
        stream = f"推流中 streaming ({running.timecode})"
    else:
        stream = "未推流 not streaming"
    return f"{stream}{', 录制中 recording' if running.recording else ''}"
