"""A path that a person types finds its recording."""

from collections.abc import Callable
from pathlib import Path

import pytest

from overlaykit.errors import NotFound
from overlaykit.recording import locate
from overlaykit.recording.files import ledger_lines

Lines = Callable[[int, int], list[bytes]]


def test_the_newest_of_a_recorders_files_is_meant_by_its_folder(tmp_path: Path) -> None:
    for name in (
        "recording.jsonl",
        "recording-2.jsonl",
        "recording-10.jsonl",
        "recording.heads.jsonl",
        "recording-x.jsonl",
    ):
        (tmp_path / name).touch()

    assert locate(tmp_path).name == "recording-10.jsonl"
    assert locate(tmp_path / "recording.jsonl").name == "recording.jsonl"


def test_a_sessions_folder_means_its_only_recorder(tmp_path: Path) -> None:
    (tmp_path / "room-1").mkdir()
    (tmp_path / "room-1" / "recording.jsonl").touch()
    assert locate(tmp_path) == tmp_path / "room-1" / "recording.jsonl"

    (tmp_path / "room-2").mkdir()
    (tmp_path / "room-2" / "recording.jsonl").touch()
    with pytest.raises(NotFound, match="holds 2 recordings") as error:
        locate(tmp_path)
    assert "room-1" in str(error.value)


def test_what_is_not_there_is_said_with_what_is(tmp_path: Path) -> None:
    (tmp_path / "evening").mkdir()

    with pytest.raises(NotFound, match=r"holds no recording\.jsonl"):
        locate(tmp_path / "evening")
    with pytest.raises(NotFound, match="no recording at") as error:
        locate(tmp_path / "evning")
    assert "evening" in str(error.value)


def test_a_recording_streams_and_leaves_a_torn_end_out(recorded: Callable[[list[bytes]], Path], lines: Lines) -> None:
    path = recorded(lines(1, 12_000))
    with path.open("ab") as file:
        file.write(b'{"seq":12001,"at"')
    seen: list[tuple[int, int]] = []

    found = [line for _, line in ledger_lines(path, lambda done, total: seen.append((done, total)))]

    assert found == lines(1, 12_000)
    assert len(seen) == 3
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)
