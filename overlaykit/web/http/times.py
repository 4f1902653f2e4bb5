"""Times as they are sent."""

from __future__ import annotations

import datetime as dt


def server_time() -> str:
    """Now, RFC 3339 UTC with milliseconds."""
    return format_time(dt.datetime.now(dt.UTC))


def format_time(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def format_ms(ms: int | None) -> str | None:
    """Milliseconds since 1970 as RFC 3339 UTC; None stays None."""
    return None if ms is None else format_epoch_ms(ms)


def format_epoch_ms(ms: int) -> str:
    """`format_ms` of a time that is always known."""
    return format_time(dt.datetime.fromtimestamp(ms / 1000, dt.UTC))
