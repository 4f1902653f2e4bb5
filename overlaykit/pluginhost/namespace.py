"""All plugin folders as one package `plugins`, so that a module is called the same wherever its folder stands.

`plugins/simulator/drive.py` is `plugins.simulator.drive` in a checkout, in a wheel and in a session's own folder. The
import system is one per process, so the folders mounted last count; everything else about plugins lives in objects.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

PACKAGE = "plugins"


def mount(folders: Sequence[Path]) -> None:
    """Makes `plugins` the package over `folders`: where two hold the same module, the first folder's is imported.

    Modules imported before from elsewhere are forgotten, so that what is imported is what is found.
    """
    locations = [str(folder) for folder in folders]
    package = sys.modules.get(PACKAGE)
    if package is None:
        package = sys.modules[PACKAGE] = ModuleType(PACKAGE)
    spec = ModuleSpec(PACKAGE, None, is_package=True)
    spec.submodule_search_locations = locations
    package.__spec__ = spec
    package.__path__ = locations
    importlib.invalidate_caches()
    for name in _top_modules():
        if _home(sys.modules[f"{PACKAGE}.{name}"]) != _first_holding(name, folders):
            forget(name)


def forget(name: str) -> None:
    """Takes `plugins.NAME` and all below it out of the imported modules."""
    full = f"{PACKAGE}.{name}"
    for module in [module for module in sys.modules if module == full or module.startswith(f"{full}.")]:
        del sys.modules[module]
    package = sys.modules.get(PACKAGE)
    if package is not None and hasattr(package, name):
        delattr(package, name)


def _top_modules() -> list[str]:
    parts = [module.split(".") for module in sys.modules]
    return [part[1] for part in parts if len(part) == 2 and part[0] == PACKAGE]


def _home(module: ModuleType) -> Path | None:
    """The plugin folder that a top module was imported from."""
    places = list(getattr(module, "__path__", ())) or [getattr(module, "__file__", None)]
    return Path(places[0]).resolve().parent if places[0] else None


def _first_holding(name: str, folders: Sequence[Path]) -> Path | None:
    holding = (folder for folder in folders if (folder / name).is_dir() or (folder / f"{name}.py").is_file())
    first = next(holding, None)
    return first and first.resolve()
