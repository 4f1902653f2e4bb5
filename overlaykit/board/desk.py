"""What the desk sees: every unit and quota of an item as they truly are, how the director works, what platforms have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import asdict

from overlaykit.board.fold import Fold
from overlaykit.board.items import FoldedItem
from overlaykit.board.reach import INCOMING, pool_of, presold, row_at
from overlaykit.board.types import (
    AlertNow,
    Allotment,
    ConnectorNow,
    DeskDrop,
    DeskItem,
    DirectionNow,
    MappedNow,
    NoteNow,
    ObsNow,
    PushedNow,
    RuleNow,
    SourceNow,
    StockRow,
    TaskNow,
    UnmappedNow,
)
from overlaykit.model.entries import ItemQuotas
from overlaykit.model.notes import ObsState, ObsValues
from overlaykit.model.sessions import Drop


def desk_items(fold: Fold, items: Iterable[FoldedItem]) -> dict[str, DeskItem]:
    """Items of the fold, by sku. Locations, channels and drops come in the plan's order."""
    places = [location.name for location in fold.plan.locations]
    channels = [channel.name for channel in fold.plan.channels]
    return {item.planned.sku: _desk_item(fold, item, places, channels) for item in items}


def _desk_item(fold: Fold, item: FoldedItem, places: Iterable[str], channels: Iterable[str]) -> DeskItem:
    rows, quotas, units, planned = item.rows, item.quotas, item.units, item.planned
    whole = row_at(units, None)
    return DeskItem(
        locations={place: StockRow(*rows[place]) for place in places if place in rows},
        due=_due(item, places) if item.due else {},
        mode=item.mode,
        presold=presold(whole),
        pool=None if planned.bundle else pool_of(units, whole),
        allotments=_allotments(quotas, channels) if quotas.channels else {},
        drops=_drops(quotas, fold.drops_of[planned.sku]) if quotas.drops else {},
        cost=planned.cost,
        bundle=planned.bundle,
    )


def _due(item: FoldedItem, places: Iterable[str]) -> dict[str, str]:
    return {
        place: item.due[place]
        for place in places
        if place in item.due and place in item.rows and item.rows[place][INCOMING] + presold(item.rows[place])
    }


def _allotments(quotas: ItemQuotas, channels: Iterable[str]) -> dict[str, Allotment]:
    found = {}
    for name in channels:
        if name in quotas.channels:
            allotted, used = quotas.channels[name]
            left = None if allotted is None else max(0, allotted - used)
            found[name] = Allotment(allotted=allotted, used=used, left=left)
    return found


def _drops(quotas: ItemQuotas, planned: Iterable[Drop]) -> dict[str, DeskDrop]:
    found = {}
    for drop in planned:
        if drop.name in quotas.drops:
            allotted, used, sold, status = quotas.drops[drop.name]
            left = 0 if status == "closed" else max(0, allotted - used)
            found[drop.name] = DeskDrop(status=status, allotted=allotted, used=used, left=left, sold=sold)
    return found


def direction_now(fold: Fold) -> DirectionNow:
    """Rules, OBS and sources of the plan, and any other that was heard of; and the open tasks."""
    said, later = fold.direction, fold.plan.later
    planned = {rule["name"]: bool(rule.get("enabled", True)) for rule in later.get("rule", ())}
    return DirectionNow(
        rules={name: _rule(fold, name, planned.get(name, True)) for name in _all(planned, said.switched, said.fired)},
        tasks=[TaskNow(task=task, **asdict(each)) for task, each in said.tasks.items()],
        obs={name: _obs(fold, name) for name in _all(later.get("obs", {}), said.obs, said.health)},
        sources=_sources(fold),
        connectors=_connectors(fold),
        mappings=_mappings(fold),
        unmapped=[
            UnmappedNow(channel=name.channel, platform_sku=name.sku, **asdict(each))
            for name, each in fold.connections.unmapped.items()
        ],
        alerts=[_alert(fold, alert) for alert in fold.alerts.raised],
        alerts_left_out=fold.alerts.left,
        note=None if fold.note is None else NoteNow(**asdict(fold.note)),
    )


