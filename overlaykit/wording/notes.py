"""Notes in words: what the director and the gateway say."""

from __future__ import annotations

from overlaykit.model import notes as n
from overlaykit.model.notes import Note
from overlaykit.plan import Words
from overlaykit.wording.labels import label
from overlaykit.wording.speech import Speech
from overlaykit.wording.tasks import say_task

ACTIONS = {
    "announce": Words("announcement", "公告"),
    "chat": Words("chat message", "发弹幕"),
    "coupon": Words("coupon", "发优惠券"),
    "notify": Words("notification", "通知"),
    "webhook": Words("webhook", "Webhook"),
    "stock": Words("stock command", "库存命令"),
    "next_item": Words("next item on air", "切到下一款"),
    "task": Words("task", "待办"),
    "wait": Words("wait", "等待"),
    "alert": Words("alert", "预警"),
    "overlay.refresh": Words("overlay loaded anew", "刷新画面"),
    "obs.scene": Words("OBS scene", "OBS 场景"),
    "obs.text": Words("OBS text", "OBS 文字"),
    "obs.show": Words("OBS source shown", "OBS 显示来源"),
    "obs.hide": Words("OBS source hidden", "OBS 隐藏来源"),
    "obs.filter": Words("OBS filter", "OBS 滤镜"),
    "obs.media": Words("OBS media", "OBS 媒体"),
    "obs.transition": Words("OBS transition", "OBS 转场"),
    "obs.hotkey": Words("OBS hotkey", "OBS 热键"),
    "obs.request": Words("OBS request", "OBS 请求"),
}
"""What actions are called; a plugin's has its own name."""
STATUSES = {
    "done": Words("done", "已完成"),
    "failed": Words("failed", "失败"),
    "skipped": Words("left out", "跳过"),
    "uncertain": Words("nobody knows whether it was done", "不确定有没有做成"),
    "task": Words("a person's task now", "转为人工待办"),
}
"""What became of an action."""
_SHARES = ("dropped_frames", "lagged_frames", "congestion", "cpu")


def tell_note(speech: Speech, note: Note) -> str | None:
    """The sentence of a note; None for one of which nothing is known here."""
    say, voice = speech.say, speech.voice
    match note:
        case n.ForecastUpdated(items=items):
            return say(
                "销售速度：{items}",
                "Pace: {items}",
                items=voice.several([voice.pace(sku, *pace) for sku, pace in items.items()]),
            )
        case n.RuleFired(rule=rule, sku=sku, why=why) | n.RuleSkipped(rule=rule, sku=sku, why=why):
            fired = isinstance(note, n.RuleFired)
            name, item = voice.rule(rule), voice.aside(voice.item(sku)) if sku else ""
            because = say("：{why}", ": {why}", why=voice.either(why)) if why else ""
            if fired:
                return say(
                    "{rule} 触发{item}{because}", "{rule} fires{item}{because}", rule=name, item=item, because=because
                )
            return say(
                "{rule} 太迟，没有执行{item}{because}",
                "{rule} was too late{item}{because}",
                rule=name,
                item=item,
                because=because,
            )
        case n.ActionDone() | n.ObsActed():
            return _acted(speech, note)
        case n.TaskOpened(why=why):
            because = voice.aside(voice.either(why))
            return say("待办：{text}{why}", "Task: {text}{why}", text=say_task(voice, note), why=because)
        case n.AlertRaised(rule=rule, sku=sku, text=text):
            return say(
                "{rule}{item}：{text}",
                "{rule}{item}: {text}",
                rule=voice.rule(rule),
                item=voice.aside(voice.item(sku)) if sku else "",
                text=voice.alert_text(rule, text),
            )
        case n.ObsChanged(obs=obs, state=state):
            return _obs(speech, obs, state)
        case n.ObsHealth(obs=obs, values=values):
            return say("OBS {obs} 运行：{values}", "OBS {obs} fares: {values}", obs=obs, values=_health(speech, values))
        case n.SourceStale(source=source, since=since):
            return say(
                "数据源 {source} 从 {since} 起没有数据",
                "Source {source} is silent since {since}",
                source=source,
                since=voice.time(since),
            )
        case n.SourceFresh(source=source):
            return say("数据源 {source} 恢复", "Source {source} speaks again", source=source)
        case n.ChatHeard(channel=channel, keyword=keyword, text=text, author=author):
            return say(
                "{channel}弹幕提到“{keyword}”：{author}{text}",
                "Chat of {channel}, “{keyword}”: {author}{text}",
                channel=voice.channel(channel),
                keyword=keyword,
                author=say("{author}说 ", "{author}: ", author=author) if author else "",
                text=text,
            )
        case n.StockPushed():
            return _pushed(speech, note)
        case n.OrderUnmapped(channel=channel, order=order, platform_skus=theirs):
            named = voice.several(
                [say("{sku} {n} 件", "{n} × {sku}", sku=sku, n=units) for sku, units in theirs.items()]
            )
            return say(
                "{channel}的订单 {order} 有商品对不上：{named}",
                "Order {order} of {channel} has things that are no item here: {named}",
                channel=voice.channel(channel),
                order=order,
                named=named,
            )
    return None


