"""verify finds what was changed, and names its line."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overlaykit.errors import NotFound
from overlaykit.recording import Recorder, SigningKey, verify
from overlaykit.recording.chain import GENESIS, advance, seal
from overlaykit.recording.files import heads_path

Lines = Callable[[int, int], list[bytes]]
Recorded = Callable[[list[bytes]], Path]


def test_a_recording_as_written_is_sound_and_signed_to_its_end(
    recorded: Recorded, lines: Lines, key: SigningKey
) -> None:
    verdict = verify(recorded(lines(1, 40)))

    assert verdict.ok
    assert (verdict.lines, verdict.first_seq, verdict.last_seq) == (40, 1, 40)
    assert (verdict.heads, verdict.signed_seq, verdict.unsigned) == (1, 40, 0)
    assert verdict.keys == (key.public,)


def test_an_unsigned_tail_and_missing_heads_are_said_and_are_no_fault(
    tmp_path: Path, key: SigningKey, lines: Lines
) -> None:
    recorder = Recorder(tmp_path / "r", key)
    recorder.write(lines(1, 10))
    recorder.sign()
    recorder.write(lines(11, 14))

    verdict = verify(recorder.path)
    assert verdict.ok
    assert (verdict.signed_seq, verdict.unsigned) == (10, 4)

    recorder.close()
    heads_path(recorder.path).unlink()
    verdict = verify(recorder.path)
    assert verdict.ok
    assert (verdict.heads, verdict.unsigned) == (None, 14)


def test_a_folder_stands_for_the_newest_recording_in_it(recorded: Recorded, lines: Lines, tmp_path: Path) -> None:
    path = recorded(lines(1, 3))

    assert verify(path.parent).path == path
    with pytest.raises(NotFound, match="no recording"):
        verify(tmp_path / "elsewhere")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_changed_byte_anywhere_is_found_and_its_line_named(
    data: st.DataObject, recorded: Recorded, lines: Lines, tmp_path: Path
) -> None:
    path = tmp_path / "sound" / "recording.jsonl"
    if not path.exists():
        shutil.copytree(recorded(lines(1, 12)).parent, path.parent)
    text = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(text) - 1))
    changed = data.draw(st.integers(0, 255).filter(lambda byte: byte != text[at]))
    line = text[:at].count(b"\n") + 1
    text[at] = changed
    spoilt = tmp_path / "spoilt" / "recording.jsonl"
    spoilt.parent.mkdir(exist_ok=True)
    spoilt.write_bytes(text)

    broken = verify(spoilt).broken

    assert broken is not None
    assert (broken.path, broken.line) == (spoilt, line)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_changed_byte_of_the_heads_is_found_and_its_line_named(
    data: st.DataObject, tmp_path: Path, key: SigningKey, lines: Lines
) -> None:
    path = tmp_path / "r" / "recording.jsonl"
    heads = heads_path(path)
    if not path.exists():
        recorder = Recorder(tmp_path / "r", key)
        for first in (1, 6, 11):
            recorder.write(lines(first, first + 4))
            recorder.sign()
        recorder.close()
        (tmp_path / "heads").write_bytes(heads.read_bytes())
    text = bytearray((tmp_path / "heads").read_bytes())
    at = data.draw(st.integers(0, len(text) - 1))
    changed = data.draw(st.integers(0, 255).filter(lambda byte: byte != text[at]))
    line = text[:at].count(b"\n") + 1
    text[at] = changed
    heads.write_bytes(text)

    broken = verify(path).broken

    assert broken is not None
    assert (broken.path, broken.line) == (heads, line)


def test_a_missing_line_and_a_moved_line_are_found_where_they_are(recorded: Recorded, lines: Lines) -> None:
    path = recorded(lines(1, 9))
    all_lines = path.read_bytes().splitlines(keepends=True)

    path.write_bytes(b"".join(all_lines[:4] + all_lines[5:]))
    assert str(verify(path).broken).startswith(f"{path}, line 5: ")

    path.write_bytes(b"".join([*all_lines[:2], all_lines[3], all_lines[2], *all_lines[4:]]))
    broken = verify(path).broken
    assert broken is not None
    assert broken.line == 3


def test_a_gap_is_found_even_in_a_chain_that_fits(tmp_path: Path, lines: Lines) -> None:
    chain, text = GENESIS, b""
    for line in [*lines(1, 2), *lines(4, 5)]:
        chain = advance(chain, line)
        text += seal(line, chain) + b"\n"
    path = tmp_path / "recording.jsonl"
    path.write_bytes(text)

    broken = verify(path).broken

    assert broken is not None
    assert (broken.line, "3 is missing" in broken.reason) == (3, True)


def test_a_recording_cut_short_is_told_by_its_heads(recorded: Recorded, lines: Lines) -> None:
    path = recorded(lines(1, 20))
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:15]))

    broken = verify(path).broken

    assert broken is not None
    assert (broken.line, "entry 20 was signed" in broken.reason) == (16, True)


def test_a_recording_rewritten_with_a_fitting_chain_is_told_by_its_heads(recorded: Recorded, lines: Lines) -> None:
    path = recorded(lines(1, 20))
    chain, text = GENESIS, b""
    for line in lines(1, 20):
        chain = advance(chain, changed := line.replace(b'"quantity":1', b'"quantity":9'))
        text += seal(changed, chain) + b"\n"
    path.write_bytes(text)

    broken = verify(path).broken

    assert broken is not None
    assert (broken.path, broken.line) == (heads_path(path), 1)


def test_heads_of_another_key_show_by_the_key(
    recorded: Recorded, lines: Lines, key: SigningKey, tmp_path: Path
) -> None:
    path = recorded(lines(1, 5))
    (tmp_path / "other").mkdir()
    stranger = SigningKey.of_state_folder(tmp_path / "other")
    head = json.loads(heads_path(path).read_bytes())
    heads_path(path).write_bytes(stranger.sign(5, head["chain"].encode(), head["at"]) + b"\n")

    verdict = verify(path)

    assert verdict.ok
    assert verdict.keys == (stranger.public,)
    assert key.public not in verdict.keys


def test_an_empty_recording_is_not_sound(tmp_path: Path) -> None:
    (tmp_path / "recording.jsonl").touch()

    broken = verify(tmp_path).broken

    assert broken is not None
    assert "empty" in broken.reason
