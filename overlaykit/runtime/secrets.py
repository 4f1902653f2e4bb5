"""Secrets of a plan's channels, sources, notifiers, webhooks and relays: set by the environment, or kept in the state folder."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from overlaykit.config import SECRET
from overlaykit.errors import StateError, UserError
from overlaykit.model.settings import Secret
from overlaykit.pluginhost.targets import variable
from overlaykit.runtime.state import read_json, write_json

log = logging.getLogger(__name__)

SECRETS_FILE = "secrets.json"


class KeptSecrets:
    """The environment's come first. `environment`: by the rest of the variable's name (`Config.secrets`).

    What another process keeps is known with the next question. Raises StateError when STATE/secrets.json is no table of
    texts; a file that is damaged later is passed over, and the log says so.
    """

    def __init__(self, state: Path, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._file = state / SECRETS_FILE
        self._version = self._look()
        self._kept = read_json(self._file, dict[str, str]) or {}

    def find(self, section: str, name: str, field: str) -> Secret | None:
        """The secret `field` of [section.name]; None when nobody has set it."""
        text = self._from_environment(section, name, field) or self._table().get(f"{section}.{name}.{field}")
        return Secret(text) if text else None

    def origin(self, section: str, name: str, field: str) -> Literal["environment", "kept"] | None:
        """Who has set it; None: nobody."""
        if self._from_environment(section, name, field):
            return "environment"
        return "kept" if self._table().get(f"{section}.{name}.{field}") else None

    def keep(self, section: str, name: str, field: str, text: str | None) -> None:
        """Writes the secret into the state folder, for its owner alone, or with None takes it away. Raises UserError when the
        environment sets it, StateError when it cannot be written."""
        if self._from_environment(section, name, field):
            raise UserError(
                f"环境变量已经设置了 / the environment sets the secret {field} of [{section}.{name}]",
                remedy=f"Change {variable(section, name, field)} where the room is started, and start it again.",
            )
        key = f"{section}.{name}.{field}"
        table = {each: kept for each, kept in (read_json(self._file, dict[str, str]) or {}).items() if each != key}
        write_json(self._file, table if text is None else {**table, key: text})

    def _from_environment(self, section: str, name: str, field: str) -> str | None:
        return self._environment.get(variable(section, name, field).removeprefix(SECRET))

    def _table(self) -> dict[str, str]:
        version = self._look()
        if version != self._version:
            self._version = version
            try:
                self._kept = read_json(self._file, dict[str, str]) or {}
            except StateError as error:
                log.error("%s %s The secrets that were known before go on.", error.message, error.remedy)
        return self._kept

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
