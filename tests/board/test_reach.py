"""What can be bought now, asked in two ways."""

from __future__ import annotations

import pytest

from overlaykit.board import BoardView, Fold
from overlaykit.board.reach import available_now
from overlaykit.config import bundled_folder


@pytest.mark.parametrize("sample", ["brand_room", "cross_border"])
def test_what_is_available_now_is_what_the_board_says(sample: str) -> None:
    lines = (bundled_folder() / "sample_sessions" / sample / "recording.jsonl").read_bytes().splitlines()
    fold = Fold.from_first_entry(lines[0])
    view = BoardView(fold)
    seen = set()
    for line in lines[1:]:
        fold.apply(line)
        if fold.seq % 50 == 0:
            for sku, item in fold.items.items():
                shown = view.item(sku)
                assert shown is not None
                assert available_now(item, fold.items) == shown.available, (sku, fold.seq)
                seen.add((sku, shown.available > 0))
    assert {gone for _, gone in seen} == {True, False}
