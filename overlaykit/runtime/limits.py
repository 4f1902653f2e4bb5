"""How many files a process may have open: every overlay is a socket, and the usual 1,024 are soon used up."""

from __future__ import annotations

import sys

WANTED = 65_536


def raise_open_files() -> int | None:
    """Raises this process's limit, which children inherit, as far as it may; gives it, or None where there is none."""
    if sys.platform == "win32":
        return None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):  # macOS has a lower limit of its own
            return soft
        return wanted
    return None if soft == resource.RLIM_INFINITY else soft
