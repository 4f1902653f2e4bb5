"""Emergency plans: what is asked before one runs, and the checklist of one that ran."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
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
}
