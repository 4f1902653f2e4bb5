"""What the presenter's page says beside the prompt."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "presenter": ("提词屏", "Presenter"),
    "presenter_say": ("现在说", "Say now"),
    "presenter_on_air": ("在讲", "On air"),
    "presenter_next": ("接下来", "Next"),
    "presenter_next_none": ("后面没有了", "nothing after this"),
    "presenter_nothing": ("没有在讲的商品", "Nothing is on air"),
    "presenter_link": ("号链接", "Link"),
    "presenter_note": ("中控留言", "From the desk"),
    "presenter_lost": ("数据获取中：先别报数字", "Getting data: name no numbers"),
    "presenter_lost_for": ("，已断 {ago}", ", for {ago}"),
    "presenter_sleeps": (
        "屏幕可能自动熄灭：请在系统设置里关掉自动锁屏。",
        "The screen may go dark by itself: turn its auto-lock off.",
    ),
    "presenter_sleeps_known": ("知道了", "I see"),
    "presenter_frozen": ("数字已冻结", "Numbers are frozen"),
    "presenter_countdown": ("倒计时", "Countdown"),
    "presenter_variants": ("规格", "Variants"),
    "presenter_full_screen": ("全屏", "Full screen"),
    "presenter_problems": ("话术有问题，请告诉中控", "The script has a problem: tell the desk"),
    "presenter_drop": ("波次", "Drop"),
}
