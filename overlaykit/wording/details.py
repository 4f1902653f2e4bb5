"""All that an entry says, field by field: a label and a text each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct

from overlaykit.model.entries import STOCK_COLUMNS
from overlaykit.plan import Words
from overlaykit.wording.labels import label
from overlaykit.wording.notes import STATUSES
from overlaykit.wording.reasons import of_quarantine, of_reason
from overlaykit.wording.voice import Voice

MOST_TEXTS = 50
"""Lines of one field that are told."""
_STATUSES = {**STATUSES, "accepted": Words("accepted", "已执行"), "refused": Words("refused", "没有执行")}
"""What became of a command, or of an action."""
_OURS = frozenset({"why", "detail", "problems"})
"""Fields in which we speak in both languages."""
_TIMES = frozenset({"as_of", "ends_at", "since", "back_at", "override_until"})
_SHARES = frozenset(
    {"dropped_frames", "dropped_frames_1m", "lagged_frames", "lagged_frames_1m", "congestion", "cpu", "share", "floor"}
)


class Detail(Struct, frozen=True):
    """One field. `label` is what it is called; `field` its name, such as data.lines."""

    field: str
    label: str
    text: str


class _Entry(Struct):
    id: str
    data: dict[str, Any]
    outcome: dict[str, Any]
    cause: int | None = None


_entry = msgspec.json.Decoder(_Entry)

Line = Callable[[], str]
"""A line of a text, put together only when it is shown."""


def details(voice: Voice, line: bytes) -> list[Detail]:
    """What the line says of itself, then what was asked, then what came of it."""
    entry = _entry.decode(line)
    found = [Detail("id", label(voice, "id"), entry.id)]
    if entry.cause is not None:
        found.append(Detail("cause", label(voice, "cause"), str(entry.cause)))
    for part, fields in (("data", entry.data), ("outcome", entry.outcome)):
        for name, value in fields.items():
            texts = _first(voice, _lines(voice, name, value))
            found.append(Detail(f"{part}.{name}", label(voice, name), "\n".join(texts)))
    return found


def _first(voice: Voice, lines: list[Line]) -> list[str]:
    """The first of them, and how many there are: a plan has thousands of items."""
    texts = [line() for line in lines[:MOST_TEXTS]]
    if len(lines) > MOST_TEXTS:
        texts.append(f"…共 {len(lines)} 项" if voice.zh else f"… {len(lines)} in all")
    return texts


def _lines(voice: Voice, name: str, value: Any) -> list[Line]:
    """The lines of a field's text."""
    match name, value:
        case "stock", dict():
            rows = ((sku, place, row) for sku, places in value.items() for place, row in places.items())
            return [partial(_stock, voice, *each) for each in rows]
        case "lines", list():
            return [partial(_order_line, voice, line) for line in value]
        case "items", dict() if all(  # of a forecast
            isinstance(each, list) and len(each) == 2 for each in value.values()
        ):
            return [partial(voice.pace, sku, *each) for sku, each in value.items()]
        case _, dict():
            return [partial(_pair, voice, key, each) for key, each in value.items()]
        case _, list() if value and any(isinstance(each, dict) for each in value):
            return [partial(_pairs, voice, each) for each in value]
    return [partial(_text, voice, name, value)]


def _stock(voice: Voice, sku: str, place: str, row: list[int]) -> str:
    return f"{voice.item(sku)}{voice.at(place)}{'：' if voice.zh else ': '}{_row(voice, row)}"


def _order_line(voice: Voice, line: dict[str, Any]) -> str:
    more = [_pair(voice, key, each) for key, each in line.items() if key not in ("sku", "quantity")]
    return voice.clauses([voice.of(line.get("quantity", 0), line.get("sku", "")), *more])


def _row(voice: Voice, row: list[int]) -> str:
    """A stock row without its zeros, but for what is available."""
    pairs = zip(STOCK_COLUMNS, row, strict=False)
    return voice.clauses(f"{label(voice, name)} {units}" for name, units in pairs if units or name == "available")


def _pair(voice: Voice, name: str, value: Any) -> str:
    called = voice.item(name)
    return f"{called if called != name else label(voice, name)} {_text(voice, name, value)}"


def _pairs(voice: Voice, fields: dict[str, Any]) -> str:
    return voice.clauses(_pair(voice, name, value) for name, value in fields.items())


def _text(voice: Voice, name: str, value: Any) -> str:
    """A value in one line."""
    match value:
        case None:
            return "—"
        case bool():
            return ("是" if voice.zh else "yes") if value else ("否" if voice.zh else "no")
        case list():
            return voice.clauses(_text(voice, name, each) for each in value) or "—"
        case dict():
            return _pairs(voice, value) or "—"
        case str():
            return _name(voice, name, value)
        case float():
            return voice.share(value) if name in _SHARES else f"{value:g} GB" if name == "disk_gb" else f"{value:.10g}"
    return str(value)


def _name(voice: Voice, name: str, value: str) -> str:
    """A text; of what has a name of its own, that name."""
    match name:
        case "sku" | "on_air":
            return voice.item(value)
        case "channel":
            return voice.channel(value)
        case "location":
            return voice.place(value)
        case "reason":
            return voice.pick(of_reason(value))
        case "quarantined":
            return voice.pick(of_quarantine(value))
        case "status" if value in _STATUSES:
            return voice.pick(_STATUSES[value])
    if name in _OURS:
        return voice.either(value)
    return voice.time(value) if name in _TIMES else value
