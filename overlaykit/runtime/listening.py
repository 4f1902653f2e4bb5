"""The listening socket. The supervisor binds it once and hands it on, so that a restart of web refuses nobody."""

from __future__ import annotations

import errno
import re
import socket
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from overlaykit.errors import StateError
from overlaykit.runtime.state import command_of, read_json, write_json

BACKLOG = 1024
ADDRESS_FILE = "address.json"
"""Where the room of a state folder listens, or did when it ran last."""
_LISTENING = "0A"


class Listening(Struct, frozen=True):
    """What a room's web process listens on; `host` may be 0.0.0.0."""

    host: str
    port: int


def remember_address(state: Path, host: str, port: int) -> None:
    """Writes down where the room of this state folder listens. Raises StateError."""
    if read_json(state / ADDRESS_FILE, Listening) != Listening(host, port):
        write_json(state / ADDRESS_FILE, Listening(host, port))


def known_address(state: Path) -> Listening | None:
    """Where the room of this state folder listens, or did last; None when it never did."""
    return read_json(state / ADDRESS_FILE, Listening)


def listen(host: str, port: int) -> socket.socket:
    """Binds and listens. StateError when that is not possible; for a taken port it says who may hold it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted connections inherit it; without it a keep-alive POST waits 40 ms for the peer's delayed ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OverflowError:
        listener.close()
        raise StateError(f"there is no port {port}", remedy="Ports go from 1 to 65535.") from None
    except OSError as error:
        listener.close()
        raise _refusal(host, port, error) from None
    return listener


def _refusal(host: str, port: int, error: OSError) -> StateError:
    keep = "overlaykit does not choose another by itself: OBS keeps these addresses for months."
    if error.errno == errno.EADDRINUSE:
        return StateError(
            f"port {port} of {host} is taken, by {holder_of(port)}",
            remedy=f"Stop that program, or choose another port with --port {port + 1 if port < 65535 else 8080}. {keep}",
        )
    if error.errno == errno.EACCES:
        return StateError(f"port {port} is not for everybody", remedy=f"Choose one above 1023 with --port. {keep}")
    return StateError(
        f"{host}:{port} cannot be listened on: {error.strerror or error}",
        remedy="Give an address of this machine with --host, such as 127.0.0.1, or use --lan.",
    )


def holder_of(port: int) -> str:
    """Who listens on a TCP port, as far as one may see: `process 812 (node server.js)`, or how to find out."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                columns = line.split()
                if columns[3] == _LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                    inodes.add(columns[9])
    for folder in Path("/proc").glob("[0-9]*/fd") if inodes else ():
        with suppress(OSError):
            for descriptor in folder.iterdir():
                found = re.fullmatch(r"socket:\[(\d+)\]", str(descriptor.readlink()))
                if found and found[1] in inodes:
                    pid = int(folder.parent.name)
                    return f"process {pid} ({command_of(pid) or 'it has just ended'})"
    return f"a program of another user or container; `sudo lsof -iTCP:{port} -sTCP:LISTEN` names it"


def reachable_hosts(host: str) -> list[str]:
    """The addresses under which others reach a server bound to `host`: this machine's own, or every one for 0.0.0.0."""
    if host not in ("0.0.0.0", "::"):
        return [host]
    outward = own_address("192.0.2.1")  # a documentation address
    found = [outward] if outward is not None else []
    with suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    return [address for address in dict.fromkeys(found) if not address.startswith("127.")] or ["127.0.0.1"]


def reachable_addresses(host: str, port: int) -> list[str]:
    """http://HOST:PORT for each of `reachable_hosts`, the nearest first."""
    return [f"http://{f'[{each}]' if ':' in each else each}:{port}" for each in reachable_hosts(host)]


def own_address(towards: str) -> str | None:
    """This machine's address as `towards`, a name or address, sees it; None when there is no way there. Sends nothing."""
    with suppress(OSError):
        family, _, _, _, there = socket.getaddrinfo(towards, 9, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(there)
            return str(probe.getsockname()[0])
    return None
