"""Whoever works in Chinese reads Chinese, and in English, English: of whatever a desk asks that cannot be answered or done."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from overlaykit.model.commands import COMMANDS
from tests.conftest import REPOSITORY, StoreServer
from tests.web.conftest import Answer, Visitor, Web, plan_of, serving

HAN = re.compile("[\u4e00-\u9fff]")
ENGLISH = re.compile("[a-z]+ [a-z]+ [a-z]+")
"""Three words after each other: a sentence, where names and fields are words by themselves."""
WORDS = re.compile("[a-z]{2} [a-z]{2}")
SPOKEN = (
    *("gateway", "inbox", "pluginhost", "stock/directory.py", "stock/encoding.py", "stock/engine.py", "stock/seen.py"),
    *("store/client.py", "store/cursors.py", "store/outbox.py", "board/proof.py", "board/view.py", "model/rules.py"),
    *("model/wire.py", "director/actions/arguments.py", "director/performance.py", "director/runner.py"),
    *("web/desk", "web/api", "web/buttons", "web/http", "web/rooms", "web/names", "web/edge.py"),
)
"""Whose errors and problems somebody at the desk is shown: in an answer, a status, the log."""
SAYING = {
    "problem",
    "unauthorised",
    "unfit",
    "Trouble",
    "UserError",
    "NotFound",
    "PluginError",
    "BadMessage",
    "StoreAway",
}
SAYING |= {"StoreBehind", "StoreError", "PlatformAway", "PlatformRefused", "RecordingError"}
NOBODY = {
    *("overlaykit/pluginhost/places.py", "plugins/simulator/behaviour.py", "plugins/simulator/dating.py"),
    "plugins/simulator/drive.py",
}
"""Raised for the command line alone."""


@pytest.fixture(scope="module")
def web(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    plan = plan_of("problems-said", units=100)
    with serving(store, tmp_path_factory.mktemp("problems-said"), plan.id, plan=plan) as web:
        yield web


class Desk(Visitor):
    """An operator's page, without its screen, that asks and presses as its scripts do."""

    def __init__(self, web: Web, scope: str = "admin") -> None:
        super().__init__(web)
        self.log_in(scope)

    def ask(self, method: str, path: str, body: bytes | None, lang: str) -> Answer:
        headers = {"Origin": self.web.url, "Cookie": self.cookie_header, "Accept-Language": lang}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self.web.ask(method, path.format(session=self.web.session), body, scope=None, headers=headers)


PRESSED: list[dict[str, Any] | str] = [
    "no json",
    *({"type": kind} for kind in sorted(COMMANDS)),  # no fields at all
    {"type": "stock.melt"},
    {"type": "order.ship", "order": "o"},
    {"type": "item.update", "sku": "A"},
    {"type": "item.update", "sku": "A", "price": "a lot"},
    {"type": "item.update", "sku": "A", "title": "   "},
    {"type": "item.update", "sku": "A", "title": "x" * 400},
    {"type": "item.update", "sku": "A", "image": "../../etc/passwd"},
    {"type": "item.update", "sku": "A", "low": {"units": 1, "share": 0.5}},
    {"type": "item.update", "sku": "A", "colour": "red"},
    {"type": "item.update", "sku": "ghost", "title": "x"},
    {"type": "item.mode", "sku": "A", "mode": "soon"},
    {"type": "item.mode", "sku": "A", "mode": "presale", "ship_by": "2026-02-31"},
    {"type": "item.feature", "link": 99},
    {"type": "item.feature", "sku": "A", "link": 1},
    {"type": "stock.adjust", "sku": "A", "delta": 0, "reason": "r"},
    {"type": "stock.adjust", "sku": "A", "delta": "many", "reason": "r"},
    {"type": "stock.adjust", "sku": "A", "location": "moon", "delta": 1, "reason": "r"},
    {"type": "stock.adjust", "sku": "A", "location": "hz", "delta": -1000, "reason": "r"},
    {"type": "stock.transfer", "sku": "A", "quantity": 1, "from": "buffer", "to": "buffer"},
    {"type": "stock.transfer", "sku": "A", "quantity": 1, "from": "cellar", "to": "buffer"},
    {"type": "countdown.set", "name": "c", "seconds": 5, "extend": 5},
    {"type": "countdown.set", "name": "c", "ends_at": "tomorrow"},
    {"type": "overlay.set", "theme": "nowhere"},
    {"type": "overlay.set"},
    {"type": "rule.fire", "name": "ghost"},
    {"type": "task.done", "task": "ghost"},
    {"type": "plan.reload"},
    {"type": "note.set", "text": "\u202e"},
]
ASKED: list[tuple[str, str, bytes | None]] = [
    ("GET", "/desk/item?session={session}&sku=ghost", None),
    ("GET", "/desk/announcements?session={session}&sku=ghost", None),
    ("GET", "/desk/announcements?session=nowhere", None),
    ("GET", "/desk/trails.json?session={session}", None),
    ("GET", "/desk/themes.json?session={session}&theme=nowhere", None),
    ("GET", "/desk/overlay.json?session={session}&layout=nowhere", None),
    ("GET", "/desk/overlay.json?session={session}&layout=number&link=x", None),
    ("GET", "/desk/obs/main/left?session={session}", None),
    ("GET", "/desk/nowhere", None),
    ("DELETE", "/desk/item", None),
    ("GET", "/api/v1/sessions/nowhere/board", None),
    ("GET", "/api/v1/sessions/{session}/board?channel=nowhere", None),
    ("GET", "/api/v1/sessions/{session}/board?region=nowhere", None),
    ("GET", "/api/v1/sessions/{session}/log?limit=many", None),
    ("GET", "/api/v1/sessions/{session}/log/9999", None),
    ("GET", "/api/v1/sessions/{session}/proof", None),
    ("GET", "/api/v1/sessions/{session}/proof?sku=ghost", None),
    ("GET", "/api/v1/sessions/{session}/proof?sku=A&field=colour", None),
    ("GET", "/api/v1/sessions/{session}/proof?sku=A&location=moon", None),
    ("GET", "/api/v1/sessions/{session}/proof?sku=A&field=oversold&location=hz", None),
    ("GET", "/api/v1/sessions/{session}/prompt?locale=fr", None),
    ("PUT", "/api/v1/secrets/channel/nowhere/secret?session={session}", b'{"secret":"x"}'),
    ("PUT", "/api/v1/secrets/channel/nowhere/secret?session={session}", b'{"secret":""}'),
    ("PUT", "/api/v1/secrets/channel/nowhere/secret?session={session}", b'{"secret":5}'),
    ("PUT", "/api/v1/secrets/channel/nowhere/secret?session={session}", b"no json"),
    ("POST", "/desk/authorise/nowhere?session={session}", b"{}"),
    ("POST", "/desk/buttons?session={session}", b'{"action":{}}'),
    ("POST", "/desk/buttons?session={session}", b'{"action":{"type":"item.feature","link":99}}'),
    ("POST", "/desk/buttons?session={session}", b'{"action":{"type":"stock.melt"}}'),
    ("POST", "/desk/buttons?session={session}", b'{"action":{"type":"item.next"},"name":" "}'),
    ("DELETE", "/desk/buttons?session={session}&name=ghost", b"{}"),
    ("POST", "/api/v1/sessions/{session}/inbox/drop", b'{"ids":5}'),
    ("POST", "/api/v1/sessions/{session}/inbox/drop", b"[1,"),
]


