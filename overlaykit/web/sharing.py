"""One question, asked once: whoever asks the same while it is under way gets the same answer.

A crowd that arrives at once would else open a connection to the store each, to ask what all of them want to know.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from gevent.event import AsyncResult

T = TypeVar("T")


class _Abandoned(Exception):
    """Whoever asked was ended before there was an answer."""


class SharedAnswers(Generic[T]):
    """The questions of one kind that are under way."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, AsyncResult] = {}

    def ask(self, question: Hashable, find: Callable[[], T]) -> T:
        """What `find()` gives, or raises, for the first who asks; the others wait for it."""
        while (under_way := self._under_way.get(question)) is not None:
            try:
                shared: T = under_way.get()
            except _Abandoned:
                continue  # one of those who waited asks now
            return shared
        mine = self._under_way[question] = AsyncResult()
        try:
            answer = find()
        except BaseException as error:
            del self._under_way[question]
            mine.set_exception(error if isinstance(error, Exception) else _Abandoned())
            raise
        del self._under_way[question]
        mine.set(answer)
        return answer
