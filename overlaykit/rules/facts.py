"""What conditions and texts of rules may look at, by name: the same as in themes, and what OBS does."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from overlaykit.board import BoardView, Fold
from overlaykit.board.types import Board, BoardItem, SessionHead
from overlaykit.model.notes import ObsState, ObsValues
from overlaykit.theming.environment import Named
from overlaykit.theming.subject import items_of, next_of

NAMES = ("session", "item", "items", "products", "next", "countdowns", "announcements", "obs", "now")
"""Every name that a condition or text may use."""

_OF_STREAM = ("scene", "preview", "studio_mode", "streaming", "recording")
_OF_BOARD = frozenset({"items", "products", "next", "countdowns", "announcements"})


def _says(text: str) -> Meta:
    return Meta(description=text)


class ObsFacts(Struct, kw_only=True, omit_defaults=True):
    """One OBS, as its last notes say. None: not known yet."""

    connected: Annotated[bool, _says("whether we are connected to it")] = False
    scene: Annotated[str | None, _says("the scene on program")] = None
    preview: Annotated[str | None, _says("the scene in preview; None without studio mode")] = None
    studio_mode: Annotated[bool | None, _says("whether studio mode is on")] = None
    streaming: Annotated[bool | None, _says("whether it streams")] = None
    recording: Annotated[bool | None, _says("whether it records")] = None
    reconnecting: Annotated[bool | None, _says("whether the stream has broken off and OBS tries again")] = None
    dropped_frames: Annotated[float | None, _says("share of frames that the network lost in the last 10 s, 0 … 1")] = (
        None
    )
    dropped_frames_1m: Annotated[float | None, _says("the same in the last minute")] = None
    lagged_frames: Annotated[float | None, _says("share of frames that were made too late in the last 10 s, 0 … 1")] = (
        None
    )
    lagged_frames_1m: Annotated[float | None, _says("the same in the last minute")] = None
    congestion: Annotated[float | None, _says("how full the way to the platform is, 0 … 1")] = None
    cpu: Annotated[float | None, _says("share of the processor that OBS takes, 0 … 1")] = None
    disk_gb: Annotated[float | None, _says("gigabytes left for recordings")] = None
    fps: Annotated[float | None, _says("frames a second")] = None


def take_state(facts: ObsFacts, state: ObsState) -> None:
    """What OBS says of itself; of one that is not connected nothing is known but that."""
    facts.connected = state.connected
    if state.connected:
        for name in _OF_STREAM:
            setattr(facts, name, getattr(state, name))
    else:
        take_values(facts, ObsValues())


def take_values(facts: ObsFacts, values: ObsValues) -> None:
    """How it fares."""
    for name in ObsValues.__struct_fields__:
        setattr(facts, name, getattr(values, name))


def obs_facts(fold: Fold) -> dict[str, ObsFacts]:
    """What the fold knows of each OBS; one of the plan that was never heard of is not connected."""
    found: dict[str, ObsFacts] = {name: ObsFacts() for name in fold.plan.later.get("obs", {})}
    for name, state in fold.direction.obs.items():
        take_state(found.setdefault(name, ObsFacts()), state)
    for name, values in fold.direction.health.items():
        take_values(found.setdefault(name, ObsFacts()), values)
    return found


class Sight:
    """What there is to see after the fold's last entry. Only what is asked for is put together: a board may be large."""

    def __init__(self, fold: Fold, view: BoardView, obs: dict[str, ObsFacts]) -> None:
        self._fold = fold
        self._view = view
        self._obs = obs
        self._board: Board | None = None

    def names(self, wanted: frozenset[str], sku: str | None, now: str) -> dict[str, Any]:
        """The values of `wanted`. `sku`: the item that it is about, without one the one on air; `now`: RFC 3339 UTC."""
        found: dict[str, Any] = {"now": now}
        if "session" in wanted:
            plan = self._fold.plan
            found["session"] = SessionHead(
                id=plan.id, title=plan.title, status=self._fold.status, locale=plan.locale, currency=plan.currency
            )
        if "obs" in wanted:
            found["obs"] = Named(dict(self._obs))
        if "item" in wanted or "next" in wanted:
            found["item"] = item = self.subject(sku)
        if wanted & _OF_BOARD:
            board = self._whole()
            found["items"] = items_of(board) if "items" in wanted else ()
            found["products"] = Named(dict(board.products))
            found["countdowns"] = Named(dict(board.countdowns))
            found["announcements"] = tuple(board.announcements)
            if "next" in wanted:
                found["next"] = next_of(board, item)
        return found

    def subject(self, sku: str | None) -> BoardItem | None:
        """The item `sku`; without one the item on air."""
        return self._view.on_air() if sku is None else self._view.item(sku)

    def _whole(self) -> Board:
        if self._board is None or self._board.seq != self._fold.seq:
            self._board = self._view.board()
        return self._board
