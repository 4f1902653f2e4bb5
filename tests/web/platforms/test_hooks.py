"""/hooks/APP over real HTTP: what platforms send, what anybody else sends, and the inbox as the desk sees it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overlaykit.model.sessions import Channel
from overlaykit.stock import inbox_key
from overlaykit.store import Inbox, Letter, Received, connect_async
from tests.conftest import StoreServer, until
from tests.inbox.shop import SECRET, message, paid, sign
from tests.web.conftest import Answer, Visitor, Web, serving

pytestmark = pytest.mark.store

SHOP = Channel(name="shop", title="测试商城", connector="shop", shop="11")
ASKED = Channel(name="asked", title="只能查单", connector="asked")
TALK = Channel(name="talk", title="弹幕", connector="talk")
FUZZ = settings(
    max_examples=80,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def later(folder: Path) -> dict[str, Any]:
    return {"channel": {"shop": {"settings": {"halt": str(folder / "halt")}}}}


@pytest.fixture(scope="module")
def hooked(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A web process with the tests' own platform, whose app is called `shop`."""
    folder = tmp_path_factory.mktemp("hooks")
    keep_secret(folder)
    session = f"hooks-{os.getpid()}-{os.urandom(3).hex()}"
    with serving(store, folder, session, channels=(SHOP, ASKED, TALK), later=later(folder)) as web:
        yield web


def keep_secret(folder: Path, text: str = SECRET) -> None:
    (folder / "secrets.json").write_text(json.dumps({"channel.shop.secret": text}))


def post(web: Web, body: bytes, headers: dict[str, str], path: str = "/hooks/shop", method: str = "POST") -> Answer:
    return web.ask(method, path, body, scope=None, headers=headers)


def tell(web: Web, *told: dict[str, Any]) -> Answer:
    return post(web, *message(*told))


def look(web: Web) -> Any:
    answer = web.get(f"/api/v1/sessions/{web.session}/inbox", scope="viewer")
    assert answer.status == 200, answer.body
    return answer.json


def waiting(web: Web) -> list[Received]:
    async def asked() -> list[Received]:
        async with connect_async(web.store_url) as client:
            return [each for _, each in (await Inbox(client, inbox_key(web.session)).take("shop", limit=10_000)).taken]

    return asyncio.run(asked())


def kept(web: Web) -> set[str]:
    """The ids of all deliveries, wherever they are in the inbox."""
    found: Any = web.client.hkeys(f"{inbox_key(web.session)}:deliveries")
    return {id.decode() for id in found}


def lay(web: Web, pile: Any, *orders: str) -> None:
    """What the gateway would do with orders that it cannot count."""

    async def story() -> None:
        async with connect_async(web.store_url) as client:
            inbox = Inbox(client, inbox_key(web.session))
            for _, each in (await inbox.take("shop", limit=10_000)).taken:
                if each.id.removeprefix("shop:d-") in orders:
                    await inbox.lay(
                        pile, Letter(received=each, why="平台没有回答 / no answer", platform_skus=("3541",))
                    )

    asyncio.run(story())


def test_an_address_is_shown_where_messages_are_taken_and_nowhere_else(hooked: Web) -> None:
    found = look(hooked)
    assert [(app["name"], app["address"]) for app in found["apps"]] == [("shop", "/hooks/shop"), ("asked", None)]
    assert [channel["name"] for channel in found["channels"]] == ["shop", "asked"], "a chat has no orders to count"


def test_a_platform_tells_of_an_order_and_gets_its_own_acknowledgement(hooked: Web) -> None:
    before = look(hooked)["apps"][0]["waiting"]
    answer = tell(hooked, paid("first", shop="11", at=1_762_862_400))
    assert (answer.status, answer.body, answer.type) == (200, b'{"code":0,"msg":"success"}', "application/json")
    assert tell(hooked, paid("first", shop="11", at=1_762_862_400)).status == 200
    now = look(hooked)
    app, channel = now["apps"][0], now["channels"][0]
    assert (app["name"], app["address"], app["connector"], app["channels"]) == ("shop", "/hooks/shop", "shop", ["shop"])
    assert (app["waiting"], app["reason"]) == (before + 1, "")
    assert app["oldest_at"].endswith("Z")
    assert channel["received"] - channel["duplicates"] >= 1
    assert (channel["name"], channel["shop"], channel["heard_at"][-1]) == ("shop", "11", "Z")


