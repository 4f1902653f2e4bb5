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


ROOM = """
from types import SimpleNamespace
import gevent
from overlaykit.errors import StoreAway
from overlaykit.web.rooms import Rooms

asked = []

class Store:
    def get(self, session):
        return SimpleNamespace(id=session, ledger=session)

    def state(self):
        asked.append(1)
        gevent.sleep(0.01)
        raise StoreAway("it does not answer")

rooms = Rooms(SimpleNamespace(directory=Store(), engine=lambda ledger: Store()))
crowd = [gevent.spawn(rooms.get, "evening") for _ in range(20)]
gevent.joinall(crowd)
print(len(asked), {str(each.exception) for each in crowd})
"""

SPELLING = """
from types import SimpleNamespace
import gevent
from overlaykit.web.desk.finding import SearchWords

words, spelled = SearchWords(), []
words._pinyin.spell = lambda text: spelled.append(text) or "mao"

def plan():
    hat = dict(sku="A", link=1, title="帽", variant=None, subtitle=None, product=None, aliases=())
    return SimpleNamespace(id="evening", items=[SimpleNamespace(**hat)])

for now in (plan(), plan()):
    crowd = [gevent.spawn(words.of, now) for _ in range(20)]
    gevent.joinall(crowd)
    print(len(spelled), {each.value.body for each in crowd})
"""


def run(program: str) -> list[str]:
    """What a process of gevent's says."""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert "SyntaxError" not in ended.stderr, ended.stderr
    return ended.stdout.splitlines()


def crowd(*, fails: int = 0, end_first: bool = False) -> list[str]:
    """What twenty greenlets were told, in a process of gevent's."""
    return run(CROWD.replace("FAILS", str(fails)).replace("END_FIRST", str(end_first)))


def test_all_get_the_answer_that_one_asked_for_and_the_next_asks_again() -> None:
    assert crowd() == ["1 ['answer 1']", "answer 2"]


def test_all_get_its_error() -> None:
    assert crowd(fails=1) == ["""1 ["KeyError('nobody knows')"]""", "answer 2"]


def test_when_the_one_who_asked_is_ended_another_asks() -> None:
    assert crowd(end_first=True) == ["2 ['', 'answer 2']", "answer 3"]


def test_a_crowd_before_a_room_whose_store_is_silent_waits_for_it_once() -> None:
    assert run(ROOM) == ["1 {'it does not answer'}"]


def test_items_are_spelled_once_for_all_desks_and_again_when_one_has_changed() -> None:
    body = """b'{"items":{"A":{"aliases":[],"pinyin":["mao"]}}}'"""
    assert run(SPELLING) == [f"1 {{{body}}}", f"2 {{{body}}}"]
