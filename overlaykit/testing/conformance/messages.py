"""Messages to /hooks/APP: who sent them, what they say, how they are answered, and everything that is no message."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from overlaykit.errors import BadMessage
from overlaykit.model.connectors import Connector
from overlaykit.model.events import (
    ChatMessage,
    Line,
    OrderCancelled,
    OrderFact,
    OrderPaid,
    OrderPlaced,
    OrderShipped,
    PlatformEvent,
    Refunded,
    Unknown,
)
from overlaykit.model.wire import Headers, Request
from overlaykit.testing.conformance import mutations
from overlaykit.testing.conformance.asking import (
    BAD_MESSAGE,
    applies,
    believed,
    nothing_but_thinking,
    now_ms,
    parsed,
    skip,
)
from overlaykit.testing.conformance.case import Case, Said

ALLOWANCE = 0.25
"""Of the time that a platform gives, for the connector's own part: the room has to keep the message, too."""
TIMES = 3
"""A message is answered so often, and the quickest counts: a machine may be busy with something else for a moment."""


def has_messages(case: type[Case[Any]]) -> bool:
    """Whether the connector reads messages."""
    return case.connector.parse is not Connector.parse


def lines_of(case: Case[Any]) -> tuple[Line, ...]:
    """Two of the first thing, one of the second."""
    first, second = case.skus
    return Line(platform_sku=first, quantity=2), Line(platform_sku=second, quantity=1)


def happenings(case: Case[Any]) -> list[OrderFact]:
    """One order's life, in its order."""
    order, shop, lines = case.order, case.shop, lines_of(case)
    return [
        OrderPlaced(order=order, shop=shop, lines=lines),
        OrderPaid(order=order, shop=shop, lines=lines),
        OrderShipped(order=order, shop=shop),
        OrderCancelled(order=order, shop=shop),
        Refunded(order=order, shop=shop, restock=True, transition="refund-1"),
    ]


def said(case: Case[Any]) -> list[tuple[Said, Request]]:
    """Each thing that the platform tells in messages, as a message."""
    events: list[Said] = [*happenings(case), ChatMessage(id="chat-1", author="小满", text="怎么买？")]
    found = [(event, case.message(event, f"delivery-{number}", now_ms())) for number, event in enumerate(events)]
    messages = [(event, request) for event, request in found if request is not None]
    assert messages, f"{type(case).__name__}.body() gives a message for nothing: then there is nothing to test"
    return messages


