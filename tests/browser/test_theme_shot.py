"""`overlaykit theme shot` takes pictures of every layout and state without a room."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from overlaykit.cli.program import main
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
Shot = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def shot(tmp_path: Path) -> Shot:
    """Runs `overlaykit theme shot ARGUMENTS` to its end."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "XDG_DATA_HOME": str(tmp_path / "home")}
        return subprocess.run(
            [sys.executable, "-m", "overlaykit", "theme", "shot", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=tmp_path,
            env=environment,
            check=False,
        )

    return run


def size_of(png: Path) -> tuple[int, int]:
    width, height = struct.unpack(">II", png.read_bytes()[16:24])
    return width, height


@pytest.mark.usefixtures("chromium")
def test_the_same_picture_comes_out_each_time_and_a_sheet_shows_all(shot: Shot, tmp_path: Path) -> None:
    wanted = ["classic", "--layout", "lower_third", "--state", "drop", "--state", "link_lost", "--size", "480x270"]
    wanted += ["--locale", "zh-CN", "--locale", "en"]
    for folder in ("one", "two"):
        ended = shot(*wanted, "-o", folder)
        assert ended.returncode == 0, ended.stderr

    files = sorted(path.name for path in (tmp_path / "one").glob("*.png"))
    assert files == [
        "lower_third-drop-480x270-en.png",
        "lower_third-drop-480x270-zh-CN.png",
        "lower_third-link_lost-480x270-en.png",
        "lower_third-link_lost-480x270-zh-CN.png",
    ]
    for name in files:
        assert size_of(tmp_path / "one" / name) == (480, 270)
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
        assert name in (tmp_path / "one" / "index.html").read_text(encoding="utf-8")
    assert len({(tmp_path / "one" / name).read_bytes() for name in files}) == len(files)


def test_the_picture_is_transparent_unless_a_background_is_asked_for(
    shot: Shot, tmp_path: Path, chromium: Browser
) -> None:
    page = chromium.new_page()
    corner = """(data) => new Promise((done) => { const image = new Image(); image.onload = () => {
      const canvas = new OffscreenCanvas(1, 1).getContext("2d"); canvas.drawImage(image, 0, 0);
      done([...canvas.getImageData(0, 0, 1, 1).data]); }; image.src = data; })"""

    def shown(*more: str) -> list[int]:
        ended = shot("classic", "--layout", "number", "--state", "plenty", "--size", "270x480", "-o", "out", *more)
        assert ended.returncode == 0, ended.stderr
        import base64

        png = (tmp_path / "out" / "number-plenty-270x480-zh-CN.png").read_bytes()
        found: list[int] = page.evaluate(corner, "data:image/png;base64," + base64.b64encode(png).decode())
        return found

    assert shown() == [0, 0, 0, 0]
    assert shown("--background", "#102030") == [16, 32, 48, 255]
    page.close()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--layout", "numbr"], "Did you mean 'number'"),
        (["--state", "sold"], "Did you mean 'sold_out'"),
        (["--size", "big"], "1080x1920"),
        (["--background", "cheker"], "Did you mean 'checker'"),
        (["--option", "accent=red"], "expected a colour"),
        (["--browser-path", "no-such-browser"], "no-such-browser"),
    ],
    ids=" ".join,
)
def test_mistakes_are_told_before_a_browser_starts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    says: str,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["theme", "shot", "classic", "-o", "out", *arguments])
    assert ended.value.code == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
