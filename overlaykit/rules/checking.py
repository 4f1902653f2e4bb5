"""What is wrong with the conditions and texts of a plan: said with rule and key, before anything happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from overlaykit.plan import LoadedPlan, Problem
from overlaykit.plan.form import Path
from overlaykit.plan.reader import Finding
from overlaykit.rules.expressions import Expression, ExpressionError, Expressions, texts_in


def check_expressions(loaded: LoadedPlan) -> list[Problem]:
    """Problems of `if`s and of every text in which something is filled in: in rules, alerts, emergency plans, text sources of OBS,
    announcements and the script. Empty when all is well."""
    expressions = Expressions(loaded.session)
    found = []
    for at, compile, source in _sources(loaded.session.later, expressions):
        try:
            compile(source)
        except ExpressionError as error:
            found.append(loaded.source.problem(Finding(at, error.what, error.expected, error.nearest)))
    return found


def _sources(
    later: Mapping[str, Any], expressions: Expressions
) -> Iterator[tuple[Path, Callable[[str], Expression], str]]:
    """Each expression with its place in the plan."""
    for section in ("rule", "alert"):
        for index, row in enumerate(later.get(section, ())):
            if "if" in row:
                yield (section, index, "if"), expressions.condition, row["if"]
            if "text" in row:
                yield (section, index, "text"), expressions.text, row["text"]
            yield from _of_do((section, index), row, expressions)
    for name, row in later.get("emergency", {}).items():
        yield from _of_do(("emergency", name), row, expressions)
    for name, row in later.get("obs", {}).items():
        for index, text in enumerate(row.get("text", ())):
            yield ("obs", name, "text", index, "template"), expressions.text, text["template"]
    for index, row in enumerate(later.get("announcement", ())):
        yield ("announcement", index, "text"), expressions.text, row["text"]
    for key, text in later.get("script", {}).items():
        yield ("script", key), expressions.text, text


def _of_do(
    at: Path, row: Mapping[str, Any], expressions: Expressions
) -> Iterator[tuple[Path, Callable[[str], Expression], str]]:
    for index, entry in enumerate(row.get("do", ())):
        for path, text in texts_in(entry):
            yield (*at, "do", index, *path), expressions.text, text
