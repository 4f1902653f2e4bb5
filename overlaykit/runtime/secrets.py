"""Secrets of a plan's channels, sources, notifiers and webhooks: set by the environment, or kept in the state folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from overlaykit.config import SECRET
from overlaykit.model.settings import Secret
from overlaykit.pluginhost.targets import variable
from overlaykit.runtime.state import read_json

SECRETS_FILE = "secrets.json"


class KeptSecrets:
    """The environment's come first. `environment`: by the rest of the variable's name (`Config.secrets`).

    Raises StateError when STATE/secrets.json is no table of texts.
    """

    def __init__(self, state: Path, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._kept = read_json(state / SECRETS_FILE, dict[str, str]) or {}

    def find(self, section: str, name: str, field: str) -> Secret | None:
        """The secret `field` of [section.name]; None when nobody has set it."""
        text = self._environment.get(variable(section, name, field).removeprefix(SECRET))
        text = text or self._kept.get(f"{section}.{name}.{field}")
        return Secret(text) if text else None
