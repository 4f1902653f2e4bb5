"""What a plan lets the operator direct: its rules, buttons, emergency plans, OBS instances and connectors by name."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from overlaykit.model.commands import (
    ButtonPress,
    Command,
    ConnectorPause,
    ConnectorResume,
    EmergencyRun,
    ObsDo,
    RuleFire,
    RuleSet,
)
from overlaykit.model.sessions import SessionPlan
from overlaykit.model.triggers import AnyTrigger, ButtonPressed
from overlaykit.plan import Words, consequences, emergencies_of
from overlaykit.plan.rules import ALERT
from overlaykit.plan.triggers import TriggerError, read_trigger
from overlaykit.pluginhost.targets import targets_of
from overlaykit.rules.book import ALERT_COOLDOWN_MS
from overlaykit.stock import SessionRecord
from overlaykit.web.naming import UnknownName, no_such
from overlaykit.web.services import Services

NAMED = (RuleSet, RuleFire, ButtonPress, EmergencyRun, ObsDo, ConnectorPause, ConnectorResume)
"""Commands with a name that has to be in the plan."""


class PlannedRule(Struct, frozen=True, kw_only=True):
    """A rule as the plan says it, or an alert, which is a rule, too.

    when, condition   what sets it off, and what must hold then
    sku        the items that it is about, a pattern; None for all, or for the room
    per_item   whether it is about each item, or about the room
    enabled    whether it is on unless the operator says otherwise
    once       whether it fires once in a session
    cooldown   seconds that it rests after firing
    alert      whether it is an alert
    """

    name: str
    when: str
    condition: str | None
    sku: str | None
    per_item: bool
    enabled: bool
    once: bool
    cooldown: float
    alert: bool


class PlannedEmergency(Struct, frozen=True):
    """An emergency plan: its button's title, what each of its actions will do, in words, and what people shall see to then."""

    name: str
    title: str
    consequences: tuple[Words, ...]
    checklist: tuple[str, ...]


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

    @property
    def directs(self) -> bool:
        """Whether anything of it can ask a person to do something."""
        return bool(self.rules or self.emergencies or self.obs)

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
                PlannedEmergency(name, each.title, consequences(each), each.checklist)
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
        )

    def unknown_name(self, command: Command) -> UnknownName | None:
        """The name in a command of the operator's that the plan does not have; None when it is all right."""
        match command:
            case RuleSet(name=name) | RuleFire(name=name):
                known, path = [each.name for each in self.rules], "name"
                kind = Words("rule", "规则")
            case ButtonPress(name=name):
                known, path = self.buttons, "name"
                kind = Words("button", "按钮")
            case EmergencyRun(name=name):
                known, path = [each.name for each in self.emergencies], "name"
                kind = Words("emergency plan", "应急预案")
            case ObsDo(obs=name):
                known, path = [each.name for each in self.obs], "obs"
                kind = Words("OBS", " OBS ")
            case ConnectorPause(name=name) | ConnectorResume(name=name):
                known, path = self.connectors, "name"
                kind = Words("section with a connector", "外部连接")
            case _:
                return None
        return None if name in known else UnknownName(path, no_such(kind, name, known))


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
        condition=written.get("if"),
        sku=written.get("sku"),
        per_item=trigger is not None and trigger.per_item,
        enabled=written.get("enabled", True),
        once=written.get("once", False),
        cooldown=written.get("cooldown", ALERT_COOLDOWN_MS / 1000 if alert else 0),
        alert=alert,
    )