def assert_in_chinese(answer: Answer) -> None:
    said = answer.json
    assert HAN.search(said["detail"]), said
    assert not ENGLISH.search(said["detail"]), said
    for each in said.get("errors", ()):
        assert HAN.search(each["message_zh"]), said


def assert_in_english(answer: Answer) -> None:
    assert not HAN.search(answer.json["detail"]), answer.json


@pytest.mark.store
@pytest.mark.parametrize("command", PRESSED, ids=lambda command: json.dumps(command)[:60])
def test_what_is_pressed_and_not_done_is_said_in_the_language_of_the_desk(
    web: Web, command: dict[str, Any] | str
) -> None:
    desk, body = Desk(web), (command if isinstance(command, str) else json.dumps(command)).encode()
    for lang, in_its_language in (("zh-CN", assert_in_chinese), ("en", assert_in_english)):
        answer = desk.ask("POST", f"/desk/commands?session={{session}}&lang={lang}", body, lang)
        if answer.status != 200:
            in_its_language(answer)


@pytest.mark.store
@pytest.mark.parametrize(("method", "path", "body"), ASKED, ids=lambda part: str(part)[:60])
def test_what_is_asked_and_not_answered_is_said_in_the_language_of_the_desk(
    web: Web, method: str, path: str, body: bytes | None
) -> None:
    desk = Desk(web)
    chinese, english = (desk.ask(method, path, body, lang) for lang in ("zh-CN", "en"))
    assert chinese.status == english.status >= 400
    assert_in_chinese(chinese)
    assert_in_english(english)


@pytest.mark.store
def test_who_may_not_do_it_reads_why(web: Web) -> None:
    path = "/desk/buttons?session={session}"
    assert_in_chinese(Desk(web, "viewer").ask("POST", path, b"{}", "zh-CN"))
    assert_in_english(Desk(web, "viewer").ask("POST", path, b"{}", "en"))


@pytest.mark.store
def test_a_program_that_asks_for_no_language_reads_english(web: Web) -> None:
    assert_in_english(web.ask("GET", "/api/v1/sessions/nowhere/board", scope="viewer"))


def _files() -> Iterator[Path]:
    for name in SPOKEN:
        path = REPOSITORY / "overlaykit" / name
        yield from [path] if path.suffix else sorted(path.rglob("*.py"))
    yield from (path for path in sorted((REPOSITORY / "plugins").rglob("*.py")) if "tests" not in path.parts)


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) if isinstance(part, ast.Constant) else "{}" for part in parts)
    return ""


@pytest.mark.parametrize("path", list(_files()), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_no_error_that_a_desk_shows_is_in_english_alone(path: Path) -> None:
    if str(path.relative_to(REPOSITORY)) in NOBODY:
        return
    for call in (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id in SAYING:
            for text in map(_text, [*call.args, *(each.value for each in call.keywords)]):
                assert not WORDS.search(text) or HAN.search(text), f"{path}:{call.lineno}: {text}"
