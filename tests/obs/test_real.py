"""What only a real OBS shows: its end, its return, and two of them at once."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from overlaykit.director.obs import Reach
from tests.conftest import until
from tests.obs.controlled import Controlled
from tests.obs.real import RealObs

Take = Callable[..., Controlled]

pytestmark = pytest.mark.obs

BACK_SECONDS = 3.0
"""From its port being open until it is under control again, at most."""


@pytest.fixture
def second_obs(tmp_path: Path) -> Iterator[RealObs]:
    """Another OBS on another screen, of this test alone."""
    program = RealObs(tmp_path / "second")
    try:
        yield program.start()
    finally:
        program.stop()


def test_after_a_kill_it_is_back_with_the_right_text_and_no_stale_switch(real_obs: RealObs, controlled: Take) -> None:
    with real_obs.hand() as hand:
        hand.scenes("特写")
        hand.text_source("Scene", "库存", "?")
    real_obs.save()
    room = controlled(real_obs)
    room.hold_text("库存", "仅剩 7 件")
    room.scene("特写", seconds=0.5)

    real_obs.kill()
    until(lambda: not room.status.connected, "the loss is seen", 5)
    assert "127.0.0.1" in room.problems
    room.hold_text("库存", "仅剩 3 件", settle=False)
    room.hold_text("库存", "仅剩 2 件", settle=False)

    real_obs.start(wait=False)
    until(lambda: real_obs.listening, "its port is open", 60)
    opened = time.monotonic()
    room.connected(BACK_SECONDS)
    room.run(room.controller.settled(), BACK_SECONDS)
    assert time.monotonic() - opened < BACK_SECONDS
    with real_obs.hand() as hand:
        assert hand.text("库存") == "仅剩 2 件"
        assert hand.program == "Scene"
    assert room.problems == ""
    assert room.status.override_until is None


def test_a_wrong_password_is_said_until_there_is_a_right_one(real_obs: RealObs, controlled: Take) -> None:
    room = controlled(real_obs)
    right = room.reach
    room.reach = Reach(right.address, "falsch")
    real_obs.kill()
    real_obs.start()
    until(lambda: "不接受这个密码" in room.problems, "it is said", 10)
    assert not room.status.connected
    room.reach = right
    room.connected(5)
    assert room.problems == ""


def test_two_obs_are_two(real_obs: RealObs, second_obs: RealObs, controlled: Take) -> None:
    first, second = controlled(real_obs, name="main"), controlled(second_obs, name="side")
    with real_obs.hand() as one, second_obs.hand() as other:
        one.text_source("Scene", "库存")
        other.text_source("Scene", "库存")
        other.scenes("特写")
        first.hold_text("库存", "一")
        second.hold_text("库存", "二")
        second.scene("特写")
        assert (one.text("库存"), other.text("库存")) == ("一", "二")
        assert (one.program, other.program) == ("Scene", "特写")
        second_obs.kill()
        until(lambda: not second.status.connected, "the loss of one is seen", 5)
        first.hold_text("库存", "三")
        assert one.text("库存") == "三"
        assert first.status.connected


def test_a_chinese_text_is_on_program(real_obs: RealObs, controlled: Take, tmp_path: Path) -> None:
    font = {"face": "Noto Sans CJK SC", "style": "Bold", "size": 48, "flags": 0}
    with real_obs.hand() as hand:
        hand.text_source("Scene", "库存", " ", font=font)
        room = controlled(real_obs)
        empty = picture(real_obs)
        room.hold_text("库存", "3号链接 仅剩 7 件")
        until(lambda: len(picture(real_obs)) > len(empty) + 500, "the text is on program", 5)


def picture(obs: RealObs) -> bytes:
    """What is on program, as PNG."""
    with obs.hand() as hand:
        found = hand.ask("GetSourceScreenshot", sourceName=hand.program, imageFormat="png")["imageData"]
        return base64.b64decode(found.partition(",")[2])
