"""The door for plugins and themes: what they may register, where they are found, and what became of each."""

from overlaykit.pluginhost.discovery import Plugins, discover, homes_of_plugins, load_alone, places_of
from overlaykit.pluginhost.hookspecs import hookimpl
from overlaykit.pluginhost.identities import Identities
from overlaykit.pluginhost.loading import HOOKS
from overlaykit.pluginhost.places import ENTRY_POINT_GROUP
from overlaykit.pluginhost.status import PluginStatus, SetAside, with_set_aside

__all__ = [
    "ENTRY_POINT_GROUP",
    "HOOKS",
    "Identities",
    "PluginStatus",
    "Plugins",
    "SetAside",
    "discover",
    "homes_of_plugins",
    "hookimpl",
    "load_alone",
    "places_of",
    "with_set_aside",
]
