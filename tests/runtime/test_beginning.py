"""What the processes of a room load before they begin."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY

LOADING = """
import json, sys
from pathlib import Path
import overlaykit.runtime.director, overlaykit.runtime.web
from overlaykit.config import Config
from overlaykit.runtime.plugins import find_plugins

find_plugins(Config(state=Path(sys.argv[1])), None)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_web_and_director_begin_without_what_few_rooms_need(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-c", LOADING, str(tmp_path)]
    done = subprocess.run(command, check=True, cwd=REPOSITORY, env={"PYTHONPATH": str(REPOSITORY)}, capture_output=True)
    loaded = set(json.loads(done.stdout))

    assert {"overlaykit", "redis", "flask", "gevent"} <= loaded
    assert not loaded & {"httpx", "openpyxl", "playwright", "rich"}
