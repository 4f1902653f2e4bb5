"""A room whose plan has something of everything that can be made into a button, and buttons as devices press them."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest

from overlaykit.store import Tokens
from tests.conftest import StoreServer
from tests.web.conftest import Answer, Visitor, Web, serving

LATER: dict[str, Any] = {
    "rule": [
        {"name": "last-50", "when": "available < 50", "do": [{"action": "announce", "text": "最后几件"}]},
        {"name": "红包", "when": "button 红包", "do": [{"action": "coupon", "coupon": "满300减50"}]},
    ],
    "emergency": {"oversold": {"title": "超卖应急", "do": [{"action": "stock", "command": "session.freeze"}]}},
    "obs": {"main": {"safe_scene": "应急画面"}, "second": {}},
}


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Web]:
    """Items A (link 1), B (2) and C (3), a rule, a button, an emergency plan and two OBS."""
    session = f"{request.module.__name__.rpartition('.')[2].replace('_', '-')}-{os.getpid()}-{os.urandom(2).hex()}"
    with serving(store, tmp_path_factory.mktemp("buttons"), session, units=300, items=3, later=LATER) as web:
        yield web


@dataclass
class Button:
    """A button's token, and how devices use it."""

    web: Web
    name: str
    text: str

    def press(
        self,
        method: str = "GET",
        *,
        lang: str = "en",
        accept: str | None = None,
        token: str | None = None,
        **headers: str,
    ) -> Answer:
        if accept is not None:
            headers["Accept"] = accept
        path = f"/press?token={token or self.text}&session={self.web.session}&lang={lang}"
        return self.web.ask(method, path, scope=None, headers={k.replace("_", "-"): v for k, v in headers.items()})


def button(web: Web, action: dict[str, Any] | None, name: str | None = None) -> Button:
    """A button made without the page."""
    name = name or f"button-{secrets.token_hex(4)}"
    return Button(web, name, Tokens(web.client).create("button", name, action=action))


class Operator(Visitor):
    """Somebody who is logged in, and makes buttons."""

    def __init__(self, web: Web, scope: str = "operator") -> None:
        super().__init__(web)
        self.log_in(scope)

    def ask(
        self, method: str, path: str, body: object = None, *, lang: str = "en", name: str = "", **headers: str
    ) -> Answer:
        headers = {"Origin": self.web.url, "Content-Type": "application/json", "Cookie": self.cookie_header} | headers
        data = None if body is None else json.dumps(body).encode()
        query = urlencode({"session": self.web.session, "lang": lang} | ({"name": name} if name else {}))
        return self.web.ask(method, f"{path}?{query}", data, scope=None, headers=headers)

    def revoke(self, name: str, **headers: str) -> Answer:
        return self.ask("DELETE", "/desk/buttons", name=name, **headers)

    def make(self, action: dict[str, Any], *, lang: str = "en", **more: Any) -> Answer:
        return self.ask("POST", "/desk/buttons", {"action": action, **more}, lang=lang)


def last_entry(web: Web) -> dict[str, Any]:
    seq = web.board()["seq"]
    entry: dict[str, Any] = web.get(f"/api/v1/sessions/{web.session}/ledger?since={seq - 1}").json["entries"][0]
    return entry
