"""Which rooms get what comes to /hooks/APP, asked once however many messages come at the same time."""

from __future__ import annotations

from overlaykit.inbox import Addresses, App, Recipient
from overlaykit.model.sessions import SessionPlan
from overlaykit.stock import SessionRecord
from overlaykit.web.services import Services
from overlaykit.web.sharing import SharedAnswers


class Addressed:
    """The addresses of this process's store."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._addresses = Addresses(services.directory, self._plan_of, services.connectors, services.secrets)
        self._finding: SharedAnswers[list[Recipient]] = SharedAnswers()

    def find(self, app: str) -> list[Recipient]:
        """The rooms that get what comes to the app. Raises NotFound when no plan has it, StoreAway."""
        return self._finding.ask(app, lambda: self._addresses.find(app))

    def apps(self, record: SessionRecord) -> dict[str, App]:
        """The apps of a session. Raises NotFound, StoreAway."""
        return self._addresses.of(record)

    def recipient(self, record: SessionRecord, app: App) -> Recipient:
        """The session with the app's connector, or with what keeps this process from having it now, such as a missing secret."""
        return self._addresses.recipient(record, app)

    def _plan_of(self, record: SessionRecord) -> SessionPlan:
        return self._services.engine(record.ledger).state().plan
