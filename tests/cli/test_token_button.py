"""`overlaykit token new button`: a button made on the command line, pressed as a Stream Deck would."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from overlaykit.cli.token import token
from overlaykit.errors import UserError

if TYPE_CHECKING:
    from tests.conftest import Room

pytestmark = pytest.mark.store


def test_a_button_is_made_for_one_action_and_pressed_by_its_address(room: Callable[..., Room]) -> None:
    running = room()

    def new(*arguments: str) -> Result:
        return CliRunner().invoke(token, ["new", *arguments, "--state", str(running.state)])

    command = ["token", "new", "button", "next", "--action", "item.next", "--state", str(running.state)]
    made = subprocess.run(
        [sys.executable, "-m", "overlaykit", *command], capture_output=True, text=True, timeout=60, check=True
    )
    url = made.stderr.strip().rpartition(" ")[2]
    assert url == f"http://127.0.0.1:{running.port}/press?token={made.stdout.strip()}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert json.loads(answer.read())["status"] == "accepted"
    assert json.loads(running.get("/api/v1/sessions/current/board")[1])["on_air"] == "B"

    assert new("button", "link-1", "--action", '{"type":"item.feature","link":1}').exit_code == 0
    listed = CliRunner().invoke(token, ["list", "--state", str(running.state)]).output
    assert '{"type":"item.next"}' in listed
    for arguments, said in (
        (("button", "x", "--action", "item.nxt"), "did you mean item.next?"),
        (("button", "x", "--action", '{"type":"item.feature","link":9}'), "it has 1, 2"),
        (("button", "x", "--action", '{"type":'), "--action is not JSON"),
        (("viewer", "x", "--action", "item.next"), "a token of the scope viewer has no action"),
    ):
        refused = new(*arguments)
        assert isinstance(refused.exception, UserError), refused.output
        assert said in str(refused.exception)
