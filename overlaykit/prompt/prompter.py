"""Prompter: one fold, seen by one audience, in one language → what the presenter should say now."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import asdict

from overlaykit.board import GONE, TO_COME, Board, BoardItem, BoardView, Fold
from overlaykit.prompt.script import Script
from overlaykit.prompt.types import (
    Prompt,
    PromptCountdown,
    PromptDrop,
    PromptItem,
    PromptNext,
    PromptNote,
    PromptState,
    PromptVariant,
)
from overlaykit.prompt.wording import Wording
from overlaykit.theming.formats import Formats
from overlaykit.theming.subject import next_of

_SOLD: frozenset[PromptState] = frozenset({"plenty", "low", "critical", "presale"})
"""States in which units are sold, so that there is an end to it."""


class Prompter:
    """Prompts from `fold` as `view` shows it. `language`, one of LANGUAGES, is that of the words; lines are
    in that of the session: viewers hear them."""

    def __init__(self, fold: Fold, view: BoardView, language: str) -> None:
        plan = fold.plan
        self._fold = fold
        self._view = view
        self._wording = Wording(language, Formats(language, plan.timezone, plan.currency))
        self._script = Script(fold, view, self._wording)

    def prompt(self, now: str, *, away: bool = False) -> Prompt:
        """What to say at `now`, RFC 3339 UTC with milliseconds. `away`: the store does not answer, so that nothing is sure."""
        board = self._view.board()
        item = board.items[board.on_air] if board.on_air is not None else None
        following = None if board.session.status == "closed" else next_of(board, item)
        state = _state_of(board, item, following, away=away)
        problems: list[str] = []
        note = self._fold.note
        say = self._script.line(state, now, problems)
        lead = say if state == "next" else self._script.line("next", now, problems) if following else ""
        return Prompt(
            session=board.session,
            seq=board.seq,
            state=state,
            say=say,
            why=self._why(board, state, item, away=away),
            until=_until(board, state, item, now),
            item=None if item is None else self._item(item, state),
            variants=[] if item is None else self._variants(board, item, away=away),
            next=None if following is None else self._next(following, lead),
            countdowns=list(_countdowns(board, item)),
            announcements=board.announcements,
            note=None if note is None else PromptNote(**asdict(note)),
            frozen=board.session.status == "frozen",
            stale=away or (item is not None and item.stale),
            problems=problems,
        )

    def _why(self, board: Board, state: PromptState, item: BoardItem | None, *, away: bool) -> str:
        say, status = self._wording, board.session.status
        match state:
            case "unknown":
                return say.why("away" if away else "stale")
            case "upcoming":
                return say.why("planned" if status == "planned" else "upcoming")
            case "closed":
                return say.why("over" if status == "closed" else "closed")
            case "next" | "idle":
                return say.why("nothing" if item is None else "off_sale")
        assert item is not None
        planned = self._fold.items[item.sku].planned
        why = say.why_numbers(state, item, planned.low, planned.critical) + say.why_others(
            _of_others_on_air(board, item)
        )
        if status == "frozen":
            return why + say.why("frozen")
        return why + say.why_sells_out(item.sells_out_at) if item.sells_out_at and state in _SOLD else why

    def _item(self, item: BoardItem, state: PromptState) -> PromptItem:
        say, planned = self._wording, self._fold.items[item.sku].planned
        own = "unknown" if state == "unknown" else _own_state(item)
        return PromptItem(
            sku=item.sku,
            link=item.link,
            title=item.title,
            subtitle=item.subtitle,
            variant=item.variant,
            image=item.image,
            price=item.price,
            price_text=say.money(item.price),
            list_price=item.list_price,
            list_price_text=say.money(item.list_price),
            available=None if own == "unknown" else item.available,
            left=say.left(own, item.available),
            ship_by=item.ship_by,
            facts=planned.facts,
            drop=self._drop(item, own),
        )

    def _drop(self, item: BoardItem, state: PromptState) -> PromptDrop | None:
        drop, say = item.drop, self._wording
        if drop is None:
            return None
        known = state != "unknown"
        return PromptDrop(
            name=drop.name,
            available=drop.available if known else None,
            left=say.left_of_variant(
                state if not known else "plenty" if drop.available else "sold_out", drop.available
            ),
            price=drop.price,
            price_text=say.money(drop.price),
            ends_at=drop.countdown.ends_at if drop.countdown else None,
        )

    def _variants(self, board: Board, chosen: BoardItem, *, away: bool) -> list[PromptVariant]:
        product = board.products.get(chosen.product) if chosen.product is not None else None
        if product is None or len(product.variants) < 2:
            return []
        found = []
        for sku in product.variants:
            item = board.items[sku]
            state = "unknown" if away and item.state not in GONE else _own_state(item)
            found.append(
                PromptVariant(
                    sku=sku,
                    variant=item.variant or item.title,
                    available=None if state == "unknown" else item.available,
                    left=self._wording.left_of_variant(state, item.available),
                    gone=state in GONE,
                    chosen=sku == chosen.sku,
                )
            )
        return found

    def _next(self, item: BoardItem, say: str) -> PromptNext:
        return PromptNext(
            sku=item.sku,
            link=item.link,
            title=item.title,
            price=item.price,
            price_text=self._wording.money(item.price),
            say=say,
        )


def _state_of(board: Board, item: BoardItem | None, following: BoardItem | None, *, away: bool) -> PromptState:
    status = board.session.status
    if status == "closed":
        return "closed"
    if away:
        return "unknown"
    if status == "planned":
        return "upcoming"
    if item is None:
        return "next" if following else "idle"
    if item.state == "closed" and following:
        return "next"
    return _own_state(item)


def _own_state(item: BoardItem) -> PromptState:
    """How an item stands by itself."""
    match item.state:
        case "upcoming" | "closed":
            return item.state
        case _ if item.stale:
            return "unknown"
        case "on_sale":
            return "plenty"
    return item.state


def _of_others_on_air(board: Board, chosen: BoardItem) -> int | None:
    """Units that can be bought of variants on air other than the one that the line is about; None where a number may be wrong."""
    product = board.products.get(chosen.product) if chosen.product is not None else None
    others = [board.items[sku] for sku in product.variants if sku != chosen.sku] if product is not None else []
    sold = [item for item in others if item.on_air and item.state not in GONE | TO_COME]
    return None if any(item.stale for item in sold) else sum(item.available for item in sold)


def _countdowns(board: Board, item: BoardItem | None) -> Iterator[PromptCountdown]:
    """Those of other items are no matter of the presenter's now."""
    drop = f"{item.drop.name}-close" if item is not None and item.drop is not None else None
    for of_item in (True, False):
        for each in board.countdowns.values():
            own = item is not None and (each.sku == item.sku or each.name == drop)
            if own is of_item and (own or each.sku is None):
                yield PromptCountdown(name=each.name, of_item=own, ends_at=each.ends_at)


def _until(board: Board, state: PromptState, item: BoardItem | None, now: str) -> str | None:
    """The first end in sight of something that a line may be about."""
    ends = [each.ends_at for each in _countdowns(board, item)]
    ends += [
        each.ends_at
        for each in board.announcements
        if each.ends_at is not None and (each.sku is None or (item is not None and each.sku == item.sku))
    ]
    if item is not None and item.sells_out_at is not None and state in _SOLD and board.session.status != "frozen":
        ends.append(item.sells_out_at)
    return min((end for end in ends if end > now), default=None)
