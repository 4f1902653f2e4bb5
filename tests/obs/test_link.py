"""The connection, on a fake OBS and on a real one alike; then what only a fake can be made to do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from typing import Any

import pytest

from overlaykit.director.obs.link import (
    KICKED,
    NOT_FOUND,
    NOT_READY,
    OTHER_RPC_VERSION,
    WRONG_PASSWORD,
    Address,
    ObsLink,
    Reach,
    Request,
    open_link,
)
from overlaykit.errors import ObsAway, ObsRefused
from tests.conftest import free_tcp_port
from tests.obs.fake import FakeObs
from tests.obs.real import RealObs

AnyObs = FakeObs | RealObs


def ignore(name: str, data: object) -> None:
    """Events are not what this test is about."""


async def opened(obs: AnyObs, heard: Callable[[str, Any], None] = ignore) -> ObsLink:
    link, _ = await open_link(Reach(Address(port=obs.port), obs.password), heard)
    return link


def linked(obs: AnyObs, story: Callable[[ObsLink], Coroutine[Any, Any, None]]) -> None:
    """Tells a story with a link that is closed at its end."""

    async def run() -> None:
        link = await opened(obs)
        try:
            await story(link)
        finally:
            await link.close()

    asyncio.run(run())


def refused(address: Address, password: str | None = "x", seconds: float = 3.0) -> ObsAway:
    """What `open_link` says where it finds no way in."""
    with pytest.raises(ObsAway) as caught:
        asyncio.run(open_link(Reach(address, password), ignore, seconds=seconds))
    return caught.value


# ------------------------------------------------------------------------------------------ the same on both


def test_a_link_knows_what_obs_it_has(any_obs: AnyObs) -> None:
    async def story() -> None:
        link, version = await open_link(Reach(Address(port=any_obs.port), any_obs.password), ignore)
        assert version["obsVersion"] == "29.0.2"
        await link.close()

    asyncio.run(story())


def test_a_request_is_answered_and_a_refusal_says_why(any_obs: AnyObs) -> None:
    async def story(link: ObsLink) -> None:
        assert (await link.ask("GetCurrentProgramScene"))["currentProgramSceneName"] == "Scene"
        with pytest.raises(ObsRefused, match="No source was found by the name of `没有`") as caught:
            await link.ask("SetCurrentProgramScene", {"sceneName": "没有"})
        assert caught.value.code == NOT_FOUND
        assert "没有" in caught.value.chinese

    linked(any_obs, story)


def test_a_batch_runs_in_order_and_carries_values_on(any_obs: AnyObs) -> None:
    with any_obs.hand() as hand:
        hand.text_source("Scene", "库存")

    async def story(link: ObsLink) -> None:
        texts = [
            Request("SetInputSettings", {"inputName": "库存", "inputSettings": {"text": str(n)}}) for n in range(20)
        ]
        answers = await link.batch(
            [
                *texts,
                Request("GetSceneItemId", {"sceneName": "Scene", "sourceName": "库存"}, gives={"id": "sceneItemId"}),
                Request(
                    "SetSceneItemEnabled",
                    {"sceneName": "Scene", "sceneItemEnabled": False},
                    takes={"sceneItemId": "id"},
                ),
            ]
        )
        assert all(each.ok for each in answers)

    linked(any_obs, story)
    with any_obs.hand() as hand:
        assert hand.text("库存") == "19"
        assert not hand.visible("Scene", "库存")


def test_a_batch_goes_on_after_a_refusal_unless_told_to_halt(any_obs: AnyObs) -> None:
    asked = [Request("SetCurrentProgramScene", {"sceneName": "没有"}), Request("GetCurrentProgramScene")]

    async def story(link: ObsLink) -> None:
        assert [each.ok for each in await link.batch(asked)] == [False, True]
        assert [each.code for each in await link.batch(asked, halt=True)] == [NOT_FOUND]

    linked(any_obs, story)


def test_events_are_heard(any_obs: AnyObs) -> None:
    heard: list[tuple[str, Any]] = []

    async def story() -> None:
        link = await opened(any_obs, lambda name, data: heard.append((name, data)))
        with any_obs.hand() as hand:
            hand.scenes("特写")
        while not any(name == "SceneCreated" and data["sceneName"] == "特写" for name, data in heard):
            await asyncio.sleep(0.01)
        await link.close()

    asyncio.run(asyncio.wait_for(story(), 10))


def test_a_wrong_password_is_told_at_once(any_obs: AnyObs) -> None:
    said = refused(Address(port=any_obs.port), "falsch")
    assert said.code == WRONG_PASSWORD
    assert "does not take this password" in said.message
    assert "不接受这个密码" in said.chinese
    assert "falsch" not in str(said)


def test_a_password_that_is_not_kept_is_another_matter(any_obs: AnyObs) -> None:
    said = refused(Address(port=any_obs.port), None)
    assert said.code == WRONG_PASSWORD
    assert "none is kept here" in said.message
    assert said.remedy == "Run: overlaykit obs setup"


# --------------------------------------------------------------------------------------- a fake that misbehaves


def test_no_obs_there() -> None:
    said = refused(Address(port=free_tcp_port()))
    assert said.chinese.endswith("没有应答：连接被拒绝"), "in Chinese to its end"
    assert "nothing answers at 127.0.0.1:" in said.message
    assert "Tools → WebSocket Server Settings" in str(said)


@pytest.mark.parametrize("host", ["obs pc", "x" * 70 + ".lan", "192.168.1.20/obs"])
def test_what_is_no_host(host: str) -> None:
    assert host in refused(Address(host, 4455)).message


def test_who_waits_is_told_when_the_connection_breaks_off(fake_obs: FakeObs) -> None:
    async def story(link: ObsLink) -> None:
        fake_obs.silent = True
        waiting = asyncio.create_task(link.ask("GetStats", seconds=60))
        while fake_obs.count("GetStats") == 0:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(fake_obs.cut)
        with pytest.raises(ObsAway, match="closed the connection"):
            await waiting
        assert link.lost is not None
        with pytest.raises(ObsAway):
            await link.ask("GetStats")

    linked(fake_obs, story)


def test_no_answer_in_time(fake_obs: FakeObs) -> None:
    async def story(link: ObsLink) -> None:
        fake_obs.silent = True
        with pytest.raises(ObsAway, match=r"did not answer GetStats within 0\.1 s"):
            await link.ask("GetStats", seconds=0.1)
        assert link.lost is None

    linked(fake_obs, story)


def test_a_message_that_is_none_ends_the_link(fake_obs: FakeObs) -> None:
    async def story(link: ObsLink) -> None:
        await asyncio.to_thread(fake_obs.say_nonsense)
        assert "no message of obs-websocket" in (await link.wait_lost()).message

    linked(fake_obs, story)


@pytest.mark.parametrize(
    ("code", "words"),
    [(1001, "closed the connection (1001"), (KICKED, "somebody ended our connection")],
)
def test_the_close_code_is_kept(fake_obs: FakeObs, code: int, words: str) -> None:
    async def story(link: ObsLink) -> None:
        await asyncio.to_thread(fake_obs.close_all, code)
        why = await link.wait_lost()
        assert why.code == code
        assert words in why.message

    linked(fake_obs, story)


def test_another_version_of_the_protocol(fake_obs: FakeObs) -> None:
    fake_obs.rpc_version = 2
    assert refused(Address(port=fake_obs.port), fake_obs.password).code == OTHER_RPC_VERSION


def test_an_obs_that_loads_says_that_it_is_not_ready(fake_obs: FakeObs) -> None:
    async def story(link: ObsLink) -> None:
        fake_obs.studio.loading = True
        with pytest.raises(ObsRefused) as caught:
            await link.ask("GetSceneList")
        assert caught.value.code == NOT_READY

    linked(fake_obs, story)


@pytest.fixture
def other_server() -> Iterator[Callable[[bytes | None], int]]:
    """Starts a server that answers what it is told, or nothing; its port."""
    loop = asyncio.new_event_loop()
    servers: list[asyncio.Server] = []

    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def start(says: bytes | None) -> int:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError):
                await reader.read(1)
                if says is not None:
                    writer.write(says)
                    await writer.drain()
                else:
                    await reader.read()
            writer.close()

        async def listen() -> asyncio.Server:
            return await asyncio.start_server(talk, "127.0.0.1", 0)

        servers.append(asyncio.run_coroutine_threadsafe(listen(), loop).result(10))
        return int(servers[-1].sockets[0].getsockname()[1])

    yield start

    async def stop() -> None:
        for server in servers:
            server.close()
            await server.wait_closed()

    asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_web_server_is_no_obs(other_server: Callable[[bytes | None], int]) -> None:
    said = refused(Address(port=other_server(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")))
    assert "is no OBS" in said.message


def test_a_server_that_says_nothing(other_server: Callable[[bytes | None], int]) -> None:
    assert "does not answer within 0.2 s" in refused(Address(port=other_server(None)), seconds=0.2).message


def test_a_proxy_for_the_web_is_not_asked_for_obs(fake_obs: FakeObs, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_tcp_port()}")

    async def story(link: ObsLink) -> None:
        assert await link.ask("GetStats")

    linked(fake_obs, story)


def test_an_address_may_be_of_ipv6() -> None:
    assert Address("::1", 4455).url == "ws://[::1]:4455"
