"""The end of a recording, and any place in it, found without reading all of it."""

import random
from pathlib import Path

import pytest

from overlaykit.recording import first_seq, last_seq, line_at, lines_after, seq_of


@pytest.fixture(params=[0, 1, 2, 3, 57])
def written(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, range]:
    """A recording that begins with entry 5, lines of all lengths, the last one torn by a kill; and the seqs it holds."""
    dice = random.Random(request.param)
    seqs = range(5, 5 + request.param)
    path = tmp_path / "recording.jsonl"
    path.write_text("".join(f'{{"seq":{seq},"x":"{"衣" * dice.randrange(200)}"}}\n' for seq in seqs) + '{"seq":99,"x')
    return path, seqs


def test_any_place_is_found(written: tuple[Path, range]) -> None:
    path, seqs = written
    for after in range(seqs.stop + 2):
        assert [seq_of(line) for line in lines_after(path, after)] == [seq for seq in seqs if seq > after]


def test_one_line_is_found_or_not(written: tuple[Path, range]) -> None:
    path, seqs = written
    for seq in range(seqs.stop + 2):
        line = line_at(path, seq)
        assert (line is not None and seq_of(line) == seq) == (seq in seqs)


def test_first_and_last(written: tuple[Path, range]) -> None:
    path, seqs = written
    assert (first_seq(path), last_seq(path)) == ((seqs[0], seqs[-1]) if seqs else (0, 0))


def test_a_file_that_is_no_recording_ends_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "recording.jsonl"
    path.write_text("a letter\nto somebody\n")
    assert last_seq(path) == 0
    with pytest.raises(ValueError, match="not a ledger line"):
        next(lines_after(path, 0))
