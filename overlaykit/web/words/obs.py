"""OBS."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "obs_title": ("OBS", "OBS"),
    "obs_connected": ("已连接", "Connected"),
    "obs_lost": ("没有连接", "Not connected"),
    "obs_scene": ("当前场景", "Scene"),
    "obs_back_to": ("{scene}，还有 {n} 秒", "{scene} in {n} s"),
    "obs_preview": ("预览场景", "Preview"),
    "obs_streaming": ("推流中", "Streaming"),
    "obs_not_streaming": ("未推流", "Not streaming"),
    "obs_recording": ("录制中", "Recording"),
    "obs_studio": ("工作室模式", "Studio mode"),
    "obs_override": ("人工接管：规则暂不切换场景，还剩 {n} 秒", "Taken over by hand: rules switch no scene for {n} s"),
    "obs_release": ("交还给规则", "Give back to the rules"),
    "obs_reconnect": ("立即重连", "Connect now"),
    "obs_safe": ("切到安全画面", "Safe scene"),
    "obs_reconnecting": ("推流中断，正在重连", "Stream lost, reconnecting"),
    "obs_dropped_frames": ("网络丢帧", "Dropped"),
    "obs_lagged_frames": ("渲染卡顿", "Lagged"),
    "obs_congestion": ("网络拥塞", "Congestion"),
    "obs_cpu": ("CPU", "CPU"),
    "obs_disk_gb": ("磁盘剩余", "Disk free"),
    "obs_fps": ("帧率", "Frame rate"),
    "obs_good": ("正常", "good"),
    "obs_poor": ("偏高", "poor"),
    "obs_bad": ("严重", "bad"),
    "obs_little": ("不足", "low"),
    "obs_empty": ("将满", "nearly full"),
}
