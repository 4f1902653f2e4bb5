"""Pictures beside a plan: shown by every board of its sessions, plays included, and nothing else of the folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from overlaykit.web.pictures import missing_picture
from tests.conftest import REPOSITORY, Room

SAMPLE = REPOSITORY / "sample_sessions" / "flash_sale"


@pytest.mark.store
@pytest.mark.parametrize("flags", [(), ("--play", "--speed", "50")], ids=["held open", "played"])
def test_every_picture_of_a_board_is_there(room: Callable[..., Room], flags: tuple[str, ...]) -> None:
    running = room(SAMPLE, *flags)
    items = running.board()["items"]
    assert isinstance(items, dict)
    pictures = [item["image"] for item in items.values()]
    assert all(address.startswith("/media/flash-sale") for address in pictures)
    for address in pictures:
        status, body = running.get(address, scope=None)
        assert status == 200, address
        assert body.startswith(b"<svg")


@pytest.mark.store
def test_only_pictures_inside_the_folder_are_given_out(room: Callable[..., Room], plan_folder: Path) -> None:
    (plan_folder / "secret.txt").write_text("no")
    (plan_folder / "unnamed.svg").write_text("<svg/>")
    (plan_folder.parent / "outside.svg").write_text("<svg/>")
    running = room()
    for address in (
        "/media/room/secret.txt",
        "/media/room/unnamed.svg",
        "/media/room/session.toml",
        "/media/room/../outside.svg",
        "/media/room/..%2Foutside.svg",
        "/media/room/%2e%2e/outside.svg",
        "/media/room/absent.svg",
        "/media/nowhere/img.svg",
    ):
        assert running.get(address, scope=None)[0] == 404, address


def test_a_picture_that_is_not_there_is_said_with_those_that_are(plan_folder: Path, tmp_path: Path) -> None:
    (plan_folder / "img").mkdir(exist_ok=True)
    (plan_folder / "img" / "scarf.webp").write_bytes(b"")
    (plan_folder / "notes.txt").write_text("")
    for right in ("img/scarf.webp", "https://shop.example/scarf.webp"):
        assert missing_picture(plan_folder, right) is None
    for wrong in ("img/scarff.webp", "notes.txt", "../plan/img/scarf.webp"):
        said = missing_picture(plan_folder, wrong)
        assert said is not None
        assert "img/scarf.webp" in said.zh
    empty = missing_picture(tmp_path, "img/scarf.webp")
    assert empty is not None
    assert "请先放进去" in empty.zh
    assert missing_picture(None, "img/scarf.webp") is None, "nobody here knows the folder"
