"""`python -m overlaykit.runtime.child NAME --state DIR`: one process of a room, started by the supervisor.

It reads its order from standard input and leaves when that closes, which is how it learns that the supervisor is gone.
Only what cannot disturb gevent is imported before the choice of the process: patching comes before everything else.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
import time
import traceback

ORDERLY_SECONDS = 5.0
"""For an orderly end after the supervisor has gone; then the hard one."""


def main() -> None:
    """Runs the process named on the command line, to its end."""
    name = sys.argv[1]
    text = _read_order(0)
    _thread.start_new_thread(_leave_with_supervisor, (0, os.read, time.sleep))
    if name == "web":
        from gevent import monkey

        monkey.patch_all()
    status = 1
    try:
        _run(name, text)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
    except BaseException:
        traceback.print_exc()
    finally:
        # All is done by now. A thread that a plugin left behind would keep the interpreter from ending, for ever.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _run(name: str, text: bytes) -> None:
    import gc
    import logging
    from importlib import import_module

    import msgspec

    from overlaykit.runtime.orders import ChildOrder

    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    order = msgspec.json.decode(text, type=ChildOrder)
    gc.disable()  # loading makes nothing but what stays, and the collector would look at all of it again and again
    process = import_module(f"overlaykit.runtime.{name}")
    gc.freeze()
    gc.enable()
    process.run(order)


def _read_order(descriptor: int) -> bytes:
    text = b""
    while not text.endswith(b"\n"):
        piece = os.read(descriptor, 65536)
        if not piece:
            raise SystemExit("this is a process of `overlaykit run`; it is not started by hand")
        text += piece
    return text


def _leave_with_supervisor(descriptor: int, read, sleep) -> None:  # type: ignore[no-untyped-def]
    # In a real thread, with the functions as they were before gevent changed them.
    while read(descriptor, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    sleep(ORDERLY_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
