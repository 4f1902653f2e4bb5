"""What the controls of a preview say, and the board that comes of it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from overlaykit.board.types import Announcement, Board, BoardItem, Countdown, Deadline, ItemState, SessionStatus
from overlaykit.errors import UserError
from overlaykit.theming import Selector, subject_of
from overlaykit.theming.manifest import say_known
from overlaykit.theming.states import NOW, STATE_NAMES, many_items, states, stocked, usual_state
from overlaykit.web.http.times import format_time

Units = Annotated[int, Meta(ge=0, le=10_000_000)]
Text = Annotated[str, Meta(max_length=300)]
Money = Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,2})?$")]


class Scene(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The controls. None: as the state says it.

    state      name of the board to begin with (theming/states.py)
    sample     name of a recorded session to show instead, or ""; then the fields of the item do not count
    playing, speed   whether the sample goes on, and how many times as fast as it was
    drop, regions    with or without
    countdown  seconds that the item's countdown runs from now
    """

    state: str = "plenty"
    sample: str = ""
    playing: bool = True
    speed: Annotated[float, Meta(gt=0, le=100)] = 4.0
    locale: Literal["zh-CN", "en"] = "zh-CN"
    link: Literal["live", "stale", "lost"] = "live"
    available: Units | None = None
    opening: Units | None = None
    sold: Units | None = None
    held: Units | None = None
    price: Money | None = None
    list_price: Money | None = None
    title: Text | None = None
    subtitle: Text | None = None
    picture: bool = True
    item_state: ItemState | None = None
    stale: bool | None = None
    status: SessionStatus | None = None
    countdown: Annotated[int, Meta(ge=0, le=7 * 86_400)] | None = None
    drop: bool | None = None
    regions: bool | None = None
    announcements: Annotated[int, Meta(ge=0, le=3)] | None = None
    items: Annotated[int, Meta(ge=1, le=500)] | None = None
    on_air: bool | None = None
    options: dict[str, str | int | float | bool] = {}


def board_of(scene: Scene, since: dt.datetime) -> Board:
    """The board that these controls make. Deadlines lie as far after `since` as those of the state after its NOW.

    Raises UserError for a state that does not exist.
    """
    boards = states(scene.locale)
    if scene.state not in boards:
        raise UserError(f"there is no state {scene.state!r}", remedy=say_known("states", STATE_NAMES, scene.state))
    board = boards[scene.state]
    item = subject_of(board, Selector())
    if item is None and scene.on_air:
        board = boards["plenty"]
        item = subject_of(board, Selector())
    if item is not None:
        shown = _item(scene, item, boards)
        others = [each for sku, each in board.items.items() if sku != item.sku]
        if scene.items is not None:
            others = many_items(scene.locale, scene.items)[1:]
        board = replace(
            board,
            items={each.sku: each for each in (shown, *others)},
            order=[shown.sku, *(each.sku for each in others)],
            products={name: product for name, product in board.products.items() if name == shown.product},
        )
    if scene.status is not None:
        board = replace(board, session=replace(board.session, status=scene.status))
    if scene.announcements is not None:
        board = replace(board, announcements=boards["announcement"].announcements[: scene.announcements])
    if scene.on_air is False:
        off = {sku: replace(each, on_air=False) for sku, each in board.items.items()}
        board = replace(board, on_air=None, on_air_product=None, items=off)
    return moved(board, since - dt.datetime.fromisoformat(NOW))


def moved(board: Board, by: dt.timedelta) -> Board:
    """The board with every deadline later by `by`."""

    def later(ends_at: str) -> str:
        return format_time(dt.datetime.fromisoformat(ends_at) + by)

    def deadline(old: Deadline | None) -> Deadline | None:
        return None if old is None else Deadline(ends_at=later(old.ends_at))

    def item(old: BoardItem) -> BoardItem:
        if old.countdown is None and old.drop is None:
            return old
        drop = old.drop and replace(old.drop, countdown=deadline(old.drop.countdown))
        return replace(old, countdown=deadline(old.countdown), drop=drop)

    def countdown(old: Countdown) -> Countdown:
        return replace(old, ends_at=later(old.ends_at))

    def announcement(old: Announcement) -> Announcement:
        return old if old.ends_at is None else replace(old, ends_at=later(old.ends_at))

    return replace(
        board,
        items={sku: item(each) for sku, each in board.items.items()},
        countdowns={name: countdown(each) for name, each in board.countdowns.items()},
        announcements=[announcement(each) for each in board.announcements],
    )


def _item(scene: Scene, item: BoardItem, boards: dict[str, Board]) -> BoardItem:
    """The item on air as the controls want it."""
    if scene.opening is not None:
        item = replace(item, opening=scene.opening)
    if scene.available is not None or scene.opening is not None:
        units = item.available if scene.available is None else scene.available
        opening = max(item.opening, units)
        by_units = item.state in ("on_sale", "low", "critical", "sold_out")
        item = stocked(replace(item, opening=opening), units, usual_state(units, opening) if by_units else item.state)
    if scene.item_state is not None:
        item = stocked(item, item.available, scene.item_state)
    told = {
        name: value
        for name in ("sold", "held", "price", "list_price", "title", "subtitle")
        if (value := getattr(scene, name)) is not None
    }
    item = replace(item, **told)
    if scene.stale is not None:
        item = replace(item, stale=scene.stale)
    if item.stale:
        item = replace(item, heat="grey")
    if not scene.picture:
        item = replace(item, image=None)
    if scene.countdown is not None:
        ends = dt.datetime.fromisoformat(NOW) + dt.timedelta(seconds=scene.countdown)
        item = replace(item, countdown=Deadline(ends_at=format_time(ends)))
    if scene.drop is not None:
        item = replace(item, drop=boards["drop"].items[item.sku].drop if scene.drop else None)
    if scene.regions is not None:
        item = replace(item, regions=boards["regions"].items[item.sku].regions if scene.regions else {})
    return item
