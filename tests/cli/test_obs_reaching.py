"""Where an OBS is looked for, and with which passwords."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from overlaykit.cli.obs.reaching import Candidate, Given, candidates
from overlaykit.model.settings import Secret
from overlaykit.runtime.obs import InstalledObs, ObsConnection, ObsConnections

LINUX = InstalledObs(Path("/home/u/.config/obs-studio/global.ini"), True, 4460, Secret("linux"), False)
WINDOWS = InstalledObs(
    Path("/mnt/c/Users/u/AppData/Roaming/obs-studio/config.json"), True, 4455, Secret("windows"), True
)
GATEWAY = "172.20.0.1"


@pytest.fixture
def kept(tmp_path: Path) -> ObsConnections:
    """A state folder that knows of no OBS yet."""
    return ObsConnections(tmp_path, {})


def places(
    connections: ObsConnections,
    *installed: InstalledObs,
    settings: Mapping[str, Any] | None = None,
    windows: str | None = None,
    **given: Any,
) -> list[tuple[str, int, list[str]]]:
    found: list[Candidate] = candidates("main", settings or {}, Given(**given), connections, installed, windows)
    return [(each.host, each.port, [password.reveal() for password in each.passwords]) for each in found]


def test_where_nothing_is_known_it_is_looked_for_on_this_machine(kept: ObsConnections) -> None:
    assert places(kept) == [("127.0.0.1", 4455, [])]


def test_an_obs_of_this_machine_comes_with_port_and_password(kept: ObsConnections) -> None:
    assert places(kept, LINUX) == [("127.0.0.1", 4460, ["linux"]), ("127.0.0.1", 4455, [])]
    assert places(kept, LINUX, port=4460) == [("127.0.0.1", 4460, ["linux"])]
    assert places(kept, LINUX, port=4461) == [("127.0.0.1", 4461, [])]
    assert places(kept, LINUX, host="localhost") == [("localhost", 4460, ["linux"])]


def test_under_wsl2_obs_is_on_either_side(kept: ObsConnections) -> None:
    assert places(kept, WINDOWS, windows=GATEWAY) == [("127.0.0.1", 4455, ["windows"]), (GATEWAY, 4455, ["windows"])]
    assert places(kept, windows=GATEWAY) == [("127.0.0.1", 4455, []), (GATEWAY, 4455, [])]
    assert places(kept, WINDOWS, windows=GATEWAY, host=GATEWAY) == [(GATEWAY, 4455, ["windows"])]


def test_a_host_that_somebody_named_is_looked_at_alone_and_gets_no_password_of_this_machine(
    kept: ObsConnections,
) -> None:
    assert places(kept, LINUX, host="192.168.1.20") == [("192.168.1.20", 4455, [])]
    assert places(kept, LINUX, settings={"host": "192.168.1.20", "port": 4460}) == [("192.168.1.20", 4460, [])]


def test_what_was_kept_is_looked_at_alone_and_a_new_password_of_obs_is_tried_after_the_kept_one(
    kept: ObsConnections,
) -> None:
    kept.keep("main", ObsConnection("127.0.0.1", 4460, Secret("old")))
    assert places(kept, LINUX, WINDOWS) == [("127.0.0.1", 4460, ["old", "linux"])]
    kept.keep("main", ObsConnection("192.168.1.20", 4460, Secret("old")))
    assert places(kept, LINUX) == [("192.168.1.20", 4460, ["old"])]


def test_a_password_that_is_given_is_the_only_one_tried(kept: ObsConnections, tmp_path: Path) -> None:
    kept.keep("main", ObsConnection("127.0.0.1", 4460, Secret("old")))
    assert places(kept, LINUX, password=Secret("given")) == [("127.0.0.1", 4460, ["given"])]
    environment = ObsConnections(tmp_path, {"MAIN": "around"})
    assert places(environment, LINUX) == [("127.0.0.1", 4460, ["around"])]
    assert places(environment, LINUX, password=Secret("given")) == [("127.0.0.1", 4460, ["given"])]