def _acted(speech: Speech, note: n.ActionDone | n.ObsActed) -> str:
    voice = speech.voice
    action = voice.pick(ACTIONS[note.action]) if note.action in ACTIONS else note.action
    target = ""
    if note.target:
        target = f"OBS {note.target}" if isinstance(note, n.ObsActed) else _target(speech, note.target)
    return speech.say(
        "{action}{target}：{status}{detail}",
        "{action}{target}: {status}{detail}",
        action=action,
        target=voice.aside(target),
        status=voice.pick(STATUSES[note.status]),
        detail=speech.say("，{detail}", ", {detail}", detail=voice.either(note.detail)) if note.detail else "",
    )


def _target(speech: Speech, target: str) -> str:
    """What an action was done on; nothing where that is the room itself."""
    if target in (n.ON_SESSION, n.ON_GATEWAY):
        return ""
    return speech.voice.connected(target) if "." in target else speech.voice.channel(target)


def _obs(speech: Speech, obs: str, state: n.ObsState) -> str:
    say = speech.say
    if not state.wanted:
        return say("OBS {obs}：本场不再需要", "OBS {obs}: not needed any more", obs=obs)
    parts = [say("已连接", "connected") if state.connected else say("没有连接", "not connected")]
    if state.connected:
        parts.append(say("场景 {scene}", "scene {scene}", scene=state.scene) if state.scene else "")
        parts.append(say("推流中", "streaming") if state.streaming else say("未推流", "not streaming"))
        parts.append(say("录制中", "recording") if state.recording else "")
        parts.append(say("人工接管", "taken over by hand") if state.override_until else "")
    return say(
        "OBS {obs}：{parts}",
        "OBS {obs}: {parts}",
        obs=obs,
        parts=speech.voice.clauses([*parts, *map(speech.voice.either, state.problems)]),
    )


def _health(speech: Speech, values: n.ObsValues) -> str:
    voice, parts = speech.voice, []
    if values.reconnecting:
        parts.append(speech.say("推流中断，正在重连", "stream lost, reconnecting"))
    for name in _SHARES:
        share = getattr(values, name)
        if share is not None:
            parts.append(f"{label(voice, name)} {voice.share(share)}")
    if values.disk_gb is not None:
        parts.append(f"{label(voice, 'disk_gb')} {values.disk_gb:g} GB")
    if values.fps is not None:
        parts.append(f"{label(voice, 'fps')} {values.fps:g}")
    return voice.clauses(parts) or speech.say("没有数据", "nothing is known")


def _pushed(speech: Speech, note: n.StockPushed) -> str:
    say, voice, parts = speech.say, speech.voice, []
    if note.levels:
        written = [
            say("{item} {n} 件", "{item} {n}", item=voice.item(sku), n=units) for sku, units in note.levels.items()
        ]
        parts.append(
            say(
                "写给{channel}：{items}",
                "Written to {channel}: {items}",
                channel=voice.channel(note.channel),
                items=voice.several(written),
            )
        )
    if note.failed:
        failed = [voice.item(sku) + voice.aside(voice.either(why)) for sku, why in note.failed.items()]
        parts.append(
            say(
                "{channel}没写成：{items}",
                "not written to {channel}: {items}",
                channel=voice.channel(note.channel),
                items=voice.several(failed),
            )
        )
    return ("；" if voice.zh else "; ").join(parts)
