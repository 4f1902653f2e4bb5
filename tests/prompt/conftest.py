"""Evenings told entry by entry, and what the presenter is prompted to say of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from overlaykit.board import BoardView
from overlaykit.model.sessions import Channel, Incoming, Item, Location, SessionPlan, Threshold
from overlaykit.prompt import Prompt, Prompter
from tests.board.conftest import Story, row

NOW = "2026-11-11T12:00:05.000Z"
"""Five seconds after the entries; 20:00 in Shanghai."""
LOW, CRITICAL = Threshold(share=0.2), Threshold(share=0.05)


def item(sku: str, link: int | None, title: str, opening: int = 100, **more: Any) -> Item:
    return Item(
        sku=sku, link=link, title=title, **{"opening": {"hz": opening}, "low": LOW, "critical": CRITICAL, **more}
    )


PLAN = SessionPlan(
    id="room",
    ledger="room",
    title="测试场",
    items=(
        item(
            "coat-m",
            3,
            "羊绒大衣",
            product="coat",
            variant="黑 M",
            price="899.00",
            list_price="1599.00",
            facts={"克重": "720 g"},
        ),
        item("coat-l", 3, "羊绒大衣", product="coat", variant="黑 L", price="899.00"),
        item("scarf", 4, "羊毛围巾", price="99.50", incoming={"gz": Incoming(quantity=30, due="2026-12-01")}),
        item("cap", None, "渔夫帽", low=Threshold(units=20), critical=Threshold(units=3)),
    ),
    locations=(
        Location(name="hz", title="杭州仓", serves=("east",), source="erp"),
        Location(name="gz", title="广州仓", serves=("south",)),
    ),
    channels=(Channel(name="mini", title="小程序"), Channel(name="douyin", title="抖音")),
    later={"source": {"erp": {"plugin": "generic_poll"}}},
)


class Evening(Story):
    """A session, and what is said of it."""

    def feature(self, *skus: str) -> None:
        self.write("item.feature", on_air=list(skus))

    def left(self, sku: str, available: int, opening: int = 100, **columns: int) -> None:
        """So many units of it are left at hz."""
        committed = opening - available - columns.get("held", 0)
        self.stock(sku, hz=row(opening, available=available, committed=committed, **columns))

    def prompt(
        self,
        *,
        language: str = "zh-CN",
        channel: str | None = None,
        region: str | None = None,
        now: str = NOW,
        away: bool = False,
    ) -> Prompt:
        view = BoardView(self.fold, channel=channel, region=region)
        return Prompter(self.fold, view, language).prompt(now, away=away)


def plan_with(script: dict[str, str] | None = None, **changed: Any) -> SessionPlan:
    later = PLAN.later if script is None else {**PLAN.later, "script": script}
    return msgspec.structs.replace(PLAN, later=later, **changed)


@pytest.fixture
def evening() -> Callable[..., Evening]:
    """A session that is live unless `opened` is False, the coat on air."""

    def begin(
        script: dict[str, str] | None = None, *, opened: bool = True, on_air: bool = True, **changed: Any
    ) -> Evening:
        found = Evening(plan_with(script, **changed))
        if opened:
            found.write("session.open")
        if on_air:
            found.feature("coat-m", "coat-l")
        return found

    return begin
