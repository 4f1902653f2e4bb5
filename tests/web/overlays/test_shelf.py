"""The shelf: what was opened is kept, and what cannot be opened is not tried without end."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest

from overlaykit.board import Look
from overlaykit.errors import ThemeError
from overlaykit.model.plugins import Theme
from overlaykit.plan import load_plan
from overlaykit.theming import KeptThemes, Picture
from overlaykit.web.overlays import shelf as shelves
from overlaykit.web.overlays.query import OverlayQuery

MANIFEST = 'id = "t"\nname = "T"\nversion = "1"\n[layouts.page]\ntemplate = "page.html"\n'
PLAN = 'id = "room"\ntitle = "T"\nitem = [{ sku = "A", title = "A", price = "1.00", opening = 1 }]\n'
SLOW = 0.05


def test_a_layout_that_takes_long_to_fail_is_not_tried_by_every_page_that_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme, room = tmp_path / "t", tmp_path / "room"
    theme.mkdir()
    room.mkdir()
    (theme / "theme.toml").write_text(MANIFEST, encoding="utf-8")
    (theme / "page.html").write_text("{{ item.titel }}", encoding="utf-8")
    (room / "session.toml").write_text(PLAN, encoding="utf-8")
    plan, look = load_plan(room).session, Look(theme="t", options={})
    shelf = shelves.Shelf(KeptThemes({"t": Theme(name="t", folder=theme)}), lambda session: None)
    tries: list[float] = []

    def open_slowly(*args: object, **kwargs: object) -> Picture:
        tries.append(time.monotonic())
        while time.monotonic() < tries[-1] + SLOW:
            pass
        raise ThemeError("page.html:1: too involved", remedy="Take less.")

    monkeypatch.setattr(shelves, "open_picture", open_slowly)
    asked = 0
    while len(tries) < 3:
        asked += 1
        with pytest.raises(ThemeError, match="too involved"):
            shelf.picture(OverlayQuery(layout="page"), plan, look)

    assert asked > 30
    assert all(after - before > SLOW * shelves.FAILED_RESTS for before, after in pairwise(tries))

    monkeypatch.undo()
    (theme / "page.html").write_text("{{ item.title }}", encoding="utf-8")
    assert shelf.picture(OverlayQuery(layout="page"), plan, look).layout.name == "page"  # mended: at once
