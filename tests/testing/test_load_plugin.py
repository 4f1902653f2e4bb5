"""What the author of a plugin sees in a test of it."""

from pathlib import Path

import pytest

from overlaykit.api import PluginError
from overlaykit.testing import load_plugin

PLUGIN = """
from overlaykit.api import Connector, hookimpl

class Mine(Connector):
    name = "mine"

@hookimpl
def register_connectors(register):
    register({registered})
"""


pytestmark = pytest.mark.usefixtures("imports_as_before")


def write(folder: Path, registered: str) -> Path:
    folder.mkdir()
    (folder / "__init__.py").write_text(PLUGIN.format(registered=registered))
    return folder


def test_a_good_plugin_shows_what_it_registered(tmp_path: Path) -> None:
    plugins = load_plugin(write(tmp_path / "lamp", "Mine"))
    assert set(plugins.connectors) == {"mine"}
    assert plugins.themes == {}


def test_a_bad_plugin_raises_what_an_operator_would_read(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="dim_lamp: register_connectors was given int"):
        load_plugin(write(tmp_path / "dim_lamp", "int"))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="nowhere"):
        load_plugin(tmp_path / "nowhere")
