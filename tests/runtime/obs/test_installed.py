"""The configuration of an OBS on this machine, in the places and forms in which its versions write it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from overlaykit.model.settings import Secret
from overlaykit.runtime.obs import InstalledObs, find_installed, windows_host

OLD = """\ufeff[General]
FirstRun=true

[OBSWebSocket]
FirstLoad=false
ServerEnabled=true
ServerPort=4460
AlertsEnabled=false
AuthRequired=true
ServerPassword=a%b=c;d#e\\\\f

[Basic]
Profile=未命名
"""
NEW = {
    "server_enabled": True,
    "server_port": 4455,
    "auth_required": True,
    "server_password": "geheim",
    "first_load": False,
}


def write(folder: Path, *, old: str | None = None, new: object = None) -> Path:
    """An OBS's folder with what its older or newer versions leave there."""
    folder.mkdir(parents=True, exist_ok=True)
    if old is not None:
        (folder / "global.ini").write_text(old, encoding="utf-8")
    if new is not None:
        file = folder / "plugin_config" / "obs-websocket" / "config.json"
        file.parent.mkdir(parents=True)
        file.write_text(new if isinstance(new, str) else json.dumps(new), encoding="utf-8")
    return folder


def found(home: Path) -> list[InstalledObs]:
    return find_installed(home, home / ".config", home / "no-windows")


def test_a_machine_without_obs(tmp_path: Path) -> None:
    assert found(tmp_path) == []


def test_obs_30_and_older_say_it_in_global_ini(tmp_path: Path) -> None:
    folder = write(tmp_path / ".config/obs-studio", old=OLD)
    assert found(tmp_path) == [InstalledObs(folder / "global.ini", True, 4460, Secret("a%b=c;d#e\\f"), False)]


def test_newer_ones_say_it_in_a_file_of_the_plugin_which_counts_more(tmp_path: Path) -> None:
    folder = write(tmp_path / ".config/obs-studio", old=OLD, new=NEW)
    [one] = found(tmp_path)
    assert one.file == folder / "plugin_config/obs-websocket/config.json"
    assert (one.port, one.password) == (4455, Secret("geheim"))


def test_what_a_file_leaves_out_is_as_obs_takes_it(tmp_path: Path) -> None:
    write(tmp_path / ".config/obs-studio", new={"alerts_enabled": True})
    [one] = found(tmp_path)
    assert (one.enabled, one.port, one.password) == (False, 4455, None)


def test_a_server_that_asks_for_no_password_has_none(tmp_path: Path) -> None:
    write(tmp_path / ".config/obs-studio", new={**NEW, "auth_required": False})
    assert found(tmp_path)[0].password is None


def test_the_flatpak_is_found(tmp_path: Path) -> None:
    write(tmp_path / ".var/app/com.obsproject.Studio/config/obs-studio", new=NEW)
    assert [one.password for one in found(tmp_path)] == [Secret("geheim")]


def test_obs_on_windows_is_found_from_wsl2(tmp_path: Path) -> None:
    users = tmp_path / "c/Users"
    write(users / "主播" / "AppData/Roaming/obs-studio", new=NEW)
    (users / "desktop.ini").write_text("", encoding="utf-8")
    [one] = find_installed(tmp_path, tmp_path / ".config", users)
    assert one.windows
    assert one.password == Secret("geheim")


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"server_port": "4455"}'])
def test_a_file_that_cannot_be_read_gives_way_to_the_older_one(tmp_path: Path, broken: str) -> None:
    folder = write(tmp_path / ".config/obs-studio", old=OLD, new=broken)
    assert [one.file for one in found(tmp_path)] == [folder / "global.ini"]


@pytest.mark.parametrize(
    "broken", ["", "[General]\nFirstRun=true\n", "no section\n", "[OBSWebSocket]\nServerPort=many\n"]
)
def test_a_configuration_without_the_server_says_nothing(tmp_path: Path, broken: str) -> None:
    write(tmp_path / ".config/obs-studio", old=broken)
    assert found(tmp_path) == []


ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t0020AEAC\t00000000\t0001\t0\t0\t0\t00F0FFFF\t0\t0\t0
eth0\t00000000\t0120AEAC\t0003\t0\t0\t0\t00000000\t0\t0\t0
"""


def machine(proc: Path, version: str, routes: str = ROUTES) -> Path:
    """A /proc with the kernel's name and routes."""
    (proc / "net").mkdir(parents=True)
    (proc / "version").write_text(version, encoding="utf-8")
    (proc / "net" / "route").write_text(routes, encoding="ascii")
    return proc


def test_under_wsl2_windows_is_the_gateway(tmp_path: Path) -> None:
    proc = machine(tmp_path, "Linux version 5.15.167.4-microsoft-standard-WSL2 (root@1) (gcc)")
    assert windows_host(proc) == "172.174.32.1"


def test_other_machines_have_no_windows_around_them(tmp_path: Path) -> None:
    assert (
        windows_host(machine(tmp_path / "debian", "Linux version 6.1.0-26-amd64 (debian-kernel@lists.debian.org)"))
        is None
    )
    wsl = "Linux version 5.15.167.4-microsoft-standard-WSL2"
    assert windows_host(machine(tmp_path / "offline", wsl, ROUTES.splitlines()[0])) is None
    assert windows_host(tmp_path / "no proc, as on macOS") is None
