"""stock.*: readings, corrections, and units that move by hand."""

from __future__ import annotations

from overlaykit.model import commands as c
from tests.engine.model.world import MOST_UNITS, Row, Verdict, World, all_units, empty_row, milliseconds

STEP_MS = 10_000
OLDEST_MS = 2 * 3_600_000
AHEAD_MS = 10_000


def place_of(world: World, sku: str, location: str | None) -> tuple[str, str]:
    """The location meant, or why there is none: a location may be left out where there is one."""
    if sku not in world.items:
        return "", "unknown_sku"
    if world.items[sku].bundle:
        return "", "is_bundle"
    if location is None and len(world.serves) == 1:
        return next(iter(world.serves)), ""
    if location not in world.serves:
        return "", "unknown_location"
    return location, ""


def adjust(world: World, command: c.StockAdjust) -> Verdict:
    place, reason = place_of(world, command.sku, command.location)
    if reason:
        return Verdict(reason)
    item, bucket = world.items[command.sku], str(command.bucket)
    if item.has(place, bucket) + command.delta < 0:
        return Verdict("insufficient")
    most = max(all_units(world, command.sku), item.has(place, "opening"))
    if command.delta > 0 and most + command.delta > MOST_UNITS:
        return Verdict("too_many_units")
    _add(world, command.sku, place, bucket, command.delta)
    if bucket == "incoming" and command.due is not None:
        item.due[place] = command.due
    return Verdict()


def _add(world: World, sku: str, place: str, bucket: str, units: int) -> None:
    row = world.items[sku].row(place)
    if bucket == "available" and units > 0:
        row["opening"] += units
        world.entering.append((sku, place, units))
    else:
        row[bucket] += units


def transfer(world: World, command: c.StockTransfer) -> Verdict:
    between = command.from_.startswith("location:") and command.to.startswith("location:")
    if between:
        place, reason = place_of(world, command.sku, command.from_.removeprefix("location:"))
        target, no_target = place_of(world, command.sku, command.to.removeprefix("location:"))
        source_bucket = target_bucket = "available"
        reason = reason or no_target
    else:
        place, reason = place_of(world, command.sku, command.location)
        target, source_bucket, target_bucket = place, command.from_, command.to
    if reason:
        return Verdict(reason)
    item = world.items[command.sku]
    arriving = 0
    if source_bucket == "incoming" and target_bucket == "available":
        arriving = min(command.quantity, item.has(place, "presold_held") + item.has(place, "presold_committed"))
    if item.has(place, source_bucket) < command.quantity - arriving:
        return Verdict("insufficient")
    row = item.row(place)
    _arrive(world, command.sku, place, arriving)
    row[source_bucket] -= command.quantity - arriving
    if source_bucket == "available":
        row["opening"] = max(0, row["opening"] - command.quantity)
    if command.quantity > arriving:
        _add(world, command.sku, target, target_bucket, command.quantity - arriving)
    return Verdict()


def _arrive(world: World, sku: str, place: str, units: int) -> None:
    """Presold units have come, for those who have waited longest."""
    row = world.items[sku].row(place)
    for order, line in sorted(world.lines_of(sku), key=lambda pair: (pair[1].since, pair[0].name)):
        for piece in line.pieces("presold"):
            some = min(units, piece.units) if piece.place == place else 0
            if some:
                row["presold_" + order.bucket] -= some
                row[order.bucket] += some
                piece.units -= some
                line.presold = [each for each in line.presold if each.units]
                line.add("open", type(piece)(place, some))
                units -= some


def _measured(row: Row, command: c.StockCount) -> int:
    """The number that the reading is about."""
    if command.basis == "available":
        return row["available"]
    orders = row["held"] + row["committed"] if command.includes_open_orders else 0
    return row["available"] + row["buffer"] + row["damaged"] + orders


def count(world: World, command: c.StockCount) -> Verdict:
    place, reason = place_of(world, command.sku, command.location)
    if reason:
        return Verdict(reason)
    as_of = world.now if command.as_of is None else milliseconds(command.as_of)
    if as_of > world.now + AHEAD_MS:
        return Verdict("in_future")
    if _is_stale(world, command.sku, place, as_of):
        return Verdict("stale")
    row = world.items[command.sku].rows.get(place, empty_row())
    if command.expected is not None and command.expected != _measured(row, command):
        return Verdict("changed")
    _forget(world, command.sku, place)
    explained = _moved_since(world, command, place, as_of)
    expected = _measured(row, command) - explained
    negative = _sellable(row, command, explained) < 0
    gone = command.quantity == 0 and expected > 0
    far = command.jump is not None and abs(command.quantity - expected) > command.jump * max(command.quantity, expected)
    if command.expected is None and (negative or gone or far):
        world.waiting[command.sku, place] = (world.seq + 1, command)
        world.as_of[world.seq + 1] = as_of
        world.alert(
            f"reading:{world.seq + 1}",
            "reading",
            1,
            world.seq + 1,
            command.sku,
            {"seq": world.seq + 1, "location": place, "old": _measured(row, command), "new": command.quantity},
        )
        return Verdict(unconfirmed=True)
    return _apply(world, command, place, as_of)


def _forget(world: World, sku: str, place: str) -> None:
    """The reading that waits there waits no more."""
    seq, _ = world.waiting.pop((sku, place), (0, None))
    world.alerts.pop(f"reading:{seq}", None)


def _is_stale(world: World, sku: str, place: str, as_of: int) -> bool:
    return as_of < world.now - OLDEST_MS or as_of < world.last_reading.get((sku, place), 0)


def _moved_since(world: World, command: c.StockCount, place: str, as_of: int) -> int:
    return sum(_measured(moved, command) for step, moved in world.moves[command.sku, place] if step > as_of // STEP_MS)


def _sellable(row: Row, command: c.StockCount, explained: int) -> int:
    """What should be available now by the reading."""
    true_now = command.quantity + explained
    if command.basis == "available":
        return true_now
    orders = row["held"] + row["committed"] if command.includes_open_orders else 0
    return true_now - row["buffer"] - row["damaged"] - orders


def _apply(world: World, command: c.StockCount, place: str, as_of: int) -> Verdict:
    row = world.items[command.sku].row(place)
    explained = _moved_since(world, command, place, as_of)
    if command.quantity != _measured(row, command) - explained:
        world.outputs.append("stock.drifted")
    result = _sellable(row, command, explained)
    missing = max(0, -result)
    corrected = empty_row()
    rise = max(0, result) - row["available"]
    _add(world, command.sku, place, "available", rise)
    corrected["available"] = rise
    for bucket in ("buffer", "damaged"):
        some = min(missing, row[bucket])
        row[bucket] -= some
        corrected[bucket] = -some
        missing -= some
    world.corrected[command.sku, place] = corrected
    world.last_reading[command.sku, place] = as_of
    return Verdict(excess=missing)


def confirm(world: World, command: c.StockConfirm) -> Verdict:
    for (sku, place), (seq, reading) in list(world.waiting.items()):
        if seq == command.reading:
            if command.accept and _is_stale(world, sku, place, world.as_of[seq]):
                return Verdict("stale")
            _forget(world, sku, place)
            return _apply(world, reading, place, world.as_of[seq]) if command.accept else Verdict()
    return Verdict("unknown_reading")
