"""What the supervisor tells a child process: one JSON line on its standard input."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from msgspec import Struct

from overlaykit.config import Config


class PlayOrder(Struct, frozen=True):
    """A recording to play into a session: recorded opening `base`, new opening `start`, gaps divided by `speed`. `without`:
    sources that say their own anew."""

    recording: str
    session: str
    ledger: str
    base: dt.datetime
    start: dt.datetime
    speed: float
    without: tuple[str, ...] = ()


class StoodIn(Struct, frozen=True, kw_only=True):
    """A channel of a play and its made-up platform: `skus` by which it knows items, platform's → ours."""

    channel: str
    connector: str
    port: int
    hook: str
    skus: dict[str, str]


class PlatformsOrder(Struct, frozen=True, kw_only=True):
    """Made-up platforms for the play `ledger`, and the crowd that buys there, `speed` times as fast as people do."""

    ledger: str
    speed: float
    channels: tuple[StoodIn, ...]


class ChildOrder(Struct, frozen=True, kw_only=True):
    """Everything a child needs. Holds secrets: it goes through a pipe, never on a command line.

    listener        file descriptor of the listening socket, for web
    open_files      how many files a process may have open, None when not limited
    recorder        the director's name as a recorder: where it writes below STATE/recordings
    session_folder  the running session's folder, for its own plugins, themes and images
    obs_passwords   those that the environment sets, as in Config
    secrets         those that the environment sets, as in Config
    tokens          scope → text, those that the environment sets, for web
    set_aside       plugins that it does without, each with the reason
    """

    state: str
    host: str
    port: int
    redis_url: str
    themes: tuple[str, ...]
    plugins: tuple[str, ...]
    session_folder: str | None
    recorder: str
    listener: int | None = None
    open_files: int | None = None
    play: PlayOrder | None = None
    platforms: PlatformsOrder | None = None
    obs_passwords: dict[str, str] = {}
    secrets: dict[str, str] = {}
    tokens: dict[str, str] = {}
    set_aside: dict[str, str] = {}

    @property
    def config(self) -> Config:
        """The same as a Config."""
        return Config(
            state=Path(self.state),
            host=self.host,
            port=self.port,
            redis_url=self.redis_url,
            themes=tuple(map(Path, self.themes)),
            plugins=tuple(map(Path, self.plugins)),
            obs_passwords=self.obs_passwords,
            secrets=self.secrets,
            tokens=self.tokens,
        )

    @property
    def folder(self) -> Path | None:
        """The running session's folder."""
        return Path(self.session_folder) if self.session_folder else None
