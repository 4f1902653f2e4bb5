"""OBS on Windows, seen from WSL2."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from pathlib import Path

_DEFAULT_ROUTE = "00000000"


def windows_host(proc: Path = Path("/proc")) -> str | None:
    """The address at which this Linux reaches the Windows that it runs under: its gateway. None when it is no WSL2.

    With mirrored networking it is not needed: there 127.0.0.1 is Windows, too.
    """
    with suppress(OSError):
        if "microsoft" in (proc / "version").read_text(encoding="utf-8", errors="replace").lower():
            return _gateway((proc / "net" / "route").read_text(encoding="ascii"))
    return None


def _gateway(table: str) -> str | None:
    """The gateway of the default route in the kernel's table, whose addresses are hexadecimal and little-endian."""
    for line in table.splitlines()[1:]:
        columns = line.split()
        if len(columns) > 2 and columns[1] == _DEFAULT_ROUTE and columns[2] != _DEFAULT_ROUTE:
            return socket.inet_ntoa(struct.pack("<L", int(columns[2], 16)))
    return None
