"""The chain is what the format says, byte by byte."""

import hashlib
import json

import pytest

from overlaykit.recording.chain import GENESIS, advance, seal, strip, unseal

LINE = b'{"seq":1,"at":"2026-11-11T12:00:00.000Z","type":"note","outcome":{"status":"accepted"}}'


def test_the_first_chain_text_hashes_64_zeros_and_the_line() -> None:
    expected = "sha256:" + hashlib.sha256(b"sha256:" + b"0" * 64 + LINE).hexdigest()

    assert advance(GENESIS, LINE).decode() == expected


def test_each_text_depends_on_the_one_before() -> None:
    first = advance(GENESIS, LINE)

    assert advance(first, LINE) == b"sha256:" + hashlib.sha256(first + LINE).hexdigest().encode()


def test_a_sealed_line_is_json_with_the_chain_as_last_member_and_gives_the_line_back() -> None:
    chain = advance(GENESIS, LINE)
    sealed = seal(LINE, chain)

    assert list(json.loads(sealed))[-1] == "chain"
    assert json.loads(sealed)["chain"] == chain.decode()
    assert unseal(sealed) == (LINE, chain)
    assert strip(sealed) == LINE


@pytest.mark.parametrize(
    "line",
    [LINE, b"", b"}", seal(LINE, advance(GENESIS, LINE)).upper(), seal(LINE, b"sha256:" + b"g" * 64)],
)
def test_a_line_without_a_chain_is_told_apart(line: bytes) -> None:
    with pytest.raises(ValueError, match="does not end with"):
        unseal(line)
    assert strip(line) == line
