"""What a template from a stranger may do, and how much of it.

A theme is contained: it reads the board and its own files, writes markup, and ends in time. Everything is on a list of
what is allowed (nodes and nesting in `compiler.py`, attributes in `access.py`, `filters.py`, `checks.py`); whatever
makes or searches values pays from one `Budget`; operators that could make something huge out of something small say
beforehand what it will be (`operators.py`).
"""

from overlaykit.theming.sandbox.access import attribute_of, names_of
from overlaykit.theming.sandbox.budget import Budget
from overlaykit.theming.sandbox.checks import TESTS
from overlaykit.theming.sandbox.compiler import ContainedGenerator, ContainedTemplate, check_nodes, parse_source
from overlaykit.theming.sandbox.filters import FILTERS
from overlaykit.theming.sandbox.guard import guarded
from overlaykit.theming.sandbox.operators import apply_operator, compare, concatenate, make_namespace, make_range

__all__ = [
    "FILTERS",
    "TESTS",
    "Budget",
    "ContainedGenerator",
    "ContainedTemplate",
    "apply_operator",
    "attribute_of",
    "check_nodes",
    "compare",
    "concatenate",
    "guarded",
    "make_namespace",
    "make_range",
    "names_of",
    "parse_source",
]
