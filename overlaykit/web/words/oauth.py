"""The page that a platform sends people back to."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "oauth_app": ("应用", "App"),
    "oauth_shop": ("店铺", "shop"),
    "oauth_until": ("有效期至", "Good until"),
    "oauth_waits": ("正在换取授权…", "The room is fetching the authorisation…"),
    "oauth_waits_help": (
        "通常只要几秒，页面会自己更新。超过一分钟的话，请看看直播间（overlaykit run）是否开着。",
        "It takes some seconds, and this page says when it is there. If it takes a minute, look whether the room runs.",
    ),
    "oauth_done": ("授权成功", "Authorised"),
    "oauth_done_help": (
        "可以关闭这个页面了：直播间已经在用新的授权；平台允许的话，到期前会自动续期。",
        "You can close this page: the room uses the new authorisation already, and renews it in time where the platform lets it.",
    ),
    "oauth_failed": ("没有授权成功", "Not authorised"),
    "oauth_failed_help": (
        "再运行一次 overlaykit plugin authorise，用它给出的新链接。",
        "Run overlaykit plugin authorise again, and open the new link that it gives.",
    ),
    "oauth_unknown": ("链接已失效", "This link is no longer good"),
    "oauth_unknown_help": (
        "授权链接只能用一次，十分钟内有效。再运行一次 overlaykit plugin authorise，用它给出的新链接。",
        "A link to authorise is good once, for ten minutes. Run overlaykit plugin authorise again, and open the new link.",
    ),
}
