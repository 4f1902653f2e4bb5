"""Whatever is sent to the command endpoint, the answer is 2xx or 4xx, and the room's numbers stay sound."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overlaykit.model.commands import COMMANDS
from tests.web.conftest import Web

NDJSON = "application/x-ndjson"
FUZZ = settings(
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)

numbers = st.one_of(
    st.integers(),
    st.integers(min_value=-(2**80), max_value=2**80),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0, -1, 1, 10**9, 10**9 + 1, 2**31, 2**53 + 1, 2**63, 2**64, 10**400]),
)
texts = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        ["", "A", "B", "current", "\x00", "\ud800", "A" * 129, "🧥" * 40, "__proto__", "{ledger}", "a\nb", "％"]
    ),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)
FIELDS = sorted({name for command in COMMANDS.values() for name in command.__struct_fields__} | {"type", "unknown"})
commands = st.fixed_dictionaries(
    {"type": st.one_of(st.sampled_from(sorted(COMMANDS)), texts)},
    optional={
        name: st.one_of(values, st.lists(st.dictionaries(st.sampled_from(["sku", "quantity", "location"]), values)))
        for name in FIELDS
        if name != "type"
    },
)


def encode(value: object) -> bytes:
    """JSON as careless clients make it: NaN, Infinity, lone surrogates and numbers without end included."""
    return json.dumps(value, allow_nan=True, ensure_ascii=False).encode("utf-8", "surrogatepass")


def sound(web: Web) -> None:
    """The audit: buckets sum up, nothing is negative, the ledger has no gap, and the board says the same."""
    board = web.board(scope="operator")
    for sku, item in board["desk"].items():
        for row in item["locations"].values():
            assert all(units >= 0 for units in row.values()), (sku, row)
            assert row["on_hand"] == sum(row[name] for name in ("available", "held", "committed", "buffer", "damaged"))
    head = web.engine.resolve_head()
    assert head is not None
    since = 0
    while True:
        entries = web.get(f"/api/v1/sessions/{web.session}/ledger?since={since}&limit=5000").json["entries"]
        assert [entry["seq"] for entry in entries] == list(range(since + 1, since + 1 + len(entries)))
        if not entries:
            break
        since += len(entries)
    assert since >= head.seq


def expected(status: int) -> bool:
    return 200 <= status < 300 or 400 <= status < 500


@FUZZ
@given(commands)
def test_any_command(web: Web, command: dict[str, Any]) -> None:
    answer = web.send(encode(command))
    assert expected(answer.status), answer.body
    assert answer.json["status"] or answer.json["detail"]


@FUZZ
@given(st.binary(max_size=400))
def test_any_bytes(web: Web, body: bytes) -> None:
    assert expected(web.send(body).status)
    answer = web.send(body, type=NDJSON)
    assert answer.status == 200
    assert len(answer.body.splitlines()) == sum(
        bool(line.removeprefix(b"\xef\xbb\xbf").strip()) for line in body.split(b"\n")
    )


@FUZZ
@given(st.lists(st.one_of(commands, values), max_size=8))
def test_any_bulk_has_an_outcome_for_each(web: Web, sent: list[Any]) -> None:
    answer = web.send(encode(sent))
    if answer.status == 200:
        assert len(answer.json) == len(sent)
    else:
        assert answer.status == 400  # one of them keeps the whole from being JSON
    streamed = web.send(b"\n".join(encode(each) for each in sent), type=NDJSON)
    assert streamed.status == 200
    assert len(streamed.body.splitlines()) == len(sent)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 1_000_000,
        b'{"a":' * 100_000,
        b'{"type":"order.reserve","order":"o","lines":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"type":"stock.adjust","sku":"A","delta":' + b"9" * 200_000 + b',"reason":"r"}',
        b'{"type":"stock.adjust","sku":"A","delta":1e999,"reason":"r"}',
        b'{"type":"stock.adjust","sku":"A","delta":-0.0,"reason":"r"}',
        b'{"type":"announce.show","text":"\\ud800"}',
        b'{"type":"announce.show","text":"\xed\xa0\x80"}',
        b"\x00" * 1000,
        b"\xff" * 300_000,
        b'{"type":"announce.show","text":"' + b"x" * 10_000_000 + b'"}',
        b"[" + b"0," * 2_000_000 + b"0]",
        b" " * 10_000_000,
        b'{"type":"countdown.set","name":"n","ends_at":"9999-12-31T23:59:59+14:00"}',
        b'{"type":"countdown.set","name":"n","ends_at":"0001-01-01T00:00:00+14:00"}',
        b'{"type":"order.reserve","order":"o","lines":'
        + json.dumps([{"sku": "A", "quantity": 1}] * 201).encode()
        + b"}",
        b'{"type":"announce.show","type":"session.close","text":"x","text":1}',
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)
@pytest.mark.parametrize("kind", ["application/json", NDJSON, "text/plain; charset=nonsense", ""])
def test_what_hurts_parsers(web: Web, body: bytes, kind: str) -> None:
    answer = web.send(body, type=kind)
    assert expected(answer.status), answer.body[:500]
    assert web.reserve("still-alive").status in (200, 409)


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: -1",
        "Content-Length: x",
        "Content-Length: 99999999999999999999999",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: +2",
        "Content-Length: 1_0",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked\r\nX: y\r\n\r\nzz\r\n",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
        "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
        "X" * 20_000 + ": y",
        "no colon here",
        " Content-Length: 2",
        "Content-Length : 2\r\n\r\n{}",
        "\r\n".join(f"X-{number}: y" for number in range(500)),
        "Content-Type: \x00",
    ],
    ids=lambda head: head[:40],
)
def test_what_hurts_servers(web: Web, head: str) -> None:
    with closing(socket.create_connection(("127.0.0.1", web.port), timeout=10)) as connection:
        connection.sendall(
            f"POST /api/v1/sessions/{web.session}/commands HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Authorization: Bearer {web.tokens['operator']}\r\n{head}\r\n\r\n".encode("latin-1")
        )
        connection.shutdown(socket.SHUT_WR)
        try:
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        except ConnectionResetError:
            answer = b"HTTP/1.1 400 reset"  # the server stopped reading before we stopped writing
    statuses = [int(line.split()[1]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    assert statuses, "an answer"
    assert all(status == 100 or expected(status) for status in statuses)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/sessions/{session}/board?channel=%ff%fe&region=%00",
        "/api/v1/sessions/{session}/board?" + "&".join(f"a{n}=1" for n in range(2000)),
        "/api/v1/sessions/{session}/ledger?since=%ff",
        "/api/v1/sessions/%00/board",
        "/api/v1/sessions/%2e%2e%2f/board",
        "/api/v1/sessions/" + "x" * 5000 + "/board",
        "/api/v1/sessions//board",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "//evil.example/%2f..",
        "/desk?session=%ff&lang=%00",
        "/login?next=//evil.example",
        "/overlay/%ff?session=%00",
        "/%f0%9f%a7%a5",
    ],
)
def test_addresses_that_hurt(web: Web, path: str) -> None:
    with closing(socket.create_connection(("127.0.0.1", web.port), timeout=10)) as connection:
        connection.sendall(
            f"GET {path.replace('{session}', web.session)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Authorization: Bearer {web.tokens['operator']}\r\n\r\n".encode("latin-1")
        )
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert 200 <= int(answer.split()[1]) < 500
    assert b"Traceback" not in answer
    assert b"evil.example" not in answer.partition(b"\r\n\r\n")[0]


def test_afterwards_the_room_is_sound(web: Web) -> None:
    sound(web)
    log = web.log.read_text(errors="replace")
    assert "Traceback" not in log
