"""Every connector that comes with overlaykit, behind the room's own door: whatever is sent to its address, nothing is kept that the
platform did not sign, nothing genuine is lost, and the room never fails."""

from __future__ import annotations

import hmac
import importlib
import secrets
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from overlaykit.inbox import App, Recipient, Refusal, StoreKeeping, receive
from overlaykit.model.events import Arrival
from overlaykit.model.sessions import Channel
from overlaykit.model.wire import Headers, Request
from overlaykit.pluginhost.targets import Target
from overlaykit.stock import inbox_key
from overlaykit.store import OddMessage, Received, StoreClient, connect, read_inbox
from overlaykit.store.deliveries import read_received
from overlaykit.testing.conformance import Case, mutations
from overlaykit.testing.conformance.asking import now_ms
from overlaykit.testing.conformance.messages import has_messages, said
from overlaykit.web.platforms.hooks import HooksRoute
from tests.conftest import StoreServer

pytestmark = pytest.mark.store

REPOSITORY = Path(__file__).resolve().parents[2]
FUZZ = settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
REFUSED = (400, 401, 405)
CENTURY = 100 * 365 * 86_400_000


def cases() -> list[type[Case[Any]]]:
    """The cases of all bundled connectors with messages."""
    found: dict[str, type[Case[Any]]] = {}
    for file in sorted(REPOSITORY.glob("plugins/*/tests/test_conformance.py")):
        module = importlib.import_module(".".join(file.relative_to(REPOSITORY).with_suffix("").parts))
        for each in vars(module).values():
            if isinstance(each, type) and issubclass(each, Case) and hasattr(each, "connector") and has_messages(each):
                found[f"{each.connector.name}-{each.__name__}"] = each
    return [found[name] for name in sorted(found)]


class Door:
    """A case's connector at its address, and what is behind it."""

    def __init__(self, case: Case[Any], client: StoreClient) -> None:
        self.case, self._client = case, client
        self._enter_room()
        self.events = said(case)
        self.messages = [request for _, request in self.events]
        self.bodies = [body for event, _ in self.events if (body := case.body(event, "delivery-x")) is not None]

    def _enter_room(self) -> None:
        ledger = f"{self.case.connector.name}-{secrets.token_hex(5)}"
        channel = Channel(name="shop", title="店", connector=self.case.connector.name, shop=self.case.shop)
        app = App("shop", (channel,), Target("channel", "shop", self.case.connector.name, {}, "shop"))
        self._key = inbox_key(ledger)
        self._recipient = Recipient(session=ledger, ledger=ledger, app=app, connector=self.case.make())

    def elsewhere(self) -> Door:
        """The same of a room that has heard nothing yet."""
        found = copy(self)
        found._enter_room()
        return found

    def send(self, request: Request) -> int:
        """The status of the answer."""
        try:
            status = receive(StoreKeeping(self._client), [self._recipient], request).status
        except Refusal as refusal:
            status = refusal.status
        trouble = read_inbox(self._client, self._key, []).troubles
        assert status != 503, f"the connector failed at {request!r:.500}: {trouble}"
        return status

    def post(self, request: Request) -> tuple[int, bytes]:
        """The same by HTTP, as the web process takes it: the status and body of the answer."""
        route = HooksRoute(None, lambda app: [self._recipient], StoreKeeping(self._client))
        answer = Client(route).open(
            "/hooks/shop",
            method=request.method,
            query_string=urlencode(request.query, errors="surrogatepass"),
            headers=dict(request.headers),
            data=request.body,
        )
        return answer.status_code, answer.data

    def kept(self) -> dict[str, tuple[Arrival, ...]]:
        """All deliveries, by id."""
        found: Any = self._client.hgetall(f"{self._key}:deliveries")
        deliveries: list[Received] = [read_received(text) for text in found.values()]
        return {each.id: each.arrivals for each in deliveries}

    def odd(self) -> list[OddMessage]:
        """What nobody here understands."""
        return read_inbox(self._client, self._key, []).odd

    def told(self, request: Request) -> list[Arrival]:
        """What a genuine message says."""
        connector: Any = self._recipient.connector
        return list(connector.parse(request))

    def genuine(self, data: st.DataObject) -> Request:
        return data.draw(st.sampled_from(self.messages), label="message")


