"""Emergency plans: what is asked before one runs, and the checklist of one that ran."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "emergency_runs": ("执行过的预案", "Emergency plans that ran"),
    "emergency_does": ("会做", "It will do this"),
    "emergency_then": ("然后请人来做", "Then people see to this"),
    "emergency_ran": ("{time} {who} 执行", "run by {who}, {time}"),
    "emergency_acts": ("做了什么", "What was done"),
    "emergency_checklist": ("请逐项打勾", "Tick what is done"),
    "emergency_left": ("还剩 {n} 项", "{n} left"),
    "emergency_all": ("都做完了", "all done"),
    "emergency_close": ("收起", "Put away"),
    "act_waits": ("进行中", "not heard yet"),
    "act_done": ("完成", "done"),
    "act_failed": ("没有做成", "failed"),
    "act_skipped": ("没有执行", "skipped"),
    "act_uncertain": ("不确定，请看一眼", "uncertain: have a look"),
    "act_task": ("转为待办", "became a task"),
    "act_unheard": ("没有回应", "no answer"),
    "act_away": ("在等 OBS", "waits for OBS"),
    # what a person does instead
    "instead_stock": ("请手动操作：按 Ctrl K 打开命令。", "Do it by hand: Ctrl K opens the commands."),
    "instead_announce": ("请在“公告”里手动发。", "Show it by hand, under Announcements."),
    "instead_obs": ("请到推流电脑的 OBS 里手动操作。", "Do it by hand in OBS, on the streaming computer."),
    "instead_outside": ("请到平台后台手动操作。", "Do it by hand in the platform's console."),
    "instead_team": ("请自己打电话或发消息告诉他们。", "Call them, or write to them yourself."),
    "instead_other": ("请手动做。", "Do it by hand."),
    "emergency_obs_away": (
        "OBS {obs} 没连上：马上连上才会执行。",
        "OBS {obs} is not connected: it is done if it comes back at once.",
    ),
    "emergency_undirected": (
        "执行预案的程序没有运行，下面的动作现在不会自动做：请照着手动做。再到运行 overlaykit 的电脑上看一眼它的窗口。",
        "The process that runs plans is not there, so nothing of this happens by itself: do it by hand. Then look at the window of "
        "overlaykit on its computer.",
    ),
}
