"""Which offers somebody means who types a few words: items as the desk finds them, everything else by its title. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from overlaykit.board import Board
from overlaykit.board.types import BoardItem
from overlaykit.web.buttons.actions import Action
from overlaykit.web.buttons.offers import ON_AIR, Deed, Group
from overlaykit.web.buttons.titles import title_of
from overlaykit.web.desk.finding import Term, Words, plain
from overlaykit.web.directing import Directing

Ranks = Mapping[str, int]
BY_NAME = 2
"""What an item gains by which every term is meant."""


class Search:
    """One search through the offers of a session as it is now.

    links   `items_by_link(board)`
    spell   the pinyin of a title
    """

    def __init__(
        self,
        terms: tuple[Term, ...],
        directing: Directing,
        board: Board,
        links: Mapping[int, BoardItem],
        words: Words,
        spell: Callable[[str], str],
    ) -> None:
        self._terms = terms
        self._directing = directing
        self._board = board
        self._links = links
        self._words = words
        self._spell = spell
        self._known: dict[tuple[Term, ...], Ranks] = {}

    def through(self, groups: Sequence[Group]) -> list[Group]:
        """What is left of the groups, the best first; those of which nothing is left are left out. Takes a moment where there are
        many items: to be called where nobody waits."""
        found = [
            Group(group.key, [each for each in group.few if self._titled(each)], self._items(group.many))
            for group in groups
        ]
        return [group for group in found if group.count]

    def _titled(self, action: Action) -> bool:
        title = title_of(action, self._directing, self._board, self._links)
        text, pinyin = plain(f"{title.en}\n{title.zh}"), self._spell(title.zh)
        return all(term.rank(None, text, pinyin) for term in self._terms)

    def _items(self, many: Sequence[tuple[Deed, str]]) -> list[tuple[Deed, str]]:
        ranks = {deed: self._of_deed(deed) for deed in dict.fromkeys(deed for deed, _ in many)}
        found = [(ranks[deed].get(sku, 0), deed, sku) for deed, sku in many]
        found.sort(key=lambda each: -each[0])
        return [(deed, sku) for rank, deed, sku in found if rank]

    def _of_deed(self, deed: Deed) -> Ranks:
        """sku → rank. Some terms may say what is done, as in "上架 2号"; the items that all of them name come first."""
        rest = tuple(term for term in self._terms if not _says(term.text, deed))
        ranks = {**self._of_items(rest), **{sku: rank + BY_NAME for sku, rank in self._of_items(self._terms).items()}}
        if deed is not ON_AIR:
            return ranks
        best: dict[str, int] = {}  # of several items with one link the first stands for all
        for sku, rank in ranks.items():
            link = self._board.items[sku].link if sku in self._board.items else None
            first = sku if link is None else self._links[link].sku
            best[first] = max(rank, best.get(first, 0))
        return best

    def _of_items(self, terms: tuple[Term, ...]) -> Ranks:
        if terms not in self._known:
            self._known[terms] = self._words.ranks(terms)
        return self._known[terms]


def _says(text: str, deed: Deed) -> bool:
    """Whether a term begins a word for what is done; a single Latin letter says nothing."""
    return (len(text) > 1 or not text.isascii()) and any(word.startswith(text) for word in deed.words)
