"""A client of each store that overlaykit runs with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from overlaykit.store import connect

if TYPE_CHECKING:
    import redis

    from tests.conftest import StoreServer


@pytest.fixture
def client(any_store: StoreServer) -> Iterator[redis.Redis]:
    with connect(any_store.url) as client:
        yield client
