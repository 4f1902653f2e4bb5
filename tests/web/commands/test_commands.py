"""Commands over HTTP: one, an array, a stream; and what is answered when something is wrong."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

from tests.web.conftest import Web

NDJSON = "application/x-ndjson"


def reserve(id: str, quantity: int = 1, **more: object) -> dict[str, Any]:
    return {"type": "order.reserve", "id": id, "order": id, "lines": [{"sku": "A", "quantity": quantity}], **more}


def lines(*commands: object) -> bytes:
    return b"".join(json.dumps(command).encode() + b"\n" for command in commands)


def outcomes(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body.splitlines()]


def test_one_order_is_accepted_repeated_and_contradicted(web: Web) -> None:
    first = web.send(reserve("one-1", 2))
    assert (first.status, first.type) == (200, "application/json")
    assert first.json["status"] == "accepted"
    assert first.json["items"]["A"]["held"] >= 2

    again = web.send(reserve("one-1", 2))
    assert (again.status, again.json["status"], again.json["first"]) == (200, "duplicate", first.json)

    other = web.send(reserve("one-1", 3))
    assert (other.status, other.type) == (409, "application/problem+json")
    assert other.json["outcome"]["status"] == "conflict"


def test_a_refusal_is_an_answer_like_any_other(web: Web) -> None:
    answer = web.send(reserve("big", 900_000_000))
    assert (answer.status, answer.json["status"], answer.json["reason"]) == (200, "refused", "sold_out")


def test_the_source_of_an_entry_is_the_token_that_sent_it(web: Web) -> None:
    seq = web.send(reserve("source-1")).json["seq"]
    entry = web.get(f"/api/v1/sessions/{web.session}/ledger?since={seq - 1}&limit=1").json["entries"][0]
    assert (entry["id"], entry["source"]) == ("source-1", f"api:operator-{web.session}")


def test_what_is_no_command_is_told_where_it_goes_wrong(web: Web) -> None:
    answer = web.send({"type": "order.reserve", "id": "bad-1", "order": "o", "lines": [{"sku": "A", "quantity": 0}]})
    assert (answer.status, answer.type) == (422, "application/problem+json")
    assert answer.json["errors"][0]["path"] == "lines[0].quantity"
    assert answer.json["outcome"] == {"id": "bad-1", "status": "invalid", "errors": answer.json["errors"]}

    assert web.send(b'{"type": "order.reserve", ').status == 400
    assert web.send(b"").status == 400
    assert web.send(b'{"id": NaN}').status == 400
    assert web.send(b"[" * 200_000).status == 400
    assert web.send(b'"\xff\xfe"').status == 400
    assert web.send({"type": "no.such"}).status == 422
    assert web.send(b'{"pad": "' + b"x" * 300_000 + b'"}').status == 413
    assert web.send(b"[" + b" " * 5_000_000 + b"]").status == 413
    assert web.send([0] * 10_001).status == 413


def test_an_array_is_answered_by_an_array_and_one_bad_command_harms_no_other(web: Web) -> None:
    answer = web.send([reserve("array-1"), {"type": "nonsense"}, 17, reserve("array-2"), reserve("array-1")])
    assert answer.status == 200
    assert [outcome["status"] for outcome in answer.json] == ["accepted", "invalid", "invalid", "accepted", "duplicate"]
    assert web.send(b" \n []").json == []


def test_ndjson_is_answered_line_by_line_in_order(web: Web) -> None:
    sent = [reserve(f"stream-{number}") for number in range(1000)]
    answer = web.send(b"\xef\xbb\xbf" + lines(*sent) + b"\n\nnot json\n" + b"x" * 1_000_000, type=NDJSON)
    assert (answer.status, answer.type) == (200, NDJSON)
    found = outcomes(answer.body)
    assert [outcome["id"] for outcome in found[:1000]] == [command["id"] for command in sent]
    assert {outcome["status"] for outcome in found[:1000]} == {"accepted"}
    assert [outcome["status"] for outcome in found[1000:]] == ["invalid", "invalid"]
    assert web.send(b"", type=NDJSON).body == b""


def test_outcomes_of_a_stream_come_while_it_is_still_being_sent(web: Web) -> None:
    """A connector that keeps one request open gets each answer at once."""
    with closing(socket.create_connection(("127.0.0.1", web.port), timeout=10)) as connection:
        head = (
            f"POST /api/v1/sessions/{web.session}/commands HTTP/1.1\r\nHost: x\r\nContent-Type: {NDJSON}\r\n"
            f"Authorization: Bearer {web.tokens['connector']}\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        connection.sendall(head.encode())
        received = b""
        for number in range(3):
            line = lines(reserve(f"slow-{number}"))
            connection.sendall(b"%x\r\n%b\r\n" % (len(line), line))
            while f'"slow-{number}"'.encode() not in received:
                piece = connection.recv(65536)
                assert piece, received
                received += piece
        connection.sendall(b"0\r\n\r\n")
        while not received.endswith(b"0\r\n\r\n"):
            piece = connection.recv(65536)
            assert piece, received
            received += piece


def test_a_client_that_reads_only_after_it_has_sent_everything_is_not_held_up(web: Web) -> None:
    """Most HTTP libraries do. 40,000 outcomes are more than the two socket buffers between us hold."""
    body = lines(
        *(
            {"type": "stock.adjust", "sku": "B", "location": "hz", "delta": 1, "reason": "x" * 200}
            for _ in range(40_000)
        )
    )
    with closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.settimeout(60)
        connection.connect(("127.0.0.1", web.port))
        head = (
            f"POST /api/v1/sessions/{web.session}/commands HTTP/1.1\r\nHost: x\r\nContent-Type: {NDJSON}\r\n"
            f"Authorization: Bearer {web.tokens['operator']}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        connection.sendall(head.encode() + body)
        received = b"".join(iter(lambda: connection.recv(1 << 20), b""))
    assert received.count(b'"status":"accepted"') == 40_000


def test_a_stream_that_breaks_off_has_run_as_far_as_it_came(web: Web) -> None:
    with closing(socket.create_connection(("127.0.0.1", web.port), timeout=10)) as connection:
        line = lines(reserve("torn-1"))
        head = (
            f"POST /api/v1/sessions/{web.session}/commands HTTP/1.1\r\nHost: x\r\nContent-Type: {NDJSON}\r\n"
            f"Authorization: Bearer {web.tokens['operator']}\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        connection.sendall(head.encode() + b"%x\r\n%b\r\nnot a length\r\n" % (len(line), line))
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b'"torn-1"' in received
    assert b'"status":400' in received
    assert web.send(reserve("torn-1")).json["status"] == "duplicate"


def test_many_at_once_share_calls_and_each_gets_its_own_answer(web: Web) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda number: (number, web.send(reserve(f"many-{number}"))), range(200)))
    assert all(answer.json["id"] == f"many-{number}" for number, answer in found)
    assert len({answer.json["seq"] for _, answer in found}) == 200


def test_a_connector_sends_orders_and_stock_alone(web: Web) -> None:
    assert web.send(reserve("connector-1"), scope="connector").status == 200
    adjust = {"type": "stock.adjust", "sku": "A", "location": "la", "delta": 1, "reason": "found"}
    assert web.send(adjust, scope="connector").status == 200

    refused = web.send({"type": "item.close", "id": "no-1", "sku": "A"}, scope="connector")
    assert refused.status == 403
    assert refused.json["outcome"] == {"id": "no-1", "status": "refused", "reason": "not_allowed"}
    both = web.send([{"type": "item.close", "sku": "A"}, reserve("connector-2")], scope="connector")
    assert [outcome["status"] for outcome in both.json] == ["refused", "accepted"]


def test_others_send_nothing(web: Web) -> None:
    assert web.send(reserve("nobody"), scope=None).status == 401
    for scope in ("overlay", "viewer", "button"):
        answer = web.send(reserve("nobody"), scope=scope)
        assert (answer.status, answer.type) == (403, "application/problem+json")
    assert web.ask("POST", f"/api/v1/sessions/{web.session}/commands?token=wrong", b"{}", scope=None).status == 401
    assert web.send(reserve("nobody")).json["status"] == "accepted"


def test_the_address_may_hold_the_token_and_say_current(web: Web) -> None:
    path = f"/api/v1/sessions/current/commands?token={web.tokens['operator']}"
    assert web.ask("POST", path, json.dumps(reserve("current-1")).encode(), scope=None).json["status"] == "accepted"
    assert web.send(reserve("x"), session="no-such-session").status == 404
    assert web.send(reserve("x"), session="%E5%8F%8C11").status == 404
    assert web.send(reserve("x"), session="%ff").status == 404
    assert web.get(f"/api/v1/sessions/{web.session}/commands").status == 405
