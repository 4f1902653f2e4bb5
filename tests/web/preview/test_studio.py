"""The preview's process has others to serve while every layout of a theme is rendered."""

from __future__ import annotations

from pathlib import Path

import gevent
import pytest
from msgspec.structs import replace

from overlaykit.board import Board, BoardItem
from overlaykit.model.plugins import Theme
from overlaykit.theming import Picture
from overlaykit.web import turns
from overlaykit.web.preview.studio import Studio
from tests.conftest import until

MANIFEST = 'id = "t"\nname = "T"\nversion = "1"\n' + "".join(
    f'[layouts.{name}]\ntemplate = "page.html"\n' for name in ("one", "two")
)


def test_others_have_their_turn_between_two_layouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "theme.toml").write_text(MANIFEST, encoding="utf-8")
    (tmp_path / "page.html").write_text("<p>hello</p>", encoding="utf-8")
    studio = Studio({"t": Theme(name="t", folder=tmp_path)}, "t", {})
    done: list[str] = []
    render = Picture.render

    def slow(picture: Picture, board: Board, item: BoardItem | None) -> str:
        if not done:
            gevent.spawn(done.append, "another")
        done.append("layout")
        return render(picture, board, item)

    monkeypatch.setattr(Picture, "render", slow)
    monkeypatch.setattr(turns, "STINT", 0.0)
    studio.start()
    studio.set_scene(replace(studio.scene, state="sold_out"))
    try:
        until(lambda: gevent.sleep(0.01) or len(done) >= 3, "both are rendered")
    finally:
        studio.stop()
    assert done[:3] == ["layout", "another", "layout"]
