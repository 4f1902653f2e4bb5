"""Access tokens: made of what a browser brought, given to connectors, renewed once before they end, and missed aloud."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import msgspec
import pytest

from overlaykit.errors import PlatformAway, UserError
from overlaykit.model.connectors import Capability, Connector, Context, Grant
from overlaykit.model.events import StockLevelObserved
from overlaykit.model.messages import ChatText
from overlaykit.model.sessions import Channel
from overlaykit.model.settings import Settings
from overlaykit.store import StoreClient, connect, digest
from overlaykit.store.grants import Asked, GrantResult, Grants, KeptGrant
from tests.conftest import StoreServer, until

if TYPE_CHECKING:
    from tests.gateway.conftest import Evening, Post

pytestmark = pytest.mark.store

Open = Callable[..., "Evening"]
Start = Callable[..., "Post"]
CALLBACK = "https://room.example/oauth/shop/callback"


class Shop(Connector[Settings]):
    """A platform that gives tokens for codes, and other tokens for refresh tokens, each good once."""

    name = "shop"
    capabilities = frozenset({Capability.STOCK_LEVELS})
    tokens: ClassVar[list[str]] = []
    """What connectors got from their context."""
    renewals: ClassVar[list[str]] = []
    asked: ClassVar[list[tuple[dict[str, str], str]]] = []
    answers: ClassVar[list[Exception]] = []
    """What the platform does before it does what it should."""
    life: ClassVar[float | None] = None

    def authorise_url(self, callback: str, state: str) -> str | None:
        return f"https://platform.example/authorise?to={callback}&state={state}"

    async def grant(self, query: Mapping[str, str], callback: str, ctx: Context) -> Grant:
        self.asked.append((dict(query), callback))
        if self.answers:
            raise self.answers.pop()
        return self._grant(f"token for {query['code']}", f"refresh {query['code']}", query.get("shop", ""))

    async def renew(self, grant: Grant, ctx: Context) -> Grant:
        await asyncio.sleep(0.05)
        if self.answers:
            raise self.answers.pop()
        assert grant.refresh_token is not None
        assert grant.refresh_token not in self.renewals, "a refresh token is good once"
        self.renewals.append(grant.refresh_token)
        return self._grant(f"{grant.token}'", f"{grant.refresh_token}'", grant.shop)

    def _grant(self, token: str, refresh: str, shop: str) -> Grant:
        ends = None if self.life is None else time.time() + self.life
        return Grant(token=token, refresh_token=refresh, expires_at=ends, shop=shop)

    async def poll(self, ctx: Context, full: bool) -> Sequence[StockLevelObserved]:
        self.tokens.append(await ctx.token())
        return []


class OwnShop(Shop):
    """A platform where the app's own secret is enough."""

    name = "own_shop"

    async def own_grant(self, shop: str, ctx: Context) -> Grant:
        self.asked.append(({"shop": shop}, ""))
        return Grant(token=f"own {len(self.asked)}", expires_at=time.time() + (self.life or 3_600))

    authorise_url = Connector.authorise_url
    renew = Connector.renew


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    Shop.tokens.clear()
    Shop.renewals.clear()
    Shop.asked.clear()
    Shop.answers.clear()
    Shop.life = None


@pytest.fixture
def grants(store: StoreServer) -> Iterator[Grants]:
    client: StoreClient
    with connect(store.url) as client:
        client.delete("{overlaykit}:grants")
        yield Grants(client)


def source(plugin: str = "shop") -> Mapping[str, object]:
    return {"source": {"erp": {"plugin": plugin, "every": 0.1}}}


def kept(
    token: str, ends_in: float | None = None, *, lived: float = 0.0, shop: str = "", refresh: str | None = None
) -> KeptGrant:
    ends = None if ends_in is None else time.time() + ends_in
    grant = Grant(token=token, expires_at=ends, shop=shop, refresh_token=refresh)
    return KeptGrant(app="source.erp", shop=shop, connector="shop", since=time.time() - lived, grant=grant)


def result(grants: Grants, state: str) -> GrantResult:
    def there() -> GrantResult | None:
        found = grants.progress(digest(state))
        return found if isinstance(found, GrantResult) else None

    return until(there, "the result")


