"""Grants: kept by app and shop, given once for each link, and never overwritten by a renewal that came too late."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from overlaykit.model.connectors import Grant
from overlaykit.store import StoreClient, connect
from overlaykit.store.grants import Asked, GrantResult, Grants, KeptGrant
from overlaykit.store.tokens import digest
from tests.conftest import StoreServer

pytestmark = pytest.mark.store


@pytest.fixture
def client(store: StoreServer) -> Iterator[StoreClient]:
    with connect(store.url) as client:
        yield client


def kept(app: str, token: str, shop: str = "") -> KeptGrant:
    return KeptGrant(app=app, shop=shop, connector="acme", since=1.0, grant=Grant(token=token, shop=shop))


def test_a_grant_is_kept_by_app_and_shop(client: StoreClient, ledger: str) -> None:
    grants = Grants(client)
    assert grants.of(ledger) == []
    for each in (kept(ledger, "two", "2"), kept(ledger, "one", "1"), kept(f"{ledger}-other", "three")):
        assert grants.put(each)
    assert [each.grant.token for each in grants.of(ledger)] == ["one", "two"]
    assert grants.put(kept(ledger, "newer", "1"))
    assert [each.grant.token for each in Grants(client).of(ledger)] == ["newer", "two"]


def test_a_renewal_does_not_take_the_place_of_what_was_authorised_meanwhile(client: StoreClient, ledger: str) -> None:
    grants = Grants(client)
    first, authorised, renewed = (kept(ledger, each) for each in ("first", "authorised", "renewed"))
    grants.put(first)
    grants.put(authorised)
    assert not grants.put(renewed, instead_of=first)
    assert grants.of(ledger) == [authorised]
    assert grants.put(renewed, instead_of=authorised)
    assert grants.of(ledger) == [renewed]


def test_a_link_is_good_once_and_for_its_own_app(client: StoreClient, ledger: str) -> None:
    grants = Grants(client)
    asked = Asked(app=ledger, session="s", callback="http://127.0.0.1:8080/oauth/x/callback")
    state = grants.ask(asked)
    assert grants.progress(digest(state)) == "asked"
    assert grants.bring("another", state, {"code": "stolen"}) is None
    assert grants.bring(ledger, "guessed", {"code": "1"}) is None
    id = grants.bring(ledger, state, {"code": "1", "名": '"\\\n店'})
    assert id == digest(state)
    assert grants.bring(ledger, state, {"code": "2"}) is None
    assert grants.progress(id) == "brought"
    (waiting,) = [each for each in grants.brought("s") if each.asked.app == ledger]
    assert (waiting.id, waiting.asked, waiting.query) == (id, asked, {"code": "1", "名": '"\\\n店'})
    assert ledger not in {each.asked.app for each in grants.brought("another session")}
    result = GrantResult(status="done", shop="88", expires_at=99.0)
    grants.settle(id, result)
    assert grants.progress(id) == result
    assert ledger not in {each.asked.app for each in grants.brought("s")}
    assert grants.progress("no such thing") is None


def test_a_link_is_good_for_ten_minutes_and_its_state_stands_nowhere(client: StoreClient, ledger: str) -> None:
    state = Grants(client).ask(Asked(app=ledger, session="s", callback="http://x"))
    assert len(state) >= 40
    key = "{overlaykit}:grants:asked:" + digest(state)
    asked: int = client.pttl(key)
    assert 590_000 < asked <= 600_000
    assert state.encode() not in b"".join(client.scan_iter("*grants*"))
