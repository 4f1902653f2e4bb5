"""The way to an OBS: host, port and password from wherever they are known, asked for where they are not."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
import platformdirs

from overlaykit.director.obs.link import WRONG_PASSWORD, Address, ObsLink, Reach, open_link
from overlaykit.errors import ObsAway, UserError
from overlaykit.model.settings import Secret
from overlaykit.runtime.obs import (
    DEFAULT_HOST,
    DEFAULT_PORT,
    InstalledObs,
    ObsConnection,
    ObsConnections,
    find_installed,
    password_variable,
    windows_host,
)

WINDOWS_USERS = Path("/mnt/c/Users")
ASKED_AT_MOST = 3
SHOWN = (
    "OBS 里可以看到密码 OBS shows it: 工具 → WebSocket 服务器设置 → 显示连接信息 "
    "(Tools → WebSocket Server Settings → Show Connect Info)"
)
SWITCH_ON = "OBS: 工具 → WebSocket 服务器设置 → 开启 WebSocket 服务器 (Tools → WebSocket Server Settings → Enable WebSocket server)"

T = TypeVar("T")
Work = Callable[[ObsLink, Mapping[str, Any]], Awaitable[T]]


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the command line says; None where it says nothing."""

    host: str | None = None
    port: int | None = None
    password: Secret | None = None


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An address that may be the OBS's, and passwords that may be its."""

    host: str
    port: int
    passwords: tuple[Secret, ...]

    def connection(self, password: Secret | None) -> ObsConnection:
        return ObsConnection(self.host, self.port, password)


def visit(connection: ObsConnection, work: Work[T]) -> T:
    """Connects, does `work` with the link and GetVersion's answer, and leaves. Raises ObsAway and ObsRefused."""

    async def visiting() -> T:
        password = connection.password.reveal() if connection.password is not None else None
        link, version = await open_link(
            Reach(Address(connection.host, connection.port), password), lambda name, data: None
        )
        try:
            return await work(link, version)
        finally:
            await link.close()

    return asyncio.run(visiting())


def installed_here() -> list[InstalledObs]:
    """The OBS whose configuration is on this machine."""
    return find_installed(Path.home(), Path(platformdirs.user_config_dir()), WINDOWS_USERS)


def candidates(
    name: str,
    settings: Mapping[str, Any],
    given: Given,
    connections: ObsConnections,
    installed: Sequence[InstalledObs],
    windows: str | None,
) -> list[Candidate]:
    """Where to look for the OBS `name`, in order. Where a host is said by anybody, it is looked for there alone.

    Passwords: the given one alone; else the environment's alone; else the kept one, and those of OBS's own configurations
    on this machine for their own port.
    """
    known = connections.find(name, settings)
    said = given.host or settings.get("host") or (known.host if connections.knows(name) else None)
    port = given.port or settings.get("port") or (known.port if connections.knows(name) else None)
    own = [each for each in installed if port in (None, each.port)]
    places: list[tuple[str, int]] = []
    if said is not None:
        near = said in (DEFAULT_HOST, "localhost", "::1", windows)
        places = [(said, port)] if port else [(said, each.port) for each in own if near] or [(said, DEFAULT_PORT)]
    else:
        for each in own:
            hosts = [windows] if each.windows and windows else []
            places += [(host, each.port) for host in (DEFAULT_HOST, *hosts)]
        places += [(host, port or DEFAULT_PORT) for host in (DEFAULT_HOST, windows) if host]
    found = []
    for host, at in dict.fromkeys(places):
        if given.password is not None:
            passwords = [given.password]
        elif (environment := connections.environment_password(name)) is not None:
            passwords = [environment]
        else:
            passwords = [known.password] if known.password is not None else []
            if host in (DEFAULT_HOST, "localhost", "::1", windows):
                passwords += [each.password for each in installed if each.port == at and each.password is not None]
        found.append(Candidate(host=host, port=at, passwords=tuple(dict.fromkeys(passwords))))
    return found