def test_what_a_browser_brought_becomes_a_grant_that_connectors_get(
    evening: Open, gateway: Start, grants: Grants
) -> None:
    room = evening(later=source())
    post = gateway(Shop)
    status = room.wait_target("source.erp", "failing")
    assert "还没有授权 / nobody has authorised source.erp" in status.reason
    assert status.remedy == f"overlaykit plugin authorise {room.session} source.erp"
    state = grants.ask(Asked(app="source.erp", session=room.session, callback=CALLBACK))
    assert grants.bring("source.erp", state, {"code": "c-1"})
    assert result(grants, state) == GrantResult(status="done")
    assert Shop.asked == [({"code": "c-1"}, CALLBACK)]
    until(lambda: "token for c-1" in Shop.tokens, "the connector has it")
    room.wait_target("source.erp", "ready")
    assert not any("token for" in message or "refresh" in message for message in post.messages)


def test_a_platform_that_is_away_is_asked_again_and_a_refusal_is_told(
    evening: Open, gateway: Start, grants: Grants
) -> None:
    room = evening(later=source())
    gateway(Shop)
    Shop.answers[:] = [PlatformAway("the platform answers 503")]
    state = grants.ask(Asked(app="source.erp", session=room.session, callback=CALLBACK))
    grants.bring("source.erp", state, {"code": "c-1"})
    assert result(grants, state).status == "done"
    assert len(Shop.asked) == 2
    Shop.answers[:] = [UserError("授权码已使用 / the code was used before", remedy="Ask again.")]
    state = grants.ask(Asked(app="source.erp", session=room.session, callback=CALLBACK))
    grants.bring("source.erp", state, {"code": "c-2"})
    found = result(grants, state)
    assert (found.status, found.reason, found.remedy) == (
        "failed",
        "授权码已使用 / the code was used before",
        "Ask again.",
    )
    assert grants.of("source.erp")[0].grant.token == "token for c-1"


def test_an_app_that_the_session_does_not_have_is_told(evening: Open, gateway: Start, grants: Grants) -> None:
    room = evening(later=source())
    gateway(Shop)
    state = grants.ask(Asked(app="elsewhere", session=room.session, callback=CALLBACK))
    grants.bring("elsewhere", state, {"code": "c-1"})
    assert "the session has no app elsewhere" in result(grants, state).reason


def test_a_grant_is_renewed_before_it_ends(evening: Open, gateway: Start, grants: Grants) -> None:
    grants.put(kept("old", 500.0, refresh="r"))
    room = evening(later=source())
    gateway(Shop)
    until(lambda: "old" in Shop.tokens, "it is good for a while")
    assert Shop.renewals == []
    grants.put(kept("old", 500.0, lived=6_700, refresh="r"))
    until(lambda: "old'" in Shop.tokens, "it is renewed: it has little time left of two hours")
    assert Shop.renewals == ["r"]
    room.wait_target("source.erp", "ready")


def test_a_token_that_has_ended_is_renewed_when_it_is_wanted(evening: Open, gateway: Start, grants: Grants) -> None:
    grants.put(kept("old", -5.0, lived=100, refresh="r"))
    evening(later=source())
    gateway(Shop)
    until(lambda: Shop.tokens, "the connector has a token")
    assert Shop.tokens[0] == "old'"
    assert Shop.renewals == ["r"]


def test_two_sessions_renew_a_grant_once(evening: Open, gateway: Start, grants: Grants, ledger: str) -> None:
    grants.put(kept("old", -5.0, lived=100, refresh="r"))
    for each in ("one", "two", "three"):
        evening(f"{ledger}-{each}", later=source())
    gateway(Shop)
    gateway(Shop)
    until(lambda: len(Shop.tokens) >= 6, "all of them work")
    assert set(Shop.tokens) == {"old'"}
    assert Shop.renewals == ["r"]


def test_a_refused_renewal_is_an_alarm_with_what_to_do_and_is_not_repeated_at_once(
    evening: Open, gateway: Start, grants: Grants
) -> None:
    grants.put(kept("old", 100.0, lived=7_100, refresh="r"))
    room = evening(later=source())
    Shop.answers[:] = [UserError("refresh_token 已失效 / the refresh token is void")] * 50
    post = gateway(Shop)
    status = room.wait_target("source.erp", "failing")
    assert "续不上" in status.reason
    assert "the refresh token is void" in status.reason
    assert status.remedy == f"overlaykit plugin authorise {room.session} source.erp"
    until(lambda: len(Shop.tokens) > 3, "the token that there is still serves")
    assert len(Shop.answers) == 49
    assert sum(message.startswith("ALARM: ") for message in post.messages) == 1
    Shop.answers.clear()
    grants.put(kept("pasted"))
    room.wait_target("source.erp", "ready")


