"""An engine on a real store and the model beside it: each is told the same, and must say and hold the same."""

from __future__ import annotations

import json
import secrets
from typing import Any

import msgspec

from overlaykit.board import Alerts, BoardView, Connections, Direction, Fold
from overlaykit.model import commands as c
from overlaykit.model.commands import Submission
from overlaykit.model.entries import STOCK_COLUMNS
from overlaykit.model.notes import AnyNote, NoteAnswer, Noted
from overlaykit.model.outcomes import Outcome
from overlaykit.model.sessions import SessionPlan
from overlaykit.model.state import State
from overlaykit.recording.agreement import disagreements
from overlaykit.stock import StockEngine
from overlaykit.stock.notes import encode_note, read_answer
from overlaykit.store import connect
from tests.engine.evening import START_MS
from tests.engine.model.direction import is_stale
from tests.engine.model.room import Answer, Model
from tests.engine.model.world import milliseconds

MAY_CHANGE_TOTALS = (
    "stock.adjust",
    "stock.count",
    "stock.confirm",
    "order.refund",
    "order.record",
)
"""What may make units, or make them disappear (a record applies the refunds that came before it)."""

_outcome = msgspec.json.Decoder(Outcome)


class Line(msgspec.Struct):
    """What is looked at in a ledger line."""

    seq: int
    type: str
    outcome: dict[str, Any]
    data: dict[str, Any]
    cause: int | None = None


_line = msgspec.json.Decoder(Line)


