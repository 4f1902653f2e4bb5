"""What an action is called, in both languages: on the page of buttons, and on the phone that pressed one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from overlaykit.board import Board
from overlaykit.board.types import BoardItem
from overlaykit.plan import Words
from overlaykit.web.buttons.actions import Action, plain
from overlaykit.web.directing import Directing
from overlaykit.web.words.actions import WORDS as ACTION_WORDS

DANGEROUS = frozenset({"emergency.run", "session.close"})
"""Actions that nobody wants by accident: what they do is seen by everybody and hard to take back."""

SIMPLE = {
    "item.next": Words("Next item", "下一款"),
    "item.previous": Words("Previous item", "上一款"),
    "freeze.toggle": Words("Freeze or thaw the numbers", "冻结 / 恢复数字"),
    "session.freeze": Words("Freeze the numbers", "冻结数字"),
    "session.thaw": Words("Thaw the numbers", "恢复数字"),
    "session.open": Words("Open the session", "开播"),
    "session.close": Words("End the session", "结束场次"),
    "announce.clear": Words("Take down the announcement", "撤下公告"),
}
NAMED = {
    "drop.release": Words("Open the drop {}", "放出波次 {}"),
    "drop.close": Words("End the drop {}", "结束波次 {}"),
    "rule.fire": Words("Fire the rule {}", "立即触发规则 {}"),
    "rule.toggle": Words("Rule {} on or off", "规则 {} 启用 / 停用"),
    "button.press": Words("Button {}", "按钮 {}"),
    "connector.pause": Words("Pause {}", "暂停 {}"),
    "connector.resume": Words("Resume {}", "恢复 {}"),
}
OBS_REQUESTS = {
    "Reconnect": Words("OBS {}: connect now", "OBS {}：立即重连"),
    "ReleaseScene": Words("OBS {}: scenes back to the rules", "OBS {}：画面交还给规则"),
    "StartStream": Words("OBS {}: start streaming", "OBS {}：开始推流"),
    "StopStream": Words("OBS {}: stop streaming", "OBS {}：停止推流"),
    "StartRecord": Words("OBS {}: start recording", "OBS {}：开始录制"),
    "StopRecord": Words("OBS {}: stop recording", "OBS {}：停止录制"),
}
LONGEST = 80


def items_by_link(board: Board) -> dict[int, BoardItem]:
    """The first item of each link, in running order."""
    found: dict[int, BoardItem] = {}
    for sku in board.order:
        link = board.items[sku].link
        if link is not None:
            found.setdefault(link, board.items[sku])
    return found


def title_of(action: Action, directing: Directing, board: Board, links: Mapping[int, BoardItem] | None = None) -> Words:
    """The action in a few words. `links`: `items_by_link(board)`, for whoever asks often."""
    said = plain(action)
    kind = said["type"]
    if kind in SIMPLE:
        return SIMPLE[kind]
    if kind in ("connector.pause", "connector.resume"):
        section, _, name = said["name"].partition(".")
        shop = directing.channels.get(name) if section == "channel" else None
        return _filled(NAMED[kind], shop or said["name"])
    if kind in NAMED:
        return _filled(NAMED[kind], said.get("name") or said.get("drop"))
    match kind:
        case "item.feature":
            return _feature(action, board, items_by_link(board) if links is None else links)
        case "item.open" | "item.close":
            words = Words("Open {}", "上架 {}") if kind == "item.open" else Words("Close {}", "下架 {}")
            item = board.items.get(said["sku"])
            return Words(words.en.format(_item(item, said).en), words.zh.format(_item(item, said).zh))
        case "rule.set":
            on = {True: Words("Rule {} on", "启用规则 {}"), False: Words("Rule {} off", "停用规则 {}")}
            back = Words("Rule {} as the plan says", "规则 {} 恢复方案设定")
            return _filled(on.get(said["enabled"], back), said["name"])
        case "countdown.set" if said.get("extend") is not None:
            longer = Words("{} longer", "延长 {}") if said["extend"] > 0 else Words("{} shorter", "缩短 {}")
            return _countdown(said["name"], longer, abs(said["extend"]))
        case "countdown.set" if said.get("seconds") is not None:
            return _countdown(said["name"], Words("{} from now", "从现在起 {}"), said["seconds"])
        case "countdown.set" if said.get("ends_at", UNSET) is None:
            return _filled(Words("Stop the countdown {}", "停止倒计时 {}"), said["name"])
        case "announce.show":
            return _filled(Words("Announce: {}", "公告：{}"), said["text"])
        case "note.set":
            said_nothing = Words("Take down the note to the presenter", "撤下给主播的留言")
            text = said["text"]
            return _filled(Words("Note to the presenter: {}", "给主播留言：{}"), text) if text else said_nothing
        case "overlay.set":
            return _look(said)
        case "emergency.run":
            titles = {each.name: each.title for each in directing.emergencies}
            return _titled(Words("Emergency: {}", "应急：{}"), titles.get(said["name"]), said["name"])
        case "announcement.show":
            title = directing.announcements.get(said["name"])
            return _titled(Words("Announce {}", "公告 {}"), title, said["name"])
        case "obs.do":
            return _obs(said)
        case "overlay.refresh":
            page = said.get("page")
            return (
                _filled(Words("Reload the overlay {}", "刷新画面 {}"), page)
                if page
                else Words("Reload all overlays", "刷新全部画面")
            )
    return _whatever(kind, said)


def _feature(action: Any, board: Board, links: Mapping[int, BoardItem]) -> Words:
    channel = f" ({action.channel})" if action.channel is not None else ""
    if action.sku is None:
        return Words(f"Nothing on air{channel}", f"暂不讲解{channel}")
    said = plain(action)
    item = board.items.get(said["sku"]) if "sku" in said else None
    if "link" in said:
        item = links.get(said["link"])
    elif "product" in said and (product := board.products.get(said["product"])) is not None:
        item = board.items[product.variants[0]]
    name = _item(item, said)
    return Words(_cut(f"On air: {name.en}{channel}"), _cut(f"讲解 {name.zh}{channel}"))


def _item(item: BoardItem | None, said: dict[str, Any]) -> Words:
    if item is None:
        link = said.get("link")
        name = str(said.get("sku") or said.get("product") or "")
        return Words(f"link {link}", f"{link}号链接") if link is not None else Words(name, name)
    title = f"{item.title} {item.variant}" if item.variant and "sku" in said else item.title
    if item.link is None:
        return Words(title, title)
    return Words(f"link {item.link} {title}", f"{item.link}号链接 {title}")


def _countdown(name: str, words: Words, seconds: float) -> Words:
    minutes, rest = divmod(seconds, 60)
    en = f"{minutes:g} min" if minutes and not rest else f"{seconds:g} s"
    zh = f"{minutes:g} 分钟" if minutes and not rest else f"{seconds:g} 秒"
    return Words(f"Countdown {name}: {words.en.format(en)}", f"倒计时 {name}：{words.zh.format(zh)}")


def _obs(said: dict[str, Any]) -> Words:
    request, data = said["request"], said.get("data", {})
    if request in OBS_REQUESTS:
        return _filled(OBS_REQUESTS[request], said["obs"])
    scene = data.get("sceneName") if request == "SetCurrentProgramScene" else None
    if isinstance(scene, str):
        return Words(_cut(f"OBS {said['obs']}: scene {scene}"), _cut(f"OBS {said['obs']}：切到 {scene}"))
    return _filled(Words(f"OBS {said['obs']}: {{}}", f"OBS {said['obs']}：{{}}"), request)


def _look(said: dict[str, Any]) -> Words:
    theme, options = said.get("theme", UNSET), said.get("options", {})
    planned = Words("as planned", "按方案")
    en = [] if theme is UNSET else [f"theme {theme or planned.en}"]
    zh = [] if theme is UNSET else [f"主题 {theme or planned.zh}"]
    for name, value in options.items():
        en.append(f"{name} {planned.en if value is None else value}")
        zh.append(f"{name} {planned.zh if value is None else value}")
    return Words(_cut(f"Look of the overlays: {', '.join(en)}"), _cut(f"改外观：{'、'.join(zh)}"))


def _whatever(kind: str, said: dict[str, Any]) -> Words:
    """By the name that its form has on the desk, with all that it says."""
    fields = ", ".join(f"{name} {value}" for name, value in said.items() if name != "type")
    zh, en = ACTION_WORDS.get(f"act_{kind}", (kind, kind))
    return Words(_cut(f"{en}: {fields}" if fields else en), _cut(f"{zh}：{fields}" if fields else zh))


def _titled(words: Words, title: Words | None, name: str) -> Words:
    """With what it is called in each language; by its name when there is none of that name any more."""
    en, zh = title or (name, name)
    return Words(_filled(words, en).en, _filled(words, zh).zh)


def _filled(words: Words, name: object) -> Words:
    return Words(_cut(words.en.replace("{}", str(name))), _cut(words.zh.replace("{}", str(name))))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
