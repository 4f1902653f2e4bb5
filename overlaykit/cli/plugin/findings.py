"""What is wrong with a plugin, or missing from it, beside what loading it shows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from overlaykit.model.connectors import Connector
from overlaykit.model.plugins import Action
from overlaykit.model.settings import Settings
from overlaykit.pluginhost import Plugins

PUBLIC = ("overlaykit.api", "overlaykit.testing")
"""What a plugin may import of overlaykit."""
SUITE = "ConnectorConformance"


@dataclass(frozen=True)
class Finding:
    """One of them, with what to do about it."""

    reason: str
    remedy: str


def look_at(folder: Path, plugins: Plugins, *, with_tests: bool) -> Iterator[Finding]:
    """What there is to say of the plugin in `folder`, which is loaded as `plugins`. `with_tests`: it should have some."""
    sources = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*.py"))
    for path in sources:
        yield from _imports(path, folder)
    home = folder.parent if folder.is_file() else folder
    guide = home / "README.md"
    text = guide.read_text(encoding="utf-8", errors="replace") if guide.is_file() and folder.is_dir() else None
    if text is None:
        yield Finding(
            "There is no README.md.",
            "Say what it does, what it needs, and against what it was tested; plugins/README.md shows one.",
        )
    for name, connector in plugins.connectors.items():
        yield from _connector(name, connector)
        yield from _settings(f"the connector {name}", connector.settings_type, text)
    for name, action in plugins.actions.items():
        yield from _action(name, action)
        yield from _settings(f"the action {name}", action.arguments_type, text)
    if with_tests and folder.is_dir():
        yield from _tests(folder, plugins)


def _imports(path: Path, folder: Path) -> Iterator[Finding]:
    where = path.name if folder.is_file() else path.relative_to(folder)
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return  # loading it says so
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                modules = [name.name for name in node.names]
            case ast.ImportFrom(module=str(module), level=0):
                modules = [f"{module}.{name.name}" for name in node.names] if module == "overlaykit" else [module]
            case _:
                continue
        for module in modules:
            inside = module == "overlaykit" or module.startswith("overlaykit.")
            if inside and not any(module == each or module.startswith(f"{each}.") for each in PUBLIC):
                yield Finding(
                    f"{where}, line {node.lineno} imports {module}, which changes without notice.",
                    f"Import from {' or '.join(PUBLIC)}; what is missing there is worth a request.",
                )


def _connector(name: str, connector: type[Connector[Any]]) -> Iterator[Finding]:
    if not connector.title:
        yield Finding(f"The connector {name} has no title.", 'Say what people call it: title = "抖店 Douyin".')
    if not connector.capabilities:
        yield Finding(
            f"The connector {name} can do nothing.", "Name its capabilities: the room calls no other methods."
        )
    if not connector.tested:
        yield Finding(
            f"The connector {name} does not say against what it was tested.",
            'Say it, so that nobody hopes for more: tested = "a made-up server".',
        )


def _action(name: str, action: type[Action[Any]]) -> Iterator[Finding]:
    if action.do is Action.do:
        yield Finding(f"The action {name} has no do().", "Write `async def do(self, stage)`.")


def _settings(owner: str, kind: type[Settings], text: str | None) -> Iterator[Finding]:
    for field in msgspec.structs.fields(kind):
        if text is not None and f"`{field.encode_name}`" not in text:
            yield Finding(
                f"README.md does not explain `{field.encode_name}` of {owner}.",
                f"Add a row to its table: | `{field.encode_name}` | what it is | its default |",
            )


def _tests(folder: Path, plugins: Plugins) -> Iterator[Finding]:
    tests = sorted((folder / "tests").glob("test_*.py"))
    if not tests:
        yield Finding("There are no tests.", "`overlaykit plugin new` writes some to begin with.")
    elif plugins.connectors and not any(SUITE in path.read_text(encoding="utf-8") for path in tests):
        yield Finding(
            "None of its tests runs the suite that every connector passes.",
            f'class TestMine({SUITE}): case = MyCase, from overlaykit.testing.conformance; see "Testing" in plugins/README.md.',
        )
