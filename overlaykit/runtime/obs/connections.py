"""Host, port and password of each OBS. Passwords are kept in the state folder, for its owner alone, or set by the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct

from overlaykit.config import OBS_PASSWORD
from overlaykit.model.settings import Secret
from overlaykit.runtime.state import read_json, write_json

CONNECTIONS_FILE = "obs.json"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 4455


class ObsConnection(NamedTuple):
    """Where an OBS is reached. `password`: None when its server asks for none, or nobody has given one yet."""

    host: str
    port: int
    password: Secret | None

    @property
    def address(self) -> str:
        """HOST:PORT, as people write it."""
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


class _Kept(Struct):
    host: str
    port: int
    password: str | None


class ObsConnections:
    """The connections of a state folder, by the OBS's name in plans.

    `passwords` are those of the environment, by the rest of the variable's name (`Config.obs_passwords`). What is kept is
    read anew each time: `obs setup` may change it while a room runs.
    """

    def __init__(self, state: Path, passwords: Mapping[str, str]) -> None:
        self._path = state / CONNECTIONS_FILE
        self._passwords = passwords

    def find(self, name: str, settings: Mapping[str, Any]) -> ObsConnection:
        """How to reach the OBS `name`; `settings` is its [obs.NAME] of the plan, {} when the plan has none.

        Host and port: the plan's, else those that `obs setup` kept, else 127.0.0.1 and 4455. Password: the environment's,
        else the kept one. Raises StateError when the file is damaged.
        """
        kept = self._read().get(name)
        password = self.environment_password(name)
        if password is None and kept is not None and kept.password is not None:
            password = Secret(kept.password)
        host = settings.get("host") or (kept.host if kept else DEFAULT_HOST)
        port = settings.get("port") or (kept.port if kept else DEFAULT_PORT)
        return ObsConnection(str(host), int(port), password)

    def knows(self, name: str) -> bool:
        """Whether `obs setup` has kept a connection of this name."""
        return name in self._read()

    def environment_password(self, name: str) -> Secret | None:
        """The password that the environment sets for this OBS."""
        text = self._passwords.get(password_variable(name).removeprefix(OBS_PASSWORD))
        return Secret(text) if text else None

    def keep(self, name: str, connection: ObsConnection) -> bool:
        """Keeps it for the rooms of this state folder; whether that changed anything. Raises StateError.

        A password that the environment sets is not written down.
        """
        known = self._read()
        password = connection.password
        if self.environment_password(name) is not None:
            before = known.get(name)
            text = before.password if before else None
        else:
            text = password.reveal() if password is not None else None
        kept = _Kept(connection.host, connection.port, text)
        if known.get(name) == kept:
            return False
        write_json(self._path, {**known, name: kept})
        return True

    def _read(self) -> dict[str, _Kept]:
        return read_json(self._path, dict[str, _Kept]) or {}


def password_variable(name: str) -> str:
    """The environment's variable with the password of the OBS `name`: whatever is no letter or digit becomes `_`."""
    return OBS_PASSWORD + re.sub(r"\W", "_", name).upper()