def test_headers_queries_and_bytes_arrive_as_they_were_sent(hooked: Web) -> None:
    body = " [ ] ".encode("utf-8-sig")
    assert (
        post(hooked, body, {"X-SIGNATURE": sign(body), "Content-Type": "application/x-www-form-urlencoded"}).status
        == 200
    )
    echo = hooked.get(f"/hooks/shop?echo=%E4%BD%A0+1&sign={sign('你 1'.encode())}", scope=None)
    assert (echo.status, echo.body.decode(), echo.type) == (200, "你 1", "text/plain")


def test_who_is_not_the_platform_is_told_nothing_and_keeps_nothing(hooked: Web) -> None:
    body, headers = message(paid("forged"))
    refused = look(hooked)["apps"][0]["refused"]
    answer = post(hooked, body, {**headers, "X-Signature": "0" * 64})
    assert (answer.status, answer.type, answer.json["type"]) == (
        401,
        "application/problem+json",
        "urn:overlaykit:bad_signature",
    )
    assert SECRET not in str(answer.headers) + answer.body.decode()
    assert look(hooked)["apps"][0]["refused"] == refused + 1
    assert all(each.id != "shop:d-forged" for each in waiting(hooked))
    operator = {"Authorization": f"Bearer {hooked.tokens['admin']}"}
    assert post(hooked, body, operator).status == 401, "a token of ours is no signature of theirs"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/hooks/nobody", 404),
        ("POST", "/hooks/", 404),
        ("POST", "/hooks/mini", 404),
        ("POST", "/hooks/shop/more", 404),
        ("POST", "/hooks/%00%ff", 404),
        ("POST", "/hooks/" + "x" * 5000, 404),
        ("GET", "/hooks/shop", 405),
        ("PUT", "/hooks/shop", 405),
        ("DELETE", "/hooks/shop", 405),
    ],
)
def test_other_addresses_and_methods_are_refused(hooked: Web, method: str, path: str, status: int) -> None:
    answer = post(hooked, *message(paid("elsewhere")), path=path, method=method)
    assert (answer.status, answer.type) == (status, "application/problem+json")
    assert status != 405 or "POST" in answer.headers["Allow"]


def test_a_message_may_have_a_mebibyte(hooked: Web) -> None:
    body = json.dumps([{**paid("long"), "more": "长" * 200_000}]).encode()
    assert len(body) > 1024 * 1024
    assert post(hooked, body, {"X-Signature": sign(body)}).status == 413
    body = json.dumps([{**paid("long"), "more": "长" * 170_000}]).encode()
    assert post(hooked, body, {"X-Signature": sign(body)}).status == 200


