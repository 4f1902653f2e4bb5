"""Host, port and password of an OBS: who may say them, and that nobody reads them by accident."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from overlaykit.config import Config, obs_passwords_from_environment
from overlaykit.errors import StateError
from overlaykit.model.settings import Secret
from overlaykit.runtime.obs import ObsConnection, ObsConnections, password_variable


def test_without_a_word_from_anybody_obs_is_on_this_machine(tmp_path: Path) -> None:
    connections = ObsConnections(tmp_path, {})
    assert connections.find("main", {}) == ObsConnection("127.0.0.1", 4455, None)
    assert not connections.knows("main")


def test_what_is_kept_is_found_again_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    kept = ObsConnection("192.168.1.5", 4460, Secret("主播 1号"))
    assert ObsConnections(tmp_path, {}).keep("main", kept)
    assert ObsConnections(tmp_path, {}).find("main", {}) == kept
    assert ObsConnections(tmp_path, {}).find("second", {}) == ObsConnection("127.0.0.1", 4455, None)
    [file] = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_keeping_the_same_again_changes_nothing(tmp_path: Path) -> None:
    connections = ObsConnections(tmp_path, {})
    kept = ObsConnection("127.0.0.1", 4455, Secret("geheim"))
    assert connections.keep("main", kept)
    assert not connections.keep("main", kept)
    assert connections.keep("main", kept._replace(password=Secret("another")))


def test_the_plan_says_where_obs_is_and_the_state_folder_what_its_password_is(tmp_path: Path) -> None:
    connections = ObsConnections(tmp_path, {})
    connections.keep("main", ObsConnection("192.168.1.5", 4460, Secret("geheim")))
    found = connections.find("main", {"host": "10.0.0.9"})
    assert found == ObsConnection("10.0.0.9", 4460, Secret("geheim"))


def test_the_environment_wins_and_its_password_is_written_nowhere(tmp_path: Path) -> None:
    ObsConnections(tmp_path, {}).keep("main", ObsConnection("127.0.0.1", 4455, Secret("kept")))
    environment = {"OVERLAYKIT_OBS_PASSWORD_MAIN": "given", "OVERLAYKIT_OBS_PASSWORD_SECOND": "", "HOME": "/"}
    connections = ObsConnections(tmp_path, obs_passwords_from_environment(environment))
    found = connections.find("main", {})
    assert found.password == Secret("given")
    assert connections.find("second", {}).password is None
    connections.keep("main", found._replace(port=4460))
    assert "given" not in (tmp_path / "obs.json").read_text(encoding="utf-8")
    assert ObsConnections(tmp_path, {}).find("main", {}) == ObsConnection("127.0.0.1", 4460, Secret("kept"))


@pytest.mark.parametrize(
    ("name", "variable"),
    [("main", "MAIN"), ("second-pc", "SECOND_PC"), ("cam.2", "CAM_2"), ("主机", "主机")],
)
def test_each_obs_has_its_variable(name: str, variable: str) -> None:
    assert password_variable(name) == f"OVERLAYKIT_OBS_PASSWORD_{variable}"


def test_a_password_is_not_shown_with_what_surrounds_it(tmp_path: Path) -> None:
    config = Config(state=tmp_path, obs_passwords={"MAIN": "geheim"})
    connection = ObsConnections(tmp_path, config.obs_passwords).find("main", {})
    assert connection.password is not None
    assert connection.password.reveal() == "geheim"
    for shown in (repr(config), repr(connection), str(connection), connection.address):
        assert "geheim" not in shown


def test_an_address_can_be_copied() -> None:
    assert ObsConnection("::1", 4455, None).address == "[::1]:4455"


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "obs.json").write_text('{"main": {"host": 1}}', encoding="utf-8")
    with pytest.raises(StateError, match=r"obs\.json is damaged"):
        ObsConnections(tmp_path, {}).find("main", {})
