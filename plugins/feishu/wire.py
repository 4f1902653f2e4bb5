"""What a group robot is sent, and what its answers mean. Pure.

The guide of custom robots: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from overlaykit.api import Notification, OverlaykitError, PlatformAway, PlatformRefused, UserError

BODY_AT_MOST = 20_000
"""Bytes of a message; the documents say 20 KB."""
TITLE_AT_MOST = 100
"""Characters."""
COLOURS = {"info": "blue", "warning": "orange", "urgent": "red"}
TITLES = {"info": "消息 Message", "warning": "注意 Warning", "urgent": "紧急 Urgent"}
Style = Literal["card", "text"]
BUSY = frozenset({11232, 2200})
"""Codes that say: later. 11232 too many messages; 2200 an error inside Feishu."""


def signature(timestamp: int, secret: str) -> str:
    """What Feishu expects in `sign`: timestamp and secret are the key, and nothing is the message."""
    digest = hmac.new(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def message(
    notification: Notification, *, style: Style, keyword: str, at_all: bool, signed: Mapping[str, str]
) -> bytes:
    """The body of a message. A text that makes it too long is cut, and says so.

    keyword  stands in every title, for robots that demand one
    signed   `timestamp` and `sign`, or nothing
    """
    title = notification.title or TITLES[notification.level]
    if len(title) > TITLE_AT_MOST:
        title = title[: TITLE_AT_MOST - 1] + "…"
    if keyword and keyword not in title:
        title = f"{keyword} {title}"

    def made(length: int) -> bytes:
        text = _cut(notification.text, length)
        content = (
            _card(title, text, COLOURS[notification.level], at_all) if style == "card" else _text(title, text, at_all)
        )
        return msgspec.json.encode({**signed, **content})

    whole = made(len(notification.text))
    if len(whole) <= BODY_AT_MOST:
        return whole
    fits, too_long = 0, len(notification.text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        fits, too_long = (middle, too_long) if len(made(middle)) <= BODY_AT_MOST else (fits, middle)
    return made(fits)


def _card(title: str, text: str, colour: str, at_all: bool) -> dict[str, Any]:
    """Plain text, not Markdown: what viewers wrote must not become a link, or mention everybody."""
    elements: list[Any] = [{"tag": "div", "text": {"tag": "plain_text", "content": text}}]
    if at_all:
        elements.append({"tag": "div", "text": {"tag": "lark_md", "content": "<at id=all></at>"}})
    return {
        "msg_type": "interactive",
        "card": {
            "config": {"wide_screen_mode": True},
            "header": {"title": {"tag": "plain_text", "content": title}, "template": colour},
            "elements": elements,
        },
    }


def _text(title: str, text: str, at_all: bool) -> dict[str, Any]:
    mention = '\n<at user_id="all">所有人</at>' if at_all else ""
    safe = f"{title}\n{text}".replace("<at", "＜at").replace("</at", "＜/at")
    return {"msg_type": "text", "content": {"text": safe + mention}}


def _cut(text: str, length: int) -> str:
    left = len(text) - length
    return text if left <= 0 else f"{text[:length]}…（还有 {left} 字 / {left} more characters）"


class Answer(Struct):
    code: int
    msg: str = ""


def trouble(answer: Answer) -> OverlaykitError | None:
    """What an answer says went wrong, with what to do; None when the message is in the group."""
    if answer.code == 0:
        return None
    said = f"飞书 Feishu {answer.code}: {answer.msg}"
    if answer.code in BUSY:
        return PlatformAway(f"{said}：发送太频繁，稍后再发 / too many messages, later")
    remedy = REMEDIES.get(answer.code)
    return UserError(said, remedy=remedy) if remedy else PlatformRefused(said, code=str(answer.code))


REMEDIES = {
    19001: "机器人地址不存在或已被移除，请在群设置里重新复制 Webhook 地址 / "
    "The robot is gone, or its address wrong: copy it again from the group's settings.",
    19021: "签名不对：核对密钥 sign_key，并校准这台电脑的时间（不能差一小时）/ "
    "The signature does not fit: check the secret sign_key, and the clock of this computer.",
    19022: "这台电脑的公网 IP 不在机器人的白名单里，请加上，或改用签名 / "
    "This computer's public address is not on the robot's list of addresses: add it, or use a signature.",
    19024: "消息里没有机器人要求的关键词，请在设置里写 keyword / "
    "The robot demands a keyword: write it as `keyword` in the settings.",
    9499: "飞书看不懂这条消息，请把网关日志报告给我们 / "
    "Feishu cannot read the message: please report it, with the gateway's log.",
}
"""Code → what to do."""
