"""For the tests of plugin authors."""

from overlaykit.testing.plugins import load_plugin

__all__ = ["load_plugin"]
