"""The script against the plain model: whatever is asked, in whatever order, both say and hold the same.

After each step the store's rows, debts, quotas and bundles are the model's, no column is negative, and the fold of the
ledger is the fold of the state. At the end the ledger, replayed into an empty one, gives the same lines again.
"""

from __future__ import annotations

import os

import pytest

from tests.conftest import StoreServer
from tests.engine.machine import run_machine

SOAK_STEPS = int(os.environ.get("OVERLAYKIT_SOAK_STEPS", "200000"))
EXAMPLE_STEPS = 50


@pytest.mark.store
@pytest.mark.timeout(900)  # a disagreement is shrunk to its smallest example, which takes a while
@pytest.mark.parametrize("split", [False, True], ids=["whole", "split"])
def test_whatever_is_asked_script_and_model_agree(any_store: StoreServer, split: bool) -> None:
    run_machine(any_store.url, split=split, rates=split, examples=20, steps=EXAMPLE_STEPS)


@pytest.mark.soak
@pytest.mark.store
@pytest.mark.timeout(6 * 3600)
def test_the_same_for_hours(any_store: StoreServer, capsys: pytest.CaptureFixture[str]) -> None:
    """OVERLAYKIT_SOAK_STEPS steps, divided among the makes of stores, half of them with split orders and rates."""
    wanted, done = SOAK_STEPS // 3, 0
    while done < wanted:
        for split in (False, True):
            examples = max(1, min(200, (wanted - done) // (2 * EXAMPLE_STEPS)))
            done += run_machine(any_store.url, split=split, rates=split, examples=examples, steps=EXAMPLE_STEPS)
    with capsys.disabled():
        print(f"\n{any_store.make}: {done} steps, no disagreement")
