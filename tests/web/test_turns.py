"""Long work gives others their turn, and knows how long it took by itself."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import time
import gevent
from overlaykit.web.turns import Turns

ran = []

def other():
    while True:
        time.sleep(0.01)
        ran.append(1)
        gevent.sleep(0)

gevent.spawn(other)
turns, began = Turns(), time.monotonic()
for _ in turns.take(range(5)):
    time.sleep(0.005)
took = time.monotonic() - began
print(len(ran), 0.05 <= turns.others <= took - 0.025)
"""


def test_what_others_do_in_between_is_known() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert ended.stdout.split() == ["5", "True"], ended.stderr
