"""For the tests of plugin authors."""

from overlaykit.testing.contexts import TestContext
from overlaykit.testing.plugins import load_plugin

__all__ = ["TestContext", "load_plugin"]
