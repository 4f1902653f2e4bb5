"""Frames: each page gets what changed since the one it got last, however long ago that was."""

from __future__ import annotations

import json
import random
from typing import Any

from overlaykit.theming import Rendered
from overlaykit.web.overlays.frames import Frames
from tests.web.raw_sockets import said_in


def said(frame: bytes | None) -> dict[str, Any]:
    assert frame is not None
    return said_in(frame)


def test_a_page_that_has_nothing_gets_the_whole() -> None:
    frames = Frames()
    frames.update(Rendered("<p>1</p>", {}), "s/1", 4, "T")

    assert said(frames.since(0)) == {"type": "frame", "line": "s/1", "seq": 4, "at": "T", "html": "<p>1</p>"}
    assert frames.since(frames.version) is None


def test_what_says_the_same_is_no_change_but_the_seq_moves_on() -> None:
    frames = Frames()
    frames.update(Rendered("x", {"a": "1"}), "s/1", 4, "T")

    assert not frames.update(Rendered("x", {"a": "1"}), "s/1", 5, "T")
    assert frames.seq == 5
    assert said(frames.since(0))["seq"] == 5


def test_a_part_goes_alone_and_a_slow_page_gets_the_sum() -> None:
    frames = Frames()
    frames.update(Rendered("x", {"a": "1", "b": "1"}), "s/1", 1, "T")
    old = frames.version
    frames.update(Rendered("x", {"a": "2", "b": "1"}), "s/1", 2, "T")
    newer = frames.version
    frames.update(Rendered("x", {"a": "2", "b": "2"}), "s/1", 3, "T")

    assert said(frames.since(newer))["parts"] == {"b": "2"}
    assert said(frames.since(old))["parts"] == {"a": "2", "b": "2"}
    assert said(frames.since(old))["seq"] == 3


def test_another_skeleton_and_another_line_are_whole() -> None:
    frames = Frames()
    frames.update(Rendered("x", {"a": "1"}), "s/1", 1, "T")
    old = frames.version
    frames.update(Rendered("y", {"a": "1"}), "s/1", 2, "T")
    assert said(frames.since(old))["type"] == "frame"

    old = frames.version
    assert frames.update(Rendered("y", {"a": "1"}), "s/2", 2, "T")
    assert said(frames.since(old))["type"] == "frame"


def test_whoever_follows_at_whatever_pace_ends_with_the_same(  # a page is a dict of parts, or a whole that replaces it
) -> None:
    dice = random.Random(11)
    frames = Frames()
    pages: list[tuple[int, dict[str, str]]] = [(0, {}) for _ in range(20)]
    parts: dict[str, str] = {}
    for seq in range(1, 500):
        if dice.random() < 0.03:
            parts = {str(number): "0" for number in range(dice.randint(1, 9))}
        elif parts:
            parts = {**parts, dice.choice(list(parts)): str(dice.randint(0, 3))}
        frames.update(Rendered(json.dumps(list(parts)), dict(parts)), "s/1", seq, "T")
        for index, (version, _) in enumerate(pages):
            if dice.random() < 0.3:
                pages[index] = (frames.version, follow(frames, version, pages[index][1], parts))
    assert all(follow(frames, version, shown, parts) == parts for version, shown in pages)


def follow(frames: Frames, version: int, shown: dict[str, str], truth: dict[str, str]) -> dict[str, str]:
    frame = frames.since(version)
    if frame is None:
        return shown
    message = said(frame)
    return {**shown, **message["parts"]} if message["type"] == "parts" else dict(truth)
