"""A real OBS without a screen: its own Xvfb, its own HOME, 640×360 at ten pictures a second, rendered in software."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from contextlib import closing, suppress
from pathlib import Path
from socket import create_connection

from tests.conftest import absent, free_tcp_port, until
from tests.obs.hand import Hand, Refusal, Viewer

INSTALL = "apt-get install --no-install-recommends obs-studio obs-plugins xvfb"
START_SECONDS = 60.0
_GLOBAL = """[General]
FirstRun=true
LastVersion=486539266
InfoIncrement=100
[OBSWebSocket]
FirstLoad=false
ServerEnabled=true
ServerPort={port}
AlertsEnabled=false
AuthRequired=true
ServerPassword={password}
[Basic]
Profile=Untitled
ProfileDir=Untitled
SceneCollection=Untitled
SceneCollectionFile=Untitled
"""
_BASIC = """[General]
Name=Untitled
[Video]
BaseCX=640
BaseCY=360
OutputCX=640
OutputCY=360
FPSType=0
FPSCommon=10
"""


class RealObs:
    """`start` after `kill` or `stop` brings the same OBS back: port, password and scenes are kept."""

    def __init__(self, folder: Path) -> None:
        for program in ("obs", "Xvfb"):
            if shutil.which(program) is None:
                absent(program, INSTALL)
        self.folder = folder
        self.port = free_tcp_port()
        self.password = secrets.token_hex(8)
        self.collection = "Untitled"
        self._screen: subprocess.Popen[bytes] | None = None
        self._display = ""
        self._obs: subprocess.Popen[bytes] | None = None
        studio = folder / ".config" / "obs-studio"
        profile = studio / "basic" / "profiles" / "Untitled"
        profile.mkdir(parents=True)
        (studio / "global.ini").write_text(_GLOBAL.format(port=self.port, password=self.password))
        (profile / "basic.ini").write_text(_BASIC)

    @property
    def pid(self) -> int:
        assert self._obs is not None
        return self._obs.pid

    def start(self, *, wait: bool = True) -> RealObs:
        if self._screen is None:
            self._open_screen()
        if self._obs is not None and self._obs.poll() is None:
            self.kill()  # it crashed, and hangs in saying so
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("XDG_")},
            "HOME": str(self.folder),
            "DISPLAY": self._display,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "QT_QPA_PLATFORM": "xcb",
        }
        arguments = ["obs", "--multi", "--disable-missing-files-check", "--disable-shutdown-check"]
        arguments += ["--collection", self.collection]
        with (self.folder / "obs.log").open("ab") as log:
            self._obs = subprocess.Popen(arguments, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if wait:
            until(self._ready, f"OBS answers (log: {self.folder / 'obs.log'})", START_SECONDS)
        return self

    def _open_screen(self) -> None:
        read, write = os.pipe()
        with (self.folder / "xvfb.log").open("ab") as log:
            self._screen = subprocess.Popen(
                ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
                stdout=log,
                stderr=log,
                pass_fds=(write,),
            )
        os.close(write)
        with os.fdopen(read) as told:
            self._display = f":{told.readline().strip()}"
        assert self._display != ":", f"Xvfb ended: {(self.folder / 'xvfb.log').read_text()[-2000:]}"

    @property
    def listening(self) -> bool:
        """Whether its port is open."""
        try:
            with closing(create_connection(("127.0.0.1", self.port), timeout=1)):
                return True
        except OSError:
            return False

    def _ready(self) -> bool:
        assert self._obs is not None
        assert self._obs.poll() is None, f"OBS ended: {(self.folder / 'obs.log').read_text(errors='replace')[-2000:]}"
        with suppress(OSError, Refusal), self.hand() as hand:
            return bool(hand.program)
        return False

    def hand(self) -> Hand:
        """A person at this OBS. The caller closes it."""
        return Hand(self.port, self.password)

    def viewer(self) -> Viewer:
        """Somebody who looks on. The caller closes it."""
        return Viewer(self.port, self.password)

    def new_collection(self) -> str:
        """Changes to a new scene collection with one scene, `Scene`; its name."""
        name = f"t-{secrets.token_hex(4)}"
        with self.hand() as hand:
            with suppress(Refusal):
                hand.ask("SetStudioModeEnabled", studioModeEnabled=False)
            hand.ask("CreateSceneCollection", sceneCollectionName=name)
            hand.ask("SetCurrentSceneTransition", transitionName="Cut")
        self.collection = name
        return name

    def save(self) -> None:
        """Has the collection written to disk, so that `start` after `kill` has it: OBS writes it when collections change."""
        with self.hand() as hand:
            now = hand.ask("GetSceneCollectionList")["currentSceneCollectionName"]
            hand.ask("SetCurrentSceneCollection", sceneCollectionName="Untitled")
            hand.ask("SetCurrentSceneCollection", sceneCollectionName=now)

    def kill(self) -> None:
        """kill -9."""
        assert self._obs is not None
        self._obs.kill()
        self._obs.wait()

    def stop(self) -> None:
        """Ends OBS and its screen."""
        for process in (self._obs, self._screen):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        self._obs = self._screen = None
