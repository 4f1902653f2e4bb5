"""The HTML of an overlay page."""

from __future__ import annotations

from overlaykit.web.overlays.document import MODULES
from overlaykit.web.overlays.shelf import STATIC


def test_every_module_of_the_runtime_is_asked_for_with_the_page() -> None:
    there = {file.relative_to(STATIC).as_posix() for file in STATIC.rglob("*.js")}

    assert sorted(MODULES) == sorted(there)
