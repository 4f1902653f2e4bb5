"""The made-up warehouse against the suite that every connector passes. Its platform is a file, and it is down when that is gone."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from overlaykit.testing import FakePlatform
from overlaykit.testing.conformance import Case, ConnectorConformance
from plugins.simulator.connectors import SimulatedWarehouse, WarehouseSettings


class Shelf(FakePlatform):
    def __init__(self) -> None:
        self._folder = TemporaryDirectory()
        self.file = Path(self._folder.name) / "counts.json"
        self._counts: dict[str, int] = {}
        super().__init__()

    def count(self, sku: str, quantity: int) -> None:
        self._counts[sku] = quantity
        self.file.write_text(json.dumps(self._counts))

    def __setattr__(self, name: str, value: object) -> None:
        if name == "down" and value:
            self.file.unlink()
        super().__setattr__(name, value)

    def close(self) -> None:
        super().close()
        self._folder.cleanup()


class WarehouseCase(Case[Shelf]):
    connector = SimulatedWarehouse

    def make_platform(self) -> Shelf:
        return Shelf()

    def settings(self) -> WarehouseSettings:
        return WarehouseSettings(counts=str(self.platform.file))

    def count(self, sku: str, quantity: int) -> None:
        self.platform.count(sku, quantity)


class TestWarehouse(ConnectorConformance):
    case = WarehouseCase
