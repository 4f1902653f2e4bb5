"""A plugin in a test, loaded as a room would load it."""

from __future__ import annotations

from pathlib import Path

from overlaykit.errors import PluginError
from overlaykit.pluginhost import Plugins
from overlaykit.pluginhost.loading import load
from overlaykit.pluginhost.namespace import mount
from overlaykit.pluginhost.places import Candidate


def load_plugin(folder: Path) -> Plugins:
    """The plugin in `folder`, alone: `.connectors`, `.themes`, `.actions`, `.commands` are what it registered.

    Raises PluginError with the reason and remedy that an operator would see, where a room would set the plugin aside.

        plugins = load_plugin(Path(__file__).parents[1])
        assert "lamp" in plugins.connectors
    """
    folder = folder.absolute()
    if not folder.is_dir():
        raise PluginError(
            f"There is no folder {folder}.", remedy="Give the folder that holds the plugin's __init__.py."
        )
    mount([folder.parent])
    loaded = load(Candidate(folder.name, "plugin", 0, str(folder), folder))
    if loaded.trouble is not None:
        raise PluginError(f"{folder.name}: {loaded.trouble.reason}", remedy=loaded.trouble.remedy)
    return Plugins([loaded])
