"""What the OBS of this machine says about its own WebSocket server, in its configuration."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from overlaykit.model.settings import Secret

_NEW = Path("plugin_config/obs-websocket/config.json")
_OLD = Path("global.ini")
_SECTION = "OBSWebSocket"
_FLATPAK = Path(".var/app/com.obsproject.Studio/config/obs-studio")
_ROAMING = Path("AppData/Roaming/obs-studio")


class InstalledObs(NamedTuple):
    """The WebSocket server of an OBS as its configuration sets it.

    file       the configuration
    enabled    whether the server is switched on
    password   None when it asks for none
    windows    an OBS of the Windows that this Linux runs under
    """

    file: Path
    enabled: bool
    port: int
    password: Secret | None
    windows: bool


class _Config(Struct):
    """OBS 31 and newer; names and defaults are obs-websocket's."""

    server_enabled: bool = False
    server_port: int = 4455
    auth_required: bool = True
    server_password: str = ""


def find_installed(home: Path, configuration: Path, windows_users: Path) -> list[InstalledObs]:
    """Each OBS whose configuration can be read: this user's own, the Flatpak, those of Windows' users.

    home, configuration   this user's home, and the folder of programs' configuration in it
    windows_users         C:\\Users as WSL2 shows it; need not exist
    """
    places = [(configuration / "obs-studio", False), (home / _FLATPAK, False)]
    places += [(user / _ROAMING, True) for user in _folders(windows_users)]
    found = (_read(folder, windows) for folder, windows in places)
    return [one for one in found if one is not None]


def _folders(parent: Path) -> Iterator[Path]:
    try:
        yield from sorted(parent.iterdir())
    except OSError:  # no WSL2, or C: is not shown to it
        return


def _read(folder: Path, windows: bool) -> InstalledObs | None:
    """What the newer file says, else the older; None where neither can be read as such."""
    for file, read in ((folder / _NEW, _read_json), (folder / _OLD, _read_ini)):
        try:
            config = read(file)
        except (OSError, ValueError, configparser.Error):
            continue
        if config is not None:
            password = Secret(config.server_password) if config.auth_required and config.server_password else None
            return InstalledObs(file, config.server_enabled, config.server_port, password, windows)
    return None


def _read_json(file: Path) -> _Config:
    return msgspec.json.decode(file.read_bytes(), type=_Config)


def _read_ini(file: Path) -> _Config | None:
    """OBS 28 to 30. None when it has never loaded its WebSocket server."""
    parser = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",), comment_prefixes=("#",))
    parser.read_string(file.read_text(encoding="utf-8-sig"))
    if not parser.has_section(_SECTION):
        return None
    own = parser[_SECTION]
    return _Config(
        server_enabled=own.getboolean("ServerEnabled", False),
        server_port=own.getint("ServerPort", 4455),
        auth_required=own.getboolean("AuthRequired", True),
        server_password=own.get("ServerPassword", "").replace("\\\\", "\\"),
    )