class Pair:
    """One ledger and one model. `now` is their clock, in ms."""

    def __init__(self, url: str, plan: SessionPlan) -> None:
        self.plan = plan
        self.client: Any = connect(url)
        self.engine = StockEngine(self.client, plan.ledger)
        self.engine.plan(plan)
        self.model = Model(plan)
        self.model.now = START_MS
        self.state: State = self.engine.state()
        self.fold = Fold.from_state(self.state)
        self.said: list[tuple[Submission, bytes]] = []
        self.noted: list[Noted] = []
        self.lines: list[Line] = []
        self._prefix = secrets.token_hex(4)
        self._count = 0
        self._totals = {sku: sum_all(item.units.rows) for sku, item in self.state.items.items()}
        self._rows: dict[str, dict[str, list[int]]] = {
            sku: dict(item.units.rows) for sku, item in self.state.items.items()
        }

    def close(self) -> None:
        self.client.close()

    # Asking

    @property
    def now(self) -> int:
        return self.model.now

    def wait(self, seconds: float) -> None:
        self.model.now += round(seconds * 1000)

    def submission(self, command: c.Command, id: str | None = None) -> Submission:
        """The command with an id that has not been used, or this one."""
        self._count += 1
        return Submission(id or f"{self._prefix}-{self._count}", command, "api:test")

    def say(self, *commands: c.Command) -> list[Outcome]:
        """All in one call."""
        return self.submit([self.submission(command) for command in commands])

    def submit(self, submissions: list[Submission]) -> list[Outcome]:
        """The same call to both; what they answer and write must be the same."""
        written = len(self.model.written)
        expected = [self.model.decide(each) for each in submissions]
        texts = self.engine.submit(submissions, now_ms=self.now)
        outcomes = [_outcome.decode(text) for text in texts]
        problems = []
        for submission, answer, outcome, text in zip(submissions, expected, outcomes, texts, strict=True):
            found, wanted = self._compare(answer, outcome)
            if found != wanted:
                problems.append(f"{submission.command}\n  the script says {found}\n  the model says  {wanted}")
            if answer.status == "duplicate":
                first = next(text for said, text in self.said if said.id == submission.id)
                assert outcome.first == _outcome.decode(first), submission
            elif answer.status != "conflict" and answer.seq is not None:
                self.said.append((submission, text))
        entries = [(entry.seq, entry.type, entry.cause) for entry in self.model.written[written:]]
        if problems:
            lines = [(line.seq, line.type, line.cause) for line in self._new_lines()]
            raise AssertionError("\n".join([*problems, f"written: {lines}", f"the model: {entries}"]))
        self._read_lines(entries)
        self._compare_items(submissions, outcomes)
        return outcomes

    def note(self, notes: list[Noted], token: int | None = None) -> list[NoteAnswer]:
        """The same notes to both, in one call."""
        written = len(self.model.written)
        expected = [self.model.note(each, token) for each in notes]
        encoded = [encode_note(each, token) for each in notes]
        found = [read_answer(answer) for answer in self.engine.decide(encoded, now_ms=self.now)]
        assert found == expected, (notes, token)
        self._read_lines([(entry.seq, entry.type, entry.cause) for entry in self.model.written[written:]])
        self.noted += notes
        return found

    def noting(self, note: AnyNote, id: str | None = None, cause: int | None = None) -> Noted:
        """The note with an id that has not been used, or this one."""
        self._count += 1
        return Noted(id or f"{self._prefix}-{self._count}", note, "rule:last", cause)

    def sweep(self) -> list[str]:
        """Works off what is due; gives the types of its entries."""
        written = len(self.model.written)
        types = self.model.sweep()
        self.engine.sweep(now_ms=self.now)
        entries = self.model.written[written:]
        self._read_lines([(entry.seq, entry.type, entry.cause) for entry in entries], strictly=False)
        return types

    def _compare(self, answer: Answer, outcome: Outcome) -> tuple[dict[str, Any], dict[str, Any]]:
        verdict = answer.verdict
        wanted: dict[str, Any] = {
            "status": answer.status,
            "reason": verdict.reason or None,
            "seq": answer.seq,
            "oversold": verdict.oversold,
            "excess": verdict.excess,
            "quarantined": verdict.quarantined,
            "early": verdict.early,
            "unconfirmed": verdict.unconfirmed,
            "token": verdict.personal,
        }
        found = {name: getattr(outcome, name) for name in wanted if name != "token"}
        found["token"] = outcome.hold_token is not None
        for name, moment in (("expires_at", verdict.expires_at), ("ends_at", verdict.ends_at)):
            if moment or getattr(outcome, name) is not None:
                wanted[name] = moment
                found[name] = _ms(getattr(outcome, name))
        return found, wanted

    def _compare_items(self, submissions: list[Submission], outcomes: list[Outcome]) -> None:
        """Numbers in an answer are those after its command; with one command in the call they are those of now."""
        if len(submissions) == 1 and outcomes[0].status == "accepted":
            for sku, numbers in outcomes[0].items.items():
                found, wanted = msgspec.structs.asdict(numbers), self.model.totals(sku)
                assert found == wanted, f"{sku} in the answer: {found}, by the model: {wanted}"

    def _new_lines(self) -> list[Line]:
        return [_line.decode(text) for _, text in self.engine.read(self.fold.seq, count=10_000)]

    def _read_lines(self, expected: list[tuple[int, str, int | None]], *, strictly: bool = True) -> None:
        """The ledger goes on as the model says; the fold follows it; nothing appears or vanishes but where it may."""
        found: list[tuple[int, str, int | None]] = []
        for seq, text in self.engine.read(self.fold.seq, count=10_000):
            line = _line.decode(text)
            assert line.seq == seq, f"entry {seq} calls itself {line.seq}"
            self.fold.apply(text)
            self.lines.append(line)
            found.append((line.seq, line.type, line.cause))
            self._follow(line)
        if strictly:
            assert found == expected, f"written: {found}\nthe model: {expected}"
        else:
            types, wanted = sorted(type for _, type, _ in found), sorted(type for _, type, _ in expected)
            assert types == wanted, f"written: {types}\nthe model: {wanted}"

    def _follow(self, line: Line) -> None:
        if line.type == "item.add" and line.outcome["status"] == "accepted":
            opening, kept = line.data.get("opening", {}), line.data.get("buffer", {})
            self._rows[line.data["sku"]] = {
                place: [units, units - kept.get(place, 0), 0, 0, kept.get(place, 0), 0, 0, 0, 0, 0, 0]
                for place, units in opening.items()
            }
            self._totals[line.data["sku"]] = sum(opening.values())
        for sku, rows in line.outcome.get("stock", {}).items():
            self._rows.setdefault(sku, {}).update(rows)
            total = sum_all(self._rows[sku])
            if line.type not in MAY_CHANGE_TOTALS:
                assert total == self._totals.get(sku, 0), f"{sku} changed its total by {line}"
            self._totals[sku] = total

    # Looking

    def check(self) -> None:
        """Both hold the same, and what holds is sound."""
        self.state = self.engine.state()
        self.check_model()
        self.check_store()
        self.check_direction()
        self.check_fold()
        self.check_checkpoint()

    def check_store(self) -> None:
        """Every item, quota and bundle of the store is the model's; no column is negative; on_hand is its parts."""
        model, state = self.model, self.state
        assert state.seq == model.world.seq
        assert state.status == model.world.status
        assert [item.sku for item in state.plan.items] == model.world.order_of_items
        for sku, item in state.items.items():
            rows = {place: row for place, row in item.units.rows.items() if any(row)}
            assert rows == model.rows(sku), (sku, _named(rows), _named(model.rows(sku)))
            assert all(units >= 0 for row in rows.values() for units in row), (sku, rows)
            assert all(row[0] == sum(row[1:6]) for row in rows.values()), (sku, rows)
            assert item.units.owed == model.owed(sku), (sku, item.units.owed, model.owed(sku))
            now = model.world.items[sku]
            assert (item.sale, item.mode) == (now.sale, now.mode), sku
            if now.mode == "presale":
                assert item.ship_by == now.ship_by
            channels = {
                name: tuple(pair) for name, pair in item.units.quotas.channels.items() if tuple(pair) != (None, 0)
            }
            assert channels == model.channels(sku), (sku, channels, model.channels(sku))
            drops = {name: tuple(four) for name, four in item.units.quotas.drops.items()}
            assert drops == model.drops(sku), (sku, drops, model.drops(sku))
            assert tuple(item.units.bundles) == model.bundles(sku), (sku, item.units.bundles, model.bundles(sku))
        shown = {name.partition(" ")[2] for name in state.shown if name.startswith("countdown ")}
        assert shown == set(model.world.countdowns)
        banners = {name.partition(" ")[2] for name in state.shown if name.startswith("announce ")}
        assert banners == set(model.world.announcements)
        look = {name: value for name, value in state.shown.items() if name == "theme" or name.startswith("option ")}
        assert look == model.world.look
        on_air = {
            name.partition(" ")[2] or None: skus for name, skus in state.shown.items() if name.startswith("on_air")
        }
        assert {channel: skus for channel, skus in on_air.items() if skus} == {
            channel: skus for channel, skus in model.world.on_air.items() if skus
        }

    def check_direction(self) -> None:
        """What was said of the director's work is the model's."""
        found, said = Direction.from_shown(self.state.shown), self.model.world.direction
        assert {field for field in self.state.shown if field.startswith("task ")} == {
            f"task {id}" for id, _ in said.tasks
        }
        assert found.switched == said.rules
        assert {rule: (each.count, each.seq, each.sku) for rule, each in found.fired.items()} == said.fired
        assert [(task, each.text) for task, each in found.tasks.items()] == said.tasks
        assert msgspec.to_builtins(found.obs) == said.obs
        assert msgspec.to_builtins(found.health) == said.health
        assert found.silent == said.silent
        assert found.paces == said.paces
        self.check_alerts()
        ways = Connections.from_shown(self.state.shown)
        assert {name: pause.reason for name, pause in ways.paused.items()} == said.paused
        assert {name: (each.sku, each.quantity) for name, each in ways.mapped.items()} == said.mapped
        waiting = [(name, (each.orders, each.quantity, each.order)) for name, each in ways.unmapped.items()]
        assert waiting == list(said.unmapped.items())
        assert ways.dropped == said.dropped
        assert {field for field in self.state.shown if field.startswith("unmapped ")} == {
            f"unmapped {channel}\0{sku}" for channel, sku in said.unmapped
        }
        assert {name: (each.quantity, each.seq) for name, each in ways.pushed.items()} == said.pushed
        assert {name: (each.reason, each.seq) for name, each in ways.unpushed.items()} == said.unpushed
        for sku, item in BoardView(self.fold).board().items.items():
            assert item.stale == is_stale(self.model.world, sku), sku
            assert (item.pace_per_minute, item.sells_out_at) == said.paces.get(sku, (None, None)), sku

    def check_alerts(self) -> None:
        """What somebody has to see, who has seen it, and what the presenter is told."""
        found, world = Alerts.from_shown(self.state.shown), self.model.world
        alerts = {
            id: (each.count, each.level, each.kind, each.sku, each.params, each.seq)
            for id, each in found.raised.items()
        }
        assert alerts == {
            id: (each.count, each.level, each.kind, each.sku, each.params, each.seq)
            for id, each in world.alerts.items()
        }
        seen = {id: (each.by, each.seq) for id, each in found.seen.items()}
        assert seen == {id: each.seen for id, each in world.alerts.items() if each.seen}
        snoozed = {id: (each.by, each.seq) for id, each in found.snoozed.items()}
        assert snoozed == {id: each.snoozed for id, each in world.alerts.items() if each.snoozed}
        note = self.state.shown.get("note")
        assert (note and (note["text"], note["by"])) == world.note

    def check_model(self) -> None:
        """Held and committed are what open orders hold and have paid; no order has more than it asked for."""
        world = self.model.world
        for sku, item in world.items.items():
            found = {"held": 0, "committed": 0, "presold_held": 0, "presold_committed": 0}
            for order, line in world.lines_of(sku):
                found[order.bucket] += line.units("open")
                found["presold_" + order.bucket] += line.units("presold")
                assert line.gone() <= line.asked, (order, line)
            assert found == {name: item.total(name) for name in found}, sku

    def check_fold(self) -> None:
        """Whoever followed the ledger shows what somebody shows who starts from the state."""
        assert self.fold.seq == self.state.seq
        fresh = Fold.from_state(self.state)
        assert fresh.look == self.fold.look
        for channel, region in ((None, None), ("mini", None), (None, "south")):
            followed = BoardView(self.fold, channel=channel, region=region).board()
            started = BoardView(fresh, channel=channel, region=region).board()
            assert followed == started, (channel, region)
        assert BoardView(fresh).direction() == BoardView(self.fold).direction()
        for since in (0, self.fold.seq - 3):
            assert BoardView(fresh).pushed(since) == BoardView(self.fold).pushed(since)
        assert not disagreements(self.fold, self.state)

    def check_checkpoint(self) -> None:
        """Whoever goes on from what a fold has written down shows the same."""
        kept = msgspec.json.decode(msgspec.json.encode(self.fold.to_state()), type=State)
        again = Fold.from_state(kept)
        assert BoardView(again).board() == BoardView(self.fold).board()
        assert BoardView(again).desk() == BoardView(self.fold).desk()
        assert again.to_state() == self.fold.to_state()

    def check_replay(self) -> None:
        """The ledger's inputs, given to an empty ledger, write the same bytes."""
        lines = [line for _, line in self.engine.read(0, count=100_000)]
        again = StockEngine(self.client, self.plan.ledger + "-again")
        for before, after in zip(lines, again.reapply(lines), strict=True):
            assert after == before


def sum_all(rows: dict[str, list[int]]) -> int:
    """All units of an item: on hand, on their way, promised, sold and gone."""
    wanted = [
        STOCK_COLUMNS.index(name) for name in ("on_hand", "incoming", "shipped", "presold_held", "presold_committed")
    ]
    return sum(row[index] for row in rows.values() for index in wanted)


def _named(rows: dict[str, list[int]]) -> str:
    """Rows for a reader."""
    return json.dumps({place: dict(zip(STOCK_COLUMNS, row, strict=True)) for place, row in rows.items()})


def _ms(text: str | None) -> int:
    return milliseconds(text) if text else 0
