"""What can be read: board, ledger, sessions, health, metrics, the description of it all; and who may."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from overlaykit.model.commands import COMMANDS
from overlaykit.model.notes import Noted, RuleFired, TaskOpened
from overlaykit.stock.notes import encode_note
from overlaykit.store import Tokens
from tests.conftest import StoreServer
from tests.web.conftest import Web, until_refused

READERS = {
    "board": {"overlay", "viewer", "connector", "operator", "admin"},
    "ledger": {"viewer", "operator", "admin"},
    "overlays": {"viewer", "operator", "admin"},
    "gateway": {"viewer", "operator", "admin"},
    "inbox": {"viewer", "operator", "admin"},
    "prompt": {"viewer", "operator", "admin"},
}


def test_the_board_shows_every_order_answered_before(web: Web) -> None:
    before = web.board()["items"]["A"]
    for number in range(20):
        web.reserve(f"fresh-{number}")
        assert web.board()["items"]["A"]["available"] == before["available"] - number - 1
    board = web.board()
    assert board["session"]["status"] == "live"
    assert board["stale"] is False
    assert board["server_time"].endswith("Z")
    assert "desk" not in board


def test_the_desk_sees_locations_the_public_does_not(web: Web) -> None:
    web.reserve("desk-1", 3)
    board = web.board(scope="viewer")
    rows = board["desk"]["A"]["locations"]
    assert sum(row["available"] for row in rows.values()) == board["items"]["A"]["available"]
    assert set(rows) == {"hz", "la"}
    assert "desk" not in web.board(scope="connector")


def test_the_desk_sees_what_the_director_does(web: Web) -> None:
    fired = RuleFired(rule="last", sku="A", key="A 3")
    opened = TaskOpened(task="券", text="发券", copy=True)
    noted = [Noted("note-1", fired, "rule:last"), Noted("note-2", opened, "rule:last")]
    web.engine.decide([encode_note(each, None) for each in noted])
    direction = web.board(scope="viewer")["direction"]
    assert direction["rules"]["last"]["fired"] == 1
    assert [(task["task"], task["text"], task["source"]) for task in direction["tasks"]] == [
        ("券", "发券", "rule:last")
    ]
    assert "direction" not in web.board(scope="connector")
    assert web.send({"type": "task.done", "task": "券"}).json["status"] == "accepted"
    assert web.board(scope="viewer")["direction"]["tasks"] == []


def test_nobody_sends_notes(web: Web) -> None:
    answer = web.send({"type": "rule.fired", "rule": "last", "key": "k"})
    assert (answer.status, answer.json["outcome"]["status"]) == (422, "invalid")
    assert "rule.fire," in answer.json["errors"][0]["message"], "what may be sent"


def test_a_region_sees_what_it_can_get(web: Web) -> None:
    everywhere, here = web.board()["items"]["B"], web.board("?region=US")["items"]["B"]
    assert here["available"] == everywhere["regions"]["US"] < everywhere["available"]
    for query in ("?region=MARS", "?channel=none"):
        answer = web.get(f"/api/v1/sessions/{web.session}/board{query}")
        assert (answer.status, answer.type) == (404, "application/problem+json")


def test_an_unchanged_board_is_not_sent_twice(web: Web) -> None:
    path = f"/api/v1/sessions/{web.session}/board"
    tag = web.get(path).headers["ETag"]
    assert web.get(path, headers={"If-None-Match": tag}).status == 304
    assert web.get(path, headers={"If-None-Match": tag}, scope="overlay").status == 200  # another view of it
    assert web.get(f"{path}?region=MARS", headers={"If-None-Match": tag}).status == 404
    web.reserve("etag-1")
    assert web.get(path, headers={"If-None-Match": tag}).status == 200


def test_the_ledger_is_read_in_pages_without_gaps(web: Web) -> None:
    for number in range(5):
        web.reserve(f"page-{number}")
    seqs: list[int] = []
    since: int | None = 0
    while since is not None:
        page = web.get(f"/api/v1/sessions/{web.session}/ledger?since={since}&limit=3").json
        seqs += [entry["seq"] for entry in page["entries"]]
        since = page["next"]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) >= 7
    assert web.get(f"/api/v1/sessions/{web.session}/ledger?since=9999999").json == {"entries": [], "next": None}


def test_a_trimmed_ledger_says_where_it_begins(start_web: Callable[..., Web], store: StoreServer, ledger: str) -> None:
    web = start_web(store, ledger)
    for number in range(8):
        web.reserve(f"trim-{number}")
    with store.client() as client:
        (stream,) = (key for key in client.keys("*") if ledger.encode() in key and client.type(key) == b"stream")
        client.xtrim(stream, minid="6-0", approximate=False)
    answer = web.get(f"/api/v1/sessions/{ledger}/ledger?since=2")
    assert (answer.status, answer.json["first"]) == (410, 6)
    assert [entry["seq"] for entry in web.get(f"/api/v1/sessions/{ledger}/ledger?since=5&limit=2").json["entries"]] == [
        6,
        7,
    ]


@pytest.mark.parametrize(
    "query", ["since=-1", "since=x", "since=1e3", "since=" + "9" * 5000, "limit=0", "limit=99999", "since=٣"]
)
def test_a_bad_number_in_the_address_is_malformed(web: Web, query: str) -> None:
    from urllib.parse import quote

    answer = web.get(f"/api/v1/sessions/{web.session}/ledger?{quote(query, safe='=')}")
    assert (answer.status, answer.type) == (400, "application/problem+json")
    assert answer.json["errors"][0]["path"] == query.partition("=")[0]


def test_an_address_may_have_many_fields_and_says_what_is_wrong_with_them(web: Web) -> None:
    token = web.tokens["overlay"]
    many = "&".join(f"option.o{number}=1" for number in range(200))
    shown = web.get(f"/overlay/item-card?{many}&token={token}&session={web.session}", scope=None)
    assert shown.status == 400
    assert "o0" in shown.body.decode()
    assert web.get(f"/api/v1/sessions/{web.session}/board?{many}&token={token}", scope=None).status == 200


def test_what_is_too_long_to_be_read_is_refused_in_words(web: Web) -> None:
    address = web.get(f"/overlay/item-card?{'x' * 9000}")
    assert (address.status, address.type) == (414, "application/problem+json")
    assert "8191 bytes" in address.json["detail"]
    headers = web.get("/healthz", headers={f"X-{number}": "1" for number in range(120)})
    assert (headers.status, headers.type) == (400, "application/problem+json")
    assert "more than 100 headers" in headers.json["detail"].lower()


def test_the_sessions_and_which_is_current(web: Web) -> None:
    found = web.get("/api/v1/sessions", scope="overlay").json
    mine = next(each for each in found["sessions"] if each["id"] == web.session)
    assert mine["status"] == "live"
    assert mine["opened_at"].endswith("Z")
    assert found["current"] in {each["id"] for each in found["sessions"]}


def test_what_does_not_exist_lists_what_does(web: Web) -> None:
    answer = web.get("/api/v1/sessions/nope/board")
    assert (answer.status, answer.type) == (404, "application/problem+json")
    assert web.session in answer.json["detail"]
    assert web.get("/api/v1/nothing").type == "application/problem+json"
    assert web.ask("DELETE", "/api/v1/sessions").status == 405


@pytest.mark.parametrize("route", READERS)
@pytest.mark.parametrize("scope", ["overlay", "viewer", "connector", "button", "operator", "admin", None])
def test_each_scope_reads_what_is_its_own(web: Web, route: str, scope: str | None) -> None:
    answer = web.get(f"/api/v1/sessions/{web.session}/{route}", scope=scope)
    expected = 401 if scope is None else 200 if scope in READERS[route] else 403
    assert answer.status == expected
    assert expected == 200 or answer.type == "application/problem+json"
    assert expected != 401 or answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_counts_no_longer(web: Web) -> None:
    client = web.client
    text = Tokens(client).create("overlay", f"gone-{web.session}")

    def status() -> int:
        return web.get("/api/v1/sessions", scope=None, headers={"Authorization": f"Bearer {text}"}).status

    assert status() == 200
    Tokens(client).revoke(f"gone-{web.session}")
    until_refused(lambda: status() == 401)


@pytest.mark.parametrize(
    "header", ["Basic eDp5", "Bearer", "Bearer ", "Bearer " + "x" * 9000, "bearer 令牌".encode().decode("latin-1")]
)
def test_no_token_of_ours_is_401(web: Web, header: str) -> None:
    assert web.get("/api/v1/sessions", scope=None, headers={"Authorization": header}).status == 401


def test_alive_and_ready_need_no_token(web: Web) -> None:
    assert web.get("/healthz", scope=None).json == {"status": "alive"}
    assert web.get("/readyz", scope=None).json == {"ready": True, "missing": [], "notices": []}


def test_metrics_count_what_happened(web: Web) -> None:
    web.reserve("metric-1")
    web.board()
    text = web.get("/metrics", scope="viewer").body.decode()
    assert float(re.findall(r'overlaykit_commands_total{status="accepted"} (\S+)', text)[0]) >= 1
    assert f'overlaykit_room_seq{{session="{web.session}"}}' in text
    assert "overlaykit_engine_call_seconds_bucket" in text
    assert web.get("/metrics", scope="overlay").status == 403


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            if key == "$ref":
                yield each
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_the_description_names_every_route_and_command(web: Web) -> None:
    found = web.get("/openapi.json", scope=None).json
    assert found["openapi"] == "3.1.0"
    assert {
        "/api/v1/sessions/{session}/commands",
        "/api/v1/sessions/{session}/board",
        "/api/v1/sessions/{session}/ledger",
        "/api/v1/sessions/{session}/log",
        "/api/v1/sessions/{session}/log/{seq}",
        "/api/v1/sessions/{session}/proof",
        "/api/v1/sessions/{session}/overlays",
        "/api/v1/sessions/{session}/prompt",
        "/api/v1/sessions/{session}/gateway",
        "/api/v1/sessions/{session}/inbox",
        "/api/v1/sessions/{session}/inbox/replay",
        "/api/v1/sessions/{session}/inbox/drop",
        "/hooks/{app}",
        "/api/v1/sessions/{session}/secrets",
        "/api/v1/secrets/{section}/{name}/{field}",
        "/api/v1/plugins",
        "/press",
        "/desk/buttons",
        "/desk/buttons.json",
        "/desk/addresses.json",
        "/api/v1/sessions",
        "/api/v1/holds/{hold_token}",
        "/ws/board",
        "/ws/prompt",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
    } <= set(found["paths"])
    text = json.dumps(found)
    assert all(f'"{name}"' in text for name in [*COMMANDS, "plan.reload"])
    schemas = found["components"]["schemas"]
    assert all(each.rpartition("/")[2] in schemas for each in references(found))
    for path, item in found["paths"].items():
        for operation in (each for key, each in item.items() if key in ("get", "post")):
            assert operation["responses"], path
            problems = [code for code in operation["responses"] if code.startswith(("4", "5")) and path != "/readyz"]
            assert all("application/problem+json" in operation["responses"][code]["content"] for code in problems)


def test_answers_say_that_they_are_to_be_taken_as_they_are(web: Web) -> None:
    for answer in (web.get("/api/v1/sessions"), web.send({"type": "nonsense"}), web.get("/healthz")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
