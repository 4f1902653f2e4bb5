"""What is checked of rules, alerts and emergency plans beyond their form: triggers, the names in them, and what goes together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from overlaykit.model.commands import COMMANDS
from overlaykit.model.patterns import sku_pattern
from overlaykit.model.sessions import SessionPlan
from overlaykit.model.triggers import (
    UNIT_FIELDS,
    AnyTrigger,
    CountdownBelow,
    DropTurned,
    Level,
    ObsHealth,
    ObsScene,
    ObsTurned,
    SellsOutIn,
    SoldOut,
    SourceTurned,
)
from overlaykit.plan.form import AlertForm, EmergencyForm, Path, PlanForm, RuleForm
from overlaykit.plan.reader import Findings
from overlaykit.plan.triggers import TriggerError, read_level, read_span, read_trigger
from overlaykit.plan.values import is_template
from overlaykit.words import Words

ALERT = "alert-"
"""How the names of the rules begin that alerts are made into: alert-1 is the first."""
EMERGENCY = "emergency."
"""How the names of the rules begin that emergency plans are made into."""

USUAL_AWAY = 0.1
"""Of the level: how far back a number has to be before a rule without `rearm` may fire again."""

_NOTHING = Words("leave it out", "删掉这一项")


class Back(NamedTuple):
    """`rearm`: where a number has to be back. `share`: of the opening units."""

    value: float
    share: bool = False


def read_back(trigger: AnyTrigger, written: int | float | str) -> Back:
    """The `rearm` of a rule with this trigger. Raises TriggerError when it does not go with it."""
    text = str(written)
    if isinstance(trigger, SellsOutIn):
        seconds = read_span(text if isinstance(written, str) else f"{text}s")
        if seconds < trigger.seconds:
            raise _not_back(text)
        return Back(seconds)
    if isinstance(trigger, SoldOut):
        return Back(*read_level("available", text))
    if not isinstance(trigger, Level | ObsHealth):
        what = Words("only what crosses a level can be back at one", "只有跨过数值的触发条件才能用 rearm")
        raise TriggerError(what, _NOTHING)
    value, share = read_level(trigger.field, text)
    same = not isinstance(trigger, Level) or share == trigger.share
    if same and (value < trigger.value if "<" in trigger.sign else value > trigger.value):
        raise _not_back(text)
    return Back(value, share)


def usual_back(trigger: AnyTrigger | None) -> Back | None:
    """`rearm` of a rule that does not say it: a tenth of the level away from it, and a whole unit at least, since numbers go up
    and down as holds expire. None for what crosses no level."""
    if not isinstance(trigger, Level | ObsHealth):
        return None
    of_opening = isinstance(trigger, Level) and trigger.share
    in_units = isinstance(trigger, Level) and trigger.field in UNIT_FIELDS and not of_opening
    away = max(trigger.value * USUAL_AWAY, 1 if in_units else 0)
    if ">" in trigger.sign:
        return Back(max(0, trigger.value - away), of_opening)
    back = trigger.value + away
    return Back(max(trigger.value, min(back, 1)) if trigger.is_share or of_opening else back, of_opening)


def check_rules(form: PlanForm, data: Mapping[str, Any], skus: Sequence[str], findings: Findings) -> None:
    """What is wrong goes to `findings`. `data` is the plan as it was read."""
    checker = _Checker(form, data, skus, findings)
    for rule in form.rule or ():
        for prefix in (ALERT, EMERGENCY):
            if rule.name.startswith(prefix):
                what = Words(f"names that begin with {prefix} are taken", f"以 {prefix} 开头的名字已有用途")
                findings.add((*rule.at, "name"), what, Words("another name", "另取一个名字"))
        checker.check(rule)
        checker.check_do(rule)
    for alert in form.alert or ():
        checker.check(alert)
        checker.names((*alert.at, "to"), alert.to or (), "notifier")
    for emergency in (form.emergency or {}).values():
        checker.check_do(emergency)


class _Checker:
    def __init__(self, form: PlanForm, data: Mapping[str, Any], skus: Sequence[str], findings: Findings) -> None:
        self._form = form
        self._data = data
        self._skus = skus
        self._findings = findings

    def check(self, rule: RuleForm | AlertForm) -> None:
        findings = self._findings
        try:
            trigger = read_trigger(rule.when)
        except TriggerError as error:
            findings.add((*rule.at, "when"), error.what, error.expected, error.nearest)
            return
        self._check_names(trigger, (*rule.at, "when"))
        if rule.rearm is not None:
            try:
                read_back(trigger, rule.rearm)
            except TriggerError as error:
                findings.add((*rule.at, "rearm"), error.what, error.expected)
        if rule.sustained is not None and not trigger.lasts:
            what = Words(f"`{rule.when}` is over in a moment", f"`{rule.when}` 是一瞬间的事，不会持续")
            findings.add((*rule.at, "sustained"), what, _NOTHING)
        if rule.sku is None:
            return
        if not trigger.per_item:
            what = Words(f"`{rule.when}` is not about an item", f"`{rule.when}` 和具体商品无关")
            findings.add((*rule.at, "sku"), what, _NOTHING)
        elif self._skus and not any(map(sku_pattern(rule.sku).fullmatch, self._skus)):
            what = Words(f"no item has a sku like {rule.sku}", f"没有编码符合 {rule.sku} 的商品")
            findings.unknown((*rule.at, "sku"), what, rule.sku, self._skus)

    def check_do(self, rule: RuleForm | EmergencyForm) -> None:
        """The names that actions of ours give. Whether they have the right fields is known once the actions are."""
        for index, entry in enumerate(rule.do):
            action, at = str(entry.get("action")), (*rule.at, "do", index)
            if action.startswith("obs."):
                self._check_obs(entry, at)
            elif action in ("chat", "coupon"):
                self.names((*at, "channels"), entry.get("channels"), "channel")
            elif action == "notify":
                self.names((*at, "to"), entry.get("to"), "notifier")
            elif action == "webhook":
                self.names((*at, "to"), entry.get("to"), "webhook")
            elif action == "announce" and "sku" in entry:
                self._one_of((*at, "sku"), entry["sku"], self._skus, "sku", "商品编码")
            elif action == "stock":
                self._check_stock(entry, at)

    def names(self, at: Path, written: object, kind: str) -> None:
        """Each name of a list, where it stands for a section [kind.NAME]."""
        for index, name in enumerate(written if isinstance(written, Iterable) and not isinstance(written, str) else ()):
            self._name((*at, index), name, kind)

    def _check_names(self, trigger: AnyTrigger, at: Path) -> None:
        match trigger:
            case CountdownBelow(name=name):
                self._one_of(at, name, self._countdowns(), "countdown", "倒计时")
            case DropTurned(name=name):
                self._one_of(at, name, self._drops(), "drop", "波次")
            case SourceTurned(name=name):
                self._name(at, name, "source")
            case ObsTurned(obs=name) | ObsScene(obs=name) | ObsHealth(obs=name):
                self._name(at, name, "obs")

    def _countdowns(self) -> list[str]:
        drops = self._rows("drop")
        names = [str(row.get("name")) for row in self._rows("countdown")]
        names += [f"{row.get('name')}-open" for row in drops if "opens_at" in row]
        return names + [f"{row.get('name')}-close" for row in drops if "closes_after" in row]

    def _drops(self) -> list[str]:
        return [str(row.get("name")) for row in self._rows("drop")]

    def _rows(self, section: str) -> list[dict[str, Any]]:
        found = self._data.get(section)
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []

    def _sections(self, kind: str) -> list[str]:
        found = self._data.get(kind)
        return [str(name) for name in found] if isinstance(found, dict) else []

    def _check_obs(self, entry: Mapping[str, Any], at: Path) -> None:
        known = self._sections("obs")
        if "obs" in entry:
            self._name((*at, "obs"), entry["obs"], "obs")
        elif not known:
            what = Words("the plan has no OBS", "方案里没有 OBS")
            self._findings.add((*at, "action"), what, Words("a section [obs.main]", "加一节 [obs.main]"))
        elif len(known) > 1:
            what = Words("the plan has several OBS, and it does not say which", "方案里有几台 OBS，没有写是哪一台")
            said = f'obs = "{known[0]}"'
            self._findings.add((*at, "action"), what, Words(f"{said} beside it", f"在旁边写 {said}"))

    def _check_stock(self, entry: Mapping[str, Any], at: Path) -> None:
        command = entry.get("command")
        if isinstance(command, str) and command not in COMMANDS:
            what = Words(f"there is no command {command[:60]}", f"没有 {command[:60]} 这个命令")
            self._findings.unknown((*at, "command"), what, command, sorted(COMMANDS))
        for key in ("channel", "location"):
            self._name((*at, key), entry.get(key), key)
        if "drop" in entry:
            self._one_of((*at, "drop"), entry["drop"], self._drops(), "drop", "波次")
        if "sku" in entry:
            self._one_of((*at, "sku"), entry["sku"], self._skus, "sku", "商品编码")

    def _name(self, at: Path, name: object, kind: str) -> None:
        known = self._sections(kind)
        if kind in ("channel", "location") and not known:
            known = ["default"]
        if isinstance(name, str) and name not in known and not is_template(name):
            what = Words(f"there is no [{kind}.{name[:60]}]", f"没有 [{kind}.{name[:60]}]")
            self._findings.unknown(at, what, name, known)

    def _one_of(self, at: Path, name: object, known: Sequence[str], en: str, zh: str) -> None:
        if isinstance(name, str) and name not in known and not is_template(name):
            what = Words(f"there is no {en} {name[:60]}", f"没有名为 {name[:60]} 的{zh}")
            self._findings.unknown(at, what, name, known)


def _not_back(text: str) -> TriggerError:
    what = Words(f"{text} lies on the side on which the rule fires", f"{text} 还在会触发的那一侧")
    return TriggerError(what, Words("a value on the other side of `when`", "`when` 另一侧的数值"))


def has_usual_text(plan: SessionPlan, rule: str) -> bool:
    """Whether it is an alert whose author left it to us what it says: then it is said in both languages."""
    alerts, number = plan.later.get("alert", ()), rule.removeprefix(ALERT)
    if number == rule or not number.isdigit() or not 0 < int(number) <= len(alerts):
        return False
    return not alerts[int(number) - 1].get("text")