def raw(web: Web, text: bytes) -> bytes:
    """What the server answers to these bytes, until it closes or says no more."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=10) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_a_message_in_chunks_is_whole_and_half_a_message_is_none(hooked: Web) -> None:
    body, headers = message(paid("in chunks"))
    head = f"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nX-Signature: {headers['X-Signature']}\r\n".encode()
    half = len(body) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:], b""))
    assert b"200 OK" in raw(hooked, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert waiting(hooked)[-1].id == "shop:d-in chunks"
    before = len(waiting(hooked))
    for broken in (
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body[:half]),
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s" % (len(body), body[:half]),
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\r\n",
    ):
        answer = raw(hooked, head + broken)
        assert answer == b"" or answer.split(b" ", 2)[1] in (b"400", b"401"), answer
    assert len(waiting(hooked)) == before


def test_a_connector_that_fails_is_shown_to_the_operator_until_it_works_again(hooked: Web) -> None:
    answer = tell(hooked, {"kind": "bug", "id": "bug"})
    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
    assert b"boom" not in answer.body
    assert b"RuntimeError" not in answer.body
    app = look(hooked)["apps"][0]
    assert "RuntimeError: a bug" in app["reason"]
    assert app["remedy"]
    assert tell(hooked, paid("after the bug")).status == 200
    assert look(hooked)["apps"][0]["reason"] == ""


def test_odd_messages_are_shown(hooked: Web) -> None:
    assert tell(hooked, {"kind": "tag 999", "id": "odd"}).status == 200
    body = b'{"half": '
    assert post(hooked, body, {"X-Signature": sign(body)}).status == 400
    unreadable, unknown = look(hooked)["odd"][:2]
    assert (unknown["what"], unknown["app"], unknown["at"][-1]) == ("tag 999", "shop", "Z")
    assert ("does not fit" in unreadable["why"] or "not JSON" in unreadable["why"], unreadable["body"]) == (
        True,
        '{"half": ',
    )


def test_what_was_given_up_is_tried_again_or_dropped_by_an_operator(hooked: Web) -> None:
    orders = [f"dead-{number}" for number in range(4)]
    tell(hooked, *(paid(order) for order in orders))
    lay(hooked, "dead", *orders)
    dead = look(hooked)["dead"]
    assert dead["count"] == 4
    letter = next(each for each in dead["letters"] if each["orders"] == ["dead-1"])
    assert (letter["id"], letter["channel"], letter["kinds"], letter["why"]) == (
        *("shop:d-dead-1", "shop", ["order.paid"]),
        "平台没有回答 / no answer",
    )
    route = f"/api/v1/sessions/{hooked.session}/inbox"
    as_json = {"Content-Type": "application/json"}

    def ask(path: str, body: object, scope: str = "operator", headers: dict[str, str] = as_json) -> Answer:
        return hooked.ask("POST", route + path, json.dumps(body).encode(), scope=scope, headers=headers)

    assert [ask("/replay", {}, scope=scope).status for scope in ("viewer", "connector", "overlay")] == [403] * 3
    assert ask("/replay", {}, headers={"Content-Type": "text/plain"}).status == 415
    assert ask("/replay", {"pile": "shelf"}).status == 422
    assert ask("/replay", {"id": "x"}).status == 422
    assert ask("/drop", {}).status == 422
    assert ask("/replay", {"ids": ["shop:d-dead-1", "nobody"]}).json == {"count": 1}
    assert ask("/drop", {"ids": ["shop:d-dead-2", "nobody"]}).json == {"count": 1}
    assert ask("/replay", {}).json == {"count": 2}
    assert look(hooked)["dead"] == {"count": 0, "letters": []}
    assert [each.id.removeprefix("shop:d-") for each in waiting(hooked)][-3:] == ["dead-1", "dead-0", "dead-3"]


def test_what_lies_aside_is_shown_with_the_skus_that_nobody_knows(hooked: Web) -> None:
    tell(hooked, paid("aside-1", sku="3541"))
    lay(hooked, "aside", "aside-1")
    [letter] = look(hooked)["aside"]["letters"]
    assert (letter["orders"], letter["platform_skus"]) == (["aside-1"], ["3541"])
    answer = hooked.ask(
        "POST",
        f"/api/v1/sessions/{hooked.session}/inbox/replay",
        b'{"pile":"aside"}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.json == {"count": 1}


def test_the_login_cookie_replays_from_the_desks_own_page_alone(hooked: Web) -> None:
    visitor = Visitor(hooked)
    visitor.log_in()
    route = f"/api/v1/sessions/{hooked.session}/inbox/replay"

    def asked(origin: str) -> Answer:
        headers = {"Cookie": visitor.cookie_header, "Content-Type": "application/json", "Origin": origin}
        return hooked.ask("POST", route, b"{}", scope=None, headers=headers)

    assert asked("https://evil.example").status == 403
    assert asked(hooked.url).json == {"count": 0}


def test_messages_are_counted_for_prometheus(hooked: Web) -> None:
    tell(hooked, paid("metric"))
    text = hooked.get("/metrics", scope="viewer").body.decode()
    assert 'overlaykit_platform_messages_total{app="shop",status="200"}' in text
    assert "overlaykit_platform_message_seconds_bucket" in text


def test_without_the_secret_the_app_says_so_and_begins_once_it_is_set(
    start_web: Callable[..., Web], store: StoreServer, ledger: str, tmp_path: Path
) -> None:
    web = start_web(store, ledger, channels=(SHOP,))
    answer = tell(web, paid("1"))
    assert (answer.status, answer.json["type"]) == (503, "urn:overlaykit:app_not_ready")
    assert int(answer.headers["Retry-After"]) > 0
    app = look(web)["apps"][0]
    assert "secret" in app["reason"]
    assert "OVERLAYKIT_SECRET_CHANNEL_SHOP_SECRET" in app["remedy"]
    keep_secret(tmp_path)
    until(lambda: tell(web, paid("1")).status == 200, "the secret is heard")
    assert [each.id for each in waiting(web)] == ["shop:d-1"]


def test_a_web_killed_between_keeping_and_answering_loses_and_doubles_nothing(
    start_web: Callable[..., Web],
    start_second_web: Callable[[Web], Web],
    store: StoreServer,
    ledger: str,
    tmp_path: Path,
) -> None:
    for state in (tmp_path, tmp_path / "second"):
        keep_secret(state)
    web = start_web(store, ledger, channels=(SHOP,), later=later(tmp_path))
    halt = tmp_path / "halt"
    halt.touch()
    with ThreadPoolExecutor(1) as thread:
        unanswered = thread.submit(tell, web, paid("1"), paid("2"))
        until(lambda: len(waiting(web)) == 2, "it is kept, and not answered")
        assert not unanswered.done()
        web.process.kill()
        with pytest.raises(OSError, match=r"closed|reset|Remote end"):
            unanswered.result()
    halt.unlink()
    second = start_second_web(web)
    assert tell(second, paid("1"), paid("2")).status == 200, "the platform comes again"
    assert [each.id for each in waiting(second)] == ["shop:d-1", "shop:d-2"]
    assert look(second)["channels"][0]["duplicates"] == 2


# ------------------------------------------------------------------------------------------------------- anything at all

junk = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**80), 2**80),
        st.floats(),
        st.text(max_size=50),
        st.sampled_from(["", "\x00", "\ud800", "A" * 129, "9" * 400, "__proto__", "{ledger}"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=10,
)
things = st.fixed_dictionaries(
    {"kind": st.one_of(st.sampled_from(["paid", "cancelled", "changed", "chat", "tag"]), junk)},
    optional={name: junk for name in ("id", "order", "shop", "sku", "quantity", "at")},
)


def encode(value: object) -> bytes:
    """As careless platforms make it: NaN, lone surrogates and numbers without end included."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def sound(web: Web, before: set[str], answer: Answer, genuine: bool) -> None:
    """Never an answer of ours that is a fault, and nothing kept that is not genuine."""
    assert answer.status in (200, 400, 401, 403, 404, 405, 413), (answer.status, answer.body)
    assert answer.status == 200 or answer.type == "application/problem+json"
    new = kept(web) - before
    assert genuine or (not new and answer.status != 200)
    assert answer.status == 200 or not new


