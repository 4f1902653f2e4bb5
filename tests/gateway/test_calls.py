"""HTTP of connectors: paced, asked again where that is harmless, bounded, and silent about secrets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest

from overlaykit.errors import BadMessage, PlatformAway, PlatformRefused
from overlaykit.gateway import calls
from overlaykit.gateway.calls import Calls
from overlaykit.model.connectors import HttpAnswer
from overlaykit.model.settings import Secret
from overlaykit.model.wire import Reply
from overlaykit.testing.platforms import Call, FakePlatform

T = TypeVar("T")


class Shop(FakePlatform):
    """Answers what the test lays out, one reply a call; the last one stays."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        super().__init__()

    def answer(self, call: Call) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@pytest.fixture
def shop() -> Iterator[Callable[..., Shop]]:
    open_ones: list[Shop] = []

    def start(*replies: Reply) -> Shop:
        open_ones.append(Shop(*replies))
        return open_ones[-1]

    yield start
    for each in open_ones:
        each.close()


def ask(work: Callable[[Calls], Awaitable[T]], rate: float = 1000.0, secrets: tuple[str, ...] = ()) -> T:
    async def run() -> T:
        http = Calls(rate, map(Secret, secrets))
        try:
            return await work(http)
        finally:
            await http.close()

    return asyncio.run(run())


def test_a_gateway_that_leads_no_more_calls_nobody(shop: Callable[..., Shop]) -> None:
    """Such as one that was held up in the middle of writing numbers: another has written newer ones meanwhile."""
    platform, leads = shop(Reply(json={})), True

    async def run() -> None:
        nonlocal leads
        http = Calls(1000.0, leads=lambda: leads)
        await http.post(f"{platform.url}/stock", json={"a": 1})
        leads = False
        with pytest.raises(PlatformAway, match="stands by"):
            await http.post(f"{platform.url}/stock", json={"b": 1})
        await http.close()

    asyncio.run(run())
    assert [call.json() for call in platform.calls] == [{"a": 1}]


def test_ids_beyond_double_precision_stay_exact(shop: Callable[..., Shop]) -> None:
    id = 9_007_199_254_740_993
    platform = shop(Reply(json={"id": id}))
    assert ask(lambda http: http.get(f"{platform.url}/order")) == {"id": id}


def test_the_query_of_a_url_and_parameters_go_together(shop: Callable[..., Shop]) -> None:
    platform = shop(Reply(json={}))
    ask(lambda http: http.get(f"{platform.url}/order?a=1", params={"b": "羊绒 大衣"}, token="t-1"))
    assert dict(platform.calls[0].query) == {"a": "1", "b": "羊绒 大衣"}
    assert platform.calls[0].headers["authorization"] == "Bearer t-1"


def test_no_more_than_the_rate_begin_in_any_second(shop: Callable[..., Shop]) -> None:
    platform = shop(Reply(json={}))

    async def many(http: Calls) -> list[float]:
        begun: list[float] = []

        async def one() -> None:
            await http._turn("shop")
            begun.append(time.monotonic())

        await asyncio.gather(*(one() for _ in range(25)))
        return begun

    begun = ask(many, rate=10.0)
    assert all(later - earlier >= 0.99 for earlier, later in zip(begun, begun[10:], strict=False))
    assert begun[9] - begun[0] < 0.5, "the first ten need not wait"
    assert not platform.calls


def test_a_slow_platform_is_asked_less_than_once_a_second() -> None:
    async def two(http: Calls) -> float:
        began = time.monotonic()
        await http._turn("shop")
        await http._turn("shop")
        return time.monotonic() - began

    assert ask(two, rate=4.0 / 3.0) >= 0.74


def test_a_question_is_asked_again_and_an_order_to_do_something_is_not(shop: Callable[..., Shop]) -> None:
    platform = shop(Reply(503), Reply(json={"ok": True}))
    assert ask(lambda http: http.get(f"{platform.url}/order")) == {"ok": True}
    assert len(platform.calls) == 2

    other = shop(Reply(503), Reply(json={"ok": True}))
    with pytest.raises(PlatformAway):
        ask(lambda http: http.post(f"{other.url}/stock", json={"n": 1}))
    assert len(other.calls) == 1

    keyed = shop(Reply(503), Reply(json={"ok": True}))
    assert ask(lambda http: http.post(f"{keyed.url}/stock", json={"n": 1, "key": "k"}, again=True)) == {"ok": True}


