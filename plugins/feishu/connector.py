"""A group robot: it posts, and cannot read."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from overlaykit.api import (
    BadMessage,
    Capability,
    Connector,
    Context,
    Notification,
    PlatformRefused,
    Secret,
    Settings,
    UserError,
)
from plugins.feishu.wire import Answer, Style, message, signature, trouble

PATH = "/open-apis/bot/v2/hook/"


class RobotSettings(Settings):
    """
    hook      the robot's Webhook address; who knows it can post, so it is a secret
    sign_key  the robot's 签名校验 secret; without it messages are not signed
    style     card: in the level's colour; text: plain
    keyword   stands in every title, for robots with 自定义关键词
    at_all    urgent messages mention everybody in the group
    """

    hook: Secret
    sign_key: Secret | None = None
    style: Style = "card"
    keyword: str = ""
    at_all: bool = False


class Feishu(Connector[RobotSettings]):
    name = "feishu"
    title = "飞书 Feishu / Lark"
    needs = "群里添加的自定义机器人 / a robot that somebody adds to the group"
    tested = "a made-up robot, after Feishu's guide; not Feishu itself"
    capabilities = frozenset({Capability.NOTIFY})
    rate = 1.6  # the documents: 100 a minute, and 5 in one second

    def __init__(self, settings: RobotSettings) -> None:
        super().__init__(settings)
        if not _is_hook(settings.hook.reveal()):
            raise UserError(
                "hook 不是飞书群机器人的地址 / the secret hook is no address of a group robot",
                remedy=f"群设置 → 群机器人 → 自定义机器人 → Webhook 地址 / Copy it whole: https://open.feishu.cn{PATH}…",
            )
        self._hook = settings.hook.reveal()

    async def notify(self, notification: Notification, ctx: Context) -> str | None:
        signed = {}
        if self.settings.sign_key:
            now = ctx.now_ms // 1000
            signed = {"timestamp": str(now), "sign": signature(now, self.settings.sign_key.reveal())}
        body = message(
            notification,
            style=self.settings.style,
            keyword=self.settings.keyword,
            at_all=self.settings.at_all and notification.level == "urgent",
            signed=signed,
        )
        try:
            said = await ctx.http.post(self._hook, content=body, headers={"Content-Type": "application/json"})
        except PlatformRefused as error:
            raise UserError(
                f"飞书拒绝了这条消息 / Feishu refuses the message: {error.message}",
                remedy="机器人还在群里吗？请重新复制它的地址。 / "
                "Is the robot still in its group? Copy its address again.",
            ) from None
        try:
            answer = msgspec.convert(said, Answer, strict=False)
        except msgspec.ValidationError:
            raise BadMessage(
                "飞书的答复没有 code：地址是群机器人的吗？ / "
                "Feishu's answer has no code: is the address that of a group robot?"
            ) from None
        if (found := trouble(answer)) is not None:
            raise found
        return None


def _is_hook(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and parts.path.startswith(PATH) and parts.path != PATH
