"""A time of leading: the connectors of a plan are made, and every target has somebody who works for it."""

from __future__ import annotations

import asyncio
import logging
import secrets as random
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

import httpx

from overlaykit.errors import StoreAway, UserError
from overlaykit.gateway.attempts import NOTIFIER, ONCE, Patience
from overlaykit.gateway.bell import Bell
from overlaykit.gateway.calls import Calls
from overlaykit.gateway.chat import ChatReader, keywords_of
from overlaykit.gateway.context import SectionContext
from overlaykit.gateway.counting import Identify
from overlaykit.gateway.delivery import Delivery, Perform
from overlaykit.gateway.following import Follower
from overlaykit.gateway.granting import App, Granting
from overlaykit.gateway.intake import Intake
from overlaykit.gateway.pauses import watch_pauses
from overlaykit.gateway.performing import by_connector, by_nobody, rehearse
from overlaykit.gateway.pushing import Pusher
from overlaykit.gateway.relaying import Relay, RelayedInbox, relay_token, relay_url
from overlaykit.gateway.seat import Seat
from overlaykit.gateway.sharing import Sharing
from overlaykit.gateway.sources import Silence, SourcePoller
from overlaykit.gateway.speaker import Speaker
from overlaykit.gateway.standing import Standing, StoreClock, say_standings
from overlaykit.gateway.webhooks import Endpoint, WebhookSender, read_keys, read_url
from overlaykit.model.connectors import Capability, Connector
from overlaykit.model.events import ListingObserved
from overlaykit.model.sessions import SessionPlan
from overlaykit.model.settings import Secret, Settings, secrets_in
from overlaykit.pluginhost.targets import (
    Secrets,
    Target,
    connector_class,
    folder_of,
    how_to_set,
    settings_of,
    targets_of,
    wanted_secrets,
)
from overlaykit.shares import Lateness
from overlaykit.stock import Keeper
from overlaykit.store import AsyncStoreClient, Lease, Outbox
from overlaykit.store.cursors import Cursors
from overlaykit.store.waiting import Backoff, pause

BELL_SECONDS = 0.3
STAND_IN_RATE = 200.0
"""Calls a second that a made-up platform bears."""
LOOK_EVERY = 0.25
"""Seconds between two looks at whether connectors live."""
SECRETS_EVERY = 1.0
"""Seconds between two looks at whether somebody has set a secret."""


