"""What a person has to do, and the actions of rules, by name."""

from __future__ import annotations

from overlaykit.wording.tasks import IN_ALL, TASKS, WHOLE_ORDER

WORDS: dict[str, tuple[str, str]] = {
    **{f"task_is_{kind}": (words.zh, words.en) for kind, words in TASKS.items()},
    "task_in_all": (IN_ALL.zh, IN_ALL.en),
    "task_whole_order": (WHOLE_ORDER.zh, WHOLE_ORDER.en),
    "tasks": ("待办", "Tasks"),
    "tasks_none": ("没有待办", "nothing to do"),
    "tasks_open": ("{n} 项", "{n} open"),
    "task_noted": ("知道了", "Noted"),
    "task_failed": ("没有做成", "It failed"),
    "task_uncertain": ("不确定有没有做成，请看一眼", "Nobody knows whether it was done: have a look"),
    "task_waits": ("等你确认", "Waits for you"),
    "task_to_send": ("请代为发送", "Please send it by hand"),
    "task_given": ("“{text}”", "“{text}”"),
    "task_done": ("完成", "Done"),
    "task_confirm": ("确认执行", "Do it"),
    "task_decline": ("不执行", "Do not"),
    "action_alert": ("预警", "alert:"),
    "action_announce": ("公告", "announcement:"),
    "action_chat": ("弹幕", "chat:"),
    "action_coupon": ("优惠券", "coupon:"),
    "action_next_item": ("讲解下一款", "on to the next item"),
    "action_notify": ("通知", "notify:"),
    "action_obs.filter": ("OBS 滤镜", "OBS filter:"),
    "action_obs.hide": ("OBS 隐藏来源", "OBS hide:"),
    "action_obs.hotkey": ("OBS 热键", "OBS hotkey:"),
    "action_obs.media": ("OBS 播放媒体", "OBS media:"),
    "action_obs.request": ("OBS 请求", "OBS request:"),
    "action_obs.scene": ("OBS 切换场景", "OBS scene:"),
    "action_obs.show": ("OBS 显示来源", "OBS show:"),
    "action_obs.text": ("OBS 文字", "OBS text:"),
    "action_obs.transition": ("OBS 转场", "OBS transition:"),
    "action_stock": ("库存命令", "stock:"),
    "action_webhook": ("Webhook", "webhook:"),
}
