"""The answer to `run --dry-run`: what would start, in the plan's language. Touches neither the state folder nor the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any

from rich.console import Console
from rich.markup import escape

from overlaykit.cli.notices import notices, without_secrets
from overlaykit.config import Config
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import LoadedPlan
from overlaykit.plan.extensions import COMMON_KEYS
from overlaykit.pluginhost import Plugins
from overlaykit.rules import Rule, RuleBook
from overlaykit.runtime.secrets import KeptSecrets
from overlaykit.runtime.sessions import find_recording
from overlaykit.store.client import masked
from overlaykit.words import Words, alike, counted, words_in

SHOWN = 60
"""Characters of an action's arguments."""


def say_what_would_start(
    console: Console,
    config: Config,
    session: str,
    loaded: LoadedPlan | None,
    plugins: Plugins,
    *,
    play: bool,
    speed: float,
) -> None:
    """`loaded`: None where the session is asked for by its id, and its language is not known: English."""
    locale = "en" if loaded is None else loaded.session.locale

    def say(label: Words, text: Words) -> None:
        wide = label.within(locale)
        pad = " " * (10 - sum(2 if ord(each) > 0x7F else 1 for each in wide))
        console.print(f"{wide}{pad}{escape(text.within(locale))}", soft_wrap=True)

    def more(text: Words) -> None:
        say(Words("", ""), text)

    if loaded is None:
        known = f"{session}, by its id in the store: what it holds is seen when it starts"
        say(Words("session", "场次"), alike(known))
    else:
        plan = loaded.session
        say(Words("plan", "方案"), Words(f"{plan.id}: {plan.title}; it is right", f"{plan.id}：{plan.title}，没有问题"))
        more(_size(plan))
    if play and loaded is not None:
        recording = find_recording(loaded.folder)
        say(Words("plays", "回放"), Words(f"{recording}, {speed:g} times as fast", f"{recording}，{speed:g} 倍速"))
    kept = config.state / "store"
    embedded = Words(f"embedded, in {kept}", f"自带，放在 {kept}")
    say(Words("store", "数据库"), alike(masked(config.redis_url)) if config.redis_url else embedded)
    say(Words("web", "网页"), alike(f"http://{config.host}:{config.port}"))
    acts = loaded is not None and loaded.session.acts
    directed = Words(
        "clock and recorder" + (", rules and OBS" if acts else ""), "时钟、录像" + ("、规则、OBS" if acts else "")
    )
    say(Words("director", "导播"), directed)
    if loaded is not None:
        for line in _rules(loaded.session):
            more(line)
    if loaded is not None and loaded.session.reaches_out:
        outside = Words(
            "platforms' orders and stock, chats, coupons, notifications, webhooks, stock sources",
            "平台订单和库存、弹幕、优惠券、通知、Webhook、库存数据源",
        )
        say(Words("gateway", "网关"), outside)
    told = notices(loaded, plugins)
    if loaded is not None and not play:
        told += without_secrets(loaded.session, plugins, KeptSecrets(config.state, config.secrets))
    for notice in told:
        console.print(f"[yellow]![/] {escape(words_in(notice).within(locale))}", soft_wrap=True)
    done = Words(
        "Nothing was started (--dry-run); whether the port and the session's id are free shows at the start.",
        "只作检查，什么都没有启动（--dry-run）；端口和场次编号有没有被占用，启动时才知道。",
    )
    console.print(done.within(locale), soft_wrap=True)


def _size(plan: SessionPlan) -> Words:
    units = sum(sum(item.opening.values()) for item in plan.items)
    held = (
        (len(plan.items), "item"),
        (units, "unit"),
        (len(plan.locations), "location"),
        (len(plan.channels), "channel"),
    )
    items, _, locations, channels = (f"{count:,}" for count, _ in held)
    return Words(
        ", ".join(counted(*each) for each in held) + f", theme {plan.theme}",
        f"{items} 个商品、{units:,} 件库存、{locations} 个仓库、{channels} 个渠道，主题 {plan.theme}",
    )


def _rules(plan: SessionPlan) -> Iterator[Words]:
    """One line for each rule, alert and emergency plan, and one for each OBS."""
    for rule in filter(attrgetter("own"), RuleBook(plan).rules.values()):
        when, acts = _when(rule), [_action(each) for each in rule.do]
        yield Words(
            f"{rule.name}: {when.en} → {'; '.join(act.en for act in acts)}",
            f"{rule.name}：{when.zh} → {'；'.join(act.zh for act in acts)}",
        )
    for name, row in (plan.later.get("obs") or {}).items():
        texts = [text["source"] for text in row.get("text") or ()]
        en, zh = (f": text {', '.join(texts)}", f"：文字 {'、'.join(texts)}") if texts else ("", "")
        yield Words(f"OBS {name}{en}", f"OBS {name}{zh}")


def _when(rule: Rule) -> Words:
    button = Words(f"button {rule.title}", f"按钮 {rule.title}")
    when = button if rule.kind == "emergency" else Words(f"when {rule.when}", f"当 {rule.when}")
    asked = Words(f", if {rule.asked}", f"，且 {rule.asked}") if rule.asked else Words("", "")
    off = Words("", "") if rule.enabled else Words(", off", "，已停用")
    return Words(when.en + asked.en + off.en, when.zh + asked.zh + off.zh)


def _action(entry: Mapping[str, Any]) -> Words:
    own = {key: value for key, value in entry.items() if key not in COMMON_KEYS | {"action"}}
    said = " ".join(str(value) for value in own.values() if not isinstance(value, dict | list))
    said = f"{said[:SHOWN]}…" if len(said) > SHOWN else said
    named = f"{entry['action']} {said}".strip()
    after = Words(f" after {entry['after']}", f"，{entry['after']} 后") if "after" in entry else Words("", "")
    asks = Words(" (confirmed)", "（确认后）") if "confirm" in entry else Words("", "")
    return Words(named + after.en + asks.en, named + after.zh + asks.zh)