def reach(name: str, settings: Mapping[str, Any], given: Given, connections: ObsConnections) -> ObsConnection:
    """The connection on which the OBS answers. What nobody knows is asked for, on a terminal. Raises ObsAway, explained."""
    _agree(name, settings, given)
    installed = installed_here()
    windows = windows_host()
    tried = candidates(name, settings, given, connections, installed, windows)
    away: ObsAway | None = None
    for candidate in tried:
        try:
            return _enter(name, candidate, given, connections)
        except ObsAway as error:
            if error.code is not None:  # an OBS is there, and says no
                raise
            away = away or error
    assert away is not None
    if not (given.host or settings.get("host") or connections.knows(name)) and sys.stdin.isatty():
        click.echo(f"{away.message}\n{away.chinese}\n{SWITCH_ON}")
        host = click.prompt("OBS 在哪台电脑上 host of OBS", default=tried[0].host)
        port = click.prompt("端口 port", default=tried[0].port, type=click.IntRange(1, 65535))
        asked = Candidate(host=host, port=port, passwords=tried[0].passwords)
        return _enter(name, asked, given, connections)
    raise ObsAway(away.message, away.chinese, remedy=_where(away, tried, installed, windows))


def _enter(name: str, candidate: Candidate, given: Given, connections: ObsConnections) -> ObsConnection:
    """The first of its passwords that is taken; then what somebody types."""
    refused: ObsAway | None = None
    for password in (*candidate.passwords, *([] if candidate.passwords else [None])):
        connection = candidate.connection(password)
        try:
            visit(connection, _nothing)
            return connection
        except ObsAway as error:
            if error.code != WRONG_PASSWORD:
                raise
            refused = error
    assert refused is not None
    variable = password_variable(name)
    if given.password is None and connections.environment_password(name) is not None:
        raise ObsAway(
            f"OBS at {connection.address} does not take the password that {variable} says",
            f"{connection.address} 的 OBS 不接受环境变量 {variable} 里的密码",
            code=WRONG_PASSWORD,
            remedy=f"{SHOWN}.",
        )
    if given.password is not None or not sys.stdin.isatty():
        raise ObsAway(
            refused.message,
            refused.chinese,
            code=WRONG_PASSWORD,
            remedy=f"{SHOWN}. Run `overlaykit obs setup` in a terminal, which asks for it; or with --password-stdin, or set "
            f"{variable}.",
        )
    click.echo(SHOWN)
    for left in reversed(range(ASKED_AT_MOST)):
        typed = Secret(click.prompt(f"{connection.address} 的密码 password", hide_input=True))
        try:
            visit(candidate.connection(typed), _nothing)
            return candidate.connection(typed)
        except ObsAway as error:
            if error.code != WRONG_PASSWORD or not left:
                raise
            click.echo("密码不对 OBS does not take this one.")
    raise AssertionError("unreachable")


async def _nothing(link: ObsLink, version: Mapping[str, Any]) -> None:
    """Being let in is all that is wanted."""


def _agree(name: str, settings: Mapping[str, Any], given: Given) -> None:
    """The director goes where the plan says: what differs would be set up, and never used."""
    for key, value in (("host", given.host), ("port", given.port)):
        written = settings.get(key)
        if value is not None and written is not None and value != written:
            raise UserError(
                f"--{key} {value} is not what the plan says: [obs.{name}] {key} = {written}",
                remedy=f"Write {key} = {value!r} there, or leave {key} out of the plan and it is kept on this machine.",
            )


def _where(away: ObsAway, tried: Sequence[Candidate], installed: Sequence[InstalledObs], windows: str | None) -> str:
    """What to do when no OBS answers."""
    others = [each.connection(None).address for each in tried[1:]]
    also = f"Looked at {', '.join(others)}, too. " if others else ""
    if windows is not None:
        also += "Windows' firewall has to let WSL2 reach OBS 请在 Windows 防火墙里允许 OBS. "
    off = [each for each in installed if not each.enabled]
    if off:
        return f"{also}Its server is switched off in {off[0].file}. 请开启后重试 Switch it on: {SWITCH_ON}"
    if away.remedy is not None and "WebSocket" not in away.remedy:
        return also + away.remedy
    return f"{also}Start OBS and switch its server on. {SWITCH_ON}. OBS on another machine: --host ADDRESS"
