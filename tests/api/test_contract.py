"""What plugin authors rely on, pinned: each public name, with its fields, methods and signatures.

tests/api/contract.txt changes on purpose or not at all: `python -m tests.api.test_contract > tests/api/contract.txt`.
"""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import msgspec

from overlaykit import api
from overlaykit.pluginhost import HOOKS, hookspecs

STORED = Path(__file__).with_name("contract.txt")


def lines() -> Iterator[str]:
    """The contract as text."""
    for name in api.__all__:
        yield from _said(name, getattr(api, name))
    for hook in HOOKS:
        yield f"hook {hook}{_signature(getattr(hookspecs, hook))}"


def _said(name: str, thing: Any) -> Iterator[str]:
    if not inspect.isclass(thing):
        yield f"{name}{_signature(thing)}" if inspect.isfunction(thing) else f"{name} = {_plain(repr(thing))}"
        return
    bases = ", ".join(base.__name__ for base in thing.__bases__ if base.__name__ not in ("object", "Generic"))
    yield f"class {name}({bases})"
    if issubclass(thing, Enum):
        yield from (f"    {member.name} = {member.value!r}" for member in thing)
        return
    if issubclass(thing, msgspec.Struct):
        for field in msgspec.structs.fields(thing):
            yield f"    {field.name}: {_type(field.type)}{'' if field.required else ' = …'}"
    elif dataclasses.is_dataclass(thing):
        yield from (f"    {each.name}: {each.type}" for each in dataclasses.fields(thing))
    else:
        yield from (f"    {each}: {kind}" for each, kind in inspect.get_annotations(thing).items() if each[0] != "_")
    for each, method in vars(thing).items():
        if each == "__init__" or each[0] != "_":
            if inspect.isfunction(method):
                word = "async def" if inspect.iscoroutinefunction(method) else "def"
                yield f"    {word} {each}{_signature(method)}"
            elif isinstance(method, classmethod | staticmethod):
                yield f"    {type(method).__name__} {each}{_signature(method.__func__)}"
            elif isinstance(method, property):
                yield f"    property {each}{_signature(method.fget)}"


def _signature(function: Any) -> str:
    return _plain(str(inspect.signature(function))).replace("'", "")


def _type(kind: Any) -> str:
    """Without what is said of it for people."""
    kind = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return kind.__name__ if inspect.isclass(kind) and not get_args(kind) else _plain(str(kind))


def _plain(text: str) -> str:
    """Without the modules in which things happen to stand, and without addresses."""
    return re.sub(r"\b(?:\w+\.)+(?=\w)| at 0x\w+", "", text)


def test_what_authors_rely_on_is_what_it_was() -> None:
    stored = STORED.read_text(encoding="utf-8").splitlines()
    changed = "\n".join(difflib.unified_diff(stored, list(lines()), "contract.txt", "overlaykit.api", lineterm="", n=0))
    assert not changed, f"{changed}\n\nIs that meant? Then: python -m tests.api.test_contract > tests/api/contract.txt"


def test_nothing_else_is_taken_for_public() -> None:
    modules = {"rooms"}
    assert {name for name in vars(api) if name[0] != "_"} - modules == set(api.__all__)
    assert sorted(api.__all__) == api.__all__


if __name__ == "__main__":
    print("\n".join(lines()))
