"""The emergency plans of a session: its own, and the usual ones that every session has unless it writes its own of that name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from overlaykit.model.sessions import SessionPlan
from overlaykit.plan.rules import EMERGENCY
from overlaykit.plan.values import is_template
from overlaykit.words import Words

TOGETHER_MS = 3_000
"""A plan that is run again within so long, by somebody who saw the same trouble, is run once."""
FREEZE = {"action": "stock", "command": "session.freeze"}


class Emergency(Struct, frozen=True):
    """An emergency plan. Operators read title and checklist in their own language; what an author wrote is the same in both.

    title      what its button says
    do         what is done, as a rule's `do`
    checklist  what people shall see to when it is run, in order
    own        whether the session's author wrote it
    """

    title: Words
    do: tuple[Mapping[str, Any], ...]
    checklist: tuple[Words, ...] = ()
    own: bool = False

    @property
    def freezes(self) -> bool:
        """Whether the numbers on screen freeze by it."""
        return any((each.get("action"), each.get("command")) == ("stock", "session.freeze") for each in self.do)


def emergencies_of(plan: SessionPlan) -> dict[str, Emergency]:
    """Emergency plans by name: the session's own, then the usual ones. What a usual one says to viewers is in the session's
    language. A recorded plan holds only what its author wrote."""
    own = {
        name: Emergency(
            _as_written(row.get("title", name)),
            tuple(row.get("do", ())),
            tuple(_as_written(step) for step in row.get("checklist", ())),
            own=True,
        )
        for name, row in plan.later.get("emergency", {}).items()
    }
    return own | {name: each for name, each in _usual(plan).items() if name not in own}


def is_usual(plan: SessionPlan, rule: str) -> bool:
    """Whether this is the rule of a usual emergency plan: what it tells desks is in both languages."""
    name = rule.removeprefix(EMERGENCY)
    return name != rule and name not in plan.later.get("emergency", {})


def _usual(plan: SessionPlan) -> dict[str, Emergency]:
    found = {
        name: Emergency(title, tuple(_said(entry, plan.locale) for entry in do), tuple(steps))
        for name, (title, do, steps) in _PLANS.items()
    }
    obs: Mapping[str, Mapping[str, Any]] = plan.later.get("obs", {})
    scenes = tuple(
        {"action": "obs.scene", "obs": name, "scene": form["safe_scene"]}
        for name, form in obs.items()
        if form.get("safe_scene")
    )
    if scenes:
        found["safe-scene"] = Emergency(Words("Safe scene", "安全画面"), scenes, _SAFE_STEPS)
    return found


def _as_written(text: str) -> Words:
    return Words(text, text)


def _said(entry: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """With its texts: of a task in both languages, as desks of either read it; of all else in the one that viewers read."""
    for_desks = entry["action"] == "task"
    return {
        key: value if not isinstance(value, Words) else value.both() if for_desks else value.within(locale)
        for key, value in entry.items()
    }


_PLANS: Mapping[str, tuple[Words, Sequence[Mapping[str, Any]], Sequence[Words]]] = {
    "oversold": (
        Words("Oversold", "超卖"),
        (
            FREEZE,
            {
                "action": "announce",
                "text": Words("We are checking the stock, one moment please.", "下单太火爆，正在核对库存，请稍等。"),
                "level": "warning",
                "seconds": 120,
            },
        ),
        (
            Words("Present another item now", "先讲别的商品"),
            Words("Close the oversold item on every platform", "到各平台后台把超卖的商品下架或库存改成 0"),
            Words(
                "Ask the warehouse whether more can come, and book it in",
                "问仓库能不能补货，能补就在商品的“调整库存”里补上",
            ),
            Words("Write to the buyers who get none, and refund them", "补不上的订单：客服联系买家，道歉并退款"),
            Words("When the numbers are right, thaw them", "数字核对好以后，恢复画面数字"),
        ),
    ),
    "source-lost": (
        Words("Source lost", "数据源断了"),
        (FREEZE,),
        (
            Words("Can somebody log in to the stock system?", "看看 ERP / 仓库系统还能不能登录"),
            Words("Is the network there? Try another computer", "换一台电脑试试，确认是不是网络问题"),
            Words("Sell slowly: say no exact numbers", "放慢节奏，口播先不报具体件数"),
            Words("Count the item on air by hand and enter it", "讲解中的商品请仓库人工点数，在商品的“盘点”里填上"),
            Words("When the source speaks again, thaw the numbers", "数据源恢复后，恢复画面数字"),
        ),
    ),
    "obs-lost": (
        Words("OBS lost", "OBS 断了"),
        (
            {
                "action": "task",
                "text": Words(
                    "Look at the streaming computer: does OBS run, and does it stream?",
                    "马上看推流电脑：OBS 还开着吗？还在推流吗？",
                ),
                "level": "urgent",
            },
        ),
        (
            Words("Is the picture still there on the platform?", "用手机看平台，画面还在吗"),
            Words("Is OBS running? Else start it, and start the stream", "OBS 还开着吗？没开就打开并开始推流"),
            Words("Is the network of that computer there?", "推流电脑的网络通吗"),
            Words("OBS, Tools, WebSocket Server Settings: is it on?", "OBS → 工具 → WebSocket 服务器设置：还开着吗"),
            Words(
                "Press Reconnect, then compare the scene with what is said", "点“重新连接”，再核对场景和口播是否一致"
            ),
        ),
    ),
    "freeze": (
        Words("Freeze the numbers", "冻结数字"),
        (FREEZE,),
        (
            Words("Say no exact numbers meanwhile", "口播先不报具体件数"),
            Words("When the numbers are right, thaw them", "数字核对好以后，恢复画面数字"),
        ),
    ),
}
_SAFE_STEPS = (
    Words("Is the safe scene on air? Look at the platform", "用手机看平台，确认已是安全画面"),
    Words("Microphones off until all is well", "先关麦，处理好再开"),
    Words("Then switch back to the scene by hand", "处理好后，手动切回原来的场景"),
)

_COMMANDS = {
    "session.freeze": Words("the numbers on screen freeze, orders still count", "画面数字冻结，订单照常计数"),
    "session.thaw": Words("the numbers on screen follow again", "画面数字恢复"),
    "session.close": Words("the session ends, no more orders are taken", "结束场次，不再接单"),
    "item.close": Words("an item goes off sale", "商品下架"),
    "announce.clear": Words("the announcements go", "撤下公告"),
}
_ACTIONS = {
    "chat": Words("a message goes to the chat", "发弹幕"),
    "coupon": Words("a coupon is handed out", "发券"),
    "notify": Words("the team is told", "通知团队"),
    "webhook": Words("other systems are told", "通知外部系统"),
    "task": Words("a task is opened", "打开一项待办"),
    "alert": Words("an alert rings", "发出预警"),
    "next_item": Words("the next item goes on air", "切到下一款"),
    "wait": Words("a pause", "等一会儿"),
    "obs.text": Words("a text in OBS changes", "改 OBS 文字"),
    "obs.show": Words("a source in OBS is shown", "显示 OBS 来源"),
    "obs.hide": Words("a source in OBS is hidden", "隐藏 OBS 来源"),
}


def consequences(emergency: Emergency) -> tuple[Words, ...]:
    """What running it does, action by action, in words, for a person who is asked whether to."""
    return tuple(_consequence(entry) for entry in emergency.do)


def _consequence(entry: Mapping[str, Any]) -> Words:
    words = _of_action(entry)
    if entry.get("confirm"):
        return Words(f"{words.en} (asked once more)", f"{words.zh}（会再问一次）")
    return words


def _of_action(entry: Mapping[str, Any]) -> Words:
    action = str(entry["action"])
    match action:
        case "stock":
            command = str(entry.get("command"))
            words = _COMMANDS.get(command) or Words(f"the command {command} is sent", f"执行指令 {command}")
            about = entry.get("sku")
            if isinstance(about, str) and not is_template(about):
                return Words(f"{words.en}: {about}", f"{words.zh}：{about}")
            return words
        case "announce":
            text = str(entry.get("text"))
            if is_template(text):
                return Words("a banner is shown to the audience", "向观众显示公告")
            return Words(f"the audience sees “{text}”", f"向观众显示公告“{text}”")
        case "obs.scene":
            obs, scene = entry.get("obs"), entry.get("scene")
            which = f"OBS {obs}" if obs else "OBS"
            return Words(f"{which} switches to “{scene}”", f"{which} 切到“{scene}”")
    return _ACTIONS.get(action) or Words(f"the action {action} is done", f"执行动作 {action}")
