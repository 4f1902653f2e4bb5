"""A process whose loop stands still for three seconds ends itself, with the stack of every thread in its log.

The supervisor starts it again. A thread of the interpreter's own, in C, keeps the time: it works whatever the process does.
"""

from __future__ import annotations

import faulthandler
import sys

BLOCKED_SECONDS = 3.0
LOADING_SECONDS = 30.0
"""For importing all plugins, and for their hooks."""


def beat() -> None:
    """Not blocked now: three more seconds. To be called about twice a second by the loop itself."""
    faulthandler.dump_traceback_later(BLOCKED_SECONDS, exit=True, file=sys.stderr)


def loading() -> None:
    """Plugins are loaded from now on: that may take longer, but not for ever."""
    faulthandler.dump_traceback_later(LOADING_SECONDS, exit=True, file=sys.stderr)


def rest() -> None:
    """No watching from now on, for the way out."""
    faulthandler.cancel_dump_traceback_later()
