"""How templates become code: what may stand in one, and the calls that make it pay for what it does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jinja2 import Environment, Template, TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator, CompilerExit, Frame
from jinja2.environment import TemplateModule
from jinja2.parser import Parser
from jinja2.runtime import Context

from overlaykit.theming.manifest import say_known
from overlaykit.theming.sandbox.operators import MAX_NUMBER

MAX_BLOCKS = 12
"""Blocks in one another. Python's own limit is 20 loops."""
MAX_DEPTH = 40
"""Parts of an expression in one another: operators, filters, dots, parentheses."""
LITERAL = 16
"""Lists and tables written out in a template pay from so many elements on."""

_BLOCKS = (
    nodes.For,
    nodes.If,
    nodes.Macro,
    nodes.CallBlock,
    nodes.FilterBlock,
    nodes.With,
    nodes.AssignBlock,
    nodes.Block,
)


def parse_source(environment: Environment, source: str, name: str | None, filename: str | None) -> nodes.Template:
    """The nodes of a template. Raises TemplateSyntaxError."""
    parser = None
    try:
        parser = Parser(environment, source, name, filename)
        return parser.parse()
    except RecursionError:
        problem = "an expression is nested too deeply"
    except ValueError as error:  # a number of thousands of digits
        problem = str(error)
    raise TemplateSyntaxError(problem, parser.stream.current.lineno if parser else 1, name, filename)


def check_nodes(template: nodes.Template, environment: Environment, name: str | None, filename: str | None) -> None:
    """Raises TemplateSyntaxError for what no theme may say."""
    pending: list[tuple[nodes.Node, int, int]] = [(template, 0, 0)]
    while pending:
        node, blocks, depth = pending.pop()
        problem = _problem(node, environment)
        if blocks > MAX_BLOCKS:
            problem = f"more than {MAX_BLOCKS} blocks stand in one another: make macros or files of the inner ones"
        elif depth > MAX_DEPTH:
            problem = "an expression is nested too deeply: take steps with {% set … %}"
        if problem:
            raise TemplateSyntaxError(problem, node.lineno, name, filename)
        blocks += isinstance(node, _BLOCKS)
        for child in node.iter_child_nodes():
            flat = isinstance(node, nodes.If) and child in node.elif_
            inner = depth + 1 if isinstance(child, nodes.Expr | nodes.Helper) else 0
            pending.append((child, blocks - flat, inner))


def _problem(node: nodes.Node, environment: Environment) -> str | None:
    if isinstance(node, nodes.Filter) and node.name not in environment.filters:
        return f"No filter named {node.name!r}. {say_known('filters', sorted(environment.filters), node.name)}"
    if isinstance(node, nodes.Test) and node.name not in environment.tests:
        return f"No test named {node.name!r}. {say_known('tests', sorted(environment.tests), node.name)}"
    if isinstance(node, nodes.EvalContextModifier):
        return "autoescape cannot be changed: a title is text, wherever it stands"
    if isinstance(node, nodes.Call | nodes.Filter | nodes.Test) and (node.dyn_args or node.dyn_kwargs):
        return "arguments are written one by one, without * and **"
    if isinstance(node, nodes.Keyword) and node.key.startswith("_"):
        return f"an argument cannot be called {node.key!r}: names of arguments begin with a letter"
    if isinstance(node, nodes.Const):
        value = node.value
        if isinstance(value, int | float) and not abs(value) <= (MAX_NUMBER if isinstance(value, int) else 1e308):
            return "this number is too great: numbers go up to 9,000,000,000,000,000,000"
        if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
            return "this text has half a character (a surrogate such as \\ud83d): write the character itself"
    return None


class ContainedGenerator(CodeGenerator):
    """Makes code that counts: a step in each block, every character written, every long literal, slice and comparison."""

    def write_commons(self) -> None:
        """The names that every function of a template begins with."""
        super().write_commons()
        self.writeline("spend = environment.budget.spend")
        self.writeline("write = environment.budget.write")
        self.writeline("made = environment.budget.made")

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        """A block pays when it is entered: one step, and the characters that stand in it."""
        body = list(nodes)
        self.writeline(f"spend({_characters(body)})", body[0] if body else None)
        try:
            for node in body:
                self.visit(node, frame)
        except CompilerExit:
            pass

    def visit_For(self, node: nodes.For, frame: Frame) -> None:
        """Turns that an `if` on the loop leaves out pay too."""
        if node.test is not None:
            node.test = nodes.And(nodes.EnvironmentAttribute("stepped"), node.test, lineno=node.test.lineno)
        super().visit_For(node, frame)

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:
        """A slice is a copy, which pays."""
        if not isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.write("environment.slice(")
        self.visit(node.node, frame)
        for bound in (node.arg.start, node.arg.stop, node.arg.step):
            self.write(", ")
            self.visit(bound or nodes.Const(None), frame)
        self.write(")")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:
        long = len(node.items) > LITERAL
        self.write("made(" if long else "")
        super().visit_List(node, frame)
        self.write(")" if long else "")

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:
        long = len(node.items) > LITERAL and node.ctx == "load"
        self.write("made(" if long else "")
        super().visit_Tuple(node, frame)
        self.write(")" if long else "")

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:
        """Keys are texts and numbers: looking up anything else may take for ever."""
        self.write("environment.table((")
        for pair in node.items:
            self.write("(")
            self.visit(pair.key, frame)
            self.write(", ")
            self.visit(pair.value, frame)
            self.write("), ")
        self.write("))")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        self.write("environment.concatenate((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:
        """Comparing with a text or number that stands in the template costs nothing worth counting."""
        if all(_is_plain(operand) or _is_plain_equality(node.expr, operand) for operand in node.ops):
            super().visit_Compare(node, frame)
            return
        self.write("environment.compare(")
        self.visit(node.expr, frame)
        for operand in node.ops:
            self.write(f", ({operand.op!r}, ")
            self.visit(operand.expr, frame)
            self.write(")")
        self.write(")")

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> str:
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write("write(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write(")")


class ContainedTemplate(Template):
    """A template that keeps nothing from one rendering to the next.

    jinja2 renders what is imported without context once, and keeps it: a namespace in it would carry one room's numbers
    into another's picture.
    """

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return self.make_module()


def _characters(body: list[nodes.Node]) -> int:
    return sum(
        len(part.data)
        for node in body
        if isinstance(node, nodes.Output)
        for part in node.nodes
        if isinstance(part, nodes.TemplateData)
    )


def _is_scalar(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Const)


def _is_plain(operand: nodes.Operand) -> bool:
    if operand.op in ("in", "notin"):
        return isinstance(operand.expr, nodes.Tuple | nodes.List) and all(map(_is_scalar, operand.expr.items))
    return _is_scalar(operand.expr)


def _is_plain_equality(left: nodes.Expr, operand: nodes.Operand) -> bool:
    return _is_scalar(left) and operand.op not in ("in", "notin")
