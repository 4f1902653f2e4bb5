"""plugins/README.md: what it shows is what `plugin new` writes, its examples run, and nothing that authors use is missing."""

from __future__ import annotations

import inspect
import re
import tomllib
from dataclasses import fields
from typing import Any

import pytest

from overlaykit import api, testing
from overlaykit.cli.plugin.new import skeleton
from overlaykit.config import bundled_folder
from overlaykit.model.connectors import Connector, Context
from overlaykit.model.wire import Request
from overlaykit.pluginhost.registrations import Registrations
from overlaykit.testing.conformance import Case

GUIDE = (bundled_folder() / "plugins" / "README.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE))
CODE = re.findall(r"^```python\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)


def test_the_worked_example_is_what_plugin_new_writes() -> None:
    """So it is tested where that is tested."""
    written = {f"plugins/acme/{path}": text for path, text in skeleton("acme", "connector").items()}
    shown = {path: text for path, text in FILES.items() if path.startswith("plugins/acme/")}
    assert shown.keys() == written.keys() - {"plugins/acme/README.md"}
    for path, text in shown.items():
        assert text == written[path], (
            f"{path} in plugins/README.md is not what `plugin new acme --kind connector` writes"
        )


def test_its_plan_can_be_read() -> None:
    assert tomllib.loads(FILES["tonight/session.toml"])["channel"]["acme"]["connector"] == "acme"


def test_its_connectors_can_be_registered() -> None:
    """Those that stand in it as code keep what they promise."""
    names = {name: getattr(api, name) for name in api.__all__}
    names["ShopSettings"] = api.Settings
    made: list[type[Connector[Any]]] = []
    for block in CODE:
        if "(Connector[" in block:
            defined: dict[str, Any] = dict(names)
            exec(compile(block, "the guide", "exec", dont_inherit=True), defined)
            made += [each for each in defined.values() if isinstance(each, type) and issubclass(each, Connector)]
    own = {each for each in made if each is not Connector}
    assert {each.name for each in own} == {"lamp", "shop"}
    for each in own:
        Registrations().connector(each)


def said(name: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", GUIDE) is not None


@pytest.mark.parametrize("name", api.__all__)
def test_each_public_name_stands_in_the_guide(name: str) -> None:
    assert said(name)


@pytest.mark.parametrize("name", testing.__all__)
def test_each_name_for_tests_stands_in_the_guide(name: str) -> None:
    assert said(name)


@pytest.mark.parametrize("name", [name for name in vars(Case) if name[0] != "_" and name not in Case.OWN])
def test_each_part_of_a_case_stands_in_the_guide(name: str) -> None:
    assert said(name)


@pytest.mark.parametrize("name", [name for name in vars(Connector) if name[0] != "_"])
def test_each_part_of_a_connector_stands_in_the_guide(name: str) -> None:
    assert said(name)


@pytest.mark.parametrize(
    "name",
    [
        *(name for name in (*vars(Context), *inspect.get_annotations(Context)) if name[0] != "_"),
        *(field.name for field in fields(Request)),
        *(name for name in vars(Request) if name[0] != "_"),
    ],
)
def test_what_a_connector_works_with_stands_in_the_guide(name: str) -> None:
    assert said(name)


def test_its_table_of_contents_is_its_headings() -> None:
    headings = re.findall(r"^## (.+)$", GUIDE, re.MULTILINE)
    assert re.findall(r"^\d+\. \[(.+)\]\(#", GUIDE, re.MULTILINE) == headings