def test_a_platform_that_is_away_does_not_cost_a_token_that_is_still_good(
    evening: Open, gateway: Start, grants: Grants
) -> None:
    grants.put(kept("old", 100.0, lived=7_100, refresh="r"))
    Shop.answers[:] = [PlatformAway("the platform answers 503")]
    evening(later=source())
    post = gateway(Shop)
    until(lambda: "old'" in Shop.tokens, "it is renewed when the platform is back")
    assert Shop.tokens[0] == "old"
    assert not any(message.startswith("ALARM: ") for message in post.messages)


def test_a_grant_that_cannot_be_renewed_is_told_of_before_it_ends(
    evening: Open, gateway: Start, grants: Grants
) -> None:
    grants.put(kept("pasted", 1_800.0, lived=86_000))
    room = evening(later=source())
    gateway(Shop)
    assert "there is no refresh token" in room.wait_target("source.erp", "failing").reason


def test_an_app_whose_own_secret_is_enough_needs_nobody(evening: Open, gateway: Start, grants: Grants) -> None:
    room = evening(later=source("own_shop"))
    gateway(OwnShop)
    until(lambda: len(OwnShop.tokens) > 2, "it has tokens")
    assert set(OwnShop.tokens) == {"own 1"}
    room.wait_target("source.erp", "ready")
    (found,) = grants.of("source.erp")
    grants.put(
        KeptGrant(
            app=found.app,
            shop="",
            connector="own_shop",
            since=0.0,
            grant=Grant(token="ended", expires_at=time.time() - 1),
        )
    )
    until(lambda: "own 2" in OwnShop.tokens, "and another when that one has ended")
    assert "ended" not in OwnShop.tokens


def test_a_token_that_the_platform_ended_early_is_replaced_once_and_a_new_one_is_not(
    evening: Open, gateway: Start, grants: Grants
) -> None:
    class Forgetful(OwnShop):
        name = "forgetful"

        async def poll(self, ctx: Context, full: bool) -> Sequence[StockLevelObserved]:
            token = await ctx.token()
            self.tokens.append(token)
            if token != "own 2" or len(self.tokens) > 5:
                self.tokens.append(await ctx.token(ended=token))
            return []

    grants.put(msgspec.structs.replace(kept("early", 3_600.0, lived=100.0), connector="forgetful"))
    room = evening(later=source("forgetful"))
    Shop.asked.append(({}, "so that the next one is own 2"))
    gateway(Forgetful)
    until(lambda: len(Shop.tokens) > 5, "it goes on with the new token")
    assert Shop.tokens[:6] == ["early", *["own 2"] * 5]
    assert "the platform has ended its authorisation" in room.wait_target("source.erp", "failing").reason
    assert len(Shop.asked) == 2, "which was made once"


def test_shops_of_an_app_have_grants_of_their_own(evening: Open, gateway: Start, grants: Grants) -> None:
    class Shops(Shop):
        name = "shops"
        capabilities = frozenset({Capability.CHAT_SEND})

        async def send_chat(self, text: str, ctx: Context) -> str | None:
            return await ctx.token(text)

    for shop in ("1", "2"):
        each = kept(f"of {shop}", shop=shop)
        grants.put(KeptGrant(app="douyin", shop=shop, connector="shops", since=each.since, grant=each.grant))
    channels = tuple(Channel(name=f"d{shop}", title="d", connector="shops", app="douyin", shop=shop) for shop in "12")
    room = evening(channels=channels)
    gateway(Shops)
    for id, text in enumerate(("1", "2", "3", "")):
        room.put(f"m-{id}", "d1", ChatText(text or " "))
    said = dict(enumerate(detail for _, _, detail in room.wait_results(4)))
    assert said[0] == "of 1"
    assert said[1] == "of 2"
    assert "nobody has authorised douyin for the shop 3" in said[2]
