"""What a template looks at outside of its live parts, read from its source.

As long as nothing of that has changed, a new board changes nothing but parts, and these can be rendered alone. The answer
errs on the safe side: a field counts as looked at when its name stands anywhere outside of a part, or in a macro that is
named there; and where an item is handed on whole (to a macro of `ui`, to a comparison) there is no answer, so that
everything is rendered.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

from jinja2 import Environment, TemplateError, nodes

from overlaykit.board.types import BoardItem
from overlaykit.theming.live import LiveTag
from overlaykit.theming.parts import Outer

_HELD_ITEMS = frozenset({"item", "next", "items", "products"})
"""Names that stand for items. The others of a board have to be equal before anything is rendered by parts."""
_SETTLED = frozenset({"session", "countdowns", "announcements", "options", "ui", "_", "loop"})
_WALLS = frozenset({"heatmap", "ticker"})
_NUMBERS = frozenset({"length", "int", "float", "round"})
"""Filters whose result is no item, whatever they were given."""

_BY_FIELD = frozenset({"map", "sort", "selectattr", "rejectattr", "groupby", "sum", "min", "max", "unique", "join"})
"""Filters that are told a field by its name."""


class _HandedOn(Exception):
    """An item is used as a whole, so anything of it may be looked at."""


def read_outer(environment: Environment, template: str) -> Outer | None:
    """What the template and those that it includes, imports or extends look at. None: that cannot be told."""
    found = _Reading(environment)
    try:
        found.template(template)
        found.named_macros()
    except (_HandedOn, TemplateError):
        return None
    fields = frozenset(found.fields & set(BoardItem.__struct_fields__))
    return Outer(fields, found.products, frozenset(found.lasting))


class _Reading:
    def __init__(self, environment: Environment) -> None:
        self.fields: set[str] = set()
        self.products = False
        self.lasting: set[str] = set()
        self._environment = environment
        self._read: set[str] = set()
        self._macros: set[str] = set()
        self._bodies: dict[str, list[nodes.Macro]] = {}
        self._named: set[str] = set()
        self._items: set[str] = set(_HELD_ITEMS)

    def template(self, name: str) -> None:
        if name in self._read or self._environment.loader is None:
            return
        self._read.add(name)
        source, filename, _ = self._environment.loader.get_source(self._environment, name)
        tree = self._environment.parse(source, name, filename)
        for kind in (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport):
            for other in tree.find_all(kind):
                named = getattr(other, "template", None)
                if not isinstance(named, nodes.Const):
                    raise _HandedOn
                self.template(named.value)
        self._note_names(tree)
        for node in tree.iter_child_nodes():
            self.node(node)

    def named_macros(self) -> None:
        """Reads the macros that are named outside of parts, and those that these name. What only parts call is theirs."""
        while known := self._named & self._bodies.keys():
            for macro in [macro for name in known for macro in self._bodies.pop(name)]:
                self._all([*macro.defaults, *macro.body])

    def node(self, node: nodes.Node) -> None:
        """Notes what a node looks at, and goes down."""
        match node:
            case nodes.CallBlock() if LiveTag.made(node):
                self.node(node.call.args[0])
            case nodes.Getattr():
                self.fields.add(node.attr)
                self._named.add(node.attr)
                self._held(node.node)
            case nodes.Getitem():
                self._item_of(node)
            case nodes.Name(ctx="load") if node.name in self._items:
                raise _HandedOn
            case nodes.Name(name="products"):
                self.products = True
            case nodes.Name(ctx="load"):
                self._named.add(node.name)
            case nodes.Call():
                self._call(node)
            case nodes.Filter() | nodes.Test():
                self._filter(node)
            case nodes.For():
                self._held(node.iter)
                self._all(node.iter_child_nodes(exclude=("iter", "target")))
            case nodes.If():
                self._tested(node.test)
                self._all(node.iter_child_nodes(exclude=("test",)))
            case nodes.CondExpr():
                self._tested(node.test)
                self._all([branch for branch in (node.expr1, node.expr2) if branch is not None])
            case nodes.Assign():
                self._chosen(node.node)
            case nodes.Macro():
                pass  # read when it is named: see named_macros
            case _:
                self._all(node.iter_child_nodes())

    def _all(self, found: Iterator[nodes.Node] | list[nodes.Node]) -> None:
        for each in found:
            self.node(each)

    def _held(self, node: nodes.Node) -> None:
        """Where a name is only a way to its fields, or to what it holds."""
        if isinstance(node, nodes.Name):
            self.products |= node.name == "products"
        else:
            self.node(node)

    def _item_of(self, node: nodes.Getitem) -> None:
        self._held(node.node)
        if isinstance(node.arg, nodes.Const):
            if isinstance(node.arg.value, str):
                self.fields.add(node.arg.value)
                self._named.add(node.arg.value)
        elif isinstance(node.node, nodes.Name) and node.node.name in _SETTLED | {"products"}:
            self.node(node.arg)
        else:
            raise _HandedOn

    def _call(self, node: nodes.Call) -> None:
        if _is_wall(node):
            for given in node.args:
                self._held(given)
            self._all([pair.value for pair in node.kwargs])
            return
        macro = node.node.node if isinstance(node.node, nodes.Getattr) else node.node
        ours = isinstance(macro, nodes.Name) and macro.name in self._macros | self.lasting
        if isinstance(node.node, nodes.Name | nodes.Getattr):
            self._named.add(node.node.name if isinstance(node.node, nodes.Name) else node.node.attr)
        if not ours:
            self._held(node.node)
        for each in node.iter_child_nodes(exclude=("node",)):
            if ours:  # its body is read as well, so it takes nothing that is not noted
                self._chosen(each.value if isinstance(each, nodes.Keyword) else each)
            else:
                self.node(each)

    def _filter(self, node: nodes.Filter | nodes.Test) -> None:
        """`items | selectattr('state', …)`: fields are named by texts."""
        if node.node is not None:
            self._held(node.node)
        named = [pair.value for pair in node.kwargs if pair.key == "attribute"]
        named += node.args[:1] if node.name.endswith("attr") else node.args
        if node.name in _BY_FIELD and not all(isinstance(argument, nodes.Const) for argument in named):
            raise _HandedOn  # which field is told only when it is rendered
        for argument in [*node.args, *(pair.value for pair in node.kwargs)]:
            if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
                self.fields.update(part.strip() for word in argument.value.split(",") for part in word.split("."))
            else:
                self.node(argument)

    def _tested(self, node: nodes.Node) -> None:
        """A test of whether there is one at all: which item a picture is about, and whether there is one, is compared anyway."""
        if isinstance(node, nodes.Name):
            self._held(node)
        elif isinstance(node, nodes.Not | nodes.And | nodes.Or):
            for each in node.iter_child_nodes():
                self._tested(each)
        else:
            self.node(node)

    def _chosen(self, node: nodes.Node) -> None:
        """A value that gets another name: `item.drop or item`."""
        match node:
            case nodes.Name():
                self._held(node)
            case nodes.Or() | nodes.And():
                for each in node.iter_child_nodes():
                    self._chosen(each)
            case nodes.CondExpr():
                self._tested(node.test)
                for branch in (node.expr1, node.expr2):
                    if branch is not None:
                        self._chosen(branch)
            case _:
                self.node(node)

    def _note_names(self, tree: nodes.Template) -> None:
        """Which names stand for items, and which for macros. Any name bound by a loop or a macro may stand for an item."""
        for macro in tree.find_all(nodes.Macro):
            self._macros.add(macro.name)
            self._bodies.setdefault(macro.name, []).append(macro)
            self._items.update(argument.name for argument in macro.args)
        for module in tree.find_all(nodes.Import):
            (self._macros if module.with_context else self.lasting).add(module.target)
        for names in tree.find_all(nodes.FromImport):
            self._named.update(name if isinstance(name, str) else name[0] for name in names.names)
            (self._macros if names.with_context else self.lasting).update(map(_alias, names.names))
        for loop in tree.find_all(nodes.For):
            if not (isinstance(loop.iter, nodes.Name) and loop.iter.name in _SETTLED):
                self._items.update(
                    name.name for name in (loop.target, *loop.target.find_all(nodes.Name)) if _named(name)
                )
        for assign in tree.find_all(nodes.Assign):
            if isinstance(assign.target, nodes.Name) and self._may_be_item(assign.node):
                self._items.add(assign.target.name)

    def _may_be_item(self, node: nodes.Node) -> bool:
        match node:
            case nodes.Name():
                return node.name in self._items
            case nodes.Or() | nodes.And():
                return any(self._may_be_item(each) for each in node.iter_child_nodes())
            case nodes.CondExpr():
                return any(self._may_be_item(each) for each in (node.expr1, node.expr2) if each is not None)
            case nodes.Filter() if node.name in _NUMBERS:
                return False
            case nodes.Getitem() | nodes.Filter():
                return True
            case _:
                return False


def _is_wall(node: nodes.Call) -> bool:
    """Whether it is a macro that makes a part of each item, and looks at nothing else of it."""
    called = node.node
    return (
        isinstance(called, nodes.Getattr) and called.attr in _WALLS and _named(called.node) and called.node.name == "ui"
    )


def _named(node: nodes.Node) -> TypeGuard[nodes.Name]:
    return isinstance(node, nodes.Name)


def _alias(name: str | tuple[str, str]) -> str:
    return name if isinstance(name, str) else name[1]
