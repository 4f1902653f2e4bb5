"""What a user installs: the wheel, in an empty virtual environment, far from the checkout, plays the demo."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, Room, free_tcp_port, until


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout. Building it needs the registry, as installing does."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", str(folder), str(REPOSITORY)]
    subprocess.run(command, check=True, timeout=150)
    return next(folder.glob("overlaykit-*.whl"))


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`overlaykit` of an environment that has only the wheel and what it depends on."""
    environment = tmp_path_factory.mktemp("elsewhere") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True, timeout=120)
    # What the demo does not load need not be compiled, and that is most of it.
    install = ["install", "-q", "--no-compile", str(wheel)]
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python"), *install],
        check=True,
        timeout=170,
    )
    return environment / "bin" / "overlaykit"


def test_the_wheel_holds_all_that_is_bundled_and_no_plugin_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    bundled = {name.removeprefix("overlaykit/_bundled/").split("/")[0] for name in names if "/_bundled/" in name}
    assert bundled == {"plugins", "themes", "sample_sessions"}
    for path in (
        "overlaykit/_bundled/plugins/simulator/__init__.py",
        "overlaykit/_bundled/themes/classic/theme.toml",
        "overlaykit/_bundled/sample_sessions/flash_sale/recording.jsonl",
        "overlaykit/stock/lua/prelude.lua",
        "overlaykit/py.typed",
    ):
        assert path in names
    assert not [name for name in names if "/tests/" in name or name.startswith("tests")]


@pytest.fixture
def demo(program: Path, tmp_path: Path) -> Iterator[Room]:
    """The demo, started as a user would, ten times as fast."""
    state, port, printed = tmp_path / "state", free_tcp_port(), tmp_path / "printed.txt"
    command = [str(program), "demo", "--state", str(state), "--port", str(port), "--speed", "10"]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "OVERLAYKIT"))}
    with printed.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd=tmp_path, env=surroundings
        )
    room = Room(state, port, process, printed)
    yield room
    room.end()


@pytest.mark.timeout(300)
def test_the_demo_plays_from_the_wheel(demo: Room) -> None:
    demo.wait_ready()

    def sold() -> bool:
        items = demo.board()["items"]
        assert isinstance(items, dict)
        units: int = sum(item["sold"] + item["held"] for item in items.values())
        return units > 500

    until(sold, "hundreds of orders have come", 60)
    status, page = demo.get(f"/overlay/number?token={demo.tokens['overlay']}", scope=None)
    assert status == 200
    assert b"data-key" in page
    assert demo.stop() == 0
    assert "/overlay/number?token=" in demo.output
    assert "curl" in demo.output