class Shift:
    """Works from `run` until its event, or until a secret of its plan has changed: then another is to be made."""

    def __init__(
        self,
        plan: SessionPlan,
        *,
        clock: StoreClock,
        follower: Follower,
        client: AsyncStoreClient,
        keeper: Keeper,
        outbox: Outbox,
        cursors: Cursors,
        granting: Granting,
        relayed: RelayedInbox,
        lease: Lease,
        connectors: Mapping[str, type[Connector[Any]]],
        secrets: Secrets,
        identify: Identify,
        http: httpx.AsyncClient,
        webhook_patience: Patience,
        log: logging.Logger,
    ) -> None:
        self._plan, self._keeper, self._outbox, self._lease = plan, keeper, outbox, lease
        self._cursors, self._granting, self._relayed = cursors, granting, relayed
        self._connectors, self._secrets, self._http = connectors, secrets, http
        self._patience, self._log = webhook_patience, log
        self._clock, self._follower, self._bell, self._silence = (
            clock,
            follower,
            Bell(),
            Silence(plan, follower.fold.direction.silent),
        )
        self._speaker = Speaker(keeper, plan.id, log)
        self._lateness = {each.name: Lateness(each.lag) for each in plan.channels}
        self._intake = Intake(
            plan,
            lateness=self._lateness,
            client=client,
            keeper=keeper,
            lease=lease,
            follower=follower,
            cursors=cursors,
            speaker=self._speaker,
            clock=self._clock,
            identify=identify,
            log=log,
        )
        self._standings: list[Standing] = []
        self._seats: list[tuple[Seat, Standing]] = []
        self._pushers: dict[str, Pusher] = {}
        self._intake.on_listing = self._hear_listing
        self._tenure = random.token_hex(4)

    async def run(self, over: asyncio.Event) -> None:
        """Until `over`, which it sets itself when a secret has changed; then nothing of it runs, blocked connectors apart."""
        known = self._secrets_now()
        heard = await self._heard(over)
        parts: list[Coroutine[Any, Any, None]] = []
        for target in targets_of(self._plan):
            parts += self._parts_of(target, heard, over)
        for name, form in self._plan.later.get("relay", {}).items() if not self._plan.is_play else ():
            parts += self._relay(name, form["url"], over)
        try:
            async with asyncio.TaskGroup() as tasks:
                for part in (
                    *parts,
                    self._listen(over),
                    self._watch_seats(over),
                    self._watch_secrets(known, over),
                    self._granting.run(over),
                    self._intake.run(over),
                    watch_pauses(self._intake.bearings, self._standings, self._bell, over),
                    self._follower.run(over),
                    *self._selling(over),
                    say_standings(self._outbox, self._standings, self._clock, over),
                ):
                    tasks.create_task(self._part(part, over))
        finally:
            await asyncio.gather(*(seat.close() for seat, _ in self._seats))

    async def _part(self, running: Coroutine[Any, Any, None], over: asyncio.Event) -> None:
        """One part fails, all end: by `over`, since a cancellation can be lost in a write to the store (Python 3.11)."""
        try:
            await running
        except BaseException:
            over.set()
            raise

    def _parts_of(
        self, target: Target, heard: Mapping[str, int], over: asyncio.Event
    ) -> list[Coroutine[Any, Any, None]]:
        """What has to run for one target. In a play nothing leaves, and nothing is heard, but to and from platforms that
        are made up for it."""
        if self._plan.is_play and target.stand_in is None:
            standing = self._standing(target, [])
            return (
                []
                if target.section == "source"
                else [self._queue(target, standing, rehearse, lambda: None, ONCE).run(over)]
            )
        if target.section == "webhook":
            return [self._webhook(target).run(over)]
        seat, connector, why = None, None, f"[{target.queue}] 没有写 connector / [{target.queue}] names no connector"
        can: list[str] = []
        if target.plugin is not None:
            try:
                connector = connector_class(target, self._connectors)
                can = sorted(each.value for each in connector.capabilities)
                settings = settings_of(target, connector.settings_type, self._secrets)
            except UserError as error:
                standing, why = self._standing(target, can), error.message
                standing.trouble("set_aside", error.message, error.remedy)
            else:
                standing = self._standing(target, can)
                context = self._context(target, connector, settings, standing)
                seat = Seat(target.queue, _maker(connector, settings), context, folder_of(connector))
                self._seats.append((seat, standing))
                self._granting.add(App(self._app(target), connector, seat, [standing], frozenset(context.shops)))
        else:
            standing = self._standing(target, can)
        if target.section == "source":
            return [self._poller(target, seat, standing, heard.get(target.queue, 0)).run(over)]
        parts = [self._delivery(target, seat, connector, standing, why).run(over)]
        if target.section == "channel" and connector is not None:
            self._intake.add(target.name, seat, standing, can)
            if keywords := keywords_of(self._plan):
                reads = seat if Capability.CHAT_READ.value in can else None
                reader = ChatReader(target.name, _source(target), reads, keywords, self._speaker, standing, self._log)
                self._intake.listen(target.name, reader.hear)
                parts.append(reader.run(over))
        if target.section == "channel" and seat and connector:
            self._push_to(target, seat, connector, standing)
        return parts

    def _push_to(self, target: Target, seat: Seat, connector: type[Connector[Any]], standing: Standing) -> None:
        """Numbers go to a channel's platform where its connector can write them, unless the plan says otherwise."""
        channel = next(each for each in self._plan.channels if each.name == target.name)
        if not channel.push or Capability.PUSH_STOCK not in connector.capabilities:
            return
        pusher = Pusher(
            channel,
            seat,
            connector,
            tenure=self._tenure,
            follower=self._follower,
            speaker=self._speaker,
            standing=standing,
            clock=self._clock,
            lateness=self._lateness[channel.name],
            source=_source(target),
            log=self._log,
        )
        self._pushers[target.name] = pusher

    def _hear_listing(self, channel: str, listing: ListingObserved) -> bool:
        return channel not in self._pushers or self._pushers[channel].heard(listing)

    def _selling(self, over: asyncio.Event) -> list[Coroutine[Any, Any, None]]:
        """Shares, and the numbers that go to platforms."""
        shared = any(each.share is not None for each in self._plan.channels)
        if not self._pushers and (self._plan.is_play or not shared):
            return []
        sharing = Sharing(
            [*self._pushers.values()],
            tenure=self._tenure,
            keeper=self._keeper,
            follower=self._follower,
            clock=self._clock,
            log=self._log,
        )
        return [sharing.run(over), *(each.run(over) for each in self._pushers.values())]

    def _context(
        self, target: Target, connector: type[Connector[Any]], settings: Settings, standing: Standing
    ) -> SectionContext:
        app = self._app(target)
        return SectionContext(
            target.queue,
            next((each.shop for each in self._plan.channels if f"channel.{each.name}" == target.queue), ""),
            [each.shop for each in self._plan.apps.get(app, ()) if each.shop],
            http=Calls(
                connector.rate if target.stand_in is None else STAND_IN_RATE,
                secrets_in(settings),
                leads=lambda: self._lease.held,
            ),
            cursors=self._cursors,
            token_of=partial(self._granting.token, app),
            clock=self._clock,
            standing=standing,
            log=self._log,
        )

    def _app(self, target: Target) -> str:
        """The app of a channel; other sections are one each."""
        channels = {each.name: each.app for each in self._plan.channels} if target.section == "channel" else {}
        return channels.get(target.name, target.queue)

    def _standing(self, target: Target, can: list[str]) -> Standing:
        standing = Standing(target.queue, target.plugin, can, self._log)
        standing.paused = target.queue in self._intake.bearings.paused
        if target.plugin is not None or target.section == "webhook":  # a channel without a connector is nobody outside
            self._standings.append(standing)
        return standing

    def _delivery(
        self, target: Target, seat: Seat | None, connector: type[Connector[Any]] | None, standing: Standing, why: str
    ) -> Delivery:
        if seat is None or connector is None:
            return self._queue(target, standing, by_nobody(why), lambda: why, ONCE)
        patience = NOTIFIER if target.section == "notifier" else ONCE
        return self._queue(target, standing, by_connector(seat, connector), lambda: _unfit(seat), patience)

    def _webhook(self, target: Target) -> Delivery:
        standing = self._standing(target, ["webhook"])
        perform: Perform
        try:
            secret = self._secrets.find("webhook", target.name, "secret")
            if secret is None:
                raise UserError(
                    f"[{target.queue}] 没有签名密钥 / has no secret to sign with",
                    remedy=how_to_set("webhook", target.name, "secret"),
                )
            keys, url = read_keys(secret, target.name), read_url(target.settings["url"], target.name)
        except UserError as error:
            standing.trouble("set_aside", error.message, error.remedy)
            perform = by_nobody(error.message)
        else:
            private = bool(target.settings.get("private", False))
            perform = WebhookSender(Endpoint(target.name, url, private, keys), self._http).deliver
        return self._queue(target, standing, perform, lambda: None, self._patience)

    def _relay(self, name: str, url: str, over: asyncio.Event) -> list[Coroutine[Any, Any, None]]:
        standing = Standing(f"relay.{name}", None, ["relay"], self._log)
        self._standings.append(standing)
        try:
            token, address = relay_token(name, self._secrets), relay_url(name, url)
        except UserError as error:
            standing.trouble("set_aside", error.message, error.remedy)
            return []
        return [Relay(address, token, self._relayed, standing, self._clock).run(over)]

    def _queue(
        self, target: Target, standing: Standing, perform: Perform, unfit: Callable[[], str | None], patience: Patience
    ) -> Delivery:
        return Delivery(
            source=_source(target),
            perform=perform,
            unfit=unfit,
            patience=patience,
            outbox=self._outbox,
            lease=self._lease,
            speaker=self._speaker,
            standing=standing,
            clock=self._clock,
            bell=self._bell,
            log=self._log,
        )

    def _poller(self, target: Target, seat: Seat | None, standing: Standing, heard_ms: int) -> SourcePoller:
        return SourcePoller(
            target.name,
            self._plan.later["source"][target.name],
            seat,
            self._silence,
            plan=self._plan,
            keeper=self._keeper,
            speaker=self._speaker,
            standing=standing,
            clock=self._clock,
            source=_source(target),
            heard_ms=heard_ms,
            log=self._log,
        )

    async def _heard(self, over: asyncio.Event) -> dict[str, int]:
        """When sources were heard last, as the gateway before this one said."""
        backoff = Backoff()
        while not over.is_set():
            try:
                self._clock.note((await self._outbox.take("")).now_ms)
                return {name: status.heard_ms for name, status in (await self._outbox.targets()).items()}
            except StoreAway:
                await pause(over, backoff.next())
        return {}

    async def _listen(self, over: asyncio.Event) -> None:
        """Rings when something was put."""
        backoff = Backoff()
        while not over.is_set():
            try:
                if await self._outbox.wait(BELL_SECONDS):
                    self._bell.ring()
                backoff.reset()
            except StoreAway:
                await pause(over, backoff.next())

    def _secrets_now(self) -> list[Secret | None]:
        return [
            self._secrets.find(each.section, each.name, each.field)
            for each in wanted_secrets(self._plan, self._connectors)
        ]

    async def _watch_secrets(self, known: list[Secret | None], over: asyncio.Event) -> None:
        while not await pause(over, SECRETS_EVERY):
            if self._secrets_now() != known:
                self._log.info("%s: a secret has changed: its connectors are made anew", self._plan.id)
                over.set()

    async def _watch_seats(self, over: asyncio.Event) -> None:
        while not await pause(over, LOOK_EVERY):
            for seat, standing in self._seats:
                if seat.failure is not None:
                    standing.trouble("set_aside", seat.failure.message, seat.failure.remedy)
                elif (place := seat.blocked) is not None:
                    standing.trouble(
                        "no_answer", f"连接器卡住了 / the connector blocks: {place}", "Its calls must be asynchronous."
                    )
                elif standing.state == "no_answer":
                    standing.ready()


def _maker(connector: type[Connector[Any]], settings: Any) -> Callable[[], Connector[Any]]:
    return lambda: connector(settings)


def _unfit(seat: Seat) -> str | None:
    if seat.failure is not None:
        return seat.failure.message
    place = seat.blocked
    return None if place is None else f"连接器卡住了 / the connector blocks ({place})"


def _source(target: Target) -> str:
    """Who says what comes from a target, in the ledger."""
    return f"webhook:{target.name}" if target.section == "webhook" else f"connector:{target.name}"
