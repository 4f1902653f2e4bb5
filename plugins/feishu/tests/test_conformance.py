"""The suite that every connector passes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from overlaykit.api import Secret
from overlaykit.testing.conformance import Case, ConnectorConformance
from plugins.feishu.connector import Feishu, RobotSettings
from plugins.feishu.fake import FakeFeishu


class RobotCase(Case[FakeFeishu]):
    connector = Feishu

    def make_platform(self) -> FakeFeishu:
        return FakeFeishu(secret="s-1")

    def settings(self) -> RobotSettings:
        return RobotSettings(hook=Secret(self.platform.hook), sign_key=Secret("s-1"))

    def heard(self) -> Sequence[str]:
        return [json.dumps(sent, ensure_ascii=False) for sent in self.platform.messages]


class TestFeishu(ConnectorConformance):
    case = RobotCase
