"""JSON answers, read by JMESPath (https://jmespath.org)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from overlaykit.api import UserError
from plugins.generic_poll.rows import Row
from plugins.generic_poll.settings import JsonFeed


class Reader:
    """The expressions of a plan. Raises UserError for one that is none, and where jmespath is not installed."""

    def __init__(self, feed: JsonFeed) -> None:
        try:
            import jmespath  # an extra: who asks no JSON does not need it
        except ImportError:
            raise UserError(
                "没有安装 jmespath / jmespath is not installed, which reads JSON",
                remedy="请安装：pip install 'overlaykit[poll]' / pip install 'overlaykit[poll]'",
            ) from None
        self._expressions: dict[str, Any] = {}
        for name in ("rows", "sku", "quantity", "location", "changed", "next"):
            if text := getattr(feed, name):
                try:
                    self._expressions[name] = jmespath.compile(text)
                except jmespath.exceptions.JMESPathError as error:
                    why = str(error).splitlines()[0]
                    raise UserError(
                        f"json.{name} = {text!r} 不是 JMESPath：{why} / json.{name} = {text!r} is no JMESPath: {why}",
                        remedy="可以在 https://jmespath.org 上试。 / https://jmespath.org shows and tries them.",
                    ) from None
        self._error = jmespath.exceptions.JMESPathError

    def rows(self, document: Any, page: int) -> Iterator[Row]:
        """Of one answer. Raises UserError when `rows` finds no list."""
        found = self._find("rows", document)
        if not isinstance(found, list):
            kind = "nothing" if found is None else f"a {type(found).__name__}"
            keys = f"; the answer has: {', '.join(sorted(document))}" if isinstance(document, dict) else ""
            raise UserError(
                f"json.rows 找到的不是列表 / json.rows finds {kind}, not a list{keys}"[:500],
                remedy="请对照地址给出的内容检查表达式。 / Compare the expression with what the address answers.",
            )
        for number, row in enumerate(found, 1):
            values = {name: self._find(name, row) for name in ("sku", "quantity", "location", "changed")}
            yield Row(f"page {page} row {number}", **values)

    def next(self, document: Any) -> str | None:
        """The mark of the next page; None on the last."""
        found = self._find("next", document)
        return str(found) if found not in (None, "", False) else None

    def _find(self, name: str, value: Any) -> Any:
        expression = self._expressions.get(name)
        try:
            return None if expression is None else expression.search(value)
        except self._error:
            return None  # a function over a value of another type: the row then lacks it
