"""The model: decides one command after the other, and works off what is due."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from overlaykit.model import commands as c
from overlaykit.model.commands import Submission
from overlaykit.model.notes import NoteAnswer, Noted
from overlaykit.model.sessions import SessionPlan
from tests.engine.model import catalogue, counts, direction, facts, quotas, requests, returning, screen
from tests.engine.model.counts import STEP_MS
from tests.engine.model.world import COLUMNS, Verdict, World, Written, columns, empty_row, milliseconds


@dataclass(frozen=True)
class Answer:
    """What an outcome has to say. `status`: accepted, refused, duplicate or conflict."""

    status: str
    verdict: Verdict
    seq: int | None = None


class Model:
    """One room. `now` is turned by whoever uses it; `written` collects what was written to the ledger after entry 1. `ids`: the
    command of each that was used, None for a note, whose entry is in `noted`."""

    def __init__(self, plan: SessionPlan) -> None:
        self.world = World(plan)
        self.ids: dict[str, c.Command | None] = {}
        self.noted: dict[str, int] = {}

    @property
    def now(self) -> int:
        return self.world.now

    @now.setter
    def now(self, now: int) -> None:
        self.world.now = now

    @property
    def written(self) -> list[Written]:
        return self.world.written

    # What others read

    def rows(self, sku: str) -> dict[str, list[int]]:
        """Location → row, without the locations that have nothing at all."""
        return {place: columns(row) for place, row in self.world.items[sku].rows.items() if any(row.values())}

    def totals(self, sku: str) -> dict[str, int]:
        return {name: self.world.items[sku].total(name) for name in ("available", "held", "committed")}

    def owed(self, sku: str) -> int:
        return self.world.owed(sku)

    def channels(self, sku: str) -> dict[str, tuple[int | None, int]]:
        """Channel → allotted and used, of each that has an allotment, or has used units of one that ended."""
        found = {
            name: (allotted, quotas.used_by_channel(self.world, sku, name))
            for name, allotted in self.world.items[sku].allotted.items()
        }
        return {name: pair for name, pair in found.items() if pair != (None, 0)}

    def drops(self, sku: str) -> dict[str, tuple[int, int, int, str]]:
        """Drop → allotted, used, sold, status."""
        return {
            name: (
                drop.allotted,
                quotas.used_by_drop(self.world, name),
                quotas.used_by_drop(self.world, name, sold=True),
                drop.status,
            )
            for name, drop in self.world.drops.items()
            if drop.planned.sku == sku
        }

    def bundles(self, sku: str) -> tuple[int, int]:
        """Bundles held and bundles sold."""
        held = sold = 0
        for order in self.world.orders.values():
            for each in order.bundles:
                if each.sku == sku and order.state == "held":
                    held += each.asked - each.returned
                elif each.sku == sku and order.state == "committed":
                    sold += each.asked - each.returned
        return held, sold

    # Commands

    def decide(self, submission: Submission) -> Answer:
        """Decides a command. The same id again changes nothing."""
        world, command = self.world, submission.command
        if submission.id in self.ids:
            same = self.ids[submission.id] == command
            return Answer("duplicate" if same else "conflict", Verdict())
        with self._noting_moves():
            before = {sku: quotas.pool(world, sku) for sku in world.items}
            verdict = self._rule(submission.id, command, submission.source)
            if not verdict.entry:
                return Answer("refused", verdict)
            self.ids[submission.id] = command
            returning.enter(world)
            order = world.orders.get(getattr(command, "order", ""))
            if _is_fact(command) and order is not None:
                for sku, pool in before.items():
                    quotas.make_room(world, order, sku, pool)
                verdict.oversold = self._owed_since(world.seq + 1)
            seq = returning.write(world, str(command.__struct_config__.tag))
            if verdict.quarantined:
                world.quarantine.add(seq)
                params: dict[str, str | int] = {"entry": seq, "type": str(command.__struct_config__.tag)}
                params |= {"order": getattr(command, "order", ""), "reason": verdict.quarantined}
                world.alert(f"quarantined:{seq}", "quarantined", 1, seq, None, params)
        return Answer("refused" if verdict.reason else "accepted", verdict, seq)

    def note(self, noted: Noted, token: int | None) -> NoteAnswer:
        """Decides a note. The same id again changes nothing, whatever it says."""
        world = self.world
        if noted.id in self.ids:
            seq = self.noted.get(noted.id)
            return NoteAnswer("duplicate" if seq else "conflict", seq)
        if not direction.may_speak(world.direction, token):
            return NoteAnswer("fenced", None)
        seq = self.noted[noted.id] = world.write(str(noted.note.__struct_config__.tag), noted.cause)
        self.ids[noted.id] = None
        for output in direction.note(world, noted.note, seq):
            world.write(output, seq)
        return NoteAnswer("accepted", seq)

    def _owed_since(self, seq: int) -> dict[str, int]:
        found: dict[str, int] = {}
        for order in self.world.orders.values():
            for line in order.lines:
                if line.debt and line.since == seq:
                    found[line.sku] = found.get(line.sku, 0) + line.debt
        return found

    def _rule(self, id: str, command: c.Command, source: str) -> Verdict:
        world = self.world
        match command:
            case c.OrderReserve():
                return requests.reserve(world, command)
            case c.OrderRecord():
                return facts.record(world, command)
            case (
                c.OrderCommit(fact=True) | c.OrderRelease(fact=True) | c.OrderShip(fact=True) | c.OrderRefund(fact=True)
            ):
                return facts.fact(world, command)
            case c.OrderCommit():
                return requests.commit(world, command)
            case c.OrderRelease():
                return requests.release(world, command)
            case c.OrderShip():
                return requests.ship(world, command)
            case c.OrderRefund():
                return requests.refund(world, command)
            case c.StockCount():
                return counts.count(world, command)
            case c.StockConfirm():
                return counts.confirm(world, command)
            case c.StockAdjust():
                return counts.adjust(world, command)
            case c.StockTransfer():
                return counts.transfer(world, command)
            case c.AllotmentSet():
                return catalogue.set_allotment(world, command)
            case c.DropRelease():
                return catalogue.release_drop(world, command.drop)
            case c.DropClose():
                return catalogue.close_drop(world, command.drop)
            case c.QuarantineDrop():
                return direction.drop(world, command)
            case c.QuarantineMap():
                return direction.map_sku(world, command)
            case c.ConnectorPause():
                world.direction.paused[command.name] = command.reason
                return Verdict()
            case c.ConnectorResume():
                world.direction.paused.pop(command.name, None)
                return Verdict()
            case c.ItemOpen() | c.ItemClose():
                return catalogue.set_sale(world, command.sku, "open" if isinstance(command, c.ItemOpen) else "closed")
            case c.ItemMode():
                return catalogue.set_mode(world, command)
            case c.ItemAdd():
                return catalogue.add(world, command)
            case c.ItemUpdate():
                return catalogue.update(world, command)
            case c.ItemMove():
                return catalogue.move(world, command)
            case c.ItemFeature():
                return screen.feature(world, command)
            case c.CountdownSet():
                return screen.set_countdown(world, command)
            case c.AnnounceShow():
                return screen.show(world, id, command)
            case c.AnnounceClear():
                return screen.clear(world, command)
            case c.OverlaySet():
                return screen.set_look(world, command)
            case c.RuleSet():
                return direction.set_rule(world.direction, command)
            case c.RuleFire():
                return direction.fire(world, command)
            case c.TaskDone():
                return direction.finish(world.direction, command.task)
            case c.AlertAcknowledge() | c.AlertSnooze():
                return direction.heed(world, command, source)
            case c.NoteSet():
                world.note = None if command.text is None else (command.text, source)
                return Verdict()
            case c.ButtonPress() | c.EmergencyRun() | c.ObsDo() | c.OverlayRefresh():
                return Verdict()
            case c.SessionOpen() | c.SessionFreeze() | c.SessionThaw() | c.SessionClose():
                return self._turn(command)
        raise AssertionError(command)

    def _turn(self, command: c.Command) -> Verdict:
        world = self.world
        before, after = {
            c.SessionOpen: (("planned",), "live"),
            c.SessionFreeze: (("live",), "frozen"),
            c.SessionThaw: (("frozen",), "live"),
            c.SessionClose: (("planned", "live", "frozen"), "closed"),
        }[type(command)]
        if world.status not in before:
            return Verdict("wrong_state")
        world.status = after
        if isinstance(command, c.SessionOpen):
            screen.start_countdowns(world)
        return Verdict()

    # Time

    def sweep(self) -> list[str]:
        """Works off what is due and gives the types of its entries."""
        world = self.world
        before = len(world.written)
        with self._noting_moves():
            returning.expire_due(world)
            for name, (sku, ends_at, said) in list(world.countdowns.items()):
                if not said and ends_at <= world.now:
                    world.countdowns[name] = (sku, ends_at, True)
                    world.write("countdown.due")
            for name, drop in world.drops.items():
                opens = drop.planned.opens_at
                if drop.status == "pending" and world.takes_requests and opens and milliseconds(opens) <= world.now:
                    catalogue.open_drop(world, name)
                    world.write("drop.opened")
                if drop.status == "open" and 0 < drop.closes_at <= world.now:
                    catalogue.close_drop(world, name)
                    world.write("drop.closed")
            for id, (_, ends_at) in list(world.announcements.items()):
                if 0 < ends_at <= world.now:
                    del world.announcements[id]
                    world.write("announce.expired")
        return [entry.type for entry in world.written[before:]]

    @contextmanager
    def _noting_moves(self) -> Iterator[None]:
        """Notes how rows move, in steps of ten seconds. What a reading corrects is no move: it was so before."""
        world = self.world
        before = {(sku, place): dict(row) for sku, item in world.items.items() for place, row in item.rows.items()}
        known = set(world.items)
        yield
        for sku, item in world.items.items():
            for place, row in item.rows.items():
                if sku not in known:
                    continue
                was = before.get((sku, place), empty_row())
                corrected = world.corrected.get((sku, place), empty_row())
                moved = {name: row[name] - was[name] - corrected[name] for name in COLUMNS}
                if any(moved.values()):
                    world.moves[sku, place].append((world.now // STEP_MS, moved))
        world.corrected.clear()


def _is_fact(command: c.Command) -> bool:
    return isinstance(command, c.OrderRecord) or bool(getattr(command, "fact", False))
