"""Reading what stands behind the `?` of an address."""

from __future__ import annotations

from flask import request

from overlaykit.model.outcomes import FieldProblem
from overlaykit.web.problems import ProblemError, problem

MAX_SEQ = 2**53


def number(name: str, *, least: int = 0, most: int = MAX_SEQ, default: int | None = None) -> int | None:
    """The whole number given as `name`, or `default` when none is. Raises ProblemError 400."""
    text = request.args.get(name)
    if text is None or text == "":
        return default
    # No more digits than `most` has: int() refuses thousands of them with an error of its own.
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most):
        message = f"must be a whole number, {least} … {most}"
        raise ProblemError(problem(400, f"{name} {message}.", kind="malformed", errors=[FieldProblem(name, message)]))
    return int(text)


def text(name: str) -> str | None:
    """The text given as `name`; an empty one counts as none."""
    return request.args.get(name) or None


def session_name() -> str:
    """`session`, or the current one."""
    return text("session") or "current"
