"""What a preview gives out: to pages of its own, and no more than a room would."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from overlaykit.model.plugins import Theme
from overlaykit.web.preview import create_preview

MANIFEST = 'id = "t"\nname = "T"\nversion = "1"\nstyles = ["t.css"]\n[layouts.page]\ntemplate = "page.html"\n'
HOME = "http://127.0.0.1:8090"


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    folder = tmp_path / "t"
    folder.mkdir()
    for name, text in {"theme.toml": MANIFEST, "page.html": "<p>hello</p>", "t.css": "p { color: red; }"}.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "t.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    for name in ("t.js", "notes.txt", "data.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    return create_preview({"t": Theme(name="t", folder=folder)}, "t", {}, port=8090).test_client()


def test_a_page_and_its_style_sheet_are_there(client: FlaskClient) -> None:
    assert b"<p>hello</p>" in client.get("/overlay/page", base_url=HOME).data
    assert client.get("/theme/1/t.css", base_url=HOME, buffered=True).status_code == 200


def test_a_drawing_that_is_opened_by_itself_runs_no_script(client: FlaskClient) -> None:
    answer = client.get("/theme/1/t.svg", base_url=HOME, buffered=True)

    assert answer.status_code == 200
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["t.js", "notes.txt", "data.json", "page.html", "theme.toml", "../t/t.js", "gone.css"])
def test_what_a_room_does_not_give_out_of_a_theme_is_not_there(client: FlaskClient, name: str) -> None:
    assert client.get(f"/theme/1/{name}", base_url=HOME, buffered=True).status_code == 404


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("http://overlay.example:8090", {}),
        (HOME, {"Origin": "http://elsewhere.example"}),
        (HOME, {"Origin": "null"}),
    ],
    ids=["another name of this machine", "a page from elsewhere", "a page without an address"],
)
def test_whoever_is_not_a_page_of_the_preview_is_refused(
    client: FlaskClient, address: str, headers: dict[str, str]
) -> None:
    assert client.get("/overlay/page", base_url=address, headers=headers).status_code == 403