@pytest.fixture(scope="module", params=cases(), ids=lambda case: f"{case.connector.name}-{case.__name__}")
def door(request: pytest.FixtureRequest, store: StoreServer) -> Iterator[Door]:
    case: Case[Any] = request.param()
    with connect(store.url) as client:
        yield Door(case, client)
    case.platform.close()


def test_there_are_endpoints_to_try() -> None:
    assert {"douyin", "generic_webhook", "shopify", "wechat_channels"} <= {each.connector.name for each in cases()}


@FUZZ
@given(data=st.data())
def test_bytes_of_anybody_are_refused(door: Door, data: st.DataObject) -> None:
    before, message = door.kept(), door.genuine(data)
    headers = data.draw(
        st.sampled_from([message.headers, Headers(), Headers(dict.fromkeys(message.headers, "0"))]), label="headers"
    )
    query = data.draw(st.sampled_from([message.query, {}, dict.fromkeys(message.query, "\ud800")]), label="query")
    body = data.draw(st.one_of(st.binary(max_size=300), st.sampled_from(mutations.JUNK)), label="body")
    method = data.draw(st.sampled_from(["POST", "GET"]))
    status = door.send(replace(message, method=method, headers=headers, query=query, body=body))
    assert status in (*REFUSED, 200, 403)
    assert door.kept() == before


@FUZZ
@given(data=st.data())
def test_what_was_changed_on_the_way_says_the_same_or_nothing(door: Door, data: st.DataObject) -> None:
    before, message = door.kept(), door.genuine(data)
    changed = data.draw(
        st.sampled_from([*mutations.truncated(message.body), *mutations.flipped(message.body)]), label="body"
    )
    status = door.send(replace(message, body=changed))
    assert status in (*REFUSED, 200)
    new = [arrival for id, arrivals in door.kept().items() if id not in before for arrival in arrivals]
    assert all(arrival in door.told(message) for arrival in new), (
        "where it is believed, nothing that counts was changed"
    )


@FUZZ
@given(data=st.data())
def test_signed_nonsense_is_read_or_refused_whole(door: Door, data: st.DataObject) -> None:
    before, body = door.kept(), data.draw(st.sampled_from(door.bodies), label="before it is signed")
    wrong = [*mutations.JUNK, *mutations.wrong_types(body), *mutations.truncated(body), *mutations.flipped(body)]
    chosen = data.draw(st.sampled_from(wrong), label="body")
    try:
        message = door.case.arrives(chosen, "delivery-x", door.messages[0].received_ms)
    except (ValueError, TypeError, LookupError, AttributeError):
        return  # not even the platform could sign it
    status = door.send(message)
    assert status in (*REFUSED, 200)
    assert status == 200 or door.kept() == before


@FUZZ
@given(data=st.data())
def test_ids_of_any_length_and_letters_are_kept_as_they_are_or_refused(door: Door, data: st.DataObject) -> None:
    before = door.kept()
    order = data.draw(
        st.one_of(
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40),
            st.integers(0, 10**40).map(str),
            st.sampled_from(
                ["9" * 129, "9" * 5_000, "\ud800", "\x00", "{ledger}", "__proto__", "a:b", "18446744073709551616"]
            ),
        ),
        label="order",
    )
    event, message = data.draw(st.sampled_from(door.events), label="event")
    try:
        body = door.case.body(
            type(event)(**{**_fields(event), "order": order}) if hasattr(event, "order") else event, f"d-{order}"
        )
        signed = None if body is None else door.case.arrives(body, f"d-{order}", message.received_ms)
    except (ValueError, TypeError, LookupError, AttributeError):
        return  # the platform could not say it
    if signed is None:
        return
    status = door.send(signed)
    assert status in (*REFUSED, 200)
    assert status == 200 or door.kept() == before


