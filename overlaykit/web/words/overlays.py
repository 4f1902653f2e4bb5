"""Overlay pages."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
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
}