def pushed_now(fold: Fold, after: int) -> dict[str, dict[str, PushedNow]]:
    """Channel → sku → the number that its platform has: those that were written, or could not be, after entry `after`."""
    said = fold.connections
    found: dict[str, dict[str, PushedNow]] = {}
    for name in dict.fromkeys(said.pushed_after(after)):
        pushed, unpushed = said.pushed.get(name), said.unpushed.get(name)
        last = unpushed or pushed
        assert last is not None
        found.setdefault(name.channel, {})[name.sku] = PushedNow(
            quantity=None if pushed is None else pushed.quantity,
            at=last.at,
            failed=None if unpushed is None else unpushed.reason,
        )
    return found


def _alert(fold: Fold, alert: str) -> AlertNow:
    raised, seen, snoozed = fold.alerts.raised[alert], fold.alerts.seen_by(alert), fold.alerts.snoozed_by(alert)
    return AlertNow(
        alert=alert,
        kind=raised.kind,
        level=raised.level,
        sku=raised.sku,
        params=raised.params,
        text=raised.text,
        count=raised.count,
        since=raised.since,
        last_at=raised.last_at,
        acknowledged_by=None if seen is None else seen.by,
        acknowledged_at=None if seen is None else seen.at,
        snoozed_by=None if snoozed is None else snoozed.by,
        snoozed_until=None if snoozed is None else snoozed.until,
    )


def _connectors(fold: Fold) -> dict[str, ConnectorNow]:
    plan, paused = fold.plan, fold.connections.paused
    planned = [f"channel.{channel.name}" for channel in plan.channels if channel.connector is not None]
    planned += [f"{section}.{name}" for section in ("source", "notifier") for name in plan.later.get(section, {})]
    found = {}
    for name in _all(dict.fromkeys(planned), paused):
        pause = paused.get(name)
        found[name] = ConnectorNow(
            paused=pause is not None,
            reason=None if pause is None else pause.reason,
            since=None if pause is None else pause.at,
        )
    return found


def _mappings(fold: Fold) -> dict[str, dict[str, MappedNow]]:
    found: dict[str, dict[str, MappedNow]] = {}
    for name, mapped in fold.connections.mapped.items():
        found.setdefault(name.channel, {})[name.sku] = MappedNow(sku=mapped.sku, quantity=mapped.quantity)
    return found


def _all(*parts: Mapping[str, object]) -> Iterable[str]:
    return dict.fromkeys(name for part in parts for name in part)


def _rule(fold: Fold, name: str, enabled: bool) -> RuleNow:
    switched, fired = fold.direction.switched.get(name), fold.direction.fired.get(name)
    return RuleNow(
        enabled=enabled if switched is None else switched,
        switched=switched is not None,
        fired=fired.count if fired else 0,
        last_at=fired.at if fired else None,
        last_seq=fired.seq if fired else None,
        last_sku=fired.sku if fired else None,
    )


def _obs(fold: Fold, name: str) -> ObsNow:
    state = fold.direction.obs.get(name, ObsState(connected=False))
    values = fold.direction.health.get(name, ObsValues()) if state.connected else ObsValues()
    return ObsNow(**{**asdict(state), "problems": list(state.problems)}, **asdict(values))


def _sources(fold: Fold) -> dict[str, SourceNow]:
    places: dict[str, list[str]] = {name: [] for name in fold.plan.later.get("source", {})}
    for location in fold.plan.locations:
        for name in (location.source, location.backup):
            if name is not None:
                places.setdefault(name, []).append(location.name)
    silent = fold.direction.silent
    return {
        name: SourceNow(silent_since=silent.get(name), locations=places.get(name, [])) for name in _all(places, silent)
    }
