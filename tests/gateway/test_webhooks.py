"""Webhooks against an endpoint that fails, delays, redirects, answers without end: signed, tried again, given up in good order."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from overlaykit.errors import UserError
from overlaykit.gateway.attempts import DAY, WEBHOOK, Again, Patience, Refused
from overlaykit.gateway.webhooks import ANSWER_AT_MOST, Endpoint, WebhookSender, read_keys, read_url, sign
from overlaykit.model.messages import Message, WebhookEvent
from overlaykit.model.settings import Secret
from tests.conftest import until

if TYPE_CHECKING:
    from tests.gateway.conftest import Evening, Post

Open = Callable[..., "Evening"]
Start = Callable[..., "Post"]
Answer = Callable[[BaseHTTPRequestHandler], None]

KEY = secrets.token_bytes(32)
SECRET = "whsec_" + base64.b64encode(KEY).decode()
EVENT = WebhookEvent(type="rule.fired", timestamp="2026-11-11T12:00:00.000Z", data={"sku": "A", "title": "羊绒大衣"})


class Hooks:
    """An endpoint that answers as the test says, one answer after the other; then 204."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[Answer] = []
        self.sent_bytes = 0
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                hooks.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
                answer = hooks.answers.pop(0) if hooks.answers else status(204)
                try:
                    answer(self)
                except OSError:
                    self.close_connection = True  # the other side has heard enough

            def log_message(self, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook?room=1"

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def status(code: int, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("content-length", "0")
        request.end_headers()

    return answer


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    found = Hooks()
    yield found
    found.close()


def message(id: str = "m-1") -> Message:
    return Message(id=id, firing=7, index=0, action="webhook", target="crm", body=EVENT)


def deliver(url: str, *, private: bool = False, seconds: float = 5.0, keys: tuple[bytes, ...] = (KEY,)) -> str:
    async def attempt() -> str:
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=None) as client:
            return await WebhookSender(Endpoint("crm", httpx.URL(url), private, keys), client, seconds=seconds).deliver(
                message()
            )

    return asyncio.run(attempt())


def test_a_webhook_is_signed_as_standard_webhooks_say(hooks: Hooks) -> None:
    assert deliver(hooks.url) == "HTTP 204"
    [(headers, body)] = hooks.received
    assert json.loads(body) == {"type": "rule.fired", "timestamp": EVENT.timestamp, "data": EVENT.data}
    assert headers["webhook-id"] == "m-1"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    signed = f"m-1.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["host"] == f"127.0.0.1:{hooks.port}"
    assert headers["content-type"] == "application/json"


def test_the_signature_is_that_of_the_published_example() -> None:
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = sign([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_changed_both_sign(hooks: Hooks) -> None:
    other = secrets.token_bytes(24)
    keys = read_keys(Secret(f"{SECRET} whsec_{base64.b64encode(other).decode()}"), "crm")
    assert keys == (KEY, other)
    deliver(hooks.url, keys=keys)
    assert len(hooks.received[0][0]["webhook-signature"].split()) == 2


@pytest.mark.parametrize(
    "text",
    ["", "hunter2", "whsec_", "whsec_!!!!", "whsec_c2hvcnQ=", pytest.param(SECRET.removeprefix("whsec_"), id="bare")],
)
def test_what_is_no_secret_is_refused_with_how_one_is_made(text: str) -> None:
    with pytest.raises(UserError, match=r"the secret of \[webhook.crm\] is") as error:
        read_keys(Secret(text), "crm")
    assert "whsec_" in str(error.value.remedy)
    assert not text or text == "whsec_" or text not in str(error.value)


def test_a_redirect_is_no_delivery_and_is_not_followed(hooks: Hooks) -> None:
    hooks.answers = [status(307, location=hooks.url)]
    with pytest.raises(Again, match=r"HTTP 307：.* / a redirect is not followed"):
        deliver(hooks.url)
    assert len(hooks.received) == 1


@pytest.mark.parametrize("code", [400, 401, 404, 422, 500, 503])
def test_whatever_is_not_2xx_is_tried_again(hooks: Hooks, code: int) -> None:
    hooks.answers = [status(code)]
    with pytest.raises(Again, match=f"HTTP {code}"):
        deliver(hooks.url)


def test_410_ends_it(hooks: Hooks) -> None:
    hooks.answers = [status(410)]
    with pytest.raises(Refused, match="HTTP 410"):
        deliver(hooks.url)


def test_retry_after_is_heard_as_number_and_as_date(hooks: Hooks) -> None:
    later = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 90))
    hooks.answers = [status(429, retry_after="17"), status(503, retry_after=later), status(503, retry_after="soon")]
    waits = []
    for _ in range(3):
        with pytest.raises(Again) as again:
            deliver(hooks.url)
        waits.append(again.value.wait)
    assert waits[0] == 17
    assert waits[1] is not None
    assert 80 < waits[1] <= 90
    assert waits[2] is None


@pytest.mark.parametrize("value", ["9" * 400, "Mon, 01 Jan 99999999999 00:00:00 +0000", "²", "-5"])
def test_retry_after_may_say_what_it_likes(hooks: Hooks, value: str) -> None:
    hooks.answers = [status(503, retry_after=value.encode().decode("latin-1"))]
    with pytest.raises(Again) as again:
        deliver(hooks.url)
    assert 0 <= WEBHOOK.gap(1, again.value.wait) <= DAY


@pytest.mark.parametrize("host", [f"{'a' * 64}.example", "a..example"])
def test_a_name_that_no_host_can_have_is_refused(host: str) -> None:
    with pytest.raises(Refused, match="is no name of a host"):
        deliver(f"http://{host}/")


def test_an_answer_without_end_is_read_no_further_than_it_has_to_be(hooks: Hooks) -> None:
    stopped = threading.Event()

    def flood(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            while True:
                request.wfile.write(b"x" * 65_536)
                hooks.sent_bytes += 65_536
        finally:
            stopped.set()

    hooks.answers = [flood]
    assert deliver(hooks.url) == "HTTP 200"
    assert stopped.wait(10), "it hangs up"
    assert hooks.sent_bytes < 200 * ANSWER_AT_MOST


def test_an_endpoint_that_drips_or_is_silent_has_its_time_and_no_more(hooks: Hooks) -> None:
    done = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while not done.is_set():
            request.wfile.write(b".")
            done.wait(0.05)

    def silence(request: BaseHTTPRequestHandler) -> None:
        done.wait(20)

    hooks.answers = [drip, silence]
    try:
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(Again, match=r"no answer within 0.3 s"):
                deliver(hooks.url, seconds=0.3)
            assert time.monotonic() - began < 5
    finally:
        done.set()


def test_nobody_there_is_tried_again(free_port: int) -> None:
    with pytest.raises(Again, match="ConnectError"):
        deliver(f"http://127.0.0.1:{free_port}/")


def test_a_name_that_stands_for_an_address_of_this_network_reaches_nobody_unless_the_plan_says_so(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def names(self: object, host: str, port: int, **more: object) -> Any:
        async def found() -> list[tuple[object, ...]]:
            return [(2, 1, 6, "", ("127.0.0.1", port))]

        return found()

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", names)
    url = f"http://hooks.example.com:{hooks.port}/"
    with pytest.raises(Again, match=r"指向内网地址 127\.0\.0\.1") as again:
        deliver(url)
    assert "private = true" in again.value.message
    assert hooks.received == []
    assert deliver(url, private=True) == "HTTP 204"
    assert hooks.received[0][0]["host"] == f"hooks.example.com:{hooks.port}"


def test_a_host_in_any_script_and_an_address_in_brackets_are_reached(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def names(self: object, host: str, port: int, **more: object) -> Any:
        async def found() -> list[tuple[object, ...]]:
            asked.append(host)
            return [(2, 1, 6, "", ("127.0.0.1", port))]

        return found()

    with pytest.raises(Again, match="Connect"):  # nobody listens there, and nobody is asked for its name
        deliver(f"http://[::1]:{hooks.port}/")
    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", names)
    assert deliver(f"http://直播.example.com:{hooks.port}/", private=True) == "HTTP 204"
    assert asked == ["直播".encode("idna").decode() + ".example.com"]
    assert hooks.received[0][0]["host"] == f"{asked[0]}:{hooks.port}"


@pytest.mark.parametrize("text", ["http://example.com:port/", "https://[::1/"])
def test_an_address_that_cannot_be_used_is_named_with_its_section(text: str) -> None:
    with pytest.raises(UserError, match=r"the address of \[webhook.crm\] cannot be used"):
        read_url(text, "crm")


def test_gaps_grow_and_stay_within_an_hour_and_what_was_asked_for() -> None:
    def middle(low: float, high: float) -> float:
        return (low + high) / 2

    gaps = [WEBHOOK.gap(attempt, None, middle) for attempt in range(1, 10)]
    assert gaps[:4] == [1, 4, 16, 64]
    assert max(gaps) == 3600
    assert sum(gaps) < DAY
    assert WEBHOOK.gap(1, 30, middle) == 30
    assert WEBHOOK.gap(1, 10 * DAY, middle) == DAY


# ------------------------------------------------------------------------------------------------- in a session

SECRETS = {"webhook.crm.secret": SECRET, "webhook.erp.secret": SECRET}


@pytest.mark.store
def test_an_endpoint_that_fails_at_first_gets_it_under_the_same_id(
    evening: Open, gateway: Start, hooks: Hooks, quick: Patience
) -> None:
    room = evening(later={"webhook": {"crm": {"url": hooks.url}}})
    hooks.answers = [status(500), status(500)]
    gateway(secrets=SECRETS, webhook_patience=quick)
    room.put("w-1", "crm", EVENT)
    assert room.wait_results(1) == [("crm", "done", "HTTP 204")]
    assert [headers["webhook-id"] for headers, _ in hooks.received] == ["w-1"] * 3
    assert room.entries("action.done")[0]["source"] == "webhook:crm"


@pytest.mark.store
def test_what_cannot_be_delivered_is_a_dead_letter_and_the_other_endpoint_is_served_meanwhile(
    evening: Open, gateway: Start, hooks: Hooks, quick: Patience, free_port: int
) -> None:
    crm, erp = {"url": f"http://127.0.0.1:{free_port}/"}, {"url": hooks.url}
    room = evening(later={"webhook": {"crm": crm, "erp": erp}})
    room.put("w-1", "crm", EVENT)
    room.put("w-2", "crm", EVENT)
    room.put("w-3", "erp", EVENT)
    gateway(secrets=SECRETS, webhook_patience=quick)
    first, *rest = room.wait_results(3)
    assert first == ("erp", "done", "HTTP 204")
    assert {(target, state) for target, state, _ in rest} == {("crm", "failed")}
    assert all("ConnectError" in detail and "3 attempts" in detail for _, _, detail in rest)
    until(lambda: len(room.dead()) == 2, "two dead letters")
    assert {(letter.message.id, letter.attempts) for letter in room.dead()} == {("w-1", 3), ("w-2", 3)}
    assert "ConnectError" in room.wait_target("webhook.crm", "failing").reason


@pytest.mark.store
def test_a_webhook_that_was_begun_by_a_gateway_that_is_gone_is_sent_again(
    evening: Open, gateway: Start, hooks: Hooks
) -> None:
    room = evening(later={"webhook": {"crm": {"url": hooks.url}}})
    waiting, go_on = threading.Event(), threading.Event()

    def hang(request: BaseHTTPRequestHandler) -> None:
        waiting.set()
        go_on.wait(20)
        status(500)(request)

    hooks.answers = [hang]
    first = gateway(secrets=SECRETS, webhook_patience=Patience(attempts=3, first=60))
    room.put("w-1", "crm", EVENT)
    assert waiting.wait(10)
    go_on.set()
    first.stop()
    assert room.results() == [], "the first attempt failed, and the next is a minute away"
    second = gateway(secrets=SECRETS, webhook_patience=Patience(attempts=3, first=0.1))
    until(lambda: f"{room.session}: this gateway leads now" in second.messages, "the second one leads")
    assert room.put("w-2", "crm", EVENT) == "queued"
    assert room.wait_results(1) == [("crm", "done", "HTTP 204")]


@pytest.mark.store
def test_an_endpoint_without_a_secret_is_set_aside_and_says_how_to_give_it_one(
    evening: Open, gateway: Start, hooks: Hooks
) -> None:
    room = evening(later={"webhook": {"crm": {"url": hooks.url}}})
    gateway()
    set_aside = room.wait_target("webhook.crm", "set_aside")
    assert set_aside.reason == "[webhook.crm] 没有签名密钥 / has no secret to sign with"
    assert "OVERLAYKIT_SECRET_WEBHOOK_CRM_SECRET" in set_aside.remedy
    room.put("w-1", "crm", EVENT)
    assert room.wait_results(1) == [("crm", "failed", set_aside.reason)]
    room.wait_target("webhook.crm", "set_aside")
    assert hooks.received == []
