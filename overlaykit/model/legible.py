"""Whether a text can be read as it stands: something is to be seen, and it leaves what stands beside it alone."""

from __future__ import annotations

import unicodedata
from typing import Literal

MOST_MARKS = 8
"""Marks above and below one letter; no script has more, and a hundred of them reach over the lines around."""
ENDED_BY = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"),
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),
}
"""Controls of the direction, and what ends them. One that is left open turns round what follows, also numbers: 12 is read as 21."""
TURNING = frozenset([*ENDED_BY, *ENDED_BY.values()])
UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Categories of which nothing is seen. What Unicode had not assigned when this Python was made may well be an emoji."""

Trouble = Literal["empty", "turning", "piled"]


def trouble_of(text: str) -> Trouble | None:
    """What keeps a text from being read: nothing is to be seen, what follows is turned round, marks are piled up."""
    if text.isascii():
        return None if text.strip() else "empty"
    kinds = [unicodedata.category(letter) for letter in text]
    if all(kind in UNSEEN for kind in kinds):
        return "empty"
    if _left_open(text):
        return "turning"
    marks = 0
    for kind in kinds:
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if marks > MOST_MARKS:
            return "piled"
    return None


def _left_open(text: str) -> bool:
    awaited: list[str] = []
    for letter in text:
        if letter in ENDED_BY:
            awaited.append(ENDED_BY[letter])
        elif awaited and letter == awaited[-1]:
            awaited.pop()
    return bool(awaited)
