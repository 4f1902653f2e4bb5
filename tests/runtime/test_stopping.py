"""Asking for the end is heard whenever it comes."""

from __future__ import annotations

import signal
import threading
import time

from overlaykit.runtime.stopping import Stopping


def test_a_signal_in_the_midst_of_waiting_is_heard() -> None:
    """A lock in the handler would stop this for ever, within some hundred turns."""
    asked = 0

    def ask(number: int, frame: object) -> None:
        stopping.ask()

    before = signal.signal(signal.SIGUSR2, ask)
    stopping, over, main = Stopping(), threading.Event(), threading.main_thread().ident
    assert main is not None

    def press() -> None:
        while not over.wait(0.0002):
            signal.pthread_kill(main, signal.SIGUSR2)

    presser = threading.Thread(target=press)
    presser.start()
    try:
        end = time.monotonic() + 1
        while time.monotonic() < end:
            stopping.wait(0.00005)
            asked += stopping.asked
            stopping = Stopping()
    finally:
        over.set()
        presser.join()
        signal.signal(signal.SIGUSR2, before)
    assert asked


def test_twice_is_the_impatient_way() -> None:
    stopping = Stopping()
    stopping.ask()
    assert stopping.asked
    assert not stopping.impatient
    stopping.ask()
    assert stopping.impatient
