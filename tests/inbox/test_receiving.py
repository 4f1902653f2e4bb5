"""One message: verified before anything of it is kept, kept before it is acknowledged, and never lost in between."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from overlaykit.api import Arrival, Connector, OrderPaid, Reply, Request
from overlaykit.errors import BadMessage, NotFound, StoreAway, WrongTime
from overlaykit.inbox import Refusal
from overlaykit.inbox.keeping import WRITTEN_EVERY
from overlaykit.model.sessions import Channel
from overlaykit.store import inbox as kept
from tests.conftest import StoreServer, until
from tests.inbox.conftest import DOUYIN, Rooms
from tests.inbox.shop import Shop, message, paid, sign

pytestmark = pytest.mark.store

ACKNOWLEDGED = b'{"code":0,"msg":"success"}'


def refused(tell: Callable[[], object]) -> tuple[int, str]:
    """How a message is refused: its status and kind."""
    with pytest.raises(Refusal) as found:
        tell()
    return found.value.status, found.value.kind


def test_a_genuine_message_is_kept_and_acknowledged_in_the_platforms_form(rooms: Rooms) -> None:
    session = rooms.open()
    answer = rooms.tell(paid("1", quantity=2))
    assert (answer.status, answer.body, answer.headers) == (200, ACKNOWLEDGED, {"Content-Type": "application/json"})
    [delivery] = rooms.waiting(session)
    assert (delivery.id, delivery.app, delivery.channel) == ("douyin:d-1", "douyin", "douyin")
    [event] = delivery.arrivals
    assert isinstance(event, OrderPaid)
    assert (event.order, event.lines[0].quantity, delivery.at_ms) == ("1", 2, 1_762_862_400_000)


def test_nothing_is_kept_without_a_right_signature(rooms: Rooms) -> None:
    session = rooms.open()
    body, headers = message(paid("1"), secret="another's")
    for given in (headers, {}, {"X-Signature": ""}, {"X-Signature": "é"}, {"X-Signature": sign(body)[:-1]}):
        assert refused(partial(rooms.tell, body=body, headers=given)) == (401, "bad_signature")
    assert refused(lambda: rooms.tell(body=b"\xff\x00", headers={"X-Signature": "0"})) == (401, "bad_signature")
    now = rooms.look(session)
    assert (now.queues["douyin"].waiting, now.odd, now.apps["douyin"].refused) == (0, [], 6)
    assert now.troubles == {}


def test_a_genuine_message_of_another_time_is_refused_and_the_desk_says_whose_clock_to_look_at(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(connector: Shop, request: Request) -> bool:
        raise WrongTime(-600)

    session = rooms.open()
    with monkeypatch.context() as patch:
        patch.setattr(Shop, "verify", wrong)
        assert refused(lambda: rooms.tell(paid("1"))) == (401, "wrong_time")
    now = rooms.look(session)
    assert (now.queues["douyin"].waiting, now.apps["douyin"].refused) == (0, 1)
    assert "10 min before ours" in now.troubles["douyin"].reason
    assert "timedatectl" in now.troubles["douyin"].remedy
    assert rooms.tell(paid("1")).status == 200
    assert rooms.look(session).troubles == {}, "once a message is right, it is forgotten"


def test_a_flood_of_forged_messages_is_counted_and_hardly_written(rooms: Rooms) -> None:
    session = rooms.open()
    rooms.tell(paid("1"))
    before = writes(rooms)
    body, headers = message(paid("2"), secret="another's")
    began = time.monotonic()
    for _ in range(300):
        assert refused(partial(rooms.tell, body=body, headers=headers)) == (401, "bad_signature")
    assert writes(rooms) - before <= 1 + (time.monotonic() - began) / WRITTEN_EVERY
    assert rooms.look(session).apps["douyin"].refused == 300


def writes(rooms: Rooms) -> int:
    """How often something was counted in the inboxes of the store."""
    found: Any = rooms.client.info("commandstats")
    return int(found.get("cmdstat_hincrby", {"calls": 0})["calls"])


def test_a_message_with_several_things_is_kept_at_once_and_what_came_before_once(rooms: Rooms) -> None:
    session = rooms.open()
    rooms.tell(paid("1"), paid("2"))
    rooms.tell(paid("2"), paid("3"), {"kind": "cancelled", "id": "d-3", "order": "3"})
    assert rooms.orders(session) == ["1", "2", "3", "3"]
    assert [len(each.arrivals) for each in rooms.waiting(session)] == [1, 1, 2], "one delivery may tell two things"
    counts = rooms.look(session).channels["douyin"]
    assert (counts.received, counts.duplicates) == (4, 1)


def test_a_message_without_an_id_is_known_by_its_bytes(rooms: Rooms) -> None:
    session = rooms.open()
    for order in ("1", "1", "2"):
        rooms.tell(paid(order, id=""))
    assert rooms.orders(session) == ["1", "2"]


def test_chat_is_known_by_the_id_of_each_text(rooms: Rooms) -> None:
    session = rooms.open()
    rooms.tell({"kind": "chat", "id": "c-1", "order": "3号链接"}, {"kind": "chat", "id": "c-2", "order": "买!"})
    rooms.tell({"kind": "chat", "id": "c-2", "order": "买!"}, {"kind": "chat", "id": "c-3", "order": "?"})
    assert [each.id for each in rooms.waiting(session)] == [f"douyin:chat c-{number}" for number in (1, 2, 3)]


def test_a_probe_is_answered_and_no_other_message_begins_with_get(rooms: Rooms) -> None:
    session = rooms.open()
    rooms.tell(paid("1"))
    answer = rooms.tell(method="GET", query={"echo": "你好", "sign": sign("你好".encode())})
    assert (answer.status, answer.body.decode()) == (200, "你好")
    assert rooms.tell(method="GET", query={"echo": "你好", "sign": "0"}).status == 403
    assert refused(lambda: rooms.tell(paid("2"), method="GET")) == (405, "method_not_allowed")
    assert rooms.orders(session) == ["1"]


@pytest.mark.parametrize(
    ("body", "headers", "answer"),
    [
        (b"webhook_id=7", {"Content-Type": "application/x-www-form-urlencoded"}, b""),
        (b'{"challenge": "\xe4\xbd\xa0"}', {"X-Type": "challenge"}, "你".encode()),
        (b"[]", {"X-Signature": sign(b"[]")}, ACKNOWLEDGED),
    ],
    ids=["an unsigned ping", "a challenge", "a signed heartbeat"],
)
def test_probes_by_post_are_answered_and_keep_nothing(
    rooms: Rooms, body: bytes, headers: dict[str, str], answer: bytes
) -> None:
    class Curious(Shop):
        name = "curious"

        def probe(self, request: Request) -> Reply | None:
            if request.form().get("webhook_id"):
                return Reply()
            if request.headers.get("x-type") == "challenge":
                return Reply(text=request.read(dict[str, str])["challenge"])
            return None

    rooms.connectors["curious"] = Curious
    session = rooms.open(Channel(name="douyin", title="抖音", connector="curious"))
    found = rooms.tell(body=body, headers=headers)
    assert (found.status, found.body) == (200, answer)
    assert rooms.waiting(session) == []
    now = rooms.look(session)
    assert ("douyin" in now.apps and now.apps["douyin"].refused, now.odd, now.troubles) == (False, [], {})


def test_a_shop_is_its_channel_and_of_another_shop_is_counted_that_it_came(rooms: Rooms) -> None:
    shops = [
        Channel(name=name, title=name, connector="shop", app="douyin", shop=shop)
        for name, shop in (("second", "22"), ("douyin", "11"))
    ]
    session = rooms.open(*shops)
    told = [paid("1", shop="11"), paid("2", shop="22"), paid("3", shop="33"), paid("4")]
    assert rooms.tell(*told).body == ACKNOWLEDGED
    assert [(each.channel, each.id) for each in rooms.waiting(session)] == [
        ("douyin", "douyin:d-1"),
        ("second", "second:d-2"),
    ]
    assert rooms.look(session).apps["douyin"].strangers == 2
    assert rooms.tell(paid("5", shop="33")).status == 200, "and the platform does not come again with it"
    assert rooms.look(session).apps["douyin"].strangers == 3


def test_an_app_of_one_shop_takes_what_names_no_shop_or_its_own(rooms: Rooms) -> None:
    session = rooms.open(Channel(name="douyin", title="抖音", connector="shop", shop="11"))
    rooms.tell(paid("1", shop="11"), paid("2"), paid("3", shop="12"))
    assert rooms.orders(session) == ["1", "2"]


def test_unknown_tags_are_acknowledged_counted_and_kept_for_the_plugins_author(rooms: Rooms) -> None:
    session = rooms.open()
    assert rooms.tell({"kind": "tag 999", "id": "u"}, paid("1")).body == ACKNOWLEDGED
    assert rooms.orders(session) == ["1"]
    now = rooms.look(session)
    assert (now.apps["douyin"].unknown, now.odd[0].what, "tag 999" in now.odd[0].body) == (1, "tag 999", True)


def test_a_test_message_that_says_nothing_is_acknowledged(rooms: Rooms) -> None:
    session = rooms.open()
    assert rooms.tell().body == ACKNOWLEDGED
    assert rooms.waiting(session) == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the body is not JSON"),
        (b'[{"kind": "pa', "the body is not JSON"),
        (b"\xff", "not UTF-8"),
        (b'[{"kind": "paid", "more": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"kind": "paid"}', "does not fit"),
        (b'[{"kind": "paid", "id": "x", "order": ""}]', "does not fit"),
        (b'[{"kind": "paid", "id": "x", "order": "1", "quantity": 0}]', "does not fit"),
        (b'[{"kind": "paid", "id": "x", "order": "1", "quantity": 1e30}]', "does not fit"),
        (json.dumps([paid("9" * 200)]).encode(), "does not fit"),
        (json.dumps([paid("1", at=10**17)]).encode(), "Error"),
        (json.dumps([paid("1"), {"kind": "paid", "id": "y", "order": ""}]).encode(), "does not fit"),
        (json.dumps([paid(str(number)) for number in range(5_001)]).encode(), "more than 5000 things"),
    ],
    ids=[
        "empty",
        "half",
        "no-text",
        "deep",
        "no-array",
        "no-order",
        "zero",
        "huge",
        "long-id",
        "far-future",
        "one-of-two",
        "many",
    ],
)
def test_a_genuine_message_that_cannot_be_read_is_refused_counted_and_kept(rooms: Rooms, body: bytes, why: str) -> None:
    session = rooms.open()
    assert refused(lambda: rooms.tell(body=body, headers={"X-Signature": sign(body)})) == (400, "unreadable")
    now = rooms.look(session)
    assert (now.queues["douyin"].waiting, now.apps["douyin"].unreadable) == (0, 1)
    assert why in now.odd[0].why
    assert len(now.odd[0].body) <= 1_000


class Bug(Shop):
    """A connector whose method `broken` does `wrong` instead."""

    broken = ""

    def _do(self, method: str) -> Any:
        if self.broken == method:
            return self.wrong()
        return NotImplemented

    @staticmethod
    def wrong() -> Any:
        raise NotImplementedError

    def probe(self, request: Request) -> Any:
        found = self._do("probe")
        return super().probe(request) if found is NotImplemented else found

    def verify(self, request: Request) -> Any:
        found = self._do("verify")
        return super().verify(request) if found is NotImplemented else found

    def parse(self, request: Request) -> Any:
        found = self._do("parse")
        return super().parse(request) if found is NotImplemented else found

    def acknowledge(self, request: Request) -> Any:
        found = self._do("acknowledge")
        return super().acknowledge(request) if found is NotImplemented else found


def raising(error: BaseException) -> Callable[[], Any]:
    def wrong() -> Any:
        raise error

    return wrong


async def late() -> bool:
    return True


@pytest.mark.parametrize("method", ["probe", "verify", "parse", "acknowledge"])
@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (raising(RuntimeError("boom")), "RuntimeError: boom"),
        (raising(SystemExit(3)), "SystemExit"),
        (late, "is async"),
        (lambda: 7, "returned int"),
    ],
    ids=["raises", "leaves", "async", "junk"],
)
def test_a_connector_that_fails_is_named_and_the_platform_comes_again(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, method: str, wrong: Callable[[], Any], why: str
) -> None:
    monkeypatch.setattr(Bug, "broken", method)
    monkeypatch.setattr(Bug, "wrong", staticmethod(wrong))
    rooms.connectors["shop"] = Bug
    session = rooms.open()
    assert refused(lambda: rooms.tell(paid("1"))) == (503, "connector_failed")
    trouble = rooms.look(session).troubles["douyin"]
    assert why in trouble.reason
    assert trouble.remedy
    assert rooms.orders(session) == (["1"] if method == "acknowledge" else [])
    monkeypatch.setattr(Bug, "broken", "")
    assert rooms.tell(paid("1")).status == 200
    assert rooms.orders(session) == ["1"]
    assert rooms.look(session).troubles == {}, "it is over once a message is received"


@pytest.mark.parametrize(
    ("method", "wrong", "why"),
    [
        ("parse", lambda: ["paid"], "gave str"),
        (
            "parse",
            lambda: [OrderPaid(order="1", lines=(), at=dt.datetime(2026, 11, 11))],
            "no offset",
        ),
        ("acknowledge", lambda: Reply(999), "status 999"),
        ("acknowledge", lambda: Reply(headers={"X": "a\r\nSet-Cookie: b"}), "header 'X'"),
        ("acknowledge", lambda: Reply(headers={"Content-Length": "7"}), "not its own"),
        ("acknowledge", lambda: Reply(json=object()), "TypeError"),
    ],
)
def test_what_a_connector_gives_is_looked_at(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, method: str, wrong: Callable[[], Any], why: str
) -> None:
    monkeypatch.setattr(Bug, "broken", method)
    monkeypatch.setattr(Bug, "wrong", staticmethod(wrong))
    rooms.connectors["shop"] = Bug
    session = rooms.open()
    assert refused(lambda: rooms.tell(paid("1"))) == (503, "connector_failed")
    assert why in rooms.look(session).troubles["douyin"].reason


@pytest.mark.parametrize(
    "error", [KeyError("id"), ValueError("7"), TypeError("8"), BadMessage("so"), ZeroDivisionError()]
)
def test_a_message_at_which_reading_trips_is_no_failure_of_the_connector(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def parse(self: Shop, request: Request) -> list[Arrival]:
        raise error

    monkeypatch.setattr(Shop, "parse", parse)
    session = rooms.open()
    assert refused(lambda: rooms.tell(paid("1"))) == (400, "unreadable")
    assert (rooms.look(session).apps["douyin"].unreadable, rooms.look(session).troubles) == (1, {})


def test_a_connector_that_only_asks_has_no_address(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shop, "parse", Connector.parse)
    rooms.open()
    assert refused(lambda: rooms.tell(paid("1"))) == (404, "not_found")


def test_a_message_is_kept_in_every_room_that_has_the_app_and_is_not_over(rooms: Rooms) -> None:
    first, planned, other = rooms.open(suffix="-1"), rooms.open(suffix="-2", opened=False), rooms.open(suffix="-3")
    over, play = rooms.open(suffix="-4"), rooms.open(suffix="-play-1")
    rooms.close(over)
    elsewhere = rooms.open(Channel(name="kuaishou", title="快手", connector="shop"), suffix="-5")
    rooms.tell(paid("1"))
    assert [rooms.orders(session) for session in (first, planned, other)] == [["1"]] * 3
    assert [rooms.orders(session) for session in (over, play, elsewhere)] == [[]] * 3
    found = rooms.addresses.find("douyin")
    assert len({id(each.connector) for each in found}) == 1, "one connector speaks for rooms with the same settings"


def test_when_every_evening_is_over_the_last_one_gets_it(rooms: Rooms) -> None:
    first = rooms.open(suffix="-1")
    until(lambda: store_ms(rooms) > rooms.directory.get(first).planned_at, "the clock has gone on")
    sessions = [first, rooms.open(suffix="-2")]
    for session in sessions:
        rooms.close(session)
    rooms.tell({"kind": "cancelled", "id": "late", "order": "1"})
    assert [rooms.orders(session) for session in sessions] == [[], ["1"]]


def test_an_app_that_no_plan_has_is_not_there(rooms: Rooms) -> None:
    with pytest.raises(StoreAway, match="knows no session"):
        rooms.tell(paid("1"))
    rooms.open(Channel(name="kuaishou", title="快手", connector="shop"), suffix="-other")
    with pytest.raises(NotFound, match="no session has an app 'douyin'"):
        rooms.tell(paid("1"))
    session = rooms.open()
    assert until(lambda: _tried(rooms, paid("1")), "the new room is known").status == 200
    assert rooms.orders(session) == ["1"]


def test_a_room_with_another_secret_does_not_get_it(rooms: Rooms) -> None:
    other = Channel(name="lamp", title="灯", connector="shop", app="douyin")
    rooms.secrets["channel.lamp.secret"] = "the lamp's"
    first, second = rooms.open(suffix="-1"), rooms.open(other, suffix="-2")
    rooms.tell(paid("1"))
    assert [rooms.orders(first), rooms.orders(second)] == [["1"], []]
    body, headers = message(paid("2"), secret="the lamp's")
    rooms.tell(body=body, headers=headers)
    assert [rooms.orders(first), rooms.orders(second)] == [["1"], ["2"]]


def test_without_its_secret_an_app_waits_and_begins_when_it_is_set(rooms: Rooms) -> None:
    del rooms.secrets["channel.douyin.secret"]
    session = rooms.open()
    assert refused(lambda: rooms.tell(paid("1"))) == (503, "app_not_ready")
    [record] = rooms.directory.list()
    trouble = rooms.addresses.recipient(record, rooms.addresses.of(record)["douyin"]).trouble
    assert trouble is not None
    assert "needs the secret secret" in str(trouble)
    rooms.secrets["channel.douyin.secret"] = "the shop's own"
    assert until(lambda: _tried(rooms, paid("1")), "the secret is heard").status == 200
    assert rooms.orders(session) == ["1"]


def test_secret_rotation_a_new_secret_counts_without_a_restart(rooms: Rooms) -> None:
    session = rooms.open()
    rooms.tell(paid("1"))
    rooms.secrets["channel.douyin.secret"] = "a new one"
    body, headers = message(paid("2"), secret="a new one")

    def told() -> bool:
        try:
            return rooms.tell(body=body, headers=headers).status == 200
        except Refusal:
            return False

    until(told, "the new secret counts")
    assert rooms.orders(session) == ["1", "2"]


def test_settings_that_do_not_fit_any_more_are_said(rooms: Rooms) -> None:
    rooms.open(settings={"colour": "red"})
    assert refused(lambda: rooms.tell(paid("1"))) == (503, "app_not_ready")


def test_no_plugin_and_a_connector_that_cannot_be_made_are_said(rooms: Rooms) -> None:
    class Bad(Shop):
        def __init__(self, settings: Any) -> None:
            raise RuntimeError("no")

    rooms.connectors["shop"] = Bad
    rooms.open()
    assert refused(lambda: rooms.tell(paid("1"))) == (503, "app_not_ready")
    [record] = rooms.directory.list()
    app = rooms.addresses.of(record)["douyin"]
    assert "RuntimeError: no" in str(rooms.addresses.recipient(record, app).trouble)
    del rooms.connectors["shop"]
    assert "no plugin has the connector shop" in str(rooms.addresses.recipient(record, app).trouble)


def test_a_full_inbox_turns_a_message_away_whole(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "QUEUE_AT_MOST", 2)
    session = rooms.open(DOUYIN)
    rooms.tell(paid("1"))
    assert refused(lambda: rooms.tell(paid("2"), paid("3"))) == (503, "too_much_waits")
    assert rooms.orders(session) == ["1"]
    assert "its inbox is full" in rooms.look(session).troubles["douyin"].reason
    assert rooms.tell(paid("1")).status == 200, "what is safe already is acknowledged"
    assert rooms.tell(paid("2")).status == 200


def test_a_room_that_is_full_keeps_no_other_from_getting_it(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    full = rooms.open(suffix="-1")
    rooms.tell(paid("1"), paid("2"))
    until(lambda: store_ms(rooms) > rooms.directory.get(full).planned_at, "the clock has gone on")
    empty = rooms.open(suffix="-2")
    until(lambda: len(rooms.addresses.find("douyin")) == 2, "the new room is known")
    monkeypatch.setattr(kept, "QUEUE_AT_MOST", 2)
    assert refused(lambda: rooms.tell(paid("3"))) == (503, "too_much_waits")
    assert [rooms.orders(full), rooms.orders(empty)] == [["1", "2"], ["3"]]
    monkeypatch.setattr(kept, "QUEUE_AT_MOST", 3)
    assert rooms.tell(paid("3")).status == 200
    assert [rooms.orders(full), rooms.orders(empty)] == [["1", "2", "3"], ["3"]]


def test_a_room_whose_secret_is_another_keeps_no_probe_from_its_answer(rooms: Rooms) -> None:
    lamp = Channel(name="lamp", title="灯", connector="shop", app="douyin")
    rooms.secrets["channel.lamp.secret"] = "the lamp's"
    sessions = rooms.open(suffix="-1"), rooms.open(lamp, suffix="-2")
    for secret in ("the shop's own", "the lamp's"):
        answer = rooms.tell(method="GET", query={"echo": "hi", "sign": sign(b"hi", secret)})
        assert (answer.status, answer.body) == (200, b"hi")
    rooms.tell(paid("1"))
    assert [rooms.look(session).apps.get("douyin") for session in sessions] == [None, None], "nobody was refused"


def test_without_the_store_nothing_is_acknowledged(new_store: Callable[..., StoreServer], ledger: str) -> None:
    server = new_store("valkey9")
    rooms = Rooms(server.url, ledger)
    with rooms.client:
        session = rooms.open()
        rooms.tell(paid("1"))
        server.stop()
        with pytest.raises(StoreAway):
            rooms.tell(paid("2"))
        body, headers = message(paid("3"), secret="another's")
        with pytest.raises((Refusal, StoreAway)):
            rooms.tell(body=body, headers=headers)
        server.start()
        assert until(lambda: _tried(rooms, paid("2")), "the store is back").status == 200
        assert rooms.orders(session) == ["1", "2"]


def store_ms(rooms: Rooms) -> int:
    """The store's time."""
    return rooms.look("anything").now_ms


def _tried(rooms: Rooms, *told: dict[str, Any]) -> Any:
    try:
        return rooms.tell(*told)
    except (Refusal, NotFound, StoreAway):
        return None
