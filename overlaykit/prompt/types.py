"""What a prompt says, field by field. Money is a decimal string, times are RFC 3339 UTC with milliseconds, units are pieces.

Numbers are what a buyer on the channel or in the region that was asked for can get. One that is not known is None, never 0.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from overlaykit.board import Announcement, SessionHead

PromptState = Literal[
    "plenty", "low", "critical", "sold_out", "presale", "unknown", "upcoming", "closed", "next", "idle"
]


def _says(text: str) -> Meta:
    return Meta(description=text)


class PromptDrop(Struct, frozen=True, kw_only=True):
    """The open drop of the item on air."""

    name: Annotated[str, _says("its name in the plan")]
    available: Annotated[int | None, _says("units of it that can still be bought; null: not known just now")]
    left: Annotated[str, _says("the same in words")]
    price: Annotated[str | None, _says("its own price")]
    price_text: Annotated[str | None, _says("the same with its currency")]
    ends_at: Annotated[str | None, _says("when it closes")]


class PromptItem(Struct, frozen=True, kw_only=True):
    """The item on air; of a product the variant that comes first among those that can be bought."""

    sku: Annotated[str, _says("its key")]
    link: Annotated[int | None, _says("the number the presenter says: 3号链接")]
    title: Annotated[str, _says("its title")]
    subtitle: Annotated[str | None, _says("a second line")]
    variant: Annotated[str | None, _says("which variant: colour, size")]
    image: Annotated[str | None, _says("URL of its picture")]
    price: Annotated[str | None, _says("what it costs now")]
    price_text: Annotated[str | None, _says("the same with its currency: ¥899")]
    list_price: Annotated[str | None, _says("the price to compare with")]
    list_price_text: Annotated[str | None, _says("the same with its currency")]
    available: Annotated[int | None, _says("units that can be bought now; null: not known just now")]
    left: Annotated[str, _says("what is left in words: 只剩 12 件, 充足")]
    ship_by: Annotated[str | None, _says("presale: the day it ships, YYYY-MM-DD")]
    facts: Annotated[dict[str, str], _says("what the plan tells of it: fabric, weight")]
    drop: Annotated[PromptDrop | None, _says("its open drop")]


class PromptVariant(Struct, frozen=True, kw_only=True):
    """A variant of the product on air."""

    sku: Annotated[str, _says("its key")]
    variant: Annotated[str, _says("which variant; its title where it has no name of its own")]
    available: Annotated[int | None, _says("units that can be bought now; null: not known just now")]
    left: Annotated[str, _says("the same in words: 12 件, 没了")]
    gone: Annotated[bool, _says("whether it can not be bought any more")]
    chosen: Annotated[bool, _says("whether it is the `item` of the prompt")]


class PromptNext(Struct, frozen=True, kw_only=True):
    """What comes next in running order and is not gone."""

    sku: Annotated[str, _says("its key")]
    link: Annotated[int | None, _says("its link number")]
    title: Annotated[str, _says("its title")]
    price: Annotated[str | None, _says("what it costs now")]
    price_text: Annotated[str | None, _says("the same with its currency")]
    say: Annotated[str, _says("the line that leads over to it")]


class PromptCountdown(Struct, frozen=True, kw_only=True):
    """A countdown of the item on air, or of the whole room."""

    name: Annotated[str, _says("its name in the plan or command")]
    of_item: Annotated[bool, _says("whether it belongs to the item on air")]
    ends_at: Annotated[str, _says("when it ends")]


class PromptNote(Struct, frozen=True, kw_only=True):
    """What the operator wants the presenter to see."""

    text: Annotated[str, _says("what it says")]
    by: Annotated[str, _says("who wrote it")]
    at: Annotated[str, _says("when")]


class Prompt(Struct, frozen=True, kw_only=True):
    """What to say after the ledger entry `seq`, why, and until when. `server_time` is added when it is sent."""

    session: Annotated[SessionHead, _says("the session as a whole")]
    seq: Annotated[int, _says("the last ledger entry it takes into account")]
    state: Annotated[
        PromptState,
        _says(
            "how it stands with the item on air: plenty, low, critical, sold_out, presale, unknown (its number may be wrong: "
            "name none), upcoming, closed; next: nothing on air can be sold, on to the next one; idle: nor is there a next one"
        ),
    ]
    say: Annotated[str, _says("the line to say now")]
    why: Annotated[str, _says("why this line, in words")]
    until: Annotated[str | None, _says("when it may stop being true by itself; null: not in sight")]
    item: Annotated[PromptItem | None, _says("the item on air")]
    variants: Annotated[list[PromptVariant], _says("the variants of the product on air, in running order")]
    next: Annotated[PromptNext | None, _says("what comes next")]
    countdowns: Annotated[list[PromptCountdown], _says("those of the item on air first, then those of the room")]
    announcements: Annotated[list[Announcement], _says("banners that the viewers see, oldest first")]
    note: Annotated[PromptNote | None, _says("the operator's note")]
    frozen: Annotated[bool, _says("whether the numbers stand still by decision")]
    stale: Annotated[bool, _says("whether the numbers may be old: their source is silent, or the store is away")]
    problems: Annotated[list[str], _says("lines of the script that could not be filled in, and why")]
