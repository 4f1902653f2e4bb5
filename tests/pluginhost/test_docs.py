"""The hooks are a contract: a hook without an explanation is a red test."""

import inspect
import re

import pytest

from overlaykit.config import bundled_folder
from overlaykit.model.connectors import PROMISES, Capability, Connector
from overlaykit.pluginhost import HOOKS, hookspecs

GUIDE = (bundled_folder() / "plugins" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("hook", HOOKS)
def test_each_hook_says_when_it_fires_what_it_may_return_and_shows_an_example(hook: str) -> None:
    text = inspect.getdoc(getattr(hookspecs, hook)) or ""
    assert "Fires once" in text
    assert re.search(r"[Rr]eturns None", text), "what it may return"
    assert "@hookimpl" in text
    assert f"def {hook}(" in text


@pytest.mark.parametrize("hook", HOOKS)
def test_each_hook_has_its_section_in_the_guide_with_its_arguments(hook: str) -> None:
    signature = ", ".join(inspect.signature(getattr(hookspecs, hook)).parameters)
    assert f"### `{hook}({signature})`" in GUIDE


def test_the_guide_names_no_hook_that_does_not_exist() -> None:
    assert set(re.findall(r"^### `(\w+)\(", GUIDE, re.MULTILINE)) == set(HOOKS)


@pytest.mark.parametrize(
    ("capability", "method"), [(each, method) for each, methods in PROMISES.items() for method in methods]
)
def test_each_capability_of_a_connector_stands_in_the_guide_with_its_method(
    capability: Capability, method: str
) -> None:
    arguments = str(inspect.signature(getattr(Connector, method))).partition(" -> ")[0]
    bare = re.sub(r": '[^']+'", "", arguments)
    assert re.search(rf"\| `{capability.name}` \| `(async )?def {re.escape(method + bare)}`", GUIDE)
    assert inspect.getdoc(getattr(Connector, method))