@FUZZ
@given(data=st.data(), times=st.integers(2, 5))
def test_redelivery_counts_once_and_is_acknowledged_each_time(door: Door, data: st.DataObject, times: int) -> None:
    # Signed nonsense that was kept may have the name of a genuine delivery, which would be known then.
    door = door.elsewhere()
    message = door.genuine(data)
    assert [door.send(message) for _ in range(times)] == [door.case.acknowledged.status] * times
    kept = door.kept()
    assert door.send(message) == door.case.acknowledged.status
    assert door.kept() == kept
    told = door.told(message)
    counted = [arrival for arrival in told if arrival.__struct_config__.tag != "unknown"]
    assert [arrival for arrivals in kept.values() for arrival in arrivals] == counted


@FUZZ
@given(data=st.data(), by=st.one_of(st.integers(-CENTURY, CENTURY), st.sampled_from([-(10**6), 10**6])))
def test_past_and_future_are_believed_or_refused_never_a_fault(door: Door, data: st.DataObject, by: int) -> None:
    message = door.genuine(data)
    status = door.send(replace(message, received_ms=max(0, message.received_ms + by)))
    assert status in (400, 401, door.case.acknowledged.status)
    window = door.case.window
    if window is not None and abs(by) > (window + 60) * 1000:
        assert status in (400, 401), "a message is not believed long after it was signed"


@FUZZ
@given(data=st.data())
def test_over_http_nothing_is_a_fault_and_the_genuine_message_after_it_is_kept(door: Door, data: st.DataObject) -> None:
    door, case = door.elsewhere(), door.case
    event, genuine = data.draw(st.sampled_from(door.events), label="event")
    fresh = case.arrives(body, "delivery-y", now_ms()) if (body := case.body(event, "delivery-y")) else genuine
    spoiled = data.draw(
        st.one_of(
            st.binary(max_size=300),
            st.sampled_from([*mutations.JUNK, *mutations.truncated(fresh.body), *mutations.flipped(fresh.body)]),
        ),
        label="body",
    )
    headers = data.draw(
        st.sampled_from([fresh.headers, Headers(), Headers(dict.fromkeys(fresh.headers, "é\xff"))]), label="headers"
    )
    method = data.draw(st.sampled_from(["POST", "POST", "GET", "HEAD", "PUT"]), label="method")
    status, _ = door.post(replace(fresh, method=method, headers=headers, body=spoiled))
    assert status in (*REFUSED, 200, 403)
    told = door.told(fresh)
    assert all(each in told for arrivals in door.kept().values() for each in arrivals)
    assert door.post(fresh)[0] == case.acknowledged.status
    assert [each for arrivals in door.kept().values() for each in arrivals] == told


def test_signatures_are_compared_in_constant_time_and_before_anything_is_parsed(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever finds every signature different in the one comparison that takes the same time believes nothing."""
    door, parsed = door.elsewhere(), list[Request]()
    compared: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr(door.case.connector, "parse", lambda self, request: parsed.append(request))

    def compare(one: bytes, two: bytes) -> bool:
        compared.append((one, two))
        return False

    monkeypatch.setattr(hmac, "compare_digest", compare)
    for message in door.messages:
        assert door.send(message) == 401
    assert parsed == []
    assert len(compared) >= len(door.messages)
    assert all(len(one) == len(two) and len(one) >= 16 for one, two in compared), "whole signatures"


def test_probes_are_answered_in_the_platforms_form_and_keep_nothing(door: Door) -> None:
    door = door.elsewhere()
    for request, reply in door.case.probes():
        expected = reply.text.encode() if reply.text is not None else msgspec.json.encode(reply.json)
        assert door.post(request) == (reply.status, expected)
    assert door.kept() == {}


def test_unknown_tags_are_acknowledged_and_stored_never_a_fault(door: Door) -> None:
    door, body = door.elsewhere(), door.case.unknown("delivery-u")
    if body is None:
        return
    for _ in range(2):
        assert door.post(door.case.arrives(body, "delivery-u", now_ms()))[0] == door.case.acknowledged.status
    [odd] = door.odd()
    assert odd.what
    assert odd.body
    assert door.kept() == {}


def _fields(event: Any) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__struct_fields__}
