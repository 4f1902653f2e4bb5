"""What to do when a command of the desk was refused: `advice_REASON`, after the reason in words where that alone does not do."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "refused_invalid": ("没有执行，填写有误：", "Not done, something is filled in wrong: "),
    "other_session": (
        "没有执行：现在进行的是另一场，页面正在更新。",
        "Not done: another session is current now; the page is being updated.",
    ),
    "refused_conflict": (
        "没有执行：这个编号已用于另一条命令，请再按一次。",
        "Not done: this id stands for another command; press again.",
    ),
    "advice_changed": (
        "没有覆盖；请看新的数字，再按一次。订单不断时，请盘“仓里全部现货”：下单不改变它。",
        " Nothing was overwritten: look at the new number and press again. While orders keep coming, count everything on hand: they"
        " do not change that.",
    ),
    "advice_insufficient": ("数字可能刚变了。", " The number may just have changed."),
    "advice_wrong_state": ("可能别人刚做过。", " Somebody may just have done it."),
    "advice_link_taken": ("同一款的规格才能共用。", " Only variants of one product share one."),
    "advice_is_bundle": ("请改它的组成商品。", " Change the items that it is made of."),
    "advice_stale": ("请重新盘点。", " Count again."),
    "advice_store_behind": ("请稍后再试。", " Try again shortly."),
}
