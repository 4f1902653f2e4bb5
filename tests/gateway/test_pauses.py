"""What an operator has paused: sources are not asked, messages wait, chats are not heard; and all goes on afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from overlaykit.model.connectors import Capability, Connector, Context
from overlaykit.model.events import StockLevelObserved
from overlaykit.model.messages import ChatText, Notification
from overlaykit.model.sessions import Channel, Location
from overlaykit.model.settings import Settings
from tests.conftest import until

if TYPE_CHECKING:
    from tests.gateway.conftest import Evening, Post

pytestmark = pytest.mark.store

Open = Callable[..., "Evening"]
Start = Callable[..., "Post"]

LOCATIONS = (Location(name="default", title="default", source="erp", stale_after=0.6),)
CHANNELS = (Channel(name="mini", title="mini", connector="everything"),)
LATER = {
    "source": {"erp": {"plugin": "everything", "every": 0.1}},
    "notifier": {"team": {"plugin": "everything"}},
}


class Everything(Connector[Settings]):
    """Counts what is asked of it."""

    name = "everything"
    capabilities = frozenset({Capability.STOCK_LEVELS, Capability.CHAT_SEND, Capability.NOTIFY})
    polls: ClassVar[list[bool]] = []
    sent: ClassVar[list[str]] = []

    async def poll(self, ctx: Context, full: bool) -> Sequence[StockLevelObserved]:
        self.polls.append(full)
        return []

    async def send_chat(self, text: str, ctx: Context) -> None:
        self.sent.append(text)

    async def notify(self, notification: Notification, ctx: Context) -> None:
        self.sent.append(notification.text)


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    Everything.polls.clear()
    Everything.sent.clear()


def said_after(room: Evening, type: str, outcome: dict[str, Any]) -> bool:
    """Whether such an entry came after that of a command. Where this machine stood still, there may be one from before."""
    return any(entry["seq"] > outcome["seq"] for entry in room.entries(type))


def test_what_is_paused_waits_and_goes_on(evening: Open, gateway: Start) -> None:
    room = evening(locations=LOCATIONS, channels=CHANNELS, later=LATER)
    gateway(Everything)
    until(lambda: len(Everything.polls) > 2, "the warehouse is asked")
    for name in ("source.erp", "channel.mini", "notifier.team"):
        paused = room.send("connector.pause", name=name)
        assert paused["status"] == "accepted"
    until(lambda: said_after(room, "source.stale", paused), "nobody asks it, and that is said")
    asked = len(Everything.polls)
    room.put("m-1", "mini", ChatText("暂停时"))
    room.put("n-1", "team", Notification(text="告急", level="warning"))
    until(lambda: (found := room.target("notifier.team")) and found.waiting == 1, "the alert waits")
    assert (len(Everything.polls), Everything.sent) == (asked, [])

    room.send("connector.resume", name="channel.mini")
    room.send("connector.resume", name="notifier.team")
    assert [target for target, _, _ in room.wait_results(2)].count("mini") == 1
    assert sorted(Everything.sent) == ["告急", "暂停时"]
    assert len(Everything.polls) == asked
    resumed = room.send("connector.resume", name="source.erp")
    until(lambda: said_after(room, "source.fresh", resumed), "it is asked again")
    assert Everything.polls[asked] is True, "about everything"


def test_a_gateway_that_begins_knows_what_is_paused(evening: Open, gateway: Start) -> None:
    room = evening(locations=LOCATIONS, channels=CHANNELS, later=LATER)
    for name in ("source.erp", "channel.mini"):
        room.send("connector.pause", name=name)
    room.put("m-1", "mini", ChatText("暂停时"))
    gateway(Everything)
    until(lambda: room.entries("source.stale"), "it works, and asks nobody")
    until(lambda: (found := room.target("channel.mini")) and found.waiting == 1, "the text waits")
    assert (Everything.polls, Everything.sent) == ([], [])
