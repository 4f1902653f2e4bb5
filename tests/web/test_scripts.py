"""The pages' scripts are modules without a build step: what one asks another for has to be there, and be wanted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

WEB = REPOSITORY / "overlaykit" / "web"
SCRIPTS = sorted(path for path in (WEB / "static").rglob("*.js") if "uplot" not in path.parts)
IMPORTED = re.compile(r'^import \{([^}]*)\} from "([^"]+)";', re.MULTILINE)
EXPORTED = re.compile(r"^export (?:async )?(?:function|const|class) (\w+)", re.MULTILINE)


def imports_of(script: Path) -> list[tuple[Path, set[str]]]:
    """(module, names) of each import."""
    found = []
    for names, source in IMPORTED.findall(script.read_text(encoding="utf-8")):
        module = WEB / source.lstrip("/") if source.startswith("/") else (script.parent / source).resolve()
        found.append((module, {name.split(" as ")[0].strip() for name in names.split(",") if name.strip()}))
    return found


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(WEB)))
def test_what_a_script_imports_is_exported_and_used(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    for module, names in imports_of(script):
        assert module.is_file(), module
        assert names <= {*EXPORTED.findall(module.read_text(encoding="utf-8"))}, module
        assert [name for name in names if len(re.findall(rf"\b{name}\b", text)) < 2] == []


def test_what_a_script_exports_is_imported() -> None:
    wanted = {(module, name) for script in SCRIPTS for module, names in imports_of(script) for name in names}
    others = [*(WEB / "preview" / "static").rglob("*.js"), *(WEB / "overlays" / "static").rglob("*.js")]
    elsewhere = "".join(path.read_text(encoding="utf-8") for path in others)
    left = [
        f"{script.relative_to(WEB)}: {name}"
        for script in SCRIPTS
        for name in EXPORTED.findall(script.read_text(encoding="utf-8"))
        if (script, name) not in wanted and name not in elsewhere
    ]
    assert left == []
