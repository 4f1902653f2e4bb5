"""Commands in words: what was asked for, or what it did."""

from __future__ import annotations

import datetime as dt
from typing import Any

from msgspec import UNSET

from overlaykit.model import commands as c
from overlaykit.model.commands import Command
from overlaykit.model.sessions import Threshold
from overlaykit.plan import Words
from overlaykit.wording.labels import label
from overlaykit.wording.sales import tell_order, tell_stock
from overlaykit.wording.speech import Speech

_OBS_REQUESTS = {
    "Reconnect": Words("connect again", "立即重连"),
    "ReleaseScene": Words("give the scene back to the rules", "把场景交还给规则"),
    "StartStream": Words("start streaming", "开始推流"),
    "StopStream": Words("stop streaming", "停止推流"),
    "StartRecord": Words("start recording", "开始录制"),
    "StopRecord": Words("stop recording", "停止录制"),
}


def tell_command(speech: Speech, command: Command) -> str | None:
    """The sentence of a command; None for one of which nothing is known here."""
    for tell in (tell_order, tell_stock, _of_items, _of_screen, _of_direction, _of_session):
        text = tell(speech, command)
        if text is not None:
            return text
    return None


def _of_items(speech: Speech, command: Command) -> str | None:
    say, voice = speech.say, speech.voice
    match command:
        case c.ItemOpen(sku=sku):
            return say("{item} 上架", "{item} is on sale", "putting {item} on sale", item=voice.item(sku))
        case c.ItemClose(sku=sku):
            return say("{item} 下架", "{item} is off sale", "taking {item} off sale", item=voice.item(sku))
        case c.ItemMode(sku=sku, mode=c.Mode.PRESALE, ship_by=day):
            ships = say("，{day} 前发货", ", ships by {day}", day=day) if day else ""
            return say(
                "{item} 改为预售{ships}",
                "{item} sells in presale{ships}",
                "presale of {item}{ships}",
                item=voice.item(sku),
                ships=ships,
            )
        case c.ItemMode(sku=sku):
            return say("{item} 改为现货", "{item} sells from stock", "selling {item} from stock", item=voice.item(sku))
        case c.ItemAdd():
            opening = sum(command.opening.values())
            return say(
                "新增商品 {title}{link}{opening}",
                "{title}{link} is added{opening}",
                "adding {title}{link}{opening}",
                title=command.title,
                link=voice.aside(voice.link(command.link).partition(f" {command.title}")[0]) if command.link else "",
                opening=say("，{n} 件", ", {n} units", n=opening) if command.opening else "",
            )
        case c.ItemUpdate():
            return say(
                "修改 {item}：{changes}",
                "{item} is changed: {changes}",
                "changing {item}: {changes}",
                item=voice.item(command.sku),
                changes=_changes(speech, command),
            )
        case c.ItemMove(sku=sku, position=position):
            return say(
                "{item} 移到第 {n} 位",
                "{item} moves to place {n}",
                "moving {item} to place {n}",
                item=voice.item(sku),
                n=position,
            )
        case c.ItemFeature():
            return _feature(speech, command)
    return None


def _changes(speech: Speech, command: c.ItemUpdate) -> str:
    voice, parts = speech.voice, []
    for name in type(command).__struct_fields__:
        value = getattr(command, name)
        if name in ("id", "sku") or value is UNSET:
            continue
        parts.append(f"{label(voice, name)} {_value(speech, value)}")
    return voice.clauses(parts)


def _value(speech: Speech, value: Any) -> str:
    if value is None:
        return speech.say("取消", "none")
    if isinstance(value, Threshold):
        return speech.voice.share(value.share) if value.share is not None else str(value.units)
    if isinstance(value, dict):
        return speech.voice.several([f"{key} {each}" for key, each in value.items()]) or speech.say("清空", "none")
    if isinstance(value, tuple):
        return speech.voice.several([str(each) for each in value]) or speech.say("清空", "none")
    return str(value)


