"""What the tasks say that overlaykit opens by itself, by kind: the log and the desk put their params in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from overlaykit.model.notes import TaskOpened
from overlaykit.plan import Words
from overlaykit.wording.reasons import of_quarantine
from overlaykit.wording.voice import Voice

TASKS: Mapping[str, Words] = MappingProxyType(
    {
        "returned": Words(
            "Order {order} of {channel} was refunded ({lines}): have its units come back? If so, add them to the stock.",
            "{channel}的订单 {order} 已退款（{lines}）：货退回来了吗？退回的请加回库存。",
        ),
        "returns": Words(
            "More refunds at {channel}, {others} by now, the last one of order {order}: have their units come back? If so, add "
            "them to the stock.",
            "{channel}还有 {others} 单已退款，最近一单是 {order}：货退回来了吗？退回的请加回库存。",
        ),
        "excess": Words(
            "Look at order {order} of {channel}: it does not have {units} of the units that came back or were sent{more}.",
            "请核对{channel}的订单 {order}：有 {units} 件多退或多发{more}。",
        ),
        "contradicts": Words(
            "Look at order {order} of {channel}: what the platform tells does not fit, {why}{more}.",
            "请核对{channel}的订单 {order}：平台说的与账上对不上，{why}{more}。",
        ),
        "reading": Words(
            "{source} says that {location} has {units} of {item}, far from what was expected. It waits: take or keep it in its "
            "alert.",
            "{source} 说{location}的 {item} 有 {units} 件，和账面差太多，先没有计入：请在预警里采用或保留。",
        ),
        "storm": Words(
            "{rule} fired {times} times within {seconds} s, and does not fire for now: do rules set each other off?",
            "{rule} 在 {seconds} 秒内触发了 {times} 次，先不再触发：是不是规则在互相触发？",
        ),
    }
)
"""Kind → its sentence. An `instead` has a text of the plan's, a `usual` one of ours in both languages."""
WHOLE_ORDER = Words("the whole order", "整单")
IN_ALL = Words(" ({count} such in all)", "（共 {count} 条）")


def say_task(voice: Voice, task: TaskOpened) -> str:
    """What there is to do, in the voice's language; what a plan says as its author wrote it."""
    sentence = TASKS.get(task.kind or "")
    if sentence is None:
        return voice.either(task.text) if task.kind == "usual" else task.text
    said: dict[str, str | int] = {
        **task.params,
        "channel": voice.channel(str(task.params.get("channel", ""))),
        "location": voice.place(str(task.params.get("location", ""))),
        "rule": voice.rule(str(task.params.get("rule", ""))),
        "lines": task.params.get("lines") or voice.pick(WHOLE_ORDER),
        "why": voice.pick(of_quarantine(str(task.params.get("reason", "")))),
        "item": voice.item(task.sku or ""),
    }
    said["more"] = voice.pick(IN_ALL).format(**said) if int(said.get("count", 1)) > 1 else ""
    return voice.pick(sentence).format(**said)
