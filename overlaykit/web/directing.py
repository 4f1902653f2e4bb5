"""What a plan lets the operator direct: its rules, buttons, emergency plans, OBS instances and connectors by name."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from overlaykit.model.sessions import SessionPlan
from overlaykit.model.triggers import AnyTrigger, ButtonPressed
from overlaykit.plan import Words, announcements_of, consequences, emergencies_of
from overlaykit.plan.emergencies import Emergency
from overlaykit.plan.rules import ALERT
from overlaykit.plan.triggers import TriggerError, read_trigger
from overlaykit.pluginhost.targets import targets_of
from overlaykit.rules.book import ALERT_COOLDOWN_MS
from overlaykit.rules.wording import say_trigger
from overlaykit.stock import SessionRecord
from overlaykit.web.services import Services


class PlannedRule(Struct, frozen=True, kw_only=True):
    """A rule as the plan says it, or an alert, which is a rule, too.

    when, condition   what sets it off, and what must hold then, as the plan has it
    says       `when` in words; None for what this version cannot read
    sku        the items that it is about, a pattern; None for all, or for the room
    per_item   whether it is about each item, or about the room
    enabled    whether it is on unless the operator says otherwise
    once       whether it fires once in a session
    cooldown   seconds that it rests after firing
    alert      whether it is an alert
    usual_text  whether it is an alert that says what we make of it, in both languages
    """

    name: str
    when: str
    says: Words | None
    condition: str | None
    sku: str | None
    per_item: bool
    enabled: bool
    once: bool
    cooldown: float
    alert: bool
    usual_text: bool


class PlannedAction(Struct, frozen=True):
    """An action of an emergency plan, the OBS that it is done on, and the command that it sends."""

    action: str
    obs: str | None
    command: str | None


class PlannedEmergency(Struct, frozen=True):
    """An emergency plan: its button's title, its actions, what each will do, in words, and what people shall see to then; whether
    the numbers freeze by it."""

    name: str
    title: Words
    actions: tuple[PlannedAction, ...]
    consequences: tuple[Words, ...]
    checklist: tuple[Words, ...]
    freezes: bool


class PlannedObs(Struct, frozen=True):
    """An OBS, and its scene for emergencies."""

    name: str
    safe_scene: str | None


class PlannedDrop(Struct, frozen=True):
    """A batch: `quantity` units of the item `sku` for a price of its own, for `closes_after` seconds once it is open."""

    sku: str
    quantity: int
    price: str | None
    closes_after: float | None


class Directing(Struct, frozen=True):
    """Everything of a plan that has a name to direct it by.

    outside     whether anybody is outside the room
    connectors  channels, sources and notifiers that have one, with their sections
    apps        whether messages of platforms may come
    channels    channel → its title
    locations   location → its title
    drops       drop → what it is
    announcements  template to announce → its title
    """

    rules: list[PlannedRule]
    buttons: list[str]
    emergencies: list[PlannedEmergency]
    obs: list[PlannedObs]
    sources: list[str]
    outside: bool
    connectors: list[str]
    apps: bool
    channels: dict[str, str]
    locations: dict[str, str]
    drops: dict[str, PlannedDrop]
    announcements: dict[str, Words]

    @classmethod
    def of(cls, plan: SessionPlan) -> Directing:
        rules = [_rule(each["name"], each) for each in plan.later.get("rule", ())]
        rules += [
            _rule(f"{ALERT}{number}", each, alert=True) for number, each in enumerate(plan.later.get("alert", ()), 1)
        ]
        triggers = [_trigger(each.when) for each in rules]
        buttons = dict.fromkeys(each.name for each in triggers if isinstance(each, ButtonPressed))
        obs: dict[str, Any] = plan.later.get("obs", {})
        return cls(
            rules,
            list(buttons),
            [
                PlannedEmergency(
                    name, each.title, _actions(each, list(obs)), consequences(each), each.checklist, each.freezes
                )
                for name, each in emergencies_of(plan).items()
            ],
            [PlannedObs(name, each.get("safe_scene")) for name, each in obs.items()],
            list(plan.later.get("source", ())),
            plan.reaches_out,
            [target.queue for target in targets_of(plan) if target.plugin is not None],
            bool(plan.apps),
            {channel.name: channel.title for channel in plan.channels},
            {location.name: location.title for location in plan.locations},
            {each.name: PlannedDrop(each.sku, each.quantity, each.price, each.closes_after) for each in plan.drops},
            {name: each.title for name, each in announcements_of(plan).items()},
        )


class Directed:
    """`Directing` by session, kept for good: what a plan says of it counts until the session is over."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: dict[str, Directing] = {}

    def of(self, record: SessionRecord) -> Directing:
        """Raises NotFound, StoreAway."""
        found = self._known.get(record.id)
        if found is None:
            found = Directing.of(self._services.engine(record.ledger).state().plan)
            self._known[record.id] = found
        return found


def _actions(emergency: Emergency, obs: list[str]) -> tuple[PlannedAction, ...]:
    """`obs`: those of the plan; an action need not name the only one."""
    alone = obs[0] if len(obs) == 1 else None
    return tuple(
        PlannedAction(
            entry["action"],
            entry.get("obs", alone) if str(entry["action"]).startswith("obs.") else None,
            entry.get("command") if entry["action"] == "stock" else None,
        )
        for entry in emergency.do
    )


def _trigger(when: str) -> AnyTrigger | None:
    """None for what an older version let into a plan, and this one cannot read."""
    try:
        return read_trigger(when)
    except TriggerError:
        return None


def _rule(name: str, written: dict[str, Any], *, alert: bool = False) -> PlannedRule:
    trigger = _trigger(written["when"])
    return PlannedRule(
        name=name,
        when=written["when"],
        says=None if trigger is None else say_trigger(trigger),
        condition=written.get("if"),
        sku=written.get("sku"),
        per_item=trigger is not None and trigger.per_item,
        enabled=written.get("enabled", True),
        once=written.get("once", False),
        cooldown=written.get("cooldown", ALERT_COOLDOWN_MS / 1000 if alert else 0),
        alert=alert,
        usual_text=alert and not written.get("text"),
    )