def test_each_method_takes_json_and_a_token(shop: Callable[..., Shop]) -> None:
    platform = shop(Reply(json={"ok": True}), Reply(204))

    async def story(http: Calls) -> None:
        assert await http.put(f"{platform.url}/stock/red", json={"n": 5}, token="t-1") == {"ok": True}
        assert await http.put(f"{platform.url}/stock/red", json={"n": 4}, token="t-1") is None
        assert await http.post(f"{platform.url}/stock", form={"n": "3"}, token="t-1") is None
        assert (await http.request("PATCH", f"{platform.url}/stock/red", json={"n": 2}, token="t-1")).status == 204

    ask(story)
    assert [call.method for call in platform.calls] == ["PUT", "PUT", "POST", "PATCH"]
    assert {call.headers["authorization"] for call in platform.calls} == {"Bearer t-1"}
    assert platform.calls[0].headers["content-type"] == "application/json"
    assert [call.body for call in platform.calls] == [b'{"n":5}', b'{"n":4}', b"n=3", b'{"n":2}']


def test_a_platform_that_asks_to_wait_is_left_alone_for_so_long(shop: Callable[..., Shop]) -> None:
    platform = shop(Reply(429, headers={"Retry-After": "30"}))

    async def twice(http: Calls) -> list[float | None]:
        waits = []
        for _ in range(2):
            with pytest.raises(PlatformAway) as away:
                await http.get(f"{platform.url}/order")
            waits.append(away.value.after)
        return waits

    first, second = ask(twice)
    assert first == 30.0
    assert second is not None
    assert 28.0 < second <= 30.0
    assert len(platform.calls) == 1, "the second call was not even begun"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("99999999", calls.WAIT_AT_MOST), ("soon", None), ("", None), ("-3", None), ("²", None)],
)
def test_what_retry_after_may_say(value: str, seconds: float | None) -> None:
    assert calls._retry_after(value) == seconds


def test_an_answer_without_an_end_is_cut_off(shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "BODY_AT_MOST", 1000)
    platform = shop(Reply(text="x" * 5000))
    with pytest.raises(BadMessage, match="longer than 1,000 bytes"):
        ask(lambda http: http.get(f"{platform.url}/order"))


def test_a_refusal_shows_what_the_platform_says_and_none_of_the_secrets(shop: Callable[..., Shop]) -> None:
    platform = shop(Reply(403, text="bad sign abcdef123456 for token tok-secret-1, key app-secret-9, page 1"))

    async def refused(http: Calls) -> PlatformRefused:
        with pytest.raises(PlatformRefused) as error:
            await http.get(f"{platform.url}/o", params={"sign": "abcdef123456", "page": "1"}, token="tok-secret-1")
        return error.value

    error = ask(refused, secrets=("app-secret-9",))
    assert error.status == 403
    assert error.words.en == "127.0.0.1 answers 403: bad sign ••• for token •••, key •••, page 1"


def test_an_address_that_carries_a_token_is_not_shown(free_port: int) -> None:
    with pytest.raises(PlatformAway) as error:
        ask(lambda http: http.get(f"http://127.0.0.1:{free_port}/hook/tok-secret-1?access_token=tok-secret-2"))
    assert "tok-secret" not in str(error.value)
    with pytest.raises(PlatformRefused, match="no http"):
        ask(lambda http: http.get("file:///etc/passwd"))


def test_a_redirect_is_not_followed(shop: Callable[..., Shop]) -> None:
    elsewhere = shop(Reply(json={"stolen": True}))
    platform = shop(Reply(302, headers={"Location": elsewhere.url}))
    with pytest.raises(PlatformRefused, match="302"):
        ask(lambda http: http.get(f"{platform.url}/order", token="t"))
    assert not elsewhere.calls


def test_proxies_of_the_environment_are_not_used(
    shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port}")
    monkeypatch.delenv("no_proxy", raising=False)
    platform = shop(Reply(json={"ok": True}))
    assert ask(lambda http: http.get(f"{platform.url}/order")) == {"ok": True}


def test_what_is_not_changed_is_an_answer_too(shop: Callable[..., Shop]) -> None:
    platform = shop(Reply(304, headers={"ETag": '"a"'}))
    answer: HttpAnswer = ask(lambda http: http.request("GET", f"{platform.url}/sheet.csv"))
    assert (answer.status, answer.headers["etag"]) == (304, '"a"')


def test_an_answer_that_is_no_json_says_so(shop: Callable[..., Shop]) -> None:
    platform = shop(Reply(text="<html>login</html>"))
    with pytest.raises(BadMessage, match=r"127\.0\.0\.1 is no JSON"):
        ask(lambda http: http.get(f"{platform.url}/order"))
