"""What somebody said of a new session, read as generously as people write: channels, names."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

KNOWN_CHANNELS = {
    "抖音": "douyin",
    "抖店": "douyin",
    "视频号": "wechat_channels",
    "微信视频号": "wechat_channels",
    "小程序": "mini",
    "淘宝": "taobao",
    "天猫": "tmall",
    "快手": "kuaishou",
    "小红书": "xiaohongshu",
    "京东": "jd",
    "拼多多": "pinduoduo",
    "哔哩哔哩": "bilibili",
    "b站": "bilibili",
    "有赞": "youzan",
    "直播间": "live",
    "独立站": "shopify",
}
"""What people call platforms, and the section's name that the plan gives them."""
NAME_AT_MOST = 64


@dataclass(frozen=True)
class Answers:
    """A session as it was told, but for its items. `channels`: name of the section, and title."""

    id: str
    title: str
    starts: dt.datetime | None
    locale: str
    timezone: str
    channels: Sequence[tuple[str, str]]
    obs: bool
    theme: str

    @property
    def chinese(self) -> bool:
        return self.locale.lower().startswith("zh")

    @property
    def currency(self) -> str:
        return "CNY" if self.chinese else "USD"


def read_channels(text: str) -> list[tuple[str, str]]:
    """(name of the section, title) of each channel in `抖音，视频号, 小程序`; each once."""
    found: dict[str, str] = {}
    for part in re.split(r"[,，、;；\n]", text):
        title = part.strip()
        if title:
            name = KNOWN_CHANNELS.get(title.lower()) or re.sub(r"[^\w.-]+", "-", title).strip("-.")
            found.setdefault(name[:NAME_AT_MOST] or f"channel-{len(found) + 1}", title)
    return list(found.items())


def read_id(text: str) -> str:
    """An id for what people call a folder: letters, digits and `-`; "" when none of them is in it."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    found = re.sub(r"[^A-Za-z0-9]+", "-", folded).strip("-").lower()[:NAME_AT_MOST]
    return "" if found == "current" else found.strip("-")
