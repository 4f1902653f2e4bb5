"""Options that every theme has beside its own. As in theme.toml: a theme may say another default, label, help or group."""

from __future__ import annotations

from types import MappingProxyType

from overlaykit.theming.options import Option, Select

GROUP = {"zh-CN": "画面", "en": "Picture"}
MOTION = Select(
    default="normal",
    choices=("calm", "normal", "bold"),
    label={"zh-CN": "动效", "en": "Motion"},
    help={
        "zh-CN": "动画的幅度与快慢；观看者的系统要求减少动效时一律静止",
        "en": "How much things move; nothing does where the viewer's system asks for less motion",
    },
    group=GROUP,
    labels={
        "calm": {"zh-CN": "平静", "en": "Calm"},
        "normal": {"zh-CN": "普通", "en": "Normal"},
        "bold": {"zh-CN": "强烈", "en": "Bold"},
    },
)
SAFE = Select(
    default="none",
    choices=("none", "douyin", "kuaishou", "taobao", "channels", "tiktok"),
    label={"zh-CN": "安全区", "en": "Safe area"},
    help={
        "zh-CN": "竖屏时避开这个平台自己的界面：评论、按钮、商品卡",
        "en": "In portrait, keeps clear of the platform's own interface: comments, buttons, product cards",
    },
    group=GROUP,
    labels={
        "none": {"zh-CN": "无", "en": "None"},
        "douyin": {"zh-CN": "抖音", "en": "Douyin"},
        "kuaishou": {"zh-CN": "快手", "en": "Kuaishou"},
        "taobao": {"zh-CN": "淘宝直播", "en": "Taobao Live"},
        "channels": {"zh-CN": "视频号", "en": "WeChat Channels"},
        "tiktok": {"zh-CN": "TikTok", "en": "TikTok"},
    },
)
BUILTIN_OPTIONS: MappingProxyType[str, Option] = MappingProxyType({"motion": MOTION, "safe": SAFE})
"""Name → option. The page has the values as `html[data-motion]` and `html[data-safe]`."""
FREE_KEYS = ("default", "label", "help", "group")
"""What a theme may say about them."""
