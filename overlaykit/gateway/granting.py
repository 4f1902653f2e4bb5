"""Access tokens: made of what a platform sent a browser back with, given to connectors, renewed before they end.

A grant belongs to an app, and may serve several sessions with a gateway each: a renewal is made under a lease, so that a refresh
token that is good once is used once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

import msgspec
import redis.asyncio

from overlaykit.errors import OverlaykitError, PlatformAway, PluginError, StoreAway, UserError
from overlaykit.gateway.seat import Seat
from overlaykit.gateway.standing import Standing
from overlaykit.model.connectors import Connector, Context, Grant
from overlaykit.model.entries import text_of
from overlaykit.store import Lease
from overlaykit.store.grants import Brought, GrantResult, Grants, KeptGrant
from overlaykit.store.waiting import Backoff, pause
from overlaykit.words import in_both

T = TypeVar("T")

JOB = "grant"
LOOK_EVERY = 1.0
RENEW_LOOK = 5.0
"""Seconds between two looks at which grants are due."""
KNOWN_FOR = 1.0
"""Seconds for which what the store said of an app's grants is taken for true."""
AHEAD = 900.0
"""Seconds before its end at which a grant is renewed, or a quarter of its life where that is less."""
SPARE = 20.0
"""A token that ends within so many seconds is given to nobody: a call takes a while."""
NEW_FOR = 10.0
"""Seconds within which a token that the platform does not take is not replaced: another would fare no better."""
WARN_AHEAD = 3_600.0
"""Seconds before the end of a grant that cannot be renewed at which somebody is told."""
REFUSED_PAUSE = 600.0
LEASE_SECONDS = 20.0
LATEST = 1e11
"""Seconds since 1970 after which nothing ends: they would be milliseconds."""
EXCHANGE_SECONDS = 60.0
"""For which a platform that does not answer is asked again; its codes are good for some minutes."""


class App(NamedTuple):
    """An app of the plan. `seat`: where its connector is; `standings`: how its channels do."""

    name: str
    connector: type[Connector[Any]]
    seat: Seat
    standings: list[Standing]
    shops: frozenset[str]

    def trouble(self, reason: str, remedy: str) -> None:
        for each in self.standings:
            each.trouble("failing", reason, remedy, job=JOB)

    def ready(self) -> None:
        for each in self.standings:
            each.ready(JOB)

    def gives(self, method: str) -> bool:
        """Whether its connector has the method."""
        return getattr(self.connector, method) is not getattr(Connector, method)