def _feature(speech: Speech, command: c.ItemFeature) -> str:
    say, voice = speech.say, speech.voice
    if command.link is not UNSET:
        item = voice.link(command.link)
    elif command.product is not UNSET:
        item = command.product
    elif isinstance(command.sku, str):
        item = voice.item(command.sku)
    else:
        return say("停止讲解{on}", "Nothing is on air{on}", "taking the item off air{on}", on=voice.on(command.channel))
    return say(
        "讲解 {item}{on}", "{item} is on air{on}", "putting {item} on air{on}", item=item, on=voice.on(command.channel)
    )


def _of_screen(speech: Speech, command: Command) -> str | None:
    say, voice = speech.say, speech.voice
    match command:
        case c.CountdownSet():
            item = voice.aside(voice.item(command.sku)) if command.sku else ""
            if command.seconds is not UNSET:
                return say(
                    "倒计时 {name}{item}：{span}",
                    "Countdown {name}{item}: {span}",
                    name=command.name,
                    item=item,
                    span=voice.span(command.seconds),
                )
            if command.extend is not UNSET:
                span = voice.span(abs(command.extend))
                if command.extend < 0:
                    return say(
                        "倒计时 {name} 缩短 {span}",
                        "Countdown {name} ends {span} sooner",
                        "ending countdown {name} {span} sooner",
                        name=command.name,
                        span=span,
                    )
                return say(
                    "倒计时 {name} 延长 {span}",
                    "Countdown {name} ends {span} later",
                    "ending countdown {name} {span} later",
                    name=command.name,
                    span=span,
                )
            if isinstance(command.ends_at, dt.datetime):
                return say(
                    "倒计时 {name}{item}：到 {at}",
                    "Countdown {name}{item}: until {at}",
                    name=command.name,
                    item=item,
                    at=voice.time(command.ends_at),
                )
            return say(
                "取消倒计时 {name}", "Countdown {name} is taken away", "taking countdown {name} away", name=command.name
            )
        case c.AnnounceShow(text=text, seconds=seconds):
            during = say("，显示 {span}", " for {span}", span=voice.span(seconds)) if seconds else ""
            return say("公告：{text}{during}", "Announcement{during}: {text}", text=text, during=during)
        case c.AnnounceClear(announcement=None):
            return say("撤下全部公告", "All announcements are taken down", "taking all announcements down")
        case c.AnnounceClear():
            return say("撤下一条公告", "An announcement is taken down", "taking an announcement down")
        case c.OverlaySet(theme=theme, options=options):
            parts = []
            if theme is not UNSET:
                shown = theme if theme is not None else say("按方案", "as planned")
                parts.append(say("主题 {theme}", "theme {theme}", theme=shown))
            for name, value in options.items():
                shown = say("按方案", "as planned") if value is None else str(value)
                parts.append(f"{name} = {shown}")
            return say("画面外观：{parts}", "Look of the overlays: {parts}", parts=voice.several(parts))
        case c.OverlayRefresh(page=None):
            return say("刷新全部画面", "All overlays are loaded anew", "loading all overlays anew")
        case c.OverlayRefresh(page=page):
            return say(
                "刷新画面 {page}", "The overlay {page} is loaded anew", "loading the overlay {page} anew", page=page
            )
    return None


