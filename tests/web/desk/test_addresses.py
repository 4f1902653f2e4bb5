"""Where other devices find the room's pages, and which tokens who may hand out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from overlaykit.store import Tokens
from tests.conftest import StoreServer, until
from tests.web.conftest import Visitor, Web, serving

pytestmark = pytest.mark.store


@pytest.fixture(scope="module")
def room(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A room whose machine keeps its tokens."""
    folder = tmp_path_factory.mktemp("addresses")
    with serving(store, folder, f"addresses-{os.getpid()}-{os.urandom(2).hex()}") as web:
        (folder / "tokens.json").write_text(json.dumps(web.tokens), encoding="utf-8")
        yield web


def scopes(web: Web, scope: str) -> set[str]:
    found = web.get(f"/desk/addresses.json?session={web.session}", scope=scope).json
    return {page["scope"] for address in found["addresses"] for page in address["pages"]}


def test_each_page_has_an_address_that_others_reach_and_its_code(room: Web) -> None:
    found = room.get(f"/desk/addresses.json?session={room.session}&lang=zh-CN").json
    assert [(each["address"], each["here"], each["elsewhere"]) for each in found["addresses"]] == [
        (f"http://192.0.2.9:{room.port}", False, True),
        (room.url, True, False),
    ]
    assert found["elsewhere"] is True
    pages = found["addresses"][0]["pages"]
    assert [(page["page"], page["scope"]) for page in pages[:3]] == [
        ("desk", "operator"),
        ("desk", "viewer"),
        ("presenter", "viewer"),
    ]
    assert pages[1]["url"] == f"http://192.0.2.9:{room.port}/desk?token={room.tokens['viewer']}"
    first = {page["layout"] or page["page"]: page for page in reversed(pages)}
    assert first["desk"]["url"] == f"http://192.0.2.9:{room.port}/desk?token={room.tokens['operator']}"
    assert first["presenter"]["url"].endswith(f"/presenter?token={room.tokens['viewer']}")
    assert first["number"]["url"].endswith(f"/overlay/number?token={room.tokens['overlay']}")
    assert all(page["qr"].startswith("data:image/svg+xml") for page in first.values())
    assert first["number"]["title"] != "number", "as people call it"
    opened = room.get(first["number"]["url"].partition(str(room.port))[2] + f"&session={room.session}", scope=None)
    assert opened.status == 200


def test_a_theme_that_was_changed_in_the_evening_has_its_own_overlays(room: Web) -> None:
    def layouts() -> list[str]:
        found = room.get(f"/desk/addresses.json?session={room.session}").json["addresses"][0]["pages"]
        return [page["layout"] for page in found if page["page"] == "overlay"]

    planned = layouts()
    assert room.send({"type": "overlay.set", "theme": "wall"}).status == 200
    until(lambda: layouts() == ["parts", "drawing"], "they are listed instead")
    assert room.send({"type": "overlay.set", "theme": None}).status == 200
    until(lambda: layouts() == planned, "those of the plan are back")


def test_nobody_hands_out_more_than_they_may_do(room: Web) -> None:
    assert scopes(room, "viewer") == {"overlay", "viewer"}
    assert scopes(room, "operator") == scopes(room, "admin") == {"overlay", "viewer", "operator"}
    for scope in ("overlay", "connector", "button"):
        assert room.get("/desk/addresses.json", scope=scope).status == 403
    viewer = Visitor(room)
    viewer.log_in("viewer")
    page = viewer.go(f"/desk/devices?session={room.session}&lang=zh-CN").body.decode()
    assert "其他设备" in page
    assert room.tokens["viewer"] in page
    assert room.tokens["operator"] not in page
    assert room.tokens["admin"] not in page


def test_a_token_that_was_revoked_is_not_handed_out(room: Web) -> None:
    Tokens(room.client).revoke(f"operator-{room.session}")
    assert scopes(room, "admin") == {"overlay", "viewer"}
