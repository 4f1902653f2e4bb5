"""What triggers, firings and what held them back are called, in Chinese and English."""

from __future__ import annotations

import math

from overlaykit.model.triggers import (
    AnyTrigger,
    ButtonPressed,
    ChatSaid,
    CountdownBelow,
    DropTurned,
    Level,
    ObsHealth,
    ObsScene,
    ObsTurned,
    OffAir,
    OnAir,
    Restocked,
    SellsOutIn,
    SessionTurned,
    Sign,
    SoldEvery,
    SoldOut,
    SourceTurned,
    TimeOfDay,
)
from overlaykit.plan import Words

FIELDS = {
    "available": Words("available", "可售"),
    "held": Words("held", "占用"),
    "sold": Words("sold", "已售"),
    "oversold": Words("oversold", "超卖"),
    "remaining": Words("remaining", "剩余"),
    "pace_per_minute": Words("sold a minute", "每分钟售出"),
    "dropped_frames": Words("dropped frames", "丢帧"),
    "dropped_frames_1m": Words("dropped frames in a minute", "一分钟丢帧"),
    "lagged_frames": Words("lagged frames", "渲染延迟帧"),
    "lagged_frames_1m": Words("lagged frames in a minute", "一分钟渲染延迟帧"),
    "congestion": Words("congestion", "网络拥塞"),
    "cpu": Words("CPU", "CPU"),
    "disk_gb": Words("disk, GB", "磁盘 GB"),
    "fps": Words("frames a second", "帧率"),
}
_SIGNS = {
    "<": Words("below", "低于"),
    "<=": Words("at most", "不超过"),
    ">": Words("above", "高于"),
    ">=": Words("at least", "达到"),
}
_TURNS = {
    "opened": Words("opened", "已开启"),
    "closed": Words("closed", "已关闭"),
    "frozen": Words("frozen", "已冻结"),
    "thawed": Words("thawed", "已解冻"),
    "stale": Words("is silent", "没有更新"),
    "fresh": Words("speaks again", "恢复更新"),
    "connected": Words("is connected", "已连接"),
    "disconnected": Words("is disconnected", "已断开"),
    "streaming": Words("streams", "开始推流"),
    "stopped": Words("stopped streaming", "停止推流"),
    "reconnecting": Words("is reconnecting", "正在重连"),
}


def say_trigger(trigger: AnyTrigger) -> Words:
    """What happened when this fires."""
    match trigger:
        case Level(field=field, sign=sign) | ObsHealth(field=field, sign=sign):
            level = say_level(trigger)
            what, how = FIELDS[field], _SIGNS[sign]
            of = f"OBS {trigger.obs} " if isinstance(trigger, ObsHealth) else ""
            return Words(f"{of}{what.en} {how.en} {level}", f"{of}{what.zh}{how.zh} {level}")
        case SellsOutIn(seconds=seconds):
            span = say_span(seconds)
            return Words(f"sells out in less than {span.en}", f"{span.zh}内售罄")
        case SoldOut():
            return Words("sold out", "售罄")
        case Restocked():
            return Words("back in stock", "已补货")
        case SoldEvery(units=units):
            return Words(f"another {units} sold", f"又售出 {units} 件")
        case OnAir():
            return Words("on air", "开始讲解")
        case OffAir():
            return Words("off air", "讲解结束")
        case CountdownBelow(name=name, seconds=seconds):
            span = say_span(seconds)
            if not seconds:
                return Words(f"countdown {name} ends", f"倒计时 {name} 结束")
            return Words(f"countdown {name}: {span.en} left", f"倒计时 {name} 剩 {span.zh}")
        case DropTurned(name=name, to=to):
            return Words(f"drop {name} {_TURNS[to].en}", f"波次 {name} {_TURNS[to].zh}")
        case SourceTurned(name=name, to=to):
            return Words(f"source {name} {_TURNS[to].en}", f"数据源 {name} {_TURNS[to].zh}")
        case ObsTurned(obs=obs, to=to):
            return Words(f"OBS {obs} {_TURNS[to].en}", f"OBS {obs} {_TURNS[to].zh}")
        case ObsScene(obs=obs, scene=scene):
            return Words(f"OBS {obs}: scene {scene}", f"OBS {obs} 切到场景 {scene}")
        case ChatSaid(keyword=keyword):
            return Words(f"chat: {keyword}", f"弹幕：{keyword}")
        case ButtonPressed(name=name):
            return Words(f"button {name}", f"按钮 {name}")
        case TimeOfDay(hour=hour, minute=minute, second=second):
            clock = f"{hour:02}:{minute:02}" + (f":{second:02}" if second else "")
            return Words(clock, clock)
        case SessionTurned(to=to):
            return Words(f"session {_TURNS[to].en}", f"场次{_TURNS[to].zh}")


def say_level(trigger: Level | ObsHealth) -> str:
    """50, or 20%."""
    share = trigger.is_share or (isinstance(trigger, Level) and trigger.share)
    return say_number(trigger.value, share=share)


def say_number(value: float, *, share: bool = False) -> str:
    """A number without a tail of zeros; a share in per cent."""
    return f"{round(value * 100, 2):g}%" if share else f"{round(value, 2):g}" if value < 1e6 else f"{value:.0f}"


def say_now(value: float, *, share: bool = False) -> str:
    """A number of this moment as the desk shows it: to a tenth below 100, whole above; a share to a tenth of a per cent."""
    if share:
        return say_number(round(value, 3), share=True)
    return say_number(round(value, 1 if abs(value) < 100 else 0))


def say_units(level: float, sign: Sign) -> str:
    """A level of units, which are whole: what is below 64.6 is below 65, and what is above 64.6 is above 64."""
    return say_number(math.ceil(level) if sign in ("<", ">=") else math.floor(level))


def say_span(seconds: float) -> Words:
    """1h30m, and 1 小时 30 分钟."""
    left, en = round(seconds), ""
    zh: list[str] = []
    for unit, english, chinese in ((3600, "h", "小时"), (60, "m", "分钟"), (1, "s", "秒")):
        count, left = divmod(left, unit)
        if count:
            en += f"{count}{english}"
            zh.append(f"{count} {chinese}")
    return Words(en or "0s", " ".join(zh) or "0 秒")
