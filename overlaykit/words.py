"""What people read, in the two languages that they read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

BETWEEN = " / "
"""What stands between the two languages of a text that is for people of either."""
_HAN, _LATIN = re.compile("[\u4e00-\u9fff]"), re.compile("[A-Za-z]{2}")


class Words(NamedTuple):
    """One thing said in both languages."""

    en: str
    zh: str

    def within(self, locale: str) -> str:
        return self.zh if locale.lower().startswith("zh") else self.en

    def both(self) -> str:
        """One line for people of either language, `中文 / English`: `words_in` takes it apart again."""
        return self.zh if self.zh == self.en else f"{self.zh}{BETWEEN}{self.en}"


def words_in(text: str) -> Words:
    """What a text says that is in both languages, `中文 / English`; any other text is the same in both.

    Both say the same names and numbers, so where those have such a stroke of their own it is the one in the middle that counts.
    The desk does it with what the feed says to all (`static/desk/language.js`); `tests/web/both/` holds both to one table.
    """
    parts = text.split(BETWEEN)
    half = len(parts) // 2
    zh, en = BETWEEN.join(parts[:half]), BETWEEN.join(parts[half:])
    if len(parts) % 2 or not (_HAN.search(zh) and _LATIN.search(en)):
        return Words(text, text)
    return Words(en, zh)


def alike(text: str) -> Words:
    """A text that is not taken apart: in the reader's language already, or somebody's own."""
    return Words(text, text)


def counted(count: int, what: str) -> str:
    """`1 item`, `2,000 items`: of an English word that takes an s."""
    return f"{count:,} {what if count == 1 else f'{what}s'}"


def joined(texts: Iterable[str]) -> str:
    """Several texts as one, in both languages where one of them is."""
    said = [words_in(text) for text in texts]
    return Words("; ".join(words.en for words in said), "；".join(words.zh for words in said)).both()


def in_both(en: str, zh: str, **values: str) -> str:
    """One line in both languages of two patterns and the values in them, each of which may be in both itself. What others have
    named is a value: in a pattern its braces would be places."""
    said = {name: words_in(value) for name, value in values.items()}
    return Words(
        en.format(**{name: words.en for name, words in said.items()}),
        zh.format(**{name: words.zh for name, words in said.items()}),
    ).both()
