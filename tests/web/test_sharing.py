"""A crowd that wants to know the same asks once."""

from __future__ import annotations

import subprocess
import sys

CROWD = """
import gevent
from gevent.event import Event
from overlaykit.web.sharing import SharedAnswers

answers, asked, go_on = SharedAnswers(), [], Event()

def find():
    asked.append(1)
    go_on.wait()
    gevent.sleep(0)
    if len(asked) == FAILS:
        raise KeyError("nobody knows")
    return f"answer {len(asked)}"

crowd = [gevent.spawn(answers.ask, "what", find) for _ in range(20)]
gevent.sleep(0)
END_FIRST and crowd[0].kill(block=False)
gevent.sleep(0)
go_on.set()
gevent.joinall(crowd)
print(len(asked), sorted({str(each.value) if each.successful() else repr(each.exception) for each in crowd}))
print(answers.ask("what", find))
"""


def crowd(*, fails: int = 0, end_first: bool = False) -> list[str]:
    """What twenty greenlets were told, in a process of gevent's."""
    program = CROWD.replace("FAILS", str(fails)).replace("END_FIRST", str(end_first))
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert "SyntaxError" not in ended.stderr, ended.stderr
    return ended.stdout.splitlines()


def test_all_get_the_answer_that_one_asked_for_and_the_next_asks_again() -> None:
    assert crowd() == ["1 ['answer 1']", "answer 2"]


def test_all_get_its_error() -> None:
    assert crowd(fails=1) == ["""1 ["KeyError('nobody knows')"]""", "answer 2"]


def test_when_the_one_who_asked_is_ended_another_asks() -> None:
    assert crowd(end_first=True) == ["2 ['', 'answer 2']", "answer 3"]
