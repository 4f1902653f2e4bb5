"""A place to write small plugins in, and a discovery that sees only what a test put there."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from overlaykit.config import Config
from overlaykit.pluginhost import Plugins, PluginStatus, discover


@pytest.fixture(autouse=True)
def _import_system(imports_as_before: None) -> None:
    """Modules of a test's plugins are forgotten after it."""


class Bench:
    """Folders as an operator has them: state, session, and one folder for flags."""

    def __init__(self, root: Path) -> None:
        self.state = root / "state"
        self.session = root / "session"
        self.flag = root / "flag"

    def plugin(self, name: str, code: str, *, place: Path | None = None, file: str = "__init__.py") -> Path:
        folder = (place or self.state) / "plugins" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(textwrap.dedent(code), encoding="utf-8")
        return folder

    def connector(self, name: str, *, place: Path | None = None, plugin: str = "") -> Path:
        """A healthy plugin `plugin` (or `name`) with a connector `name`."""
        return self.plugin(plugin or name, CONNECTOR.format(name=name), place=place)

    def theme(self, name: str, *, place: Path | None = None) -> Path:
        folder = (place or self.state) / "themes" / name
        folder.mkdir(parents=True)
        (folder / "theme.toml").write_text('name = "x"\n', encoding="utf-8")
        return folder

    def discover(self, *, reserved_commands: tuple[str, ...] = ()) -> Plugins:
        plugins, themes = self.flag / "plugins", self.flag / "themes"
        config = Config(
            state=self.state,
            plugins=(plugins,) if plugins.is_dir() else (),
            themes=(themes,) if themes.is_dir() else (),
        )
        return discover(config, self.session, reserved_commands=reserved_commands)

    def statuses_of(self, name: str, plugins: Plugins | None = None) -> list[PluginStatus]:
        return [status for status in (plugins or self.discover()).statuses if status.name == name]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def status_of(bench: Bench) -> Callable[..., PluginStatus]:
    """Writes a plugin `subject` with this code beside a healthy one, discovers, and gives the subject's status."""

    def write_and_ask(code: str, file: str = "__init__.py") -> PluginStatus:
        bench.connector("healthy")
        bench.plugin("subject", code, file=file)
        plugins = bench.discover()
        assert "healthy" in plugins.connectors, "another plugin's registrations were lost"
        assert "subject" not in plugins.connectors, "a failed plugin is used in part"
        [status] = bench.statuses_of("subject", plugins)
        return status

    return write_and_ask


CONNECTOR = """
from overlaykit.api import Connector, hookimpl

class Mine(Connector):
    name = "{name}"

@hookimpl
def register_connectors(register):
    register(Mine)
"""
