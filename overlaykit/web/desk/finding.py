"""By which words items are found, as people call them: link number, sku, title, alias, and pinyin in full or by initials.

The desk finds by the same rules, without asking, in `static/desk/finder.js`; `tests/web/both/` holds both to one table.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from hashlib import sha256
from itertools import takewhile

import gevent
import msgspec
from msgspec import Struct

from overlaykit.model.sessions import Item, SessionPlan
from overlaykit.web.desk.pinyin import Pinyin
from overlaykit.web.sharing import SharedAnswers

MAX_KEPT = 16
"""Sessions whose words are kept."""
MOST_TYPED = 40
"""Characters of what is typed that count."""
_NUMBER = re.compile(r"#?([0-9]+)(?:号|号链接|#)?")
_APART = re.compile(r"(?<=[0-9])\s+(?=(?:号|号链接|#)(?:\s|$))")
"""Between a link number and what says that it is one: "2 号" is one word."""


class Findable(Struct, frozen=True):
    """By what an item is found, beyond what the board says of it. `pinyin`: "yang mao da|dai|tai yi", for each of its texts."""

    aliases: tuple[str, ...]
    pinyin: list[str]


class SearchAnswer(Struct, frozen=True):
    """By sku."""

    items: dict[str, Findable]


class Term:
    """One word that was typed, as `plain` makes it. "ymdy", "yangmao" and "yangmdy" find "yang mao da|dai yi"."""

    def __init__(self, text: str) -> None:
        self.text = text
        number = _NUMBER.fullmatch(text)
        self._number = None if number is None else number[1]
        self._letters = text.isascii() and text.isalnum()
        self._steps: dict[str, list[int]] = {}

    def rank(self, link: int | None, text: str, pinyin: str) -> int:
        """2 for the link of this number, 1 for another hit, 0 for none."""
        if self._number is not None and link is not None:
            if link == int(self._number):
                return 2
            if str(link).startswith(self._number):
                return 1
        return int(self.text in text or (self._letters and self._spells(pinyin)))

    def _spells(self, pinyin: str) -> bool:
        """Whether its letters begin some syllables that follow one another, each with its first letter."""
        # Numbers of letters that may be behind us, as bits: there are too many ways to try one after the other.
        whole = 1 << len(self.text)
        for text in pinyin.split("\n"):
            behind = 1
            for syllable in text.split(" "):
                steps = self._steps.get(syllable) or self._steps_of(syllable)
                reached = steps[0]
                for place in range(1, behind.bit_length()):
                    if behind >> place & 1:
                        reached |= steps[place]
                if reached & whole:
                    return True
                behind = reached | 1
        return False

    def _steps_of(self, syllable: str) -> list[int]:
        """Where one gets to within a syllable, from each number of letters."""
        steps = []
        for place in range(len(self.text)):
            most = max(_alike(reading, self.text[place:]) for reading in syllable.split("|"))
            steps.append((1 << place + most + 1) - (1 << place + 1))
        self._steps[syllable] = steps
        return steps


def _alike(one: str, other: str) -> int:
    """With how many of the same letters both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def terms_of(typed: str) -> tuple[Term, ...]:
    """What was typed, word by word."""
    return tuple(Term(each) for each in _APART.sub("", plain(typed).strip()[:MOST_TYPED]).split())


def plain(text: str) -> str:
    """A text as it is compared."""
    return unicodedata.normalize("NFKC", text).lower()


class Words(Struct):
    """The words of a session's items, and the plan of which they were made: the same object until an item is added or changed.

    body, tag   as the desk asks for them: JSON of a SearchAnswer, and its ETag
    texts       sku → link, all that it is called, and its pinyin
    """

    plan: SessionPlan
    body: bytes
    tag: str
    texts: dict[str, tuple[int | None, str, str]]

    def ranks(self, terms: Sequence[Term]) -> dict[str, int]:
        """sku → how well it fits all terms, for the items that do. Takes some ten milliseconds for 10,000 items."""
        found = {}
        for sku, (link, text, pinyin) in self.texts.items():
            fits = [term.rank(link, text, pinyin) for term in terms]
            if all(fits):
                found[sku] = max(fits, default=1)
        return found


class SearchWords:
    """The words of the rooms that somebody searches in. All desks ask at once when an item has changed; it is spelled once."""

    def __init__(self) -> None:
        self._pinyin = Pinyin()
        self._kept: dict[str, Words] = {}
        self._spelling: SharedAnswers[Words] = SharedAnswers()

    def of(self, plan: SessionPlan) -> Words:
        """Those of the plan's items."""
        kept = self._kept.get(plan.id)
        if kept is None or kept.plan is not plan:
            kept = self._spelling.ask((plan.id, id(plan)), lambda: self._spell(plan))
        return kept

    def spell(self, text: str) -> str:
        """The pinyin of any text, "" where it has none. It may have to load the dictionary: see `Pinyin.spell`."""
        return self._pinyin.spell(text) or ""

    def _spell(self, plan: SessionPlan) -> Words:
        # In a thread: loading the dictionary and spelling 10,000 titles take longer than a greenlet may.
        found: Words = gevent.get_hub().threadpool.apply(self._made, (plan,))
        self._kept.pop(plan.id, None)
        while len(self._kept) >= MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[plan.id] = found
        return found

    def _made(self, plan: SessionPlan) -> Words:
        findable = {item.sku: self._findable(item) for item in plan.items}
        body = msgspec.json.encode(SearchAnswer(findable))
        texts = {item.sku: (item.link, plain(_text(item)), "\n".join(findable[item.sku].pinyin)) for item in plan.items}
        return Words(plan, body, sha256(body).hexdigest()[:24], texts)

    def _findable(self, item: Item) -> Findable:
        texts = (" ".join(filter(None, (item.title, item.variant))), *item.aliases)
        return Findable(item.aliases, [found for text in texts if (found := self._pinyin.spell(text)) is not None])


def _text(item: Item) -> str:
    return "\n".join(filter(None, (item.title, item.variant, item.subtitle, item.sku, item.product, *item.aliases)))
