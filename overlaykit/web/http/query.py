"""Reading what stands behind the `?` of an address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from flask import request

from overlaykit.web.http.problems import ProblemError, unfit
from overlaykit.words import Words

MAX_SEQ = 2**53

T = TypeVar("T", bound=str)


def number(name: str, *, least: int = 0, most: int = MAX_SEQ, default: int | None = None) -> int | None:
    """The whole number given as `name`, or `default` when none is. Raises ProblemError 400."""
    text = request.args.get(name)
    if text is None or text == "":
        return default
    # No more digits than `most` has: int() refuses thousands of them with an error of its own.
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most):
        said = Words(f"must be a whole number, {least} … {most}", f"要写 {least} … {most} 的整数")
        raise ProblemError(unfit(name, said, status=400, kind="malformed"))
    return int(text)


def text(name: str) -> str | None:
    """The text given as `name`; an empty one counts as none."""
    return request.args.get(name) or None


def choice(name: str, known: Sequence[T], default: T) -> T:
    """The one of `known` that is given as `name`, or `default` when none is. Raises ProblemError 400."""
    given = text(name)
    for each in known:
        if each == given:
            return each
    if given is None:
        return default
    raise _no_choice(name, given, known)


def choices(name: str, known: Sequence[T]) -> list[T]:
    """Those of `known` that are given as `name`, with commas between them. Raises ProblemError 400."""
    given = [each for each in (text(name) or "").split(",") if each]
    for each in given:
        if each not in known:
            raise _no_choice(name, each, known)
    return [each for each in known if each in given]


def _no_choice(name: str, given: str, known: Sequence[str]) -> ProblemError:
    there = ", ".join(known)
    said = Words(f"must be one of {there}; there is no {given[:80]!r}", f"要写其中之一：{there}；没有 {given[:80]}")
    return ProblemError(unfit(name, said, status=400, kind="malformed"))


def session_name() -> str:
    """`session`, or the current one."""
    return text("session") or "current"
