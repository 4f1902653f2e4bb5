"""A plugin in a test, loaded as a room would load it."""

from __future__ import annotations

from pathlib import Path

from overlaykit.errors import PluginError
from overlaykit.pluginhost import Plugins, load_alone
from overlaykit.words import in_both


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
    status, plugins = load_alone(folder)
    if status is not None:
        raise PluginError(
            in_both("{name}: {why}", "{name}: {why}", name=folder.name, why=status.reason), remedy=status.remedy
        )
    return plugins