class MessageTests:
    """Of connectors that read messages."""

    @applies(has_messages)
    def test_the_platforms_own_messages_are_verified(self, subject: Case[Any]) -> None:
        connector = subject.make()
        for event, request in said(subject):
            assert connector.verify(request) is True, f"verify() refuses the platform's message of {event}"

    @applies(has_messages)
    def test_messages_for_another_room_are_refused(self, subject: Case[Any]) -> None:
        if subject.unsigned:
            return skip(subject.unsigned)
        stranger = subject.make(subject.other_room())
        for event, request in said(subject):
            assert believed(stranger, request) is None, f"signed with another secret, and believed: {event}"

    @applies(has_messages)
    def test_messages_without_their_signature_are_refused(self, subject: Case[Any]) -> None:
        if subject.unsigned:
            return skip(subject.unsigned)
        connector = subject.make()
        for event, request in said(subject):
            bare = replace(request, headers=Headers(), query={})
            assert believed(connector, bare) is None, f"without headers and query, and believed: {event}"
            for name in request.headers.keys() - subject.unsigned_headers:
                for value in (None, "", "x", request.headers[name][:-1], "\udcff", "é" * 70_000):
                    given = {each: text for each, text in request.headers.items() if each != name}
                    found = believed(
                        connector, replace(request, headers=Headers(given if value is None else given | {name: value}))
                    )
                    self._same_or_refused(connector, request, found, f"with the header {name} {value!r:.20}")

    @applies(has_messages)
    def test_messages_that_were_changed_on_the_way_are_refused(self, subject: Case[Any]) -> None:
        connector = subject.make()
        for _, request in said(subject):
            for body in (*mutations.truncated(request.body), *mutations.flipped(request.body)):
                found = believed(connector, replace(request, body=body))
                self._same_or_refused(connector, request, found, f"as {body!r:.60}")

    @applies(has_messages)
    def test_a_secret_is_changed_without_a_gap(self, subject: Case[Any]) -> None:
        settings = subject.rotated()
        if settings is None:
            return skip("the connector has one secret at a time")
        connector = subject.make(settings)
        for event, request in said(subject):
            assert connector.verify(request) is True, f"signed with the old secret, and refused: {event}"

    @applies(has_messages)
    def test_a_message_is_not_believed_long_after_it_was_signed(self, subject: Case[Any]) -> None:
        if subject.window is None:
            return skip("the platform signs no time: what comes again is known by its id and by what happened")
        connector = subject.make()
        for event, request in said(subject):
            for seconds in (subject.window + 60, -subject.window - 60):
                late = replace(request, received_ms=request.received_ms + int(seconds * 1000))
                assert believed(connector, late) is None, f"{seconds:+.0f} s after it was signed, and believed: {event}"
            for seconds in (subject.window * 0.8, -subject.window * 0.8):
                slow = replace(request, received_ms=request.received_ms + int(seconds * 1000))
                assert connector.verify(slow) is True, f"a clock that is {seconds:+.0f} s off loses {event}"

    @applies(has_messages)
    def test_verify_and_probe_never_fail(self, subject: Case[Any]) -> None:
        connector = subject.make()
        _, genuine = said(subject)[0]
        for body in mutations.JUNK:
            for method in ("POST", "GET"):
                for headers, query in ((genuine.headers, genuine.query), (Headers(), {})):
                    request = replace(genuine, method=method, body=body, headers=headers, query=query)
                    what = f"{method} {body!r:.40}"
                    try:
                        assert isinstance(connector.verify(request), bool), f"verify() of {what} is no bool"
                        connector.probe(request)
                    except BadMessage:
                        pass
                    except Exception as error:
                        raise AssertionError(f"verify() or probe() of {what} raised {error!r}") from error

    @applies(has_messages)
    def test_what_cannot_be_read_is_a_bad_message(self, subject: Case[Any]) -> None:
        """Signed by the platform, and wrong all the same."""
        connector = subject.make()
        for event, request in said(subject):
            body = subject.body(event, "delivery-0")
            assert body is not None
            wrong = (
                *mutations.JUNK,
                *mutations.truncated(body),
                *mutations.flipped(body),
                *mutations.wrong_types(body),
            )
            for each in wrong:
                try:
                    message = subject.arrives(each, "delivery-0", request.received_ms)
                except BAD_MESSAGE:
                    continue  # not even the platform could have signed it
                try:
                    parsed(connector, message)
                except BAD_MESSAGE:
                    pass
                except (Exception, RecursionError) as error:
                    raise AssertionError(
                        f"parse() of {each!r:.200} raised {error!r}, which is no BadMessage"
                    ) from error

    @applies(has_messages)
    def test_numbers_may_be_texts_and_a_byte_order_mark_may_come_first(self, subject: Case[Any]) -> None:
        connector = subject.make()
        tried = 0
        for event, request in said(subject):
            body = subject.body(event, "delivery-0")
            loose = None if body is None else mutations.loosened(body)
            if body is None or loose is None:
                continue
            tried += 1
            strict = parsed(connector, subject.arrives(body, "delivery-0", request.received_ms))
            found = parsed(connector, subject.arrives(loose, "delivery-0", request.received_ms))
            assert found == strict, f"{loose!r:.300} is read as {found}, and should be {strict}"
        if not tried:
            skip("its messages are no JSON")

    @applies(has_messages)
    def test_the_answer_is_the_platforms_own_and_in_time(self, subject: Case[Any]) -> None:
        connector = subject.make()
        allowed = connector.acknowledged_within * ALLOWANCE
        for event, request in said(subject):
            took = float("inf")
            for _ in range(TIMES):
                began = time.perf_counter()
                with nothing_but_thinking():
                    assert connector.probe(request) is None, f"probe() takes a message for a question: {event}"
                    connector.verify(request)
                    parsed(connector, request)
                    reply = connector.acknowledge(request)
                took = min(took, time.perf_counter() - began)
                assert reply == subject.acknowledged, f"acknowledge() gives {reply}; expected {subject.acknowledged}"
            assert took < allowed, f"it took {took:.2f} s to answer {event}; {allowed:.2f} s are its part"

    @applies(has_messages)
    def test_reading_a_message_twice_gives_the_same(self, subject: Case[Any]) -> None:
        """What is read after a restart, or in another process, is what was read before."""
        for event, request in said(subject):
            first = parsed(subject.make(), request)
            assert first, f"parse() finds nothing in the message of {event}"
            assert parsed(subject.make(), request) == first, f"parse() reads {event} in two ways"

    @applies(has_messages)
    def test_a_delivery_has_the_platforms_id(self, subject: Case[Any]) -> None:
        if subject.no_delivery:
            return skip(subject.no_delivery)
        connector = subject.make()
        for number, (event, request) in enumerate(said(subject)):
            for arrival in parsed(connector, request):
                if isinstance(arrival, PlatformEvent):
                    assert arrival.delivery, f"no delivery id in {arrival}"
            body = subject.body(event, f"again-{number}")
            assert body is not None
            first = [arrival for arrival in parsed(connector, request) if isinstance(arrival, PlatformEvent)]
            other = parsed(connector, subject.arrives(body, f"again-{number}", request.received_ms))
            for one, two in zip(first, other, strict=True):
                assert isinstance(two, PlatformEvent)
                assert one.delivery != two.delivery, f"two deliveries under one id: {one}"

    @applies(has_messages)
    def test_probes_are_answered_and_say_nothing(self, subject: Case[Any]) -> None:
        connector = subject.make()
        probes = subject.probes()
        if not probes:
            return skip("the platform asks nothing")
        for request, expected in probes:
            with nothing_but_thinking():
                reply = connector.probe(request)
                if reply is None:
                    assert connector.verify(request) is True, f"a probe that is refused: {request}"
                    assert parsed(connector, request) == [], f"a probe that says something: {request}"
                    reply = connector.acknowledge(request)
            assert reply == expected, f"the probe {request} is answered {reply}; expected {expected}"

    @applies(has_messages)
    def test_kinds_that_it_does_not_know_are_kept(self, subject: Case[Any]) -> None:
        body = subject.unknown("delivery-0")
        if body is None:
            return skip("the platform has one kind of message")
        connector = subject.make()
        request = subject.arrives(body, "delivery-0", now_ms())
        assert connector.verify(request) is True
        found = parsed(connector, request)
        assert found, "parse() finds nothing in it: yield Unknown(what=…), so that it is kept and counted"
        assert all(isinstance(arrival, Unknown) and arrival.what for arrival in found), f"it is read as {found}"
        assert connector.acknowledge(request) == subject.acknowledged

    def _same_or_refused(self, connector: Connector[Any], request: Request, found: Any, how: str) -> None:
        if found is None:
            return
        true = parsed(connector, request)
        assert found in (true, []), f"{how} it is believed, and says {found} instead of {true}"
