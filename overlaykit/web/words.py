"""What the pages say, in the languages operators read."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request

LANGUAGES = ("zh-CN", "en")

_WORDS: Mapping[str, tuple[str, str]] = {
    "login": ("登录", "Log in"),
    "logout": ("退出", "Log out"),
    "token": ("令牌", "Token"),
    "token_help": (
        "粘贴启动时打印的 operator 或 viewer 令牌；也可运行 overlaykit token list 查看有哪些。",
        "Paste the operator or viewer token printed at start; `overlaykit token list` names those that exist.",
    ),
    "token_unknown": ("没有这个令牌，或者它已被撤销。", "This token is not known here, or was revoked."),
    "token_scope": (
        "这个令牌的权限是 {scope}，看不了控制台。",
        "This token has the scope {scope}, which may not see the desk.",
    ),
    "wrong_origin": ("请在本页面内登录。", "Please log in from this page itself."),
    "desk": ("控制台", "Desk"),
    "session": ("场次", "Session"),
    "on_air": ("讲解中", "On air"),
    "link": ("链接", "Link"),
    "item": ("商品", "Item"),
    "price": ("价格", "Price"),
    "state": ("状态", "State"),
    "available": ("可售", "Available"),
    "held": ("占用", "Held"),
    "committed": ("已付待发", "Committed"),
    "sold": ("已售", "Sold"),
    "oversold": ("超卖", "Oversold"),
    "over_allotted": ("配额超出可售 {units} 件", "Over-allotted by {units}"),
    "on_hand": ("现货", "On hand"),
    "buffer": ("弹性库存", "Buffer"),
    "damaged": ("残次", "Damaged"),
    "incoming": ("在途", "Incoming"),
    "location": ("仓库", "Location"),
    "language": ("English", "中文"),
    "connected": ("已连接", "Connected"),
    "connecting": ("数据获取中…", "Getting data…"),
    "stale": ("数据获取中：数字可能不是最新", "Getting data: numbers may be old"),
    "problem": ("出错了", "Something is wrong"),
    "back": ("返回控制台", "Back to the desk"),
    "no_session": ("还没有场次", "No session yet"),
    "no_session_help": ("用 overlaykit run SESSION 开一场。", "Start one with: overlaykit run SESSION"),
    "send_failed": ("没有送达，请再试一次。", "It did not get through; try again."),
    "store_behind": (
        "数据库正在补回记录，请稍后再试。",
        "The store is being given back what it lost; try again shortly.",
    ),
    "refused": ("没有执行：", "Not done:"),
    "refused_session_closed": ("没有执行：场次没有在直播。", "Not done: the session is not live."),
    "refused_unknown_task": ("没有执行：这项待办已经不在了。", "Not done: this task is not open any more."),
    "refused_unknown_sku": ("没有执行：没有这个商品。", "Not done: there is no such item."),
    "press_again": ("再按一次确认", "Press again to confirm"),
    "read_only": ("只能查看：这个令牌不能操作。", "Read-only: this token may not press anything."),
    "tasks": ("待办", "Tasks"),
    "tasks_none": ("没有待办", "nothing to do"),
    "tasks_open": ("{n} 项", "{n} open"),
    "task_copy": ("复制", "Copy"),
    "task_copied": ("已复制", "Copied"),
    "task_copy_failed": ("请手动选中文字复制。", "Select the text and copy it by hand."),
    "task_noted": ("知道了", "Noted"),
    "task_failed": ("没有做成", "It failed"),
    "task_uncertain": ("不确定有没有做成，请看一眼", "Nobody knows whether it was done: have a look"),
    "task_waits": ("等你确认", "Waits for you"),
    "task_to_send": ("请代为发送", "Please send it by hand"),
    "task_done": ("完成", "Done"),
    "task_confirm": ("确认执行", "Do it"),
    "task_decline": ("不执行", "Do not"),
    "controls": ("操作", "Controls"),
    "emergencies": ("应急预案", "Emergency plans"),
    "rules": ("规则", "Rules"),
    "rules_on": ("{on} 条启用，共 {all} 条", "{on} of {all} on"),
    "rule_on": ("启用", "On"),
    "rule_by_plan": ("恢复方案设定", "Back to the plan"),
    "rule_changed": ("现场改过", "changed here"),
    "rule_never": ("还没有触发过", "has not fired yet"),
    "rule_fired": ("触发 {count} 次，最近 {at}", "fired {count} times, last at {at}"),
    "rule_fired_once": ("触发 1 次，{at}", "fired once, at {at}"),
    "rule_if": ("且", "if"),
    "rule_fire": ("立即触发", "Fire now"),
    "rule_fire_for": ("商品", "For"),
    "rule_fire_room": ("不指定商品", "no item"),
    "stale_item": ("数据源中断，数字可能不准", "Its source is silent: the number may be wrong"),
    "sources": ("数据源", "Sources"),
    "source_stale": ("已 {ago}没有数据", "silent for {ago}"),
    "source_fresh": ("正常", "fine"),
    "ago_seconds": ("{n} 秒", "{n} s"),
    "ago_minutes": ("{n} 分钟", "{n} min"),
    "ago_hours": ("{n} 小时", "{n} h"),
    "obs_title": ("OBS", "OBS"),
    "obs_connected": ("已连接", "Connected"),
    "obs_lost": ("没有连接", "Not connected"),
    "obs_scene": ("当前场景", "Scene"),
    "obs_preview": ("预览场景", "Preview"),
    "obs_streaming": ("推流中", "Streaming"),
    "obs_not_streaming": ("未推流", "Not streaming"),
    "obs_recording": ("录制中", "Recording"),
    "obs_studio": ("工作室模式", "Studio mode"),
    "obs_override": ("人工接管：规则暂不切换场景，还剩 {n} 秒", "Taken over by hand: rules switch no scene for {n} s"),
    "obs_safe": ("切到安全画面", "Safe scene"),
    "obs_reconnecting": ("推流中断，正在重连", "Stream lost, reconnecting"),
    "obs_dropped_frames": ("网络丢帧", "Dropped frames"),
    "obs_lagged_frames": ("渲染卡顿", "Lagged frames"),
    "obs_congestion": ("网络拥塞", "Congestion"),
    "obs_cpu": ("CPU", "CPU"),
    "obs_disk_gb": ("磁盘剩余", "Disk free"),
    "obs_fps": ("帧率", "Frame rate"),
    "obs_good": ("正常", "good"),
    "obs_poor": ("偏高", "poor"),
    "obs_bad": ("严重", "bad"),
    "obs_little": ("不足", "low"),
    "obs_empty": ("将满", "nearly full"),
    "places": ("到", "Go to"),
    "items": ("商品", "Items"),
    "overlays_refresh": ("全部刷新", "Reload all"),
    "overlay_refresh": ("刷新", "Reload"),
    "overlays": ("画面", "Overlays"),
    "overlays_none": ("没有打开的画面", "none is open"),
    "overlays_open": ("{open} 个打开", "{open} open"),
    "overlays_look": ("{look} 个需要查看", "{look} to look at"),
    "overlay_live": ("显示中", "Visible"),
    "overlay_hidden": ("未显示", "Hidden"),
    "overlay_behind": ("落后 {entries} 条", "Behind by {entries} entries"),
    "overlay_slow": ("变化晚 {seconds} 秒才显示", "Changes show {seconds} s late"),
    "overlay_late": ("没有回应", "Not answering"),
    "overlay_error": ("出错", "Error"),
    "overlay_closed": ("没有打开", "Closed"),
    "overlay_now": ("刚刚", "just now"),
    "overlay_seconds": ("{n} 秒前", "{n} s ago"),
    "overlay_minutes": ("{n} 分钟前", "{n} min ago"),
    "status_planned": ("未开播", "Planned"),
    "status_live": ("直播中", "Live"),
    "status_frozen": ("数字已冻结", "Frozen"),
    "status_closed": ("已结束", "Closed"),
    "state_upcoming": ("即将上架", "Upcoming"),
    "state_on_sale": ("在售", "On sale"),
    "state_low": ("库存偏低", "Low"),
    "state_critical": ("即将售罄", "Critical"),
    "state_sold_out": ("已售罄", "Sold out"),
    "state_presale": ("预售", "Presale"),
    "state_closed": ("已下架", "Closed"),
}


def language() -> str:
    """`lang` of the address, else what the browser prefers, else Chinese."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    for tag, _ in request.accept_languages:
        if tag.lower().startswith("zh"):
            return "zh-CN"
        if tag.lower().startswith("en"):
            return "en"
    return LANGUAGES[0]


def words(language: str) -> dict[str, str]:
    """All words in one language, by key."""
    place = LANGUAGES.index(language)
    return {key: texts[place] for key, texts in _WORDS.items()}