def _of_direction(speech: Speech, command: Command) -> str | None:
    say, voice = speech.say, speech.voice
    match command:
        case c.RuleSet(name=name, enabled=enabled):
            rule = voice.rule(name)
            if enabled is None:
                return say("{rule} 恢复方案设定", "{rule}: back to the plan", rule=rule)
            return (
                say("启用{rule}", "{rule} is on", rule=rule)
                if enabled
                else say("停用{rule}", "{rule} is off", rule=rule)
            )
        case c.RuleFire(name=name, sku=sku):
            item = voice.aside(voice.item(sku)) if sku else ""
            return say(
                "手动触发{rule}{item}",
                "{rule}{item} is fired by hand",
                "firing {rule}{item}",
                rule=voice.rule(name),
                item=item,
            )
        case c.ButtonPress(name=name):
            return say("按下按钮 {name}", "The button {name} is pressed", name=name)
        case c.EmergencyRun(name=name):
            return say("执行{plan}", "{plan} is run", plan=voice.emergency(name))
        case c.TaskDone(declined=True, task=task):
            return say("不执行待办{task}", "A task is declined{task}", "declining a task{task}", task=voice.aside(task))
        case c.TaskDone(task=task):
            return say("完成待办{task}", "A task is done{task}", "ending a task{task}", task=voice.aside(task))
        case c.AlertAcknowledge(alert=alert):
            return say("已知晓{alert}", "{alert} is acknowledged", "acknowledging {alert}", alert=voice.alert(alert))
        case c.AlertSnooze(alert=alert, seconds=seconds):
            return say(
                "{alert}静音 {span}",
                "{alert} is silent for {span}",
                "silencing {alert} for {span}",
                alert=voice.alert(alert),
                span=voice.span(seconds),
            )
        case c.NoteSet(text=None):
            return say(
                "撤下给主播的留言", "The note for the presenter is taken down", "taking down the presenter's note"
            )
        case c.NoteSet(text=text):
            return say("给主播的留言：{text}", "Note for the presenter: {text}", text=text)
        case c.ObsDo(obs=obs, request=request, data=data):
            return say("OBS {obs}：{what}", "OBS {obs}: {what}", obs=obs, what=_obs_request(speech, request, data))
        case c.ConnectorPause(name=name, reason=reason):
            return say(
                "暂停{name}{because}",
                "{name} is paused{because}",
                name=voice.connected(name),
                because=voice.because(reason),
            )
        case c.ConnectorResume(name=name):
            return say("恢复{name}", "{name} works again", name=voice.connected(name))
        case c.QuarantineMap():
            return say(
                "{channel}的商品编码 {theirs} 就是 {units}",
                "{theirs} on {channel} is {units}",
                "{theirs} on {channel} being {units}",
                channel=voice.channel(command.channel),
                theirs=command.platform_sku,
                units=voice.of(command.quantity, command.sku),
            )
        case c.QuarantineDrop(entry=entry) if entry is not None:
            return say(
                "第 {n} 条搁置的消息不再处理", "What entry {n} put aside is let go", "letting entry {n} go", n=entry
            )
        case c.QuarantineDrop(channel=channel, platform_sku=theirs):
            return say(
                "{channel}的商品编码 {theirs} 不计入",
                "Orders of {theirs} on {channel} are not counted",
                "letting orders of {theirs} on {channel} go",
                channel=voice.channel(channel or ""),
                theirs=theirs,
            )
    return None


def _obs_request(speech: Speech, request: str, data: dict[str, Any]) -> str:
    if request in _OBS_REQUESTS:
        return speech.voice.pick(_OBS_REQUESTS[request])
    scene = data.get("sceneName")
    if isinstance(scene, str) and request == "SetCurrentProgramScene":
        return speech.say("切到场景 {scene}", "scene {scene} to air", scene=scene)
    if isinstance(scene, str) and request == "SetCurrentPreviewScene":
        return speech.say("预览场景 {scene}", "scene {scene} to preview", scene=scene)
    return speech.say("请求 {request}", "request {request}", request=request)


def _of_session(speech: Speech, command: Command) -> str | None:
    say = speech.say
    because = speech.voice.because(getattr(command, "reason", None))
    match command:
        case c.SessionOpen():
            return say("开播{because}", "The session is live{because}", "going live{because}", because=because)
        case c.SessionFreeze():
            return say(
                "冻结画面数字{because}",
                "The numbers shown are frozen{because}",
                "freezing the numbers{because}",
                because=because,
            )
        case c.SessionThaw():
            return say(
                "画面数字恢复{because}",
                "The numbers shown are the true ones again{because}",
                "thawing the numbers{because}",
                because=because,
            )
        case c.SessionClose():
            return say(
                "场次结束{because}", "The session is over{because}", "ending the session{because}", because=because
            )
        case c.ClockAccept():
            return say(
                "采用数据库的新时间{because}",
                "The store's new time is the right one{because}",
                "taking the store's new time{because}",
                because=because,
            )
    return None
