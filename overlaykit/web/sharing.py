"""One question, asked once: whoever asks the same while it is under way gets the same answer.

A crowd that arrives at once would else open a connection to the store each, to ask what all of them want to know.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from gevent.event import AsyncResult

T = TypeVar("T")


class SharedAnswers(Generic[T]):
    """The questions of one kind that are under way."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, AsyncResult] = {}

    def ask(self, question: Hashable, find: Callable[[], T]) -> T:
        """What `find()` gives, or raises, for the first who asks; the others wait for it."""
        under_way = self._under_way.get(question)
        if under_way is not None:
            answer: T = under_way.get()
            return answer
        under_way = self._under_way[question] = AsyncResult()
        try:
            answer = find()
        except BaseException as error:
            under_way.set_exception(error if isinstance(error, Exception) else LookupError("who asked was ended"))
            raise
        finally:
            del self._under_way[question]
        under_way.set(answer)
        return answer
