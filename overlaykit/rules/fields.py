"""Field names in conditions and texts, checked without running them: what a value is, as far as its source tells."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from jinja2 import nodes
from msgspec import Struct

from overlaykit.board.types import Announcement, BoardItem, Countdown, Product, SessionHead
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import Words, nearest_name
from overlaykit.plan.problems import names_in
from overlaykit.rules.facts import ObsFacts

_ONE_OF_LIST = frozenset({"first", "last", "min", "max"})
_SAME_LIST = frozenset({"sort", "reverse", "list", "select", "reject", "selectattr", "rejectattr", "unique"})
_FIELD_FIRST = frozenset({"selectattr", "rejectattr", "groupby"})
_FIELD_NAMED = frozenset({"sort", "sum", "map", "join", "min", "max", "unique"})


class Misnamed(NamedTuple):
    """A name that there is not: what is said of it, what there is, the nearest."""

    what: Words
    expected: Words
    nearest: str | None


class _Many(NamedTuple):
    """A list of structs."""

    of: type[Struct]


class _ByName(NamedTuple):
    """Structs by name: `countdowns.coupon`. `kind` and `names` for what is said of another name."""

    of: type[Struct]
    kind: Words
    names: tuple[str, ...]


_TITLES: dict[type[Struct], Words] = {
    SessionHead: Words("the session", "场次"),
    BoardItem: Words("an item", "商品"),
    Announcement: Words("an announcement", "公告"),
    Countdown: Words("a countdown", "倒计时"),
    Product: Words("a product", "款"),
    ObsFacts: Words("an OBS", "OBS "),
}

_Shape = type[Struct] | _Many | _ByName | None


class FieldChecker:
    """Knows what stands behind the names of conditions and texts, and what fields it has."""

    def __init__(self, plan: SessionPlan) -> None:
        drops = [f"{drop.name}-{edge}" for drop in plan.drops for edge in ("open", "close")]
        countdowns = (*(each.name for each in plan.countdowns), *drops)
        products = tuple(dict.fromkeys(item.product for item in plan.items if item.product))
        self._roots: dict[str, _Shape] = {
            "session": SessionHead,
            "item": BoardItem,
            "next": BoardItem,
            "items": _Many(BoardItem),
            "announcements": _Many(Announcement),
            "countdowns": _ByName(Countdown, Words("countdown", "倒计时"), countdowns),
            "products": _ByName(Product, Words("product", "款"), products),
            "obs": _ByName(ObsFacts, Words("obs", "OBS"), tuple(plan.later.get("obs", {}))),
        }
        self._hints: dict[type[Struct], dict[str, Any]] = {}

    def check(self, tree: nodes.Template) -> Iterator[Misnamed]:
        """Names that there are not, in the order in which they stand."""
        scope = dict(self._roots)
        yield from self._visit(tree, scope)

    def _visit(self, node: nodes.Node, scope: dict[str, _Shape]) -> Iterator[Misnamed]:
        if isinstance(node, nodes.For):
            yield from self._visit(node.iter, scope)
            inner = dict(scope)
            shape = self._shape(node.iter, scope)
            for name in _targets(node.target):
                inner[name] = None
            if isinstance(node.target, nodes.Name) and isinstance(shape, _Many | _ByName):
                inner[node.target.name] = shape.of
            for child in (*node.body, *([node.test] if node.test else ())):
                yield from self._visit(child, inner)
            for child in node.else_:
                yield from self._visit(child, scope)
            return
        if isinstance(node, nodes.Macro):
            scope = {**scope, **{argument.name: None for argument in node.args}}
        if isinstance(node, nodes.Getattr):
            yield from self._asked(self._shape(node.node, scope), node.attr)
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            if isinstance(node.arg.value, str):
                yield from self._asked(self._shape(node.node, scope), node.arg.value)
        elif isinstance(node, nodes.Filter) and node.node is not None:
            yield from self._of_filter(node, self._shape(node.node, scope))
        for child in node.iter_child_nodes():
            yield from self._visit(child, scope)
        if isinstance(node, nodes.Assign):
            shape = self._shape(node.node, scope)
            for name in _targets(node.target):
                scope[name] = shape if isinstance(node.target, nodes.Name) else None

    def _of_filter(self, node: nodes.Filter, shape: _Shape) -> Iterator[Misnamed]:
        """`selectattr('field')`, `sum(attribute='field')`."""
        if not isinstance(shape, _Many | _ByName):
            return
        named: list[nodes.Expr] = []
        if node.name in _FIELD_FIRST and node.args:
            named.append(node.args[0])
        if node.name in _FIELD_NAMED:
            named += [keyword.value for keyword in node.kwargs if keyword.key == "attribute"]
        for each in named:
            if isinstance(each, nodes.Const) and isinstance(each.value, str):
                for path in each.value.split(","):
                    yield from self._asked(shape.of, path.split(".")[0])

    def _asked(self, shape: _Shape, name: str) -> Iterator[Misnamed]:
        if isinstance(shape, _ByName):
            if name not in shape.names:
                what = Words(f"there is no {shape.kind.en} {name[:60]}", f"没有名为 {name[:60]} 的{shape.kind.zh}")
                yield _misnamed(what, name, shape.names)
        elif isinstance(shape, type):
            fields = shape.__struct_fields__
            if name not in fields:
                title = _TITLES.get(shape, Words(shape.__name__, shape.__name__))
                what = Words(f"{title.en} has no field {name[:60]}", f"{title.zh}没有 {name[:60]} 这个字段")
                yield _misnamed(what, name, fields)

    def _shape(self, node: nodes.Node, scope: dict[str, _Shape]) -> _Shape:
        match node:
            case nodes.Name():
                return scope.get(node.name)
            case nodes.Getattr():
                return self._field(self._shape(node.node, scope), node.attr)
            case nodes.Getitem(arg=nodes.Const(value=key)):
                shape = self._shape(node.node, scope)
                if isinstance(shape, _Many) and isinstance(key, int):
                    return shape.of
                return self._field(shape, str(key))
            case nodes.Filter(node=nodes.Node() as inner):
                shape = self._shape(inner, scope)
                if isinstance(shape, _Many | _ByName) and node.name in _ONE_OF_LIST:
                    return shape.of
                if isinstance(shape, _Many | _ByName) and node.name in _SAME_LIST:
                    return _Many(shape.of)
        return None

    def _field(self, shape: _Shape, name: str) -> _Shape:
        if isinstance(shape, _ByName):
            return shape.of
        if not isinstance(shape, type):
            return None
        if shape not in self._hints:
            self._hints[shape] = get_type_hints(shape)
        return _struct_in(self._hints[shape].get(name))


def _targets(target: nodes.Node) -> list[str]:
    """The names that are set by a `for` or `set`."""
    return [target.name] if isinstance(target, nodes.Name) else [name.name for name in target.find_all(nodes.Name)]


def _struct_in(hint: Any) -> _Shape:
    """`Deadline | None` → Deadline; anything else that is no struct → None."""
    parts: Sequence[Any] = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return next((part for part in parts if isinstance(part, type) and issubclass(part, Struct)), None)


def _misnamed(what: Words, name: str, known: Sequence[str]) -> Misnamed:
    return Misnamed(what, names_in(known), nearest_name(name, known))
