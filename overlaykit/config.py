"""Where things are on this machine, and what the environment may set.

Read once, at the edge (`Config.from_environment`), and passed on; nothing else in overlaykit reads the environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8080
SCOPES_IN_ENVIRONMENT = ("overlay", "connector", "operator", "admin")
SECRET = "OVERLAYKIT_SECRET_"
"""How the variables begin that hold secrets of the plan's channels, sources, notifiers and webhooks."""
OBS_PASSWORD = "OVERLAYKIT_OBS_PASSWORD_"
"""How the variables begin that hold passwords of OBS; the rest is its name in the plan, in capitals."""


def default_state_folder() -> Path:
    """The fixed state folder of this user on this platform, such as ~/.local/share/overlaykit."""
    return Path(platformdirs.user_data_dir("overlaykit", appauthor=False))


@dataclass(frozen=True, kw_only=True)
class Config:
    """What one start of overlaykit was given.

    state        folder for the store's data, tokens, recordings; created 0700 on first use
    host, port   where web listens
    redis_url    an external Redis or Valkey, or None for the embedded store
    themes, plugins   extra folders to search, in order
    tokens       scope → token text that the environment sets instead of generated ones
    secrets      rest of OVERLAYKIT_SECRET_… → the secret, where the environment sets it
    obs_passwords   rest of OVERLAYKIT_OBS_PASSWORD_… → the password, where the environment sets it
    """

    state: Path
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    redis_url: str | None = None
    themes: tuple[Path, ...] = ()
    plugins: tuple[Path, ...] = ()
    tokens: Mapping[str, str] = field(default_factory=dict)
    obs_passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def recordings(self) -> Path:
        return self.state / "recordings"

    @property
    def bundled(self) -> Path:
        """The folder that holds the first-party plugins, themes and sample_sessions: the repository, or the wheel's `_bundled`."""
        return bundled_folder()


def bundled_folder() -> Path:
    """In a wheel `overlaykit/_bundled`; in a checkout or an editable install the repository itself."""
    package = Path(__file__).resolve().parent
    inside = package / "_bundled"
    return inside if inside.is_dir() else package.parent


def tokens_from_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """OVERLAYKIT_TOKEN_OVERLAY, _CONNECTOR, _OPERATOR, _ADMIN, where set and not empty."""
    found = {scope: environment.get(f"OVERLAYKIT_TOKEN_{scope.upper()}", "") for scope in SCOPES_IN_ENVIRONMENT}
    return {scope: text for scope, text in found.items() if text}


def obs_passwords_from_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """OVERLAYKIT_OBS_PASSWORD_MAIN as MAIN, and so on, where set and not empty."""
    return _beginning_with(OBS_PASSWORD, environment)


def secrets_from_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """OVERLAYKIT_SECRET_NOTIFIER_TEAM_TOKEN as NOTIFIER_TEAM_TOKEN, and so on, where set and not empty."""
    return _beginning_with(SECRET, environment)


def _beginning_with(start: str, environment: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(start): text for name, text in environment.items() if name.startswith(start) and text}
