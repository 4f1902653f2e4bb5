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
