"""What the desk announces from: templates, filled in with what there is now."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.conftest import StoreServer
from tests.prompt.conftest import plan_with
from tests.web.conftest import Web, serving

OWN = [
    {"name": "满减", "text": "{{ item.title }} 两件八折", "level": "warning", "seconds": 20.0},
    {"name": "空", "text": "{% if item.oversold %}超卖{% endif %}"},
    {"name": "长", "text": "{{ '长' * 501 }}"},
]


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A coat in two sizes, a scarf and a cap; nothing is on air yet."""
    id = f"announcing-{os.getpid()}-{os.urandom(2).hex()}"
    plan = plan_with({}, id=id, ledger=id)
    plan.later["announcement"] = OWN
    with serving(store, tmp_path_factory.mktemp("announcing"), id, plan=plan) as web:
        yield web


def asked(room: Web, query: str = "", lang: str = "zh-CN") -> dict[str, dict[str, object]]:
    answer = room.get(f"/desk/announcements?session={room.session}&lang={lang}{query}", scope="viewer")
    assert answer.status == 200
    return {each["name"]: each for each in answer.json}


def test_without_an_item_on_air_it_says_why_not(room: Web) -> None:
    found = asked(room)
    assert (found["满减"]["text"], found["满减"]["problem"]) == (None, "没有商品在讲解")
    assert (found["稍等"]["text"], found["稍等"]["seconds"]) == ("请稍等，马上回来", None)
    english = asked(room, lang="en")
    assert english["满减"]["problem"] == "nothing is on air"
    assert (english["稍等"]["title"], english["稍等"]["text"]) == ("One moment", "请稍等，马上回来"), (
        "viewers read the text"
    )


def test_each_is_filled_in_for_the_item_on_air(room: Web) -> None:
    title = room.board()["items"]["scarf"]["title"]
    assert room.send({"type": "item.feature", "sku": "scarf"}).json["status"] == "accepted"
    found = asked(room)
    assert found["满减"] == {
        "name": "满减",
        "title": "满减",
        "text": f"{title} 两件八折",
        "level": "warning",
        "seconds": 20.0,
        "problem": None,
    }
    assert found["空"]["problem"] == "现在没有内容"
    assert found["长"]["problem"] == "现在超过 500 个字"
    show = {"type": "announce.show", "text": found["满减"]["text"], "level": "warning", "seconds": 20.0}
    assert room.send(show).json["status"] == "accepted"


def test_or_for_another_item(room: Web) -> None:
    title = room.board()["items"]["coat-m"]["title"]
    assert asked(room, "&sku=coat-m")["满减"]["text"] == f"{title} 两件八折"
    assert room.get(f"/desk/announcements?session={room.session}&sku=none", scope="viewer").status == 422


def test_who_may_only_see_the_board_does_not_see_them(room: Web) -> None:
    assert room.get(f"/desk/announcements?session={room.session}", scope="overlay").status == 403
