"""Connectors that do whatever they like with a message: it is refused, nothing wrong is kept, and other apps have theirs."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from overlaykit.api import Arrival, Line, OrderPaid, Reply, Request
from overlaykit.inbox import Refusal
from tests.inbox.conftest import Rooms
from tests.inbox.shop import Shop, paid

pytestmark = pytest.mark.store


def refused(tell: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Refusal) as found:
        tell()
    return found.value.status, found.value.kind


def order(number: int, lines: int = 1, **more: Any) -> OrderPaid:
    return OrderPaid(
        **{"order": str(number), "delivery": f"d-{number}", **more}, lines=(Line(platform_sku="A", quantity=1),) * lines
    )


@pytest.mark.parametrize(
    "tells",
    [
        lambda: map(order, itertools.count()),
        lambda: itertools.repeat(order(1, lines=2_000_000)),
        lambda: map(lambda number: order(number, buyer="x" * 1_000_000), itertools.count()),
        lambda: [order(1), order(2, delivery=["d-2"])],
        lambda: [order(1), order(2, shop={"a": 1})],
        lambda: [order(1), order(2, buyer="\ud800")],
    ],
    ids=["endless", "endless_huge_lines", "endless_huge_texts", "delivery_a_list", "shop_a_dict", "surrogate"],
)
def test_a_parse_that_yields_without_end_or_nonsense_is_unreadable_and_nothing_is_kept(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, tells: Callable[[], Any]
) -> None:
    def parse(self: Shop, request: Request) -> Iterator[Arrival]:
        yield from tells()

    session = rooms.open()
    with monkeypatch.context() as patched:
        patched.setattr(Shop, "parse", parse)
        began = time.monotonic()
        assert refused(lambda: rooms.tell(paid("1"))) == (400, "unreadable")
        assert time.monotonic() - began < 2.5, "web stands still meanwhile"
    assert rooms.orders(session) == []
    assert rooms.look(session).apps["douyin"].unreadable == 1
    assert rooms.tell(paid("1")).status == 200
    assert rooms.orders(session) == ["1"]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (lambda: Reply(text="x" * 50_000_000), "bytes"),
        (lambda: Reply(json=["x" * 1_000] * 50_000), "bytes"),
        (lambda: Reply(headers={f"X-{number}": "x" * 1_000 for number in range(5_000)}), "headers"),
        (lambda: Reply(headers={"X Y:": "z"}), "header 'X Y:'"),
        (lambda: Reply(headers={"": "z"}), "header ''"),
        (lambda: Reply(headers=cast(Any, ["X-Y"])), "AttributeError"),
        (lambda: Reply(status=cast(Any, "200")), "status '200'"),
        (lambda: Reply(status=cast(Any, 200.5)), "status 200.5"),
        (lambda: Reply(text=cast(Any, 7)), "AttributeError"),
        (lambda: Reply(text="\ud800"), "UnicodeEncodeError"),
    ],
    ids=[
        "text",
        "json",
        "many_headers",
        "bad_name",
        "no_name",
        "list",
        "status_text",
        "status_half",
        "number",
        "surrogate",
    ],
)
def test_an_acknowledge_with_a_huge_or_broken_reply_is_named_and_the_order_is_kept_once(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, reply: Callable[[], Reply], why: str
) -> None:
    session = rooms.open()
    with monkeypatch.context() as patched:
        patched.setattr(Shop, "acknowledge", lambda self, request: reply())
        assert refused(lambda: rooms.tell(paid("1"))) == (503, "connector_failed")
        assert why in rooms.look(session).troubles["douyin"].reason
    assert rooms.tell(paid("1")).status == 200
    assert rooms.orders(session) == ["1"]


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize("error", [Mute(), RuntimeError("\ud800" + "x" * 5_000_000)], ids=["mute", "long_and_broken"])
def test_a_verify_that_raises_something_nobody_can_write_is_named(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def verify(self: Shop, request: Request) -> bool:
        raise error

    session = rooms.open()
    monkeypatch.setattr(Shop, "verify", verify)
    assert refused(lambda: rooms.tell(paid("1"))) == (503, "connector_failed")
    reason = rooms.look(session).troubles["douyin"].reason
    assert type(error).__name__ in reason
    assert len(reason) < 5_000
