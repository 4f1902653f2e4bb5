"""The door for plugins and themes: what they may register, where they are found, and what became of each."""

from overlaykit.pluginhost.discovery import Plugins, discover, load_alone, places_of
from overlaykit.pluginhost.hookspecs import hookimpl
from overlaykit.pluginhost.identities import Identities
from overlaykit.pluginhost.loading import HOOKS
from overlaykit.pluginhost.places import ENTRY_POINT_GROUP
from overlaykit.pluginhost.status import PluginStatus

__all__ = [
    "ENTRY_POINT_GROUP",
    "HOOKS",
    "Identities",
    "PluginStatus",
    "Plugins",
    "discover",
    "hookimpl",
    "load_alone",
    "places_of",
]
