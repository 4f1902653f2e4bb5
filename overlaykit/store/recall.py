"""What rules remember, such as whether a number is back at `rearm`, or since when something lasts. Only directors know it: the
desk asks, and the one that leads answers.

KEY:asked  list: questions that nobody has taken yet, gone ASKED_MS after the last
KEY:ID     the answer to the question ID as JSON, gone ANSWER_MS after it was given
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, cast

import msgspec
import redis
import redis.asyncio
from msgspec import Struct

from overlaykit.store.client import answers
from overlaykit.store.lists import take_first

ASKED_MS = 5_000
ANSWER_MS = 5_000
MOST_AT_ONCE = 50


class RecallQuestion(Struct, frozen=True):
    """Of which rule, and of which item; None for the room."""

    id: str
    rule: str
    sku: str | None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(RecallQuestion).decode


def ask_recall(client: redis.Redis, key: str, rule: str, sku: str | None) -> str:
    """Puts a question; its id. Raises StoreAway."""
    question = RecallQuestion(secrets.token_hex(8), rule, sku)
    with answers():
        client.rpush(f"{key}:asked", _encode(question))
        client.pexpire(f"{key}:asked", ASKED_MS)
    return question.id


def read_recall(client: redis.Redis, key: str, id: str) -> bytes | None:
    """The answer; None as long as there is none. Raises StoreAway."""
    with answers():
        return cast("bytes | None", client.get(f"{key}:{id}"))


async def recall_questions(client: redis.asyncio.Redis, key: str, seconds: float) -> list[RecallQuestion]:
    """Takes the questions that wait, MOST_AT_ONCE at most; waits for the first as `take_first` does. [] when none came.

    Raises StoreAway.
    """
    first = await take_first(client, f"{key}:asked", seconds)
    if first is None:
        return []
    with answers():
        more: Any = await client.lpop(f"{key}:asked", MOST_AT_ONCE - 1)
    return [_decode(each) for each in (first, *(more or ()))]


async def answer_recall(client: redis.asyncio.Redis, key: str, answered: Mapping[str, bytes]) -> None:
    """By id of the question. Raises StoreAway."""
    with answers():
        for id, answer in answered.items():
            await client.set(f"{key}:{id}", answer, px=ANSWER_MS)
