"""Who gets what comes to /hooks/APP: the rooms whose plan has the app, each with a connector that has its settings and secrets."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from overlaykit.errors import NotFound, OverlaykitError, PluginError, StoreAway, UserError
from overlaykit.inbox.apps import App, apps_of
from overlaykit.model.connectors import Connector
from overlaykit.model.sessions import SessionPlan
from overlaykit.pluginhost.status import explain
from overlaykit.pluginhost.targets import Secrets, connector_class, folder_of, settings_of
from overlaykit.stock import SessionRecord

log = logging.getLogger(__name__)

KEPT = 1.0
"""Seconds for which the rooms, and the secrets of their apps, count as known."""
KEPT_WITHOUT = 0.25
"""Seconds for which an app that nobody has is not looked for again."""


class Directory(Protocol):
    """Where the sessions are listed."""

    def list(self) -> list[SessionRecord]:
        """The one opened or planned last first. Raises StoreAway."""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A room that has the app. Rooms whose settings and secrets are the same have the same connector.

    connector  None where there can be none now: `trouble` says why
    """

    session: str
    ledger: str
    app: App
    connector: Connector[Any] | None = None
    trouble: UserError | None = None


class Addresses:
    """Knows the rooms for a second, and their plans for good: the channels of a session never change.

    plan_of  a session's plan; raises NotFound, StoreAway
    """

    def __init__(
        self,
        directory: Directory,
        plan_of: Callable[[SessionRecord], SessionPlan],
        connectors: Mapping[str, type[Connector[Any]]],
        secrets: Secrets,
    ) -> None:
        self._directory, self._plan_of = directory, plan_of
        self._connectors, self._secrets = connectors, secrets
        self._apps: dict[tuple[str, int], dict[str, App]] = {}
        self._records: list[SessionRecord] = []
        self._looked = float("-inf")
        self._found: dict[str, tuple[float, list[Recipient]]] = {}

    def find(self, app: str) -> list[Recipient]:
        """The rooms that get what comes to the app: all that are not closed, else the one that was opened last.

        Raises NotFound when no plan has the app, StoreAway; also while the store knows no session at all, at the very start or when
        it lost what it had: then the platform comes again.
        """
        now = monotonic()
        at, found = self._found.get(app, (float("-inf"), []))
        if now - at >= (KEPT if found else KEPT_WITHOUT):
            if now - self._looked >= KEPT_WITHOUT:
                self._look(now)
            found = self._look_for(app, found)
            if found:
                self._found[app] = (now, found)
            else:
                self._found.pop(app, None)
        if not found:
            raise NotFound(
                f"没有一场有应用 {app!r} / no session has an app {app!r}",
                remedy="应用是接有连接器的 [channel.名称] 里的 `app`；没写就是渠道自己的名称。 / "
                "It is the `app` of a [channel.NAME] with a connector; without `app` the channel's own name.",
            )
        return found

    def of(self, record: SessionRecord) -> dict[str, App]:
        """The apps of a session's plan. Raises NotFound, StoreAway."""
        key = (record.id, record.planned_at)
        found = self._apps.get(key)
        if found is None:
            found = self._apps[key] = apps_of(self._plan_of(record))
        return found

    def recipient(self, record: SessionRecord, app: App) -> Recipient:
        """The session as a recipient of one of its apps, with secrets as they are now."""
        return self._seated(record, app, [])

    def _look(self, now: float) -> None:
        known = self._directory.list()
        if not known:
            raise StoreAway(
                "数据库里还没有场次 / the store knows no session yet",
                remedy="先开一场：overlaykit run 场次 / Start one with: overlaykit run SESSION",
            )
        self._records = known
        self._looked = now

    def _look_for(self, app: str, before: list[Recipient]) -> list[Recipient]:
        """`before`: the recipients that were found last, whose connectors go on where nothing has changed."""
        found: list[Recipient] = []
        for record in self._having(app):
            if all(record.ledger != other.ledger for other in found):
                found.append(self._seated(record, self.of(record)[app], [*found, *before]))
        known = {str(each.trouble) for each in before}
        for each in found:
            if each.trouble is not None and str(each.trouble) not in known:
                log.warning("%s: messages to /hooks/%s are turned away: %s", each.session, app, each.trouble)
        return found

    def _having(self, app: str) -> Iterator[SessionRecord]:
        still_open = [each for each in self._records if each.status != "closed" and app in self._known(each)]
        if still_open:
            yield from still_open
            return
        for each in self._records:
            if each.status == "closed" and app in self._known(each):
                yield each
                return

    def _known(self, record: SessionRecord) -> dict[str, App]:
        try:
            return self.of(record)
        except NotFound:  # it was listed a moment ago, and is gone
            return {}

    def _seated(self, record: SessionRecord, app: App, others: list[Recipient]) -> Recipient:
        try:
            cls = connector_class(app.target, self._connectors)
            settings = settings_of(app.target, cls.settings_type, self._secrets)
            for other in others:
                if type(other.connector) is cls and other.connector.settings == settings:
                    return Recipient(session=record.id, ledger=record.ledger, app=app, connector=other.connector)
            return Recipient(session=record.id, ledger=record.ledger, app=app, connector=_made(cls, settings))
        except UserError as error:
            return Recipient(session=record.id, ledger=record.ledger, app=app, trouble=error)


def _made(cls: type[Connector[Any]], settings: Any) -> Connector[Any]:
    try:
        return cls(settings)
    except OverlaykitError as error:
        raise PluginError(error.message, remedy=error.remedy) from error
    except (Exception, SystemExit) as error:  # a plugin's own constructor
        found = explain(error, "创建连接器 / its constructor", folder_of(cls))
        raise PluginError(found.reason, remedy=found.remedy) from error
