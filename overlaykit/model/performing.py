"""What an action works with while it is done: the room, the OBS instances, the channels, and the person at the desk.

Pure contract. Plugin authors find these names in `overlaykit.api`; the director is behind them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, Literal, Protocol

from msgspec import Struct

from overlaykit.model.messages import Body, Level
from overlaykit.model.outcomes import Outcome
from overlaykit.model.sessions import SessionPlan


class Effect(StrEnum):
    """What may be done with an action that was begun by a director that fell: nobody knows how far it came."""

    STATE = "state"
    """Doing it twice is like doing it once: it is done again."""
    MOMENT = "moment"
    """At most once: it is shown as uncertain, and a person decides."""


class Occasion(Struct, frozen=True, kw_only=True):
    """Why an action is done.

    seq      the entry that stands for it: `rule.fired`, or the operator's own command
    rule     the rule that fired, or `desk`
    sku      the item that it is about, None for the room
    why      what happened, in Chinese and English: `可售 49 / available 49`
    values   what the rule saw, by name
    at_ms    when, ms since 1970 on the store's clock
    """

    seq: int
    rule: str
    sku: str | None = None
    why: str = ""
    values: Mapping[str, str | int | float | bool | None] = {}
    at_ms: int


class ObsHandle(Protocol):
    """One OBS of the plan. What is held is true again after a reconnect; everything else happens once.

    The methods raise UserError when it cannot be done before the action's deadline; they return what to show of it.
    """

    @property
    def name(self) -> str:
        """As in [obs.NAME]."""

    def hold_text(self, source: str, text: str) -> None:
        """The text source says this from now on."""

    def hold_visible(self, scene: str | None, source: str, visible: bool) -> None:
        """The source is shown, or not, in `scene`; in every scene that has it without one."""

    def hold_filter(self, source: str, filter: str, enabled: bool) -> None:
        """The filter of this source is on, or off."""

    async def switch_scene(self, scene: str, *, seconds: float | None = None) -> str:
        """Program shows `scene`; with `seconds` it then goes back, unless somebody touched the scene meanwhile."""

    async def play_media(self, source: str, act: Literal["restart", "play", "pause", "stop"] = "restart") -> str:
        """Starts a media source from its beginning, or what `act` says."""

    async def set_transition(self, transition: str, milliseconds: int | None = None) -> str:
        """The transition of the next switches."""

    async def press_hotkey(self, hotkey: str) -> str:
        """Triggers a hotkey by its name in OBS."""

    async def refresh(self, source: str) -> str:
        """Loads the page of a browser source again, past its cache."""

    async def request(self, request: str, data: Mapping[str, Any]) -> str:
        """Any request of the obs-websocket protocol."""


class Performing(Protocol):
    """Handed to `Action.do`. All methods raise UserError when something cannot be done: then the action has failed, says why,
    and the others go on."""

    @property
    def occasion(self) -> Occasion:
        """Why this is done."""

    @property
    def plan(self) -> SessionPlan:
        """The session's plan as it is now."""

    def render(self, text: str) -> str:
        """A template, filled in with what the board says now. Arguments come filled in already."""

    async def submit(self, command: Mapping[str, Any]) -> Outcome:
        """Sends a command, `{"type": "announce.show", "text": …}`, to the session. Its id follows from the occasion, so that
        doing it again changes nothing. A refusal is an answer too; UserError for one without the documented shape."""

    def obs(self, name: str | None = None) -> ObsHandle:
        """The OBS of this name; without one, the plan's only one."""

    def targets(self, body: Body, among: Collection[str] | None = None) -> list[str]:
        """The channels, notifiers or webhooks of the plan that can deliver such a message, in the plan's order: of those in
        `among`, of all when it is None."""

    async def send(self, target: str, body: Body) -> None:
        """Puts a message into the gateway's queue for `target`, once, however often this is called. The gateway says what
        became of it."""

    async def task(
        self,
        text: str,
        *,
        why: str = "",
        level: Level = "info",
        copy: bool = False,
    ) -> None:
        """Asks a person to do something. `copy`: the text is there to be copied, into a chat for example."""

    async def alert(self, text: str, *, level: Level = "warning") -> None:
        """Says at the desk what somebody there has to see. It stays until it is acknowledged, and rings once more each time."""

    async def pause(self, seconds: float) -> None:
        """Lets time pass."""
