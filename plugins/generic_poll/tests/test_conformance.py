"""The suite that every connector passes, for a table and for JSON over HTTP."""

from __future__ import annotations

from overlaykit.testing.conformance import Case, ConnectorConformance
from plugins.generic_poll.connector import GenericPoll
from plugins.generic_poll.fake import FakeWarehouse
from plugins.generic_poll.settings import CsvTable, JsonFeed, PollSettings


class TableCase(Case[FakeWarehouse]):
    connector = GenericPoll

    def make_platform(self) -> FakeWarehouse:
        return FakeWarehouse()

    def settings(self) -> PollSettings:
        return PollSettings(csv=CsvTable(file=f"{self.platform.url}/stock.csv"))

    def count(self, sku: str, quantity: int) -> None:
        self.platform.count(sku, quantity)


class FeedCase(TableCase):
    def settings(self) -> PollSettings:
        feed = JsonFeed(
            url=f"{self.platform.url}/stock.json",
            rows="data.rows",
            sku="item.code",
            quantity="qty",
            changed="modified",
            since="since_ms",
            since_as="ms",
            next="data.next",
            page="from",
        )
        return PollSettings(json=feed)


class TestTable(ConnectorConformance):
    case = TableCase


class TestFeed(ConnectorConformance):
    case = FeedCase
