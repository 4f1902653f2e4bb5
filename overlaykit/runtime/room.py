"""A room, from the state folder to the running processes: what `run`, `web`, `director` and `gateway` start."""

from __future__ import annotations

import contextlib
import http.client
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import redis

from overlaykit.config import Config
from overlaykit.errors import StateError
from overlaykit.pluginhost import SetAside
from overlaykit.runtime.embedded import EmbeddedStore, Progress, running_store
from overlaykit.runtime.external import check_external
from overlaykit.runtime.limits import raise_open_files
from overlaykit.runtime.listening import listen, remember_address
from overlaykit.runtime.orders import ChildOrder
from overlaykit.runtime.processes import Process, Report
from overlaykit.runtime.sessions import Opened
from overlaykit.runtime.state import locked_state, prepare_state, recorder_name
from overlaykit.runtime.stopping import Stopping, signals_to
from overlaykit.runtime.supervisor import LOADING_SAID_EVERY, Supervisor
from overlaykit.runtime.suspects import Suspects
from overlaykit.store import connect

READY_SECONDS = 2.0
STOP_ORDER = ("player", "platforms", "web", "director", "gateway")
"""Processes end in this order."""
ONCE = ("player", "platforms")
"""What a play has besides; it is not started again after its end."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """What every room stands on.

    config     with the absolute state folder and the store's URL filled in
    store      the embedded store, None when the store is somebody else's
    listener   the listening socket, None when no web process is wanted
    notices    what somebody should know about the store
    """

    config: Config
    store: EmbeddedStore | None
    client: redis.Redis
    listener: socket.socket | None
    open_files: int | None
    notices: list[str]


@contextlib.contextmanager
def founded(config: Config, *, listening: bool, stopping: Stopping, report: Report) -> Iterator[Base]:
    """Takes the state folder, the port and the store, in this order; gives all back in the opposite one.

    Raises StateError when one of them cannot be had.
    """
    refuse_windows()
    open_files = raise_open_files()
    config = replace(config, state=prepare_state(config.state))
    with ExitStack() as stack:
        stack.enter_context(locked_state(config.state))
        listener = None
        if listening:
            listener = stack.enter_context(listen(config.host, config.port))
            remember_address(config.state, config.host, config.port)
        stack.enter_context(signals_to(stopping))
        store = None
        notices: list[str] = []
        if config.redis_url is None:
            store = EmbeddedStore(config.state)
            store.launch()
            stack.callback(store.stop)
            store.wait_loaded(_told(report, stopping))
            url = store.url
            if store.adopted:
                notices.append(
                    "上次被强行结束的房间的数据库还在运行，继续使用 / the store of a room that was killed still ran, and goes on"
                )
        else:
            url, known = check_external(config.redis_url)
            notices += known
        client = stack.enter_context(connect(url))
        yield Base(
            config=replace(config, redis_url=url),
            store=store,
            client=client,
            listener=listener,
            open_files=open_files,
            notices=notices,
        )


def refuse_windows() -> None:
    """Raises StateError on Windows, where a room's processes cannot be looked after."""
    if sys.platform == "win32":
        raise StateError(
            "a room does not run on Windows itself",
            remedy="Run it under WSL2 (`wsl --install`, then the same commands in its Ubuntu), or on a second machine with "
            "--lan. OBS stays where it is; give it the address that is printed. Under WSL2 that is not 127.0.0.1.",
        )


def _told(report: Report, stopping: Stopping) -> Progress:
    """Says every two seconds how far loading is, and gives up when somebody wants the end."""
    say_at = time.monotonic() + LOADING_SAID_EVERY

    def progress(share: float) -> None:
        nonlocal say_at
        if stopping.asked:
            raise KeyboardInterrupt
        if time.monotonic() >= say_at:
            say_at = time.monotonic() + LOADING_SAID_EVERY
            report(f"数据库正在加载：{share:.0%} / the store loads its data: {share:.0%}")

    return progress


def serve_room(
    base: Base,
    names: Sequence[str],
    *,
    session_folder: Path | None,
    opened: Opened | None,
    stopping: Stopping,
    report: Report,
    on_ready: Callable[[], None],
    set_aside: Sequence[SetAside] = (),
) -> None:
    """Runs the processes `names` (web, director, gateway) and the player of `opened`, until `stopping` is asked. `set_aside`:
    plugins that all of them do without."""
    config = base.config
    assert config.redis_url is not None
    order = ChildOrder(
        state=str(config.state),
        host=config.host,
        port=config.port,
        redis_url=config.redis_url,
        themes=tuple(str(path.expanduser().absolute()) for path in config.themes),
        plugins=tuple(str(path.expanduser().absolute()) for path in config.plugins),
        session_folder=str(session_folder) if session_folder else None,
        recorder="local" if base.store else recorder_name(config.state),
        open_files=base.open_files,
        set_aside={each.plugin: each.reason for each in set_aside},
    )
    orders = {
        "director": msgspec.structs.replace(order, obs_passwords=dict(config.obs_passwords)),
        "gateway": msgspec.structs.replace(order, secrets=dict(config.secrets)),
    }
    if base.listener is not None:
        listener = base.listener.fileno()
        orders["web"] = msgspec.structs.replace(
            order, listener=listener, secrets=dict(config.secrets), tokens=dict(config.tokens)
        )
    if opened is not None and opened.play is not None:
        orders["player"] = msgspec.structs.replace(order, play=opened.play)
    if opened is not None and opened.platforms is not None:
        orders["platforms"] = msgspec.structs.replace(order, platforms=opened.platforms)
    wanted = [name for name in STOP_ORDER if name in names or name in ONCE]
    suspects = Suspects(config, session_folder, set_aside, report=report)
    processes = [
        Process(name, orders[name], report=report, once=name in ONCE, suspects=suspects)
        for name in wanted
        if name in orders
    ]
    supervisor = Supervisor(
        config.state, processes, suspects=suspects, store=base.store, stopping=stopping, report=report
    )
    supervisor.run(ready=lambda: "web" not in names or web_is_ready(config.host, config.port), on_ready=on_ready)


def own_host(host: str) -> str:
    """Where this machine itself reaches what listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def web_is_ready(host: str, port: int) -> bool:
    """Whether web answers, ready or not ready: what it then says about itself is for people."""
    with contextlib.closing(http.client.HTTPConnection(own_host(host), port, timeout=READY_SECONDS)) as connection:
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status in (200, 503)
        except (OSError, http.client.HTTPException):
            return False


@contextlib.contextmanager
def reached_store(config: Config) -> Iterator[redis.Redis]:
    """A client of the room's store for a short job: the running one, the given one, or one started for this."""
    url = config.redis_url or running_store(config.state.expanduser().absolute())
    with ExitStack() as stack:
        if url is None:
            state = prepare_state(config.state)
            stack.enter_context(locked_state(state))
            store = EmbeddedStore(state)
            store.start()
            stack.callback(store.stop)
            url = store.url
        yield stack.enter_context(connect(url))