class Granting:
    """The grants of the apps of one session, for the gateway that leads it. Used on one event loop.

    grants   on a client of its own: each call is made in a thread
    client   for the lease, under which one gateway at a time renews
    holder   unique for this session in this process
    """

    def __init__(
        self,
        grants: Grants,
        client: redis.asyncio.Redis,
        *,
        holder: str,
        session: str,
        log: logging.Logger,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._grants, self._client, self._holder = grants, client, holder
        self._session, self._log, self._clock = session, log, clock
        self._apps: dict[str, App] = {}
        self._known: dict[str, tuple[float, list[KeptGrant]]] = {}
        self._locks: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._not_before: dict[KeptGrant, float] = {}
        self._told: set[tuple[str, str]] = set()
        self._asking = asyncio.Lock()

    def add(self, app: App) -> None:
        """The first of a name counts; the standings of others are told what it says."""
        known = self._apps.setdefault(app.name, app)
        if known is not app:
            known.standings.extend(app.standings)

    async def token(self, app: str, shop: str = "", ended: str = "") -> str:
        """The access token of a shop, good for SPARE seconds at least, and another than `ended`. Raises UserError when there is
        none, PlatformAway when the platform does not renew it now."""
        kept = self._choose(app, shop, await self._of(app))
        if kept is None:
            if not self._apps[app].gives("own_grant"):
                raise self._nobody(app, shop)
            kept = await self._first_own(app, shop)
        if kept.grant.token == ended:
            kept = await self._in_place_of(kept)
        elif self._left(kept) < SPARE and self._renewable(kept):
            kept = await self._renew(kept)
        if self._left(kept) <= 0:
            raise UserError(
                f"{_named(kept)} 的授权已过期 / its authorisation ended at {_end(kept)}", remedy=self._remedy(app)
            )
        return kept.grant.token

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`: makes grants of what browsers bring, and renews."""
        backoff, look_at = Backoff(), 0.0
        while not stop.is_set():
            wait = LOOK_EVERY
            try:
                for each in await self._ask(lambda: self._grants.brought(self._session)):
                    await self._exchange(each, stop)
                if time.monotonic() >= look_at:
                    for name in self._apps:
                        await self._look_after(name)
                    look_at = time.monotonic() + RENEW_LOOK
                backoff.reset()
            except StoreAway:
                wait = backoff.next()
            await pause(stop, wait)

    # ------------------------------------------------------------------------------------------------ authorisation

    async def _exchange(self, brought: Brought, stop: asyncio.Event) -> None:
        app = self._apps.get(brought.asked.app)
        if app is None:
            result = GrantResult(
                status="failed",
                reason=f"场次里没有应用 / the session has no app {brought.asked.app} that works",
                remedy="原因见控制台「外部连接」 / The desk says under Connections what is wrong with it.",
            )
        else:
            result = await self._exchanged(app, brought, stop)
        await self._ask(lambda: self._grants.settle(brought.id, result))
        self._log.info("%s: authorisation of %s: %s %s", self._session, brought.asked.app, result.status, result.reason)

    async def _exchanged(self, app: App, brought: Brought, stop: asyncio.Event) -> GrantResult:
        query, callback = brought.query, brought.asked.callback
        until, backoff = time.monotonic() + EXCHANGE_SECONDS, Backoff(0.5, 5.0)
        while True:
            try:
                grant = _checked(await app.seat.call(lambda connector, ctx: connector.grant(query, callback, ctx)))
                break
            except PlatformAway as error:
                if time.monotonic() > until or await pause(stop, backoff.next()):
                    return _failed(error.message, "Authorise again: the platform does not answer now.")
            except OverlaykitError as error:
                return _failed(error.message, error.remedy or "Authorise again.")
            except TimeoutError:
                return _failed("平台没有答复 / the platform did not answer in time", "Authorise again.")
        await self._keep(app, grant.shop, grant)
        app.ready()
        note = ""
        if app.shops and grant.shop and grant.shop not in app.shops:
            note = f"方案里没有这个店铺 / the plan has no channel of this shop; it has {', '.join(sorted(app.shops))}"
        return GrantResult(status="done", shop=grant.shop, expires_at=grant.expires_at, reason=note)

    # ------------------------------------------------------------------------------------------------------ renewal

    async def _look_after(self, name: str) -> None:
        """Renews what is due, and says what ends."""
        app = self._apps[name]
        found = await self._of(name, anew=True)
        well = True
        for kept in found:
            renewable = self._renewable(kept)
            if self._left(kept) > (_ahead(kept) if renewable else WARN_AHEAD):
                continue
            if renewable:
                try:
                    await self._renew(kept)
                    continue
                except StoreAway:
                    raise
                except (OverlaykitError, TimeoutError) as error:
                    why = str(error).splitlines()[0] if str(error) else "no answer"
                    if isinstance(error, (PlatformAway, TimeoutError)) and self._left(kept) > SPARE:
                        continue
            else:
                why = "没有续期方式 / there is no refresh token"
            well = False
            self._alarm(app, kept, why)
        if not found and app.gives("authorise_url") and not app.gives("own_grant"):
            missing = self._nobody(name, "")
            app.trouble(missing.message, missing.remedy or "")
        elif well:
            app.ready()
            self._told = {each for each in self._told if each[0] != name}

    def _alarm(self, app: App, kept: KeptGrant, why: str) -> None:
        en = "the authorisation of {app} ends at {end} and is not renewed: {why}"
        zh = "{app} 的授权续不上，{end} 到期：{why}"
        reason = in_both(en, zh, app=_named(kept), end=_end(kept), why=why)
        remedy = self._remedy(app.name)
        app.trouble(reason, remedy)
        if (app.name, kept.shop) not in self._told:
            self._told.add((app.name, kept.shop))
            self._log.error("ALARM: %s: %s %s", self._session, reason, remedy)

    async def _in_place_of(self, ended: KeptGrant) -> KeptGrant:
        """The grant that takes the place of one that the platform takes no more, before its time."""
        if not self._renewable(ended) or self._clock() - ended.since < NEW_FOR:
            app = self._apps[ended.app]
            raise UserError(
                f"{_named(ended)} 的授权被平台终止 / the platform has ended its authorisation",
                remedy=self._remedy(app.name)
                if app.gives("authorise_url")
                else "请核对应用的密钥。 / Check the app's id and secret.",
            )
        return await self._renew(ended)

    async def _renew(self, kept: KeptGrant) -> KeptGrant:
        """The grant that takes its place, by whomever it was made. Raises what the connector raised."""

        async def renew(connector: Connector[Any], ctx: Context) -> Grant:
            if kept.grant.refresh_token:
                return await connector.renew(kept.grant, ctx)
            return await connector.own_grant(kept.shop, ctx)

        return await self._made(kept.app, kept.shop, kept, renew)

    async def _first_own(self, app: str, shop: str) -> KeptGrant:
        return await self._made(app, shop, None, lambda connector, ctx: connector.own_grant(shop, ctx))

    async def _made(
        self,
        app: str,
        shop: str,
        before: KeptGrant | None,
        make: Callable[[Connector[Any], Context], Awaitable[Grant]],
    ) -> KeptGrant:
        """One grant in the place of `before`, made once, however many want it at the same time, here or in other gateways."""
        async with self._locks[app, shop]:
            lease = Lease(self._client, f"{{overlaykit}}:lease:grant:{app}:{shop}", self._holder, ttl=LEASE_SECONDS)
            until = time.monotonic() + LEASE_SECONDS
            while not await lease.take():
                found = await self._newer(app, shop, before)
                if found is not None:
                    return found
                if time.monotonic() > until:
                    raise PlatformAway(
                        f"另一个网关续期 {app} 的授权太久没有完成 / "
                        f"another gateway has been renewing the grant of {app} for too long"
                    )
                await asyncio.sleep(0.1)
            try:
                found = await self._newer(app, shop, before)
                if found is not None:
                    return found
                if before is not None and time.monotonic() < self._not_before.get(before, 0.0):
                    raise UserError(
                        f"{_named(before)} 的授权续期被拒绝 / the platform refused to renew its authorisation",
                        remedy=self._remedy(app),
                    )
                return await self._put_made(app, shop, before, make)
            finally:
                await lease.leave()

    async def _put_made(
        self,
        app: str,
        shop: str,
        before: KeptGrant | None,
        make: Callable[[Connector[Any], Context], Awaitable[Grant]],
    ) -> KeptGrant:
        try:
            grant = _checked(await self._apps[app].seat.call(make))
        except (PlatformAway, TimeoutError):
            raise
        except OverlaykitError:
            if before is not None:
                self._not_before[before] = time.monotonic() + REFUSED_PAUSE
            raise
        if before is not None:
            self._not_before.pop(before, None)
        return await self._keep(self._apps[app], shop, grant, before)

    async def _newer(self, app: str, shop: str, before: KeptGrant | None) -> KeptGrant | None:
        """What somebody else put in the place of `before` meanwhile."""
        found = next((each for each in await self._of(app, anew=True) if each.shop == shop), None)
        return found if found != before and found is not None and self._left(found) > SPARE else None

    async def _keep(self, app: App, shop: str, grant: Grant, before: KeptGrant | None = None) -> KeptGrant:
        """Keeps it; what was authorised since `before` stays, and is what is given."""
        grant = msgspec.structs.replace(grant, shop=shop)
        kept = KeptGrant(app=app.name, shop=shop, connector=app.connector.name, since=self._clock(), grant=grant)
        done = await self._ask(lambda: self._grants.put(kept, before))
        found = next((each for each in await self._of(app.name, anew=True) if each.shop == shop), kept)
        return kept if done else found

    # ------------------------------------------------------------------------------------------------------ choosing

    async def _of(self, app: str, *, anew: bool = False) -> list[KeptGrant]:
        at, found = self._known.get(app, (0.0, []))
        if anew or time.monotonic() - at > KNOWN_FOR or at == 0.0:
            connector = self._apps[app].connector.name
            found = [each for each in await self._ask(lambda: self._grants.of(app)) if each.connector == connector]
            self._known[app] = time.monotonic(), found
        return found

    def _choose(self, app: str, shop: str, found: list[KeptGrant]) -> KeptGrant | None:
        by_shop = {each.shop: each for each in found}
        if shop in by_shop or (shop and "" in by_shop):
            return by_shop.get(shop, by_shop.get(""))
        if shop or not found:
            return None
        if len(found) > 1:
            raise PluginError(
                f"{app} 有多个店铺的授权 / the app {app} has grants of several shops: {', '.join(sorted(by_shop))}",
                remedy="连接器要写明是哪个店铺：await ctx.token(shop) / The connector has to say which: await ctx.token(shop).",
            )
        return found[0]

    def _nobody(self, app: str, shop: str) -> UserError:
        of_shop = f" {shop}" if shop else ""
        return UserError(
            f"{app}{of_shop} 还没有授权 / nobody has authorised {app}{' for the shop' if shop else ''}{of_shop}",
            remedy=self._remedy(app),
        )

    def _remedy(self, app: str) -> str:
        return f"overlaykit plugin authorise {self._session} {app}"

    def _renewable(self, kept: KeptGrant) -> bool:
        app = self._apps[kept.app]
        if kept.grant.refresh_token and app.gives("renew"):
            until = kept.grant.refresh_until
            return until is None or until > self._clock()
        return app.gives("own_grant")

    def _left(self, kept: KeptGrant) -> float:
        """Seconds until it ends."""
        return float("inf") if kept.grant.expires_at is None else kept.grant.expires_at - self._clock()

    async def _ask(self, work: Callable[[], T]) -> T:
        async with self._asking:  # its client is for one at a time
            return await asyncio.to_thread(work)


def _checked(grant: Any) -> Grant:
    if not isinstance(grant, Grant) or not isinstance(grant.token, str) or not grant.token:
        raise PluginError(
            "连接器给的授权没有令牌 / the connector gave no Grant with a token",
            remedy="请告诉插件作者。 / Tell the plugin's author.",
        )
    if any(each is not None and not 0 <= each < LATEST for each in (grant.expires_at, grant.refresh_until)):
        raise PluginError(
            f"连接器给的授权到期时间 {grant.expires_at} 不是 1970 年以来的秒数 / "
            f"the connector's Grant ends at {grant.expires_at}, which is no time in seconds since 1970",
            remedy="请告诉插件作者：有的平台给的是毫秒，或从现在起的秒数。 / "
            "Tell the plugin's author: some platforms give milliseconds, or seconds from now.",
        )
    return grant


def _failed(reason: str, remedy: str) -> GrantResult:
    return GrantResult(status="failed", reason=reason, remedy=remedy)


def _ahead(kept: KeptGrant) -> float:
    life = (kept.grant.expires_at or kept.since) - kept.since
    return max(min(AHEAD, life / 4), 0.0)


def _named(kept: KeptGrant) -> str:
    return f"{kept.app} {kept.shop}".strip()


def _end(kept: KeptGrant) -> str:
    return text_of(round((kept.grant.expires_at or 0.0) * 1000))[:16].replace("T", " ") + " UTC"
