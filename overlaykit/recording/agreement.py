"""Do the entries and the store say the same? A fold of a ledger's entries against the state that the store gives."""

from __future__ import annotations

from dataclasses import fields

from overlaykit.board import Alerts, Connections, Direction, Fold
from overlaykit.model.state import State


def disagreements(fold: Fold, state: State) -> list[tuple[str, str]]:
    """Where a fold and a state of the same seq differ: the sku, or "" for the session, and what differs, in words."""
    if fold.seq != state.seq:
        raise ValueError(f"a fold of entry {fold.seq} says nothing about a state of entry {state.seq}")
    found: list[tuple[str, str]] = []

    def compare(sku: str, what: str, folded: object, stored: object) -> None:
        if folded != stored:
            found.append((sku, f"{what} is {stored} in the store, and {folded} by the entries"))

    compare("", "the status", fold.status, state.status)
    compare("", "the freeze", fold.freeze, state.frozen)
    compare("", "the clock's suspension", fold.suspended, state.suspended)
    compare("", "the running order", list(fold.items), [item.sku for item in state.plan.items])
    said, ways = Direction.from_shown(state.shown), Connections.from_shown(state.shown)
    for folded, stored_parts in ((fold.direction, said), (fold.connections, ways)):
        for part in fields(stored_parts):
            noted, held = getattr(folded, part.name), getattr(stored_parts, part.name)
            for name in {**held, **noted}:
                called = name if isinstance(name, str) else " ".join(name)
                compare("", f"{called} among what was noted ({part.name})", noted.get(name), held.get(name))
    folded_alerts, stored_alerts = fold.alerts.to_shown(), Alerts.from_shown(state.shown).to_shown()
    for name in {**stored_alerts, **folded_alerts}:
        compare("", f"{name} among the alerts", folded_alerts.get(name), stored_alerts.get(name))
    compare("", "the order of tasks", list(fold.direction.tasks), list(said.tasks))
    compare("", "the order of what waits to be mapped", list(fold.connections.unmapped), list(ways.unmapped))
    for sku, stored in state.items.items():
        item = fold.items.get(sku)
        if item is None:
            continue
        for place in {**stored.units.rows, **item.rows}:
            compare(sku, f"the row at {place}", item.rows.get(place), stored.units.rows.get(place))
        compare(sku, "owed", item.owed, stored.units.owed)
        compare(sku, "the quotas", item.quotas, stored.units.quotas)
        compare(sku, "bundles", tuple(item.bundles), tuple(stored.units.bundles))
        compare(sku, "sale and mode", (item.sale, item.mode), (stored.sale, stored.mode))
    return found
