"""PATH or NAME on the command line → the theme meant."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from overlaykit.cli.loading import tried_plugins
from overlaykit.config import Config
from overlaykit.errors import NotFound
from overlaykit.model.plugins import Theme
from overlaykit.theming.manifest import MANIFEST, say_known


class Chosen(NamedTuple):
    """Every theme that can be found, the chosen one among them, and its name."""

    themes: dict[str, Theme]
    name: str

    @property
    def folder(self) -> Path:
        return self.themes[self.name].folder


def choose(text: str, config: Config) -> Chosen:
    """The theme in the folder `text`, else the one of that name. Raises NotFound, naming those that exist.

    A folder stands for itself, also when another theme of its name is found elsewhere. The themes beside it are found
    too, as with `--themes` of the folder they are in, so that it may extend one of them.
    """
    themes = dict(tried_plugins(config, None).plugins.themes)
    folder = Path(text).expanduser().resolve()
    if folder.name == MANIFEST:
        folder = folder.parent
    if (folder / MANIFEST).is_file():
        for beside in sorted(folder.parent.glob(f"*/{MANIFEST}")):
            themes.setdefault(beside.parent.name, Theme(name=beside.parent.name, folder=beside.parent))
        themes[folder.name] = Theme(name=folder.name, folder=folder)
        return Chosen(themes, folder.name)
    if text in themes:
        return Chosen(themes, text)
    if folder.is_dir():
        raise NotFound(
            f"{folder} is not a theme: it has no {MANIFEST}", remedy="`overlaykit theme new NAME` writes one."
        )
    raise NotFound(
        f"there is no theme {text!r}, by name or as a folder", remedy=say_known("themes", sorted(themes), text)
    )
