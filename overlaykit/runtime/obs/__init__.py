"""How an OBS is reached: what the plan, the operator, the environment and OBS itself say about host, port and password."""

from overlaykit.runtime.obs.connections import (
    DEFAULT_HOST,
    DEFAULT_PORT,
    ObsConnection,
    ObsConnections,
    password_variable,
)
from overlaykit.runtime.obs.installed import InstalledObs, find_installed
from overlaykit.runtime.obs.windows import windows_host

__all__ = [
    "DEFAULT_HOST",
    "DEFAULT_PORT",
    "InstalledObs",
    "ObsConnection",
    "ObsConnections",
    "find_installed",
    "password_variable",
    "windows_host",
]
