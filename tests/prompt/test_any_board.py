"""Whatever happens in an evening, there is a prompt, and it names no number that is not on the board."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overlaykit.board import Board, BoardView
from overlaykit.prompt import Prompt
from tests.board.conftest import row
from tests.prompt.conftest import PLAN, Evening, plan_with

SKUS = [each.sku for each in PLAN.items]
DIGITS = re.compile(r"\d+")
OTHERS = re.compile(r"\d+%|\d\d:\d\d|\d+月\d+日|Dec \d+")
"""Numbers that count no units: shares, times, days."""
SCRIPTS: list[dict[str, str] | None] = [
    None,
    {
        state: "{{ item.title }} {{ item.available }} {{ next.title }}"
        for state in ("plenty", "low", "critical", "sold_out")
    },
    {
        state: "{{ item.drop.price | money }}{{ nothing }}"
        for state in ("plenty", "presale", "next", "unknown", "sold_out")
    },
]
units = st.integers(0, 100)
entry = st.one_of(
    st.tuples(st.just("stock"), st.sampled_from(SKUS), units, units, units),
    st.tuples(st.just("feature"), st.lists(st.sampled_from(SKUS), max_size=3, unique=True)),
    st.tuples(st.just("mode"), st.sampled_from(SKUS), st.sampled_from(["spot", "presale"])),
    st.tuples(st.sampled_from(["item.open", "item.close"]), st.sampled_from(SKUS)),
    st.tuples(st.sampled_from(["source.stale", "source.fresh"])),
    st.tuples(st.sampled_from(["session.freeze", "session.thaw", "session.close"])),
    st.tuples(st.just("forecast"), st.sampled_from(SKUS), st.integers(0, 59)),
    st.tuples(st.just("note"), st.text(min_size=1, max_size=20)),
)


def tell(room: Evening, event: tuple[object, ...]) -> None:
    match event:
        case ("stock", str(sku), int(here), int(there), int(coming)):
            room.stock(sku, hz=row(100, available=here), gz=row(50, available=there // 2, incoming=coming))
        case ("feature", list(skus)):
            room.feature(*skus)
        case ("mode", str(sku), mode):
            room.write("item.mode", {"sku": sku, "mode": mode, "ship_by": "2026-12-01" if mode == "presale" else None})
        case ("forecast", str(sku), int(minute)):
            room.write("forecast.updated", {"items": {sku: [1.5, f"2026-11-11T12:{minute:02}:00.000Z"]}})
        case ("note", text):
            room.write("note.set", {"text": text})
        case ("source.stale", *_):
            room.write("source.stale", {"source": "erp", "since": "2026-11-11T11:59:00.000Z"})
        case ("source.fresh", *_):
            room.write("source.fresh", {"source": "erp"})
        case (str(type), str(sku)):
            room.write(type, {"sku": sku})
        case (str(type),):
            room.write(type)


def on_the_board(board: Board, room: Evening) -> set[str]:
    """The numbers that may be said: of the item on air and its variants what there is of it, links, thresholds in units."""
    here = board.items.get(board.on_air or "")
    variants = [board.items[sku] for sku in board.products[here.product].variants] if here and here.product else []
    known = [each.available for each in [*variants, *([here] if here else [])]]
    known += [each.link for each in board.items.values() if each.link is not None]
    if here is not None:
        planned = room.fold.items[here.sku].planned
        known += [here.held, *(level.units for level in (planned.low, planned.critical) if level.units is not None), 0]
    return {str(number) for number in known}


def numbers_said(prompt: Prompt) -> set[str]:
    said = [prompt.say, prompt.why, *(each.left for each in prompt.variants)]
    said += [] if prompt.item is None else [prompt.item.left]
    said += [] if prompt.next is None else [prompt.next.say]
    return {number for text in said for number in DIGITS.findall(OTHERS.sub("", text))}


@pytest.mark.parametrize("script", SCRIPTS, ids=["usual", "numbers", "broken"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    events=st.lists(entry, max_size=12),
    channel=st.sampled_from([None, "mini"]),
    region=st.sampled_from([None, "south"]),
    language=st.sampled_from(["zh-CN", "en"]),
    opened=st.booleans(),
    away=st.booleans(),
)
def test_any_evening_gives_a_prompt_of_numbers_on_the_board(
    script: dict[str, str] | None,
    events: list[tuple[object, ...]],
    channel: str | None,
    region: str | None,
    language: str,
    opened: bool,
    away: bool,
) -> None:
    room = Evening(plan_with(script))
    if opened:
        room.write("session.open")
    for event in events:
        tell(room, event)
    prompt = room.prompt(language=language, channel=channel, region=region, away=away)
    board = BoardView(room.fold, channel=channel, region=region).board()
    assert prompt.say
    assert prompt.why
    assert numbers_said(prompt) <= on_the_board(board, room)
    if prompt.state == "unknown":
        assert prompt.item is None or prompt.item.available is None
    if prompt.item is not None and prompt.item.available is not None:
        assert prompt.item.available == board.items[prompt.item.sku].available
    assert msgspec.json.encode(prompt)
