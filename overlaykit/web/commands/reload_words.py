"""What plan.reload changes of an item, in words: each field with what it was and what it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from overlaykit.model.commands import ItemAdd
from overlaykit.model.sessions import SessionPlan, Threshold
from overlaykit.plan import Change, FieldChange, Words
from overlaykit.theming import Formats
from overlaykit.web.words import LANGUAGES
from overlaykit.wording import of_field

MONEY = frozenset({"price", "list_price", "cost"})
PLACES = frozenset({"opening", "buffer"})
LONGEST = 60
"""Characters of a value that are repeated."""


class ChangeWords:
    """The words of one reload. `plan`: the one that runs, for its currency and the titles of its locations."""

    def __init__(self, plan: SessionPlan) -> None:
        self._tellings = tuple(_Telling(plan, language) for language in LANGUAGES)

    def of(self, change: Change) -> Words:
        """The change's fields, such as `price ¥899 → ¥799`; of a new item, that it is one, and what it has."""
        zh, en = (telling.tell(change.fields) for telling in self._tellings)
        return Words(f"new: {en}", f"新商品：{zh}") if isinstance(change.command, ItemAdd) else Words(en, zh)


class _Telling:
    """In one language."""

    def __init__(self, plan: SessionPlan, language: str) -> None:
        self._formats = Formats(language, plan.timezone, plan.currency)
        self._language = language
        self._places = {each.name: each.title for each in plan.locations}

    def tell(self, fields: Sequence[FieldChange]) -> str:
        return self._pick("; ", "；").join(self._field(each) for each in fields)

    def _field(self, field: FieldChange) -> str:
        name, after = of_field(field.name).within(self._language), self._value(field.name, field.after)
        if field.added:
            return f"{name} {after}"
        return f"{name} {self._value(field.name, field.before)} → {after}"

    def _value(self, name: str, value: Any) -> str:
        text = self._text(name, value)
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

    def _text(self, name: str, value: Any) -> str:
        if value in (None, (), {}):
            return self._pick("none", "无")
        if name in MONEY:
            return self._formats.money(value)
        match value:
            case bool():
                return self._pick("yes", "是") if value else self._pick("no", "否")
            case Threshold(units=units, share=share):
                return f"{(share or 0) * 100:g}%" if units is None else str(units)
            case tuple():
                return self._pick(", ", "、").join(value)
            case dict() if name in PLACES and len(self._places) == 1:
                return str(sum(value.values()))
            case dict():
                called = self._places if name in PLACES else {}
                return self._pick(", ", "、").join(f"{called.get(key, key)} {each}" for key, each in value.items())
        return str(value)

    def _pick(self, en: str, zh: str) -> str:
        return Words(en, zh).within(self._language)
