"""A room of Bilibili against the suite that every connector passes."""

from __future__ import annotations

from overlaykit.api import ChatMessage, Secret
from overlaykit.testing.conformance import Case, ConnectorConformance
from plugins.bilibili import Bilibili, BilibiliSettings
from plugins.bilibili.fake import APP_ID, CODE, KEY_ID, KEY_SECRET, FakeBilibili


class BilibiliCase(Case[FakeBilibili]):
    connector = Bilibili

    def make_platform(self) -> FakeBilibili:
        return FakeBilibili()

    def settings(self) -> BilibiliSettings:
        return BilibiliSettings(
            app_id=APP_ID,
            access_key_id=KEY_ID,
            access_key_secret=Secret(KEY_SECRET),
            code=Secret(CODE),
            base_url=self.platform.url,
        )

    def write(self, message: ChatMessage) -> None:
        self.platform.write(message.text, author=message.author, id=message.id)


class TestBilibili(ConnectorConformance):
    case = BilibiliCase
