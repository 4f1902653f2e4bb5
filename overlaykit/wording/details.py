"""All that an entry says, field by field: a label and a text each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from overlaykit.model.entries import STOCK_COLUMNS
from overlaykit.wording.labels import label
from overlaykit.wording.reasons import of_quarantine, of_reason
from overlaykit.wording.voice import Voice

MOST_TEXTS = 50
"""Lines of one field that are told."""
_TIMES = frozenset({"as_of", "ends_at", "since", "back_at", "override_until"})


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


def details(voice: Voice, line: bytes) -> list[Detail]:
    """What the line says of itself, then what was asked, then what came of it."""
    entry = _entry.decode(line)
    found = [Detail("id", label(voice, "id"), entry.id)]
    if entry.cause is not None:
        found.append(Detail("cause", label(voice, "cause"), str(entry.cause)))
    for part, fields in (("data", entry.data), ("outcome", entry.outcome)):
        for name, value in fields.items():
            texts = _first(voice, list(_texts(voice, name, value)))
            found.append(Detail(f"{part}.{name}", label(voice, name), "\n".join(texts)))
    return found


def _first(voice: Voice, texts: list[str]) -> list[str]:
    """The first of them, and how many there are: a plan has thousands of items."""
    if len(texts) <= MOST_TEXTS:
        return texts
    more = f"…共 {len(texts)} 项" if voice.zh else f"… {len(texts)} in all"
    return [*texts[:MOST_TEXTS], more]


def _texts(voice: Voice, name: str, value: Any) -> Iterator[str]:
    """The lines of a field's text."""
    match name, value:
        case "stock", dict():
            for sku, places in value.items():
                for place, row in places.items():
                    yield (
                        f"{voice.item(sku)}{voice.at(place)}：{_row(voice, row)}"
                        if voice.zh
                        else (f"{voice.item(sku)}{voice.at(place)}: {_row(voice, row)}")
                    )
        case "lines", list():
            for line in value:
                more = [_pair(voice, key, each) for key, each in line.items() if key not in ("sku", "quantity")]
                yield voice.clauses([voice.of(line.get("quantity", 0), line.get("sku", "")), *more])
        case _, dict():
            for key, each in value.items():
                yield _pair(voice, key, each)
        case _, list() if value and any(isinstance(each, dict) for each in value):
            for each in value:
                yield voice.clauses(_pair(voice, key, inner) for key, inner in each.items())
        case _:
            yield _text(voice, name, value)


def _row(voice: Voice, row: list[int]) -> str:
    """A stock row without its zeros, but for what is available."""
    pairs = zip(STOCK_COLUMNS, row, strict=False)
    return voice.clauses(f"{label(voice, name)} {units}" for name, units in pairs if units or name == "available")


def _pair(voice: Voice, name: str, value: Any) -> str:
    called = voice.item(name)
    return f"{called if called != name else label(voice, name)} {_text(voice, name, value)}"


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
            return voice.clauses(_pair(voice, key, each) for key, each in value.items()) or "—"
        case str():
            return _name(voice, name, value)
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
        case "status":
            if value == "accepted":
                return "已执行" if voice.zh else "accepted"
            return "没有执行" if voice.zh else "refused"
    return voice.time(value) if name in _TIMES else value
