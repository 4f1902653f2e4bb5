"""What is said to the director and what it and the gateway note: who may still speak, and what is known of it then."""

from __future__ import annotations

import msgspec

from overlaykit.model import commands as c
from overlaykit.model import notes as n
from tests.engine.model.world import Directed, Verdict, World

MOST_TASKS = 200
MOST_UNMAPPED = 200


def set_rule(said: Directed, command: c.RuleSet) -> Verdict:
    said.rules.pop(command.name, None)
    if command.enabled is not None:
        said.rules[command.name] = command.enabled
    return Verdict()


def fire(world: World, command: c.RuleFire) -> Verdict:
    known = command.sku is None or command.sku in world.items
    return Verdict() if known else Verdict("unknown_sku")


def finish(said: Directed, task: str) -> Verdict:
    if task not in dict(said.tasks):
        return Verdict("unknown_task")
    said.tasks = [each for each in said.tasks if each[0] != task]
    return Verdict()


def map_sku(world: World, command: c.QuarantineMap) -> Verdict:
    if command.channel not in world.channels:
        return Verdict("unknown_channel")
    if command.sku not in world.items:
        return Verdict("unknown_sku")
    name = (command.channel, command.platform_sku)
    world.direction.mapped[name] = (command.sku, command.quantity)
    world.direction.unmapped.pop(name, None)
    world.alerts.pop(f"unmapped:{command.channel}:{command.platform_sku}", None)
    return Verdict()


def drop(world: World, command: c.QuarantineDrop) -> Verdict:
    if command.entry is None:
        name = (command.channel or "", command.platform_sku or "")
        if world.direction.unmapped.pop(name, None) is None:
            return Verdict("nothing_aside")
        world.direction.dropped[name] = world.seq + 1
        world.alerts.pop(f"unmapped:{command.channel}:{command.platform_sku}", None)
        return Verdict()
    if command.entry not in world.quarantine:
        return Verdict("unknown_entry")
    world.quarantine.remove(command.entry)
    world.alerts.pop(f"quarantined:{command.entry}", None)
    return Verdict()


def may_speak(said: Directed, token: int | None) -> bool:
    """Who has the lease, whoever comes after, and who needs none."""
    if token is None:
        return True
    said.token, before = max(said.token, token), said.token
    return token >= before


def heed(world: World, command: c.AlertAcknowledge | c.AlertSnooze, source: str) -> Verdict:
    """Somebody has seen an alert, or wants quiet."""
    alert = world.alerts.get(command.alert)
    if alert is None:
        return Verdict("unknown_alert")
    if isinstance(command, c.AlertAcknowledge):
        alert.seen = (source, world.seq + 1)
        return Verdict()
    alert.snoozed = (source, world.seq + 1)
    return Verdict(ends_at=world.now + round(command.seconds * 1000))


def note(world: World, note: n.AnyNote, seq: int) -> list[str]:
    """The note, whose entry is `seq`, counts; gives the outputs that follow."""
    said = world.direction
    match note:
        case n.AlertRaised():
            of = f":{note.sku}" if note.sku else ""
            world.alert(f"rule:{note.rule}{of}", "rule", None, seq, note.sku, {"rule": note.rule}, level=note.level)
        case n.RuleFired():
            count = said.fired.get(note.rule, (0, 0, None))[0]
            said.fired[note.rule] = (count + 1, seq, note.sku)
        case n.TaskOpened():
            finish(said, note.task)
            said.tasks.append((note.task, note.text))
            if len(said.tasks) > MOST_TASKS:
                del said.tasks[0]
                return ["task.dropped"]
        case n.ObsChanged():
            said.obs[note.obs] = msgspec.to_builtins(note.state)
            problems = list(note.state.problems) + ([] if note.state.connected else ["away"])
            if problems and note.state.wanted:
                params: dict[str, str | int] = {"obs": note.obs, "connected": int(note.state.connected)}
                world.alert(f"obs:{note.obs}", "obs", len(problems), seq, None, params)
            else:
                world.alerts.pop(f"obs:{note.obs}", None)
        case n.ObsHealth():
            said.health[note.obs] = msgspec.to_builtins(note.values)
        case n.SourceStale():
            said.silent[note.source] = note.since
            params = {"source": note.source, "since": note.since}
            world.alert(f"source:{note.source}", "source", 1, seq, None, params)
        case n.SourceFresh():
            said.silent.pop(note.source, None)
            world.alerts.pop(f"source:{note.source}", None)
        case n.ForecastUpdated():
            said.paces |= note.items
            said.paces = {sku: pace for sku, pace in said.paces.items() if pace != (None, None)}
        case n.OrderUnmapped():
            for platform_sku, units in sorted(note.platform_skus.items()):
                name = (note.channel, platform_sku)
                if name in said.unmapped or len(said.unmapped) < MOST_UNMAPPED:
                    orders, before, _ = said.unmapped.get(name, (0, 0, ""))
                    said.unmapped[name] = (orders + 1, before + units, note.order)
                    params = {"channel": note.channel, "platform_sku": platform_sku}
                    params |= {"quantity": before + units, "order": note.order}
                    world.alert(f"unmapped:{note.channel}:{platform_sku}", "unmapped", orders + 1, seq, None, params)
        case n.StockPushed():
            for sku, units in note.levels.items():
                said.pushed[note.channel, sku] = (units, seq)
                said.unpushed.pop((note.channel, sku), None)
            for sku, why in note.failed.items():
                said.unpushed[note.channel, sku] = (why, seq)
    return []


def is_stale(world: World, sku: str) -> bool:
    """Whether a location that the item has been at hears nothing of its source, nor of the one that should take its place."""
    item = world.items[sku]
    if item.bundle:
        return any(is_stale(world, part) for part in item.bundle)
    places = [place for place in world.plan.locations if place.name in item.rows]
    return any(
        place.source in world.direction.silent and (place.backup is None or place.backup in world.direction.silent)
        for place in places
    )
