"""A session that does not exist is answered with the name that was most likely meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from overlaykit.config import Config
from overlaykit.errors import NotFound
from overlaykit.runtime.sessions import find_plan, open_known
from overlaykit.stock import SessionDirectory
from overlaykit.stock.keys import head_key
from tests.conftest import StoreServer


def test_a_slip_in_a_path_is_recognised(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        find_plan("sample_sessions/flahs_sale", Config(state=tmp_path))
    assert (caught.value.remedy or "").startswith("Did you mean 'flash_sale'? ")
    with pytest.raises(NotFound) as far:
        find_plan("nowhere/xyzzy", Config(state=tmp_path))
    assert "Did you mean" not in (far.value.remedy or "")
    assert "flash_sale" in (far.value.remedy or "")


@pytest.mark.store
def test_so_is_a_slip_in_the_id_of_a_session_of_the_store(store: StoreServer, ledger: str, tmp_path: Path) -> None:
    word = f"evening-{ledger}-2"
    with store.client() as client:
        SessionDirectory(client).add(f"evening-{ledger}-1", ledger)
        client.hset(head_key(ledger), mapping={"status": "live", "title": "x", "planned_at": 1})
        with pytest.raises(NotFound) as caught:
            open_known(client, word, Config(state=tmp_path))
    assert (caught.value.remedy or "").startswith(f"Did you mean 'evening-{ledger}-1'? ")
