"""A made-up Feishu: one group with one robot. All of it is synthetic; codes and texts are those of the documents."""

from __future__ import annotations

from typing import Any

from overlaykit.api import Reply, same
from overlaykit.testing import Call, FakePlatform
from plugins.feishu.wire import BODY_AT_MOST, signature

TOKEN = "0000-made-up"


class FakeFeishu(FakePlatform):
    """A robot.

    messages  what stands in the group, as it was sent
    secret    what it demands messages to be signed with; "" for nothing
    keyword   what it demands in every message; "" for nothing
    busy      it answers that there were too many messages
    """

    def __init__(self, *, secret: str = "", keyword: str = "") -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []
        self.secret, self.keyword, self.busy = secret, keyword, False

    @property
    def hook(self) -> str:
        """The robot's address."""
        return f"{self.url}/open-apis/bot/v2/hook/{TOKEN}"

    def answer(self, call: Call) -> Reply:
        if call.path != f"/open-apis/bot/v2/hook/{TOKEN}":
            return _no(19001, "param invalid: incoming webhook access token invalid")
        said = call.json()
        if len(call.body) > BODY_AT_MOST or said.get("msg_type") not in ("text", "interactive"):
            return _no(9499, "Bad Request")
        if self.busy:
            return _no(11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]")
        if self.secret:
            stamp = int(said.get("timestamp", 0))
            late = abs(stamp - call.received_ms / 1000) > 3600
            if late or not same(said.get("sign", ""), signature(stamp, self.secret)):
                return _no(19021, "sign match fail or timestamp is not within one hour from current time")
        if self.keyword and self.keyword not in call.text():
            return _no(19024, "Key Words Not Found")
        self.messages.append(said)
        return Reply(json={"code": 0, "msg": "success", "data": {}})


def _no(code: int, text: str) -> Reply:
    return Reply(json={"code": code, "msg": text, "data": {}})