@FUZZ
@given(
    body=st.binary(max_size=400),
    signature=st.one_of(st.none(), st.text(st.characters(min_codepoint=32, max_codepoint=126))),
)
def test_bytes_without_a_signature_are_refused(hooked: Web, body: bytes, signature: str | None) -> None:
    before = kept(hooked)
    headers = {} if signature is None else {"X-Signature": signature}
    sound(hooked, before, post(hooked, body, headers), genuine=False)


@FUZZ
@given(told=st.lists(things, max_size=4))
def test_signed_messages_of_any_shape_are_kept_whole_or_refused(hooked: Web, told: list[Any]) -> None:
    before, body = kept(hooked), encode(told)
    sound(hooked, before, post(hooked, body, {"X-Signature": sign(body)}), genuine=True)


@FUZZ
@given(data=st.data())
def test_a_bit_that_flipped_or_an_end_that_is_missing_is_refused(hooked: Web, data: st.DataObject) -> None:
    body, headers = message(paid(data.draw(st.text(min_size=1, max_size=20))))
    at = data.draw(st.integers(0, len(body) - 1))
    if data.draw(st.booleans()):
        spoiled = body[:at] + bytes([body[at] ^ (1 << data.draw(st.integers(0, 7)))]) + body[at + 1 :]
    else:
        spoiled = body[:at]
    sound(hooked, kept(hooked), post(hooked, spoiled, headers), genuine=False)


@FUZZ
@given(order=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60), times=st.integers(2, 4))
def test_a_genuine_message_is_kept_once_however_often_it_comes(hooked: Web, order: str, times: int) -> None:
    before = kept(hooked)
    assert {tell(hooked, paid(f"again {order}")).status for _ in range(times)} == {200}
    assert kept(hooked) == before | {f"shop:d-again {order}"}


@FUZZ
@given(
    query=st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=4),
    method=st.sampled_from(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]),
)
def test_other_methods_and_queries_keep_nothing(hooked: Web, query: dict[str, str], method: str) -> None:
    before = kept(hooked)
    path = "/hooks/shop?" + urlencode(query, errors="surrogatepass")
    answer = hooked.ask(method, path, None, scope=None)
    assert answer.status in ((403, 405) if method in ("GET", "HEAD") else (405,))
    assert kept(hooked) == before
