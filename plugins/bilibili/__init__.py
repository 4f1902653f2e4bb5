"""哔哩哔哩 Bilibili: the chat of a live room, read through the open live platform (直播开放平台).

Tested against: the made-up platform in fake.py. README.md says what nobody has verified.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

from overlaykit.api import Capability, ChatMessage, Connector, Context, Secret, Settings, hookimpl
from plugins.bilibili.client import OpenLive


class BilibiliSettings(Settings):
    """
    app_id             of the project (项目ID) that was made on the open live platform
    access_key_id      of the developer who made it
    access_key_secret  of the developer
    code               the streamer's 身份码, which lets the project into the room
    base_url           where the API is
    """

    app_id: int
    access_key_id: str
    access_key_secret: Secret
    code: Secret
    base_url: str = "https://live-open.biliapi.com"


class Bilibili(Connector[BilibiliSettings]):
    name = "bilibili"
    title = "哔哩哔哩 Bilibili"
    capabilities = frozenset({Capability.CHAT_READ})
    needs = "直播开放平台的项目与主播身份码 / a project of the open live platform, and the streamer's identity code"
    tested = "a made-up platform; no real room yet"

    def __init__(self, settings: BilibiliSettings) -> None:
        super().__init__(settings)
        self._client = OpenLive(
            settings.base_url, settings.app_id, settings.access_key_id, settings.access_key_secret, settings.code
        )

    async def chat(self, ctx: Context) -> AsyncIterator[ChatMessage]:
        from plugins.bilibili.listening import listen  # a library of sockets, which processes without a chat do without

        round = await self._client.start(ctx)
        try:
            async with aclosing(listen(round, self._client, ctx)) as messages:
                async for message in messages:
                    yield message
        finally:
            await self._client.end(round, ctx)


@hookimpl
def register_connectors(register: Callable[[type[Connector[Any]]], None]) -> None:
    register(Bilibili)
